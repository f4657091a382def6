//! Sending a form to which the person has agreed: with the code of a message to the telephone, where the authority asks for
//! one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::declaration::{Form, normalised_phone};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::phone::{CODE_DIGITS, CODE_SECONDS};

use super::super::failed::Failed;
use super::super::form_errors::FormErrors;
use super::super::page::Page;
use super::list::path;
use super::typed::Typed;
use crate::control_api::{
    AskCodeRequest, CONSENT_VERSION, CodeState, ConfirmCodeRequest, DeclarationStatus,
    DeclareRequest, LastFormRequest, Preparation,
};
use crate::failure::Failure;

/// For how long the same form, sent again, is taken for the same press of a button.
const SAME_SECONDS: u64 = 120;

/// A form to which the person has agreed.
pub(super) struct Ready {
    pub(super) form: Form,
    pub(super) printed: u8,
    pub(super) replaces: Option<String>,
    /// What the page of a code posts to, and with it.
    pub(super) action: &'static str,
    pub(super) hidden: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "declare-code.html")]
struct CodePage<'a> {
    page: &'a Page,
    action: &'static str,
    hidden: &'a [(&'static str, String)],
    phone: &'a str,
    minutes: u64,
    limit: String,
    errors: FormErrors,
}

impl Ready {
    /// Seals and sends it, or asks for the code first. What is refused is said on the page that was shown.
    pub(super) async fn send(
        self,
        page: &Page,
        known: &Preparation,
        typed: &Typed,
    ) -> Result<Result<Response, Failure>, Failed> {
        let form = Form { consent: Some(CONSENT_VERSION), ..self.form.clone() }.normalised();
        if let Some(earlier) = sent_just_now(page, &form).await? {
            return Ok(Ok(page.go(&path(&earlier), "")));
        }
        if known.phone_code {
            match self.code(page, &form, typed).await {
                Ok(None) => {}
                Ok(Some(asked)) => return Ok(Ok(asked)),
                Err(failure) => return Ok(Err(failure)),
            }
        }
        let request =
            DeclareRequest { form, printed: self.printed, replaces: self.replaces.clone() };
        Ok(match page.engine().declare(request).await {
            Ok(status) => Ok(page.go(&path(&status), "")),
            Err(error) => Err(error.into()),
        })
    }

    /// The page that asks for a code, until the number is proven.
    async fn code(
        &self,
        page: &Page,
        form: &Form,
        typed: &Typed,
    ) -> Result<Option<Response>, Failure> {
        let number = form.declarer_phone();
        let phone = normalised_phone(number).unwrap_or_else(|| number.to_owned());
        let engine = page.engine();
        let ask = |again| {
            let language = page.tag().to_owned();
            engine.ask_code(AskCodeRequest { phone: phone.clone(), again, language })
        };
        let code: String = typed.one("code").chars().filter(char::is_ascii_digit).collect();
        let again = typed.says("again", "yes");
        let was_asked = typed.says("asked", "yes");
        let types_it = was_asked && !again;
        let error = if types_it && code.len() != CODE_DIGITS {
            page.t("page-declare-code-digits")
        } else {
            let state = match types_it {
                true => {
                    engine.confirm_code(ConfirmCodeRequest { phone: phone.clone(), code }).await
                }
                false => ask(again).await,
            };
            match state {
                Ok(CodeState::Proven) => return Ok(None),
                Ok(CodeState::Sent) => String::new(),
                Ok(CodeState::Wrong { left: 0 }) => page.t("page-declare-code-used-up"),
                Ok(CodeState::Wrong { left }) => page.n1("page-declare-code-wrong", "count", left),
                Err(error) if was_asked => page.why(&error.into()),
                Err(error) => return Err(error.into()),
            }
        };
        let (status, errors) = match error.is_empty() {
            true => (StatusCode::OK, FormErrors::default()),
            false => (StatusCode::UNPROCESSABLE_ENTITY, FormErrors::of_field("code", error)),
        };
        Ok(Some(page.html_with(status, &CodePage {
            page,
            action: self.action,
            hidden: &self.hidden,
            phone: &phone,
            minutes: CODE_SECONDS / 60,
            limit: format!(
                "inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"{}\" class=\"short large\"",
                CODE_DIGITS + 4
            ),
            errors,
        })))
    }
}

/// The same form that was sent a moment ago: a button that was pressed twice, or a page that was loaded again.
async fn sent_just_now(page: &Page, form: &Form) -> Result<Option<DeclarationStatus>, Failed> {
    let now = page.engine().clock.now();
    let is_recent = |made_at: UnixTime| now.since(made_at) < SAME_SECONDS;
    for view in page.declared().await? {
        let status = view.status;
        if status.kind != form.kind || !is_recent(status.made_at) {
            continue;
        }
        let submission = Some(status.submission.clone());
        let request = LastFormRequest { kind: form.kind, name: None, submission };
        let earlier = page.engine().last_form(request).await.map_err(|error| page.fail(error))?;
        if earlier.form.is_some_and(|earlier| earlier == *form) {
            return Ok(Some(status));
        }
    }
    Ok(None)
}
