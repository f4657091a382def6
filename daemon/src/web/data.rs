//! Everything that is stored about the person: how much, until when; a copy of it, and its end.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vungxanh_protocol::passphrase::check_new;
use vungxanh_protocol::risk::RiskLevel;

use super::confirmation::{Confirmation, Sure};
use super::failed::Failed;
use super::form::{Passphrase, PostForm};
use super::form_errors::FormErrors;
use super::page::Page;
use crate::control_api::ForgetRequest;
use crate::platform::time_format;
use crate::store::MIN_PASSPHRASE_CHARS;

/// A kind of thing that is stored.
struct Row {
    what: String,
    amount: String,
    until: String,
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    /// Kilobytes on disk.
    kilobytes: u64,
    errors: FormErrors,
}

/// Not printed.
#[derive(Deserialize)]
pub(super) struct ExportForm {
    passphrase: Passphrase,
    again: Passphrase,
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    list(&page, StatusCode::OK, FormErrors::default()).await
}

/// A file of all own data, sealed by the passphrase.
pub(super) async fn export(
    page: Page,
    PostForm(typed): PostForm<ExportForm>,
) -> Result<Response, Failed> {
    let mut errors = FormErrors::default();
    if check_new(typed.passphrase.expose(), MIN_PASSPHRASE_CHARS).is_err() {
        let text = page.n1("failure-passphrase-short", "least", MIN_PASSPHRASE_CHARS);
        errors.add("passphrase", text);
    } else if typed.passphrase.expose() != typed.again.expose() {
        errors.add("again", page.t("web-passphrases-differ"));
    }
    if !errors.is_empty() {
        return list(&page, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
    }
    let engine = page.engine();
    let sealed = engine.export(typed.passphrase.expose().to_owned()).await;
    let sealed = sealed.map_err(|error| page.fail(error))?;
    let day = time_format::local_date(engine.clock.now());
    let name = format!("attachment; filename=\"vungxanh-{day}.vxarchive\"");
    let mut response = sealed.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers
        .extend(HeaderValue::try_from(name).ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}

/// Deletes everything but the enrolment.
pub(super) async fn erase(page: Page, PostForm(sure): PostForm<Sure>) -> Result<Response, Failed> {
    if !sure.is_given() {
        let asked = Confirmation {
            title: page.t("web-erase-title"),
            consequences: vec![page.t("web-erase-what"), page.t("web-forget-for-good")],
            button: page.t("web-erase"),
            action: "/data/erase",
            back: "/data",
            ..Confirmation::default()
        };
        return Ok(asked.show(&page));
    }
    let forgotten = page.engine().forget(ForgetRequest { times: None }).await;
    forgotten.map_err(|error| page.fail(error))?;
    page.forget();
    Ok(page.go("/data", "erased"))
}

pub(super) async fn list(
    page: &Page,
    status: StatusCode,
    errors: FormErrors,
) -> Result<Response, Failed> {
    let engine = page.engine();
    let stored = engine.status().await.map_err(|error| page.fail(error))?.store;
    let rows = rows(page, stored.scan_instances).await?;
    let kilobytes = stored.bytes.div_ceil(1_000);
    Ok(page.html_with(status, &DataPage { page, rows, kilobytes, errors }))
}

async fn rows(page: &Page, scan_instances: u64) -> Result<Vec<Row>, Failed> {
    let engine = page.engine();
    let history = engine.history().await.map_err(|error| page.fail(error))?;
    let exposures = engine.exposures().await.map_err(|error| page.fail(error))?;
    let declared = engine.declarations().await.map_err(|error| page.fail(error))?.declarations;
    let visits = engine.visits();
    let days = |days: u32| page.n1("web-data-days", "days", days);
    let of = |kind: &str, amount: String, until: String| Row {
        what: page.t(&format!("web-data-{kind}")),
        amount,
        until,
    };
    let exposed = exposures.days.iter().filter(|day| day.summary.level > RiskLevel::None).count();
    let open = if visits.open.is_some() { "web-data-visit-open" } else { "web-data-visit-none" };
    let diary = match (visits.diary.kept, visits.diary.on) {
        (false, _) => "web-diary-none",
        (true, true) => "web-diary-on",
        (true, false) => "web-diary-off",
    };
    let kept = declared.iter().map(|status| status.kept_until).max();
    let passes: usize =
        declared.iter().map(|status| status.live_passes + status.printed_passes).sum();
    let authority = engine.sync.authority().map(|enrolled| enrolled.url.to_string());
    let retained = engine.retention_days();
    Ok(vec![
        of("encounters", page.n1("web-data-count", "number", scan_instances), days(retained)),
        of("keys", page.n1("web-data-count", "number", history.own_keys.len()), days(retained)),
        of("exposures", page.n1("web-data-exposed", "days", exposed), days(retained)),
        of("visits", page.t("web-data-visits-sealed"), days(visits.kept_days)),
        of("visit", page.t(open), page.t("web-data-until-left")),
        of("diary", page.t(diary), days(visits.kept_days)),
        of(
            "declarations",
            page.n1("web-data-count", "number", declared.len()),
            kept.map_or_else(
                || page.t("web-data-nothing"),
                |until| page.t1("web-data-until", "day", page.date(&until)),
            ),
        ),
        of(
            "passes",
            page.n1("web-data-count", "number", passes),
            kept.map_or_else(
                || page.t("web-data-nothing"),
                |until| page.t1("web-data-until", "day", page.date(&until)),
            ),
        ),
        of(
            "authority",
            authority.unwrap_or_else(|| page.t("web-data-nothing")),
            page.t("web-data-until-replaced"),
        ),
    ])
}
