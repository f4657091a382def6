//! Who is heard now, for the person to see that tracing works. Held in memory only, and shown
//! under hashes that mean nothing outside this run: an identifier on a screen could be
//! photographed and compared later with published keys.

use std::collections::HashMap;

use rand::RngExt;
use sha2::{Digest, Sha256};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::{Nearness, RiskParameters};
use vungxanh_protocol::scan_schedule::ScanPolicy;

use super::Engine;
use crate::control_api::{Nearby as NearbyResponse, NearbyDevice};

/// The most devices that are held.
const MOST_DEVICES: usize = 4_096;

/// The devices heard lately.
#[derive(Debug)]
pub(super) struct Nearby {
    salt: [u8; 16],
    /// For how long a device that is no longer heard is still shown.
    shown_seconds: u64,
    devices: HashMap<RollingProximityIdentifier, Known>,
}

#[derive(Debug)]
struct Known {
    since: UnixTime,
    last: ScanInstance,
}

impl Nearby {
    /// A device is shown until it was missed in two windows near others.
    pub(super) fn new(policy: &ScanPolicy) -> Self {
        let shown_seconds = 2 * policy.near_seconds.1;
        Self { salt: rand::rng().random(), shown_seconds, devices: HashMap::new() }
    }

    /// Not when it was heard after `now`: the clock was set back, and nothing says how long ago
    /// that was.
    fn is_shown(&self, known: &Known, now: UnixTime) -> bool {
        let last = known.last.time;
        last <= now && now.since(last) <= self.shown_seconds
    }

    /// Takes in one window's scan instances.
    pub(super) fn scanned(&mut self, start: UnixTime, heard: &[(Advertisement, ScanInstance)]) {
        let mut devices = std::mem::take(&mut self.devices);
        devices.retain(|_, known| self.is_shown(known, start));
        self.devices = devices;
        for (advertisement, scan) in heard {
            let identifier = advertisement.identifier;
            if self.devices.len() >= MOST_DEVICES && !self.devices.contains_key(&identifier) {
                continue;
            }
            let known =
                self.devices.entry(identifier).or_insert(Known { since: start, last: *scan });
            known.last = *scan;
        }
    }

    /// The devices, nearest first.
    fn list(&self, now: UnixTime, tx_power: i8, correction: i8) -> Vec<NearbyDevice> {
        let mut devices: Vec<_> = self
            .devices
            .iter()
            .filter(|(_, known)| self.is_shown(known, now))
            .map(|(identifier, known)| {
                let rssi = known.last.typical_rssi;
                NearbyDevice {
                    hash: self.hash(identifier),
                    rssi,
                    strongest_rssi: known.last.strongest_rssi,
                    attenuation_db: i16::from(tx_power) - (i16::from(rssi) + i16::from(correction)),
                    receptions: known.last.count,
                    since: known.since,
                    last: known.last.time,
                }
            })
            .collect();
        devices.sort_by(|a, b| b.rssi.cmp(&a.rssi).then_with(|| a.hash.cmp(&b.hash)));
        devices
    }

    fn hash(&self, identifier: &RollingProximityIdentifier) -> String {
        let digest = Sha256::new().chain_update(self.salt).chain_update(identifier.0).finalize();
        hex::encode(&digest[..4])
    }
}

/// How many devices are how near, the nearest first.
fn by_nearness(devices: &[NearbyDevice], risk: &RiskParameters) -> [usize; 4] {
    let nearness = |device: &NearbyDevice| {
        let attenuation = device.attenuation_db.clamp(0, i16::from(u8::MAX));
        risk.nearness(u8::try_from(attenuation).unwrap_or(u8::MAX))
    };
    let all = [Nearness::Immediate, Nearness::Near, Nearness::Medium, Nearness::Other];
    all.map(|wanted| devices.iter().filter(|device| nearness(device) == wanted).count())
}

impl Engine {
    /// Who was heard in the last windows. The attenuation supposes that they send with our power:
    /// theirs is encrypted until a key is published.
    pub fn nearby(&self) -> NearbyResponse {
        let now = self.clock.now();
        let tx_power = self.radio.transmit_power().tx_power;
        let correction = self.radio.rssi_correction();
        let risk = self.sync.authority().map_or_else(RiskParameters::narrow, |enrolled| {
            enrolled.authority.document().risk.clone()
        });
        let runtime_state = self.runtime_state();
        let devices = runtime_state.nearby.list(now, tx_power, correction);
        NearbyResponse {
            now,
            tracing: self.is_tracing(&runtime_state),
            problems: self.problems.list_stopping(),
            last_scan: runtime_state.last_scan,
            by_nearness: by_nearness(&devices, &risk),
            devices,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn heard(byte: u8, time: UnixTime, rssi: i8) -> (Advertisement, ScanInstance) {
        let scan = ScanInstance {
            time,
            typical_rssi: rssi,
            strongest_rssi: rssi + 2,
            count: 3,
            seconds_since_last_scan: 60,
            clock_trusted: true,
        };
        (Advertisement::from_service_data(&[byte; 20]).unwrap(), scan)
    }

    #[test]
    fn the_nearest_comes_first_and_since_stays() {
        let mut nearby = Nearby::new(&ScanPolicy::default());
        nearby.scanned(NOW, &[heard(1, NOW, -70)]);
        let later = NOW.plus(60);
        nearby.scanned(later, &[heard(1, later, -72), heard(2, later, -50)]);
        let list = nearby.list(later, -20, 3);
        let seen: Vec<_> =
            list.iter().map(|d| (d.rssi, d.attenuation_db, d.since, d.last)).collect();
        assert_eq!(seen, [(-50, 27, later, later), (-72, 49, NOW, later)]);
    }

    #[test]
    fn who_has_left_is_no_longer_shown() {
        let sparse = ScanPolicy { near_seconds: (180, 300), ..ScanPolicy::default() };
        for (policy, shown) in [(ScanPolicy::default(), 240), (sparse, 600)] {
            let mut nearby = Nearby::new(&policy);
            nearby.scanned(NOW, &[heard(1, NOW, -70)]);
            assert_eq!(nearby.list(NOW.plus(shown), 0, 0).len(), 1);
            assert_eq!(nearby.list(NOW.plus(shown + 1), 0, 0), []);
            nearby.scanned(NOW.plus(shown + 1), &[]);
            assert!(nearby.devices.is_empty());
        }
    }

    #[test]
    fn who_has_left_does_not_stay_when_the_clock_is_set_back() {
        let mut nearby = Nearby::new(&ScanPolicy::default());
        nearby.scanned(NOW, &[heard(1, NOW, -70)]);
        let back = NOW.minus(7 * 3_600);
        assert_eq!(nearby.list(back, 0, 0), []);
        nearby.scanned(back, &[heard(2, back, -60)]);
        assert_eq!(nearby.list(back, 0, 0).len(), 1);
        assert_eq!(nearby.devices.len(), 1);
    }

    #[test]
    fn in_a_flood_those_known_before_go_on() {
        let mut nearby = Nearby::new(&ScanPolicy::default());
        let numbered = |number: usize, time| {
            let mut data = [0; 20];
            data[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let (_, scan) = heard(0, time, -70);
            (Advertisement::from_service_data(&data).unwrap(), scan)
        };
        let known: Vec<_> = (0..MOST_DEVICES).map(|number| numbered(number, NOW)).collect();
        nearby.scanned(NOW, &known);
        let later = NOW.plus(60);
        nearby.scanned(later, &[numbered(MOST_DEVICES, later), numbered(0, later)]);
        let list = nearby.list(later, 0, 0);
        assert_eq!(list.len(), MOST_DEVICES);
        assert_eq!(list.iter().filter(|device| device.last == later).count(), 1);
    }

    #[test]
    fn devices_are_counted_by_the_authoritys_thresholds() {
        let at = |attenuation_db| NearbyDevice {
            hash: "00112233".into(),
            rssi: -60,
            strongest_rssi: -58,
            attenuation_db,
            receptions: 3,
            since: NOW,
            last: NOW,
        };
        // 55, 67, 75 dB.
        let risk = RiskParameters::narrow();
        let devices = [-20, 55, 56, 68, 75, 76, 300].map(at);
        assert_eq!(by_nearness(&devices, &risk), [2, 1, 2, 2]);
    }

    #[test]
    fn the_hash_says_nothing_in_another_run() {
        let (one, other) =
            (Nearby::new(&ScanPolicy::default()), Nearby::new(&ScanPolicy::default()));
        let identifier = heard(1, NOW, 0).0.identifier;
        assert_eq!(one.hash(&identifier), one.hash(&identifier));
        assert_ne!(one.hash(&identifier), other.hash(&identifier));
    }
}
