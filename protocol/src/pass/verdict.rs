//! What a door says to a code, without asking anybody.

use super::PassError;
use super::content::{CODE_PREFIX, Pass, PassContent, WHAT};
use super::keys::PassKeys;
use super::live::{LIVE_BYTES, LivePass};
use crate::code::from_code;
use crate::interval::UnixTime;
use crate::read::Reader;

/// How far the clocks of the screen and the door may differ, either way.
pub const CLOCK_GRACE_SECONDS: u64 = 180;
/// From how far back on a time is that of an old picture rather than of a clock that is wrong.
pub const STALE_AFTER_SECONDS: u64 = 3_600;

/// What a code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// A screen's.
    Live(LivePass),
    /// A sheet's.
    Printed(Pass),
}

impl Presented {
    /// The pass.
    pub const fn pass(&self) -> &Pass {
        match self {
            Self::Live(live) => live.pass(),
            Self::Printed(pass) => pass,
        }
    }

    /// The bytes that a door keeps of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Live(live) => live.to_bytes().to_vec(),
            Self::Printed(pass) => pass.to_bytes().to_vec(),
        }
    }

    /// Reads the bytes of a code. Its length must be that of its kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PassError> {
        let mut reader = Reader::new(WHAT, bytes);
        let presented = Self::read(&mut reader)?;
        reader.end()?;
        Ok(presented)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, PassError> {
        let pass = Pass::read(reader)?;
        if pass.content().kind.is_live() {
            LivePass::read(pass, reader).map(Self::Live)
        } else {
            Ok(Self::Printed(pass))
        }
    }
}

/// Reads the text of a QR code, of at most [`super::MAX_CODE_CHARS`] characters.
pub fn read_code(code: &str) -> Result<Presented, PassError> {
    Presented::from_bytes(&from_code(WHAT, CODE_PREFIX, code, LIVE_BYTES)?)
}

/// What a door says, each in other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Issued, of today, and shown now.
    Valid(PassContent),
    /// For training and demonstration: neither yes nor no.
    Specimen,
    /// It was never issued, or it was altered.
    NotAPass,
    /// Of a key that this door does not know, or that was revoked.
    UnknownKey,
    /// Of other local days, first and last.
    WrongDay(u16, u16),
    /// The code is a picture taken so many seconds ago.
    TooOld(u64),
    /// The clocks differ too much; the time of the code.
    ClocksDiffer(UnixTime),
    /// The door's keys are too old to say anything.
    KeysExpired,
}

impl PassKeys {
    /// What to say to what was presented at `now`. Whether it was used here before, the door knows.
    pub fn judge(&self, presented: &Presented, now: UnixTime) -> Verdict {
        if now >= self.list().expires_at {
            return Verdict::KeysExpired;
        }
        match self.verify(presented.pass()) {
            Ok(()) => {}
            Err(PassError::UnknownKey) => return Verdict::UnknownKey,
            Err(_) => return Verdict::NotAPass,
        }
        if let Presented::Live(live) = presented
            && live.verify_holder().is_err()
        {
            return Verdict::NotAPass;
        }
        let content = *presented.pass().content();
        if content.kind.is_specimen() {
            return Verdict::Specimen;
        }
        let days = self.valid_days(content.first_day);
        if !days.contains(&self.list().local_time.day(now)) {
            return Verdict::WrongDay(*days.start(), *days.end());
        }
        match presented {
            Presented::Live(live) => time_verdict(live.shown_at(), now),
            Presented::Printed(_) => None,
        }
        .unwrap_or(Verdict::Valid(content))
    }
}

fn time_verdict(shown_at: UnixTime, now: UnixTime) -> Option<Verdict> {
    let behind = now.since(shown_at);
    if behind > STALE_AFTER_SECONDS {
        return Some(Verdict::TooOld(behind));
    }
    let apart = behind.max(shown_at.since(now));
    (apart > CLOCK_GRACE_SECONDS).then_some(Verdict::ClocksDiffer(shown_at))
}
