//! The signed authority document: what a client accepts and what it refuses, with its message.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use vungxanh_protocol::authority::{
    AuthorityDocument, AuthorityError, ContactRules, DeclarationRules, ExportKey, MAX_SIGNED_BYTES,
    SIGNING_LABEL, SymptomAdvice, TracingParameters, VerifiedAuthority,
};
use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::signed::{self, SignedError};
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::rules::VenueRules;

const NOW: UnixTime = UnixTime::from_secs(1_767_225_600);

fn root() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn text(vi: &str, en: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("vi".into(), vi.into()), ("en".into(), en.into())])
}

fn document() -> AuthorityDocument {
    AuthorityDocument {
        format: 1,
        id: "vn.example".into(),
        name: text("Sở Y tế", "Department of Health"),
        serial: 5,
        issued_at: NOW,
        expires_at: NOW.plus(86_400),
        root_key: BASE64_STANDARD.encode(root().verifying_key().as_bytes()),
        regions: vec!["VN".into()],
        exports: "v1/exports/".into(),
        export_keys: vec![ExportKey {
            id: "452".into(),
            version: "v1".into(),
            public_key: "PEM".into(),
            not_before: NOW,
            not_after: NOW.plus(86_400),
        }],
        tracing: TracingParameters {
            plain_gaen: false,
            rolling_period: RollingPeriod::SIX_HOURS,
            retention_days: 14,
            clock_tolerance: 1,
            look_alike_mean_hours: 72,
            sync_mean_minutes: 120,
        },
        risk: RiskParameters::enx_default(),
        venues: VenueRules { lingering_minutes: 0, minimum_overlap_minutes: 15, time_weight: 50 },
        warnings: "v1/warnings/".into(),
        venue_keys: Vec::new(),
        advice: text("Ở nhà.", "Stay at home."),
        contacts: ContactRules::default(),
        declarations: None,
    }
}

/// Signed whatever it says.
fn sign(document: &AuthorityDocument) -> Vec<u8> {
    signed::sign(SIGNING_LABEL, &serde_json::to_vec(document).unwrap(), &root())
}

fn update(signed: &[u8], seen_serial: u64) -> Result<VerifiedAuthority, AuthorityError> {
    VerifiedAuthority::update(signed, &root().verifying_key(), seen_serial, NOW)
}

#[test]
fn round_trip_and_first_contact() {
    let signed = document().to_signed(&root()).unwrap();
    let first = VerifiedAuthority::first_contact(&signed, NOW).unwrap();
    assert_eq!(first.document(), &document());
    assert_eq!(first.root_key(), &root().verifying_key());
    // SHA-256 of the raw public key, by Python's cryptography and hashlib.
    assert_eq!(first.fingerprint(), FINGERPRINT_OF_ROOT);
    assert_eq!(update(&signed, 5), Ok(first));
}

const FINGERPRINT_OF_ROOT: &str =
    "fe812c12f3ab4ce6ac5db69ac352f906cb1b11ef43fb33e252ef7ff552263889";

#[test]
fn no_byte_can_be_altered() {
    let signed = document().to_signed(&root()).unwrap();
    for index in 0..signed.len() {
        let mut altered = signed.clone();
        altered[index] ^= 0x01;
        assert!(update(&altered, 0).is_err(), "byte {index}");
        assert!(VerifiedAuthority::first_contact(&altered, NOW).is_err(), "byte {index}");
    }
    for length in 0..signed.len() {
        assert!(update(&signed[..length], 0).is_err(), "cut to {length} bytes");
    }
}

#[test]
fn a_signature_for_another_purpose_is_refused() {
    let bytes = serde_json::to_vec(&document()).unwrap();
    let signed = signed::sign("VX-OTHER-1", &bytes, &root());
    assert_eq!(update(&signed, 0), Err(AuthorityError::Signed(SignedError::BadSignature)));
}

#[test]
fn another_root_key_is_refused() {
    let other = SigningKey::from_bytes(&[8; 32]);
    let mut theirs = document();
    theirs.root_key = BASE64_STANDARD.encode(other.verifying_key().as_bytes());
    // Signed by someone else.
    let signed = theirs.to_signed(&other).unwrap();
    assert_eq!(update(&signed, 0), Err(AuthorityError::Signed(SignedError::BadSignature)));
    // Signed by the pinned key, naming another one.
    let fingerprint = |key: &SigningKey| hex::encode(signed::fingerprint(&key.verifying_key()));
    let wrong =
        AuthorityError::WrongRootKey { expected: fingerprint(&root()), found: fingerprint(&other) };
    assert_eq!(update(&sign(&theirs), 0), Err(wrong.clone()));
    assert_eq!(theirs.to_signed(&root()), Err(wrong));
    // Naming a key that signed nothing.
    assert_eq!(
        VerifiedAuthority::first_contact(&sign(&theirs), NOW),
        Err(AuthorityError::Signed(SignedError::BadSignature))
    );
    // The neutral point of the curve verifies anything under lax rules.
    let mut weak = document();
    weak.root_key = BASE64_STANDARD.encode([&[1u8][..], &[0; 31]].concat());
    assert_eq!(
        VerifiedAuthority::first_contact(&sign(&weak), NOW).unwrap_err().to_string(),
        "the authority document cannot be read: root_key is no Ed25519 public key"
    );
}

#[test]
fn rollback_is_refused_and_the_same_serial_is_not() {
    let signed = sign(&document());
    assert!(update(&signed, 5).is_ok());
    assert!(update(&signed, 4).is_ok());
    let refused = update(&signed, 6).unwrap_err();
    assert_eq!(refused, AuthorityError::RolledBack { seen: 6, found: 5 });
    assert_eq!(
        refused.to_string(),
        "the authority document has serial 5, older than serial 6 already seen"
    );
}

#[test]
fn an_expired_document_is_refused_from_its_last_second_on() {
    let signed = sign(&document());
    let at = |now| VerifiedAuthority::first_contact(&signed, now).map(|_| ());
    let end = document().expires_at;
    assert_eq!(at(end.minus(1)), Ok(()));
    assert_eq!(at(end), Err(AuthorityError::Expired(end)));
    assert_eq!(
        at(end).unwrap_err().to_string(),
        "the authority document expired at 1767312000 (Unix seconds)"
    );
}

#[test]
fn a_document_that_is_too_long_is_refused_before_it_is_read() {
    let long = vec![b'A'; MAX_SIGNED_BYTES + 1];
    let too_long = AuthorityError::Signed(SignedError::TooLong {
        bytes: MAX_SIGNED_BYTES + 1,
        limit: MAX_SIGNED_BYTES,
    });
    assert_eq!(update(&long, 0), Err(too_long.clone()));
    assert_eq!(VerifiedAuthority::first_contact(&long, NOW), Err(too_long.clone()));
    assert_eq!(AuthorityDocument::from_json(&long), Err(too_long));
}

#[test]
fn a_newer_format_is_named_whatever_it_holds() {
    let newer = br#"{"format": 2, "everything": "else"}"#;
    let refused = AuthorityDocument::from_json(newer).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the authority document has format 2; this program reads format 1"
    );
}

#[test]
fn unknown_fields_are_left_to_newer_readers() {
    let mut json: serde_json::Value = serde_json::to_value(document()).unwrap();
    json["later"] = "something".into();
    json["tracing"]["later"] = 1.into();
    let read = AuthorityDocument::from_json(&serde_json::to_vec(&json).unwrap());
    assert_eq!(read, Ok(document()));
}

type Change = fn(&mut AuthorityDocument);

/// The message with which a client refuses a changed document.
fn refusal(change: Change) -> String {
    let mut changed = document();
    change(&mut changed);
    let refused = update(&sign(&changed), 0).unwrap_err();
    // The signer does not sign it either.
    assert_eq!(changed.to_signed(&root()), Err(refused.clone()));
    refused.to_string()
}

fn accepted(change: Change) {
    let mut changed = document();
    change(&mut changed);
    assert_eq!(update(&changed.to_signed(&root()).unwrap(), 0).unwrap().document(), &changed);
}

fn period(intervals: i64) -> RollingPeriod {
    RollingPeriod::new(intervals).unwrap()
}

#[test]
fn tracing_bounds() {
    let asks = |parameter: &str, value: u64, allowed: &str| {
        format!("the authority document asks for {parameter} = {value}; a client accepts {allowed}")
    };
    accepted(|d| d.tracing.clock_tolerance = 0);
    accepted(|d| d.tracing.clock_tolerance = 2);
    assert_eq!(
        refusal(|d| d.tracing.clock_tolerance = 3),
        asks("clock_tolerance", 3, "0 to 2 intervals")
    );
    accepted(|d| (d.tracing.plain_gaen, d.tracing.clock_tolerance) = (true, 12));
    assert_eq!(
        refusal(|d| (d.tracing.plain_gaen, d.tracing.clock_tolerance) = (true, 13)),
        asks("clock_tolerance", 13, "0 to 12 intervals")
    );

    accepted(|d| d.tracing.rolling_period = period(1));
    assert_eq!(
        refusal(|d| d.tracing.rolling_period = period(48)),
        asks("rolling_period", 48, "divisors of 144 up to 36")
    );
    assert_eq!(
        refusal(|d| d.tracing.rolling_period = period(35)),
        asks("rolling_period", 35, "divisors of 144 up to 36")
    );
    accepted(|d| (d.tracing.plain_gaen, d.tracing.rolling_period) = (true, period(144)));
    assert_eq!(
        refusal(|d| (d.tracing.plain_gaen, d.tracing.rolling_period) = (true, period(143))),
        asks("rolling_period", 143, "divisors of 144 up to 144")
    );

    accepted(|d| d.tracing.retention_days = 1);
    accepted(|d| d.tracing.retention_days = 21);
    accepted(|d| d.tracing.look_alike_mean_hours = 1);
    accepted(|d| d.tracing.look_alike_mean_hours = 336);
    accepted(|d| d.tracing.sync_mean_minutes = 1);
    accepted(|d| d.tracing.sync_mean_minutes = 1_440);
    for (change, parameter, value, allowed) in [
        ((|d| d.tracing.retention_days = 0) as Change, "retention_days", 0, "1 to 21 days"),
        (|d| d.tracing.retention_days = 22, "retention_days", 22, "1 to 21 days"),
        (|d| d.tracing.look_alike_mean_hours = 0, "look_alike_mean_hours", 0, "1 to 336 hours"),
        (|d| d.tracing.look_alike_mean_hours = 337, "look_alike_mean_hours", 337, "1 to 336 hours"),
        (|d| d.tracing.sync_mean_minutes = 0, "sync_mean_minutes", 0, "1 to 1440 minutes"),
        (|d| d.tracing.sync_mean_minutes = 1_441, "sync_mean_minutes", 1_441, "1 to 1440 minutes"),
    ] {
        assert_eq!(refusal(change), asks(parameter, value, allowed));
    }
}

#[test]
fn a_rolling_period_that_gaen_does_not_know_is_refused() {
    let json = serde_json::to_string(&document()).unwrap();
    for wrong in ["0", "145", "-36", "\"36\"", "36.5", "null"] {
        let altered = json.replace("\"rolling_period\":36", &format!("\"rolling_period\":{wrong}"));
        assert_ne!(altered, json);
        let refused = AuthorityDocument::from_json(altered.as_bytes()).unwrap_err();
        assert!(matches!(refused, AuthorityError::Malformed(_)), "{wrong}: {refused}");
    }
}

#[test]
fn venue_bounds() {
    accepted(|d| d.venues.lingering_minutes = 120);
    for (change, end) in [
        (
            (|d| d.venues.lingering_minutes = 1_441) as Change,
            "lingering_minutes = 1441; a client accepts 0 to 1440 minutes",
        ),
        (
            |d| d.venues.minimum_overlap_minutes = 1_441,
            "minimum_overlap_minutes = 1441; a client accepts 0 to 1440 minutes",
        ),
    ] {
        let refused = refusal(change);
        assert!(refused.ends_with(end), "{refused}");
    }
}

/// Documents of drafts said how long a slot is; slots are hours.
#[test]
fn a_rule_that_is_no_longer_read_is_passed_over() {
    let document = document();
    let json = serde_json::to_string(&document).unwrap();
    let old = json.replace("\"lingering_minutes\"", "\"slot_minutes\":60,\"lingering_minutes\"");
    assert_ne!(old, json);
    assert_eq!(AuthorityDocument::from_json(old.as_bytes()).unwrap(), document);
}

#[test]
fn venue_keys_are_proven_few_and_told_apart() {
    accepted(|d| d.venues.time_weight = 250);
    assert!(refusal(|d| d.venues.time_weight = 251).contains("time_weight"));
    accepted(|d| d.venue_keys = vec![venue_key(1), venue_key(2)]);
    accepted(|d| d.venue_keys = (0..16).map(venue_key).collect());
    assert!(refusal(|d| d.venue_keys = (0..17).map(venue_key).collect()).contains("more than 16"));
    assert!(refusal(|d| d.venue_keys = vec![venue_key(1); 2]).contains("one id"));
    let unproven = |d: &mut AuthorityDocument| {
        let other = PartySecret::from_bytes(&SecretBytes::new([2; 32])).unwrap();
        let proof = BASE64_STANDARD.encode(other.prove(Party::Authority).0);
        d.venue_keys = vec![VenueKey { proof, ..venue_key(1) }];
    };
    assert!(refusal(unproven).contains("without a proof"));
    let weak = |d: &mut AuthorityDocument| {
        let warning_key = BASE64_STANDARD.encode([0; 32]);
        d.venue_keys = vec![VenueKey { warning_key, ..venue_key(1) }];
    };
    assert!(refusal(weak).contains("no Ed25519 public key"));
    // Documents made before there were venue keys are read, and say nothing of them.
    let json = serde_json::to_value(document()).unwrap();
    assert!(json.get("venue_keys").is_none());
    let mut old = json;
    old["venues"].as_object_mut().unwrap().remove("time_weight");
    old.as_object_mut().unwrap().remove("warnings");
    let read = AuthorityDocument::from_json(old.to_string().as_bytes()).unwrap();
    assert_eq!(read.venues.time_weight, 50);
    assert_eq!(read.warnings, "v1/warnings/");
}

fn venue_key(id: u8) -> VenueKey {
    let secret = PartySecret::from_bytes(&SecretBytes::new([1; 32])).unwrap();
    let signing_key = BASE64_STANDARD.encode(root().verifying_key().as_bytes());
    VenueKey {
        id,
        sealing_key: BASE64_STANDARD.encode(secret.public_key().to_bytes()),
        proof: BASE64_STANDARD.encode(secret.prove(Party::Authority).0),
        poster_key: signing_key.clone(),
        warning_key: signing_key,
        not_before: NOW,
        not_after: NOW.plus(86_400),
    }
}

fn rename(texts: &mut BTreeMap<String, String>, vietnamese: &str) {
    texts.insert("vi".into(), vietnamese.into());
}

#[test]
fn names_that_could_leave_their_folder_are_refused() {
    for (change, part) in [
        ((|d| d.id.clear()) as Change, "id must be"),
        (|d| d.id = "a/b".into(), "id must be"),
        (|d| d.id = "a".repeat(65), "id must be"),
        (|d| d.regions = vec![], "regions must name"),
        (|d| d.regions = vec!["VN".into(); 65], "regions must name"),
        (|d| d.regions = vec!["..".into()], "a region must be"),
        (|d| d.regions = vec!["VN".into(), "Hà Nội".into()], "a region must be"),
        (|d| d.exports = "v1/exports".into(), "exports must end with '/'"),
        (|d| d.warnings = "v1/warnings".into(), "warnings must end with '/'"),
        (|d| rename(&mut d.name, "Sở Y tế\u{1b}[2J"), "control characters"),
        (|d| rename(&mut d.name, "Sở\nY tế"), "control characters"),
        (|d| rename(&mut d.name, "\u{202e}ết Y ởS"), "marks of direction"),
        (|d| rename(&mut d.advice, "Ở nhà.\r"), "control characters"),
        (|d| rename(&mut d.advice, "\u{9b}1;1H"), "control characters"),
        (|d| d.export_keys[0].id = "4\u{7}".into(), "control characters"),
        (|d| d.export_keys[0].version = "\u{2066}v1".into(), "marks of direction"),
        (|d| d.export_keys = vec![d.export_keys[0].clone(); 65], "export_keys names more"),
        (|d| d.risk.attenuation_weights[0] = 251, "a risk weight is 251 percent"),
    ] {
        let refused = refusal(change);
        assert!(refused.contains(part), "{refused}");
    }
    accepted(|d| d.regions = vec!["VN".into(), "VN-HN".into(), "310".into()]);
    accepted(|d| rename(&mut d.advice, "Ở nhà.\n\nGọi 1900 9095."));
    accepted(|d| d.exports = "https://files.example.org/".into());
    accepted(|d| d.warnings = "https://files.example.org/".into());
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(AuthorityDocument::from_json(&bytes).is_err());
        prop_assert!(VerifiedAuthority::first_contact(&bytes, NOW).is_err());
        prop_assert!(update(&bytes, 0).is_err());
        let _ = signed::parse(&bytes, 200);
    }

    /// Parts of a true document in another order, repeated or missing.
    #[test]
    fn damaged_documents_are_refused_without_a_panic(
        cut in any::<prop::sample::Index>(),
        length in 0usize..40,
        put in prop::collection::vec(prop::sample::select(b"{}[]\",:0-9eE.\\u".to_vec()), 0..8),
    ) {
        let mut json = serde_json::to_vec(&document()).unwrap();
        let start = cut.index(json.len());
        let end = (start + length).min(json.len());
        json.splice(start..end, put);
        let _ = AuthorityDocument::from_json(&json);
        let _ = VerifiedAuthority::first_contact(&signed::sign(SIGNING_LABEL, &json, &root()), NOW);
    }

    #[test]
    fn signed_documents_are_split_where_they_were_joined(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        label in "[A-Z0-9-]{0,20}",
    ) {
        let signed = signed::sign(&label, &bytes, &root());
        let parsed = signed::parse(&signed, signed.len()).unwrap();
        prop_assert_eq!(parsed.unverified_bytes(), &bytes[..]);
        prop_assert_eq!(parsed.verify(&label, &root().verifying_key()), Ok(&bytes[..]));
    }
}

#[test]
fn what_is_said_of_declarations_has_bounds_and_repaints_no_terminal() {
    let with = |retention_days, call: &str| {
        let symptoms =
            SymptomAdvice { call: text(call, "Call."), now: text("Gọi 115.", "Call 115.") };
        let declarations =
            Some(DeclarationRules { retention_days, symptoms, ..DeclarationRules::default() });
        AuthorityDocument { declarations, ..document() }.check()
    };
    for days in [1, 21, 60] {
        assert_eq!(with(days, "Ở nhà.\nGọi trạm y tế."), Ok(()), "{days}");
    }
    for days in [0, 61, u16::MAX] {
        assert!(matches!(with(days, "Ở nhà."), Err(AuthorityError::Malformed(_))), "{days}");
    }
    assert!(matches!(with(21, "\u{1b}[2J"), Err(AuthorityError::Malformed(_))));
    let signed = sign(&AuthorityDocument { declarations: None, ..document() });
    assert!(!String::from_utf8_lossy(&signed).contains("declarations"), "as earlier ones");
}
