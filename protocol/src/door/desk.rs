//! What a door remembers until the day's end: which codes were used here, by a key that dies with the
//! day, and how many people came in each hour.

use std::collections::BTreeMap;
use std::fmt;

use super::record::Shown;
use crate::interval::UnixTime;
use crate::mac::hmac_sha256;
use crate::secret::SecretBytes;
use crate::venue::slot::Hour;

/// What a scan means at this door today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// The first time: in.
    In,
    /// The second time: out; of whom was taken to stay until then.
    Out(UnixTime),
    /// Used here already.
    UsedHere,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Until(UnixTime, u8),
    Gone,
}

/// A door's day. It holds no code that was scanned, only what recognises one again.
#[derive(Clone)]
pub struct DoorDay {
    key: SecretBytes<32>,
    seen: BTreeMap<[u8; 16], Presence>,
    people: BTreeMap<Hour, u32>,
    scans: BTreeMap<Hour, u32>,
}

impl DoorDay {
    /// A new day, under a key of its own.
    pub fn new(rng: &mut impl rand::CryptoRng) -> Self {
        Self {
            key: SecretBytes::generate(rng),
            seen: BTreeMap::new(),
            people: BTreeMap::new(),
            scans: BTreeMap::new(),
        }
    }

    /// A code that was judged valid, scanned at `now` by somebody with `companions`, who is taken to
    /// stay until `until`.
    pub fn scan(&mut self, shown: &Shown, now: UnixTime, until: UnixTime, companions: u8) -> Scan {
        let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            hmac_sha256(self.key.expose(), &[&shown.identity()]);
        *self.scans.entry(Hour::at(now)).or_default() += 1;
        match self.seen.get(&tag).copied() {
            None => {
                self.seen.insert(tag, Presence::Until(until, companions));
                *self.people.entry(Hour::at(now)).or_default() += 1 + u32::from(companions);
                Scan::In
            }
            Some(Presence::Until(until, _)) => {
                self.seen.insert(tag, Presence::Gone);
                Scan::Out(until)
            }
            Some(Presence::Gone) => Scan::UsedHere,
        }
    }

    /// How many came in an hour, companions included, and how many scans there were.
    pub fn counts(&self, hour: Hour) -> (u32, u32) {
        let of = |counts: &BTreeMap<Hour, u32>| counts.get(&hour).copied().unwrap_or(0);
        (of(&self.people), of(&self.scans))
    }

    /// How many are inside at `now`: who forgot to check out counts until the usual stay is over.
    pub fn inside(&self, now: UnixTime) -> u32 {
        let present = self.seen.values().filter_map(|presence| match presence {
            Presence::Until(until, companions) if *until > now => Some(1 + u32::from(*companions)),
            _ => None,
        });
        present.sum()
    }
}

impl fmt::Debug for DoorDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorDay(..)")
    }
}
