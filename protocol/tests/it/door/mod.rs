//! Supervised doors: records, their opening, cards, contacts and warnings to passes.

mod card_keys;
mod cards;
mod days;
mod opening;
mod records;
mod unlinkable;
mod warnings;

use std::sync::LazyLock;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use vungxanh_protocol::door::{
    Card, CardKey, DoorIdentity, DoorKey, DoorShare, SealedContact, SealedRecord, Shown,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{PassKeys, Presented};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::party::{MasterKey, Party, PartySecret};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/door.json")).unwrap()
});
static PASSES: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/pass.json")).unwrap()
});
static VENUE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/venue.json")).unwrap()
});

const AUTHORITY: &str = "vn.hanoi";
/// 2026-11-29, from 10:00 in Viet Nam.
const HOUR: Hour = Hour::new(20_786 * 24 + 3);

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn minute(minutes: u64) -> UnixTime {
    HOUR.start().plus(minutes * 60)
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn party(index: usize) -> PartySecret {
    let secret = SecretBytes::new(array(&VENUE["parties"][index]["secret"]));
    PartySecret::from_bytes(&secret).unwrap()
}

fn master() -> MasterKey {
    let authority = party(1);
    let proof = authority.prove(Party::Authority);
    let proven = authority.public_key().proven(&proof, Party::Authority).unwrap();
    MasterKey::join(&party(0).public_key(), &proven).unwrap()
}

fn deriver() -> SlotDeriver {
    SlotDeriver::of_poster(&hex::decode(text(&VECTORS["payload"])).unwrap())
}

fn identity(hour: Hour) -> DoorIdentity {
    deriver().door_identity(hour)
}

fn door_key(hour: Hour) -> DoorKey {
    let door = identity(hour);
    let share = |index: usize| party(index).door_share(&door);
    DoorKey::join(&share(0), &share(1), &master(), &door).unwrap()
}

fn pass_keys() -> PassKeys {
    let signed = hex::decode(text(&PASSES["keys"]["signed"])).unwrap();
    let root = ed25519_dalek::SigningKey::from_bytes(&[0x41; 32]).verifying_key();
    PassKeys::read(&signed, &root, None).unwrap()
}

fn live_pass() -> Shown {
    let bytes = hex::decode(text(&PASSES["passes"][0]["live"]["bytes"])).unwrap();
    Shown::Pass(Presented::from_bytes(&bytes).unwrap())
}

fn printed_pass() -> Shown {
    let bytes = hex::decode(text(&PASSES["passes"][1]["pass"])).unwrap();
    Shown::Pass(Presented::from_bytes(&bytes).unwrap())
}

fn card() -> Card {
    Card::from_bytes(&array(&VECTORS["card"]["card"])).unwrap()
}

fn card_key() -> CardKey {
    let vector = &VECTORS["card"];
    let days = (20_786 - 59, 20_786 + 122);
    let (sealing, signing) = (array(&vector["sealing_key"]), array(&vector["signing_key"]));
    CardKey::from_bytes(4, days, &sealing, &signing).unwrap()
}

fn contact() -> SealedContact {
    SealedContact::from_bytes(array(&VECTORS["contact"]["sealed"]))
}

fn sealed(index: usize) -> SealedRecord {
    SealedRecord::from_bytes(array(&VECTORS["records"][index]["sealed"]))
}

#[test]
fn identities_and_shares_are_those_of_another_implementation() {
    let door = identity(HOUR);
    assert_eq!(hex::encode(door.expose()), text(&VECTORS["identity"]));
    for (index, name) in ["venue_share", "authority_share"].into_iter().enumerate() {
        let share = party(index).door_share(&door);
        assert_eq!(share.to_bytes(), array(&VECTORS[name]));
        let read = DoorShare::from_bytes(&array(&VECTORS[name])).unwrap();
        assert_eq!(read.verify(&party(index).public_key(), &door), Ok(()));
        assert!(read.verify(&party(1 - index).public_key(), &door).is_err());
        assert!(read.verify(&party(index).public_key(), &identity(Hour::new(1))).is_err());
        // Neither half alone, nor one twice, is the key.
        assert!(DoorKey::join(&read, &read, &master(), &door).is_err());
    }
    for bad in ["g2_outside_subgroup", "g2_identity"] {
        assert!(DoorShare::from_bytes(&array(&VENUE["refused"][bad])).is_err());
    }
}
