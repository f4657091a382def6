//! Publishing the own keys after a positive test: the code, what would be sent, what is left out, the question, and how it
//! went. Nothing is sent before the question.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::verification_code::read_code;

use super::confirmation::Confirmation;
use super::failed::Failed;
use super::form::{Nothing, PostForm};
use super::form_errors::FormErrors;
use super::page::Page;
use super::publication::{Stage, Wanted};
use super::report_choice::{Choice, Day, by_day};
use crate::control_api::{PendingReport, Period, ReportRequest, ReportablePeriods, Reported};
use crate::failure::Failure;
use crate::sync::{CodeError, SyncError};

/// Seconds until the browser asks how it stands.
const ASK_AGAIN_SECONDS: u64 = 2;
/// More than any code, typed with whatever stands between.
const MAX_CODE_CHARS: usize = 100;

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage<'a> {
    page: &'a Page,
    enrolled: bool,
    pending: Option<Unfinished>,
    errors: FormErrors,
    code: String,
}

/// A publication that was interrupted.
struct Unfinished {
    report: PendingReport,
    /// What is sent when it goes on.
    days: Vec<Day>,
    left_out: Vec<Day>,
}

#[derive(Template)]
#[template(path = "report-choice.html")]
struct ChoicePage<'a> {
    page: &'a Page,
    days: Vec<Day>,
    periods: usize,
    code: String,
    shown_until: u64,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "report-progress.html")]
struct ProgressPage<'a> {
    page: &'a Page,
    again_seconds: u64,
}

#[derive(Template)]
#[template(path = "report-result.html")]
struct ResultPage<'a> {
    page: &'a Page,
    reported: Option<Reported>,
    /// Why it did not work.
    why: String,
    /// What the system said, where `why` does not.
    detail: String,
    pending: Option<PendingReport>,
}

impl ResultPage<'_> {
    /// What may be public is not called unpublished.
    const fn failed_title(&self) -> &'static str {
        if self.pending.is_some() { "web-report-unfinished" } else { "web-report-failed" }
    }
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    if matches!(page.publication().stage(), Stage::UnderWay) {
        return Ok(page.go("/report/progress", ""));
    }
    form(&page, StatusCode::OK, FormErrors::default(), String::new())
}

/// The code was typed, or other periods were ticked: shows what would be sent.
pub(super) async fn choose(
    page: Page,
    PostForm(fields): PostForm<Vec<(String, String)>>,
) -> Result<Response, Failed> {
    let choice = Choice::of(fields);
    if let Some(refused) = refused_code(&page, &choice.code)? {
        return Ok(refused);
    }
    if page.engine().sync.authority().is_none() {
        return Err(page.fail(SyncError::NotEnrolled));
    }
    let ReportablePeriods { periods, pending } = reportable(&page)?;
    if let Some(pending) = pending.filter(|pending| pending.sent) {
        return Ok(settled(&page, choice, &pending));
    }
    if periods.is_empty() {
        return Err(page.fail(SyncError::NothingToPublish));
    }
    show_choice(&page, StatusCode::OK, FormErrors::default(), &choice, &periods)
}

/// Asks once more, then sends.
pub(super) async fn send(
    page: Page,
    PostForm(fields): PostForm<Vec<(String, String)>>,
) -> Result<Response, Failed> {
    let choice = Choice::of(fields);
    if let Some(refused) = refused_code(&page, &choice.code)? {
        return Ok(refused);
    }
    let ReportablePeriods { periods, pending } = reportable(&page)?;
    if let Some(pending) = pending.filter(|pending| pending.sent) {
        return Ok(settled(&page, choice, &pending));
    }
    // Others than those that were shown: a period has begun or expired meanwhile.
    if choice.shown_until != newest_end(&periods) {
        let errors = FormErrors::of_field("", page.t("web-report-changed"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_choice(&page, status, errors, &choice, &periods);
    }
    let left_out: Vec<Period> =
        periods.iter().copied().filter(|period| choice.leaves_out(period)).collect();
    if left_out.len() == periods.len() {
        let errors = FormErrors::of_field("periods", page.t("web-report-all-left-out"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_choice(&page, status, errors, &choice, &periods);
    }
    if !choice.is_sure {
        let published = periods.len() - left_out.len();
        return Ok(confirmation(&page, &choice, published, &left_out).show(&page));
    }
    let request = ReportRequest {
        code: choice.code,
        leave_out: left_out,
        shown_until: Some(UnixTime::from_secs(choice.shown_until)),
    };
    page.publication().start(page.engine(), Wanted::Begin(request));
    Ok(page.go("/report/progress", ""))
}

/// Goes on with the publication that was interrupted.
pub(super) async fn go_on(
    page: Page,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, Failed> {
    page.publication().start(page.engine(), Wanted::GoOn);
    Ok(page.go("/report/progress", ""))
}

/// How it stands, then how it went.
pub(super) async fn progress(page: Page) -> Result<Response, Failed> {
    let (reported, (why, detail)) = match page.publication().stage() {
        Stage::None => return Ok(page.go("/report", "")),
        Stage::UnderWay => {
            let again_seconds = ASK_AGAIN_SECONDS;
            return Ok(page.html(&ProgressPage { page: &page, again_seconds }));
        }
        Stage::Done(reported) => (Some(reported), <(String, String)>::default()),
        Stage::Failed(failure) => (None, reason(&page, &failure)),
    };
    let pending = reportable(&page)?.pending;
    Ok(page.html(&ResultPage { page: &page, reported, why, detail, pending }))
}

/// Why it did not work, and what the system said.
fn reason(page: &Page, failure: &Failure) -> (String, String) {
    let own = format!("web-report-{}", failure.id());
    if page.texts().has(&own) {
        (page.t(&own), page.texts().reason(&failure.to_refusal().detail))
    } else {
        (page.why(failure), String::new())
    }
}

/// The form again, if this is no code. Whether the authority knows it, it says only when it is used.
fn refused_code(page: &Page, code: &str) -> Result<Option<Response>, Failed> {
    if read_code(code).is_some() {
        return Ok(None);
    }
    let why = page.why(&Failure::from(SyncError::Code(CodeError::Malformed)));
    let errors = FormErrors::of_field("code", why);
    let typed = code.chars().take(MAX_CODE_CHARS).collect();
    form(page, StatusCode::UNPROCESSABLE_ENTITY, errors, typed).map(Some)
}

fn form(
    page: &Page,
    status: StatusCode,
    errors: FormErrors,
    code: String,
) -> Result<Response, Failed> {
    let pending = reportable(page)?.pending.map(|report| {
        let (days, left_out) = (by_day(page, &report.periods), by_day(page, &report.left_out));
        Unfinished { report, days, left_out }
    });
    let enrolled = page.engine().sync.authority().is_some();
    Ok(page.html_with(status, &ReportPage { page, enrolled, pending, errors, code }))
}

fn show_choice(
    page: &Page,
    status: StatusCode,
    errors: FormErrors,
    choice: &Choice,
    periods: &[Period],
) -> Result<Response, Failed> {
    let mut days = by_day(page, periods);
    choice.mark(&mut days);
    let shown = ChoicePage {
        page,
        days,
        periods: periods.len(),
        code: choice.code.clone(),
        shown_until: newest_end(periods),
        errors,
    };
    Ok(page.html_with(status, &shown))
}

/// The keys of an earlier attempt may be public: with this code, too, it is the same ones that are sent.
fn settled(page: &Page, choice: Choice, pending: &PendingReport) -> Response {
    if !choice.is_sure {
        return confirmation(page, &choice, pending.periods.len(), &pending.left_out).show(page);
    }
    let request = ReportRequest { code: choice.code, leave_out: Vec::new(), shown_until: None };
    page.publication().start(page.engine(), Wanted::Begin(request));
    page.go("/report/progress", "")
}

fn confirmation(
    page: &Page,
    choice: &Choice,
    published: usize,
    left_out: &[Period],
) -> Confirmation {
    let mut fields =
        vec![("code", choice.code.clone()), ("shown_until", choice.shown_until.to_string())];
    fields.extend(left_out.iter().map(|period| ("leave", period.start.as_secs().to_string())));
    Confirmation {
        title: page.n1("web-report-sure-title", "published", published),
        consequences: vec![
            page.n1("web-report-sure-left-out", "left_out", left_out.len()),
            page.t("web-report-sure-once"),
            page.t("web-report-sure-end"),
        ],
        button: page.t("web-report-sure"),
        action: "/report/send",
        fields,
        back: "/report",
    }
}

fn reportable(page: &Page) -> Result<ReportablePeriods, Failed> {
    page.engine().reportable_periods().map_err(|error| page.fail(error))
}

fn newest_end(periods: &[Period]) -> u64 {
    periods.iter().map(|period| period.end.as_secs()).max().unwrap_or(0)
}
