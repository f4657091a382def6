//! One declaration: what was said, what became of it, and what can be done about it.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::declaration::{Form, FormKind};

use super::super::confirmation::{Confirmation, Sure};
use super::super::failed::{Failed, Refusal};
use super::super::form::PostForm;
use super::super::page::{Page, query_value};
use super::advice::Advice;
use super::form::path as step_path;
use super::list::{StateView, path};
use super::rows::{Row, rows};
use super::steps;
use crate::control_api::{
    DeclarationState, DeclarationStatus, Draft, LastFormRequest, WithdrawRequest,
};
use crate::declarations::questions::as_last_time;

#[derive(Template)]
#[template(path = "declaration.html")]
struct OnePage<'a> {
    page: &'a Page,
    view: StateView,
    /// What the state means, and what to do.
    words: String,
    rows: Vec<Row>,
    advice: Option<Advice>,
    has_passes: bool,
}

#[derive(Deserialize)]
pub(super) struct OfForm {
    #[serde(default)]
    of: String,
    #[serde(flatten)]
    sure: Sure,
}

pub(super) async fn show(page: Page, uri: Uri) -> Result<Response, Failed> {
    let (status, form) = find(&page, &query_value(&uri, "of").unwrap_or_default()).await?;
    let view = page.state_view(status);
    let today = page.today();
    // What is long over needs no advice.
    let advice = Advice::of(&form, &page).filter(|_| form.day == today);
    let has_passes = view.status.passes_last_day.is_some_and(|last| last >= today);
    Ok(page.html(&OnePage {
        words: page.named("web-declare-words", view.status.state.name()),
        rows: rows(&page, &form),
        advice,
        has_passes,
        view,
        page: &page,
    }))
}

/// Begins a form with its answers, which takes its place.
pub(super) async fn correct(
    page: Page,
    PostForm(form): PostForm<OfForm>,
) -> Result<Response, Failed> {
    let (status, answers) = find(&page, &form.of).await?;
    let mut draft = filled_again(answers, page.today());
    draft.replaces = Some(status.submission).filter(|_| status.state.can_be_replaced());
    let first = steps::steps(&draft).first().copied().unwrap_or(steps::Step::Person);
    page.save(draft).await?;
    Ok(page.go(&step_path(first, false), ""))
}

/// With all answers on its own day; afterwards health and the journey are asked anew.
fn filled_again(answers: Form, today: u16) -> Draft {
    if answers.day != today {
        let kind = answers.kind;
        return as_last_time(answers, kind, today);
    }
    Draft {
        on_behalf: !answers.by_name.is_empty(),
        answered: Vec::new(),
        form: Form { consent: None, ..answers },
        replaces: None,
    }
}

pub(super) async fn withdraw(
    page: Page,
    PostForm(form): PostForm<OfForm>,
) -> Result<Response, Failed> {
    let (status, _) = find(&page, &form.of).await?;
    if !form.sure.is_given() {
        let kind = page.kind(status.kind);
        let asked = Confirmation {
            title: page.t2("web-declare-withdraw-title", "kind", kind, "name", &status.name),
            consequences: vec![page.t("web-declare-withdraw-text"), page.t("web-declare-rights")],
            button: page.t("web-declare-withdraw"),
            action: "/declarations/withdraw",
            fields: vec![("of", status.submission)],
            back: "/declarations",
        };
        return Ok(asked.show(&page));
    }
    let request = WithdrawRequest { submission: status.submission };
    let status = page.engine().withdraw(request).await.map_err(|error| page.fail(error))?;
    Ok(page.go(&path(&status), ""))
}

/// A declaration of this device, and its form.
async fn find(page: &Page, of: &str) -> Result<(DeclarationStatus, Form), Failed> {
    let not_found = || page.refuse(Refusal::NotFound);
    let mut declared = page.declared().await?.into_iter().map(|view| view.status);
    let status = declared.find(|status| status.submission == of).ok_or_else(not_found)?;
    let submission = Some(status.submission.clone());
    let request = LastFormRequest { kind: FormKind::Population, name: None, submission };
    let found = page.engine().last_form(request).await.map_err(|error| page.fail(error))?;
    Ok((status, found.form.ok_or_else(not_found)?))
}

impl Page {
    fn passes_of(&self, status: &DeclarationStatus) -> String {
        let until = status.passes_last_day.map(|day| self.calendar_day(&day)).unwrap_or_default();
        self.with(
            "web-declare-passes",
            &[
                ("live", status.live_passes.into()),
                ("printed", status.printed_passes.into()),
                ("until", until.into()),
            ],
        )
    }
}

impl OnePage<'_> {
    /// The last day on which this device keeps it.
    fn kept(&self) -> String {
        self.page.date(&self.view.status.kept_until.minus(1))
    }

    fn is_too_late(&self) -> bool {
        matches!(self.view.status.state, DeclarationState::TooLate | DeclarationState::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_corrected_with_all_answers_on_its_own_day_alone() {
        let form = Form {
            name: "Đào".into(),
            by_name: "Lan".into(),
            by_phone: "+84912345678".into(),
            symptoms: Some(Vec::new()),
            consent: Some(1),
            ..Form::new(FormKind::Daily, 20_786)
        };
        let same_day = filled_again(form.clone(), 20_786);
        assert!(same_day.form == Form { consent: None, ..form.clone() } && same_day.on_behalf);
        let later = filled_again(form.clone(), 20_787);
        assert!(later.on_behalf && later.form.symptoms.is_none());
        assert_eq!((later.form.day, later.form.name), (20_787, form.name));
    }
}
