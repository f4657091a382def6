//! A world in virtual time: people who move and meet, phones that run the real protocol.
//!
//! The simulator decides where people are, what each receiver hears (by the same channel model as
//! the simulated radio) and how each clock errs. Everything else is `vungxanh_protocol` itself:
//! keys, rotation, scan windows, encounters, redaction, signed export files, matching, exposure
//! windows and risk. All chance comes from one seed: the same setup gives the same world.

mod authority;
mod meetings;
mod phone;
mod report;
mod town;
mod truth;
mod whereabouts;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vungxanh_daemon::radio::air::channel::{Channel, Link, SHADOWING_SECONDS};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::authority::TracingParameters;
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::encounter::ScanWindow;
use vungxanh_protocol::export::ExportError;
use vungxanh_protocol::interval::{RollingPeriod, UnixTime, UtcDay};
use vungxanh_protocol::publish::release_time;
use vungxanh_protocol::risk::RiskParameters;

pub use meetings::{MeetingDetection, meeting_detection};
pub use phone::{DeviceClock, Phone, PhoneSetup, Verdict};
pub use report::{EXPOSED_FROM_SECONDS, NotifiedPerson, TownReport};
pub use town::{Town, TownSettings, run_town};
pub use truth::{Truth, WITHIN_M};
pub use whereabouts::{Script, Spot, Whereabouts};

/// Seconds for which people stand still.
pub const STEP_SECONDS: u64 = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanPolicy {
    /// Seconds of one scan window.
    pub window_seconds: u64,
    /// Mean seconds from the start of one window to the next.
    pub every_seconds: u64,
    /// Seconds, either way, by which that varies.
    pub jitter_seconds: u64,
}

impl ScanPolicy {
    /// Windows of 4 s, the given time apart, varying by a tenth.
    pub const fn four_seconds_every(every_seconds: u64) -> Self {
        Self { window_seconds: 4, every_seconds, jitter_seconds: every_seconds / 10 }
    }
}

/// What a world is made of.
pub struct Setup {
    /// All chance comes from here.
    pub seed: u64,
    pub start: UnixTime,
    /// One for each person.
    pub phones: Vec<PhoneSetup>,
    pub whereabouts: Box<dyn Whereabouts>,
    pub scan: ScanPolicy,
    pub channel: Channel,
    /// The authority's parameters for tracing.
    pub tracing: TracingParameters,
    /// The authority's parameters for scoring.
    pub risk: RiskParameters,
}

/// Our default parameters for tracing: six-hour keys, tolerance 1, no plain GAEN.
pub const fn default_tracing() -> TracingParameters {
    TracingParameters {
        plain_gaen: false,
        rolling_period: RollingPeriod::SIX_HOURS,
        retention_days: 14,
        clock_tolerance: 1,
        look_alike_mean_hours: 96,
        sync_mean_minutes: 240,
    }
}

/// Something that a phone began to broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broadcast {
    pub time: UnixTime,
    /// Whose it is: known to the simulator, not to a sniffer.
    pub person: usize,
    /// What is on the air.
    pub advertisement: Advertisement,
}

/// A transmitter that is no person's phone: an attacker who replays, relays or alters.
#[derive(Debug, Clone, Copy)]
pub struct Beacon {
    pub spot: Spot,
    /// Radiated power in dBm.
    pub tx_power: i8,
    pub from: UnixTime,
    pub until: UnixTime,
    pub advertisement: Advertisement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Move,
    Rotate(usize),
    Scan(usize),
}

pub struct World {
    now: UnixTime,
    setup: Setup,
    phones: Vec<Phone>,
    spots: Vec<Spot>,
    events: BinaryHeap<Reverse<(UnixTime, Event)>>,
    beacons: Vec<Beacon>,
    broadcasts: Vec<Broadcast>,
    published: Vec<DiagnosisKey>,
    truth: Truth,
    rng: StdRng,
    shadowing: HashMap<(usize, usize), (u64, f64)>,
}

impl World {
    /// A world at its beginning.
    pub fn new(setup: Setup) -> Self {
        let mut rng = StdRng::seed_from_u64(setup.seed);
        let people = setup.phones.len();
        let phones: Vec<Phone> = setup
            .phones
            .iter()
            .map(|phone| Phone::new(*phone, setup.start, StdRng::from_rng(&mut rng)))
            .collect();
        let mut events = BinaryHeap::from([Reverse((setup.start, Event::Move))]);
        for person in 0..people {
            events.push(Reverse((setup.start, Event::Rotate(person))));
            let first_scan = rng.random_range(0..setup.scan.every_seconds);
            events.push(Reverse((setup.start.plus(first_scan), Event::Scan(person))));
        }
        Self {
            now: setup.start,
            spots: Vec::with_capacity(people),
            truth: Truth::new(people),
            beacons: Vec::new(),
            broadcasts: Vec::new(),
            published: Vec::new(),
            shadowing: HashMap::new(),
            phones,
            events,
            rng,
            setup,
        }
    }

    /// Lets time pass until `until`.
    pub fn run_until(&mut self, until: UnixTime) {
        while let Some(Reverse((time, event))) = self.events.peek().copied() {
            if time >= until {
                break;
            }
            self.events.pop();
            self.now = time;
            let seconds = match event {
                Event::Move => self.move_people(),
                Event::Rotate(person) => self.rotate(person),
                Event::Scan(person) => self.scan(person),
            };
            self.events.push(Reverse((time.plus(seconds), event)));
        }
        self.now = self.now.max(until);
    }

    pub const fn now(&self) -> UnixTime {
        self.now
    }

    pub fn phone(&self, person: usize) -> &Phone {
        &self.phones[person]
    }

    /// How many people there are.
    pub const fn people(&self) -> usize {
        self.phones.len()
    }

    /// Who was how near to whom, for how long.
    pub const fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Everything that phones have broadcast: what sniffers everywhere would know together,
    /// but for `person`.
    pub fn broadcasts(&self) -> &[Broadcast] {
        &self.broadcasts
    }

    /// All published keys, released or not.
    pub fn published(&self) -> &[DiagnosisKey] {
        &self.published
    }

    /// Sets up a transmitter that is no person's phone.
    pub fn add_beacon(&mut self, beacon: Beacon) {
        self.beacons.push(beacon);
    }

    /// `person`, ill since `onset`, publishes all keys but those of the periods left out.
    pub fn publish(
        &mut self,
        person: usize,
        onset: UtcDay,
        leave_out: &[Range<UnixTime>],
    ) -> Vec<DiagnosisKey> {
        let keys = self.phones[person].publish(self.now, onset, leave_out);
        self.published.extend(&keys);
        // The phone goes on with a fresh key at once.
        self.rotate(person);
        keys
    }

    /// The keys that the authority has released by now.
    pub fn released(&self) -> impl Iterator<Item = &DiagnosisKey> {
        let tolerance = self.setup.tracing.clock_tolerance;
        self.published.iter().filter(move |key| release_time(key, tolerance) <= self.now)
    }

    /// The signed export file of all keys that are released by now.
    pub fn export_file(&self) -> Result<Vec<u8>, ExportError> {
        let released: Vec<_> = self.released().copied().collect();
        authority::export(&released, self.setup.start, self.now)
    }

    /// What a person's phone finds in [`World::export_file`].
    pub fn assess(&self, person: usize) -> Result<Verdict, ExportError> {
        let keys = authority::read(&self.export_file()?)?;
        Ok(self.phones[person].assess(&keys, &self.setup.tracing, &self.setup.risk))
    }

    /// The parameters by which exposures are scored.
    pub const fn risk(&self) -> &RiskParameters {
        &self.setup.risk
    }

    fn move_people(&mut self) -> u64 {
        let whereabouts = &self.setup.whereabouts;
        self.spots.clear();
        self.spots.extend((0..self.phones.len()).map(|person| whereabouts.spot(person, self.now)));
        self.truth.observe(self.now, &self.spots);
        STEP_SECONDS
    }

    fn rotate(&mut self, person: usize) -> u64 {
        let (changed, seconds) = self.phones[person].rotate(self.now, &self.setup.tracing);
        self.broadcasts.extend(changed.map(|advertisement| Broadcast {
            time: self.now,
            person,
            advertisement,
        }));
        seconds
    }

    fn scan(&mut self, person: usize) -> u64 {
        let mut window = self.phones[person].open_window(self.now);
        let listener = self.phones[person].setup();
        let furthest_m = self.setup.channel.furthest_m(Phone::STRONGEST_TX_POWER);
        let here = self.spots[person];
        for other in (0..self.phones.len()).filter(|other| *other != person) {
            let distance_m = here.distance_m(self.spots[other]);
            let Some(advertisement) = self.phones[other].advertisement() else { continue };
            if distance_m > furthest_m {
                continue;
            }
            let link = Link {
                distance_m,
                walls: here.walls_to(self.spots[other]),
                tx_power: self.phones[other].setup().tx_power,
                shadowing_db: self.shadowing_db(person, other),
            };
            self.receive(&mut window, advertisement, &link, &listener);
        }
        for beacon in self.beacons.clone() {
            if (beacon.from..beacon.until).contains(&self.now) {
                let link = Link {
                    distance_m: here.distance_m(beacon.spot),
                    walls: here.walls_to(beacon.spot),
                    tx_power: beacon.tx_power,
                    shadowing_db: 0.0,
                };
                self.receive(&mut window, beacon.advertisement, &link, &listener);
            }
        }
        self.phones[person].close_window(window);
        let ScanPolicy { every_seconds, jitter_seconds, .. } = self.setup.scan;
        every_seconds - jitter_seconds + self.rng.random_range(0..=2 * jitter_seconds)
    }

    fn receive(
        &mut self,
        window: &mut ScanWindow,
        advertisement: Advertisement,
        link: &Link,
        listener: &PhoneSetup,
    ) {
        let listens = Duration::from_secs(self.setup.scan.window_seconds);
        for rssi in self.setup.channel.receptions(link, listens, &mut self.rng) {
            window.hear(advertisement, rssi.saturating_sub(listener.rssi_correction));
        }
    }

    /// A pair's shadowing, the same both ways, drawn again every few minutes.
    fn shadowing_db(&mut self, a: usize, b: usize) -> f64 {
        let block = self.now.as_secs() / SHADOWING_SECONDS;
        let drawn = self.shadowing.entry((a.min(b), a.max(b))).or_insert((0, 0.0));
        if drawn.0 != block {
            *drawn = (block, self.setup.channel.draw_shadowing_db(&mut self.rng));
        }
        drawn.1
    }
}
