//! The signed authority document: who the authority is, which keys sign its export files, and by
//! which parameters devices trace and score.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use base64::Engine;
//! use base64::prelude::BASE64_STANDARD;
//! use ed25519_dalek::SigningKey;
//! use vungxanh_protocol::authority::*;
//! use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
//! use vungxanh_protocol::risk::RiskParameters;
//! use vungxanh_protocol::venue::rules::VenueRules;
//!
//! # fn main() -> Result<(), AuthorityError> {
//! let root = SigningKey::from_bytes(&[1; 32]);
//! let now = UnixTime::from_secs(1_784_203_200);
//! let document = AuthorityDocument {
//!     format: FORMAT,
//!     id: "vn.hanoi".into(),
//!     name: BTreeMap::from([("vi".into(), "CDC Hà Nội".into())]),
//!     serial: 5,
//!     issued_at: now,
//!     expires_at: now.plus(30 * 86_400),
//!     root_key: BASE64_STANDARD.encode(root.verifying_key().as_bytes()),
//!     regions: vec!["VN".into()],
//!     exports: "v1/exports/".into(),
//!     export_keys: Vec::new(),
//!     warnings: "v1/warnings/".into(),
//!     tracing: TracingParameters {
//!         plain_gaen: false,
//!         rolling_period: RollingPeriod::SIX_HOURS,
//!         retention_days: 14,
//!         clock_tolerance: 1,
//!         look_alike_mean_hours: 72,
//!         sync_mean_minutes: 120,
//!     },
//!     risk: RiskParameters::narrow(),
//!     venues: VenueRules { lingering_minutes: 0, minimum_overlap_minutes: 15, time_weight: 50 },
//!     venue_keys: Vec::new(),
//!     advice: BTreeMap::new(),
//!     contacts: ContactRules::default(),
//!     declarations: None,
//! };
//! let signed = document.to_signed(&root)?;
//!
//! // Enrolment: the person compares the fingerprint with what the authority has printed.
//! let enrolled = VerifiedAuthority::first_contact(&signed, now)?;
//! assert_eq!(enrolled.fingerprint().len(), 64);
//!
//! // Later: the same root key, and never an older document.
//! let serial = enrolled.document().serial;
//! let renewed = AuthorityDocument { serial: serial + 1, ..document }.to_signed(&root)?;
//! let newer = VerifiedAuthority::update(&renewed, enrolled.root_key(), serial, now)?;
//! let older = VerifiedAuthority::update(&signed, newer.root_key(), serial + 1, now);
//! assert_eq!(older, Err(AuthorityError::RolledBack { seen: 6, found: 5 }));
//! # Ok(())
//! # }
//! ```

mod people;
mod verified;

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::api::WARNINGS_PATH;
use crate::interval::{RollingPeriod, UnixTime};
use crate::risk::{RiskError, RiskParameters};
use crate::signed::{self, SignedError};
use crate::text::{is_plain, is_plain_lines};
use crate::venue::VenueError;
use crate::venue::keys::{MAX_VENUE_KEYS, ProvenVenueKey, VenueKey};
use crate::venue::rules::{VenueRules, VenueRulesError};

pub use people::{ContactRules, DeclarationRules, SymptomAdvice};
pub use verified::VerifiedAuthority;

/// What the root key's signature is for.
pub const SIGNING_LABEL: &str = "VX-AUTHORITY-1";
/// The longest signed document that a reader takes, in bytes.
pub const MAX_SIGNED_BYTES: usize = 256 * 1024;
/// The version of the document's format that this crate reads and writes.
pub const FORMAT: u32 = 1;
const MAX_NAME_BYTES: usize = 64;
const MAX_REGIONS: usize = 64;
const MAX_EXPORT_KEYS: usize = 64;
/// Days for which officers can open declarations.
const RETENTION_OF_DECLARATIONS: std::ops::RangeInclusive<u16> = 1..=60;
/// Where a server publishes it, relative to its URL.
pub const DOCUMENT_PATH: &str = "v1/authority";

/// The authority document, version 1. See `docs/protocol.md` for the meaning of each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorityDocument {
    /// Version of this format: [`FORMAT`].
    pub format: u32,
    /// The authority's id, for example `vn.hanoi`.
    pub id: String,
    /// Name by language tag (`vi`, `en`).
    pub name: BTreeMap<String, String>,
    /// Counts up with every change; a reader refuses a lower one than it has seen.
    pub serial: u64,
    /// When it was signed.
    pub issued_at: UnixTime,
    /// From when on readers refuse it.
    pub expires_at: UnixTime,
    /// The root key that signs this document (Ed25519, base64 of 32 bytes).
    pub root_key: String,
    /// Regions whose batches a device fetches, as in the export file.
    pub regions: Vec<String>,
    /// Where export files are: a URL, or a path relative to the authority's URL. Ends with `/`;
    /// `<exports><region>/index.txt` lists the files.
    pub exports: String,
    /// Keys that may sign export files.
    pub export_keys: Vec<ExportKey>,
    /// Where batches of warnings about venues are: a URL, or a path relative to the authority's
    /// URL. Ends with `/`; `<warnings><region>/index.txt` lists the files.
    /// [`crate::api::WARNINGS_PATH`] where a document does not say it.
    #[serde(default = "default_warnings")]
    pub warnings: String,
    /// How devices broadcast, keep and match.
    pub tracing: TracingParameters,
    /// How devices score exposures.
    pub risk: RiskParameters,
    /// Rules for venue check-ins.
    pub venues: VenueRules,
    /// The authority's keys for venues; none where it has no venues.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub venue_keys: Vec<VenueKey>,
    /// What to do after an exposure, by language tag.
    pub advice: BTreeMap<String, String>,
    /// On which days to do it; says nothing in documents of earlier servers.
    #[serde(default, skip_serializing_if = "ContactRules::is_empty")]
    pub contacts: ContactRules,
    /// How health declarations are taken; none in documents of earlier servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declarations: Option<DeclarationRules>,
}

/// A key that may sign export files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportKey {
    /// `verification_key_id` of the export file's signature info.
    pub id: String,
    /// `verification_key_version`.
    pub version: String,
    /// ECDSA P-256 public key, PEM (SubjectPublicKeyInfo).
    pub public_key: String,
    /// First moment of validity.
    pub not_before: UnixTime,
    /// First moment after its validity.
    pub not_after: UnixTime,
}

/// How devices broadcast, keep and match. Readers bound every number, see [`TracingParameters::check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracingParameters {
    /// Whether senders without authenticated metadata are admitted.
    pub plain_gaen: bool,
    /// Intervals for which own keys are valid.
    pub rolling_period: RollingPeriod,
    /// Days for which encounters and keys are stored.
    pub retention_days: u32,
    /// Intervals by which a sighting may be off the derived interval.
    pub clock_tolerance: u32,
    /// Mean hours between a device's look-alike publications.
    pub look_alike_mean_hours: u32,
    /// Mean minutes between fetches of new batches.
    pub sync_mean_minutes: u32,
}

fn default_warnings() -> String {
    WARNINGS_PATH.to_owned()
}

/// Why an authority document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The signature envelope.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// A key for venues.
    #[error("the authority document's venue keys: {0}")]
    Venue(#[from] VenueError),
    /// Parameters by which devices score.
    #[error("the authority document's risk parameters: {0}")]
    Risk(#[from] RiskError),
    /// Rules for venue check-ins.
    #[error("the authority document's rules for venues: {0}")]
    VenueRules(#[from] VenueRulesError),
    /// Not the expected JSON.
    #[error("the authority document cannot be read: {0}")]
    Malformed(String),
    /// Another format version than 1.
    #[error("the authority document has format {0}; this program reads format 1")]
    UnknownFormat(u32),
    /// The root key is not the one that was pinned.
    #[error("the authority's root key has fingerprint {found}, expected {expected}")]
    WrongRootKey {
        /// SHA-256 that was pinned, hex.
        expected: String,
        /// SHA-256 of the document's key, hex.
        found: String,
    },
    /// Signed too long ago.
    #[error("the authority document expired at {0} (Unix seconds)")]
    Expired(UnixTime),
    /// An older document than one already seen.
    #[error("the authority document has serial {found}, older than serial {seen} already seen")]
    RolledBack {
        /// Serial seen before.
        seen: u64,
        /// Serial of this document.
        found: u64,
    },
    /// A parameter that no client follows.
    #[error("the authority document asks for {parameter} = {value}; a client accepts {allowed}")]
    OutOfBounds {
        /// Name of the parameter.
        parameter: &'static str,
        /// The value asked for.
        value: u64,
        /// What is accepted.
        allowed: &'static str,
    },
}

impl TracingParameters {
    /// Refuses parameters that would weaken people's protection: these bounds are the client's,
    /// whatever an authority signs.
    pub fn check(&self) -> Result<(), AuthorityError> {
        let out_of_bounds = |parameter, value: u32, allowed| {
            Err(AuthorityError::OutOfBounds { parameter, value: value.into(), allowed })
        };
        let (tolerance, tolerance_text) =
            if self.plain_gaen { (12, "0 to 12 intervals") } else { (2, "0 to 2 intervals") };
        let (period, period_text) = if self.plain_gaen {
            (144, "divisors of 144 up to 144")
        } else {
            (36, "divisors of 144 up to 36")
        };
        let intervals = self.rolling_period.intervals();
        if self.clock_tolerance > tolerance {
            return out_of_bounds("clock_tolerance", self.clock_tolerance, tolerance_text);
        }
        if intervals > period || 144 % intervals != 0 {
            return out_of_bounds("rolling_period", intervals, period_text);
        }
        if !(1..=21).contains(&self.retention_days) {
            return out_of_bounds("retention_days", self.retention_days, "1 to 21 days");
        }
        if !(1..=24 * 14).contains(&self.look_alike_mean_hours) {
            return out_of_bounds(
                "look_alike_mean_hours",
                self.look_alike_mean_hours,
                "1 to 336 hours",
            );
        }
        if !(1..=24 * 60).contains(&self.sync_mean_minutes) {
            return out_of_bounds("sync_mean_minutes", self.sync_mean_minutes, "1 to 1440 minutes");
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// What may stand in a path: no separator, and no name that means another folder.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    (1..=MAX_NAME_BYTES).contains(&text.len())
        && text.bytes().all(allowed)
        && !text.starts_with('.')
}

impl AuthorityDocument {
    /// The document as it is published: JSON signed by the root key. Refuses to sign what readers
    /// would refuse.
    pub fn to_signed(&self, root: &SigningKey) -> Result<Vec<u8>, AuthorityError> {
        Self::sign_json(&self.to_json()?, root)
    }

    /// The JSON that the root key signs. Refuses what readers would refuse.
    pub fn to_json(&self) -> Result<Vec<u8>, AuthorityError> {
        self.check()?;
        let mut bytes = serde_json::to_vec_pretty(self).map_err(malformed)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Signs a document's JSON as it is. Refuses what readers would refuse, and another root key than it
    /// names.
    pub fn sign_json(json: &[u8], root: &SigningKey) -> Result<Vec<u8>, AuthorityError> {
        let document = Self::from_json(json)?;
        require_root_key(&root.verifying_key(), &document.root_key()?)?;
        Ok(signed::sign(SIGNING_LABEL, json, root))
    }

    /// Reads plain JSON without any signature, for tools that work on files alone.
    pub fn from_json(bytes: &[u8]) -> Result<Self, AuthorityError> {
        if bytes.len() > MAX_SIGNED_BYTES {
            let too_long = SignedError::TooLong { bytes: bytes.len(), limit: MAX_SIGNED_BYTES };
            return Err(too_long.into());
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(malformed)?;
        if format != FORMAT {
            return Err(AuthorityError::UnknownFormat(format));
        }
        let document: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        document.check()?;
        Ok(document)
    }

    /// Refuses what no client follows; the signer checks it before signing.
    pub fn check(&self) -> Result<(), AuthorityError> {
        let malformed = |text: &str| Err(AuthorityError::Malformed(text.into()));
        if !is_name(&self.id) {
            return malformed(
                "id must be 1 to 64 letters, digits, '.', '-', '_' or '+', no '.' first",
            );
        }
        if self.regions.is_empty() || self.regions.len() > MAX_REGIONS {
            return malformed("regions must name 1 to 64 regions");
        }
        if !self.regions.iter().all(|region| is_name(region)) {
            return malformed(
                "a region must be 1 to 64 letters, digits, '.', '-', '_' or '+', no '.' first",
            );
        }
        self.check_texts()?;
        if !self.exports.ends_with('/') {
            return malformed("exports must end with '/'");
        }
        if !self.warnings.ends_with('/') {
            return malformed("warnings must end with '/'");
        }
        if self.export_keys.len() > MAX_EXPORT_KEYS {
            return malformed("export_keys names more than 64 keys");
        }
        self.tracing.check()?;
        self.risk.check()?;
        self.venues.check()?;
        self.contacts.check()?;
        if self.venue_keys.len() > MAX_VENUE_KEYS {
            return malformed("venue_keys names more than 16 keys");
        }
        self.proven_venue_keys()?;
        let days = self.declarations.as_ref().map_or(1, |rules| rules.retention_days);
        if !RETENTION_OF_DECLARATIONS.contains(&days) {
            return malformed("retention_days of declarations must be 1 to 60");
        }
        Ok(())
    }

    /// Refuses texts that could repaint a terminal or show their characters in another order, before
    /// anybody sees them.
    fn check_texts(&self) -> Result<(), AuthorityError> {
        let of_keys = self.export_keys.iter().flat_map(|key| [&key.id, &key.version]);
        let names = self.name.iter().flat_map(|(language, name)| [language, name]);
        let of_symptoms = self.declarations.iter().map(|rules| &rules.symptoms);
        let advice = of_symptoms.flat_map(|advice| [&advice.call, &advice.now]);
        let advice: Vec<_> = advice.chain([&self.advice]).collect();
        let languages = advice.iter().flat_map(|texts| texts.keys());
        let mut one_line = names.chain(of_keys).chain(languages);
        if one_line.all(|text| is_plain(text))
            && advice.iter().all(|texts| texts.values().all(|text| is_plain_lines(text)))
        {
            return Ok(());
        }
        Err(AuthorityError::Malformed(
            "a name, a key's id or an advice has control characters or marks of direction".into(),
        ))
    }

    /// The authority's keys for venues, with their proofs of possession checked (about 2 ms each).
    pub fn proven_venue_keys(&self) -> Result<Vec<ProvenVenueKey>, AuthorityError> {
        let keys: Vec<_> =
            self.venue_keys.iter().map(VenueKey::proven).collect::<Result<_, _>>()?;
        let ids: std::collections::BTreeSet<u8> = keys.iter().map(|key| key.id).collect();
        if ids.len() < keys.len() {
            return Err(AuthorityError::Malformed("two venue_keys have one id".into()));
        }
        Ok(keys)
    }

    /// The root key that the document names.
    pub fn root_key(&self) -> Result<VerifyingKey, AuthorityError> {
        BASE64_STANDARD
            .decode(&self.root_key)
            .ok()
            .and_then(|raw| <[u8; 32]>::try_from(raw).ok())
            .and_then(|raw| VerifyingKey::from_bytes(&raw).ok())
            .filter(|key| !key.is_weak())
            .ok_or_else(|| AuthorityError::Malformed("root_key is no Ed25519 public key".into()))
    }
}

fn require_root_key(expected: &VerifyingKey, found: &VerifyingKey) -> Result<(), AuthorityError> {
    if found == expected {
        return Ok(());
    }
    Err(AuthorityError::WrongRootKey {
        expected: hex::encode(signed::fingerprint(expected)),
        found: hex::encode(signed::fingerprint(found)),
    })
}

fn malformed(error: serde_json::Error) -> AuthorityError {
    AuthorityError::Malformed(error.to_string())
}
