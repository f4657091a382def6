//! The space that an air hub simulates: who is where, what stands between, who transmits what.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vungxanh_protocol::interval::UnixTime;

use super::channel::{Channel, Link, SHADOWING_SECONDS};

/// A place in the plane, in metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// What one sender sent and a scanner received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AirSighting {
    /// Hex.
    pub payload: String,
    /// Hex.
    pub address: String,
    /// One for each repetition that was received, in dBm.
    pub rssi: Vec<i8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wall {
    pub from: Point,
    pub to: Point,
}

/// A device's place and state, as the hub reports it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub place: Point,
    /// Whether its adapter is on.
    pub adapter_on: bool,
    /// Whether a client is connected under this name.
    pub connected: bool,
    /// Whether it is broadcasting.
    pub advertising: bool,
}

/// What a connected device has done last: who scales time waits for those who are behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub name: String,
    /// Since when it broadcasts what it broadcasts now.
    pub broadcasting_since: Option<UnixTime>,
    /// When it began to listen last.
    pub scanned_at: Option<UnixTime>,
}

/// Something on the air.
#[derive(Debug, Clone)]
pub(super) struct Transmission {
    pub payload: String,
    pub address: String,
    pub tx_power: i8,
    /// From when on this payload is broadcast; renewing it changes nothing.
    pub since: UnixTime,
    pub until: UnixTime,
}

#[derive(Debug)]
struct Device {
    place: Point,
    adapter_on: bool,
    /// The connection that speaks for it.
    connection: Option<u64>,
    transmission: Option<Transmission>,
    scanned_at: Option<UnixTime>,
    scans: u64,
}

/// The space's whole state.
#[derive(Debug)]
pub(super) struct Space {
    seed: u64,
    channel: Channel,
    devices: BTreeMap<String, Device>,
    walls: Vec<Wall>,
}

impl Point {
    /// Metres between two places.
    pub fn distance_m(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// How many of `walls` the straight line between two places crosses.
pub fn walls_between(walls: &[Wall], a: Point, b: Point) -> u32 {
    walls.iter().filter(|wall| crosses(a, b, wall.from, wall.to)).count() as u32
}

fn crosses(a: Point, b: Point, c: Point, d: Point) -> bool {
    let side = |p: Point, q: Point, r: Point| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    (side(a, b, c) > 0.0) != (side(a, b, d) > 0.0) && (side(c, d, a) > 0.0) != (side(c, d, b) > 0.0)
}

impl Space {
    pub fn new(seed: u64, channel: Channel) -> Self {
        Self { seed, channel, devices: BTreeMap::new(), walls: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.devices.len()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.devices.contains_key(name)
    }

    /// The device of this name; a new one stands at the origin with its adapter on.
    fn device(&mut self, name: &str) -> &mut Device {
        self.devices.entry(name.into()).or_insert(Device {
            place: Point { x: 0.0, y: 0.0 },
            adapter_on: true,
            connection: None,
            transmission: None,
            scanned_at: None,
            scans: 0,
        })
    }

    /// `connection` speaks for `name` from now on. Returns whether its adapter is on.
    pub fn connect(&mut self, name: &str, connection: u64) -> bool {
        let device = self.device(name);
        device.connection = Some(connection);
        device.transmission = None;
        device.scanned_at = None;
        device.adapter_on
    }

    /// `connection` is gone, and with it what it sent.
    pub fn disconnect(&mut self, name: &str, connection: u64) {
        if let Some(device) = self.devices.get_mut(name)
            && device.connection == Some(connection)
        {
            device.connection = None;
            device.transmission = None;
        }
    }

    /// Forgets the devices that have no connection.
    pub fn drop_unconnected(&mut self) {
        self.devices.retain(|_, device| device.connection.is_some());
    }

    /// Whether `connection` still speaks for `name`, and no newer one.
    pub fn speaks_for(&self, name: &str, connection: u64) -> bool {
        self.devices.get(name).is_some_and(|device| device.connection == Some(connection))
    }

    pub fn connection_of(&self, name: &str) -> Option<u64> {
        self.devices.get(name).and_then(|device| device.connection)
    }

    pub fn place(&mut self, name: &str, place: Point) {
        self.device(name).place = place;
    }

    pub fn set_walls(&mut self, walls: Vec<Wall>) {
        self.walls = walls;
    }

    pub fn switch_adapter(&mut self, name: &str, on: bool) {
        let device = self.device(name);
        device.adapter_on = on;
        device.transmission = device.transmission.take().filter(|_| on);
    }

    pub fn adapter_is_on(&self, name: &str) -> bool {
        self.devices.get(name).is_some_and(|device| device.adapter_on)
    }

    pub fn transmit(&mut self, name: &str, transmission: Option<Transmission>) {
        let device = self.device(name);
        let before = device.transmission.take();
        device.transmission = transmission.map(|new| match before {
            Some(before) if before.payload == new.payload => {
                Transmission { since: before.since, ..new }
            }
            _ => new,
        });
    }

    /// The device `name` begins to listen.
    pub fn begins_scan(&mut self, name: &str, now: UnixTime) {
        self.device(name).scanned_at = Some(now);
    }

    /// What each connected device with its adapter on has done last.
    pub fn activity(&self, now: UnixTime) -> Vec<Activity> {
        let on =
            |(_, device): &(&String, &Device)| device.connection.is_some() && device.adapter_on;
        let activity = |(name, device): (&String, &Device)| Activity {
            name: name.clone(),
            broadcasting_since: (device.transmission.as_ref())
                .filter(|sent| now < sent.until)
                .map(|sent| sent.since),
            scanned_at: device.scanned_at,
        };
        self.devices.iter().filter(on).map(activity).collect()
    }

    pub fn people(&self, now: UnixTime) -> Vec<Person> {
        let person = |(name, device): (&String, &Device)| Person {
            name: name.clone(),
            place: device.place,
            adapter_on: device.adapter_on,
            connected: device.connection.is_some(),
            advertising: device.transmission.as_ref().is_some_and(|sent| now < sent.until),
        };
        self.devices.iter().map(person).collect()
    }

    /// What `name` has received in a scan window that ends `now`. The same seed, names, places
    /// and number of scans before give the same noise, whatever other devices do meanwhile.
    pub fn receptions(&mut self, name: &str, window: Duration, now: UnixTime) -> Vec<AirSighting> {
        let device = self.device(name);
        let here = device.place;
        device.scans += 1;
        let scan = device.scans;
        let mut heard = Vec::new();
        for (sender, other) in self.devices.iter().filter(|(sender, _)| *sender != name) {
            let Some(sent) = other.transmission.as_ref().filter(|sent| now < sent.until) else {
                continue;
            };
            let link = Link {
                distance_m: here.distance_m(other.place),
                walls: walls_between(&self.walls, here, other.place),
                tx_power: sent.tx_power,
                shadowing_db: self.shadowing_db(name, sender, now),
            };
            let mut rng = self.rng(&["scan", sender, name, &scan.to_string()]);
            let rssi = self.channel.receptions(&link, window, &mut rng);
            if !rssi.is_empty() {
                heard.push(AirSighting {
                    payload: sent.payload.clone(),
                    address: sent.address.clone(),
                    rssi,
                });
            }
        }
        heard
    }

    /// A pair's shadowing: the same in both directions, for [`SHADOWING_SECONDS`].
    fn shadowing_db(&self, a: &str, b: &str, now: UnixTime) -> f64 {
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        let block = (now.as_secs() / SHADOWING_SECONDS).to_string();
        self.channel.draw_shadowing_db(&mut self.rng(&["shadowing", first, second, &block]))
    }

    /// A generator of its own for each purpose, so that the order of requests changes nothing.
    fn rng(&self, purpose: &[&str]) -> StdRng {
        let mut hash = Sha256::new_with_prefix(self.seed.to_le_bytes());
        for part in purpose {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        StdRng::from_seed(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn walls_count_only_where_they_are_crossed() {
        let wall = Wall { from: at(1.0, -1.0), to: at(1.0, 1.0) };
        let other = Wall { from: at(1.5, 2.0), to: at(1.5, 5.0) };
        assert_eq!(walls_between(&[wall, other], at(0.0, 0.0), at(2.0, 0.0)), 1);
        assert_eq!(walls_between(&[wall, other], at(0.0, 0.0), at(0.5, 0.0)), 0);
        assert_eq!(walls_between(&[wall, wall], at(0.0, 0.0), at(2.0, 0.0)), 2);
        assert_eq!(walls_between(&[wall, other], at(0.0, 3.0), at(2.0, 3.0)), 1);
    }

    #[test]
    fn shadowing_is_mutual_and_slow() {
        let space = Space::new(3, Channel::default());
        let time = |seconds| UnixTime::from_secs(1_700_000_100 + seconds);
        let first = space.shadowing_db("a", "b", time(0));
        assert_eq!(first, space.shadowing_db("b", "a", time(0)));
        let later: Vec<f64> =
            (0..4).map(|i| space.shadowing_db("a", "b", time(i * SHADOWING_SECONDS))).collect();
        assert!(later.iter().any(|db| *db != first));
        assert_ne!(first, space.shadowing_db("a", "c", time(0)));
    }

    #[test]
    fn activity_tells_who_is_behind() {
        let now = UnixTime::from_secs(1_700_000_000);
        let mut space = Space::new(1, Channel::default());
        let sent = |payload: &str, since: UnixTime| {
            let payload = payload.to_owned();
            let address = "000000000000".to_owned();
            Some(Transmission { payload, address, tx_power: 0, since, until: since.plus(600) })
        };
        space.connect("a", 1);
        space.place("not-connected", at(1.0, 1.0));
        space.transmit("a", sent("00", now));
        space.transmit("a", sent("00", now.plus(60)));
        space.begins_scan("a", now.plus(70));
        let activity = |space: &Space, at| space.activity(at).pop().unwrap();
        let found = activity(&space, now.plus(80));
        assert_eq!(found.name, "a");
        assert_eq!(found.broadcasting_since, Some(now), "renewed, not changed");
        assert_eq!(found.scanned_at, Some(now.plus(70)));
        space.transmit("a", sent("01", now.plus(90)));
        assert_eq!(activity(&space, now.plus(100)).broadcasting_since, Some(now.plus(90)));
        assert_eq!(activity(&space, now.plus(690)).broadcasting_since, None, "timed out");
        assert_eq!(space.activity(now).len(), 1);
        space.switch_adapter("a", false);
        assert_eq!(space.activity(now), []);
    }

    #[test]
    fn same_seed_same_receptions_whatever_others_do() {
        let run = |seed, crowd: bool| {
            let now = UnixTime::from_secs(1_700_000_000);
            let mut space = Space::new(seed, Channel::default());
            let transmission = Transmission {
                payload: "00".into(),
                address: "000000000000".into(),
                tx_power: 0,
                since: now,
                until: now.plus(600),
            };
            if crowd {
                space.place("c", at(3.0, 4.0));
                space.transmit(
                    "c",
                    Some(Transmission { payload: "01".into(), ..transmission.clone() }),
                );
                space.receptions("c", Duration::from_secs(4), now);
            }
            space.place("b", at(12.0, 0.0));
            space.transmit("a", Some(transmission));
            let mut heard: Vec<_> = (0..5)
                .flat_map(|scan| space.receptions("b", Duration::from_secs(4), now.plus(scan * 60)))
                .collect();
            heard.retain(|reception| reception.payload == "00");
            heard
        };
        let alone = run(1, false);
        assert!(alone.iter().map(|reception| reception.rssi.len()).sum::<usize>() > 10);
        assert_eq!(alone, run(1, true));
        assert_ne!(alone, run(2, false));
    }
}
