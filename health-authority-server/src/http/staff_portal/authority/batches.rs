//! The last batches and the next ones.

use askama::Template;
use axum::response::Response;

use super::super::super::page::Page;
use super::super::super::page_error::PageError;
use super::super::super::session::StaffSession;
use crate::domain::permissions::Permission;
use crate::i18n::Language;
use crate::services::batch_list::{self, Batches};

#[derive(Template)]
#[template(path = "staff/authority_batches.html")]
struct BatchesPage<'a> {
    page: &'a Page,
    kinds: [(&'static str, Batches); 2],
}

impl BatchesPage<'_> {
    /// A count, or a dash where it is not known.
    fn count(&self, count: &Option<u64>) -> String {
        count.map_or_else(|| "–".to_owned(), |count| grouped(count, self.page.language))
    }

    fn minutes(&self, batches: &Batches) -> String {
        self.page.n1("batches-every", "minutes", batches.period_seconds / 60)
    }
}

/// With a mark after each three digits.
fn grouped(number: u64, language: Language) -> String {
    let mark = match language {
        Language::Vi => '.',
        Language::En => ',',
    };
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// `GET /staff/authority/batches`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsRead)?;
    let page = &session.page;
    let keys = batch_list::of_keys(&page.app).await.map_err(|error| page.fail(error))?;
    let warnings = batch_list::of_warnings(&page.app).await.map_err(|error| page.fail(error))?;
    page.html(&BatchesPage { page, kinds: [("keys", keys), ("warnings", warnings)] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        let said = [0, 999, 1_000, 1_234_567].map(|number| grouped(number, Language::Vi));
        assert_eq!(said, ["0", "999", "1.000", "1.234.567"]);
        assert_eq!(grouped(12_345, Language::En), "12,345");
    }
}
