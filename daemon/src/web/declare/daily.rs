//! The symptoms of a day: one page, one button where there are none.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use vungxanh_protocol::declaration::{Field, Form, FormKind, Reason};

use super::super::failed::Failed;
use super::super::form::PostForm;
use super::super::form_errors::FormErrors;
use super::super::page::{Page, query_value};
use super::advice::Advice;
use super::check::{CheckPage, Receiver};
use super::fields::{self, FieldView, Input, NONE};
use super::list::{StateView, others};
use super::rows::{Row, rows};
use super::send::Ready;
use super::steps::{self, Step};
use super::typed::Typed;
use crate::control_api::{DeclarationStatus, Draft, LastFormRequest, PRINTED, Preparation};
use crate::declarations::questions::{self, as_last_time};
use crate::failure::Failure;

const ACTION: &str = "/declarations/daily";
/// What is asked here; all else is as last time.
const ASKED: [Field; 3] = ["symptoms", "temperature", "note"];
/// What goes along until it is sent.
const KEPT: [&str; 6] = ["of", "answer", "sure", "symptoms", "temperature", "note"];

#[derive(Template)]
#[template(path = "declare-daily.html")]
struct DailyPage<'a> {
    page: &'a Page,
    /// The submission in the address; empty for oneself.
    of: String,
    /// Somebody else's.
    name: Option<String>,
    /// What is sent where there are no symptoms.
    rows: Vec<Row>,
    receiver: Option<Receiver>,
    /// Why it cannot be sealed, where nothing is known of the receiver.
    not_now: String,
    fields: Vec<FieldView>,
    others: Vec<&'a DeclarationStatus>,
    errors: FormErrors,
}

/// Where nothing is known of the person yet.
#[derive(Template)]
#[template(path = "declare-first.html")]
struct FirstPage<'a> {
    page: &'a Page,
}

pub(super) async fn show(page: Page, uri: Uri) -> Result<Response, Failed> {
    let of = query_value(&uri, "of").unwrap_or_default();
    let Some(draft) = as_before(&page, &of).await? else {
        return Ok(page.html(&FirstPage { page: &page }));
    };
    let declared = page.declared().await?;
    let prepared = page.prepared().await?;
    let errors = FormErrors::default();
    Ok(render(&page, StatusCode::OK, (&of, &draft), &declared, &prepared, None, errors))
}

pub(super) async fn answer(
    page: Page,
    PostForm(typed): PostForm<Typed>,
) -> Result<Response, Failed> {
    let _one_at_a_time = page.declaring().await;
    let of = typed.one("of").to_owned();
    let Some(mut draft) = as_before(&page, &of).await? else {
        return Ok(page.go(ACTION, ""));
    };
    let declared = page.declared().await?;
    let mut errors = FormErrors::default();
    let none = typed.says("answer", "none");
    if none {
        // What the page shows that is sent.
        draft.form = well(&draft.form);
    } else {
        (draft.form, errors) =
            fields::read(&page, &draft, Step::Health, &typed, page.engine().clock.now());
    }
    let prepared = page.prepared().await?;
    let (true, Ok(known)) = (errors.is_empty(), &prepared) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let of_whom = (of.as_str(), &draft);
        return Ok(render(&page, status, of_whom, &declared, &prepared, Some(&typed), errors));
    };
    // Who has no symptoms has read on the page what is sent, and pressed the button that says so.
    let agreed = none || (typed.says("sure", "yes") && typed.says("consent", "yes"));
    if !agreed {
        let mut errors = FormErrors::default();
        if typed.says("sure", "yes") {
            errors.add("consent", page.wrong("consent", Reason::Missing, &draft.form));
        }
        return Ok(check(&page, &of, &draft, known, &typed, errors));
    }
    let mut kept = KEPT.to_vec();
    kept.push("consent");
    let ready = Ready {
        form: draft.form.clone(),
        printed: PRINTED,
        replaces: None,
        action: ACTION,
        hidden: typed.only(&kept),
    };
    match ready.send(&page, known, &typed).await? {
        Ok(response) => Ok(response),
        Err(failure) => {
            let errors = FormErrors::of_field("", page.why(&failure));
            if none {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let of_whom = (of.as_str(), &draft);
                return Ok(render(&page, status, of_whom, &declared, &prepared, None, errors));
            }
            Ok(check(&page, &of, &draft, known, &typed, errors))
        }
    }
}

/// The form of today as last time, if nothing else is missing.
async fn as_before(page: &Page, of: &str) -> Result<Option<Draft>, Failed> {
    let submission = Some(of.to_owned()).filter(|of| !of.is_empty());
    let request = LastFormRequest { kind: FormKind::Daily, name: None, submission };
    let last = page.engine().last_form(request).await.map_err(|error| page.fail(error))?;
    let draft = last.form.map(|last| as_last_time(last, FormKind::Daily, page.today()));
    Ok(draft.filter(|draft| {
        let form = Form { symptoms: Some(Vec::new()), ..draft.form.clone() };
        steps::first_open(&Draft { form, ..draft.clone() }).is_none()
    }))
}

fn render(
    page: &Page,
    status: StatusCode,
    (of, draft): (&str, &Draft),
    declared: &[StateView],
    prepared: &Result<Preparation, Failure>,
    typed: Option<&Typed>,
    errors: FormErrors,
) -> Response {
    let well = well(&draft.form);
    let asked = questions::all_questions(FormKind::Daily, draft.on_behalf).into_iter();
    let asked = asked.filter(|question| ASKED.contains(&question.field));
    let fields = asked.map(|question| {
        let values = typed.map(|typed| typed.all(question.field)).unwrap_or_default();
        let values: Vec<_> = values.into_iter().map(str::to_owned).collect();
        let mut field = fields::field(page, question, &draft.form, &values, &errors);
        if let Input::Ticks { choices } = &mut field.input {
            // Who has none has a button of their own.
            choices.retain(|choice| choice.value != NONE);
        }
        field
    });
    let fields: Vec<_> = fields.collect();
    page.html_with(
        status,
        &DailyPage {
            page,
            of: of.to_owned(),
            name: draft.on_behalf.then(|| draft.form.name.clone()),
            rows: rows(page, &well),
            receiver: prepared.as_ref().ok().map(|known| Receiver::of(known, page)),
            not_now: prepared.as_ref().err().map_or_else(String::new, |why| page.why(why)),
            fields,
            others: others(declared),
            errors,
        },
    )
}

/// Without symptoms, and without whatever else was said of health before.
fn well(form: &Form) -> Form {
    let form = ASKED.iter().fold(form.clone(), |form, field| questions::without(&form, field));
    Form { symptoms: Some(Vec::new()), ..form }
}

fn check(
    page: &Page,
    of: &str,
    draft: &Draft,
    known: &Preparation,
    typed: &Typed,
    errors: FormErrors,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut hidden = typed.only(&["of", "symptoms", "temperature", "note"]);
    hidden.push(("sure", "yes".to_owned()));
    page.html_with(
        status,
        &CheckPage {
            page,
            rows: rows(page, &draft.form),
            receiver: Some(Receiver::of(known, page)),
            not_now: String::new(),
            advice: Advice::of(&draft.form, page),
            change: if of.is_empty() { ACTION.into() } else { format!("{ACTION}?of={of}") },
            action: ACTION,
            hidden,
            corrects: false,
            printed: String::new(),
            agreed: typed.says("consent", "yes"),
            errors,
        },
    )
}
