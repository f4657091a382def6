//! Which form, and for whom.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use vungxanh_protocol::declaration::{Form, FormKind, Reason};

use super::super::failed::Failed;
use super::super::form::{Nothing, PostForm};
use super::super::form_errors::FormErrors;
use super::super::page::{Page, query_value};
use super::choices::Choice;
use super::list::{Begun, StateView, begun, others};
use super::typed::Typed;
use crate::control_api::{Draft, LastFormRequest, Preparation, SaveDraftRequest};
use crate::declarations::questions::as_last_time;
use crate::declarations::reading::kind_name;
use crate::failure::{Exit, Failure};

const SELF: &str = "self";
const OTHER: &str = "other";

#[derive(Template)]
#[template(path = "declare-begin.html")]
struct BeginPage<'a> {
    page: &'a Page,
    begun: Option<Begun>,
    authority: String,
    /// Why it cannot be sent now; empty if it can.
    not_now: String,
    kinds: Vec<Choice>,
    people: Vec<Choice>,
    errors: FormErrors,
}

pub(super) async fn show(page: Page, uri: Uri) -> Result<Response, Failed> {
    let usual = kind_name(FormKind::Population);
    let kind = query_value(&uri, "kind").unwrap_or_else(|| usual.to_owned());
    render(&page, StatusCode::OK, &kind, "", FormErrors::default()).await
}

pub(super) async fn begin(
    page: Page,
    PostForm(typed): PostForm<Typed>,
) -> Result<Response, Failed> {
    let kind = FormKind::ALL.into_iter().find(|kind| kind_name(*kind) == typed.one("kind"));
    let whom = typed.one("whom");
    let draft = match (kind, whom) {
        (None, _) | (_, "") => None,
        (Some(kind), OTHER) => Some(empty(&page, kind, true)),
        (Some(kind), SELF) => {
            let request = LastFormRequest { kind, name: None, submission: None };
            let last = page.engine().last_form(request).await.map_err(|error| page.fail(error))?;
            Some(last.form.map_or_else(
                || empty(&page, kind, false),
                |last| as_last_time(last, kind, page.today()),
            ))
        }
        (Some(kind), submission) => {
            let submission = Some(submission.to_owned());
            let request = LastFormRequest { kind, name: None, submission };
            let last = page.engine().last_form(request).await.map_err(|error| page.fail(error))?;
            last.form.map(|last| as_last_time(last, kind, page.today()))
        }
    };
    let Some(draft) = draft else {
        let mut errors = FormErrors::default();
        let form = Form::new(FormKind::Population, 0);
        for (field, is_missing) in [("kind", kind.is_none()), ("whom", whom.is_empty())] {
            if is_missing {
                errors.add(field, page.wrong(field, Reason::Missing, &form));
            }
        }
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return render(&page, status, typed.one("kind"), whom, errors).await;
    };
    page.save(draft).await?;
    Ok(page.go("/declarations/form", ""))
}

/// Deletes what was begun.
pub(super) async fn discard(
    page: Page,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, Failed> {
    let request = SaveDraftRequest { draft: None };
    page.engine().save_draft(request).await.map_err(|error| page.fail(error))?;
    Ok(page.go("/declarations", "draft-discarded"))
}

fn empty(page: &Page, kind: FormKind, on_behalf: bool) -> Draft {
    Draft { form: Form::new(kind, page.today()), answered: Vec::new(), on_behalf, replaces: None }
}

async fn render(
    page: &Page,
    status: StatusCode,
    kind: &str,
    whom: &str,
    errors: FormErrors,
) -> Result<Response, Failed> {
    let prepared = page.prepared().await?;
    let kinds = FormKind::ALL.map(|known| Choice {
        value: kind_name(known).to_owned(),
        text: page.named("declare-kind", kind_name(known)),
        chosen: kind_name(known) == kind,
    });
    let whom = if whom.is_empty() { SELF } else { whom };
    Ok(page.html_with(
        status,
        &BeginPage {
            page,
            begun: begun(page).await?,
            authority: page.authority_name(),
            not_now: match &prepared {
                Ok(known) if known.keys_are_fresh => String::new(),
                Err(failure) if failure.id() != "failure-declare-unreachable" => page.why(failure),
                _ => page.t("declare-offline"),
            },
            kinds: kinds.into(),
            people: people(page, &page.declared().await?, whom),
            errors,
        },
    ))
}

/// Oneself, those for whom this device declared, each once, and somebody else.
fn people(page: &Page, declared: &[StateView], whom: &str) -> Vec<Choice> {
    let choice =
        |value: &str, text: String| Choice { value: value.to_owned(), text, chosen: value == whom };
    let mut people = vec![choice(SELF, page.t("declare-whom-self"))];
    people.extend(others(declared).into_iter().map(|status| {
        choice(&status.submission, page.t1("web-declare-whom-again", "name", &status.name))
    }));
    people.push(choice(OTHER, page.t("declare-whom-other")));
    people
}

impl Page {
    /// What to know before a form is filled in; or why that is not known now: the form can be filled in all the same.
    pub(super) async fn prepared(&self) -> Result<Result<Preparation, Failure>, Failed> {
        let prepared = self.engine().prepare_declaration().await.map_err(Failure::from);
        match prepared {
            Err(failure) if failure.exit() != Exit::Network => Err(self.fail(failure)),
            prepared => Ok(prepared),
        }
    }

    pub(super) async fn save(&self, draft: Draft) -> Result<(), Failed> {
        let request = SaveDraftRequest { draft: Some(draft) };
        self.engine().save_draft(request).await.map_err(|error| self.fail(error))
    }

    /// Of the authority that was chosen.
    pub(super) fn authority_name(&self) -> String {
        let enrolled = self.engine().sync.authority();
        let name = enrolled.as_ref().and_then(|enrolled| {
            let names = &enrolled.authority.document().name;
            names.get(self.tag()).or_else(|| names.get("vi"))
        });
        name.cloned().unwrap_or_default()
    }
}
