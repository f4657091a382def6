//! Before something that cannot be taken back: a page that says what will happen. The button posts the same form to the
//! same address again, with `sure=yes`.

use askama::Template;
use axum::response::Response;

use super::page::Page;

/// A form of a button that asks first. Flatten it into a form with more fields.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Sure {
    #[serde(default)]
    sure: String,
}

impl Sure {
    /// Whether the person has seen the page and pressed its button.
    pub(super) fn is_given(&self) -> bool {
        self.sure == "yes"
    }
}

/// What the page says. Texts are in the page's language.
#[derive(Default)]
pub(super) struct Confirmation {
    /// The question.
    pub(super) title: String,
    /// What will happen, each a paragraph.
    pub(super) consequences: Vec<String>,
    /// What the button says: the deed, not "yes".
    pub(super) button: String,
    /// Where the button posts to.
    pub(super) action: &'static str,
    /// What it posts beside the token and `sure`.
    pub(super) fields: Vec<(&'static str, String)>,
    /// Where the link that changes nothing leads.
    pub(super) back: &'static str,
}

#[derive(Template)]
#[template(path = "confirmation.html")]
struct ConfirmationPage<'a> {
    page: &'a Page,
    asked: &'a Confirmation,
}

impl Confirmation {
    pub(super) fn show(&self, page: &Page) -> Response {
        page.html(&ConfirmationPage { page, asked: self })
    }
}
