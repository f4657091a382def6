//! A step of a form: its fields, with what the draft says of them. What was typed and is right is kept in the draft at once,
//! sealed; it can be gone on with at a terminal, too.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use vungxanh_protocol::declaration::{Form, Reason};

use super::super::failed::Failed;
use super::super::form::PostForm;
use super::super::form_errors::FormErrors;
use super::super::page::{Page, query_value};
use super::fields::{self, FieldView};
use super::place::PlaceView;
use super::steps::{self, Step};
use super::typed::Typed;
use crate::control_api::Draft;
use crate::declarations::questions::{questions, without};

/// In the query: what is wrong is shown, although nothing was typed just now.
const CHECKED: &str = "checked";

#[derive(Template)]
#[template(path = "declare-form.html")]
struct FormPage<'a> {
    page: &'a Page,
    draft: &'a Draft,
    kind: String,
    step: Step,
    /// Where the person came from; empty at the first step.
    back: String,
    number: usize,
    /// With reading over.
    count: usize,
    fields: Vec<FieldView>,
    place: Option<PlaceView>,
    /// Something to look at once more, and what was asked so.
    doubts: Vec<String>,
    doubted: String,
    errors: FormErrors,
}

pub(super) async fn show(page: Page, uri: Uri) -> Result<Response, Failed> {
    let Some(draft) = page.draft().await? else { return Ok(page.go("/declarations/new", "")) };
    let named = query_value(&uri, "step").and_then(|name| Step::named(&name));
    let step = named.filter(|step| steps::steps(&draft).contains(step));
    let Some(step) = step.or_else(|| steps::first_open(&draft)) else {
        return Ok(page.go("/declarations/check", ""));
    };
    let errors = match query_value(&uri, CHECKED) {
        Some(_) => errors_of(&page, &draft, step),
        None => FormErrors::default(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(render(&page, status, &draft, step, None, &[], errors))
}

pub(super) async fn answer(
    page: Page,
    PostForm(typed): PostForm<Typed>,
) -> Result<Response, Failed> {
    let Some(mut draft) = page.draft().await? else { return Ok(page.go("/declarations/new", "")) };
    let step = Step::named(typed.one("step")).filter(|step| steps::steps(&draft).contains(step));
    let Some(step) = step else { return Ok(page.go("/declarations/form", "")) };
    if step == Step::Declarer && typed.says("self", "yes") {
        for field in ["byName", "byPhone", "byRelation", "consentHeldBy"] {
            draft.form = without(&draft.form, field);
        }
        draft.on_behalf = false;
        page.save(draft).await?;
        return Ok(page.go(&path(Step::Person, false), ""));
    }
    let (form, errors) = fields::read(&page, &draft, step, &typed, page.engine().clock.now());
    draft.form = form;
    note_answers(&mut draft, step, &errors);
    let problems = steps::problems(&draft);
    let needs_guardian = problems.iter().any(|problem| problem.reason == Reason::GuardianNeeded);
    draft.on_behalf |= needs_guardian;
    page.save(draft.clone()).await?;
    if !errors.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(render(&page, status, &draft, step, Some(&typed), &[], errors));
    }
    if step == Step::Person {
        // Of a child somebody else has to declare: who that is is asked before the rest.
        let guardian = problems.iter().any(|problem| {
            problem.reason == Reason::GuardianNeeded || problem.field == "consentHeldBy"
        });
        if guardian {
            return Ok(page.go(&path(Step::Declarer, true), ""));
        }
        let doubts: Vec<_> =
            draft.form.normalised().questions().iter().map(|doubt| doubt.name()).collect();
        if !doubts.is_empty() && typed.one("doubted") != doubts.join(" ") {
            let errors = FormErrors::default();
            return Ok(render(&page, StatusCode::OK, &draft, step, Some(&typed), &doubts, errors));
        }
    }
    Ok(match steps::after(&draft, step) {
        Some(next) => page.go(&path(next, false), ""),
        None => page.go("/declarations/check", ""),
    })
}

/// Where a step is; `checked` shows what is wrong there.
pub(super) fn path(step: Step, checked: bool) -> String {
    let checked = if checked { format!("&{CHECKED}") } else { String::new() };
    format!("/declarations/form?step={}{checked}", step.name())
}

/// At a terminal only what was not answered is asked; what these answers do not lead to was not.
fn note_answers(draft: &mut Draft, step: Step, errors: &FormErrors) {
    let asked: Vec<_> = questions(&draft.form, draft.on_behalf)
        .into_iter()
        .map(|question| question.field)
        .collect();
    for question in steps::questions(draft, step) {
        draft.answered.retain(|field| field != question.field);
        if errors.at(question.field).is_empty() && asked.contains(&question.field) {
            draft.answered.push(question.field.to_owned());
        }
    }
}

fn errors_of(page: &Page, draft: &Draft, step: Step) -> FormErrors {
    let mut errors = FormErrors::default();
    for problem in steps::problems(draft).iter().filter(|one| steps::step_of(one) == step) {
        let field = match (problem.reason, problem.field) {
            (Reason::GuardianNeeded, _) => "byRelation",
            (_, "place") => "ward",
            (_, field) => field,
        };
        if errors.at(field).is_empty() {
            errors.add(field, page.wrong(field, problem.reason, &draft.form));
        }
    }
    errors
}

fn render(
    page: &Page,
    status: StatusCode,
    draft: &Draft,
    step: Step,
    typed: Option<&Typed>,
    doubts: &[&str],
    errors: FormErrors,
) -> Response {
    let all = steps::steps(draft);
    let nth = all.iter().position(|known| *known == step).unwrap_or(0);
    let before = nth.checked_sub(1).and_then(|before| all.get(before));
    let asked = |name: &&str| page.named("page-declare-question", name);
    page.html_with(
        status,
        &FormPage {
            page,
            draft,
            kind: page.kind(draft.form.kind),
            step,
            back: before.map_or_else(String::new, |before| path(*before, false)),
            number: nth + 1,
            count: all.len() + 1,
            fields: fields::views(page, draft, step, typed, &errors),
            place: (step == Step::Place).then(|| PlaceView::new(page, draft, typed, &errors)),
            doubts: doubts.iter().map(asked).collect(),
            doubted: doubts.join(" "),
            errors,
        },
    )
}

impl Page {
    fn progress(&self, number: &usize, count: &usize) -> String {
        let of = [("number", (*number).into()), ("count", (*count).into())];
        self.with("page-declare-progress", &of)
    }

    /// What was begun, as of today.
    pub(super) async fn draft(&self) -> Result<Option<Draft>, Failed> {
        let kept = self.engine().declaration_draft().await.map_err(|error| self.fail(error))?;
        let day = self.today();
        Ok(kept.draft.map(|draft| Draft { form: Form { day, ..draft.form }, ..draft }))
    }
}
