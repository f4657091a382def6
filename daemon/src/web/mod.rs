//! The person's own page: served on 127.0.0.1 for a browser of the same user, from `vungxanh open` until half an hour
//! without a request. It asks the engine for the same things as the control socket does, by the same types.

mod access;
mod assets;
mod checkin;
mod confirmation;
mod connections;
mod data;
mod declare;
mod diary;
mod diary_removal;
mod exposures;
mod failed;
mod form;
mod form_errors;
mod guard;
mod history;
mod home;
mod nearby;
mod open;
mod page;
mod pass;
mod peer;
mod problem;
mod publication;
mod qr;
mod report;
mod report_choice;
mod settings;
mod site;
mod taking_over;
mod upload;
mod visits;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use self::connections::OwnConnections;
use self::site::Site;
use crate::control_api::Opened;
use crate::engine::Engine;
use crate::failure::{Exit, Failure};
use crate::platform::i18n::Language;

/// The page, whether it is open or not.
pub(crate) struct Web {
    engine: Arc<Engine>,
    language: Language,
    /// Whether notifications are shown on the screen.
    notifies: bool,
    running: Mutex<Option<Running>>,
}

/// An open page, until dropped.
struct Running {
    site: Arc<Site>,
    serving: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Web {
    /// In `language`, until the person has chosen one.
    pub(crate) fn new(engine: Arc<Engine>, language: Language, notifies: bool) -> Self {
        Self { engine, language, notifies, running: Mutex::new(None) }
    }

    /// An address for one browser of this user. The page is served from now on, if it was not.
    pub(crate) async fn open(&self) -> Result<Opened, Failure> {
        let mut running = self.running.lock().await;
        let is_open = |running: &Running| !running.serving.is_finished() && !running.site.is_over();
        let site = match running.as_ref().filter(|running| is_open(running)) {
            Some(running) => Arc::clone(&running.site),
            None => {
                let begun = self
                    .begin()
                    .await
                    .map_err(|error| Failure::new(Exit::Store, "failure-open").because(error))?;
                Arc::clone(&running.insert(begun).site)
            }
        };
        let token = site.access().issue(self.engine.clock.uptime(), &mut rand::rng());
        Ok(Opened { address: format!("http://{}{}{token}", site.host(), guard::OPEN) })
    }

    async fn begin(&self) -> std::io::Result<Running> {
        let listener = TcpListener::bind(peer::LOOPBACK).await?;
        let port = listener.local_addr()?.port();
        let chosen = self.engine.page_language().await.unwrap_or_default();
        let language = chosen.unwrap_or(self.language);
        let site = Site::new(Arc::clone(&self.engine), language, self.notifies, port);
        let site = Arc::new(site);
        let connections = OwnConnections::new(listener)?;
        let (router, ending) = (router(&site), Arc::clone(&site));
        let serving = tokio::spawn(async move {
            let serve = axum::serve(connections, router);
            let ended = serve.with_graceful_shutdown(async move { ending.ended().await }).await;
            if let Err(error) = ended {
                tracing::warn!(%error, "the page ended");
            }
        });
        Ok(Running { site, serving })
    }
}

fn router(site: &Arc<Site>) -> Router {
    let upload = DefaultBodyLimit::max(upload::MAX_UPLOAD_BYTES);
    Router::new()
        .route("/", get(home::show))
        .route("/checkin", get(checkin::show).post(checkin::check_in))
        .route("/checkout", post(visits::check_out))
        .route("/extend", post(visits::extend))
        .route("/visits", get(visits::show))
        .route("/diary", get(diary::show))
        .route("/diary/on", post(diary::on))
        .route("/diary/off", post(diary::off))
        .route("/diary/read", post(diary::read))
        .route("/diary/disclose", post(diary::disclose))
        .route("/diary/remove", post(diary_removal::remove))
        .route("/diary/forget", post(diary::forget))
        .route("/nearby", get(nearby::show))
        .route("/history", get(history::show))
        .route("/history/forget", post(history::forget))
        .route("/exposures", get(exposures::show))
        .route("/pass", get(pass::show).post(pass::next))
        .route("/pass/sheet", get(pass::sheet))
        .merge(declare::routes())
        .route("/data", get(data::show))
        .route("/data/export", post(data::export))
        .route("/data/import", post(taking_over::import).layer(upload))
        .route("/data/imported", get(taking_over::imported))
        .route("/data/erase", post(data::erase))
        .route("/report", get(report::show).post(report::choose))
        .route("/report/send", post(report::send))
        .route("/report/continue", post(report::go_on))
        .route("/report/progress", get(report::progress))
        .route("/settings", get(settings::show))
        .route("/settings/exchange", post(settings::exchange))
        .route("/settings/authority", post(settings::choose))
        .route("/assets/{file}", get(assets::file))
        .route("/open/{token}", get(open::exchange))
        .fallback(failed::not_found)
        .layer(DefaultBodyLimit::max(form::MAX_FORM_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(site), guard::enter))
        .with_state(Arc::clone(site))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use tokio::net::TcpStream;
    use vungxanh_protocol::clock::Clock;

    use super::*;
    use crate::platform::i18n::Texts;
    use crate::radio::RadioState;
    use crate::store::MemoryStore;
    use crate::test_support::EngineFixture;

    fn address(opened: &Opened) -> (SocketAddr, String) {
        let rest = opened.address.strip_prefix("http://").unwrap();
        let (host, token) = rest.split_once("/open/").unwrap();
        (host.parse().unwrap(), token.to_owned())
    }

    #[tokio::test]
    async fn after_half_an_hour_without_a_request_nothing_listens_any_more() {
        let fixture = EngineFixture::new(Arc::new(MemoryStore::new()), RadioState::SwitchedOff);
        let web = Web::new(Arc::clone(&fixture.engine), Language::Vi, false);
        let (first, token) = address(&web.open().await.unwrap());
        let (again, other) = address(&web.open().await.unwrap());
        assert!(again == first && token != other, "the same page, another token");
        TcpStream::connect(first).await.unwrap();
        let mut running = web.running.lock().await;
        // By this clock time passes as it is waited for.
        (&mut running.as_mut().unwrap().serving).await.unwrap();
        let up = fixture.clock.uptime();
        assert!((access::IDLE..access::IDLE + Duration::from_secs(31)).contains(&up), "{up:?}");
        assert!(TcpStream::connect(first).await.is_err());
        drop(running);
        let (later, _) = address(&web.open().await.unwrap());
        TcpStream::connect(later).await.unwrap();
        drop(web);
        while TcpStream::connect(later).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn every_text_that_templates_name_is_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let texts = [Language::Vi, Language::En].map(Texts::load);
        let mut named = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let template = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let named_texts = ["(\"web-", "(\"declare-", "(\"declarations-", "(\"page-declare-"];
            for (at, _) in named_texts.iter().flat_map(|begin| template.match_indices(begin)) {
                let id = template[at + 2..].split('"').next().unwrap();
                // The beginning of an id, see `Page::named`.
                if template[..at].ends_with("named") {
                    continue;
                }
                named += 1;
                assert!(texts.iter().all(|texts| texts.has(id)), "{id}");
            }
        }
        assert!(named > 100, "{named}");
        for state in ["waiting", "sent", "sent-without-passes", "too-late", "refused"]
            .into_iter()
            .chain(["withdrawing", "withdrawn", "replaced"])
        {
            for prefix in ["web-declare-state", "web-declare-words"] {
                assert!(texts.iter().all(|texts| texts.has(&format!("{prefix}-{state}"))));
            }
        }
        for level in ["level-none", "level-low", "level-high"] {
            for prefix in ["web", "web-home"] {
                assert!(texts.iter().all(|texts| texts.has(&format!("{prefix}-{level}"))));
            }
        }
    }

    /// Texts of the command line name its commands; where a page says one of them, it has words of its own.
    #[test]
    fn what_failed_is_not_said_in_words_of_the_command_line() {
        for texts in [Language::Vi, Language::En].map(Texts::load) {
            for id in [
                "failure-no-visit",
                "failure-longest-stay",
                "failure-display-ends",
                "failure-no-diary",
                "failure-diary-passphrase",
                "failure-diary-none-chosen",
                "failure-diary-line",
                "failure-not-enrolled",
                "failure-wrong-fingerprint",
                "failure-bad-url",
                "failure-unreachable",
                "failure-authority-answer",
                "failure-authority-document",
                "failure-store-sync",
                "failure-store",
                "failure-no-pass",
                "failure-declare-form",
                "failure-declare-printed",
                "failure-declare-not-taken",
                "failure-declare-keys",
                "failure-declare-unreachable",
                "failure-declare-too-many",
                "failure-declaration-unknown",
                "failure-declaration-not-sent",
                "failure-declare-code-needed",
                "failure-declare-code-country",
                "failure-declare-code-not-sent",
                "failure-declare-code-unreachable",
                "failure-passphrase-short",
                "failure-hour-full",
                "failure-poster-not-ours",
                "failure-display-stale",
                "failure-display-only-poster",
                "failure-poster-expired",
                "failure-poster-newer",
                "failure-poster-not-yet-valid",
                "failure-poster-unreadable",
                "problem-not-enrolled",
                "problem-sync",
            ] {
                let own = format!("web-{id}");
                let text = texts.get(if texts.has(&own) { &own } else { id });
                assert_ne!(text, id);
                assert!(!text.contains("vungxanh ") && !text.contains("--"), "{id}: {text}");
            }
        }
    }
}
