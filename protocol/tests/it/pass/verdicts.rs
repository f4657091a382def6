//! What a door says, and why.

use vungxanh_protocol::pass::{HolderKey, LivePass, Pass, PassKeys, PassKind, Presented, Verdict};

use super::{DAY, NOW, Office, name, root};

fn live(office: &Office) -> (Pass, Presented) {
    let (pass, holder) = office.issue(PassKind::Live, 7);
    (pass, Presented::Live(LivePass::show(&pass, &holder, NOW).unwrap()))
}

#[test]
fn clocks_may_differ_by_three_minutes_and_a_picture_goes_stale() {
    let office = Office::new(1);
    let (pass, shown) = live(&office);
    let valid = Verdict::Valid(*pass.content());
    let judge = |now| office.keys.judge(&shown, now);
    for now in [NOW, NOW.plus(180), NOW.minus(180)] {
        assert_eq!(judge(now), valid);
    }
    // Both times can be shown: this one and the door's own.
    for now in [NOW.plus(181), NOW.minus(181), NOW.plus(3_600), NOW.minus(10_000)] {
        assert_eq!(judge(now), Verdict::ClocksDiffer(NOW));
    }
    assert_eq!(judge(NOW.plus(3_601)), Verdict::TooOld(3_601));
}

#[test]
fn a_printed_pass_is_valid_on_its_local_days_and_no_other() {
    let office = Office::new(1);
    let (pass, _) = office.issue(PassKind::Printed, 7);
    let shown = Presented::Printed(pass);
    let local = office.list.local_time;
    let wrong = Verdict::WrongDay(DAY, DAY + 2);
    for (now, verdict) in [
        (local.start(DAY).minus(1), wrong),
        (local.start(DAY), Verdict::Valid(*pass.content())),
        (local.start(DAY + 3).minus(1), Verdict::Valid(*pass.content())),
        (local.start(DAY + 3), wrong),
    ] {
        assert_eq!(office.keys.judge(&shown, now), verdict);
    }
}

#[test]
fn a_pass_of_a_key_that_is_not_published_or_was_revoked_is_of_an_unknown_key() {
    let office = Office::new(1);
    let (_, shown) = live(&office);
    let mut list = office.list.clone();
    list.revoked.insert(name(PassKind::Live));
    list.serial += 1;
    let root = root();
    let revoked = list.to_signed(&root).unwrap();
    let revoked = PassKeys::read(&revoked, &root.verifying_key(), Some(&office.keys)).unwrap();
    assert_eq!(revoked.judge(&shown, NOW), Verdict::UnknownKey);
    list.revoked.clear();
    list.keys.remove(&name(PassKind::Live));
    let without = PassKeys::read(&list.to_signed(&root).unwrap(), &root.verifying_key(), None);
    assert_eq!(without.unwrap().judge(&shown, NOW), Verdict::UnknownKey);
    // The same name, another key: what another authority issued.
    assert_eq!(Office::new(2).keys.judge(&shown, NOW), Verdict::NotAPass);
}

#[test]
fn another_holder_cannot_show_a_pass() {
    let office = Office::new(1);
    let (pass, _) = live(&office);
    let (_, stranger) = office.issue(PassKind::Live, 8);
    assert!(LivePass::show(&pass, &stranger, NOW).is_err());
    let (printed, holder) = office.issue(PassKind::Printed, 9);
    assert!(LivePass::show(&printed, &holder, NOW).is_err());
}

#[test]
fn every_altered_byte_is_noticed() {
    let office = Office::new(1);
    let (_, shown) = live(&office);
    for shown in [shown, Presented::Printed(office.issue(PassKind::Printed, 1).0)] {
        let bytes = shown.to_bytes();
        for index in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[index] ^= 1;
            let verdict =
                Presented::from_bytes(&altered).map(|shown| office.keys.judge(&shown, NOW));
            assert!(!matches!(verdict, Ok(Verdict::Valid(_))), "byte {index}: {verdict:?}");
        }
    }
}

#[test]
fn a_door_with_expired_keys_says_so() {
    let office = Office::new(1);
    let (_, shown) = live(&office);
    let verdict = office.keys.judge(&shown, office.list.expires_at);
    assert_eq!(verdict, Verdict::KeysExpired);
}

#[test]
fn specimens_open_no_door() {
    let office = Office::new(1);
    let holder = HolderKey::generate(&mut super::rng(1));
    let printed = Pass::specimen(false, DAY, &holder).unwrap();
    assert_eq!(office.keys.judge(&Presented::Printed(printed), NOW), Verdict::Specimen);
    let live = Pass::specimen(true, DAY, &holder).unwrap();
    let live = Presented::Live(LivePass::show(&live, &holder, NOW).unwrap());
    assert_eq!(office.keys.judge(&live, NOW), Verdict::Specimen);
    // Nor does one that calls itself a pass.
    let mut bytes = printed.to_bytes();
    bytes[1] = PassKind::Printed.number();
    let forged = Presented::Printed(Pass::from_bytes(&bytes).unwrap());
    assert_eq!(office.keys.judge(&forged, NOW), Verdict::NotAPass);
}
