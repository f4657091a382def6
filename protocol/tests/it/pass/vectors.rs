//! `pass.json`, computed by `generate_pass.py` with py_ecc, reproduced to the byte.

use serde_json::Value;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{
    BlindSignature, BlindedPass, DayKey, HolderKey, KeyName, LivePass, Pass, PassIssuer, PassKeys,
    PassKind, PassRequest, Presented, Verdict, read_code,
};
use vungxanh_protocol::secret::SecretBytes;

use super::{NOW, VECTORS, bytes, root};

fn keys() -> PassKeys {
    let signed: Vec<u8> = hex::decode(VECTORS["keys"]["signed"].as_str().unwrap()).unwrap();
    PassKeys::read(&signed, &root().verifying_key(), None).unwrap()
}

fn kind(value: &Value) -> PassKind {
    PassKind::from_number(value.as_u64().unwrap().try_into().unwrap()).unwrap()
}

#[test]
fn the_file_of_keys() {
    let (vector, keys) = (&VECTORS["keys"], keys());
    let list = keys.list();
    assert_eq!(u64::from(list.serial), vector["serial"]);
    assert_eq!(list.issued_at.as_secs(), vector["issued_at"]);
    assert_eq!(list.expires_at.as_secs(), vector["expires_at"]);
    assert_eq!(list.local_time.minutes_ahead(), vector["minutes_ahead"]);
    assert_eq!(u64::from(list.valid_days), vector["valid_days"]);
    assert_eq!(hex::encode(list.to_signed(&root()).unwrap()), vector["signed"]);
    // Of the two keys for paper the first is revoked.
    let named = |kind| keys.key_for(super::DAY, kind).unwrap().name().id;
    assert_eq!((named(PassKind::Live), named(PassKind::Printed)), (0, 1));
}

#[test]
fn secrets_and_public_keys() {
    for vector in VECTORS["issuers"].as_array().unwrap() {
        let issuer = PassIssuer::from_seed(&SecretBytes::new(bytes(&vector["seed"])));
        assert_eq!(issuer.to_bytes().expose(), &bytes(&vector["secret"]));
        assert_eq!(issuer.public_key(), bytes(&vector["public"]));
        let again = PassIssuer::from_bytes(&issuer.to_bytes()).unwrap();
        assert_eq!(again.public_key(), issuer.public_key());
    }
}

#[test]
fn blinding_issuing_and_finishing() {
    for vector in &VECTORS["passes"].as_array().unwrap()[..2] {
        let kind = kind(&vector["kind"]);
        let number = |name: &str| vector[name].as_u64().unwrap();
        let issuer = VECTORS["issuers"].as_array().unwrap().iter();
        let mut issuer = issuer.filter(|issuer| {
            (issuer["kind"].as_u64(), issuer["id"].as_u64())
                == (Some(number("kind")), Some(number("key_id")))
        });
        let secret = SecretBytes::new(bytes(&issuer.next().unwrap()["secret"]));
        let issuer = PassIssuer::from_bytes(&secret).unwrap();
        let day = number("day").try_into().unwrap();
        let name = KeyName { day, kind, id: number("key_id").try_into().unwrap() };
        let key = DayKey::of(name, &issuer).unwrap();

        let holder = HolderKey::from_seed(&SecretBytes::new(bytes(&vector["holder_seed"])));
        let blinding = SecretBytes::new(bytes(&vector["blinding_seed"]));
        let request = PassRequest::with(&key, holder, &blinding).unwrap();
        assert_eq!(request.to_bytes().expose()[32..64], bytes::<32>(&vector["r"]));
        assert_eq!(request.to_bytes().expose()[64..], bytes::<37>(&vector["content"]));
        assert_eq!(request.blinded().to_bytes(), bytes(&vector["blinded"]));
        // What is sent and answered survives being written and read.
        let request = PassRequest::from_bytes(&request.to_bytes()).unwrap();
        let blinded = BlindedPass::from_bytes(&bytes(&vector["blinded"])).unwrap();
        let answer = issuer.issue(&blinded);
        assert_eq!(answer.to_bytes(), bytes(&vector["answer"]));
        let answer = BlindSignature::from_bytes(&answer.to_bytes()).unwrap();
        let (pass, holder) = request.finish(&answer, &key).unwrap();
        assert_eq!(pass.to_bytes(), bytes(&vector["pass"]));
        assert_eq!(pass.code(), vector["code"]);
        assert_eq!(holder.public_key().as_bytes(), &bytes(&vector["holder"]));
    }
}

#[test]
fn codes_are_read_and_judged() {
    let keys = keys();
    for vector in VECTORS["passes"].as_array().unwrap() {
        let pass = Pass::from_bytes(&bytes(&vector["pass"])).unwrap();
        let expected = match pass.content().kind.is_specimen() {
            true => Verdict::Specimen,
            false => Verdict::Valid(*pass.content()),
        };
        if let Some(live) = vector.get("live") {
            let seed = SecretBytes::new(bytes(&vector["holder_seed"]));
            let at = UnixTime::from_secs(live["time"].as_u64().unwrap());
            let shown = LivePass::show(&pass, &HolderKey::from_seed(&seed), at).unwrap();
            assert_eq!(shown.to_bytes(), bytes(&live["bytes"]));
            assert_eq!(shown.code(), live["code"]);
            let read = read_code(live["code"].as_str().unwrap()).unwrap();
            assert_eq!(read, Presented::Live(shown));
            assert_eq!(keys.judge(&read, NOW), expected);
            // Without time and signature it is not even half a code.
            assert!(read_code(vector["code"].as_str().unwrap()).is_err());
        } else {
            let read = read_code(vector["code"].as_str().unwrap()).unwrap();
            assert_eq!(read, Presented::Printed(pass));
            assert_eq!(keys.judge(&read, NOW), expected);
        }
    }
}
