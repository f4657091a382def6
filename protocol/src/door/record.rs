//! What a door keeps of a scan: one record for each hour of the stay, sealed at once.

use std::fmt;

use rand::seq::SliceRandom;
use zeroize::Zeroizing;

use super::DoorError;
use super::card::{CARD_BYTES, Card};
use super::contact::{CONTACT_BYTES, SealedContact};
use super::key::{DOOR_DOMAIN, DoorIdentity, DoorKey};
use crate::full_ident::{self, Purpose};
use crate::interval::UnixTime;
use crate::pass::Presented;
use crate::read::Reader;
use crate::secret::SecretBytes;
use crate::venue::party::MasterKey;
use crate::venue::poster::MAX_STAY_SECONDS;
use crate::venue::slot::{Hour, SlotDeriver};

/// Bytes of a sealed record.
pub const RECORD_BYTES: usize = full_ident::OVERHEAD_BYTES + PLAIN_BYTES;
/// How many records an upload has, decoys included.
pub const UPLOAD_CLASSES: [usize; 3] = [64, 512, 4_096];
const PLAIN_BYTES: usize = 256;
const BODY_BYTES: usize = 240;
const WHAT: &str = "the door's record";
const PURPOSE: Purpose = Purpose {
    domain: DOOR_DOMAIN,
    scalar_info: b"VX-DOOR-R-1",
    mask_label: b"VX-DOOR-MASK-1",
    aead_info: b"VX-DOOR-RECORD-1",
};

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A pass, whole, so that anyone who opens the record can verify it.
    Pass(Presented),
    /// A printed card.
    Card(Card),
    /// A name and number, sealed once more.
    Contact(SealedContact),
}

impl Shown {
    const fn number(&self) -> u8 {
        match self {
            Self::Pass(_) => 1,
            Self::Card(_) => 2,
            Self::Contact(_) => 3,
        }
    }

    /// What the door knows it again by: a live pass is the same whenever it was shown.
    pub fn identity(&self) -> Vec<u8> {
        match self {
            Self::Pass(presented) => presented.pass().to_bytes().to_vec(),
            Self::Card(card) => card.as_bytes().to_vec(),
            Self::Contact(contact) => contact.as_bytes().to_vec(),
        }
    }
}

/// Coming or going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorEvent {
    /// There from `from` until `until`, as far as the door knows.
    In,
    /// Gone from `from` on.
    Left,
}

/// One scan's part in one hour.
#[derive(Clone, PartialEq, Eq)]
pub struct DoorRecord {
    /// Coming or going.
    pub event: DoorEvent,
    /// From when on, in the hour.
    pub from: UnixTime,
    /// Until when (exclusive), in the hour or at its end.
    pub until: UnixTime,
    /// How many other persons came with them.
    pub companions: u8,
    /// What was scanned.
    pub shown: Shown,
}

impl DoorRecord {
    fn encode(&self, hour: Hour) -> Result<Zeroizing<Vec<u8>>, DoorError> {
        self.check(hour)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        plain.push(self.shown.number());
        plain.push(if self.event == DoorEvent::In { 1 } else { 2 });
        for time in [self.from, self.until] {
            let seconds = u32::try_from(time.as_secs()).map_err(|_| DoorError::TimesOutsideHour)?;
            plain.extend_from_slice(&seconds.to_be_bytes());
        }
        plain.push(self.companions);
        match &self.shown {
            Shown::Pass(presented) => plain.extend_from_slice(&presented.to_bytes()),
            Shown::Card(card) => plain.extend_from_slice(card.as_bytes()),
            Shown::Contact(contact) => plain.extend_from_slice(contact.as_bytes()),
        }
        plain.resize(PLAIN_BYTES, 0);
        Ok(plain)
    }

    fn decode(plain: &[u8], hour: Hour) -> Result<Self, DoorError> {
        let mut reader = Reader::new(WHAT, plain);
        let kind = reader.byte()?;
        let event = match reader.byte()? {
            1 => DoorEvent::In,
            2 => DoorEvent::Left,
            _ => return Err(reader.malformed("it is neither coming nor going").into()),
        };
        let from = UnixTime::from_secs(reader.u32()?.into());
        let until = UnixTime::from_secs(reader.u32()?.into());
        let companions = reader.byte()?;
        let shown = match kind {
            1 => Shown::Pass(Presented::read(&mut reader)?),
            2 => Shown::Card(Card::from_bytes(&reader.array::<CARD_BYTES>()?)?),
            3 => Shown::Contact(SealedContact::from_bytes(reader.array::<CONTACT_BYTES>()?)),
            _ => return Err(reader.malformed("it is of a kind that is not known").into()),
        };
        let filling = reader.slice(reader.remaining())?;
        if filling.iter().any(|byte| *byte != 0) {
            return Err(reader.malformed("its filling is not zero").into());
        }
        let record = Self { event, from, until, companions, shown };
        record.check(hour)?;
        Ok(record)
    }

    fn check(&self, hour: Hour) -> Result<(), DoorError> {
        let inside = hour.start() <= self.from && self.from < self.until;
        let inside = inside && self.until <= hour.end();
        inside.then_some(()).ok_or(DoorError::TimesOutsideHour)
    }
}

impl fmt::Debug for DoorRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorRecord(..)")
    }
}

/// A sealed record, or a decoy: only the door's key of the hour shows which.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealedRecord([u8; RECORD_BYTES]);

impl SealedRecord {
    /// Takes over the bytes. Any bytes can be a sealed record; only opening shows it.
    pub const fn from_bytes(bytes: [u8; RECORD_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; RECORD_BYTES] {
        &self.0
    }

    /// A random point and random bytes.
    pub fn decoy(rng: &mut impl rand::CryptoRng) -> Self {
        let mut record = [0; RECORD_BYTES];
        full_ident::fill_decoy(&mut record, rng);
        Self(record)
    }

    /// Seals `record` so that only the door's key of `hour` opens it.
    pub fn seal(
        record: &DoorRecord,
        hour: Hour,
        door: &DoorIdentity,
        master: &MasterKey,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, DoorError> {
        Self::seal_with(record, hour, door, master, &SecretBytes::generate(rng))
    }

    /// As [`SealedRecord::seal`], with the 32 random bytes x given. For test vectors; x must never be
    /// used twice.
    pub fn seal_with(
        record: &DoorRecord,
        hour: Hour,
        door: &DoorIdentity,
        master: &MasterKey,
        x: &SecretBytes<32>,
    ) -> Result<Self, DoorError> {
        let plain = record.encode(hour)?;
        let sealed = PURPOSE.seal(plain, door.expose(), master.point(), x);
        let sealed = sealed.ok_or(DoorError::BadScalar)?;
        sealed.try_into().map(Self).map_err(|_| DoorError::BadScalar)
    }

    /// The record, if this is one of the door and hour whose key it is.
    pub fn open(&self, hour: Hour, key: &DoorKey) -> Option<DoorRecord> {
        let plain = PURPOSE.open(&full_ident::parse(&self.0)?, key.point())?;
        DoorRecord::decode(&plain, hour).ok()
    }
}

impl fmt::Debug for SealedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedRecord(..)")
    }
}

/// The records of somebody who comes at `from` and is taken to stay until `until`, at most a day later:
/// one for each hour, all sealed at once.
pub fn seal_check_in(
    door: &SlotDeriver,
    master: &MasterKey,
    shown: &Shown,
    (from, until): (UnixTime, UnixTime),
    companions: u8,
    rng: &mut impl rand::CryptoRng,
) -> Result<Vec<(Hour, SealedRecord)>, DoorError> {
    seal_hours(door, master, (DoorEvent::In, shown, companions), (from, until), rng)
}

/// The records of somebody who leaves at `from` and was taken to stay until `until`: one for each hour
/// that is left.
pub fn seal_check_out(
    door: &SlotDeriver,
    master: &MasterKey,
    shown: &Shown,
    (from, until): (UnixTime, UnixTime),
    rng: &mut impl rand::CryptoRng,
) -> Result<Vec<(Hour, SealedRecord)>, DoorError> {
    seal_hours(door, master, (DoorEvent::Left, shown, 0), (from, until), rng)
}

fn seal_hours(
    door: &SlotDeriver,
    master: &MasterKey,
    (event, shown, companions): (DoorEvent, &Shown, u8),
    (from, until): (UnixTime, UnixTime),
    rng: &mut impl rand::CryptoRng,
) -> Result<Vec<(Hour, SealedRecord)>, DoorError> {
    if from >= until || until.since(from) > MAX_STAY_SECONDS {
        return Err(DoorError::BadStay);
    }
    Hour::touched(from, until)
        .map(|hour| {
            let record = DoorRecord {
                event,
                from: from.max(hour.start()),
                until: until.min(hour.end()),
                companions,
                shown: shown.clone(),
            };
            let identity = door.door_identity(hour);
            Ok((hour, SealedRecord::seal(&record, hour, &identity, master, rng)?))
        })
        .collect()
}

/// An hour's records as they are sent: filled up with decoys to the next of [`UPLOAD_CLASSES`] and
/// shuffled. Where there are more than the largest, several uploads.
pub fn fill_upload(
    records: Vec<SealedRecord>,
    rng: &mut impl rand::CryptoRng,
) -> Vec<Vec<SealedRecord>> {
    let mut records = records;
    records.shuffle(rng);
    let [.., largest] = UPLOAD_CLASSES;
    let mut uploads: Vec<Vec<_>> = records.chunks(largest).map(<[_]>::to_vec).collect();
    if uploads.is_empty() {
        uploads.push(Vec::new());
    }
    for upload in &mut uploads {
        let class = UPLOAD_CLASSES.into_iter().find(|class| upload.len() <= *class);
        while upload.len() < class.unwrap_or(largest) {
            upload.push(SealedRecord::decoy(rng));
        }
        upload.shuffle(rng);
    }
    uploads
}

const _: () = assert!(CONTACT_BYTES <= BODY_BYTES && CARD_BYTES <= BODY_BYTES);
