//! Visits that the person has disclosed to the authority. The warnings that come of them open the
//! person's own check-ins, too; no person is notified of having met themselves.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::disclosure::DisclosedVisit;
use vungxanh_protocol::venue::poster::MAX_STAY_SECONDS;
use vungxanh_protocol::venue::warning::VenueMatch;

use super::records::{self, DISCLOSED};
use super::{Sync, SyncError};

/// Visits whose times are taken over from a file, at most.
const MAX_VISITS: usize = 1_000;
/// Longer than any retention.
const KEPT_SECONDS: u64 = 30 * DAY_SECONDS;

/// The times of the disclosed visits, to the second; not where they were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Disclosed(Vec<(UnixTime, UnixTime)>);

impl Disclosed {
    /// Whether a warning speaks of the person's own presence. Somebody else's visit of exactly the
    /// same seconds is taken for it, too: they came and left together. A warning to a pass says only when
    /// both were there, so it is taken for it if that lies within a disclosed visit.
    pub(super) fn is_own(&self, venue_match: &VenueMatch) -> bool {
        let VenueMatch { visit_from, visit_until, case_from, case_until, .. } = venue_match;
        let of_pass = (visit_from, visit_until) == (case_from, case_until);
        let within =
            |(from, until): &(UnixTime, UnixTime)| from <= case_from && case_until <= until;
        self.0.contains(&(*case_from, *case_until)) || (of_pass && self.0.iter().any(within))
    }

    /// Whether a device can have noted this by `now`.
    pub(super) fn is_possible(&self, now: UnixTime) -> bool {
        let tomorrow = now.day().plus(1);
        let possible = |(from, until): &(UnixTime, UnixTime)| {
            from < until && until.since(*from) <= MAX_STAY_SECONDS && until.day() <= tomorrow
        };
        self.0.len() <= MAX_VISITS && self.0.iter().all(possible)
    }

    fn add(&mut self, visits: &[DisclosedVisit], now: UnixTime) {
        self.0.retain(|(_, until)| until.plus(KEPT_SECONDS) > now);
        for visit in visits {
            let times = (visit.from(), visit.until());
            if !self.0.contains(&times) {
                self.0.push(times);
            }
        }
    }
}

impl Sync {
    /// To be called before visits are disclosed.
    pub async fn disclosing(&self, visits: Vec<DisclosedVisit>) -> Result<(), SyncError> {
        let now = self.now();
        self.blocking(move |shared| {
            let mut disclosed: Disclosed = records::read(shared.store.as_ref(), DISCLOSED)?;
            disclosed.add(&visits, now);
            records::write(shared.store.as_ref(), DISCLOSED, &disclosed)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
    use vungxanh_protocol::venue::disclosure::PosterFingerprint;

    use super::*;

    fn at(second: u64) -> UnixTime {
        UnixTime::from_secs(1_800_000_000 + second)
    }

    fn venue_match(from: u64, until: u64) -> VenueMatch {
        VenueMatch {
            venue: "Chợ".into(),
            companions: 0,
            visit_from: at(0),
            visit_until: at(600),
            case_from: at(from),
            case_until: at(until),
            report_type: ReportType::ConfirmedTest,
            infectiousness: Infectiousness::High,
            text: String::new(),
        }
    }

    #[test]
    fn only_the_disclosed_visit_to_the_second_is_ones_own_until_it_expires() {
        let poster = PosterFingerprint::of_payload(b"poster");
        let visit = |from, until| DisclosedVisit::new(poster, at(from), at(until)).unwrap();
        let mut disclosed = Disclosed::default();
        assert!(!disclosed.is_own(&venue_match(0, 600)));
        disclosed.add(&[visit(0, 600)], at(700));
        disclosed.add(&[visit(0, 600)], at(800));
        assert_eq!(disclosed.0.len(), 1);
        assert!(disclosed.is_own(&venue_match(0, 600)));
        assert!(!disclosed.is_own(&venue_match(1, 600)));
        assert!(!disclosed.is_own(&venue_match(0, 601)));
        disclosed.add(&[visit(5_000, 6_000)], at(600 + KEPT_SECONDS));
        assert!(!disclosed.is_own(&venue_match(0, 600)));
    }
}
