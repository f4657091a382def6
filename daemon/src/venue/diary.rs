//! The private diary: off unless the person wants it, under a passphrase of their own. Entries are
//! sealed to the diary's public key (HPKE, RFC 9180), so that the passphrase is not asked for at a
//! check-out, and no one reads them without it.
//!
//! As with the cells, the file has one size and is rewritten every hour with four entries for each
//! hour, empty ones where there was no visit: it shows that there is a diary, not what is in it, nor
//! how much.
//!
//! ```text
//! content = version u8 = 1 || on u8 || memory KiB u32 || passes u32 || salt (16)
//!           || sealed private key (72) || public key (32) || newest hour u32 || entries
//! entry   = encapsulated key (32) || sealed plain (188 + 16)
//! plain   = kind u8 (0 empty, 1 visit) || from u32 || until u32 || companions u8
//!           || poster's fingerprint (16) || name, unit, each length u8 || padded text
//! ```
//!
//! Numbers are big-endian.

use std::collections::VecDeque;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::CryptoRng;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::passphrase::{self, Cost, SALT_BYTES};
use vungxanh_protocol::seal::{self, OVERHEAD_BYTES};
use vungxanh_protocol::venue::cells::CELLS_PER_HOUR;
use vungxanh_protocol::venue::disclosure::{FINGERPRINT_BYTES, PosterFingerprint};
use vungxanh_protocol::venue::poster::{MAX_NAME_BYTES, MAX_UNIT_BYTES};
use vungxanh_protocol::venue::slot::Hour;
use zeroize::Zeroizing;

use super::error::CheckInError;
use crate::store::MIN_PASSPHRASE_CHARS;

type Suite = X25519HkdfSha256;
type PublicKey = <Suite as Kem>::PublicKey;
type PrivateKey = <Suite as Kem>::PrivateKey;

const VERSION: u8 = 1;
/// What entries are sealed for (`info` of RFC 9180).
const INFO: &[u8] = b"VX-DIARY-ENTRY-1";
/// What the private key is sealed for.
const KEY_LABEL: &str = "VX-DIARY-KEY-1";
const KEY_BYTES: usize = 32;
const SEALED_KEY_BYTES: usize = KEY_BYTES + OVERHEAD_BYTES;
const PLAIN_BYTES: usize = 1 + 4 + 4 + 1 + FINGERPRINT_BYTES + TEXT_BYTES;
const TEXT_BYTES: usize = 1 + MAX_NAME_BYTES + 1 + MAX_UNIT_BYTES;
const TAG_BYTES: usize = 16;
/// Bytes of one entry.
pub(super) const ENTRY_BYTES: usize = KEY_BYTES + PLAIN_BYTES + TAG_BYTES;
const HEADER_BYTES: usize = 2 + 4 + 4 + SALT_BYTES + SEALED_KEY_BYTES + KEY_BYTES + 4;
const ENTRIES_PER_DAY: usize = 24 * CELLS_PER_HOUR;

/// A sealed entry, empty or not.
pub(super) type SealedEntry = [u8; ENTRY_BYTES];

/// A visit as the diary shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct DiaryEntry {
    /// The poster's name of the venue.
    pub venue: String,
    /// Floor or department; may be empty.
    pub unit: String,
    /// When the person came.
    pub from: UnixTime,
    pub until: UnixTime,
    /// For how many others the device stood.
    pub companions: u8,
    pub poster: PosterFingerprint,
}

impl std::fmt::Debug for DiaryEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DiaryEntry(..)")
    }
}

/// The diary: its key pair, the private half sealed, and the entries of the retention period.
#[derive(Clone)]
pub(super) struct Diary {
    on: bool,
    cost: Cost,
    salt: [u8; SALT_BYTES],
    sealed_key: [u8; SEALED_KEY_BYTES],
    public: PublicKey,
    newest: Hour,
    entries: VecDeque<SealedEntry>,
}

impl Diary {
    /// A new one, on, without visits, in hours long past.
    pub(super) fn begin(
        passphrase: &str,
        retention_days: u32,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CheckInError> {
        passphrase::check_new(passphrase, MIN_PASSPHRASE_CHARS)?;
        let (private, public) = Suite::gen_keypair_with_rng(rng);
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let cost = Cost::default();
        let key = passphrase::derive(passphrase, &salt, cost)?;
        let private = Zeroizing::new(private.to_bytes().to_vec());
        let sealed = seal::seal(&key, KEY_LABEL, &public.to_bytes(), &private, rng);
        let sealed_key = sealed.try_into().unwrap_or([0; SEALED_KEY_BYTES]);
        let mut diary = Self {
            on: true,
            cost,
            salt,
            sealed_key,
            public,
            newest: Hour::new(0),
            entries: VecDeque::new(),
        };
        diary.set_retention(retention_days, rng);
        Ok(diary)
    }

    /// Whether new visits go into it.
    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    pub(super) const fn set_on(&mut self, on: bool) {
        self.on = on;
    }

    /// Seals a visit. Only a holder of the passphrase can read it.
    pub(super) fn seal(&self, entry: &DiaryEntry, rng: &mut impl CryptoRng) -> SealedEntry {
        seal_plain(&self.public, &encode(Some(entry)), rng)
    }

    /// Brings it up to `newest`, dropping the hours that have expired.
    pub(super) fn advance(&mut self, newest: Hour, rng: &mut impl CryptoRng) {
        let passed = newest.number().saturating_sub(self.newest.number()) as usize;
        for _ in 0..(passed * CELLS_PER_HOUR).min(self.entries.len()) {
            self.entries.pop_front();
            self.entries.push_back(self.empty(rng));
        }
        self.newest = self.newest.max(newest);
    }

    /// Changes for how many days it keeps visits.
    pub(super) fn set_retention(&mut self, retention_days: u32, rng: &mut impl CryptoRng) {
        let wanted = retention_days as usize * ENTRIES_PER_DAY;
        while self.entries.len() > wanted {
            self.entries.pop_front();
        }
        while self.entries.len() < wanted {
            self.entries.push_front(self.empty(rng));
        }
    }

    /// The newest hour that it has entries for.
    pub(super) const fn newest(&self) -> Hour {
        self.newest
    }

    /// Puts a visit that ended in `hour` into the hour's entry with that number. `false`: the hour
    /// is not stored.
    pub(super) fn put(&mut self, hour: Hour, number: usize, entry: SealedEntry) -> bool {
        let place = self.place(hour).map(|first| first + number);
        match place.filter(|_| number < CELLS_PER_HOUR).and_then(|at| self.entries.get_mut(at)) {
            Some(kept) => {
                *kept = entry;
                true
            }
            None => false,
        }
    }

    /// Whether it holds exactly this entry.
    pub(super) fn holds(&self, entry: &SealedEntry) -> bool {
        self.entries.contains(entry)
    }

    /// Puts empty entries in place of those of the hours that `forgotten` picks.
    pub(super) fn forget(&mut self, forgotten: impl Fn(Hour) -> bool, rng: &mut impl CryptoRng) {
        let hours = self.entries.len() / CELLS_PER_HOUR;
        for age in 0..hours {
            let number = self.newest.number().checked_sub(age as u32);
            let Some(hour) = number.map(Hour::new).filter(|hour| forgotten(*hour)) else {
                continue;
            };
            for entry in 0..CELLS_PER_HOUR {
                let empty = self.empty(rng);
                self.put(hour, entry, empty);
            }
        }
    }

    /// The visits in it and in `waiting`, oldest first.
    pub(super) fn read(
        &self,
        passphrase: &str,
        waiting: &[SealedEntry],
    ) -> Result<Vec<DiaryEntry>, CheckInError> {
        let private = self.private(passphrase)?;
        let sealed = self.entries.iter().chain(waiting);
        let read = sealed.filter_map(|entry| open_entry(&private, entry));
        let mut entries: Vec<_> = read.collect();
        entries.sort_by_key(|entry| (entry.from, entry.until));
        Ok(entries)
    }

    /// Those of its sealed entries, and of `waiting`, whose visits `wanted` picks.
    pub(super) fn find(
        &self,
        passphrase: &str,
        waiting: &[SealedEntry],
        wanted: impl Fn(&DiaryEntry) -> bool,
    ) -> Result<Vec<SealedEntry>, CheckInError> {
        let private = self.private(passphrase)?;
        let sealed = self.entries.iter().chain(waiting);
        let found =
            sealed.filter(|entry| open_entry(&private, entry).is_some_and(|of| wanted(&of)));
        Ok(found.copied().collect())
    }

    /// Puts empty entries in place of these.
    pub(super) fn remove(&mut self, removed: &[SealedEntry], rng: &mut impl CryptoRng) {
        let entries = self.entries.iter().enumerate();
        let places: Vec<usize> =
            entries.filter(|(_, entry)| removed.contains(entry)).map(|(place, _)| place).collect();
        for place in places {
            let empty = self.empty(rng);
            if let Some(entry) = self.entries.get_mut(place) {
                *entry = empty;
            }
        }
    }

    fn private(&self, passphrase: &str) -> Result<PrivateKey, CheckInError> {
        let key = passphrase::derive(passphrase, &self.salt, self.cost)?;
        let private = seal::open(&key, KEY_LABEL, &self.public.to_bytes(), &self.sealed_key)
            .map(Zeroizing::new)
            .map_err(|_| CheckInError::WrongPassphrase)?;
        PrivateKey::from_bytes(&private).map_err(|_| CheckInError::WrongPassphrase)
    }

    /// The content of its file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.entries.len() * ENTRY_BYTES);
        bytes.extend([VERSION, u8::from(self.on)]);
        bytes.extend(self.cost.memory_kib().to_be_bytes());
        bytes.extend(self.cost.passes().to_be_bytes());
        bytes.extend(self.salt);
        bytes.extend(self.sealed_key);
        bytes.extend(self.public.to_bytes());
        bytes.extend(self.newest.number().to_be_bytes());
        self.entries.iter().for_each(|entry| bytes.extend(entry));
        bytes
    }

    /// Reads what [`Diary::to_bytes`] made; `None` where it is malformed.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([version, on], rest) = bytes.split_first_chunk()?;
        let (memory, rest) = rest.split_first_chunk()?;
        let (passes, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (sealed_key, rest) = rest.split_first_chunk()?;
        let (public, rest) = rest.split_first_chunk::<KEY_BYTES>()?;
        let (newest, rest) = rest.split_first_chunk()?;
        let (entries, left) = rest.as_chunks::<ENTRY_BYTES>();
        let whole_days = entries.len() % ENTRIES_PER_DAY == 0 && !entries.is_empty();
        if *version != VERSION || *on > 1 || !left.is_empty() || !whole_days {
            return None;
        }
        Some(Self {
            on: *on == 1,
            cost: Cost::new(u32::from_be_bytes(*memory), u32::from_be_bytes(*passes)).ok()?,
            salt: *salt,
            sealed_key: *sealed_key,
            public: PublicKey::from_bytes(public).ok()?,
            newest: Hour::new(u32::from_be_bytes(*newest)),
            entries: entries.iter().copied().collect(),
        })
    }

    fn empty(&self, rng: &mut impl CryptoRng) -> SealedEntry {
        seal_plain(&self.public, &encode(None), rng)
    }

    fn place(&self, hour: Hour) -> Option<usize> {
        let age = self.newest.number().checked_sub(hour.number())? as usize;
        (self.entries.len() / CELLS_PER_HOUR).checked_sub(age + 1).map(|from| from * CELLS_PER_HOUR)
    }
}

fn seal_plain(
    public: &PublicKey,
    plain: &[u8; PLAIN_BYTES],
    rng: &mut impl CryptoRng,
) -> SealedEntry {
    let sealed = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeS::Base,
        public,
        INFO,
        plain,
        &[],
        rng,
    );
    let mut entry = [0; ENTRY_BYTES];
    // Fails only for a public key of small order; such an entry opens with nothing.
    if let Ok((encapsulated, sealed)) = sealed {
        let parts = encapsulated.to_bytes();
        let parts = parts.iter().chain(&sealed);
        entry.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    }
    entry
}

fn open_entry(private: &PrivateKey, entry: &SealedEntry) -> Option<DiaryEntry> {
    let (encapsulated, sealed) = entry.split_first_chunk::<KEY_BYTES>()?;
    let encapsulated = <Suite as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
    let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeR::Base,
        private,
        &encapsulated,
        INFO,
        sealed,
        &[],
    );
    decode(&Zeroizing::new(plain.ok()?))
}

fn encode(entry: Option<&DiaryEntry>) -> Zeroizing<[u8; PLAIN_BYTES]> {
    let mut plain = Zeroizing::new([0; PLAIN_BYTES]);
    let Some(entry) = entry else { return plain };
    let seconds = |time: UnixTime| u32::try_from(time.as_secs()).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
    bytes.push(1);
    bytes.extend(seconds(entry.from));
    bytes.extend(seconds(entry.until));
    bytes.push(entry.companions);
    bytes.extend(entry.poster.as_bytes());
    for (text, limit) in [(&entry.venue, MAX_NAME_BYTES), (&entry.unit, MAX_UNIT_BYTES)] {
        // Posters have no longer texts.
        let text = text.get(..text.len().min(limit)).unwrap_or_default();
        bytes.push(text.len() as u8);
        bytes.extend(text.as_bytes());
        let end = bytes.len() + limit - text.len();
        bytes.resize(end, 0);
    }
    plain.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
    plain
}

fn decode(plain: &[u8]) -> Option<DiaryEntry> {
    let ([kind], rest) = plain.split_first_chunk()?;
    let (from, rest) = rest.split_first_chunk()?;
    let (until, rest) = rest.split_first_chunk()?;
    let ([companions], rest) = rest.split_first_chunk()?;
    let (poster, rest) = rest.split_first_chunk()?;
    let (name, unit) = rest.split_at_checked(1 + MAX_NAME_BYTES)?;
    let time = |bytes: &[u8; 4]| UnixTime::from_secs(u32::from_be_bytes(*bytes).into());
    (*kind == 1).then_some(())?;
    Some(DiaryEntry {
        venue: text(name)?,
        unit: text(unit)?,
        from: time(from),
        until: time(until),
        companions: *companions,
        poster: PosterFingerprint::from_bytes(*poster),
    })
}

fn text(field: &[u8]) -> Option<String> {
    let (length, text) = field.split_first()?;
    str::from_utf8(text.get(..usize::from(*length))?).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const PASSPHRASE: &str = "tre xanh 2021";

    fn diary() -> Diary {
        Diary::begin(PASSPHRASE, 1, &mut StdRng::seed_from_u64(1)).unwrap()
    }

    fn entry(from: u64) -> DiaryEntry {
        DiaryEntry {
            venue: "Phở Thìn".into(),
            unit: String::new(),
            from: UnixTime::from_secs(from),
            until: UnixTime::from_secs(from + 60),
            companions: 2,
            poster: PosterFingerprint::from_bytes([7; FINGERPRINT_BYTES]),
        }
    }

    #[test]
    fn the_file_survives_the_trip_and_any_other_bytes_are_refused() {
        let bytes = diary().to_bytes();
        assert_eq!(bytes.len(), HEADER_BYTES + 96 * ENTRY_BYTES);
        assert_eq!(Diary::from_bytes(&bytes).unwrap().to_bytes(), bytes);
        for cut in [0, 1, HEADER_BYTES, bytes.len() - 1] {
            assert!(Diary::from_bytes(&bytes[..cut]).is_none());
        }
        let mut newer = bytes;
        newer[0] = 2;
        assert!(Diary::from_bytes(&newer).is_none());
    }

    #[test]
    fn an_entry_reads_as_it_was_and_an_empty_one_as_none() {
        let rng = &mut StdRng::seed_from_u64(2);
        let (diary, longest) = (diary(), DiaryEntry { venue: "đ".repeat(48), ..entry(90) });
        let sealed = [diary.seal(&longest, rng), diary.seal(&entry(5), rng), diary.empty(rng)];
        assert_eq!(diary.read(PASSPHRASE, &sealed).unwrap(), [entry(5), longest]);
        let wrong = diary.read("tre xanh 2022", &sealed);
        assert!(matches!(wrong, Err(CheckInError::WrongPassphrase)));
    }

    #[test]
    fn an_hour_has_four_places_and_others_none() {
        let rng = &mut StdRng::seed_from_u64(3);
        let mut diary = diary();
        diary.advance(Hour::new(500_000), rng);
        let sealed = diary.seal(&entry(9), rng);
        assert!(diary.put(Hour::new(500_000), 3, sealed) && diary.holds(&sealed));
        assert!(!diary.put(Hour::new(500_000), 4, sealed));
        assert!(!diary.put(Hour::new(500_001), 0, sealed));
        assert!(diary.put(Hour::new(499_977), 0, sealed));
        assert!(!diary.put(Hour::new(499_976), 0, sealed), "a day has 24 hours");
        diary.advance(Hour::new(500_024), rng);
        assert!(!diary.holds(&sealed), "expired");
    }

    #[test]
    fn entries_do_not_print() {
        assert_eq!(format!("{:?}", entry(1)), "DiaryEntry(..)");
    }

    proptest! {
        #[test]
        fn any_plain_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let visit = [&[1][..], &bytes].concat();
            let _ = decode(&visit);
            prop_assert!(Diary::from_bytes(&bytes).is_none());
        }
    }
}
