//! `venue.json`, computed by `generate_venue.py` with py_ecc, reproduced to the byte.

use std::sync::LazyLock;

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde_json::Value;
use sha2::{Digest, Sha256};
use vungxanh_protocol::diagnosis_key::Infectiousness;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::signed;
use vungxanh_protocol::venue::batch::{SIGNING_LABEL, WarningBatch};
use vungxanh_protocol::venue::display::{DisplaySecret, show};
use vungxanh_protocol::venue::keys::ProvenVenueKey;
use vungxanh_protocol::venue::party::{MasterKey, Party, PartyKey, PartySecret, ProofOfPossession};
use vungxanh_protocol::venue::poster::{
    Poster, PosterContent, UnverifiedPoster, payload_of_url, to_url,
};
use vungxanh_protocol::venue::sealed::{SealedVisit, SlotVisit};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_protocol::venue::slot_key::SlotKey;
use vungxanh_protocol::venue::sources::{SlotSource, sources};
use vungxanh_protocol::venue::warning::Warning;

pub(super) static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../test-vectors/venue.json")).unwrap()
});

pub(super) fn hex<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn party(index: usize) -> PartySecret {
    PartySecret::from_bytes(&SecretBytes::new(hex(&VECTORS["parties"][index]["secret"]))).unwrap()
}

fn poster() -> Poster {
    let now = UtcDay::new(number(&VECTORS["poster"]["not_before"])).start();
    verified(&VECTORS["poster"]["payload"], now)
}

fn verified(payload: &Value, now: UnixTime) -> Poster {
    let vector = &VECTORS["poster"];
    let authority = party(1);
    let proof = authority.prove(Party::Authority);
    let key = ProvenVenueKey {
        id: 7,
        sealing_key: authority.public_key().proven(&proof, Party::Authority).unwrap(),
        poster_key: VerifyingKey::from_bytes(&hex(&vector["signing_key"])).unwrap(),
        warning_key: VerifyingKey::from_bytes(&hex(&VECTORS["batch"]["signing_key"])).unwrap(),
        not_before: UnixTime::from_secs(0),
        not_after: UnixTime::from_secs(u64::MAX),
    };
    let payload = hex::decode(text(payload)).unwrap();
    UnverifiedPoster::read(&payload).unwrap().verify(&[key], now).unwrap()
}

#[test]
fn keys_and_proofs() {
    for (index, party_of) in [Party::Venue, Party::Authority].into_iter().enumerate() {
        let vector = &VECTORS["parties"][index];
        let secret = party(index);
        assert_eq!(secret.public_key().to_bytes(), hex(&vector["public"]));
        assert_eq!(secret.prove(party_of).0, hex(&vector["proof"]));
        assert_eq!(secret.to_bytes().expose(), &hex(&vector["secret"]));
        let key = PartyKey::from_bytes(&hex(&vector["public"])).unwrap();
        key.proven(&ProofOfPossession(hex(&vector["proof"])), party_of).unwrap();
    }
    let proof = party(1).prove(Party::Authority);
    let authority = party(1).public_key().proven(&proof, Party::Authority).unwrap();
    let master = MasterKey::join(&party(0).public_key(), &authority).unwrap();
    assert_eq!(master.to_bytes(), hex(&VECTORS["master"]));
}

#[test]
fn poster_payload_and_url() {
    let vector = &VECTORS["poster"];
    let content = PosterContent {
        shares_in_advance: vector["shares_in_advance"].as_bool().unwrap(),
        default_stay: number(&vector["default_stay"]).try_into().unwrap(),
        authority_key_id: number(&vector["authority_key_id"]).try_into().unwrap(),
        not_before: UtcDay::new(number(&vector["not_before"])),
        expires: UtcDay::new(number(&vector["expires"])),
        ward: number(&vector["ward"]),
        seed: hex(&vector["seed"]),
        venue_key: party(0).public_key(),
        name: text(&vector["name"]),
        unit: text(&vector["unit"]),
        street: text(&vector["street"]),
        display_key: None,
    };
    assert_eq!(content.default_stay_minutes(), 120);
    let payload = content.sign(&SigningKey::from_bytes(&hex(&vector["signing_seed"]))).unwrap();
    assert_eq!(hex::encode(&payload), text(&vector["payload"]));
    assert_eq!(to_url("https://yte.example.vn/", &payload), text(&vector["url"]));
    assert_eq!(payload_of_url(&text(&vector["url"])).unwrap(), payload);
    assert!(poster().content() == &content);
    assert_eq!(poster().master().to_bytes(), hex(&VECTORS["master"]));
}

#[test]
fn slots_and_shares() {
    for vector in VECTORS["slots"].as_array().unwrap() {
        slot_is(poster().slots(), vector);
    }
}

fn slot_is(slots: &SlotDeriver, vector: &Value) {
    let hour = Hour::new(number(&vector["hour"]));
    let slot = slots.identity(hour);
    assert_eq!(slot.expose(), &hex(&vector["identity"]));
    assert_eq!(slots.notify_key(hour).expose(), &hex(&vector["notify_key"]));
    let (venue, authority) = (party(0).share(&slot), party(1).share(&slot));
    assert_eq!(venue.to_bytes(), hex(&vector["venue_share"]));
    assert_eq!(authority.to_bytes(), hex(&vector["authority_share"]));
    venue.verify(&party(0).public_key(), &slot).unwrap();
    authority.verify(&party(1).public_key(), &slot).unwrap();
    let key = SlotKey::join(&venue, &authority, poster().master(), &slot).unwrap();
    assert_eq!(key.to_bytes(), hex(&vector["key"]));
}

#[test]
fn sealed_visits() {
    for (index, vector) in VECTORS["visits"].as_array().unwrap().iter().enumerate() {
        visit_is(&poster(), vector, &VECTORS["slots"][index]["key"]);
    }
}

fn visit_is(poster: &Poster, vector: &Value, key: &Value) {
    let hour = Hour::new(number(&vector["hour"]));
    let visit = SlotVisit {
        from: UnixTime::from_secs(number(&vector["from"]).into()),
        until: UnixTime::from_secs(number(&vector["until"]).into()),
        notify_key: poster.slots().notify_key(hour),
        companions: number(&vector["companions"]).try_into().unwrap(),
        venue: text(&vector["venue"]),
    };
    let slot = poster.slots().identity(hour);
    let x = SecretBytes::new(hex(&vector["x"]));
    let sealed = SealedVisit::seal_with(&visit, hour, &slot, poster.master(), &x).unwrap();
    assert_eq!(hex::encode(sealed.as_bytes()), text(&vector["sealed"]));
    let key = SlotKey::from_bytes(&hex(key)).unwrap();
    assert!(sealed.open(hour, &key).unwrap() == visit);
}

#[test]
fn display_codes_slots_and_a_visit() {
    let vector = &VECTORS["display"];
    let key = SigningKey::from_bytes(&hex(&vector["signing_seed"]));
    let secret = DisplaySecret::from_bytes(SecretBytes::new(hex(&vector["secret"])));
    let payload = hex::decode(text(&vector["payload"])).unwrap();
    assert_eq!(key.verifying_key().as_bytes(), &hex(&vector["display_key"]));
    let content = PosterContent {
        shares_in_advance: false,
        display_key: Some(key.verifying_key()),
        ..poster().content().clone()
    };
    let poster_key = SigningKey::from_bytes(&hex(&VECTORS["poster"]["signing_seed"]));
    assert_eq!(content.sign(&poster_key).unwrap(), payload);
    for code in vector["codes"].as_array().unwrap() {
        let scan_hour = Hour::new(number(&code["scan_hour"]));
        let shown = show(&payload, &key, &secret, scan_hour).unwrap();
        assert_eq!(secret.seed(scan_hour).expose(), &hex(&code["seed"]));
        assert_eq!(hex::encode(&shown), text(&code["shown"]));
        assert_eq!(to_url("https://yte.example.vn", &shown), text(&code["url"]));
        let poster = verified(&code["shown"], scan_hour.start());
        assert!(poster.content() == &content);
        for slot in vector["slots"].as_array().unwrap() {
            if slot["scan_hour"] == code["scan_hour"] {
                slot_is(poster.slots(), slot);
                let hour = Hour::new(number(&slot["hour"]));
                let sources = sources(&payload, Some(&secret), hour).unwrap();
                assert!(sources.contains(&SlotSource {
                    scan_hour: Some(scan_hour),
                    deriver: poster.slots().clone(),
                }));
            }
        }
    }
    let visit = &vector["visit"];
    let now = Hour::new(number(&visit["scan_hour"])).start();
    let poster = verified(&vector["codes"][0]["shown"], now);
    visit_is(&poster, visit, &vector["slots"][1]["key"]);
}

#[test]
fn warning_and_batch() {
    let vector = &VECTORS["warning"];
    let warning = Warning::from_bytes(&hex(&vector["bytes"])).unwrap();
    let hour = Hour::new(number(&vector["hour"]));
    assert_eq!(warning.hour(), hour);
    let slot = poster().slots().identity(hour);
    warning.slot_key().unwrap().verify(poster().master(), &slot).unwrap();
    let notice = warning.notice(&poster().slots().notify_key(hour)).unwrap();
    assert_eq!(notice.from.as_secs(), u64::from(number(&vector["from"])));
    assert_eq!(notice.until.as_secs(), u64::from(number(&vector["until"])));
    assert_eq!(notice.report_type as u32, number(&vector["report_type"]));
    assert_eq!(notice.infectiousness, Infectiousness::High);
    assert_eq!(notice.text, text(&vector["text"]));

    let vector = &VECTORS["batch"];
    let mut bytes = vec![1, 5];
    bytes.extend_from_slice(b"VN-HN");
    let start = hour.number() * 3_600;
    bytes.extend_from_slice(&[start.to_be_bytes(), (start + 86_400).to_be_bytes()].concat());
    bytes.extend_from_slice(&32u16.to_be_bytes());
    (0..32).for_each(|_| bytes.extend_from_slice(&warning.to_bytes()));
    let key = SigningKey::from_bytes(&hex(&vector["signing_seed"]));
    let signed = signed::sign(SIGNING_LABEL, &bytes, &key);
    assert_eq!(hex::encode(Sha256::digest(&signed)), text(&vector["sha256"]));
    let batch = WarningBatch::read(&signed, &key.verifying_key(), "VN-HN").unwrap();
    assert_eq!(batch.warnings(), vec![warning; 32]);
    assert_eq!(batch.to_signed(&key).unwrap(), signed);
}
