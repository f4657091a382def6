//! Desktop notifications: what a person without a terminal sees of the daemon.
//!
//! The engine sends its events to a [`Desktop`] as well as to standard output. A thread of its
//! own keeps a `notification_state` of what ought to be shown, words it (`wording`) and asks the session's
//! notification `service` to show it. Whatever that does, or if there is none, the daemon goes on:
//! what could not be shown is tried again.
//!
//! An exposure is shown until the person has dismissed it or looked at it with `vungxanh
//! exposures`; which ones these are is in the store, so that neither a restart nor a
//! machine where no one is logged in yet loses one.

pub(crate) mod notification_state;
pub(crate) mod service;
pub(crate) mod wording;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use vungxanh_protocol::clock::Clock;

use self::notification_state::{NotificationState, Step};
use self::service::{Change, Service, ServiceError};
use self::wording::Notification;
use crate::control_api::ExposureNotice;
use crate::engine::events::{Event, EventSink};
use crate::platform::i18n::Texts;
use crate::sync::ExposureNotices;

/// The longest wait before a service that failed is asked again.
const LONGEST_RETRY: Duration = Duration::from_secs(900);
/// How long the end of the daemon waits for notifications to be closed.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the parts come from.
pub struct Settings {
    /// The session bus's address.
    pub bus: Option<String>,
    /// How long bus and service may take to answer.
    pub timeout: Duration,
    /// First wait before a service that failed is asked again; it doubles with each further failure.
    pub first_retry: Duration,
    pub texts: Arc<Texts>,
    pub clock: Arc<dyn Clock>,
}

impl Settings {
    /// The usual ones, for the person's own session.
    pub fn of_session(texts: Arc<Texts>, clock: Arc<dyn Clock>) -> Self {
        Self {
            bus: service::session_bus(),
            timeout: service::TIMEOUT,
            first_retry: Duration::from_secs(30),
            texts,
            clock,
        }
    }
}

/// Shows notifications while the daemon runs.
pub struct Desktop {
    inbox: mpsc::UnboundedSender<Inbound>,
    ended: oneshot::Receiver<()>,
}

enum Inbound {
    Event(Event),
    Acknowledged(Vec<ExposureNotice>),
}

impl Desktop {
    /// Begins, with the exposures of earlier runs that the person has not looked at. Fails if the
    /// system has no thread left.
    pub fn start(settings: Settings, notices: ExposureNotices) -> io::Result<Self> {
        let (sender, inbox) = mpsc::unbounded_channel();
        let worker = Worker {
            inbox,
            settings,
            notices,
            notification_state: NotificationState::default(),
            service: None,
            owner: None,
            failed: None,
        };
        // A thread of its own: when dbus-tokio closes a connection, it can take a socket that
        // another thread has just opened out of the same runtime's epoll.
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new().name("desktop".into()).spawn(move || {
            runtime.block_on(worker.run());
            let _ = end.send(());
        })?;
        Ok(Self { inbox: sender, ended })
    }

    /// Where to send events.
    pub fn sink(&self) -> DesktopSink {
        DesktopSink(self.inbox.clone())
    }

    /// Ends, once [`Event::Stopped`] has arrived: what only a running daemon can keep true is taken
    /// from the screen, exposures stay.
    pub async fn end(self) {
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.ended).await;
    }
}

/// Takes events for a [`Desktop`].
pub struct DesktopSink(mpsc::UnboundedSender<Inbound>);

impl EventSink for DesktopSink {
    fn emit(&self, event: Event) {
        let _ = self.0.send(Inbound::Event(event));
    }

    fn acknowledged(&self, exposures: &[ExposureNotice]) {
        let _ = self.0.send(Inbound::Acknowledged(exposures.to_vec()));
    }
}

/// What could not be done, and when to try again.
struct Failed {
    step: Option<Step>,
    wait: Duration,
    again: Instant,
}

struct Worker {
    inbox: mpsc::UnboundedReceiver<Inbound>,
    settings: Settings,
    notices: ExposureNotices,
    notification_state: NotificationState,
    service: Option<Service>,
    /// The unique name of the service whose numbers the state knows.
    owner: Option<String>,
    failed: Option<Failed>,
}

impl Worker {
    async fn run(mut self) {
        match self.notices.unacknowledged().await {
            Ok(waiting) => {
                waiting.into_iter().for_each(|notice| self.notification_state.expose(notice))
            }
            Err(error) => tracing::warn!(%error, "exposures not looked at yet are not known"),
        }
        let mut stopped = false;
        while !stopped {
            self.pass();
            self.deliver().await;
            let wake = self.wake();
            tokio::select! {
                inbound = self.inbox.recv() => stopped = self.take(inbound),
                change = next_change(&mut self.service) => self.note(change).await,
                () = sleep(wake) => {}
            }
            while let (false, Ok(inbound)) = (stopped, self.inbox.try_recv()) {
                stopped = self.take(Some(inbound));
            }
        }
        self.deliver().await;
    }

    fn pass(&mut self) {
        let clock = &self.settings.clock;
        self.notification_state.pass(clock.uptime(), clock.now());
    }

    /// Takes an event. Returns whether it was the last.
    fn take(&mut self, inbound: Option<Inbound>) -> bool {
        self.pass();
        match inbound {
            None => return true,
            Some(Inbound::Acknowledged(exposures)) => {
                self.notification_state.acknowledged(&exposures)
            }
            Some(Inbound::Event(event)) => {
                self.notification_state.emit(&event);
                return event == Event::Stopped;
            }
        }
        false
    }

    async fn note(&mut self, change: Change) {
        match change {
            Change::Left { owner, id, dismissed } if self.owner.as_ref() == Some(&owner) => {
                let noted = self.notification_state.left(id, dismissed);
                if let Err(error) = self.notices.acknowledge(&noted).await {
                    tracing::warn!(%error, "a dismissed notification will be shown again");
                }
            }
            Change::Left { .. } => {}
            // Often started by our own call.
            Change::Owner { new } if self.owner.as_ref() == Some(&new) => {}
            Change::Owner { new } => {
                self.forget_owner();
                // One that is there only now is not waited for; one that has gone is not started
                // again at once: the session may be about to end.
                self.failed = None;
                if new.is_empty() {
                    self.rest(self.settings.first_retry);
                }
            }
            Change::Lost => {
                self.service = None;
                self.forget_owner();
            }
        }
    }

    /// Does what is to be done, if it has not just failed.
    async fn deliver(&mut self) {
        let Some(step) = self.notification_state.next_step() else {
            self.failed = None;
            return;
        };
        let is_new = |failed: &Failed| failed.step.as_ref() != Some(&step);
        let due = |failed: &Failed| Instant::now() >= failed.again || is_new(failed);
        if !self.failed.as_ref().is_none_or(due) {
            return;
        }
        let Err(error) = self.do_all().await else {
            self.failed = None;
            return;
        };
        if self.failed.is_none() {
            tracing::debug!(%error, "a notification is not shown yet");
        }
        if let ServiceError::NoBus(_) = error {
            self.service = None;
            self.forget_owner();
        }
        let before = self.failed.as_ref().map(|failed| failed.wait * 2);
        self.rest(before.unwrap_or(self.settings.first_retry).min(LONGEST_RETRY));
    }

    /// Leaves what is to be done now for later.
    fn rest(&mut self, wait: Duration) {
        let step = self.notification_state.next_step();
        self.failed = Some(Failed { step, wait, again: Instant::now() + wait });
    }

    async fn do_all(&mut self) -> Result<(), ServiceError> {
        let service = match &self.service {
            Some(service) => service,
            None => {
                let service =
                    Service::connect(self.settings.bus.clone(), self.settings.timeout).await?;
                self.service.insert(service)
            }
        };
        // Also whether it answers at all: so a service that hangs is asked to show a thing once.
        let owner = service.owner().await?;
        if self.owner.as_ref() != Some(&owner) {
            self.notification_state.lost();
            self.owner = Some(owner.clone());
        }
        while let Some(step) = self.notification_state.next_step() {
            match step {
                Step::Show { content, replaces } => {
                    let said = Notification::of(&content, &self.settings.texts);
                    let id = service.notify(&owner, &said, replaces).await?;
                    self.notification_state.shown(content, id);
                }
                Step::Close { topic, id } => {
                    service.close(&owner, id).await?;
                    self.notification_state.closed(topic);
                }
            }
        }
        Ok(())
    }

    fn forget_owner(&mut self) {
        self.owner = None;
        self.notification_state.lost();
    }

    /// When to look again although nothing happens.
    fn wake(&mut self) -> Option<Duration> {
        let retry = self.failed.as_ref().filter(|_| self.notification_state.next_step().is_some());
        let retry = retry.map(|failed| failed.again.saturating_duration_since(Instant::now()));
        [retry, self.notification_state.next_look()].into_iter().flatten().min()
    }
}

async fn next_change(service: &mut Option<Service>) -> Change {
    match service {
        Some(service) => service.change().await,
        None => std::future::pending().await,
    }
}

async fn sleep(wake: Option<Duration>) {
    match wake {
        Some(wake) => tokio::time::sleep(wake).await,
        None => std::future::pending().await,
    }
}
