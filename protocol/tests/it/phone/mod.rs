//! Telephone codes: tokens issued blindly, numbers proven, keys published; what is refused, and the
//! vectors of an independent implementation.

mod keys;
mod requests;
mod tokens;
mod vectors;

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::phone::{DayPhoneKey, PhoneIssuer, PhoneKeyList, PhoneKeys};

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/phone.json")).unwrap()
});

/// 2026-11-29, 10:00 in Viet Nam.
const DAY: u16 = 20_786;
const NOW: UnixTime = UnixTime::from_secs(DAY as u64 * 86_400 + 3 * 3_600);
const NUMBER: &str = "+84912345678";

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn root() -> SigningKey {
    SigningKey::from_bytes(&[0x41; 32])
}

fn issuer(seed: u64) -> PhoneIssuer {
    PhoneIssuer::generate(&mut rng(seed))
}

fn list(keys: impl IntoIterator<Item = DayPhoneKey>) -> PhoneKeyList {
    PhoneKeyList {
        serial: 5,
        issued_at: NOW,
        expires_at: NOW.plus(7 * 86_400),
        local_time: LocalTime::VIET_NAM,
        keys: keys.into_iter().map(|key| ((key.day(), key.id()), key)).collect(),
    }
}

fn published(list: &PhoneKeyList) -> PhoneKeys {
    PhoneKeys::read(&list.to_signed(&root()).unwrap(), &root().verifying_key(), None).unwrap()
}
