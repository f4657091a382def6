//! Passes: what a declaration is answered with. A pass says that one was issued on a day and holds
//! no personal data; its issuer cannot recognise it (blind BLS signatures, Boldyreva 2003, on
//! BLS12-381). The normative description is `docs/protocol.md` section 15.
//!
//! ```text
//! PassRequest (holder key, r) -> BlindedPass -> PassIssuer -> BlindSignature
//!        |                                                        |
//!        +----------------- finish: unblind, verify --------------+
//!                                   |
//!             Pass, printed; or LivePass, signed again every 30 s by the holder key
//!                                   |
//!                  code (QR text) -> read_code -> PassKeys::judge -> Verdict
//! ```

mod blind;
mod content;
mod error;
mod issue;
mod issuer;
mod keys;
mod live;
mod verdict;

pub use blind::{BLINDED_BYTES, PASS_DOMAIN, SIGNATURE_BYTES};
pub use content::{CODE_PREFIX, MAX_CODE_CHARS, PASS_BYTES, Pass, PassContent, PassKind, VERSION};
pub use error::PassError;
pub use issue::{BUNDLE_PASSES, BlindSignature, BlindedPass, HolderKey, PassRequest};
pub use issuer::PassIssuer;
pub use keys::{
    DayKey, KEYS_LABEL, KeyName, MAX_PASS_KEYS, MAX_SIGNED_KEYS_BYTES, MAX_VALID_DAYS,
    PASS_KEYS_PATH, PassKeyList, PassKeys,
};
pub use live::{LIVE_BYTES, LIVE_LABEL, LivePass, RENEWAL_SECONDS};
pub use verdict::{CLOCK_GRACE_SECONDS, Presented, STALE_AFTER_SECONDS, Verdict, read_code};

pub(crate) use blind::{CheckedPoint, IssuingKey, SecretScalar};
