//! Warnings to passes: only the pass's own secret shows whether there is one.

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use vungxanh_protocol::diagnosis_key::Infectiousness;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::door::{
    DoorError, PassNotice, PassWarnings, SIGNING_LABEL, WarningBatchWithPasses,
};
use vungxanh_protocol::pass::HolderKey;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::signed;
use vungxanh_protocol::venue::batch::{HourHistogram, WarningBatch};

use super::{HOUR, VECTORS, VENUE, array, minute, rng, text};

fn notice(from: u64, until: u64) -> PassNotice {
    PassNotice {
        from: minute(from),
        until: minute(until),
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        venue: "Chợ Đồng Xuân".into(),
        words: "Gọi 1900 9095.".into(),
    }
}

fn holder(seed: u64) -> HolderKey {
    HolderKey::generate(&mut rng(seed))
}

fn batch(passes: PassWarnings) -> WarningBatchWithPasses {
    let hours = HourHistogram::new([(HOUR, 1)].into()).unwrap();
    let slots =
        WarningBatch::assemble("VN-HN", HOUR.start(), HOUR.end(), vec![], &hours, &mut rng(1));
    WarningBatchWithPasses { slots: slots.unwrap(), passes }
}

fn warning_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[4; 32])
}

#[test]
fn a_batch_of_another_implementation_is_read_and_opened() {
    let vector = &VECTORS["batch"];
    let start = u32::try_from(HOUR.start().as_secs()).unwrap();
    let mut body = vec![2, 5];
    body.extend_from_slice(b"VN-HN");
    body.extend_from_slice(&start.to_be_bytes());
    body.extend_from_slice(&(start + 86_400).to_be_bytes());
    body.extend_from_slice(&[0, 32]);
    for _ in 0..32 {
        body.extend_from_slice(&array::<268>(&VENUE["warning"]["bytes"]));
    }
    body.extend_from_slice(&hex::decode(text(&vector["section"])).unwrap());
    let bytes = signed::sign(SIGNING_LABEL, &body, &warning_key());
    assert_eq!(hex::encode(Sha256::digest(&bytes)), text(&vector["sha256"]));

    let key = warning_key().verifying_key();
    let batch = WarningBatchWithPasses::read(&bytes, &key, "VN-HN").unwrap();
    assert_eq!(batch.to_signed(&warning_key()).unwrap(), bytes);
    let seed = SecretBytes::new(array(&VECTORS["warnings"]["entries"][0]["holder_seed"]));
    let notices = batch.passes.notices_to(&HolderKey::from_seed(&seed));
    assert!(notices == [notice(2, 30), notice(2, 30)]);
    assert!(batch.passes.notices_to(&holder(1)).is_empty());
    assert!(WarningBatchWithPasses::read(&bytes, &key, "VN-SG").is_err());
    // An older device's reader refuses it by its label, and this one the older batch.
    assert!(WarningBatch::read(&bytes, &key, "VN-HN").is_err());
    let older = batch.slots.to_signed(&warning_key()).unwrap();
    assert!(WarningBatchWithPasses::read(&older, &key, "VN-HN").is_err());
}

#[test]
fn only_the_warned_open_their_notices_and_up_to_four_each() {
    let (one, two, other) = (holder(1), holder(2), holder(3));
    let mut notices: Vec<_> = (0..4).map(|at| (one.public_key(), notice(at, at + 10))).collect();
    notices.push((two.public_key(), notice(7, 9)));
    let warnings = PassWarnings::assemble(&notices, &mut rng(5)).unwrap();
    assert_eq!(warnings.size(), 32);
    let mut to_one = warnings.notices_to(&one);
    to_one.sort_by_key(|notice| notice.from);
    assert!(to_one == (0..4).map(|at| notice(at, at + 10)).collect::<Vec<_>>());
    assert!(warnings.notices_to(&two) == [notice(7, 9)]);
    assert!(warnings.notices_to(&other).is_empty());
    notices.push((one.public_key(), notice(50, 60)));
    assert!(PassWarnings::assemble(&notices, &mut rng(5)).is_err());
}

#[test]
fn whoever_saw_a_pass_cannot_tell_whether_it_was_warned() {
    // A door or a photographer has the public key; its two batches, with and without the warning,
    // share no entry and have one size.
    let warned = holder(1);
    let with = PassWarnings::assemble(&[(warned.public_key(), notice(0, 5))], &mut rng(1)).unwrap();
    let without = PassWarnings::assemble(&[], &mut rng(1)).unwrap();
    let bytes = |warnings| batch(warnings).to_signed(&warning_key()).unwrap();
    let (with, without) = (bytes(with), bytes(without));
    assert_eq!(with.len(), without.len());
    let public = *warned.public_key().as_bytes();
    let agreement = warned.public_key().to_montgomery().to_bytes();
    for part in [public, agreement] {
        assert!(!with.windows(8).any(|window| window == &part[..8]));
    }
}

#[test]
fn sizes_are_three_and_more_has_to_wait() {
    let sized = |count: u64| {
        let notices: Vec<_> =
            (0..count).map(|seed| (holder(seed).public_key(), notice(0, 5))).collect();
        PassWarnings::assemble(&notices, &mut rng(1)).map(|warnings| warnings.size())
    };
    assert_eq!(sized(0), Ok(32));
    assert_eq!(sized(33), Ok(256));
    let limit = DoorError::TooManyWarnings { warnings: 2_049, limit: 2_048 };
    assert_eq!(sized(2_049), Err(limit));
}

#[test]
fn a_batch_altered_anywhere_is_refused() {
    let key = warning_key().verifying_key();
    let signed = batch(PassWarnings::assemble(&[], &mut rng(1)).unwrap());
    let signed = signed.to_signed(&warning_key()).unwrap();
    for index in (0..signed.len()).step_by(101) {
        let mut altered = signed.clone();
        altered[index] ^= 1;
        assert!(WarningBatchWithPasses::read(&altered, &key, "VN-HN").is_err(), "byte {index}");
    }
    for length in [0, 89, 1_000, signed.len() - 1] {
        assert!(WarningBatchWithPasses::read(&signed[..length], &key, "VN-HN").is_err());
    }
}

#[test]
fn notices_that_make_no_sense_are_not_sealed() {
    let good = notice(0, 5);
    let seal = |notice: PassNotice| {
        PassWarnings::assemble(&[(holder(1).public_key(), notice)], &mut rng(1)).is_ok()
    };
    assert!(seal(good.clone()));
    assert!(!seal(PassNotice { until: good.from, ..good.clone() }));
    assert!(!seal(PassNotice { until: good.from.plus(86_401), ..good.clone() }));
    assert!(!seal(PassNotice { report_type: ReportType::Revoked, ..good.clone() }));
    assert!(!seal(PassNotice { infectiousness: Infectiousness::None, ..good.clone() }));
    // Words that are too long are shortened, as elsewhere.
    assert!(seal(PassNotice { words: "ễ".repeat(100), venue: "ễ".repeat(100), ..good }));
}

proptest! {
    #[test]
    fn any_signed_bytes_are_a_batch_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for bytes in [bytes.clone(), [&[2], &bytes[..]].concat()] {
            let batch = signed::sign(SIGNING_LABEL, &bytes, &warning_key());
            // Too short for any of the sizes.
            let read = WarningBatchWithPasses::read(&batch, &warning_key().verifying_key(), "VN-HN");
            prop_assert!(read.is_err());
        }
    }
}
