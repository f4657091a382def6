//! The numbers in `docs/protocol.md` are those of the code.

use serde::Deserialize;
use vungxanh_protocol::{api, authority, encounter, export, exposure_window, interval, own_keys};

const DOCUMENT: &str = include_str!("../../../docs/protocol.md");

#[test]
fn constants() {
    let constants: [(&str, u64); 14] = [
        ("INTERVAL_SECONDS", interval::INTERVAL_SECONDS),
        ("INTERVALS_PER_DAY", interval::INTERVALS_PER_DAY.into()),
        ("METADATA_KEPT_PER_IDENTIFIER", encounter::METADATA_KEPT_PER_IDENTIFIER as u64),
        ("PUBLISHED_DAYS", own_keys::PUBLISHED_DAYS.into()),
        ("MAX_SECONDS_SINCE_LAST_SCAN", encounter::MAX_SECONDS_SINCE_LAST_SCAN),
        ("DEFAULT_SECONDS_SINCE_LAST_SCAN", encounter::DEFAULT_SECONDS_SINCE_LAST_SCAN),
        ("MAX_WINDOW_SECONDS", exposure_window::MAX_WINDOW_SECONDS),
        ("MAX_PUBLISHED_KEYS", api::MAX_PUBLISHED_KEYS as u64),
        ("TOKEN_REQUEST_BYTES", api::TOKEN_REQUEST_BYTES as u64),
        ("TOKEN_RESPONSE_BYTES", api::TOKEN_RESPONSE_BYTES as u64),
        ("PUBLISH_REQUEST_BYTES", api::PUBLISH_REQUEST_BYTES as u64),
        ("PUBLISH_RESPONSE_BYTES", api::PUBLISH_RESPONSE_BYTES as u64),
        ("MAX_PUBLISH_REQUEST_BYTES", api::MAX_PUBLISH_REQUEST_BYTES as u64),
        ("MAX_SIGNED_BYTES", authority::MAX_SIGNED_BYTES as u64),
    ];
    for (name, value) in constants {
        let cells = format!("| `{name}` | {value} |");
        assert!(DOCUMENT.contains(&cells), "docs/protocol.md does not say {cells}");
    }
}

#[test]
fn names() {
    for name in [
        api::VERIFY_PATH,
        api::CERTIFICATE_PATH,
        api::ISSUE_PATH,
        api::PUBLISH_PATH,
        api::WARNINGS_PATH,
        authority::DOCUMENT_PATH,
        authority::SIGNING_LABEL,
        export::EXPORT_ENTRY,
        export::SIGNATURE_ENTRY,
        export::ECDSA_SHA256,
        export::ECDSA_SHA512,
    ] {
        assert!(DOCUMENT.contains(&format!("`{name}`")), "docs/protocol.md lacks {name}");
    }
}

#[derive(Deserialize)]
struct Vector {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    key: String,
    interval: u32,
    tag_key: String,
    identifier: String,
    metadata: String,
    encrypted: String,
}

/// The worked example is a case of the vector that the code is checked against.
#[test]
fn worked_example() {
    let vector: Vector =
        serde_json::from_str(include_str!("../../test-vectors/metadata-tag.json")).unwrap();
    let is_in_document = |case: &&Case| {
        let (claim, tag) = case.metadata.split_at(4);
        let Case { key, interval, tag_key, identifier, encrypted, .. } = case;
        [
            format!("TEK                  {key}\n"),
            format!("TAGK                 {tag_key}\n"),
            format!("RPI({interval})         {identifier}\n"),
            format!("bytes 0-1            {claim}\n"),
            format!("HMAC, first 2 bytes  {tag}\n"),
            format!("AEM                  {encrypted}\n"),
            format!("advertisement        02011a 03036ffd 17166ffd {identifier} {encrypted}\n"),
        ]
        .iter()
        .all(|line| DOCUMENT.contains(line))
    };
    assert_eq!(vector.cases.iter().filter(is_in_document).count(), 1);
}
