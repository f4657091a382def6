//! Where people are.

use vungxanh_daemon::radio::air::Point;
use vungxanh_protocol::interval::UnixTime;

/// A place and the building that it is in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// The place in metres.
    pub point: Point,
    /// The building; `None` outdoors.
    pub building: Option<u32>,
}

impl Spot {
    pub const fn outdoors(x: f64, y: f64) -> Self {
        Self { point: Point { x, y }, building: None }
    }

    pub const fn indoors(x: f64, y: f64, building: u32) -> Self {
        Self { point: Point { x, y }, building: Some(building) }
    }

    /// Metres to another spot.
    pub fn distance_m(self, other: Self) -> f64 {
        self.point.distance_m(other.point)
    }

    /// Walls in between: the outer walls of either building.
    pub fn walls_to(self, other: Self) -> u32 {
        if self.building == other.building {
            return 0;
        }
        u32::from(self.building.is_some()) + u32::from(other.building.is_some())
    }
}

/// Says where everyone is at any time.
pub trait Whereabouts: Send + Sync {
    /// Where `person` is at `time`. The same whenever it is asked.
    fn spot(&self, person: usize, time: UnixTime) -> Spot;
}

impl<F: Fn(usize, UnixTime) -> Spot + Send + Sync> Whereabouts for F {
    fn spot(&self, person: usize, time: UnixTime) -> Spot {
        self(person, time)
    }
}

/// People who wait far from each other and come together at set times.
#[derive(Debug, Clone, Default)]
pub struct Script {
    meetings: Vec<Meeting>,
}

#[derive(Debug, Clone, Copy)]
struct Meeting {
    pair: [usize; 2],
    from: UnixTime,
    until: UnixTime,
    distance_m: f64,
}

impl Script {
    /// Metres between people who do not meet: far out of radio range.
    pub const APART_M: f64 = 10_000.0;

    pub const fn new() -> Self {
        Self { meetings: Vec::new() }
    }

    /// The second visits the first for `minutes` from `from`, at `distance_m`.
    pub fn meet(mut self, pair: [usize; 2], from: UnixTime, minutes: u64, distance_m: f64) -> Self {
        self.meetings.push(Meeting { pair, from, until: from.plus(minutes * 60), distance_m });
        self
    }

    /// Where a person waits.
    pub fn home(person: usize) -> Spot {
        Spot::outdoors(person as f64 * Self::APART_M, 0.0)
    }
}

impl Whereabouts for Script {
    fn spot(&self, person: usize, time: UnixTime) -> Spot {
        let meeting = self.meetings.iter().find(|meeting| {
            meeting.pair[1] == person && (meeting.from..meeting.until).contains(&time)
        });
        meeting.map_or(Self::home(person), |meeting| {
            let host = Self::home(meeting.pair[0]).point;
            Spot::outdoors(host.x, host.y + meeting.distance_m)
        })
    }
}
