//! A small town: homes, workplaces, shops, and people who go to work, eat, buy and sleep.

use vungxanh_daemon::radio::air::channel::Channel;
use vungxanh_protocol::export::ExportError;
use vungxanh_protocol::interval::{DAY_SECONDS, INTERVAL_SECONDS, UnixTime, UtcDay};
use vungxanh_protocol::risk::RiskParameters;

use super::report::TownReport;
use super::{
    DeviceClock, PhoneSetup, ScanPolicy, Setup, Spot, Whereabouts, World, default_tracing,
};

const HOUR: u64 = 3_600;
/// Metres from one home to the next in a street.
const HOME_SPACING_M: f64 = 60.0;
/// Homes in a street.
const STREET: usize = 4;
/// Metres between streets; workplaces and shops stand between them.
const STREET_SPACING_M: f64 = 300.0;
/// Metres between desks, and between beds.
const DESK_SPACING_M: f64 = 1.8;
const BED_SPACING_M: f64 = 0.9;
const PER_HOME: usize = 3;
const PER_WORKPLACE: usize = 6;

/// What a simulated town is like.
#[derive(Debug, Clone)]
pub struct TownSettings {
    /// All chance comes from here.
    pub seed: u64,
    pub people: usize,
    pub days: u32,
    /// Who tests positive on the last afternoon.
    pub cases: Vec<usize>,
    pub scan: ScanPolicy,
    pub channel: Channel,
    /// The authority's parameters for scoring.
    pub risk: RiskParameters,
    /// Clocks err by up to so many seconds either way.
    pub clock_error_seconds: i64,
}

impl Default for TownSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            people: 36,
            days: 2,
            cases: vec![0, 13],
            scan: ScanPolicy::four_seconds_every(240),
            channel: Channel::default(),
            risk: RiskParameters::narrow(),
            clock_error_seconds: 20,
        }
    }
}

/// Where the people of a town are: a pure function of seed, person and time.
#[derive(Debug, Clone, Copy)]
pub struct Town {
    seed: u64,
    people: usize,
}

#[derive(Debug, Clone, Copy)]
enum Activity {
    Sleeping,
    AtHome,
    Working,
    Eating,
    Shopping,
}

impl Town {
    /// A town of so many people.
    pub const fn new(seed: u64, people: usize) -> Self {
        Self { seed, people }
    }

    /// A number in 0..1 that belongs to `what` (splitmix64, whose output is even enough here).
    fn chance(&self, what: [u64; 3]) -> f64 {
        let mut state = self.seed;
        for part in what {
            state = state.wrapping_add(part).wrapping_add(0x9E37_79B9_7F4A_7C15);
            state = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            state = (state ^ state >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            state ^= state >> 31;
        }
        (state >> 11) as f64 / (1u64 << 53) as f64
    }

    fn homes(&self) -> usize {
        self.people.div_ceil(PER_HOME)
    }

    fn home_corner(&self, home: usize) -> (f64, f64) {
        let (street, number) = (home / STREET, home % STREET);
        (number as f64 * HOME_SPACING_M, street as f64 * STREET_SPACING_M)
    }

    /// The workplace's number: people of one home work at different places.
    fn workplace(&self, person: usize) -> usize {
        let workplaces = self.people.div_ceil(PER_WORKPLACE).max(1);
        (person % PER_HOME + person / (PER_HOME * 2)) % workplaces
    }

    fn activity(&self, person: usize, time: UnixTime) -> Activity {
        let day = u64::from(time.day().number());
        let second = time.since(time.day().start());
        let vary = |what: u64, spread: u64| {
            (self.chance([person as u64, day, what]) * spread as f64) as u64
        };
        let leaves = 7 * HOUR + vary(1, HOUR);
        let eats = 12 * HOUR + vary(2, HOUR / 4);
        let returns = 17 * HOUR + vary(3, HOUR);
        let shops = if vary(4, 10) < 5 { 19 * HOUR + vary(5, HOUR) } else { DAY_SECONDS };
        match second {
            s if !(6 * HOUR..22 * HOUR).contains(&s) => Activity::Sleeping,
            s if (shops..shops + HOUR / 2).contains(&s) => Activity::Shopping,
            s if (eats..eats + 3 * HOUR / 4).contains(&s) => Activity::Eating,
            s if (leaves..returns).contains(&s) => Activity::Working,
            _ => Activity::AtHome,
        }
    }

    /// Somewhere in a room, somewhere else in the next interval.
    fn wander(
        &self,
        person: usize,
        time: UnixTime,
        corner: (f64, f64),
        size: (f64, f64),
    ) -> (f64, f64) {
        let interval = time.as_secs() / INTERVAL_SECONDS;
        let along = |what: u64| self.chance([person as u64, interval, what]);
        (corner.0 + along(10) * size.0, corner.1 + along(11) * size.1)
    }
}

impl Whereabouts for Town {
    fn spot(&self, person: usize, time: UnixTime) -> Spot {
        let homes = self.homes();
        let home = person / PER_HOME;
        let work = self.workplace(person);
        let corner = self.home_corner(home);
        let work_corner = (500.0 + 80.0 * (work % 2) as f64, work as f64 * STREET_SPACING_M / 2.0);
        let (point, building) = match self.activity(person, time) {
            Activity::Sleeping => {
                let bed = (person % PER_HOME) as f64;
                ((corner.0 + 1.0 + bed * BED_SPACING_M, corner.1 + 1.0), home)
            }
            Activity::AtHome => (self.wander(person, time, corner, (9.0, 7.0)), home),
            Activity::Working => {
                let desk = self.chance([person as u64, 0, 20]) * 8.0;
                let row = (person % 3) as f64;
                let x = work_corner.0 + desk.floor() * DESK_SPACING_M;
                ((x, work_corner.1 + row * DESK_SPACING_M), homes + work)
            }
            Activity::Eating => {
                // In pairs at small tables of the workplace's canteen.
                let table = (self.chance([person as u64, u64::from(time.day().number()), 21])
                    * 4.0)
                    .floor();
                let seat = (person % 4) as f64;
                let x = work_corner.0 + table * 3.0 + seat * 0.7;
                ((x, work_corner.1 + 30.0), homes + 100 + work)
            }
            Activity::Shopping => {
                let shop = home / (2 * STREET);
                let shop_corner = (300.0, shop as f64 * 2.0 * STREET_SPACING_M);
                (self.wander(person, time, shop_corner, (15.0, 10.0)), homes + 200 + shop)
            }
        };
        Spot::indoors(point.0, point.1, building as u32)
    }
}

/// Lives through a town's days; the cases publish eight hours before the end, when symptoms began
/// the day before. Returns the world at its end and the report.
pub fn run_town(settings: &TownSettings) -> Result<(World, TownReport), ExportError> {
    let start = UtcDay::new(20_000).start();
    let town = Town::new(settings.seed, settings.people);
    let error = settings.clock_error_seconds;
    let phones = (0..settings.people)
        .map(|person| {
            let within = |what| 2.0 * town.chance([person as u64, what, 30]) - 1.0;
            let offset_seconds = (within(1) * error as f64) as i64;
            let clock = DeviceClock { offset_seconds, drift_ppm: (within(2) * 50.0) as i64 };
            let model = person % 3;
            PhoneSetup {
                clock,
                tx_power: [0, -4, 4][model],
                rssi_correction: [0, 3, -2][model],
                ..PhoneSetup::default()
            }
        })
        .collect();
    let mut world = World::new(Setup {
        seed: settings.seed,
        start,
        phones,
        whereabouts: Box::new(town),
        scan: settings.scan,
        channel: settings.channel,
        tracing: default_tracing(),
        risk: settings.risk.clone(),
    });
    let end = start.plus(u64::from(settings.days) * DAY_SECONDS);
    world.run_until(end.minus(8 * HOUR));
    let onset = world.now().day().minus(1);
    let published: Vec<_> =
        settings.cases.iter().map(|case| (*case, world.publish(*case, onset, &[]))).collect();
    world.run_until(end);
    let report = TownReport::make(&world, &published)?;
    Ok((world, report))
}
