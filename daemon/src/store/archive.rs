//! The encrypted file of `vungxanh export` and `vungxanh import`.
//!
//! ```text
//! header = "VXARCHIV" || version u8 = 1 || memory KiB u32 LE || passes u32 LE || salt (16)
//! check  = XChaCha20-Poly1305(key, "VX-ARCHIVE-CHECK-1", header, "")      40 bytes
//! body   = XChaCha20-Poly1305(key, "VX-ARCHIVE-1", header, records)
//! key    = Argon2id(passphrase, salt, memory, passes)        `vungxanh_protocol::passphrase`
//! record = kind u8 || key length u8 || key || length u32 LE || payload
//! ```
//!
//! The check distinguishes a wrong passphrase from a damaged file.

use rand::CryptoRng;
use vungxanh_protocol::passphrase::{self, Cost, PassphraseError, SALT_BYTES};
use vungxanh_protocol::seal::{self, OVERHEAD_BYTES};
use zeroize::Zeroizing;

use super::block::Block;
use super::record::{Place, RecordKind, decode_own_keys, encode_own_keys};
use super::{MIN_PASSPHRASE_CHARS, Record};

/// Bytes that an archive has at most: more than any store holds.
pub const MAX_ARCHIVE_BYTES: usize = 256 * 1024 * 1024;

const MAGIC: &[u8; 8] = b"VXARCHIV";
const VERSION: u8 = 1;
const HEADER_BYTES: usize = MAGIC.len() + 1 + 4 + 4 + SALT_BYTES;
const CHECK_LABEL: &str = "VX-ARCHIVE-CHECK-1";
const BODY_LABEL: &str = "VX-ARCHIVE-1";

/// Why an archive cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The passphrase does not open this file.
    #[error("the passphrase is wrong for this file: try again")]
    WrongPassphrase,
    /// The passphrase cannot be used, or what the file asks for its key.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// No archive of ours.
    #[error("this is not an export file of vungxanh")]
    NotAnArchive,
    /// Written by a newer version of this program.
    #[error("the file has format {0}, this program knows 1: install a newer vungxanh")]
    Newer(u8),
    /// The passphrase is right but the content is not as it was written.
    #[error("the file is damaged or cut short: use another copy")]
    Damaged,
    /// Longer than [`MAX_ARCHIVE_BYTES`].
    #[error("the file is longer than this program allows: it is no file of vungxanh")]
    TooLong,
}

/// The records as an encrypted file.
pub fn write(
    records: &[Record],
    passphrase: &str,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, ArchiveError> {
    passphrase::check_new(passphrase, MIN_PASSPHRASE_CHARS)?;
    let cost = Cost::default();
    let mut salt = [0; SALT_BYTES];
    rng.fill_bytes(&mut salt);
    let mut file = Vec::with_capacity(HEADER_BYTES);
    file.extend(MAGIC);
    file.push(VERSION);
    file.extend(cost.memory_kib().to_le_bytes());
    file.extend(cost.passes().to_le_bytes());
    file.extend(salt);
    let key = passphrase::derive(passphrase, &salt, cost)?;
    let plain = encode(records);
    let check = seal::seal(&key, CHECK_LABEL, &file, b"", rng);
    let body = seal::seal(&key, BODY_LABEL, &file, &plain, rng);
    file.extend(check);
    file.extend(body);
    if file.len() > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::TooLong);
    }
    Ok(file)
}

/// Whether what begins like this can be an archive of this program, as far as `beginning` goes: to
/// refuse what is none before all of it is read.
pub fn check_beginning(beginning: &[u8]) -> Result<(), ArchiveError> {
    let known = beginning.len().min(MAGIC.len());
    if beginning[..known] != MAGIC[..known] {
        return Err(ArchiveError::NotAnArchive);
    }
    match beginning.get(MAGIC.len()) {
        Some(&VERSION) | None => Ok(()),
        Some(newer) => Err(ArchiveError::Newer(*newer)),
    }
}

/// Reads what [`write()`] wrote with the same passphrase.
pub fn read(file: &[u8], passphrase: &str) -> Result<Vec<Record>, ArchiveError> {
    if file.len() > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::TooLong);
    }
    check_beginning(file)?;
    if file.len() < MAGIC.len() {
        return Err(ArchiveError::NotAnArchive);
    }
    let (header, rest) = file.split_at_checked(HEADER_BYTES).ok_or(ArchiveError::Damaged)?;
    let (check, body) = rest.split_at_checked(OVERHEAD_BYTES).ok_or(ArchiveError::Damaged)?;
    let (memory_kib, passes, salt) = parameters(header).ok_or(ArchiveError::Damaged)?;
    let cost = Cost::new(memory_kib, passes)?;
    let key = passphrase::derive(passphrase, &salt, cost)?;
    seal::open(&key, CHECK_LABEL, header, check).map_err(|_| ArchiveError::WrongPassphrase)?;
    let plain = seal::open(&key, BODY_LABEL, header, body).map_err(|_| ArchiveError::Damaged)?;
    decode(&Zeroizing::new(plain)).ok_or(ArchiveError::Damaged)
}

fn parameters(header: &[u8]) -> Option<(u32, u32, [u8; SALT_BYTES])> {
    let (memory_kib, rest) = header.get(MAGIC.len() + 1..)?.split_first_chunk()?;
    let (passes, salt) = rest.split_first_chunk()?;
    let number = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
    Some((number(memory_kib), number(passes), salt.try_into().ok()?))
}

fn encode(records: &[Record]) -> Zeroizing<Vec<u8>> {
    // Written twice into: first for its length, so that growing leaves no copies behind.
    let parts: Vec<_> = records.iter().map(|record| (record.place(), payload(record))).collect();
    let length = parts.iter().map(|(place, payload)| 6 + place.key().len() + payload.len()).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    for (place, payload) in parts {
        let key = place.key();
        bytes.push(place.kind() as u8);
        bytes.push(key.len() as u8);
        bytes.extend(key);
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&payload);
    }
    bytes
}

fn payload(record: &Record) -> Zeroizing<Vec<u8>> {
    match record {
        Record::Scans(_, block) => Zeroizing::new(block.encode()),
        Record::OwnKeys(_, keys) => encode_own_keys(keys),
        // Windows and matches of these types always serialise.
        Record::Exposures(_, windows) => {
            Zeroizing::new(serde_json::to_vec(windows).unwrap_or_default())
        }
        Record::VenueMatches(_, venue_matches) => {
            Zeroizing::new(serde_json::to_vec(venue_matches).unwrap_or_default())
        }
        Record::State(_, bytes) => Zeroizing::new(bytes.clone()),
    }
}

fn decode(mut bytes: &[u8]) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    while let Some(([kind, key_length], rest)) = bytes.split_first_chunk() {
        let kind = RecordKind::ALL.into_iter().find(|known| *known as u8 == *kind)?;
        let (key, rest) = rest.split_at_checked(usize::from(*key_length))?;
        let (length, rest) = rest.split_first_chunk()?;
        let (payload, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let record = match Place::from_key(kind, key)? {
            Place::Scans(at) => Record::Scans(at, Block::decode(at, payload).ok()?),
            Place::OwnKeys(day) => Record::OwnKeys(day, decode_own_keys(payload)?),
            Place::Exposures(day) => Record::Exposures(day, serde_json::from_slice(payload).ok()?),
            Place::VenueMatches(day) => {
                Record::VenueMatches(day, serde_json::from_slice(payload).ok()?)
            }
            Place::State(name) => Record::State(name, payload.to_vec()),
        };
        record.check().ok()?;
        records.push(record);
        bytes = rest;
    }
    bytes.is_empty().then_some(records)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vungxanh_protocol::interval::{Interval, RollingPeriod};
    use vungxanh_protocol::own_keys::OwnKeys;

    use super::super::contract::{instance, neighbour};
    use super::*;

    const PASSPHRASE: &str = "tre xanh 2021";

    fn records() -> Vec<Record> {
        let at = Interval::new(2_880_000);
        let mut block = Block::default();
        block.add(at, &[(neighbour(1), instance(at.start()))]).unwrap();
        let mut keys = OwnKeys::default();
        keys.for_interval(at, RollingPeriod::SIX_HOURS, &mut rand::rng());
        vec![
            Record::Scans(at, block),
            Record::OwnKeys(at.day(), keys.iter().cloned().collect()),
            Record::Exposures(at.day(), Vec::new()),
            Record::VenueMatches(at.day(), vec![super::super::contract::venue_match(at.day())]),
            Record::State("authority".to_owned(), b"document".to_vec()),
        ]
    }

    #[test]
    fn what_is_exported_is_imported() {
        let records = records();
        let file = write(&records, PASSPHRASE, &mut rand::rng()).unwrap();
        assert_eq!(read(&file, PASSPHRASE).unwrap(), records);
        assert_eq!(read(&file, "tre xanh 2022"), Err(ArchiveError::WrongPassphrase));
        assert!(!file.windows(16).any(|part| part == [1; 16]), "an identifier in the open");
        let mut damaged = file.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(read(&damaged, PASSPHRASE), Err(ArchiveError::Damaged));
        assert_eq!(read(&file[..file.len() - 1], PASSPHRASE), Err(ArchiveError::Damaged));
        let mut moved_salt = file;
        moved_salt[HEADER_BYTES - 1] ^= 1;
        assert_eq!(read(&moved_salt, PASSPHRASE), Err(ArchiveError::WrongPassphrase));
    }

    #[test]
    fn what_is_no_archive_is_refused_before_any_work() {
        assert_eq!(read(b"PK\x03\x04", PASSPHRASE), Err(ArchiveError::NotAnArchive));
        assert_eq!(read(b"", PASSPHRASE), Err(ArchiveError::NotAnArchive));
        assert_eq!(read(b"VXARCHIV", PASSPHRASE), Err(ArchiveError::Damaged));
        assert_eq!(read(b"VXARCHIV\x02", PASSPHRASE), Err(ArchiveError::Newer(2)));
        let greedy = [&b"VXARCHIV\x01"[..], &[0xFF; 8], &[0; 16 + OVERHEAD_BYTES]].concat();
        assert_eq!(read(&greedy, PASSPHRASE), Err(PassphraseError::Excessive.into()));
        let none = [&b"VXARCHIV\x01"[..], &[0; 8], &[0; 16 + OVERHEAD_BYTES]].concat();
        assert_eq!(read(&none, PASSPHRASE), Err(PassphraseError::NoCost.into()));
        let refused = PassphraseError::Short { least: MIN_PASSPHRASE_CHARS };
        // The second has seven letters, typed with more characters.
        for short in ["seven77", "bo\u{31b}\u{309} a\u{309}i "] {
            assert_eq!(write(&[], short, &mut rand::rng()), Err(refused.into()));
        }
    }

    #[test]
    fn an_archive_opens_from_a_keyboard_that_composes_otherwise() {
        let records = records();
        let [composed, decomposed] = ["tre xanh b\u{1edd} ao", "tre xanh bo\u{31b}\u{300} ao"];
        for (typed_then, typed_now) in [(composed, decomposed), (decomposed, composed)] {
            let file = write(&records, typed_then, &mut rand::rng()).unwrap();
            assert_eq!(read(&file, typed_now).unwrap(), records);
        }
    }

    proptest! {
        #[test]
        fn any_records_or_none(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&bytes);
            let plain = encode(&records());
            let cut = bytes.len().min(plain.len());
            prop_assert!(cut == 0 || decode(&plain[..plain.len() - cut]) != Some(records()));
        }
    }
}
