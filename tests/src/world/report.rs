//! What a world's people were notified of, compared with what really happened.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, Infectiousness};
use vungxanh_protocol::export::ExportError;
use vungxanh_protocol::interval::UtcDay;

use super::World;

/// Somebody counts as exposed from so many seconds within 2 m of a case on one UTC day.
pub const EXPOSED_FROM_SECONDS: u32 = 900;

/// Someone who was notified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotifiedPerson {
    pub person: usize,
    /// The highest daily score, in weighted seconds.
    pub highest_score: f64,
    /// Seconds in the exposure windows of all days.
    pub window_seconds: u32,
    /// The least distance to any case, ever, in metres.
    pub nearest_case_m: f64,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TownReport {
    pub people: usize,
    pub cases: Vec<usize>,
    pub published_keys: usize,
    /// Advertisements broadcast by all phones together.
    pub broadcasts: usize,
    /// Encounters stored by all phones together.
    pub encounters: usize,
    /// Who was really exposed: [`EXPOSED_FROM_SECONDS`] within 2 m of a case on an infectious day,
    /// in published periods.
    pub exposed: BTreeSet<usize>,
    /// Who spent more than 30 minutes of such a day within 1 m, by person: which cases.
    pub very_near: BTreeMap<usize, BTreeSet<usize>>,
    pub notified: Vec<NotifiedPerson>,
    /// Whose phone matched keys, by person: of which cases.
    pub matched: BTreeMap<usize, BTreeSet<usize>>,
    pub detected: BTreeSet<usize>,
    /// Exposed and not notified.
    pub missed: BTreeSet<usize>,
    /// Notified and not exposed in this sense: near for a shorter time, or somewhat farther away.
    pub false_alarms: BTreeSet<usize>,
}

impl TownReport {
    /// Holds what every phone finds now against the truth. `published` says whose keys are whose.
    pub fn make(
        world: &World,
        published: &[(usize, Vec<DiagnosisKey>)],
    ) -> Result<Self, ExportError> {
        let cases: Vec<usize> = published.iter().map(|(case, _)| *case).collect();
        let owner: BTreeMap<[u8; 16], usize> =
            published.iter().flat_map(|(case, keys)| keys.iter().map(|k| (k.key, *case))).collect();
        let mut report = Self {
            people: world.people(),
            published_keys: owner.len(),
            broadcasts: world.broadcasts().len(),
            encounters: 0,
            exposed: BTreeSet::new(),
            very_near: BTreeMap::new(),
            notified: Vec::new(),
            matched: BTreeMap::new(),
            detected: BTreeSet::new(),
            missed: BTreeSet::new(),
            false_alarms: BTreeSet::new(),
            cases,
        };
        for person in (0..world.people()).filter(|person| !owner.values().any(|c| c == person)) {
            report.add_truth(world, person, published);
            report.add_verdict(world, person, &owner)?;
        }
        let told: BTreeSet<usize> = report.notified.iter().map(|told| told.person).collect();
        report.detected = &report.exposed & &told;
        report.missed = &report.exposed - &told;
        report.false_alarms = &told - &report.exposed;
        Ok(report)
    }

    fn add_truth(
        &mut self,
        world: &World,
        person: usize,
        published: &[(usize, Vec<DiagnosisKey>)],
    ) {
        let mut within_2_m: BTreeMap<UtcDay, u32> = BTreeMap::new();
        for (case, keys) in published {
            let mut within_1_m: BTreeMap<UtcDay, u32> = BTreeMap::new();
            let infectious = keys.iter().filter(|key| {
                world.risk().infectiousness(key.days_since_onset) != Infectiousness::None
            });
            for interval in infectious.flat_map(DiagnosisKey::intervals) {
                let [one, two] = world.truth().seconds_near(person, *case, interval);
                *within_1_m.entry(interval.day()).or_default() += one;
                *within_2_m.entry(interval.day()).or_default() += two;
            }
            if within_1_m.values().any(|seconds| *seconds > 1_800) {
                self.very_near.entry(person).or_default().insert(*case);
            }
        }
        if within_2_m.values().any(|seconds| *seconds >= EXPOSED_FROM_SECONDS) {
            self.exposed.insert(person);
        }
    }

    fn add_verdict(
        &mut self,
        world: &World,
        person: usize,
        owner: &BTreeMap<[u8; 16], usize>,
    ) -> Result<(), ExportError> {
        self.encounters += world.phone(person).encounters().len();
        let verdict = world.assess(person)?;
        let cases: BTreeSet<usize> = verdict
            .assessment
            .matched
            .iter()
            .filter_map(|matched| owner.get(&matched.key.key).copied())
            .collect();
        if verdict.is_notified() {
            let nearest = |case: &usize| world.truth().nearest_m(person, *case);
            self.notified.push(NotifiedPerson {
                person,
                highest_score: verdict.days.iter().map(|d| d.total.score_sum).fold(0.0, f64::max),
                window_seconds: verdict.windows.iter().map(|window| window.seconds()).sum(),
                nearest_case_m: self.cases.iter().map(nearest).fold(f64::INFINITY, f64::min),
            });
        }
        if !cases.is_empty() {
            self.matched.insert(person, cases);
        }
        Ok(())
    }
}

impl fmt::Display for TownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} people, {} cases with {} keys; {} identifiers broadcast, {} encounters kept",
            self.people,
            self.cases.len(),
            self.published_keys,
            self.broadcasts,
            self.encounters
        )?;
        writeln!(
            f,
            "exposed (15 min within 2 m): {}; told: {}; detected {}, missed {}, others told {}",
            self.exposed.len(),
            self.notified.len(),
            self.detected.len(),
            self.missed.len(),
            self.false_alarms.len()
        )
    }
}
