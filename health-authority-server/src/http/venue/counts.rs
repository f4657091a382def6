//! How many visits there were, by hour.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::VenueSession;
use crate::services::units;
use vungxanh_protocol::interval::UnixTime;

/// So many days are shown.
const SHOWN_DAYS: u64 = 7;

#[derive(Template)]
#[template(path = "venue/counts.html")]
struct CountsPage<'a> {
    page: &'a Page,
    days: &'a [DayCounts],
    days_kept: u64,
}

struct DayCounts {
    day: String,
    total: u64,
    hours: Vec<HourCount>,
}

struct HourCount {
    hour: String,
    visits: u64,
    /// Percent of the busiest hour, for the bar.
    share: u64,
    by_unit: String,
}

/// `GET /venue/counts`.
pub async fn page(session: VenueSession) -> Result<Response, PageError> {
    let page = &session.page;
    let app = &page.app;
    let from = page.now().minus(SHOWN_DAYS * 86_400).as_secs() / 3_600;
    let from = u32::try_from(from).unwrap_or(u32::MAX);
    let counts = units::visit_counts(app, session.venue, from).await;
    let counts = counts.map_err(|error| page.fail(error))?;
    let open = units::open_units(app, session.venue).await.map_err(|error| page.fail(error))?;
    let name = |unit| match open.iter().find(|known| known.unit == unit) {
        Some(known) if known.name.is_empty() => page.t("unit-whole"),
        Some(known) => known.name.clone(),
        None => page.t("unit-closed-before"),
    };
    let mut hours: BTreeMap<u32, (u64, Vec<String>)> = BTreeMap::new();
    for count in &counts {
        let (visits, by_unit) = hours.entry(count.hour).or_default();
        *visits += count.visits;
        by_unit.push(format!("{}: {}", name(count.unit), count.visits));
    }
    let busiest = hours.values().map(|(visits, _)| *visits).max().unwrap_or(1).max(1);
    let mut days: Vec<DayCounts> = Vec::new();
    for (hour, (visits, by_unit)) in hours.into_iter().rev() {
        let (day, hour) = page.hour(UnixTime::from_secs(u64::from(hour) * 3_600));
        if days.last().is_none_or(|last| last.day != day) {
            days.push(DayCounts { day, total: 0, hours: Vec::new() });
        }
        if let Some(last) = days.last_mut() {
            last.total += visits;
            let by_unit = by_unit.join(", ");
            last.hours.push(HourCount { hour, visits, share: visits * 100 / busiest, by_unit });
        }
    }
    let days_kept = crate::domain::venues::COUNT_DAYS;
    page.html(&CountsPage { page, days: &days, days_kept })
}
