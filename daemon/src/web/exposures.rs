//! Days near a case, and what to do until when. Who looks at the page has seen them: their notifications end.

use askama::Template;
use axum::response::Response;
use vungxanh_protocol::authority::ContactRules;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use super::failed::Failed;
use super::home::level_name;
use super::page::Page;
use crate::control_api::{AcknowledgeRequest, ExposureDay, ExposureNotice, VenueTime};

/// What to do on which day.
struct Dates {
    last_contact: String,
    test_from: Option<String>,
    apart_until: Option<String>,
}

#[derive(Template)]
#[template(path = "exposures.html")]
struct ExposuresPage<'a> {
    page: &'a Page,
    /// Newest first.
    days: &'a [ExposureDay],
    dates: Option<Dates>,
    advice: Option<&'a str>,
    last_success: Option<UnixTime>,
}

impl ExposuresPage<'_> {
    fn level(&self, day: &ExposureDay) -> &'static str {
        level_name(day.summary.level)
    }

    /// By the person's calendar one day, or two.
    fn dates_of(&self, day: &ExposureDay) -> String {
        let last = day.times.until.minus(1).max(day.times.from);
        let (first, last) = (self.page.date(&day.times.from), self.page.date(&last));
        if first == last { first } else { format!("{first} – {last}") }
    }

    fn near(&self, day: &ExposureDay) -> String {
        let [immediate, near, ..] = day.summary.seconds_by_nearness;
        self.page.duration(&immediate.saturating_add(near))
    }

    fn medium(&self, day: &ExposureDay) -> String {
        let [_, _, medium, _] = day.summary.seconds_by_nearness;
        self.page.duration(&medium)
    }

    fn at_venues(&self, day: &ExposureDay) -> String {
        self.page.duration(&day.summary.venue_seconds)
    }

    fn at_venue(&self, time: &VenueTime) -> String {
        self.page.span(&time.from, &time.until)
    }
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    let exposures = page.engine().exposures().await.map_err(|error| page.fail(error))?;
    let mut exposures = exposures.without_hours();
    let seen: Vec<ExposureNotice> = exposures
        .days
        .iter()
        .map(|day| ExposureNotice { day: day.summary.day, level: day.summary.level })
        .collect();
    // What the authority's rules do not count is no exposure to a person.
    exposures.days.retain(|day| day.summary.level > RiskLevel::None);
    exposures.days.reverse();
    let advice = exposures.advice.get(page.tag()).map(String::as_str);
    let response = page.html(&ExposuresPage {
        page: &page,
        dates: dates(&page, &exposures.days, exposures.contacts),
        days: &exposures.days,
        advice,
        last_success: page.engine().sync.status().last_success,
    });
    page.engine()
        .acknowledge(AcknowledgeRequest { days: seen })
        .await
        .map_err(|error| page.fail(error))?;
    Ok(response)
}

/// Counted from the last day on which the person was near a case.
fn dates(page: &Page, days: &[ExposureDay], rules: ContactRules) -> Option<Dates> {
    let last = days.iter().map(|day| day.times.until.minus(1).max(day.times.from)).max()?;
    let after = |days: Option<u16>| days.map(|days| page.date_after(&last, days));
    Some(Dates {
        last_contact: page.date(&last),
        test_from: after(rules.test_after_days),
        apart_until: after(rules.apart_days),
    })
}
