//! What an officer types to have venues asked: visits from the case's device, or a place and times.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};
use vungxanh_protocol::venue::disclosure_code::read_visits;
use vungxanh_protocol::venue::warning::NOTICE_TEXT_BYTES;

use super::super::page::Page;
use super::super::problems::Problems;
use crate::domain::diagnosis::{TestType, parse_day};
use crate::domain::posters::PosterCharacters;
use crate::domain::share_requests::{MAX_REASON_CHARACTERS, NotWarned, Stay};
use crate::domain::typed::{shows_all, shows_all_lines};
use crate::services::places::places_of_posters;
use crate::services::venue_warnings::Place;
use crate::storage::StoreError;
use crate::storage::unit_places::UnitPlace;

/// Visits in one form, at most.
const MAX_VISITS: usize = 50;

/// What the officer typed; shown again when something is wrong with it.
#[derive(Debug, Clone, Default)]
pub(super) struct WarningForm {
    /// Which button: `show` shows the visits, anything else asks the venues.
    pub(super) step: String,
    /// As pasted or scanned: lines and codes.
    pub(super) visits: String,
    /// Lines of the visits to choose from, blanks between them; empty when there are none to choose from.
    pub(super) offered: String,
    /// Those of them that are chosen.
    pub(super) chosen: Vec<String>,
    pub(super) unit: String,
    pub(super) poster: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) test_type: String,
    pub(super) symptom_date: String,
    pub(super) reason: String,
    pub(super) notice_text: String,
}

impl WarningForm {
    /// The fields of a form, of which `visit` may stand there several times.
    pub(super) fn of_fields(fields: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            let field = match name.as_str() {
                "step" => &mut form.step,
                "visits" => &mut form.visits,
                "offered" => &mut form.offered,
                "unit" => &mut form.unit,
                "poster" => &mut form.poster,
                "from" => &mut form.from,
                "until" => &mut form.until,
                "test_type" => &mut form.test_type,
                "symptom_date" => &mut form.symptom_date,
                "reason" => &mut form.reason,
                "notice_text" => &mut form.notice_text,
                "visit" => {
                    form.chosen.push(value);
                    continue;
                }
                _ => continue,
            };
            *field = value;
        }
        form
    }

    /// The 8 characters of the poster that was chosen.
    pub(super) fn poster_characters(&self) -> Option<String> {
        let poster: PosterFingerprint = self.poster.parse().ok()?;
        Some(PosterCharacters::of(poster.as_bytes()))
    }

    /// The visits that were pasted become those to choose from, all of them chosen.
    pub(super) fn offer(&mut self, page: &Page) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let visits = pasted(page, &self.visits, &mut problems);
        if visits.is_empty() && problems.is_empty() {
            problems.add("visits", page.t("warn-visits-needed"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        self.chosen = visits.iter().map(ToString::to_string).collect();
        self.offered = self.chosen.join(" ");
        Ok(())
    }

    /// Those of the visits stay that no request was opened for.
    pub(super) fn keep(&mut self, refused: &[DisclosedVisit]) {
        let lines: Vec<String> = refused.iter().map(ToString::to_string).collect();
        if self.offered.is_empty() {
            self.visits = lines.join("\n");
        } else {
            self.offered = lines.join(" ");
            self.chosen = lines;
        }
    }
}

/// A visit to choose, with what is known of its poster.
pub(super) struct OfferedVisit {
    pub(super) line: String,
    pub(super) visit: DisclosedVisit,
    /// None when no such poster was issued here.
    pub(super) place: Option<UnitPlace>,
    pub(super) is_chosen: bool,
}

impl OfferedVisit {
    pub(super) fn times(&self, page: &Page) -> String {
        page.span(&self.visit.from(), &self.visit.until())
    }

    /// All that the form offers.
    pub(super) async fn all(page: &Page, form: &WarningForm) -> Result<Vec<Self>, StoreError> {
        let visits: Vec<DisclosedVisit> =
            form.offered.split_whitespace().filter_map(|line| line.parse().ok()).collect();
        let posters: Vec<_> = visits.iter().map(|visit| *visit.poster().as_bytes()).collect();
        let places = places_of_posters(&page.app, &posters).await?;
        let offered = visits.into_iter().zip(places).map(|(visit, place)| {
            let line = visit.to_string();
            let is_chosen = place.is_some() && form.chosen.contains(&line);
            Self { line, visit, place, is_chosen }
        });
        Ok(offered.collect())
    }
}

/// What a form orders: disclosed visits, or a stay at a place.
pub(super) struct Order {
    pub(super) visits: Vec<DisclosedVisit>,
    pub(super) place: Option<Place>,
    pub(super) stay: Stay,
}

impl Order {
    pub(super) fn read(page: &Page, form: &WarningForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let (visits, place) = visits_or_place(page, form, &mut problems);
        let now = page.now();
        let zone = page.app.config.venues.zone();
        let mut time = |field, text: &str| match (local_time(text, &zone), place.is_some()) {
            (Some(time), true) => time,
            (None, true) => {
                problems.add(field, page.t("warn-times-needed"));
                now
            }
            (_, false) => now,
        };
        let (from, until) = (time("from", &form.from), time("until", &form.until));
        let symptom_day = parse_day(&form.symptom_date, page.app.config.today(now));
        let symptom_day = symptom_day.unwrap_or_else(|_| {
            problems.add("symptom_date", page.t("warn-onset-unreadable"));
            None
        });
        let test_type = test_type(page, form, &mut problems);
        if !(1..=MAX_REASON_CHARACTERS).contains(&form.reason.trim().chars().count()) {
            problems.add("reason", page.t("warn-reason-length"));
        } else if !shows_all_lines(&form.reason) {
            problems.add("reason", page.t("wrong-hidden"));
        }
        if form.notice_text.trim().len() > NOTICE_TEXT_BYTES {
            problems.add("notice_text", page.t("warn-notice-length"));
        } else if !shows_all(form.notice_text.trim()) {
            problems.add("notice_text", page.t("wrong-hidden"));
        }
        let (reason, notice_text) = (form.reason.clone(), form.notice_text.clone());
        let stay = Stay { from, until, test_type, symptom_day, reason, notice_text };
        if problems.is_empty() { Ok(Self { visits, place, stay }) } else { Err(problems) }
    }
}

fn visits_or_place(
    page: &Page,
    form: &WarningForm,
    problems: &mut Problems,
) -> (Vec<DisclosedVisit>, Option<Place>) {
    let poster = form.poster.parse().ok().map(Place::Poster);
    let place = poster.or_else(|| form.unit.trim().parse().ok().map(Place::Unit));
    let names_place = !form.poster.trim().is_empty() || !form.unit.trim().is_empty();
    let names_visits = !form.offered.is_empty() || !form.visits.trim().is_empty();
    if names_visits == names_place || (names_place && place.is_none()) {
        problems.add("visits", page.t("warn-visits-or-place"));
    }
    if form.offered.is_empty() {
        return (pasted(page, &form.visits, problems), place);
    }
    let offered: Vec<&str> = form.offered.split_whitespace().collect();
    let chosen = form.chosen.iter().filter(|line| offered.contains(&line.as_str()));
    let visits: Vec<DisclosedVisit> = chosen.filter_map(|line| line.parse().ok()).collect();
    if visits.is_empty() {
        problems.add("visit-0", page.t("warn-choose-visit"));
    }
    limit(page, &visits, problems);
    (visits, place)
}

/// The visits of lines and codes.
fn pasted(page: &Page, text: &str, problems: &mut Problems) -> Vec<DisclosedVisit> {
    match read_visits(text) {
        Ok(visits) => {
            limit(page, &visits, problems);
            visits
        }
        Err(lines) => {
            for line in lines.iter().take(MAX_VISITS) {
                problems.add("visits", page.t1("warn-line-unreadable", "number", line.number));
            }
            Vec::new()
        }
    }
}

fn limit(page: &Page, visits: &[DisclosedVisit], problems: &mut Problems) {
    if visits.len() > MAX_VISITS {
        problems.add("visits", page.t1("warn-too-many-visits", "limit", MAX_VISITS));
    }
}

fn test_type(page: &Page, form: &WarningForm, problems: &mut Problems) -> TestType {
    let test_type = match form.test_type.as_str() {
        "" => Some(TestType::Confirmed),
        name => TestType::from_name(name),
    };
    match test_type {
        Some(TestType::Negative) => {
            problems.add("test_type", page.named("not-warned", NotWarned::Negative.name()));
        }
        Some(_) => {}
        None => problems.add("test_type", page.t("warn-test-type-unknown")),
    }
    test_type.unwrap_or(TestType::Confirmed)
}

/// A browser's `datetime-local`, in the authority's time zone.
fn local_time(text: &str, zone: &TimeZone) -> Option<UnixTime> {
    let local: DateTime = text.trim().parse().ok()?;
    let seconds = local.to_zoned(zone.clone()).ok()?.timestamp().as_second();
    u64::try_from(seconds).ok().map(UnixTime::from_secs)
}
