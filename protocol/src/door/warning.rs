//! Warnings to passes: only the holder of the pass's own secret can find out that it was warned; doors,
//! and people who photographed a pass or found a sheet, cannot.

use std::fmt;

use ed25519_dalek::VerifyingKey;
use hkdf::Hkdf;
use rand::seq::SliceRandom;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::DoorError;
use crate::diagnosis_key::Infectiousness;
use crate::diagnosis_key::ReportType;
use crate::interval::UnixTime;
use crate::mac::expand;
use crate::pass::HolderKey;
use crate::read::{FormatError, Reader, push_padded};
use crate::seal;
use crate::secret::SecretBytes;
use crate::venue::poster::MAX_STAY_SECONDS;

/// How many entries a section can have, decoys included.
pub const SIZE_CLASSES: [usize; 3] = [32, 256, MAX_ENTRIES];
/// Bytes of an entry: tag and sealed notice.
pub const ENTRY_BYTES: usize = TAG_BYTES + NOTICE_BYTES + seal::OVERHEAD_BYTES;
/// The most notices to one pass in one batch.
pub const NOTICES_PER_PASS: u8 = 4;
/// The longest name of a venue in a notice, in bytes of UTF-8.
pub const VENUE_NAME_BYTES: usize = 54;
/// The longest words in a notice, in bytes of UTF-8.
pub const WORDS_BYTES: usize = 117;
const MAX_ENTRIES: usize = 2_048;
const TAG_BYTES: usize = 16;
const NOTICE_BYTES: usize = 192;
const NOTICE_LABEL: &str = "VX-PASS-NOTICE-1";
const KEY_INFO: &[u8] = b"VX-PASS-WARN-1";
const WHAT: &str = "the pass warnings";

/// What a warning says to the person whose pass was scanned.
#[derive(Clone, PartialEq, Eq)]
pub struct PassNotice {
    /// From when on the case was there, too.
    pub from: UnixTime,
    /// Until when; at most a day later.
    pub until: UnixTime,
    /// How the case was established; neither unknown nor revoked.
    pub report_type: ReportType,
    /// How infectious the case was; not none.
    pub infectiousness: Infectiousness,
    /// The venue's name, for the person alone, so that they can say that they were not there.
    pub venue: String,
    /// The authority's words; may be empty.
    pub words: String,
}

impl PassNotice {
    fn encode(&self) -> Result<Zeroizing<Vec<u8>>, FormatError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(NOTICE_BYTES));
        for time in [self.from, self.until] {
            let seconds = u32::try_from(time.as_secs());
            let seconds = seconds.map_err(|_| malformed("a time is after 2106"))?;
            plain.extend_from_slice(&seconds.to_be_bytes());
        }
        plain.push(self.report_type as u8);
        plain.push(self.infectiousness as u8);
        push_padded(&mut plain, &self.venue, VENUE_NAME_BYTES);
        push_padded(&mut plain, &self.words, WORDS_BYTES);
        plain.resize(NOTICE_BYTES, 0);
        Self::decode(&plain)?;
        Ok(plain)
    }

    fn decode(plain: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(WHAT, plain);
        let from = UnixTime::from_secs(reader.u32()?.into());
        let until = UnixTime::from_secs(reader.u32()?.into());
        let report_type = match ReportType::from_number(reader.byte()?.into()) {
            Some(ReportType::Unknown | ReportType::Revoked) | None => {
                return Err(reader.malformed("the report type is none of a case"));
            }
            Some(report_type) => report_type,
        };
        let infectiousness = match reader.byte()? {
            1 => Infectiousness::Standard,
            2 => Infectiousness::High,
            _ => return Err(reader.malformed("the infectiousness is none of a case")),
        };
        let venue = reader.padded_text(VENUE_NAME_BYTES)?;
        let words = reader.padded_text(WORDS_BYTES)?;
        if reader.slice(reader.remaining())?.iter().any(|byte| *byte != 0) {
            return Err(reader.malformed("the filling is not zero"));
        }
        if from >= until || until.since(from) > MAX_STAY_SECONDS {
            return Err(reader.malformed("the times are reversed or more than a day apart"));
        }
        Ok(Self { from, until, report_type, infectiousness, venue, words })
    }
}

impl fmt::Debug for PassNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassNotice(..)")
    }
}

/// The section of a batch.
#[derive(Clone, PartialEq, Eq)]
pub struct PassWarnings {
    ephemeral: [u8; 32],
    entries: Vec<[u8; ENTRY_BYTES]>,
}

impl PassWarnings {
    /// Seals notices to the passes' own keys and fills up with decoys to the next of
    /// [`SIZE_CLASSES`]. More than [`NOTICES_PER_PASS`] to one pass are refused, and more than the
    /// largest class: what does not fit waits for the next batch, drawn at random.
    pub fn assemble(
        notices: &[(VerifyingKey, PassNotice)],
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, DoorError> {
        let too_many = DoorError::TooManyWarnings { warnings: notices.len(), limit: MAX_ENTRIES };
        let size = SIZE_CLASSES.into_iter().find(|size| notices.len() <= *size).ok_or(too_many)?;
        let secret = SecretBytes::<32>::generate(rng);
        let ephemeral =
            x25519_dalek::x25519(*secret.expose(), x25519_dalek::X25519_BASEPOINT_BYTES);
        let mut entries = Vec::with_capacity(size);
        for (at, (holder, notice)) in notices.iter().enumerate() {
            let earlier = notices[..at].iter().filter(|(other, _)| other == holder).count();
            let index = u8::try_from(earlier).ok().filter(|index| *index < NOTICES_PER_PASS);
            let index = index.ok_or(malformed("one pass has more notices than a batch holds"))?;
            let agreement = holder.to_montgomery().to_bytes();
            let keys = Keys::agree(&secret, &agreement, &ephemeral, &agreement)?;
            entries.push(keys.seal(index, &ephemeral, notice, rng)?);
        }
        while entries.len() < size {
            let mut decoy = [0; ENTRY_BYTES];
            rng.fill_bytes(&mut decoy);
            entries.push(decoy);
        }
        entries.shuffle(rng);
        Ok(Self { ephemeral, entries })
    }

    /// The notices to one pass, by index. Costs one agreement, whatever the size.
    pub fn notices_to(&self, holder: &HolderKey) -> Vec<PassNotice> {
        let agreement = holder.public_key().to_montgomery().to_bytes();
        let secret = holder.agreement_secret();
        let Ok(keys) = Keys::agree(&secret, &self.ephemeral, &self.ephemeral, &agreement) else {
            return Vec::new();
        };
        let opened = (0..NOTICES_PER_PASS).filter_map(|index| {
            let tag = keys.tag(index);
            let entry = self.entries.iter().find(|entry| entry.starts_with(tag.expose()))?;
            keys.open(index, &self.ephemeral, entry)
        });
        opened.collect()
    }

    /// How many entries there are, decoys included.
    pub fn size(&self) -> usize {
        self.entries.len()
    }

    /// ephemeral key || u16 count || entries
    pub(super) fn push(&self, bytes: &mut Vec<u8>) -> Result<(), FormatError> {
        let count = u16::try_from(self.entries.len()).map_err(|_| malformed("it is too long"))?;
        bytes.extend_from_slice(&self.ephemeral);
        bytes.extend_from_slice(&count.to_be_bytes());
        for entry in &self.entries {
            bytes.extend_from_slice(entry);
        }
        Ok(())
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let ephemeral = reader.array()?;
        let count = usize::from(reader.u16()?);
        if !SIZE_CLASSES.contains(&count) {
            return Err(reader.malformed("its section of passes has none of the sizes"));
        }
        let entries = (0..count).map(|_| reader.array()).collect::<Result<_, _>>()?;
        Ok(Self { ephemeral, entries })
    }
}

impl fmt::Debug for PassWarnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassWarnings").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// What both sides agree on for one pass and batch.
struct Keys(SecretBytes<32>);

impl Keys {
    /// `theirs` is the other side's public key; both public keys are hashed.
    fn agree(
        secret: &SecretBytes<32>,
        theirs: &[u8; 32],
        ephemeral: &[u8; 32],
        agreement: &[u8; 32],
    ) -> Result<Self, FormatError> {
        let shared = Zeroizing::new(x25519_dalek::x25519(*secret.expose(), *theirs));
        if *shared == [0; 32] {
            return Err(malformed("a key is of small order"));
        }
        let source = Zeroizing::new([&shared[..], ephemeral, agreement].concat());
        Ok(Self(expand(&Hkdf::<Sha256>::new(None, &source), &[KEY_INFO])))
    }

    fn derive<const N: usize>(&self, info: &[u8], index: u8) -> SecretBytes<N> {
        expand(&Hkdf::<Sha256>::new(None, self.0.expose()), &[info, &[index]])
    }

    fn tag(&self, index: u8) -> SecretBytes<TAG_BYTES> {
        self.derive(b"tag", index)
    }

    fn seal(
        &self,
        index: u8,
        ephemeral: &[u8; 32],
        notice: &PassNotice,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<[u8; ENTRY_BYTES], FormatError> {
        let (tag, key) = (self.tag(index), self.derive(b"notice", index));
        let context = [&ephemeral[..], tag.expose()].concat();
        let sealed = seal::seal(&key, NOTICE_LABEL, &context, &notice.encode()?, rng);
        let entry = [tag.expose(), &sealed[..]].concat();
        let length = FormatError::Length { what: WHAT, bytes: entry.len() };
        entry.try_into().map_err(|_| length)
    }

    fn open(&self, index: u8, ephemeral: &[u8; 32], entry: &[u8]) -> Option<PassNotice> {
        let (tag, sealed) = entry.split_at_checked(TAG_BYTES)?;
        let context = [&ephemeral[..], tag].concat();
        let key = self.derive(b"notice", index);
        let plain = Zeroizing::new(seal::open(&key, NOTICE_LABEL, &context, sealed).ok()?);
        PassNotice::decode(&plain).ok()
    }
}

const fn malformed(reason: &'static str) -> FormatError {
    FormatError::Malformed { what: WHAT, reason }
}
