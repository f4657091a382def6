//! What devices have heard in 14 days, and the keys of a day's cases.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::encounter::{Encounter, ScanInstance};
use vungxanh_protocol::exposure_key::IdentifierKey;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{INTERVALS_PER_DAY, Interval, RollingPeriod, UtcDay};
use vungxanh_protocol::matching::Sighting;
use vungxanh_protocol::metadata::EncryptedMetadata;

/// The default of authorities without plain GAEN senders.
pub const TOLERANCE: u32 = 1;
const FIRST_DAY: UtcDay = UtcDay::new(20_000);
const DAYS: u32 = 14;
/// So many keys of each set were heard in every interval in which the device was near anyone.
const HEARD_KEYS: usize = 20;

pub struct Store {
    pub name: &'static str,
    identifiers: usize,
    /// Intervals of each day in which anyone is near.
    busy: Vec<u32>,
}

/// The three stores.
pub fn all() -> [Store; 3] {
    let always: Vec<u32> = (0..INTERVALS_PER_DAY).collect();
    // 26 of 144: on the way at 7:00 and 17:00 and for two hours each.
    let sometimes = (42..55).chain(102..115).collect();
    [
        Store {
            name: "50,000 identifiers, all intervals busy",
            identifiers: 50_000,
            busy: always.clone(),
        },
        Store {
            name: "200,000 identifiers, all intervals busy",
            identifiers: 200_000,
            busy: always,
        },
        Store { name: "5,000 identifiers, 18% of intervals", identifiers: 5_000, busy: sometimes },
    ]
}

impl Store {
    fn intervals(&self) -> Vec<Interval> {
        (0..DAYS)
            .flat_map(|day| {
                let midnight = FIRST_DAY.plus(day).first_interval();
                self.busy.iter().map(move |offset| midnight.plus(*offset))
            })
            .collect()
    }

    /// The same each time: strangers, and the first intervals of the first keys of both periods.
    fn heard(&self) -> Vec<Sighting> {
        let mut rng = StdRng::seed_from_u64(1);
        let intervals = self.intervals();
        let strangers = (0..self.identifiers).map(|n| Sighting {
            identifier: RollingProximityIdentifier(rng.random()),
            interval: intervals[n % intervals.len()],
        });
        let mut heard: Vec<_> = strangers.collect();
        for period in [144, 36] {
            for key in self.keys(HEARD_KEYS, period) {
                let identifiers = IdentifierKey::from_key(&key.key);
                let near = key.intervals().filter(|interval| intervals.contains(interval));
                heard.extend(near.take(3).map(|interval| Sighting {
                    identifier: identifiers.identifier(interval),
                    interval,
                }));
            }
        }
        heard
    }

    pub fn sightings(&self) -> std::vec::IntoIter<Sighting> {
        self.heard().into_iter()
    }

    pub fn encounters(&self) -> Vec<Encounter> {
        let of = |sighted: Sighting| Encounter {
            advertisement: Advertisement {
                identifier: sighted.identifier,
                metadata: EncryptedMetadata([0; 4]),
            },
            scans: vec![ScanInstance {
                time: sighted.interval.start(),
                typical_rssi: -60,
                strongest_rssi: -55,
                count: 3,
                seconds_since_last_scan: 240,
                clock_trusted: true,
            }],
        };
        self.sightings().map(of).collect()
    }

    /// Keys of random periods of the 14 days.
    pub fn keys(&self, count: usize, period: u32) -> Vec<DiagnosisKey> {
        let mut rng = StdRng::seed_from_u64(2 + u64::from(period));
        let periods = DAYS * INTERVALS_PER_DAY / period;
        (0..count)
            .map(|_| DiagnosisKey {
                key: rng.random(),
                rolling_start: FIRST_DAY
                    .first_interval()
                    .plus(rng.random_range(0..periods) * period),
                rolling_period: RollingPeriod::new(period.into()).unwrap(),
                report_type: ReportType::ConfirmedTest,
                days_since_onset: Some(0),
                transmission_risk: 0,
            })
            .collect()
    }

    /// How many of the key's intervals lie within the tolerance of a busy one.
    pub fn planned(&self, key: &DiagnosisKey) -> usize {
        let first = key.rolling_start.number() % INTERVALS_PER_DAY;
        let near = |offset: u32| {
            self.busy.binary_search(&offset).is_ok()
                || self.busy.binary_search(&(offset + 1)).is_ok()
                || offset.checked_sub(1).is_some_and(|o| self.busy.binary_search(&o).is_ok())
        };
        let past = first + key.rolling_period.intervals();
        (first..past).filter(|offset| near(*offset)).count()
    }
}
