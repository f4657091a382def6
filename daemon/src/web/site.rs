//! What all requests of one listener share.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use super::access::Access;
use super::publication::Publication;
use crate::control_api::Imported;
use crate::engine::Engine;
use crate::platform::i18n::{Language, Texts};
use crate::platform::threads::lock;

pub(super) struct Site {
    pub(super) engine: Arc<Engine>,
    /// Of a browser that has not chosen another.
    language: Mutex<Language>,
    pub(super) notifies: bool,
    vietnamese: Texts,
    english: Texts,
    port: u16,
    access: Mutex<Access>,
    pub(super) publication: Publication,
    /// What the last file of own data brought.
    pub(super) imported: Mutex<Option<Imported>>,
    /// A request was refused: perhaps it was one too many.
    refused: Notify,
    /// A button that is pressed twice declares once.
    pub(super) declaring: tokio::sync::Mutex<()>,
}

impl Site {
    pub(super) fn new(engine: Arc<Engine>, language: Language, notifies: bool, port: u16) -> Self {
        let access = Mutex::new(Access::new(engine.clock.uptime()));
        Self {
            engine,
            language: Mutex::new(language),
            notifies,
            vietnamese: Texts::load(Language::Vi),
            english: Texts::load(Language::En),
            port,
            access,
            publication: Publication::default(),
            imported: Mutex::new(None),
            refused: Notify::new(),
            declaring: tokio::sync::Mutex::default(),
        }
    }

    pub(super) const fn texts(&self, language: Language) -> &Texts {
        match language {
            Language::Vi => &self.vietnamese,
            Language::En => &self.english,
        }
    }

    /// Of a browser that has not chosen another: what the person chose last, else the daemon's.
    pub(super) fn language(&self) -> Language {
        *lock(&self.language)
    }

    /// The person has chosen a language, for later, too.
    pub(super) async fn choose_language(&self, language: Language) {
        if std::mem::replace(&mut *lock(&self.language), language) == language {
            return;
        }
        if let Err(error) = self.engine.remember_page_language(language).await {
            tracing::warn!(%error, "the language of the page is not remembered");
        }
    }

    pub(super) fn access(&self) -> MutexGuard<'_, Access> {
        lock(&self.access)
    }

    pub(super) fn is_over(&self) -> bool {
        self.access().is_over(self.engine.clock.uptime())
    }

    /// Whether a browser that asks for `host` means this page. Any other name leads here by somebody else's doing.
    pub(super) fn is_host(&self, host: &str) -> bool {
        host == self.host() || host == format!("localhost:{}", self.port)
    }

    pub(super) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Browsers send cookies to every port of a host: one name for each port, so that none is taken for another's.
    pub(super) fn cookie_name(&self) -> String {
        format!("vx-citizen-{}", self.port)
    }

    pub(super) fn note_refusal(&self) {
        self.refused.notify_one();
    }

    /// Returns when the page has ended.
    pub(super) async fn ended(&self) {
        let clock = self.engine.clock.as_ref();
        loop {
            let Some(left) = self.access().left(clock.uptime()) else { return };
            let until = clock.now().plus(left.as_secs().saturating_add(1));
            tokio::select! {
                () = tokio::time::sleep(clock.poll_interval(until)) => {}
                () = self.refused.notified() => {}
            }
        }
    }
}
