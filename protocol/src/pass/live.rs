//! A live pass: signed again by its holder key every half minute, so that a photo goes stale.

use std::fmt;

use ed25519_dalek::{Signature, Signer};

use super::PassError;
use super::content::{CODE_PREFIX, PASS_BYTES, Pass, WHAT};
use super::issue::HolderKey;
use crate::code::to_code;
use crate::interval::UnixTime;
use crate::read::{FormatError, Reader};

/// What the holder key's signature is for.
pub const LIVE_LABEL: &str = "VX-PASS-LIVE-1";
/// Bytes of a live pass: the pass, the time and the signature.
pub const LIVE_BYTES: usize = PASS_BYTES + 4 + 64;
/// How often the code is made again.
pub const RENEWAL_SECONDS: u64 = 30;

/// A pass as it stood on a screen at one moment. Its times and signatures have not been judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LivePass {
    pass: Pass,
    shown_at: u32,
    signature: Signature,
}

impl LivePass {
    /// What the holder's screen shows at `now`.
    pub fn show(pass: &Pass, holder: &HolderKey, now: UnixTime) -> Result<Self, PassError> {
        let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
        if !pass.content().kind.is_live() {
            return Err(malformed("it is a printed one").into());
        }
        if holder.public_key() != *pass.content().holder() {
            return Err(PassError::BadHolderKey);
        }
        let shown_at =
            u32::try_from(now.as_secs()).map_err(|_| malformed("its time is after 2106"))?;
        let signature = holder.signing_key().sign(&message(pass, shown_at));
        Ok(Self { pass: *pass, shown_at, signature })
    }

    /// The pass.
    pub const fn pass(&self) -> &Pass {
        &self.pass
    }

    /// When the holder's screen says that it showed it.
    pub const fn shown_at(&self) -> UnixTime {
        UnixTime::from_secs(self.shown_at as u64)
    }

    /// Whether the holder key signed this time.
    pub fn verify_holder(&self) -> Result<(), PassError> {
        let holder = self.pass.content().holder();
        let verdict = holder.verify_strict(&message(&self.pass, self.shown_at), &self.signature);
        verdict.map_err(|_| PassError::NotIssued)
    }

    /// The bytes.
    pub fn to_bytes(&self) -> [u8; LIVE_BYTES] {
        let mut bytes = [0; LIVE_BYTES];
        let (pass, time) = (self.pass.to_bytes(), self.shown_at.to_be_bytes());
        let parts = pass.into_iter().chain(time).chain(self.signature.to_bytes());
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }

    pub(super) fn read(pass: Pass, reader: &mut Reader<'_>) -> Result<Self, PassError> {
        let shown_at = reader.u32()?;
        Ok(Self { pass, shown_at, signature: Signature::from_bytes(&reader.array()?) })
    }

    /// The text of its QR code.
    pub fn code(&self) -> String {
        to_code(CODE_PREFIX, &self.to_bytes())
    }
}

impl fmt::Debug for LivePass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LivePass").field("pass", &self.pass).finish_non_exhaustive()
    }
}

fn message(pass: &Pass, shown_at: u32) -> Vec<u8> {
    [LIVE_LABEL.as_bytes(), &[0], &pass.to_bytes(), &shown_at.to_be_bytes()].concat()
}
