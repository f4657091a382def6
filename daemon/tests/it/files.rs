//! The commands on files, by the real program: `keys` and `match`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p256::ecdsa::SigningKey;
use p256::pkcs8::{EncodePublicKey, LineEnding};
use serde_json::{Value, json};
use tempfile::TempDir;
use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::export::{ExportHeader, SignatureInfo, write_export};
use vungxanh_protocol::exposure_key::DerivedKeys;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};
use vungxanh_protocol::metadata::{
    Authenticity, CalibrationConfidence, EncryptedMetadata, Metadata,
};
use vungxanh_protocol::risk::RiskParameters;

const START: Interval = Interval::new(2_666_664);

/// A folder with the authority's public key and whatever a test puts there.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        let pem = signer(7).verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
        folder.put("public.pem", pem.as_bytes());
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs the program in this folder, in English.
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_vungxanh"))
            .current_dir(self.0.path())
            .args(arguments)
            .args(["--lang", "en"])
            .output()
            .unwrap()
    }

    /// Exit code and JSON of a run that prints some.
    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.code().unwrap(), value)
    }

    /// Exit code and messages of a run.
    fn failure(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

fn signer(byte: u8) -> SigningKey {
    SigningKey::from_slice(&[byte; 32]).unwrap()
}

fn key(byte: u8) -> DiagnosisKey {
    DiagnosisKey {
        key: [byte; 16],
        rolling_start: START,
        rolling_period: RollingPeriod::SIX_HOURS,
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(0),
        transmission_risk: 0,
    }
}

fn header(num: u32, size: u32) -> ExportHeader {
    ExportHeader {
        batch_num: num,
        batch_size: size,
        ..ExportHeader::single(START.start(), START.plus(6).start(), "VN")
    }
}

fn export(header: &ExportHeader, keys: &[DiagnosisKey]) -> Vec<u8> {
    write_export(header, keys, &[], &signer(7), &SignatureInfo::new("452", "v1")).unwrap()
}

/// A CSV row of a device with `key`, heard `seconds` after its first interval began, at 40 dB.
fn row(key: &DiagnosisKey, seconds: u64) -> String {
    let time = START.start().plus(seconds);
    let derived = DerivedKeys::from(key);
    let identifier = derived.identifiers.identifier(time.interval());
    let metadata = Metadata { confidence: CalibrationConfidence::High, tx_power: -10 };
    let sealed = derived.metadata.seal(&identifier, metadata);
    format!("{time},{},{},-50\n", hex::encode(identifier.0), hex::encode(sealed.0))
}

/// The same from a sender without authenticated metadata: bytes 2 and 3 are zero.
fn plain_row(key: &DiagnosisKey, seconds: u64) -> String {
    let time = START.start().plus(seconds);
    let derived = DerivedKeys::from(key);
    let identifier = derived.identifiers.identifier(time.interval());
    let metadata = Metadata { confidence: CalibrationConfidence::High, tx_power: -10 };
    let sealed = derived.metadata.seal(&identifier, metadata).0;
    // Both senders use one key stream, so trying all tags finds the one that opens as zero.
    let plain = (0..=u16::MAX)
        .map(|tag| {
            let [high, low] = tag.to_be_bytes();
            EncryptedMetadata([sealed[0], sealed[1], high, low])
        })
        .find(|candidate| {
            let opened = derived.metadata.open(&identifier, *candidate, true);
            opened.is_ok_and(|(_, authenticity)| authenticity == Authenticity::Plain)
        })
        .unwrap();
    format!("{time},{},{},-50\n", hex::encode(identifier.0), hex::encode(plain.0))
}

static SIGNER: LazyLock<ed25519_dalek::SigningKey> =
    LazyLock::new(|| ed25519_dalek::SigningKey::from_bytes(&[9; 32]));

fn authority(root_key: &[u8]) -> AuthorityDocument {
    serde_json::from_value(json!({
        "format": 1, "id": "vn.example", "name": {"en": "Example"}, "serial": 1,
        "issued_at": 0, "expires_at": 1, "root_key": BASE64_STANDARD.encode(root_key),
        "regions": ["VN"], "exports": "v1/exports/", "export_keys": [],
        "tracing": {
            "plain_gaen": false, "rolling_period": 36, "retention_days": 14,
            "clock_tolerance": 1, "look_alike_mean_hours": 72, "sync_mean_minutes": 120,
        },
        "risk": RiskParameters::enx_default(),
        "venues": {"lingering_minutes": 0, "minimum_overlap_minutes": 15},
        "advice": {},
    }))
    .unwrap()
}

fn csv(rows: &[String]) -> Vec<u8> {
    format!("time,identifier,metadata,rssi\n{}", rows.concat()).into_bytes()
}

fn totals(report: &Value) -> [u64; 4] {
    ["files", "verified", "failed", "keys"].map(|name| report[name].as_u64().unwrap())
}

#[test]
fn verify_counts_files_and_keys_of_a_folder() {
    let folder = Folder::new();
    folder.put("exports/2.zip", &export(&header(1, 1), &[key(1), key(2)]));
    folder.put("exports/1.zip", &export(&header(1, 1), &[key(3)]));
    folder.put("exports/index.txt", b"1.zip\n2.zip");
    let (code, report) = folder.json(&["keys", "verify", "exports", "--public-key", "public.pem"]);
    assert_eq!((code, totals(&report)), (0, [2, 2, 0, 3]));
    let first = &report["results"][0];
    assert!(first["file"].as_str().unwrap().ends_with("1.zip"));
    assert_eq!(first["region"], "VN");
    assert_eq!(first["start"], START.start().as_secs());
    assert_eq!(first["signatures"][0]["key_id"], "452");
}

#[test]
fn one_bad_file_fails_but_does_not_hide_the_others() {
    let good = export(&header(1, 1), &[key(1), key(2)]);
    let mut flipped = good.clone();
    flipped[60] ^= 1;
    let forged =
        write_export(&header(1, 1), &[key(9)], &[], &signer(8), &SignatureInfo::new("452", "v1"))
            .unwrap();
    let bad: [(&[u8], &str); 4] = [
        (&flipped, "export-damaged"),
        (&good[..good.len() - 30], "export-damaged"),
        (&forged, "export-bad-signature"),
        (b"time,identifier", "export-not-an-export"),
    ];
    for (bytes, error) in bad {
        let folder = Folder::new();
        folder.put("a.zip", bytes);
        folder.put("b.zip", &good);
        let (code, report) =
            folder.json(&["keys", "verify", "a.zip", "b.zip", "--public-key", "public.pem"]);
        assert_eq!((code, totals(&report)), (1, [2, 1, 1, 2]), "{error}");
        assert_eq!(report["results"][0]["error"]["error"], error);
        folder.put("s.csv", &csv(&[row(&key(1), 0)]));
        let files = ["b.zip", "a.zip"];
        let arguments = ["match", "--sightings", "s.csv", "--public-key", "public.pem"];
        let (code, messages) = folder.failure(&[&arguments[..], &files].concat());
        assert_eq!(code, if error == "export-bad-signature" { 1 } else { 3 }, "{messages}");
        assert!(messages.contains("a.zip: "), "{messages}");
    }
}

#[test]
fn show_reads_what_nobody_signed() {
    let folder = Folder::new();
    // Bare and without signature; its second key has 15 bytes.
    let mut bare = b"EK Export v1    ".to_vec();
    for length in [16, 15] {
        bare.extend([0x3a, length + 5, 0x0a, length]);
        bare.extend(vec![7; usize::from(length)]);
        bare.extend([0x18, 0x80, 0x01]);
    }
    folder.put("export.bin", &bare);
    let (code, report) = folder.json(&["keys", "show", "export.bin"]);
    assert_eq!((code, &report["files"], &report["keys"]), (0, &json!(1), &json!(1)));
    assert_eq!(report["results"][0]["invalid_keys"], 1);
    assert_eq!(report["results"][0]["signed"], false);
    let output = folder.run(&["keys", "show", "export.bin"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("not signed"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("15 bytes instead of 16"));
    let (code, messages) =
        folder.failure(&["keys", "verify", "export.bin", "--public-key", "public.pem"]);
    assert_eq!(code, 1);
    assert!(messages.contains("export.bin: not signed"), "{messages}");
}

#[test]
fn missing_chunks_are_named() {
    let folder = Folder::new();
    folder.put("x/1.zip", &export(&header(1, 3), &[key(1)]));
    folder.put("x/3.zip", &export(&header(3, 3), &[key(2)]));
    folder.put("s.csv", &csv(&[row(&key(1), 0)]));
    let (code, messages) = folder.failure(&["keys", "verify", "x", "--public-key", "public.pem"]);
    assert_eq!(code, 1);
    assert!(messages.contains("has 3 files; missing: 2."), "{messages}");
    let with_key = ["match", "--sightings", "s.csv", "--public-key", "public.pem", "x"];
    assert_eq!(folder.failure(&with_key).0, 3);
    let (code, report) = folder.json(&["match", "--sightings", "s.csv", "--unverified", "x"]);
    assert_eq!((code, &report["verified"], &report["matched_keys"]), (0, &json!(false), &json!(1)));
    folder.put("x/2.zip", &export(&header(2, 3), &[]));
    assert_eq!(folder.failure(&with_key).0, 0);
}

#[test]
fn wrong_arguments_and_files_that_are_not_there() {
    let folder = Folder::new();
    folder.put("a.zip", &export(&header(1, 1), &[key(1)]));
    folder.put("s.csv", &csv(&[row(&key(1), 0)]));
    std::fs::create_dir(folder.path("empty")).unwrap();
    let cases: [(&[&str], i32); 11] = [
        (&["keys"], 2),
        (&["keys", "show"], 2),
        (&["keys", "verify", "a.zip"], 2),
        (&["match", "--sightings", "s.csv", "a.zip"], 2),
        (
            &[
                "match",
                "--sightings",
                "s.csv",
                "--unverified",
                "--public-key",
                "public.pem",
                "a.zip",
            ],
            2,
        ),
        (
            &["match", "--sightings", "s.csv", "--unverified", "--clock-tolerance", "145", "a.zip"],
            2,
        ),
        (&["keys", "show", "nothing.zip"], 3),
        (&["keys", "show", "empty"], 3),
        (&["keys", "verify", "a.zip", "--public-key", "s.csv"], 3),
        (&["match", "--sightings", "nothing.csv", "--unverified", "a.zip"], 3),
        (&["match", "--sightings", "s.csv", "--unverified", "--config", "s.csv", "a.zip"], 3),
    ];
    for (arguments, expected) in cases {
        let (code, messages) = folder.failure(arguments);
        assert_eq!(code, expected, "{arguments:?}: {messages}");
        assert!(!messages.is_empty(), "{arguments:?}");
    }
}

#[test]
fn csv_without_header_or_rows_is_bad_input() {
    let folder = Folder::new();
    folder.put("a.zip", &export(&header(1, 1), &[key(1)]));
    for (content, expected) in [
        (&b""[..], "no sightings"),
        (b"time,identifier,metadata,rssi\n", "no sightings"),
        (b"Timestamp,MAC,RSSI\n1,2,3\n", "the first line is \"Timestamp,MAC,RSSI\""),
    ] {
        folder.put("s.csv", content);
        let (code, messages) =
            folder.failure(&["match", "--sightings", "s.csv", "--unverified", "a.zip"]);
        assert_eq!(code, 3);
        assert!(messages.contains(expected), "{messages}");
    }
}

/// Everything at once: believed, altered, damaged, strange and late rows; repeated, future and
/// foreign keys.
#[test]
fn match_finds_exactly_the_rows_of_the_case() {
    let folder = Folder::new();
    let case = key(1);
    let future = DiagnosisKey { rolling_start: Interval::new(u32::MAX / 600), ..key(4) };
    folder.put("x/1.zip", &export(&header(1, 1), &[case, key(2), key(3), future]));
    folder.put("x/2.zip", &export(&header(1, 1), &[case]));
    let late =
        row(&case, 0).replacen(&START.start().to_string(), &START.plus(13).start().to_string(), 1);
    let mut altered = row(&case, 700).into_bytes();
    let metadata = altered.iter().rposition(|byte| *byte == b',').unwrap() - 8;
    altered[metadata] = if altered[metadata] == b'0' { b'1' } else { b'0' };
    folder.put(
        "s.csv",
        &csv(&[
            row(&case, 0),
            row(&case, 240),
            "this,is,damaged\n".into(),
            row(&case, 700),
            String::from_utf8(altered).unwrap(),
            row(&key(77), 100),
            late,
        ]),
    );
    let arguments = ["match", "--sightings", "s.csv", "--public-key", "public.pem", "x"];
    let (code, report) = folder.json(&arguments);
    assert_eq!(code, 0);
    let counts = [
        ("files", 2),
        ("keys_read", 5),
        ("future_keys", 1),
        ("invalid_keys", 0),
        ("sightings", 6),
        ("damaged_rows", 1),
        ("altered_sightings", 1),
        ("matched_keys", 1),
        ("matched_sightings", 3),
        ("clock_tolerance", 12),
    ];
    for (name, expected) in counts {
        assert_eq!(report[name], expected, "{name}");
    }
    assert_eq!(report["verified"], true);
    assert_eq!(report["damaged"], json!([{"line": 4, "reason": "row-columns"}]));
    let matches = report["matches"].as_array().unwrap();
    let found: Vec<_> = matches.iter().map(|m| (&m["time"], &m["interval"])).collect();
    let start = START.start().as_secs();
    assert_eq!(
        found,
        [
            (&json!(start), &json!(START.number())),
            (&json!(start + 240), &json!(START.number())),
            (&json!(start + 700), &json!(START.number() + 1)),
        ]
    );
    for found in matches {
        assert_eq!(found["key"], "01".repeat(16));
        assert_eq!((&found["tx_power"], &found["attenuation"]), (&json!(-10), &json!(40)));
        assert_eq!(found["authenticity"], "authentic");
    }
    // Rows at 0, 100, 240, 700 s: the scans speak for 0, 140 and 300 s at 40 dB, weight 100 %.
    let days = report["daily_summaries"].as_array().unwrap();
    assert_eq!(days.len(), 1);
    assert_eq!(days[0]["total"]["score_sum"], 440.0);

    let mut tight = arguments.to_vec();
    tight.extend(["--clock-tolerance", "13"]);
    assert_eq!(folder.json(&tight).1["matched_sightings"], 4);
    let messages = folder.failure(&arguments).1;
    assert!(messages.contains("Line 4 skipped: not 4 columns."), "{messages}");
    assert!(messages.contains("they begin in the future: 1."), "{messages}");
}

/// Plain or signed, a configuration's tolerance and its refusal of plain GAEN senders hold; the
/// command line's tolerance comes first.
#[test]
fn configuration_decides() {
    let folder = Folder::new();
    folder.put("a.zip", &export(&header(1, 1), &[key(1)]));
    let late =
        row(&key(1), 0).replacen(&START.start().to_string(), &START.plus(2).start().to_string(), 1);
    folder.put("s.csv", &csv(&[row(&key(1), 0), late, plain_row(&key(1), 30)]));
    let document = authority(SIGNER.verifying_key().as_bytes());
    folder.put("plain.json", &serde_json::to_vec_pretty(&document).unwrap());
    let signed = document.to_signed(&SIGNER).unwrap();
    folder.put("signed.json", &signed);
    let run = |more: &[&str]| {
        let arguments = ["match", "--sightings", "s.csv", "--unverified", "a.zip"];
        let report = folder.json(&[&arguments[..], more].concat()).1;
        ["matched_sightings", "altered_sightings"].map(|name| report[name].as_u64().unwrap())
    };
    assert_eq!(run(&[]), [3, 0]);
    for config in ["plain.json", "signed.json"] {
        assert_eq!(run(&["--config", config]), [1, 1], "{config}");
        assert_eq!(run(&["--config", config, "--clock-tolerance", "2"]), [2, 1], "{config}");
    }
    let mut altered = signed;
    let at = altered.iter().rposition(|byte| *byte == b'}').unwrap() - 2;
    altered.insert(at, b' ');
    folder.put("altered.json", &altered);
    let arguments = ["match", "--sightings", "s.csv", "--unverified", "a.zip"];
    let (code, messages) =
        folder.failure(&[&arguments[..], &["--config", "altered.json"]].concat());
    assert_eq!(code, 3);
    assert!(messages.contains("the signature is not valid"), "{messages}");
}

#[test]
fn revoked_key_matches_nothing() {
    let folder = Folder::new();
    let revoked = DiagnosisKey { report_type: ReportType::Revoked, ..key(1) };
    let info = SignatureInfo::new("452", "v1");
    let file = write_export(&header(1, 1), &[key(1)], &[revoked], &signer(7), &info).unwrap();
    folder.put("a.zip", &file);
    folder.put("s.csv", &csv(&[row(&key(1), 0)]));
    let (_, report) = folder.json(&["match", "--sightings", "s.csv", "--unverified", "a.zip"]);
    assert_eq!((&report["keys_read"], &report["matched_keys"]), (&json!(2), &json!(0)));
}

#[test]
fn unverified_is_said_in_the_persons_language() {
    let folder = Folder::new();
    folder.put("a.zip", &export(&header(1, 1), &[key(1)]));
    folder.put("s.csv", &csv(&[row(&key(1), 0)]));
    let run = |language: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_vungxanh"))
            .current_dir(folder.0.path())
            .args(["match", "--sightings", "s.csv", "--unverified", "a.zip", "--lang", language])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("en").contains("UNVERIFIED"));
    assert!(run("vi").contains("CHƯA KIỂM TRA"));
}

/// One of the samples of other systems.
fn foreign(name: &str) -> PathBuf {
    let folder = std::env::var_os("VUNGXANH_SAMPLES").expect("VUNGXANH_SAMPLES names a folder");
    Path::new(&folder).join(name)
}

#[test]
#[ignore = "needs VUNGXANH_SAMPLES"]
fn foreign_samples_match_that_key_only() {
    let vector: Value = serde_json::from_slice(
        &std::fs::read(foreign("vectors/google-roundtrip-match.json")).unwrap(),
    )
    .unwrap();
    let expected = &vector["expected_matching_teks"][0]["key_data"];
    let interval = Interval::new(vector["scan_interval"].as_u64().unwrap() as u32);
    let key: [u8; 16] = hex::decode(expected.as_str().unwrap()).unwrap().try_into().unwrap();
    let derived = DerivedKeys::from_key(&key);
    let identifier = derived.identifiers.identifier(interval);
    assert_eq!(hex::encode(identifier.0), vector["scanned_rpis"][0].as_str().unwrap());
    let metadata = Metadata { confidence: CalibrationConfidence::High, tx_power: -10 };
    let sealed = derived.metadata.seal(&identifier, metadata);
    let time: UnixTime = interval.start().plus(100);
    let row = format!("{time},{},{},-60\n", hex::encode(identifier.0), hex::encode(sealed.0));
    let folder = Folder::new();
    folder.put("s.csv", &csv(&[row]));
    let file = foreign("exports/google-internals-app-export.bin");
    let file = file.to_str().unwrap();
    let (code, report) = folder.json(&["match", "--sightings", "s.csv", "--unverified", file]);
    assert_eq!((code, &report["keys_read"]), (0, &json!(110)));
    assert_eq!(report["matches"].as_array().unwrap().len(), 1);
    assert_eq!(&report["matches"][0]["key"], expected);
    assert_eq!(report["matches"][0]["interval"], interval.number());
}
