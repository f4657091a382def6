//! The authority's published keys of declarations and passes: fetched, verified with its root key, and remembered, so
//! that a form can be sealed without a network, and a key that differs from the one seen before is noticed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::intake::{
    INTAKE_KEYS_PATH, IntakeKey, IntakeKeys, MAX_SIGNED_INTAKE_BYTES, MAX_SIGNED_ROSTER_BYTES,
    OFFICERS_PATH, Roster,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{MAX_SIGNED_KEYS_BYTES, PASS_KEYS_PATH, PassError, PassKeys};
use vungxanh_protocol::phone::{
    MAX_SIGNED_PHONE_KEYS_BYTES, PHONE_KEYS_PATH, PhoneError, PhoneKeys,
};
use vungxanh_protocol::units::Units;

use super::DeclareError;
use crate::store::{EncounterStore, put_state, state};
use crate::sync::{Enrolled, Sync, SyncError};

/// The name of the record.
pub(super) const RECORD: &str = "declaration-keys";

/// The three files, verified.
pub(super) struct PublishedKeys {
    pub(super) roster: Roster,
    pub(super) intake: IntakeKeys,
    pub(super) passes: PassKeys,
}

impl PublishedKeys {
    /// The key to which a form of that day and ward is sealed, if an officer can open it.
    pub(super) fn key_for(&self, day: u16, ward: Option<u32>) -> Result<&IntakeKey, DeclareError> {
        let key = self.intake.key_for(day, province_of(ward))?;
        match self.roster.of_group(key.group).next() {
            Some(_) => Ok(key),
            None => Err(DeclareError::NoOfficer),
        }
    }
}

fn province_of(ward: Option<u32>) -> u8 {
    let units = Units::of_viet_nam();
    ward.and_then(|code| units.ward(code)).map_or(0, |ward| ward.province)
}

/// What was seen last, as it was signed, in Base64.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SeenKeys {
    /// Of the authority's root key: another authority's keys say nothing.
    fingerprint: String,
    officers: String,
    intake: String,
    passes: String,
    /// Of telephone codes; empty where none were asked yet.
    phones: String,
    /// Two different keys were published under one name; to be reported.
    pub(super) conflict: Option<String>,
}

/// The files as they came.
struct Signed {
    officers: Vec<u8>,
    intake: Vec<u8>,
    passes: Vec<u8>,
}

impl SeenKeys {
    pub(super) fn read(
        store: &dyn EncounterStore,
        enrolled: &Enrolled,
    ) -> Result<Self, DeclareError> {
        let seen: Self = state(store, RECORD)?.unwrap_or_default();
        let fingerprint = enrolled.authority.fingerprint();
        if seen.fingerprint == fingerprint {
            return Ok(seen);
        }
        Ok(Self { fingerprint, ..Self::default() })
    }

    fn signed(&self) -> Option<Signed> {
        let decode = |text: &str| BASE64_STANDARD.decode(text).ok().filter(|b| !b.is_empty());
        Some(Signed {
            officers: decode(&self.officers)?,
            intake: decode(&self.intake)?,
            passes: decode(&self.passes)?,
        })
    }

    /// The keys that were seen last, if they have not expired.
    pub(super) fn keys(&self, enrolled: &Enrolled, now: UnixTime) -> Option<PublishedKeys> {
        let signed = self.signed()?;
        let root = enrolled.authority.root_key();
        Some(PublishedKeys {
            roster: Roster::read(&signed.officers, root, 0).ok()?,
            intake: IntakeKeys::read(&signed.intake, root, 0, now).ok()?,
            passes: PassKeys::read(&signed.passes, root, None).ok()?,
        })
    }

    /// Verifies files that came now. What is older than what was seen, or has another key under a name that was seen, is
    /// refused.
    fn verify(
        &self,
        signed: &Signed,
        enrolled: &Enrolled,
        now: UnixTime,
    ) -> Result<PublishedKeys, DeclareError> {
        let root = enrolled.authority.root_key();
        let seen = self.signed();
        let seen_roster = seen.as_ref().and_then(|seen| Roster::read(&seen.officers, root, 0).ok());
        // An expired file still says which serial was seen.
        let seen_intake = seen
            .as_ref()
            .and_then(|seen| IntakeKeys::read(&seen.intake, root, 0, UnixTime::default()).ok());
        let seen_passes =
            seen.as_ref().and_then(|seen| PassKeys::read(&seen.passes, root, None).ok());
        let roster_serial = seen_roster.map_or(0, |roster| roster.serial);
        let intake_serial = seen_intake.map_or(0, |keys| keys.list().serial);
        let keys = PublishedKeys {
            roster: Roster::read(&signed.officers, root, roster_serial)?,
            intake: IntakeKeys::read(&signed.intake, root, intake_serial, now)?,
            passes: PassKeys::read(&signed.passes, root, seen_passes.as_ref())
                .map_err(DeclareError::PassKeys)?,
        };
        if now >= keys.passes.list().expires_at {
            return Err(DeclareError::NotTaken);
        }
        Ok(keys)
    }
}

/// Fetches the files, verifies them, and remembers them.
pub(super) async fn fetch(
    sync: &Sync,
    store: &dyn EncounterStore,
    enrolled: &Enrolled,
    now: UnixTime,
) -> Result<PublishedKeys, DeclareError> {
    let get = async |path, what, limit| match sync.get(enrolled, path, what, limit).await? {
        Some(bytes) => Ok::<_, DeclareError>(bytes),
        None => Err(DeclareError::NotTaken),
    };
    let signed = Signed {
        officers: get(OFFICERS_PATH, "the officers' roster", MAX_SIGNED_ROSTER_BYTES).await?,
        intake: get(INTAKE_KEYS_PATH, "the intake keys", MAX_SIGNED_INTAKE_BYTES).await?,
        passes: get(PASS_KEYS_PATH, "the pass keys", MAX_SIGNED_KEYS_BYTES).await?,
    };
    let seen = SeenKeys::read(store, enrolled)?;
    match seen.verify(&signed, enrolled, now) {
        Ok(keys) => {
            let encode = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
            let now_seen = SeenKeys {
                officers: encode(&signed.officers),
                intake: encode(&signed.intake),
                passes: encode(&signed.passes),
                ..seen.clone()
            };
            if now_seen != seen {
                put_state(store, RECORD, &now_seen)?;
            }
            Ok(keys)
        }
        Err(error) => {
            if let DeclareError::PassKeys(conflict @ PassError::ConflictingKeys { .. }) = &error {
                let conflict = Some(conflict.to_string());
                put_state(store, RECORD, &SeenKeys { conflict, ..seen })?;
            }
            Err(error)
        }
    }
}

/// Fetches the keys of telephone codes, verifies them, and remembers them.
pub(super) async fn fetch_phone_keys(
    sync: &Sync,
    store: &dyn EncounterStore,
    enrolled: &Enrolled,
) -> Result<PhoneKeys, DeclareError> {
    let (what, limit) = ("the keys of telephone codes", MAX_SIGNED_PHONE_KEYS_BYTES);
    let signed = sync.get(enrolled, PHONE_KEYS_PATH, what, limit).await?;
    let signed = signed.ok_or(DeclareError::NotTaken)?;
    let seen = SeenKeys::read(store, enrolled)?;
    let root = enrolled.authority.root_key();
    let seen_keys = BASE64_STANDARD.decode(&seen.phones).ok();
    let seen_keys = seen_keys.and_then(|signed| PhoneKeys::read(&signed, root, None).ok());
    match PhoneKeys::read(&signed, root, seen_keys.as_ref()) {
        Ok(keys) => {
            let phones = BASE64_STANDARD.encode(&signed);
            if phones != seen.phones {
                put_state(store, RECORD, &SeenKeys { phones, ..seen })?;
            }
            Ok(keys)
        }
        Err(error) => {
            if let PhoneError::ConflictingKeys { .. } = &error {
                let conflict = Some(error.to_string());
                put_state(store, RECORD, &SeenKeys { conflict, ..seen })?;
            }
            Err(DeclareError::PhoneKeys(error))
        }
    }
}

/// Whether the network is to blame, so that what was seen last will do.
pub(super) const fn is_unreachable(error: &DeclareError) -> bool {
    matches!(
        error,
        DeclareError::Sync(SyncError::Unreachable { .. } | SyncError::Unexpected { .. })
    )
}
