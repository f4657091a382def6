//! Warnings: the published key of a slot, with a notice that only its visitors and holders of the
//! poster can read. Neither names the venue.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VenueError;
use super::party::PartySecret;
use super::poster::MAX_STAY_SECONDS;
use super::sealed::SlotVisit;
use super::slot::{Hour, NotifyKey};
use super::slot_key::{SLOT_DOMAIN, SLOT_KEY_BYTES, SlotKey};
use crate::diagnosis_key::{Infectiousness, ReportType};
use crate::interval::UnixTime;
use crate::read::{Reader, push_padded};
use crate::seal;
use crate::secret::SecretBytes;

/// Bytes of a published warning.
pub const WARNING_BYTES: usize = HOUR_BYTES + SLOT_KEY_BYTES + SEALED_NOTICE_BYTES;
/// The longest text of a notice, in bytes of UTF-8.
pub const NOTICE_TEXT_BYTES: usize = 117;
/// What the sealing of a notice is for.
pub const NOTICE_LABEL: &str = "VX-VENUE-NOTICE-1";
const HOUR_BYTES: usize = 4;
const NOTICE_BYTES: usize = 128;
const SEALED_NOTICE_BYTES: usize = NOTICE_BYTES + seal::OVERHEAD_BYTES;

/// What a warning says about a case's presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When the case came.
    pub from: UnixTime,
    /// When the case left; at most 24 hours later.
    pub until: UnixTime,
    /// How the case was established; neither unknown nor revoked.
    pub report_type: ReportType,
    /// How infectious the case was; not none.
    pub infectiousness: Infectiousness,
    /// The authority's words, shortened to [`NOTICE_TEXT_BYTES`]; may be empty.
    pub text: String,
}

impl Notice {
    /// The hours for whose slots warnings are due: those that the case was there, and those in
    /// which the venue still counts as exposed.
    pub fn hours(&self, lingering_minutes: u32) -> impl Iterator<Item = Hour> {
        Hour::touched(self.from, self.until.plus(u64::from(lingering_minutes) * 60))
    }

    fn encode(&self) -> Result<Vec<u8>, VenueError> {
        let mut plain = Vec::with_capacity(NOTICE_BYTES);
        for time in [self.from, self.until] {
            let seconds = u32::try_from(time.as_secs());
            plain.extend_from_slice(
                &seconds.map_err(|_| unreadable("a time is after 2106"))?.to_be_bytes(),
            );
        }
        plain.push(self.report_type as u8);
        plain.push(self.infectiousness as u8);
        push_padded(&mut plain, &self.text, NOTICE_TEXT_BYTES);
        Self::decode(&plain)?;
        Ok(plain)
    }

    fn decode(plain: &[u8]) -> Result<Self, VenueError> {
        let mut reader = Reader::new("the notice", plain);
        let from = UnixTime::from_secs(reader.u32()?.into());
        let until = UnixTime::from_secs(reader.u32()?.into());
        let report_type = match ReportType::from_number(reader.byte()?.into()) {
            Some(ReportType::Unknown | ReportType::Revoked) | None => {
                return Err(reader.malformed("its report type is none of a case").into());
            }
            Some(report_type) => report_type,
        };
        let infectiousness = match reader.byte()? {
            1 => Infectiousness::Standard,
            2 => Infectiousness::High,
            _ => return Err(reader.malformed("its infectiousness is none of a case").into()),
        };
        let text = reader.padded_text(NOTICE_TEXT_BYTES)?;
        if from >= until || until.since(from) > MAX_STAY_SECONDS {
            return Err(reader.malformed("its times are reversed or more than a day apart").into());
        }
        reader.end()?;
        Ok(Self { from, until, report_type, infectiousness, text })
    }
}

/// A published warning, or a decoy: only a visit of that slot, or the poster, shows which.
#[derive(Clone, PartialEq, Eq)]
pub struct Warning {
    hour: Hour,
    key: [u8; SLOT_KEY_BYTES],
    notice: [u8; SEALED_NOTICE_BYTES],
}

impl Warning {
    /// A warning about a slot whose key both parties have made together.
    pub fn new(
        hour: Hour,
        key: &SlotKey,
        notice: &Notice,
        notify_key: &NotifyKey,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, VenueError> {
        let key = key.to_bytes();
        let sealed =
            seal::seal(notify_key, NOTICE_LABEL, &context(hour, &key), &notice.encode()?, rng);
        let bytes = sealed.len();
        let notice = <[u8; SEALED_NOTICE_BYTES]>::try_from(sealed)
            .map_err(|_| VenueError::Length { what: "the notice", bytes })?;
        Ok(Self { hour, key, notice })
    }

    /// A random point and random bytes: what a warning looks like.
    pub fn decoy(hour: Hour, rng: &mut impl rand::CryptoRng) -> Self {
        let mut notice = [0; SEALED_NOTICE_BYTES];
        rng.fill_bytes(&mut notice);
        let identity = SecretBytes::<32>::generate(rng);
        let key = PartySecret::generate(rng).sign(identity.expose(), SLOT_DOMAIN).compress();
        Self { hour, key, notice }
    }

    /// `hour (u32, big-endian) || slot key || sealed notice`.
    pub fn to_bytes(&self) -> [u8; WARNING_BYTES] {
        let mut bytes = [0; WARNING_BYTES];
        let hour = self.hour.number().to_be_bytes();
        let parts = hour.iter().chain(&self.key).chain(&self.notice);
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// Splits the bytes. The point is looked at when the warning is tried.
    pub fn from_bytes(bytes: &[u8; WARNING_BYTES]) -> Result<Self, VenueError> {
        let mut reader = Reader::new("the warning", bytes);
        let hour = Hour::new(reader.u32()?);
        let warning = Self { hour, key: reader.array()?, notice: reader.array()? };
        reader.end()?;
        Ok(warning)
    }

    /// The slot's hour.
    pub const fn hour(&self) -> Hour {
        self.hour
    }

    /// The slot's key. Refuses what is no point of the subgroup, and the identity.
    pub fn slot_key(&self) -> Result<SlotKey, VenueError> {
        SlotKey::from_bytes(&self.key)
    }

    /// Opens the notice. Fails for anyone who was not there and has no poster, and for a notice that
    /// was altered or taken from another warning.
    pub fn notice(&self, notify_key: &NotifyKey) -> Result<Notice, VenueError> {
        let context = context(self.hour, &self.key);
        let plain = seal::open(notify_key, NOTICE_LABEL, &context, &self.notice)
            .map_err(|_| unreadable("it was altered or belongs to another slot"))?;
        Notice::decode(&Zeroizing::new(plain))
    }

    /// What the device keeps of a visit that this warning opened and speaks about.
    pub(super) fn venue_match(&self, visit: &SlotVisit) -> Result<VenueMatch, VenueError> {
        let notice = self.notice(&visit.notify_key)?;
        Ok(VenueMatch {
            venue: visit.venue.clone(),
            companions: visit.companions,
            visit_from: visit.from,
            visit_until: visit.until,
            case_from: notice.from,
            case_until: notice.until,
            report_type: notice.report_type,
            infectiousness: notice.infectiousness,
            text: notice.text,
        })
    }
}

impl fmt::Debug for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warning").field("hour", &self.hour).finish_non_exhaustive()
    }
}

/// A visit that a warning spoke about: what the device keeps, sealed, until it expires. Exposures
/// are worked out from all matches together ([`super::exposure::exposures`]), because the
/// warnings of one stay can come in several batches.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueMatch {
    /// The venue's name, shortened.
    pub venue: String,
    /// How many other persons the device stood for.
    pub companions: u8,
    /// Start of this hour's part of the visit.
    pub visit_from: UnixTime,
    /// End of this hour's part of the visit.
    pub visit_until: UnixTime,
    /// When the case came.
    pub case_from: UnixTime,
    /// When the case left.
    pub case_until: UnixTime,
    /// How the case was established.
    pub report_type: ReportType,
    /// How infectious the case was.
    pub infectiousness: Infectiousness,
    /// The authority's words.
    pub text: String,
}

impl fmt::Debug for VenueMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VenueMatch(..)")
    }
}

fn context(hour: Hour, key: &[u8; SLOT_KEY_BYTES]) -> Vec<u8> {
    [&hour.number().to_be_bytes()[..], key].concat()
}

const fn unreadable(reason: &'static str) -> VenueError {
    VenueError::Malformed { what: "the notice", reason }
}
