//! What a form says in words.

use vungxanh_protocol::declaration::Form;

use super::super::page::Page;
use crate::declarations::reading;

/// An answer that is sent.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) answer: String,
}

/// What a form says, as it is sent: nothing else is.
pub(super) fn rows(page: &Page, form: &Form) -> Vec<Row> {
    let form = form.normalised();
    let row = |label: String, answer: String| Row { label, answer };
    let mut rows = vec![
        row(page.t("declare-label-kind"), page.kind(form.kind)),
        row(page.t("web-declare-day"), page.calendar_day(&form.day)),
    ];
    let answers = reading::answers(&form, page.texts(), |time| page.time(&time));
    rows.extend(
        answers.into_iter().map(|(field, answer)| row(page.name_of_field(field, &form), answer)),
    );
    rows
}
