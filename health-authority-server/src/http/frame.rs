//! What stands around every page: header, menu with what waits, footer; and attributes of fields.

use super::assets;
use super::page::{Page, Portal};
use crate::i18n::Language;

/// A page in the menu.
pub struct MenuItem {
    /// Its path on this server.
    pub path: &'static str,
    /// The id of its text.
    pub text: &'static str,
    /// How many things wait there.
    pub waiting: u64,
}

impl Page {
    /// The address of a script, a style or a font by its name.
    pub fn asset(&self, name: &str) -> String {
        self.href(&assets::path(name))
    }

    /// The address of the picture that stands for the authority.
    pub fn emblem(&self) -> String {
        let has_own = self.app.emblem.is_some();
        self.href(if has_own { assets::EMBLEM_PATH } else { "/assets/icon.svg" })
    }

    /// The tag of the other language.
    pub const fn other_tag(&self) -> &'static str {
        match self.language {
            Language::Vi => Language::En.tag(),
            Language::En => Language::Vi.tag(),
        }
    }

    /// The pages of the person who is logged in.
    pub fn menu(&self) -> Vec<MenuItem> {
        let mut items = Vec::new();
        let mut add = |path, text, waiting| items.push(MenuItem { path, text, waiting });
        if self.is("venue_manager") {
            add("/venue", "nav-home", 0);
            add("/venue/requests", "nav-requests", self.waiting.requests);
            add("/venue/units", "nav-units", 0);
            add("/venue/scan", "nav-scan", 0);
            if self.takes_declarations() {
                add("/venue/door", "nav-door", 0);
            }
            add("/venue/counts", "nav-counts", 0);
            add("/venue/people", "nav-people", 0);
            add("/venue/settings", "nav-settings", 0);
        }
        if self.portal == Portal::Staff {
            add("/staff", "nav-home", 0);
            if self.is("venue_officer") {
                add("/staff/venues", "nav-venues", self.waiting.venues + self.waiting.changes);
            }
            if self.is("case_worker") {
                add("/staff/codes", "nav-codes", 0);
                add("/staff/warnings", "nav-warnings", 0);
            }
            if self.is("intake_officer") {
                add("/staff/intake", "nav-intake", 0);
            }
            if self.can("accounts-read") {
                add("/staff/accounts", "nav-accounts", 0);
            }
            if self.can("api-keys-read") {
                add("/staff/api-keys", "nav-api-keys", 0);
            }
            if self.can("settings-read") {
                add("/staff/authority", "nav-authority", 0);
            }
            if self.can("statistics-read") {
                add("/staff/statistics", "nav-statistics", 0);
            }
            if self.can("audit-read") {
                add("/staff/audit", "nav-audit", 0);
            }
            add("/staff/settings", "nav-settings", 0);
        }
        items
    }

    /// How many things wait on all pages of the menu together.
    pub fn waiting_in_all(&self) -> u64 {
        self.waiting.requests + self.waiting.venues + self.waiting.changes
    }

    /// Whether this is the page of `path`.
    pub fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    /// Whether this is the page of `path`, or one below it.
    pub fn is_within(&self, path: &str) -> bool {
        let below = || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.is_at(path) || (path != self.portal.root() && below())
    }

    /// The page of help for who looks at this page.
    pub fn help(&self) -> &'static str {
        match (self.path.as_str(), self.portal) {
            ("/v" | "/declare", _) => "/help/citizen",
            ("/venue/door" | "/venue/scan" | "/venue/join", _) => "/help/door",
            (_, Portal::Venue) => "/help/venue",
            (_, Portal::Staff) => "/help/officer",
            (_, Portal::Public) => "/help/",
        }
    }

    /// How to reach the authority.
    pub fn contact(&self) -> String {
        let own = self.app.config.pages.contact.get(self.tag()).filter(|text| !text.is_empty());
        own.cloned().unwrap_or_else(|| self.t1("foot-contact", "authority", self.authority()))
    }

    /// Whether people can declare here: keys are published.
    pub fn takes_declarations(&self) -> bool {
        self.app
            .published
            .get(&self.app.folder)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "the keys of declarations cannot be read");
                None
            })
            .is_some()
    }

    /// The text of an answer that a form offers.
    pub fn answer(&self, field: &str, answer: &str) -> String {
        self.t(&format!("declare-{field}-{answer}"))
    }

    /// The hotline as people read it, and as telephones dial it.
    pub fn hotline(&self) -> Option<(&str, String)> {
        let number = self.app.config.pages.hotline.as_str();
        let dialled = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        (!number.is_empty()).then_some((number, dialled))
    }

    /// The authority's own paragraphs of the privacy notice.
    pub fn own_privacy(&self) -> Vec<&str> {
        let text = self.app.config.pages.privacy.get(self.tag()).map_or("", String::as_str);
        text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect()
    }

    pub const fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The attributes of a field with so many characters or bytes at most.
    pub fn at_most(&self, limit: &str) -> String {
        format!("maxlength=\"{}\"", self.limit(limit))
    }

    /// The same, of a field that must not stay empty.
    pub fn required_at_most(&self, limit: &str) -> String {
        format!("{} required", self.at_most(limit))
    }

    /// The attributes of a field for a new password.
    pub fn new_password(&self) -> String {
        let least = self.limit("password-least-characters");
        let most = self.limit("password-bytes");
        format!("autocomplete=\"new-password\" minlength=\"{least}\" maxlength=\"{most}\" required")
    }

    /// The attributes of a field for the usual stay.
    pub fn stay_limits(&self) -> String {
        let (step, most) = (self.limit("stay-step-minutes"), self.limit("stay-minutes"));
        format!("min=\"{step}\" max=\"{most}\" step=\"{step}\" class=\"short\" required")
    }
}
