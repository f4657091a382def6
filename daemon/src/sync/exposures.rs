//! Exposures that were found: stored by day with the keys that caused them, scored by the
//! authority's present parameters whenever they are looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vungxanh_protocol::diagnosis_key::{DiagnosisKey, KeyId};
use vungxanh_protocol::exposure_window::{ExposureWindow, MatchedScan, exposure_windows};
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::risk::DailySummary;
use vungxanh_protocol::venue::exposure::{VenueExposure, exposures};
use vungxanh_protocol::venue::warning::VenueMatch;

use super::disclosed::Disclosed;
use super::records::{self, DISCLOSED};
use super::{Inner, Sync, SyncError, unless_expired};
use crate::control_api::{ExposureDay, TimeSpan, VenueTime};
use crate::platform::threads::lock;
use crate::store::ExposureRecord;

/// What a set of batches says.
pub(super) struct KeyMatches<'a> {
    /// Scans that belong to cases.
    pub(super) matched: &'a [MatchedScan],
    /// What is now said of keys that caused exposures earlier.
    pub(super) said_of_known: &'a HashMap<KeyId, DiagnosisKey>,
    /// Keys that count no more, hex.
    pub(super) revoked: &'a BTreeSet<String>,
    /// This device's, in dB.
    pub(super) rssi_correction: i8,
}

impl Inner {
    pub(super) fn stored_exposures(&self) -> Result<Vec<ExposureRecord>, SyncError> {
        Ok(self.store.exposures()?)
    }

    /// Merges what is new into what is stored. Doing so twice changes nothing.
    pub(super) fn add_key_matches(
        &self,
        stored: Vec<ExposureRecord>,
        new: &KeyMatches<'_>,
    ) -> Result<(), SyncError> {
        let before = by_day(stored.clone());
        let after = by_day(merge(stored, new));
        let days: BTreeSet<UtcDay> = before.keys().chain(after.keys()).copied().collect();
        for day in days {
            let windows = after.get(&day).map_or(&[][..], Vec::as_slice);
            if before.get(&day).map_or(&[][..], Vec::as_slice) != windows {
                unless_expired(self.store.put_exposures(day, windows))?;
            }
        }
        Ok(())
    }

    pub(super) fn summaries(&self) -> Result<Vec<OfDay>, SyncError> {
        let Some(enrolled) = lock(&self.enrolled).clone() else { return Ok(Vec::new()) };
        let windows: Vec<ExposureWindow> =
            self.stored_exposures()?.into_iter().map(|of_key| of_key.window).collect();
        let document = enrolled.authority.document();
        let disclosed: Disclosed = records::read(self.store.as_ref(), DISCLOSED)?;
        let mut venue_matches = self.store.venue_matches()?;
        venue_matches.retain(|venue_match| !disclosed.is_own(venue_match));
        let at_venues = exposures(&venue_matches, &document.venues);
        let summaries =
            document.risk.joint_daily_summaries(&windows, &at_venues, document.venues.time_weight);
        let of_day = summaries.into_iter().map(|summary| {
            let windows = windows.iter().filter(|window| window.day == summary.day);
            let venues = at_venues.iter().filter(|exposure| exposure.day() == summary.day);
            let near = windows.clone().map(|window| {
                let until = window.start.plus(u64::from(window.seconds()));
                TimeSpan { from: window.start, until }
            });
            let there = venues
                .clone()
                .map(|exposure| TimeSpan { from: exposure.from, until: exposure.until });
            OfDay {
                windows: windows.count(),
                venues: venues.map(|exposure| venue_time(exposure, &venue_matches)).collect(),
                times: around(near.chain(there), summary.day),
                summary,
            }
        });
        Ok(of_day.collect())
    }
}

impl Sync {
    /// Days with an exposure, oldest first.
    pub async fn exposures(&self) -> Result<Vec<ExposureDay>, SyncError> {
        let now = self.now();
        self.blocking(move |shared| {
            let notified = shared.notified()?;
            let days = shared.summaries()?.into_iter().map(|of_day| {
                let OfDay { summary, windows, venues, times } = of_day;
                let notified_at = notified.first_notified_at(summary.day).unwrap_or(now);
                ExposureDay { summary, windows, venues, times, notified_at }
            });
            Ok(days.collect())
        })
        .await
    }
}

/// What is known of a day.
pub(super) struct OfDay {
    pub(super) summary: DailySummary,
    windows: usize,
    venues: Vec<VenueTime>,
    times: TimeSpan,
}

/// From the first to the end of the last, within the day that they are counted to.
fn around(spans: impl Iterator<Item = TimeSpan>, day: UtcDay) -> TimeSpan {
    let joined = spans.reduce(|one, other| TimeSpan {
        from: one.from.min(other.from),
        until: one.until.max(other.until),
    });
    let end = day.plus(1).start();
    joined.map_or(TimeSpan { from: day.start(), until: end }, |span| TimeSpan {
        until: span.until.min(end),
        ..span
    })
}

fn venue_time(exposure: &VenueExposure, venue_matches: &[VenueMatch]) -> VenueTime {
    let of_visit = |venue_match: &&VenueMatch| {
        venue_match.venue == exposure.venue
            && venue_match.visit_from < exposure.until
            && exposure.from < venue_match.visit_until
    };
    let companions =
        venue_matches.iter().filter(of_visit).map(|venue_match| venue_match.companions).max();
    VenueTime {
        venue: exposure.venue.clone(),
        from: exposure.from,
        until: exposure.until,
        companions: companions.unwrap_or(0),
        texts: exposure.texts.clone(),
    }
}

fn merge(stored: Vec<ExposureRecord>, new: &KeyMatches<'_>) -> Vec<ExposureRecord> {
    let mut scans_of: BTreeMap<KeyId, Vec<MatchedScan>> = BTreeMap::new();
    for scan in new.matched {
        scans_of.entry(scan.key.id()).or_default().push(*scan);
    }
    let mut merged: Vec<ExposureRecord> = stored
        .into_iter()
        .filter(|of_key| {
            !scans_of.contains_key(&of_key.key_id())
                && !new.revoked.contains(&hex::encode(of_key.key))
        })
        .map(|mut of_key| {
            if let Some(key) = new.said_of_known.get(&of_key.key_id()) {
                of_key.window.report_type = key.report_type;
                of_key.window.days_since_onset = key.days_since_onset;
            }
            of_key
        })
        .collect();
    for (KeyId { key, rolling_start }, scans) in scans_of {
        // Revoked in a later file of the same fetch.
        if new.revoked.contains(&hex::encode(key)) {
            continue;
        }
        let windows = exposure_windows(&scans, new.rssi_correction);
        merged.extend(windows.into_iter().map(|window| ExposureRecord {
            key,
            rolling_start,
            window,
        }));
    }
    merged
}

fn by_day(windows: Vec<ExposureRecord>) -> BTreeMap<UtcDay, Vec<ExposureRecord>> {
    let mut days: BTreeMap<UtcDay, Vec<ExposureRecord>> = BTreeMap::new();
    for of_key in windows {
        days.entry(of_key.window.day).or_default().push(of_key);
    }
    for windows in days.values_mut() {
        windows.sort_by_key(|of_key| (of_key.window.start, of_key.key));
    }
    days
}
