//! Files that others have made.

use std::fs::File;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::super::*;
use super::support::*;
use crate::diagnosis_key::{DiagnosisKey, ReportType};
use crate::interval::{Interval, RollingPeriod, UnixTime};

#[derive(Deserialize)]
struct Vector {
    header: VectorHeader,
    signature_der: String,
    public_key: String,
    keys: Vec<VectorKey>,
}

#[derive(Deserialize)]
struct VectorHeader {
    start: u64,
    end: u64,
    region: String,
    batch_num: u32,
    batch_size: u32,
    key_id: String,
    key_version: String,
    algorithm: String,
}

#[derive(Deserialize)]
struct VectorKey {
    key: String,
    rolling_start: u32,
    rolling_period: i64,
    transmission_risk: i32,
}

impl Vector {
    fn load() -> Self {
        let text = include_str!("../../../test-vectors/export-ens-test-keys.json");
        serde_json::from_str(text).unwrap()
    }

    fn keys(&self) -> Vec<DiagnosisKey> {
        let key = |key: &VectorKey| DiagnosisKey {
            key: BASE64_STANDARD.decode(&key.key).unwrap().try_into().unwrap(),
            rolling_start: Interval::new(key.rolling_start),
            rolling_period: RollingPeriod::new(key.rolling_period).unwrap(),
            report_type: ReportType::Unknown,
            days_since_onset: None,
            transmission_risk: key.transmission_risk,
        };
        self.keys.iter().map(key).collect()
    }
}

/// Our bytes under their signature: it can only be right if what is written is, byte for byte,
/// what they signed.
#[test]
fn published_signature_fits_what_is_written_and_read() {
    let vector = Vector::load();
    let published = &vector.header;
    let info = SignatureInfo {
        key_version: published.key_version.clone(),
        key_id: published.key_id.clone(),
        algorithm: published.algorithm.clone(),
    };
    let header = ExportHeader {
        start: UnixTime::from_secs(published.start),
        end: UnixTime::from_secs(published.end),
        region: published.region.clone(),
        batch_num: published.batch_num,
        batch_size: published.batch_size,
        signature_infos: vec![info.clone()],
    };
    let ours = write_export(&header, &vector.keys(), &[], &signer(), &info).unwrap();
    let theirs = signature(&info, Some((1, 1)), &hex::decode(&vector.signature_der).unwrap());
    let zip = signed(&entries_of(&ours).0, &[theirs]);

    let mut file = open(&zip).unwrap();
    assert_eq!(*file.header(), header);
    assert_eq!(file.warnings(), []);
    let public_key = VerificationKey::from_pem(&vector.public_key).unwrap();
    let keys = file.verify(&[public_key.named("some_id", "1")]).unwrap();
    assert_eq!(keys.signed_by().unwrap().info, info);
    let mut found = Vec::new();
    keys.for_each_key(|entry| found.push(entry.key)).unwrap();
    assert_eq!(found, vector.keys());
}

fn foreign(name: &str) -> PathBuf {
    let folder = std::env::var_os("VUNGXANH_SAMPLES").expect("VUNGXANH_SAMPLES names a folder");
    PathBuf::from(folder).join("exports").join(name)
}

fn open_foreign(name: &str) -> ExportFile<File> {
    ExportFile::open(File::open(foreign(name)).unwrap(), &Limits::default()).unwrap()
}

fn foreign_key(name: &str) -> VerificationKey {
    VerificationKey::from_pem(&std::fs::read_to_string(foreign(name)).unwrap()).unwrap()
}

#[test]
#[ignore = "needs VUNGXANH_SAMPLES"]
fn foreign_samples_verify_as_their_table_says() {
    let dutch = "nl-coronamelder-production.recovered-public.pem";
    let signed = [
        (
            "google-internals-sample_diagnosis_key_file.zip",
            "google-internals-sample.public.pem",
            140,
            &[][..],
        ),
        (
            "google-server-testExport-2-records-1-of-1.zip",
            "google-server-testExport.public.pem",
            2,
            &[],
        ),
        (
            "nl-coronamelder-1601906581-1601992981-150keys-00e473e3.zip",
            dutch,
            150,
            &["content.sig"],
        ),
        (
            "nl-coronamelder-1603965780-1604052180-2056keys-589a6271.zip",
            dutch,
            2_056,
            &["content.sig"],
        ),
    ];
    for (name, pem, expected, extra) in signed {
        let mut file = open_foreign(name);
        assert_eq!(file.extra_entries(), extra, "{name}");
        let wrong = file.verify(&[public_key()]).unwrap_err();
        assert!(matches!(wrong, ExportError::BadSignature), "{name}: {wrong}");
        let mut keys = 0;
        let counts = file.verify(&[foreign_key(pem)]).unwrap().for_each_key(|_| keys += 1).unwrap();
        assert_eq!(keys, expected, "{name}");
        assert_eq!(counts, KeyCounts { keys, ..KeyCounts::default() }, "{name}");
    }
}

#[test]
#[ignore = "needs VUNGXANH_SAMPLES"]
fn foreign_samples_are_refused_as_their_table_says() {
    let key = foreign_key("google-internals-sample.public.pem");
    let refused = [
        ("google-internals-app-export.bin", 110, "not signed"),
        ("google-server-history-1605818700-1605819000-0001-ff23e2.zip", 50, "not signed"),
        ("google-android-history-sample_diagnosis_key_file.older.zip", 110, "unknown algorithm"),
    ];
    for (name, expected, reason) in refused {
        let mut file = open_foreign(name);
        let error = file.verify(std::slice::from_ref(&key)).unwrap_err();
        assert!(error.to_string().contains(reason), "{name}: {error}");
        let counts = file.without_verification().for_each_key(|_| {}).unwrap();
        assert_eq!(counts, KeyCounts { keys: expected, ..KeyCounts::default() }, "{name}");
    }
}

#[test]
#[ignore = "needs VUNGXANH_SAMPLES"]
fn foreign_samples_hold_the_listed_keys() {
    let bytes = std::fs::read(foreign("google-server-testExport-2-records-1-of-1.zip")).unwrap();
    let found: Vec<_> = unverified_keys(&bytes).0.iter().map(|entry| entry.key).collect();
    assert_eq!(found, Vector::load().keys());
}
