//! Before something that cannot be taken back: a page that says what will happen. The button posts
//! the same form to the same address again, with `sure=yes`.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::page::Page;
use super::page_error::PageError;
use super::problems::Problems;

/// A form of a button that asks first. Flatten it into a form with more fields.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Sure {
    #[serde(default)]
    sure: String,
}

impl Sure {
    /// Whether the person has seen the page and pressed its button.
    pub fn is_given(&self) -> bool {
        self.sure == "yes"
    }
}

/// What the page says. Texts are in the page's language.
#[derive(Default)]
pub struct Confirmation {
    /// The question: Close “Floor 2”?
    pub title: String,
    /// What will happen, each a paragraph.
    pub consequences: Vec<String>,
    /// What the button says: the deed, not "yes".
    pub button: String,
    /// Where the button posts to: a path of this server.
    pub action: String,
    /// What it posts beside the token and `sure`.
    pub fields: Vec<(&'static str, String)>,
    /// Where the link that changes nothing leads: a path of this server.
    pub back: String,
    /// What must be typed: the reason, as typed so far.
    pub reason: Option<Reason>,
    /// Whether the person's password is asked for.
    pub password: bool,
    /// What is wrong with what was typed on this page.
    pub problems: Problems,
}

/// A reason that is asked for.
pub struct Reason {
    pub label: String,
    /// What it is for.
    pub hint: String,
    /// As typed so far.
    pub typed: String,
    /// Attributes of the field.
    pub more: String,
}

#[derive(Template)]
#[template(path = "confirmation.html")]
struct ConfirmationPage<'a> {
    page: &'a Page,
    asked: &'a Confirmation,
}

impl Confirmation {
    pub fn show(&self, page: &Page) -> Result<Response, PageError> {
        self.show_with(page, StatusCode::OK)
    }

    /// The page, with another status: something typed on it was wrong.
    pub fn show_with(&self, page: &Page, status: StatusCode) -> Result<Response, PageError> {
        page.html_with(status, &ConfirmationPage { page, asked: self })
    }
}
