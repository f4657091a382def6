//! Passes: issued blindly, shown, read and judged; what is refused, and the vectors of an
//! independent implementation.

mod codes;
mod issuing;
mod keys;
mod unlinkable;
mod vectors;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{
    DayKey, HolderKey, KeyName, Pass, PassIssuer, PassKeyList, PassKeys, PassKind, PassRequest,
};

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/pass.json")).unwrap()
});

/// 2026-11-29, 10:00 in Viet Nam.
const DAY: u16 = 20_786;
const NOW: UnixTime = UnixTime::from_secs(DAY as u64 * 86_400 + 3 * 3_600);

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn root() -> SigningKey {
    SigningKey::from_bytes(&[0x41; 32])
}

/// An issuer of both kinds for [`DAY`], and its published keys.
struct Office {
    live: PassIssuer,
    printed: PassIssuer,
    list: PassKeyList,
    keys: PassKeys,
}

impl Office {
    fn new(seed: u64) -> Self {
        let mut rng = rng(seed);
        let (live, printed) = (PassIssuer::generate(&mut rng), PassIssuer::generate(&mut rng));
        let list = list([(name(PassKind::Live), &live), (name(PassKind::Printed), &printed)]);
        let signed = list.to_signed(&root()).unwrap();
        let keys = PassKeys::read(&signed, &root().verifying_key(), None).unwrap();
        Self { live, printed, list, keys }
    }

    fn issuer(&self, kind: PassKind) -> &PassIssuer {
        if kind.is_live() { &self.live } else { &self.printed }
    }

    fn issue(&self, kind: PassKind, seed: u64) -> (Pass, HolderKey) {
        let key = self.keys.key_for(DAY, kind).unwrap();
        let request = PassRequest::new(key, &mut rng(seed)).unwrap();
        let answer = self.issuer(kind).issue(&request.blinded());
        request.finish(&answer, key).unwrap()
    }
}

fn name(kind: PassKind) -> KeyName {
    KeyName { day: DAY, kind, id: 0 }
}

fn list<'a>(keys: impl IntoIterator<Item = (KeyName, &'a PassIssuer)>) -> PassKeyList {
    let keys = keys.into_iter().map(|(name, issuer)| (name, DayKey::of(name, issuer).unwrap()));
    PassKeyList {
        serial: 5,
        issued_at: NOW.minus(3_600),
        expires_at: NOW.plus(7 * 86_400),
        local_time: LocalTime::VIET_NAM,
        valid_days: 3,
        keys: keys.collect::<BTreeMap<_, _>>(),
        revoked: BTreeSet::new(),
    }
}
