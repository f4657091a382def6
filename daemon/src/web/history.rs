//! How much is stored for each of the person's days; never who was met.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::confirmation::{Confirmation, Sure};
use super::failed::{Failed, Refusal};
use super::form::PostForm;
use super::page::Page;
use crate::control_api::{ForgetRequest, HistoryDay, TimeSpan};
use crate::platform::time_format::parse_day;

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    page: &'a Page,
    days: Vec<HistoryDay>,
    most: u64,
}

impl HistoryPage<'_> {
    /// Percent of the day with most.
    fn share(&self, day: &HistoryDay) -> u64 {
        day.scan_instances.saturating_mul(100) / self.most.max(1)
    }
}

#[derive(Deserialize)]
pub(super) struct ForgetForm {
    /// `2026-03-01`
    day: String,
    #[serde(flatten)]
    sure: Sure,
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    let history = page.engine().history().await.map_err(|error| page.fail(error))?;
    let mut days = history.by_local_day();
    days.reverse();
    let most = days.iter().map(|day| day.scan_instances).max().unwrap_or(0);
    Ok(page.html(&HistoryPage { page: &page, days, most }))
}

/// Deletes what is stored of a day.
pub(super) async fn forget(
    page: Page,
    PostForm(form): PostForm<ForgetForm>,
) -> Result<Response, Failed> {
    let day = parse_day(&form.day).ok_or_else(|| page.refuse(Refusal::Unreadable))?;
    if !form.sure.is_given() {
        let date = page.date(&day.start);
        let asked = Confirmation {
            title: page.t1("web-forget-day-title", "day", &date),
            consequences: vec![
                page.t1("web-forget-day-what", "day", &date),
                page.t("web-forget-for-good"),
            ],
            button: page.t("web-forget-day"),
            action: "/history/forget",
            fields: vec![("day", form.day)],
            back: "/history",
        };
        return Ok(asked.show(&page));
    }
    let times = Some(TimeSpan { from: day.start, until: day.end });
    page.engine().forget(ForgetRequest { times }).await.map_err(|error| page.fail(error))?;
    Ok(page.go("/history", "forgotten-day"))
}
