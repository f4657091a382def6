//! Visits that a person chose to disclose to the authority: what is read out or pasted for an officer.
//!
//! A line names the poster by a fingerprint, so that the place need not be searched for by name,
//! and the times of the stay. It says nothing about who was there.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::VenueError;
use super::poster::MAX_STAY_SECONDS;
use crate::interval::UnixTime;

/// Bytes of a poster's fingerprint.
pub const FINGERPRINT_BYTES: usize = 16;
/// The longest line of a visit, in bytes, without blanks around it.
pub const MAX_VISIT_TEXT_BYTES: usize = 80;
const SCHEME: &str = "vx-visit";
const VERSION: u8 = 1;
const WHAT: &str = "the visit";

/// Names a poster: the first half of the SHA-256 of its whole payload. For a display it is that
/// of the payload without the hour and what follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PosterFingerprint([u8; FINGERPRINT_BYTES]);

impl PosterFingerprint {
    /// Of a payload, its signature by the poster key included.
    pub fn of_payload(payload: &[u8]) -> Self {
        let mut fingerprint = [0; FINGERPRINT_BYTES];
        fingerprint.copy_from_slice(&Sha256::digest(payload)[..FINGERPRINT_BYTES]);
        Self(fingerprint)
    }

    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; FINGERPRINT_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; FINGERPRINT_BYTES] {
        &self.0
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for PosterFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for PosterFingerprint {
    type Err = VenueError;

    fn from_str(text: &str) -> Result<Self, VenueError> {
        let mut bytes = [0; FINGERPRINT_BYTES];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| malformed("its poster is not 32 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for PosterFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PosterFingerprint(..)")
    }
}

/// One visit that a person chose to disclose. Its text is
/// `vx-visit:1:<32 hexadecimal digits>:<from>:<until>`, times in Unix seconds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DisclosedVisit {
    poster: PosterFingerprint,
    from: UnixTime,
    until: UnixTime,
}

impl DisclosedVisit {
    /// A visit at the place of `poster`, from `from` until before `until`: at most
    /// [`MAX_STAY_SECONDS`], before the year 2106.
    pub fn new(
        poster: PosterFingerprint,
        from: UnixTime,
        until: UnixTime,
    ) -> Result<Self, VenueError> {
        if from >= until {
            return Err(malformed("it ends before it begins"));
        }
        if until.since(from) > MAX_STAY_SECONDS {
            return Err(malformed("it is longer than a day"));
        }
        if u32::try_from(until.as_secs()).is_err() {
            return Err(malformed("a time is after 2106"));
        }
        Ok(Self { poster, from, until })
    }

    /// Which poster was scanned.
    pub const fn poster(&self) -> PosterFingerprint {
        self.poster
    }

    /// When the person came.
    pub const fn from(&self) -> UnixTime {
        self.from
    }

    /// When the person left.
    pub const fn until(&self) -> UnixTime {
        self.until
    }
}

impl fmt::Display for DisclosedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { poster, from, until } = self;
        write!(f, "{SCHEME}:{VERSION}:{poster}:{}:{}", from.as_secs(), until.as_secs())
    }
}

impl FromStr for DisclosedVisit {
    type Err = VenueError;

    /// Reads a line; blanks around it and capital digits are fine.
    fn from_str(text: &str) -> Result<Self, VenueError> {
        let text = text.trim();
        if text.len() > MAX_VISIT_TEXT_BYTES {
            return Err(VenueError::Length { what: WHAT, bytes: text.len() });
        }
        let mut parts = text.split(':');
        if parts.next() != Some(SCHEME) {
            return Err(malformed("it does not begin with 'vx-visit:'"));
        }
        let version = parts.next().and_then(number).ok_or(malformed("it has no version"))?;
        if version != u64::from(VERSION) {
            let found = u8::try_from(version).unwrap_or(u8::MAX);
            return Err(VenueError::UnknownVersion { what: WHAT, found, known: VERSION });
        }
        let poster = parts.next().ok_or(malformed("it names no poster"))?.parse()?;
        let mut time = || {
            let seconds = parts.next().and_then(number);
            seconds.map(UnixTime::from_secs).ok_or(malformed("its times are no two numbers"))
        };
        let (from, until) = (time()?, time()?);
        if parts.next().is_some() {
            return Err(malformed("something follows its end"));
        }
        Self::new(poster, from, until)
    }
}

impl fmt::Debug for DisclosedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisclosedVisit(..)")
    }
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

const fn malformed(reason: &'static str) -> VenueError {
    VenueError::Malformed { what: WHAT, reason }
}
