//! Records: where each belongs, how it is sealed and how it is found again.
//!
//! A stored value names its own place before its sealed bytes, so that it can be recognised in a
//! damaged database file without the database's help:
//!
//! ```text
//! magic (8 bytes) || kind u8 || key length u8 || key || sealed length u32 LE || sealed
//! sealed = XChaCha20-Poly1305(day key or state key, label of the kind, kind || key,
//!                             generation u64 LE || payload)
//! ```
//!
//! The generation grows with each rewrite of a place: of several found, the highest is the last.
//! A record of a living key is never removed, only rewritten as empty; so what a damaged database
//! still holds is never older than what was deleted.

use rand::CryptoRng;
use vungxanh_protocol::encounter::MAX_SECONDS_SINCE_LAST_SCAN;
use vungxanh_protocol::exposure_key::{KEY_BYTES, TemporaryExposureKey};
use vungxanh_protocol::exposure_window::{ExposureWindow, MAX_WINDOW_SECONDS};
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime, UtcDay};
use vungxanh_protocol::own_keys::OwnKey;
use vungxanh_protocol::seal::{self, SealKey};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::text::is_plain;
use vungxanh_protocol::venue::poster::MAX_STAY_SECONDS;
use vungxanh_protocol::venue::sealed::VENUE_NAME_BYTES;
use vungxanh_protocol::venue::warning::{NOTICE_TEXT_BYTES, VenueMatch};
use zeroize::Zeroizing;

use super::ExposureRecord;
use super::block::Block;
use super::{MAX_STATE_NAME_BYTES, StoreError};

const MAGIC: &[u8; 8] = b"VXrecord";
/// Bytes of any sealed record, at most: a named record and its overhead.
const MAX_SEALED_BYTES: usize = super::MAX_STATE_BYTES + 1024;
/// Own keys that begin on one day, at most: six-hour keys, those that replaced retired ones, and those
/// of other devices.
const MAX_OWN_KEYS_A_DAY: usize = 256;
/// Exposure windows of one day, at most.
const MAX_WINDOWS_A_DAY: usize = 16_384;
/// Parts of visits of one day that warnings spoke about, at most.
const MAX_VENUE_MATCHES_A_DAY: usize = 4_096;
const RETIRED: u8 = 1;
const IMPORTED: u8 = 2;
const OWN_KEY_BYTES: usize = KEY_BYTES + 4 + 2 + 1;

/// One record in the open, as it is exported and imported. Prints what it is, not what it holds.
#[derive(Clone, PartialEq)]
pub enum Record {
    /// An interval's scan instances.
    Scans(Interval, Block),
    /// Own keys that begin on this day.
    OwnKeys(UtcDay, Vec<OwnKey>),
    /// Exposure windows of this day.
    Exposures(UtcDay, Vec<ExposureRecord>),
    /// Visits of this day that warnings spoke about.
    VenueMatches(UtcDay, Vec<VenueMatch>),
    State(String, Vec<u8>),
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scans(interval, block) => write!(f, "Scans({}, {block:?})", interval.number()),
            Self::OwnKeys(day, keys) => write!(f, "OwnKeys({}, {} keys)", day.number(), keys.len()),
            Self::Exposures(day, windows) => {
                write!(f, "Exposures({}, {} windows)", day.number(), windows.len())
            }
            Self::VenueMatches(day, venue_matches) => {
                write!(f, "VenueMatches({}, {} matches)", day.number(), venue_matches.len())
            }
            Self::State(name, bytes) => write!(f, "State({name:?}, {} bytes)", bytes.len()),
        }
    }
}

impl Record {
    /// The day under whose key the record is sealed; `None` for named records.
    pub fn day(&self) -> Option<UtcDay> {
        self.place().day()
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Scans(interval, _) => Place::Scans(*interval),
            Self::OwnKeys(day, _) => Place::OwnKeys(*day),
            Self::Exposures(day, _) => Place::Exposures(*day),
            Self::VenueMatches(day, _) => Place::VenueMatches(*day),
            Self::State(name, _) => Place::State(name.clone()),
        }
    }

    /// Checks what an import may not take on trust.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Scans(interval, block)
                if block.instances().any(|(_, scan)| scan.time.interval() != *interval) =>
            {
                Err(StoreError::Malformed("a scan outside its interval"))
            }
            Self::OwnKeys(day, keys)
                if keys.iter().any(|own| own.key.rolling_start().day() != *day) =>
            {
                Err(StoreError::Malformed("an own key of another day"))
            }
            Self::Exposures(day, windows) if windows.iter().any(|w| w.window.day != *day) => {
                Err(StoreError::Malformed("an exposure window of another day"))
            }
            Self::VenueMatches(day, found) if found.iter().any(|f| f.visit_from.day() != *day) => {
                Err(StoreError::Malformed("a visit of another day"))
            }
            Self::Scans(_, block)
                if block.instances().any(|(_, scan)| {
                    u64::from(scan.seconds_since_last_scan) > MAX_SECONDS_SINCE_LAST_SCAN
                }) =>
            {
                Err(StoreError::Malformed("a scan that speaks for too long"))
            }
            Self::OwnKeys(_, keys) if keys.len() > MAX_OWN_KEYS_A_DAY => {
                Err(StoreError::Malformed("too many own keys of one day"))
            }
            Self::Exposures(_, windows)
                if windows.len() > MAX_WINDOWS_A_DAY
                    || !windows.iter().all(|of_case| is_possible_window(&of_case.window)) =>
            {
                Err(StoreError::Malformed("an exposure window that cannot be"))
            }
            Self::VenueMatches(_, found)
                if found.len() > MAX_VENUE_MATCHES_A_DAY
                    || !found.iter().all(is_possible_visit) =>
            {
                Err(StoreError::Malformed("a visit that cannot be"))
            }
            Self::State(name, bytes) => super::check_state(name, bytes),
            _ => Ok(()),
        }
    }
}

/// Whether matching can have made such a window.
fn is_possible_window(window: &ExposureWindow) -> bool {
    let seconds = window.scans.iter().map(|scan| u64::from(scan.seconds)).sum::<u64>();
    window.start.day() == window.day
        && window.scans.len() as u64 <= MAX_WINDOW_SECONDS
        && seconds <= MAX_WINDOW_SECONDS
}

/// Whether a warning can be about such a visit.
fn is_possible_visit(found: &VenueMatch) -> bool {
    let stay =
        |from: UnixTime, until: UnixTime| from < until && until.since(from) <= MAX_STAY_SECONDS;
    stay(found.visit_from, found.visit_until)
        && stay(found.case_from, found.case_until)
        && found.venue.len() <= VENUE_NAME_BYTES
        && found.text.len() <= NOTICE_TEXT_BYTES
        && is_plain(&found.venue)
        && is_plain(&found.text)
}

/// The kinds of records, each with a tree and a label of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RecordKind {
    Scans = 1,
    OwnKeys = 2,
    Exposures = 3,
    State = 4,
    VenueMatches = 5,
}

impl RecordKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Scans, Self::OwnKeys, Self::Exposures, Self::State, Self::VenueMatches];

    pub(crate) const fn tree(self) -> &'static str {
        match self {
            Self::Scans => "encounters",
            Self::OwnKeys => "keys",
            Self::Exposures => "exposures",
            Self::State => "state",
            Self::VenueMatches => "findings",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Scans => "VX-STORE-SCANS-1",
            Self::OwnKeys => "VX-STORE-KEYS-1",
            Self::Exposures => "VX-STORE-EXPOSURES-1",
            Self::State => "VX-STORE-STATE-1",
            Self::VenueMatches => "VX-STORE-FINDINGS-1",
        }
    }
}

/// Where a record belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Scans(Interval),
    OwnKeys(UtcDay),
    Exposures(UtcDay),
    VenueMatches(UtcDay),
    State(String),
}

impl Place {
    pub(crate) const fn kind(&self) -> RecordKind {
        match self {
            Self::Scans(_) => RecordKind::Scans,
            Self::OwnKeys(_) => RecordKind::OwnKeys,
            Self::Exposures(_) => RecordKind::Exposures,
            Self::VenueMatches(_) => RecordKind::VenueMatches,
            Self::State(_) => RecordKind::State,
        }
    }

    /// The key in the kind's tree; numbers big-endian, so that they are in order.
    pub(crate) fn key(&self) -> Vec<u8> {
        match self {
            Self::Scans(interval) => interval.number().to_be_bytes().to_vec(),
            Self::OwnKeys(day) | Self::Exposures(day) | Self::VenueMatches(day) => {
                day.number().to_be_bytes().to_vec()
            }
            Self::State(name) => name.as_bytes().to_vec(),
        }
    }

    pub(crate) fn from_key(kind: RecordKind, key: &[u8]) -> Option<Self> {
        let number = || key.try_into().ok().map(u32::from_be_bytes);
        Some(match kind {
            RecordKind::Scans => Self::Scans(Interval::new(number()?)),
            RecordKind::OwnKeys => Self::OwnKeys(UtcDay::new(number()?)),
            RecordKind::Exposures => Self::Exposures(UtcDay::new(number()?)),
            RecordKind::VenueMatches => Self::VenueMatches(UtcDay::new(number()?)),
            RecordKind::State if key.len() <= MAX_STATE_NAME_BYTES => {
                Self::State(str::from_utf8(key).ok()?.to_owned())
            }
            RecordKind::State => return None,
        })
    }

    /// The day whose key seals this record; `None` for those under the state key.
    pub(crate) const fn day(&self) -> Option<UtcDay> {
        match self {
            Self::Scans(interval) => Some(interval.day()),
            Self::OwnKeys(day) | Self::Exposures(day) | Self::VenueMatches(day) => Some(*day),
            Self::State(_) => None,
        }
    }

    fn context(&self) -> Vec<u8> {
        [&[self.kind() as u8], self.key().as_slice()].concat()
    }
}

/// A record's bytes, opened.
pub(crate) struct Opened {
    pub(crate) generation: u64,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

/// Seals a payload for its place; the result is the value to store.
pub(crate) fn seal_record(
    place: &Place,
    key: &SealKey,
    generation: u64,
    payload: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let plain = Zeroizing::new([&generation.to_le_bytes(), payload].concat());
    let sealed = seal::seal(key, place.kind().label(), &place.context(), &plain, rng);
    let tree_key = place.key();
    let mut value = MAGIC.to_vec();
    value.push(place.kind() as u8);
    value.push(tree_key.len() as u8);
    value.extend(tree_key);
    value.extend((sealed.len() as u32).to_le_bytes());
    value.extend(sealed);
    value
}

/// Opens a stored value, which must begin with `place`. `None`: another place, key or damage.
pub(crate) fn open_record(place: &Place, key: &SealKey, value: &[u8]) -> Option<Opened> {
    let (found, sealed) = parse_record(value)?;
    if found != *place {
        return None;
    }
    let plain = seal::open(key, place.kind().label(), &place.context(), sealed).ok()?;
    let plain = Zeroizing::new(plain);
    let (generation, payload) = plain.split_first_chunk::<8>()?;
    Some(Opened {
        generation: u64::from_le_bytes(*generation),
        payload: Zeroizing::new(payload.to_vec()),
    })
}

/// Cuts a stored value off the start of `bytes`, after which more may follow.
pub(crate) fn cut_record(bytes: &[u8]) -> Option<(Place, &[u8])> {
    let (place, sealed) = parse_record(bytes)?;
    let head = MAGIC.len() + 2 + place.key().len() + 4;
    Some((place, bytes.get(..head + sealed.len())?))
}

/// Splits a stored value into its place and its sealed bytes; more bytes may follow.
pub(crate) fn parse_record(value: &[u8]) -> Option<(Place, &[u8])> {
    let rest = value.strip_prefix(MAGIC)?;
    let ([kind, key_length], rest) = rest.split_first_chunk()?;
    let kind = RecordKind::ALL.into_iter().find(|known| *known as u8 == *kind)?;
    let (key, rest) = rest.split_at_checked(usize::from(*key_length))?;
    let place = Place::from_key(kind, key)?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_SEALED_BYTES {
        return None;
    }
    Some((place, rest.get(..length)?))
}

/// All places in `bytes` at which a whole stored value may begin.
pub(crate) fn find_records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            let at = rest.iter().position(|byte| *byte == MAGIC[0])?;
            let candidate = &rest[at..];
            rest = &candidate[1..];
            if candidate.starts_with(MAGIC) {
                return Some(candidate);
            }
        }
    })
}

/// Own keys as bytes: each 16 bytes of key, start u32 LE, period u16 LE, and a byte of flags: 1
/// retired, 2 imported.
pub(crate) fn encode_own_keys(keys: &[OwnKey]) -> Zeroizing<Vec<u8>> {
    // All the room at once: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(keys.len() * OWN_KEY_BYTES));
    for own in keys {
        bytes.extend(own.key.key().expose());
        bytes.extend(own.key.rolling_start().number().to_le_bytes());
        bytes.extend((own.key.rolling_period().intervals() as u16).to_le_bytes());
        bytes.push(u8::from(own.retired) * RETIRED + u8::from(own.imported) * IMPORTED);
    }
    bytes
}

/// Reads what [`encode_own_keys`] wrote; `None` where it is malformed.
pub(crate) fn decode_own_keys(bytes: &[u8]) -> Option<Vec<OwnKey>> {
    let (keys, rest) = bytes.as_chunks::<OWN_KEY_BYTES>();
    if !rest.is_empty() {
        return None;
    }
    keys.iter().map(decode_own_key).collect()
}

fn decode_own_key(bytes: &[u8; OWN_KEY_BYTES]) -> Option<OwnKey> {
    let (key, rest) = bytes.split_first_chunk::<KEY_BYTES>()?;
    let (start, rest) = rest.split_first_chunk::<4>()?;
    let (period, rest) = rest.split_first_chunk::<2>()?;
    let &[flags] = rest else { return None };
    if flags & !(RETIRED | IMPORTED) != 0 {
        return None;
    }
    let period = RollingPeriod::new(i64::from(u16::from_le_bytes(*period))).ok()?;
    let start = Interval::new(u32::from_le_bytes(*start));
    Some(OwnKey {
        key: TemporaryExposureKey::new(SecretBytes::new(*key), start, period),
        retired: flags & RETIRED != 0,
        imported: flags & IMPORTED != 0,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn key(seed: u64) -> SealKey {
        SealKey::generate(&mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn opens_only_at_its_place_and_with_its_key() {
        let rng = &mut StdRng::seed_from_u64(1);
        let place = Place::Scans(Interval::new(5));
        let value = seal_record(&place, &key(1), 9, b"payload", rng);
        let opened = open_record(&place, &key(1), &value).unwrap();
        assert_eq!((opened.generation, opened.payload.as_slice()), (9, &b"payload"[..]));
        assert!(open_record(&place, &key(2), &value).is_none(), "another day's key");
        assert!(open_record(&Place::Scans(Interval::new(6)), &key(1), &value).is_none());
        // The same sealed bytes under another name: the context no longer fits.
        let mut moved = value.clone();
        moved[13] = 6;
        assert!(open_record(&Place::Scans(Interval::new(6)), &key(1), &moved).is_none());
        let mut other_kind = value;
        other_kind[8] = RecordKind::OwnKeys as u8;
        assert!(open_record(&Place::OwnKeys(UtcDay::new(5)), &key(1), &other_kind).is_none());
    }

    #[test]
    fn a_rewritten_record_has_a_fresh_nonce() {
        let rng = &mut StdRng::seed_from_u64(1);
        let place = Place::State("authority".to_owned());
        let first = seal_record(&place, &key(1), 1, b"same", rng);
        let second = seal_record(&place, &key(1), 1, b"same", rng);
        let nonce = |value: &[u8]| parse_record(value).unwrap().1[..24].to_vec();
        assert_ne!(nonce(&first), nonce(&second));
    }

    #[test]
    fn records_do_not_print_what_they_hold() {
        let record = Record::State("token".to_owned(), vec![42; 3]);
        assert_eq!(format!("{record:?}"), "State(\"token\", 3 bytes)");
        let record = Record::Scans(Interval::new(5), Block::default());
        assert_eq!(format!("{record:?}"), "Scans(5, Block(0 scan instances))");
    }

    #[test]
    fn own_keys_survive_the_trip() {
        let rng = &mut StdRng::seed_from_u64(3);
        let keys: Vec<_> = (0..4)
            .map(|n| OwnKey {
                key: TemporaryExposureKey::generate(
                    Interval::new(2_642_976 + n * 36),
                    RollingPeriod::SIX_HOURS,
                    rng,
                ),
                retired: n % 2 == 0,
                imported: n > 1,
            })
            .collect();
        let bytes = encode_own_keys(&keys);
        assert_eq!(decode_own_keys(&bytes).unwrap(), keys);
        assert!(decode_own_keys(&bytes[1..]).is_none());
    }

    #[test]
    fn records_are_found_among_other_bytes() {
        let rng = &mut StdRng::seed_from_u64(4);
        let places = [Place::State("a".to_owned()), Place::Exposures(UtcDay::new(7))];
        let mut log = vec![0x55; 100];
        for place in &places {
            log.extend(seal_record(place, &key(1), 1, b"x", rng));
            log.extend(b"VXrecVXrecordVXrec");
        }
        let found: Vec<_> = find_records(&log).filter_map(parse_record).map(|(p, _)| p).collect();
        assert_eq!(found, places);
    }

    proptest! {
        #[test]
        fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode_own_keys(&bytes);
            let mut value = MAGIC.to_vec();
            value.extend(bytes);
            let _ = parse_record(&value);
        }
    }
}
