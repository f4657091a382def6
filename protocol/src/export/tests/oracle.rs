//! The same messages by an independent protobuf implementation (prost), both ways.

use proptest::prelude::*;
use prost::Message;

use super::super::*;
use super::support::*;
use crate::diagnosis_key::{DiagnosisKey, ReportType};
use crate::interval::{Interval, RollingPeriod, UnixTime};

#[derive(Clone, PartialEq, Message)]
struct ProstExport {
    #[prost(fixed64, optional, tag = "1")]
    start_timestamp: Option<u64>,
    #[prost(fixed64, optional, tag = "2")]
    end_timestamp: Option<u64>,
    #[prost(string, optional, tag = "3")]
    region: Option<String>,
    #[prost(int32, optional, tag = "4")]
    batch_num: Option<i32>,
    #[prost(int32, optional, tag = "5")]
    batch_size: Option<i32>,
    #[prost(message, repeated, tag = "6")]
    signature_infos: Vec<ProstInfo>,
    #[prost(message, repeated, tag = "7")]
    keys: Vec<ProstKey>,
    #[prost(message, repeated, tag = "8")]
    revised_keys: Vec<ProstKey>,
}

#[derive(Clone, PartialEq, Message)]
struct ProstInfo {
    #[prost(string, optional, tag = "1")]
    app_bundle_id: Option<String>,
    #[prost(string, optional, tag = "2")]
    android_package: Option<String>,
    #[prost(string, optional, tag = "3")]
    verification_key_version: Option<String>,
    #[prost(string, optional, tag = "4")]
    verification_key_id: Option<String>,
    #[prost(string, optional, tag = "5")]
    signature_algorithm: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct ProstKey {
    #[prost(bytes = "vec", optional, tag = "1")]
    key_data: Option<Vec<u8>>,
    #[prost(int32, optional, tag = "2")]
    transmission_risk_level: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    rolling_start_interval_number: Option<i32>,
    #[prost(int32, optional, tag = "4", default = "144")]
    rolling_period: Option<i32>,
    #[prost(int32, optional, tag = "5")]
    report_type: Option<i32>,
    #[prost(sint32, optional, tag = "6")]
    days_since_onset_of_symptoms: Option<i32>,
    #[prost(int32, optional, tag = "8")]
    variant_of_concern: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct ProstSignatureList {
    #[prost(message, repeated, tag = "1")]
    signatures: Vec<ProstSignature>,
}

#[derive(Clone, PartialEq, Message)]
struct ProstSignature {
    #[prost(message, optional, tag = "1")]
    signature_info: Option<ProstInfo>,
    #[prost(int32, optional, tag = "2")]
    batch_num: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    batch_size: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "4")]
    signature: Option<Vec<u8>>,
}

/// What our reader makes of an entry, worked out from the fields instead of the bytes.
fn expected(key: &ProstKey) -> Option<DiagnosisKey> {
    Some(DiagnosisKey {
        key: key.key_data.clone()?.try_into().ok()?,
        rolling_start: Interval::new(key.rolling_start_interval_number?.try_into().ok()?),
        rolling_period: RollingPeriod::new(key.rolling_period().into()).ok()?,
        report_type: ReportType::from_number(key.report_type().into())?,
        days_since_onset: key.days_since_onset_of_symptoms.filter(|days| days.abs() <= 14),
        transmission_risk: key.transmission_risk_level().clamp(0, 8),
    })
}

prop_compose! {
    fn any_key()(
        key_data in prop_oneof![
            8 => prop::collection::vec(any::<u8>(), 16).prop_map(Some),
            1 => prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        ],
        transmission_risk_level in prop::option::of(prop_oneof![0..9, any::<i32>()]),
        rolling_start_interval_number in
            prop_oneof![8 => (0..i32::MAX).prop_map(Some), 1 => prop::option::of(any::<i32>())],
        rolling_period in prop::option::of(prop_oneof![8 => 1..145, 1 => any::<i32>()]),
        report_type in prop::option::of(prop_oneof![8 => 0..6, 1 => any::<i32>()]),
        days_since_onset_of_symptoms in prop::option::of(prop_oneof![-15..16, any::<i32>()]),
        variant_of_concern in prop::option::of(any::<i32>()),
    ) -> ProstKey {
        ProstKey {
            key_data,
            transmission_risk_level,
            rolling_start_interval_number,
            rolling_period,
            report_type,
            days_since_onset_of_symptoms,
            variant_of_concern,
        }
    }
}

prop_compose! {
    fn any_info()(
        fields in prop::array::uniform5(prop::option::of("[a-zA-Z0-9.đ]{0,20}")),
    ) -> ProstInfo {
        let [app_bundle_id, android_package, version, id, algorithm] = fields;
        ProstInfo {
            app_bundle_id,
            android_package,
            verification_key_version: version,
            verification_key_id: id,
            signature_algorithm: algorithm,
        }
    }
}

prop_compose! {
    fn any_export()(
        start_timestamp in prop::option::of(any::<u64>()),
        end_timestamp in prop::option::of(any::<u64>()),
        region in prop::option::of("[A-Zđ]{0,9}"),
        batch in prop::option::of((1..=9, 0..9)),
        signature_infos in prop::collection::vec(any_info(), 0..4),
        keys in prop::collection::vec(any_key(), 0..20),
        revised_keys in prop::collection::vec(any_key(), 0..5),
    ) -> ProstExport {
        ProstExport {
            start_timestamp,
            end_timestamp,
            region,
            batch_num: batch.map(|(num, _)| num),
            batch_size: batch.map(|(num, more)| num + more),
            signature_infos,
            keys,
            revised_keys,
        }
    }
}

prop_compose! {
    fn valid_key()(
        key in any::<[u8; 16]>(),
        start in 0..=i32::MAX as u32,
        period in 1i64..=144,
        report_type in 0i64..6,
        days_since_onset in prop::option::of(-14..=14),
        transmission_risk in 0..=8,
    ) -> DiagnosisKey {
        DiagnosisKey {
            key,
            rolling_start: Interval::new(start),
            rolling_period: RollingPeriod::new(period).unwrap(),
            report_type: ReportType::from_number(report_type).unwrap(),
            days_since_onset,
            transmission_risk,
        }
    }
}

fn decode_prost(file: &[u8]) -> (ProstExport, ProstSignatureList) {
    let (export, signatures) = entries_of(file);
    assert_eq!(export[..16], EXPORT_MAGIC[..]);
    (ProstExport::decode(&export[16..]).unwrap(), ProstSignatureList::decode(&*signatures).unwrap())
}

proptest! {
    #[test]
    fn reads_what_prost_writes(export in any_export()) {
        let bytes = bare(&export.encode_to_vec());
        let file = open(&bytes).unwrap();
        let header = file.header();
        prop_assert_eq!(header.start.as_secs(), export.start_timestamp());
        prop_assert_eq!(header.end.as_secs(), export.end_timestamp());
        prop_assert_eq!(&header.region, export.region());
        prop_assert_eq!(header.batch_num as i32, export.batch_num.unwrap_or(1));
        prop_assert_eq!(header.batch_size as i32, export.batch_size.unwrap_or(1));
        let infos: Vec<_> = export.signature_infos.iter().map(|info| SignatureInfo {
            key_version: info.verification_key_version().into(),
            key_id: info.verification_key_id().into(),
            algorithm: info.signature_algorithm().into(),
        }).collect();
        prop_assert_eq!(&header.signature_infos, &infos);
        prop_assert_eq!(file.key_entries(), export.keys.len() as u64);
        prop_assert_eq!(file.revised_entries(), export.revised_keys.len() as u64);

        let keys = export.keys.iter().map(|key| (key, false));
        let all: Vec<_> = keys.chain(export.revised_keys.iter().map(|key| (key, true))).collect();
        let good: Vec<_> = all.iter()
            .filter_map(|(key, revised)| Some(KeyEntry { key: expected(key)?, revised: *revised }))
            .collect();
        let (entries, counts) = unverified_keys(&bytes);
        prop_assert_eq!(counts.invalid.count as usize, all.len() - good.len());
        prop_assert_eq!(entries, good);
    }

    #[test]
    fn prost_reads_what_we_write(
        keys in prop::collection::vec(valid_key(), 0..20),
        revised in prop::collection::vec(valid_key(), 0..5),
        start in any::<u64>(),
        end in any::<u64>(),
        region in "[A-Zđ]{0,9}",
        batch_num in 1u32..9,
        more in 0u32..9,
    ) {
        let header = ExportHeader {
            start: UnixTime::from_secs(start),
            end: UnixTime::from_secs(end),
            region,
            batch_num,
            batch_size: batch_num + more,
            signature_infos: Vec::new(),
        };
        let file = write_export(&header, &keys, &revised, &signer(), &info()).unwrap();
        let (export, signatures) = decode_prost(&file);
        prop_assert_eq!(export.start_timestamp, Some(start));
        prop_assert_eq!(export.end_timestamp, Some(end));
        prop_assert_eq!(export.region, Some(header.region));
        prop_assert_eq!(export.batch_num, Some(header.batch_num as i32));
        prop_assert_eq!(export.batch_size, Some(header.batch_size as i32));
        let info = ProstInfo {
            app_bundle_id: None,
            android_package: None,
            verification_key_version: Some("v1".into()),
            verification_key_id: Some("452".into()),
            signature_algorithm: Some(ECDSA_SHA256.into()),
        };
        prop_assert_eq!(&export.signature_infos, std::slice::from_ref(&info));
        let [signature] = &signatures.signatures[..] else { panic!("one signature") };
        prop_assert_eq!(signature.signature_info.as_ref(), Some(&info));
        prop_assert_eq!(signature.batch_num, Some(header.batch_num as i32));
        prop_assert_eq!(signature.batch_size, Some(header.batch_size as i32));
        for (written, mut keys) in [(export.keys, keys), (export.revised_keys, revised)] {
            keys.sort_by_key(|key| (key.key, key.rolling_start));
            let read: Vec<_> = written.iter().map(|key| expected(key).unwrap()).collect();
            prop_assert_eq!(read, keys);
            for key in &written {
                prop_assert_ne!(key.rolling_period, Some(144));
            }
        }
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for bytes in [bare(&bytes), bytes.clone(), [&b"PK\x03\x04"[..], &bytes].concat()] {
            if let Ok(mut file) = open(&bytes) {
                file.without_verification().for_each_key(|_| {}).unwrap();
            }
        }
        let zip = zip_of(&[(EXPORT_ENTRY, &bare(&[])), (SIGNATURE_ENTRY, &bytes)]);
        if let Ok(mut file) = open(&zip) {
            prop_assert!(file.verify(&[public_key()]).is_err());
        }
    }
}
