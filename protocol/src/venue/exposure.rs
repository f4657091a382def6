//! Exposures at venues: the time that visits overlap a case's presence, lingering included.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use super::rules::VenueRules;
use super::warning::VenueMatch;
use crate::diagnosis_key::{Infectiousness, ReportType};
use crate::interval::{UnixTime, UtcDay};

/// Time on one UTC day at a venue where a case was, or had been shortly before.
#[derive(Clone, PartialEq, Eq)]
pub struct VenueExposure {
    /// The venue's name, shortened.
    pub venue: String,
    /// Start of the overlap.
    pub from: UnixTime,
    /// Its end, on the same day or at its end.
    pub until: UnixTime,
    /// How the case was established.
    pub report_type: ReportType,
    /// How infectious the case was.
    pub infectiousness: Infectiousness,
    /// The authority's words, each once.
    pub texts: Vec<String>,
}

impl VenueExposure {
    /// Seconds of overlap.
    pub fn seconds(&self) -> u32 {
        u32::try_from(self.until.since(self.from)).unwrap_or(u32::MAX)
    }

    /// The UTC day.
    pub fn day(&self) -> UtcDay {
        self.from.day()
    }

    fn split_at_midnight(self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut rest = self;
        while rest.until > rest.day().plus(1).start() {
            let midnight = rest.day().plus(1).start();
            parts.push(Self { until: midnight, ..rest.clone() });
            rest.from = midnight;
        }
        parts.push(rest);
        parts
    }
}

impl fmt::Debug for VenueExposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VenueExposure(..)")
    }
}

/// The exposures that all matches add up to, by time. The parts of a stay in several hours are
/// joined, a moment counts once for each report type and infectiousness however many warnings
/// speak of it, and what is shorter than the rules' minimum is left out.
pub fn exposures(venue_matches: &[VenueMatch], rules: &VenueRules) -> Vec<VenueExposure> {
    let mut groups: BTreeMap<_, Vec<VenueExposure>> = BTreeMap::new();
    for exposure in venue_matches.iter().filter_map(|venue_match| overlap(venue_match, rules)) {
        let group = (exposure.venue.clone(), exposure.report_type, exposure.infectiousness);
        groups.entry(group).or_default().push(exposure);
    }
    let minimum = u64::from(rules.minimum_overlap_minutes) * 60;
    let mut found: Vec<VenueExposure> = groups
        .into_values()
        .flat_map(join)
        .filter(|exposure| exposure.until.since(exposure.from) >= minimum)
        .flat_map(VenueExposure::split_at_midnight)
        .collect();
    found.sort_by(by_time);
    found
}

fn overlap(venue_match: &VenueMatch, rules: &VenueRules) -> Option<VenueExposure> {
    let lingering = u64::from(rules.lingering_minutes) * 60;
    let from = venue_match.visit_from.max(venue_match.case_from);
    let until = venue_match.visit_until.min(venue_match.case_until.plus(lingering));
    (from < until).then(|| VenueExposure {
        venue: venue_match.venue.clone(),
        from,
        until,
        report_type: venue_match.report_type,
        infectiousness: venue_match.infectiousness,
        texts: Some(venue_match.text.clone()).into_iter().filter(|text| !text.is_empty()).collect(),
    })
}

fn join(mut exposures: Vec<VenueExposure>) -> Vec<VenueExposure> {
    exposures.sort_by(by_time);
    let mut joined: Vec<VenueExposure> = Vec::new();
    for exposure in exposures {
        match joined.last_mut() {
            Some(last) if exposure.from <= last.until => {
                last.until = last.until.max(exposure.until);
                for text in exposure.texts {
                    if !last.texts.contains(&text) {
                        last.texts.push(text);
                    }
                }
            }
            _ => joined.push(exposure),
        }
    }
    joined
}

fn by_time(a: &VenueExposure, b: &VenueExposure) -> Ordering {
    (a.from, a.until, &a.venue).cmp(&(b.from, b.until, &b.venue))
}
