//! `vungxanh run`: the daemon itself, in the foreground until it is stopped.

use std::sync::Arc;

use clap::builder::BoolishValueParser;
use tokio::signal::unix::{SignalKind, signal};

use super::{Context, occurrence};
use crate::control::server::{self, OpenPage};
use crate::declarations::StoredPasses;
use crate::desktop::{self, Desktop};
use crate::engine::Engine;
use crate::engine::events::{Event, EventSink};
use crate::engine::problems::ProblemKind;
use crate::failure::{Exit, Failure};
use crate::platform::i18n::Texts;
use crate::platform::profile::Profile;
use crate::radio::{self, calibration::Calibration, scan_settings};
use crate::store::{EncounterStore, SledStore, StoreError};
use crate::sync::{Settings, Sync as AuthoritySync};
use crate::systemd::Notifier;
use crate::venue::{CheckIns, Runtime};
use crate::web::Web;

/// Arguments of `vungxanh run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-run-radio
    #[arg(long, value_name = "RADIO", env = "VUNGXANH_RADIO")]
    radio: Option<String>,
    /// help-run-no-notifications
    #[arg(long, env = super::NO_NOTIFICATIONS, value_parser = BoolishValueParser::new())]
    no_notifications: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    start_logging();
    let profile = context.profile()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))?;
    runtime.block_on(serve(arguments, context, &profile))
}

async fn serve(arguments: Arguments, context: &Context, profile: &Profile) -> Result<(), Failure> {
    // Before any file in it is read: what cannot be read there is not what is wrong.
    profile.refuse_what_is_not_ours()?;
    let calibration = Calibration::of_this_machine(&profile.calibration_file())
        .map_err(|error| Failure::new(Exit::BadInput, "failure-calibration").because(error))?;
    let scan_policy = scan_settings::read(&profile.radio_file())
        .map_err(|error| Failure::new(Exit::BadInput, "failure-scan-settings").because(error))?;
    let radio = radio::open(arguments.radio.as_deref(), calibration)
        .map_err(|error| Failure::new(Exit::Usage, "failure-radio").because(error))?;
    let (store, recovery) = SledStore::open(profile, context.clock.now())?;
    let store: Arc<dyn EncounterStore> = Arc::new(store);
    let runtime = Runtime::of_environment(profile);
    let (check_ins, found) = CheckIns::open(profile, runtime.clone(), context.clock.now())?;
    let check_ins = Arc::new(check_ins);
    let mut settings = Settings::new(profile.downloads());
    settings.check_ins = Some(Arc::clone(&check_ins));
    settings.passes = Some(Arc::new(StoredPasses::new(Arc::clone(&store))));
    settings.rssi_correction = radio.rssi_correction();
    let sync = AuthoritySync::open(Arc::clone(&store), Arc::clone(&context.clock), settings)?;
    let desktop = if arguments.no_notifications { None } else { desktop(context, &sync) };
    let mut sinks: Vec<Box<dyn EventSink>> = vec![Box::new(ConsoleSink::new(context))];
    sinks.extend(desktop.as_ref().map(|desktop| Box::new(desktop.sink()) as _));
    let radio_name = radio.name();
    let clock = Arc::clone(&context.clock);
    let engine = Engine::new(clock, store, radio, sync, check_ins, Box::new(sinks))?
        .with_scan_policy(scan_policy)
        .with_runtime(runtime);
    let engine = Arc::new(engine);
    if let Some(recovery) = recovery {
        engine.problems.set(ProblemKind::StoreDamaged, recovery);
    }
    let listen = |kind| {
        signal(kind).map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))
    };
    let (mut interrupted, mut terminated) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let socket = profile.control_socket();
    let listener = server::bind(&socket).map_err(|error| StoreError::io("bind", &socket, error))?;
    engine.emit(Event::Started { socket: socket.display().to_string(), radio: radio_name });
    engine.note_check_ins(&found);
    let language = context.output.texts().language();
    let web = Arc::new(Web::new(Arc::clone(&engine), language, desktop.is_some()));
    let open: OpenPage = Arc::new(move || {
        let web = Arc::clone(&web);
        Box::pin(async move { web.open().await })
    });
    let notifier = Notifier::ready(&engine);
    let served = tokio::select! {
        () = engine.run() => Ok(()),
        served = server::serve(listener, Arc::clone(&engine), open) => served,
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
    };
    notifier.stopping();
    engine.stop().await;
    if let Some(desktop) = desktop {
        desktop.end().await;
    }
    // While the profile's lock is held: after that, a socket there is another daemon's.
    let _ = std::fs::remove_file(&socket);
    served.map_err(|error| Failure::new(Exit::Store, "failure-control").because(error))
}

/// Notifications, if they can be shown at all: the daemon does not end for want of them.
fn desktop(context: &Context, sync: &AuthoritySync) -> Option<Desktop> {
    let texts = Arc::clone(context.output.texts());
    let settings = desktop::Settings::of_session(texts, Arc::clone(&context.clock));
    match Desktop::start(settings, sync.notices()) {
        Ok(desktop) => Some(desktop),
        Err(error) => {
            tracing::warn!(%error, "no desktop notifications will be shown");
            None
        }
    }
}

/// Logs to stderr by `VUNGXANH_LOG` (default: warnings). No identifier is ever logged.
fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("VUNGXANH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Prints events on stdout, in the person's language or as JSON lines.
struct ConsoleSink {
    texts: Arc<Texts>,
    json: bool,
    /// Standard output goes to the journal, which keeps it.
    journal: bool,
}

impl ConsoleSink {
    fn new(context: &Context) -> Self {
        let texts = Arc::clone(context.output.texts());
        // systemd.exec(5): set where standard output or error is connected to the journal.
        let journal = std::env::var_os("JOURNAL_STREAM").is_some();
        Self { texts, json: context.output.is_json(), journal }
    }
}

impl EventSink for ConsoleSink {
    fn emit(&self, event: Event) {
        if self.journal && event.is_private() {
            return;
        }
        if self.json {
            super::output::json_line(&serde_json::to_string(&event).unwrap_or_default());
        } else {
            super::output::text_line(&occurrence::text(&self.texts, &(&event).into()));
        }
    }
}
