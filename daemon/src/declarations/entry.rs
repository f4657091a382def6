//! One declaration as this device keeps it: form, receipt, what became of it, and its passes.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vungxanh_protocol::declaration::{
    DECLARE_REQUEST_BYTES, Form, MAX_FORM_BYTES, RECEIPT_SECRET_BYTES, SUBMISSION_BYTES,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{
    BUNDLE_PASSES, DayKey, HolderKey, KeyName, MAX_VALID_DAYS, PASS_BYTES, Pass, PassKind,
    PassRequest,
};
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use crate::control_api::{DeclarationState, DeclarationStatus};
use crate::sync::HeldPass;

/// First wait before a request is sent again, in seconds; doubled each time.
const RETRY_SECONDS: u64 = 60;
const LONGEST_RETRY_SECONDS: u64 = 3_600;
/// Characters that are stored of the reason why a request waits.
const MAX_REASON_CHARS: usize = 300;
/// The server takes declarations of a day for so long after it.
pub(super) const GRACE_SECONDS: u64 = 3_600;
/// Longer than any retention of a declaration with its passes.
const MAX_KEPT_DAYS: u16 = 120;

/// Secret bytes in Base64, as they stand in a sealed record. Wiped when dropped, never printed.
#[derive(Clone, PartialEq)]
pub(super) struct StoredSecret(Zeroizing<String>);

impl StoredSecret {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(BASE64_STANDARD.encode(bytes)))
    }

    pub(super) fn bytes<const N: usize>(&self) -> Option<SecretBytes<N>> {
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(self.0.as_bytes()).ok()?);
        SecretBytes::from_slice(&bytes)
    }
}

impl Serialize for StoredSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for StoredSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSecret(..)")
    }
}

/// The key under which passes were asked for: the answer is verified with it, whatever is published then.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AskedKey {
    day: u16,
    id: u8,
    #[serde(with = "hex::serde")]
    key: Vec<u8>,
}

impl AskedKey {
    pub(super) fn of(key: &DayKey) -> Self {
        let KeyName { day, id, .. } = key.name();
        Self { day, id, key: key.to_bytes().to_vec() }
    }

    pub(super) fn read(&self, kind: PassKind) -> Option<DayKey> {
        let name = KeyName { day: self.day, kind, id: self.id };
        DayKey::from_bytes(name, &self.key.as_slice().try_into().ok()?).ok()
    }
}

/// A request that is not answered yet.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Request {
    /// The body, sent byte for byte until it is answered.
    pub(super) body: String,
    /// What unblinds the answer, live passes first; none if it replaces another declaration.
    pub(super) bundle: Vec<StoredSecret>,
    pub(super) printed: u8,
    pub(super) live_key: AskedKey,
    pub(super) printed_key: AskedKey,
    /// The declaration whose place it takes.
    pub(super) replaces: Option<String>,
}

/// How often something was tried, and when it is tried again.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Retry {
    tries: u32,
    pub(super) next: UnixTime,
    why: String,
}

impl Retry {
    /// For the first time, now.
    pub(super) fn at(now: UnixTime) -> Self {
        Self { next: now, ..Self::default() }
    }

    /// Another try failed. `jitter` is 0 to 1.
    pub(super) fn failed(&mut self, why: &str, now: UnixTime, jitter: f64) {
        let wait = (RETRY_SECONDS << self.tries.min(8)).min(LONGEST_RETRY_SECONDS);
        self.tries = self.tries.saturating_add(1);
        self.next = now.plus(wait + (wait as f64 / 2.0 * jitter) as u64);
        self.why = why.chars().take(MAX_REASON_CHARS).collect();
    }
}

/// What became of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub(super) enum Stage {
    Waiting { request: Box<Request>, retry: Retry },
    Sent,
    SentWithoutPasses,
    TooLate,
    Refused { code: String },
    Withdrawing { retry: Retry },
    Withdrawn,
    Replaced,
}

/// A pass and the secret that shows it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptPass {
    pass: StoredSecret,
    holder: StoredSecret,
}

impl KeptPass {
    pub(super) fn of(pass: &Pass, holder: &HolderKey) -> Self {
        Self {
            pass: StoredSecret::of(&pass.to_bytes()),
            holder: StoredSecret::of(holder.to_seed().expose()),
        }
    }

    /// The pass, if the secret is its own.
    pub(super) fn read(&self) -> Option<(Pass, HolderKey)> {
        let pass = Pass::from_bytes(self.pass.bytes::<PASS_BYTES>()?.expose()).ok()?;
        let holder = HolderKey::from_seed(&self.holder.bytes()?);
        (holder.public_key() == *pass.content().holder()).then_some((pass, holder))
    }
}

/// A declaration.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Hexadecimal.
    pub(super) submission: String,
    pub(super) receipt: StoredSecret,
    pub(super) form: Form,
    pub(super) made_at: UnixTime,
    /// The authority's time, in minutes ahead of UTC.
    pub(super) minutes_ahead: i16,
    /// For how many local days its passes are valid.
    pub(super) valid_days: u8,
    /// The last local day on which it is kept.
    pub(super) kept_through: u16,
    pub(super) stage: Stage,
    pub(super) passes: Vec<KeptPass>,
}

/// The last local day on which a declaration of `day` is kept: its passes end, then warnings and withdrawals.
pub(super) fn kept_through(day: u16, valid_days: u8, retention_days: u16) -> u16 {
    day.saturating_add(u16::from(valid_days.saturating_sub(1))).saturating_add(retention_days)
}

impl Entry {
    pub(super) fn local_time(&self) -> LocalTime {
        LocalTime::new(self.minutes_ahead).unwrap_or(LocalTime::VIET_NAM)
    }

    /// Whether its last day is over.
    pub(super) fn has_expired(&self, now: UnixTime) -> bool {
        self.local_time().day(now) > self.kept_through
    }

    /// The last local day on which its passes are valid.
    pub(super) fn passes_last_day(&self) -> u16 {
        self.form.day.saturating_add(u16::from(self.valid_days.saturating_sub(1)))
    }

    pub(super) fn has_valid_passes(&self, now: UnixTime) -> bool {
        let days = self.form.day..=self.passes_last_day();
        !self.passes.is_empty() && days.contains(&self.local_time().day(now))
    }

    /// From when on the server no longer takes it.
    pub(super) fn too_late_from(&self) -> UnixTime {
        self.local_time().start(self.form.day.saturating_add(1)).plus(GRACE_SECONDS)
    }

    /// When the next request about it is due.
    pub(super) fn due(&self) -> Option<UnixTime> {
        match &self.stage {
            Stage::Waiting { retry, .. } | Stage::Withdrawing { retry } => Some(retry.next),
            _ => None,
        }
    }

    pub(super) fn submission_bytes(&self) -> Option<[u8; SUBMISSION_BYTES]> {
        hex::decode(&self.submission).ok()?.try_into().ok()
    }

    pub(super) fn receipt_secret(&self) -> Option<SecretBytes<RECEIPT_SECRET_BYTES>> {
        self.receipt.bytes()
    }

    /// The passes of one kind, by their place in the bundle.
    pub(super) fn passes_of(&self, kind: PassKind) -> Vec<(usize, Pass, HolderKey)> {
        let read = self.passes.iter().enumerate().filter_map(|(place, kept)| {
            let (pass, holder) = kept.read()?;
            Some((place, pass, holder))
        });
        read.filter(|(_, pass, _)| pass.content().kind == kind).collect()
    }

    /// All of its passes, with the time in which doors take them.
    pub(super) fn held(&self) -> Vec<HeldPass> {
        let local_time = self.local_time();
        let valid_from = local_time.start(self.form.day);
        let valid_until = local_time.start(self.passes_last_day().saturating_add(1));
        let holders = self.passes.iter().filter_map(|kept| kept.read().map(|(_, holder)| holder));
        holders.map(|holder| HeldPass { holder, valid_from, valid_until }).collect()
    }

    pub(super) fn status(&self) -> DeclarationStatus {
        let (state, detail, next) = match &self.stage {
            Stage::Waiting { retry, .. } => (DeclarationState::Waiting, retry.why.as_str(), true),
            Stage::Sent => (DeclarationState::Sent, "", false),
            Stage::SentWithoutPasses => (DeclarationState::SentWithoutPasses, "", false),
            Stage::TooLate => (DeclarationState::TooLate, "", false),
            Stage::Refused { code } => (DeclarationState::Refused, code.as_str(), false),
            Stage::Withdrawing { retry } => {
                (DeclarationState::Withdrawing, retry.why.as_str(), true)
            }
            Stage::Withdrawn => (DeclarationState::Withdrawn, "", false),
            Stage::Replaced => (DeclarationState::Replaced, "", false),
        };
        let of_kind = |kind| self.passes_of(kind).len();
        DeclarationStatus {
            submission: self.submission.clone(),
            kind: self.form.kind,
            name: self.form.name.clone(),
            on_behalf: !self.form.by_name.is_empty(),
            made_at: self.made_at,
            state,
            detail: detail.to_owned(),
            next: self.due().filter(|_| next),
            live_passes: of_kind(PassKind::Live),
            printed_passes: of_kind(PassKind::Printed),
            passes_last_day: (!self.passes.is_empty()).then(|| self.passes_last_day()),
            kept_until: self.local_time().start(self.kept_through.saturating_add(1)),
        }
    }

    /// Whether a device can have written this by `now`.
    pub(super) fn is_possible(&self, now: UnixTime) -> bool {
        let json = serde_json::to_vec(&self.form).unwrap_or_default();
        let form = json.len() <= MAX_FORM_BYTES && self.form.problems().is_empty();
        let today = self.local_time().day(now);
        let days = self.form.day <= today.saturating_add(1)
            && (1..=MAX_VALID_DAYS).contains(&self.valid_days)
            && self.kept_through >= self.form.day
            && self.kept_through - self.form.day <= MAX_KEPT_DAYS;
        let stage = match &self.stage {
            Stage::Waiting { request, .. } => request.is_possible(),
            Stage::Refused { code } => code.len() <= MAX_REASON_CHARS,
            _ => true,
        };
        let passes = self.passes.len() <= BUNDLE_PASSES
            && self.passes.iter().all(|kept| kept.read().is_some());
        LocalTime::new(self.minutes_ahead).is_some()
            && self.submission_bytes().is_some()
            && self.receipt_secret().is_some()
            && form
            && days
            && stage
            && passes
    }
}

impl Request {
    /// What unblinds the answer.
    pub(super) fn pass_requests(&self) -> Option<Vec<PassRequest>> {
        let read = |kept: &StoredSecret| PassRequest::from_bytes(&kept.bytes()?).ok();
        self.bundle.iter().map(read).collect()
    }

    fn is_possible(&self) -> bool {
        let replaces = self.replaces.as_ref().is_none_or(|id| id.len() == 2 * SUBMISSION_BYTES);
        self.body.len() == DECLARE_REQUEST_BYTES
            && self.bundle.len() <= BUNDLE_PASSES
            && usize::from(self.printed) <= BUNDLE_PASSES
            && replaces
            && self.pass_requests().is_some()
            && self.live_key.read(PassKind::Live).is_some()
            && self.printed_key.read(PassKind::Printed).is_some()
    }
}
