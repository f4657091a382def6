//! `phone.json`, computed by `generate_phone.py` with py_ecc, reproduced to the byte.

use vungxanh_protocol::phone::{
    BlindTokenSignature, PhoneIssuer, PhoneKeys, PhoneProof, Token, TokenRequest,
};
use vungxanh_protocol::secret::SecretBytes;

use super::{DAY, VECTORS, bytes, root};

fn issuer(index: usize) -> PhoneIssuer {
    let vector = &VECTORS["issuers"][index];
    let seed = |name: &str| SecretBytes::new(bytes(&vector[name]));
    PhoneIssuer::from_seeds(&seed("token_seed"), &seed("proof_seed"))
}

fn keys() -> PhoneKeys {
    let signed = hex::decode(VECTORS["keys"]["signed"].as_str().unwrap()).unwrap();
    PhoneKeys::read(&signed, &root().verifying_key(), None).unwrap()
}

#[test]
fn secrets_and_the_file_of_keys() {
    let (vector, keys) = (&VECTORS["keys"], keys());
    let list = keys.list();
    assert_eq!(u64::from(list.serial), vector["serial"]);
    assert_eq!(list.issued_at.as_secs(), vector["issued_at"]);
    assert_eq!(list.expires_at.as_secs(), vector["expires_at"]);
    assert_eq!(list.local_time.minutes_ahead(), vector["minutes_ahead"]);
    assert_eq!(hex::encode(list.to_signed(&root()).unwrap()), vector["signed"]);
    for (index, day) in [DAY, DAY + 1].into_iter().enumerate() {
        let secret = bytes::<32>(&VECTORS["issuers"][index]["token_secret"]);
        assert_eq!(issuer(index).to_bytes().expose()[..32], secret);
        assert_eq!(keys.key_for(day).unwrap(), &issuer(index).public(day, 0));
        let again = PhoneIssuer::from_bytes(&issuer(index).to_bytes()).unwrap();
        assert_eq!(again.public(day, 0), issuer(index).public(day, 0));
    }
}

#[test]
fn blinding_issuing_and_finishing() {
    let keys = keys();
    let key = keys.key_for(DAY).unwrap();
    for vector in VECTORS["tokens"].as_array().unwrap() {
        let blinding = SecretBytes::new(bytes(&vector["blinding_seed"]));
        let request = TokenRequest::with(DAY, bytes(&vector["nonce"]), &blinding);
        assert_eq!(request.to_bytes().expose()[34..], bytes::<32>(&vector["r"]));
        assert_eq!(request.blinded().to_bytes(), bytes(&vector["blinded"]));
        let answer = issuer(0).issue(&request.blinded());
        assert_eq!(answer.to_bytes(), bytes(&vector["answer"]));
        let answer = BlindTokenSignature::from_bytes(&answer.to_bytes()).unwrap();
        let token = request.finish(&answer, key).unwrap();
        assert_eq!(token.to_bytes(), bytes(&vector["token"]));
        assert_eq!(Token::from_bytes(&token.to_bytes()), Ok(token));
        assert_eq!(token.spent_hash(), bytes(&vector["spent"]));
    }
}

#[test]
fn the_proof_of_a_number() {
    let (vector, keys) = (&VECTORS["proof"], keys());
    let number = vector["number"].as_str().unwrap();
    assert_eq!(issuer(0).prove(DAY, number).to_base64(), vector["base64"]);
    let proof = PhoneProof::from_base64(vector["base64"].as_str().unwrap()).unwrap();
    assert_eq!(proof.verify(number, keys.key_for(DAY).unwrap()), Ok(()));
    assert!(proof.verify(number, keys.key_for(DAY + 1).unwrap()).is_err());
}
