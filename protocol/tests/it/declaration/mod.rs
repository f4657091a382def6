//! Declarations: rules, sealing and request; who may open them; vectors of other implementations.

mod intake;
mod limits;
mod rules;
mod sealing;

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use vungxanh_protocol::intake::{IntakeKeys, Roster};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::sealed_box::OpeningKey;
use vungxanh_protocol::secret::SecretBytes;

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/declaration.json")).unwrap()
});

const AUTHORITY: &str = "vn.hanoi";
/// 2026-11-29.
const DAY: u16 = 20_786;

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn now() -> UnixTime {
    UnixTime::from_secs(VECTORS["now"].as_u64().unwrap())
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn opening(value: &Value) -> OpeningKey {
    OpeningKey::from_bytes(SecretBytes::new(array(value)))
}

fn root() -> SigningKey {
    SigningKey::from_bytes(&[0x41; 32])
}

fn roster() -> Roster {
    Roster::read(&bytes(&VECTORS["roster"]["signed"]), &root().verifying_key(), 0).unwrap()
}

fn keys() -> IntakeKeys {
    let signed = bytes(&VECTORS["intake"]["signed"]);
    IntakeKeys::read(&signed, &root().verifying_key(), 0, now()).unwrap()
}
