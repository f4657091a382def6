//! Exposures that were found: kept by day with the keys that caused them, scored by the
//! authority's present parameters whenever they are looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::exposure_window::{ExposureWindow, MatchedScan, exposure_windows};
use vungxanh_protocol::interval::{Interval, UtcDay};
use vungxanh_protocol::risk::{DailySummary, RiskLevel};
use vungxanh_protocol::venue::exposure::{VenueExposure, exposures};
use vungxanh_protocol::venue::warning::Finding;

use super::disclosed::Disclosed;
use super::records::{self, DISCLOSED, TOLD, Told, ToldDay};
use super::{Shared, Sync, SyncError, lock, unless_expired};
use crate::control_api::{ExposureDay, Notice, VenueTime};
use crate::store::CaseWindow;

/// A key that is repeated in several files is one key.
pub(super) type KeyId = ([u8; KEY_BYTES], Interval);

/// What a set of batches says.
pub(super) struct NewFindings<'a> {
    /// Scans that belong to cases.
    pub(super) matched: &'a [MatchedScan],
    /// What is now said of keys that caused exposures earlier.
    pub(super) said_of_known: &'a HashMap<KeyId, DiagnosisKey>,
    /// Keys that count no more, hex.
    pub(super) revoked: &'a BTreeSet<String>,
    /// This device's, in dB.
    pub(super) rssi_correction: i8,
}

impl Shared {
    pub(super) fn stored_exposures(&self) -> Result<Vec<CaseWindow>, SyncError> {
        Ok(self.store.exposures()?)
    }

    /// Merges what is new into what is stored. Doing so twice changes nothing.
    pub(super) fn add_findings(
        &self,
        stored: Vec<CaseWindow>,
        new: &NewFindings<'_>,
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

    fn summaries(&self) -> Result<Vec<OfDay>, SyncError> {
        let Some(enrolled) = lock(&self.enrolled).clone() else { return Ok(Vec::new()) };
        let mut windows_of: BTreeMap<UtcDay, usize> = BTreeMap::new();
        let windows: Vec<ExposureWindow> =
            self.stored_exposures()?.into_iter().map(|of_case| of_case.window).collect();
        for window in &windows {
            *windows_of.entry(window.day).or_default() += 1;
        }
        let document = enrolled.authority.document();
        let disclosed: Disclosed = records::read(self.store.as_ref(), DISCLOSED)?;
        let mut findings = self.store.findings()?;
        findings.retain(|finding| !disclosed.is_own(finding));
        let at_venues = exposures(&findings, &document.venues);
        let summaries =
            document.risk.joint_daily_summaries(&windows, &at_venues, document.venues.time_weight);
        let of_day = summaries.into_iter().map(|summary| {
            let venues = at_venues.iter().filter(|exposure| exposure.day() == summary.day);
            OfDay {
                windows: windows_of.get(&summary.day).copied().unwrap_or(0),
                venues: venues.map(|exposure| venue_time(exposure, &findings)).collect(),
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
            let told: Told = records::read(shared.store.as_ref(), TOLD)?;
            let days = shared.summaries()?.into_iter().map(|OfDay { summary, windows, venues }| {
                let notified_at = told.get(&summary.day).map_or(now, |told| told.at);
                ExposureDay { summary, windows, venues, notified_at }
            });
            Ok(days.collect())
        })
        .await
    }

    /// What the person should be told and has not been: days that reach a level above what they
    /// were told of.
    pub(super) async fn notices(&self) -> Result<Vec<Notice>, SyncError> {
        self.blocking(|shared| {
            let told: Told = records::read(shared.store.as_ref(), TOLD)?;
            let so_far = |day: UtcDay| told.get(&day).map_or(RiskLevel::None, |told| told.level);
            let summaries = shared.summaries()?.into_iter().map(|of_day| of_day.summary);
            Ok(summaries
                .filter(|summary| summary.level > so_far(summary.day))
                .map(|summary| Notice { day: summary.day, level: summary.level })
                .collect())
        })
        .await
    }

    /// To be called once the person has been told. Until then [`Sync::run_due`] returns the same
    /// notices again, so that none is lost with a kill.
    pub async fn told(&self, notices: &[Notice]) -> Result<(), SyncError> {
        if notices.is_empty() {
            return Ok(());
        }
        let (now, notices) = (self.now(), notices.to_vec());
        self.blocking(move |shared| {
            let _no_other_change = lock(&shared.telling);
            let mut told: Told = records::read(shared.store.as_ref(), TOLD)?;
            for Notice { day, level } in notices {
                let first = ToldDay { level: RiskLevel::None, at: now, unseen: false };
                let entry = told.entry(day).or_insert(first);
                entry.unseen |= level > entry.level;
                entry.level = entry.level.max(level);
            }
            // Longer than any retention.
            told.retain(|day, _| *day >= now.day().minus(30));
            records::write(shared.store.as_ref(), TOLD, &told)
        })
        .await
    }

    /// Exposures that the person was told of and has not looked at: [`Sync::seen`] was not called.
    /// Those that are no more are left out.
    pub async fn unseen(&self) -> Result<Vec<Notice>, SyncError> {
        self.blocking(|shared| {
            let told: Told = records::read(shared.store.as_ref(), TOLD)?;
            if told.values().all(|day| !day.unseen) {
                return Ok(Vec::new());
            }
            let exposed = shared.summaries()?.into_iter().map(|of_day| of_day.summary);
            let exposed = exposed.filter(|summary| summary.level > RiskLevel::None);
            let of_day = |day: UtcDay| told.get(&day).filter(|told| told.unseen);
            Ok(exposed
                .filter_map(|summary| {
                    let level = of_day(summary.day)?.level;
                    Some(Notice { day: summary.day, level })
                })
                .collect())
        })
        .await
    }

    /// The person has looked at these days, as they were then. Answers what they were told of and
    /// have looked at now for the first time.
    pub async fn seen(&self, looked_at: &[Notice]) -> Result<Vec<Notice>, SyncError> {
        if looked_at.is_empty() {
            return Ok(Vec::new());
        }
        let looked_at: BTreeMap<UtcDay, RiskLevel> =
            looked_at.iter().map(|notice| (notice.day, notice.level)).collect();
        self.blocking(move |shared| {
            let _no_other_change = lock(&shared.telling);
            let mut told: Told = records::read(shared.store.as_ref(), TOLD)?;
            let levels: BTreeMap<UtcDay, RiskLevel> = shared
                .summaries()?
                .iter()
                .map(|of_day| (of_day.summary.day, of_day.summary.level))
                .collect();
            let mut noted = Vec::new();
            for (&day, entry) in told.iter_mut().filter(|(_, entry)| entry.unseen) {
                // What was told as high may be low by newer parameters: the person saw what is.
                let level = levels.get(&day).map_or(entry.level, |level| entry.level.min(*level));
                if looked_at.get(&day).is_some_and(|seen| *seen >= level) {
                    entry.unseen = false;
                    noted.push(Notice { day, level: entry.level });
                }
            }
            if !noted.is_empty() {
                records::write(shared.store.as_ref(), TOLD, &told)?;
            }
            Ok(noted)
        })
        .await
    }
}

/// What is known of a day.
struct OfDay {
    summary: DailySummary,
    windows: usize,
    venues: Vec<VenueTime>,
}

fn venue_time(exposure: &VenueExposure, findings: &[Finding]) -> VenueTime {
    let of_visit = |finding: &&Finding| {
        finding.venue == exposure.venue
            && finding.visit_from < exposure.until
            && exposure.from < finding.visit_until
    };
    let companions = findings.iter().filter(of_visit).map(|finding| finding.companions).max();
    VenueTime {
        venue: exposure.venue.clone(),
        from: exposure.from,
        until: exposure.until,
        companions: companions.unwrap_or(0),
        texts: exposure.texts.clone(),
    }
}

fn merge(stored: Vec<CaseWindow>, new: &NewFindings<'_>) -> Vec<CaseWindow> {
    let mut scans_of: BTreeMap<KeyId, Vec<MatchedScan>> = BTreeMap::new();
    for scan in new.matched {
        scans_of.entry((scan.key.key, scan.key.rolling_start)).or_default().push(*scan);
    }
    let mut merged: Vec<CaseWindow> = stored
        .into_iter()
        .filter(|of_case| {
            !scans_of.contains_key(&(of_case.key, of_case.rolling_start))
                && !new.revoked.contains(&hex::encode(of_case.key))
        })
        .map(|mut of_case| {
            if let Some(key) = new.said_of_known.get(&(of_case.key, of_case.rolling_start)) {
                of_case.window.report_type = key.report_type;
                of_case.window.days_since_onset = key.days_since_onset;
            }
            of_case
        })
        .collect();
    for ((key, rolling_start), scans) in scans_of {
        // Revoked in a later file of the same fetch.
        if new.revoked.contains(&hex::encode(key)) {
            continue;
        }
        let windows = exposure_windows(&scans, new.rssi_correction);
        merged.extend(windows.into_iter().map(|window| CaseWindow { key, rolling_start, window }));
    }
    merged
}

fn by_day(windows: Vec<CaseWindow>) -> BTreeMap<UtcDay, Vec<CaseWindow>> {
    let mut days: BTreeMap<UtcDay, Vec<CaseWindow>> = BTreeMap::new();
    for of_case in windows {
        days.entry(of_case.window.day).or_default().push(of_case);
    }
    for windows in days.values_mut() {
        windows.sort_by_key(|of_case| (of_case.window.start, of_case.key));
    }
    days
}
