//! Which signatures count.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha512};

use super::super::wire::MessageWriter;
use super::super::*;
use super::support::*;
use crate::authority::ExportKey;
use crate::interval::UnixTime;

fn other_signer() -> SigningKey {
    SigningKey::from_slice(&[8; 32]).unwrap()
}

fn verdict(file: &[u8]) -> Result<SignedBy, ExportError> {
    let mut file = open(file)?;
    let keys = file.verify(&[public_key()])?;
    Ok(keys.signed_by().unwrap().clone())
}

/// `export.bin` that names `infos`, without keys.
fn export_with(infos: &[SignatureInfo]) -> Vec<u8> {
    let mut message = MessageWriter::with_prefix(EXPORT_MAGIC, 0);
    message.int32(4, 1);
    message.int32(5, 1);
    for info in infos {
        message.bytes(6, &info.encode());
    }
    message.into_bytes()
}

fn der(signer: &SigningKey, prehash: &[u8]) -> Vec<u8> {
    let signature: DerSignature = signer.sign_prehash(prehash).unwrap();
    signature.as_bytes().to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha256::digest(bytes).to_vec()
}

#[test]
fn another_key_is_refused() {
    let file = write_export(&header(), &[key(1)], &[], &other_signer(), &info()).unwrap();
    assert!(matches!(verdict(&file), Err(ExportError::BadSignature)));
}

#[test]
fn id_and_version_must_fit() {
    let file = signed_file();
    let verify = |key: VerificationKey| open(&file).unwrap().verify(&[key]).map(|_| ());
    assert!(verify(public_key().named("452", "v1")).is_ok());
    for (id, version) in [("452", "v2"), ("453", "v1")] {
        match verify(public_key().named(id, version)) {
            Err(ExportError::UnknownKey { signed_by }) => assert_eq!(signed_by, "452 v1"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(
        open(&file).unwrap().verify(&[]).map(|_| ()),
        Err(ExportError::UnknownKey { .. })
    ));
}

#[test]
fn authority_key_counts_only_while_valid() {
    let authority_key = ExportKey {
        id: "452".into(),
        version: "v1".into(),
        public_key: public_pem(&signer()),
        not_before: UnixTime::from_secs(100),
        not_after: UnixTime::from_secs(200),
    };
    let at =
        |seconds| VerificationKey::from_authority(&authority_key, UnixTime::from_secs(seconds));
    assert_eq!(at(100).unwrap(), public_key().named("452", "v1"));
    assert!(at(199).is_ok());
    assert!(matches!(at(99), Err(ExportError::KeyNotValid { .. })));
    assert!(matches!(at(200), Err(ExportError::KeyNotValid { .. })));
    let garbage = ExportKey { public_key: "no PEM".into(), ..authority_key };
    assert!(matches!(
        VerificationKey::from_authority(&garbage, UnixTime::from_secs(150)),
        Err(ExportError::InvalidPublicKey(_))
    ));
}

#[test]
fn empty_or_missing_signature_file_is_not_signed() {
    let (export, _) = entries_of(&signed_file());
    for file in [
        zip_of(&[(EXPORT_ENTRY, &export), (SIGNATURE_ENTRY, b"")]),
        zip_of(&[(EXPORT_ENTRY, &export)]),
    ] {
        assert!(matches!(verdict(&file), Err(ExportError::NotSigned)));
    }
}

#[test]
fn unknown_algorithm_is_named() {
    let old = SignatureInfo { algorithm: "ECDSA P-256 SHA-256".into(), ..info() };
    let export = export_with(std::slice::from_ref(&old));
    let file = signed(&export, &[signature(&old, Some((1, 1)), &der(&signer(), &sha256(&export)))]);
    match verdict(&file) {
        Err(ExportError::UnknownAlgorithm(name)) => assert_eq!(name, "ECDSA P-256 SHA-256"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sha512_is_accepted() {
    let strong = SignatureInfo { algorithm: ECDSA_SHA512.into(), ..info() };
    let export = export_with(std::slice::from_ref(&strong));
    let with = |prehash: &[u8]| {
        signed(&export, &[signature(&strong, Some((1, 1)), &der(&signer(), prehash))])
    };
    assert_eq!(verdict(&with(&Sha512::digest(&export))).unwrap().info, strong);
    assert!(matches!(verdict(&with(&sha256(&export))), Err(ExportError::BadSignature)));
}

#[test]
fn one_of_several_signatures_is_enough_but_all_are_counted() {
    let theirs = SignatureInfo::new("310", "v1");
    let exotic = SignatureInfo { algorithm: "1.2.3".into(), ..theirs.clone() };
    for first in [theirs, exotic] {
        let export = export_with(&[first.clone(), info()]);
        let ours = signature(&info(), Some((1, 1)), &der(&signer(), &sha256(&export)));
        let other = signature(&first, Some((1, 1)), &der(&other_signer(), &sha256(&export)));
        let both = signed(&export, &[other, ours.clone()]);
        assert_eq!(verdict(&both).unwrap().info, info());
        assert!(matches!(
            verdict(&signed(&export, &[ours])),
            Err(ExportError::SignatureCount { signatures: 1, infos: 2 })
        ));
    }
    let export = export_with(&[]);
    let ours = signature(&info(), Some((1, 1)), &der(&signer(), &sha256(&export)));
    assert!(matches!(
        verdict(&signed(&export, &[ours])),
        Err(ExportError::SignatureCount { signatures: 1, infos: 0 })
    ));
}

#[test]
fn signature_for_another_chunk_is_refused() {
    let export = export_with(&[info()]);
    let der = der(&signer(), &sha256(&export));
    let with = |batch| signed(&export, &[signature(&info(), batch, &der)]);
    assert!(verdict(&with(Some((1, 1)))).is_ok());
    assert!(matches!(
        verdict(&with(Some((2, 3)))),
        Err(ExportError::SignatureForOtherChunk { num: 2, size: 3 })
    ));
    let silent = with(None);
    assert!(verdict(&silent).is_ok());
    assert_eq!(open(&silent).unwrap().warnings(), [ExportWarning::SignatureWithoutChunk]);
}

#[test]
fn differing_signature_info_is_told() {
    let export = export_with(&[info()]);
    let renamed = SignatureInfo::new("999", "v1");
    let file =
        signed(&export, &[signature(&renamed, Some((1, 1)), &der(&signer(), &sha256(&export)))]);
    assert!(verdict(&file).is_ok());
    assert_eq!(open(&file).unwrap().warnings(), [ExportWarning::SignatureInfoDiffers]);
}
