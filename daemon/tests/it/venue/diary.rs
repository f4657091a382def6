//! The private diary: only a person who has the passphrase reads it, and no one else can count it.

use std::fs;

use vungxanh_daemon::venue::{CheckInError, DiaryEntry};
use vungxanh_protocol::passphrase::PassphraseError;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;

use super::{Device, NOON, day_of, minute};

const PASSPHRASE: &str = "Tiếng Việt của tôi";

/// Venue, start and end in minutes after noon.
fn told(entries: &[DiaryEntry]) -> Vec<(String, u64, u64)> {
    let minutes = |time: vungxanh_protocol::interval::UnixTime| time.since(NOON.start()) / 60;
    let told =
        |entry: &DiaryEntry| (entry.venue.clone(), minutes(entry.from), minutes(entry.until));
    entries.iter().map(told).collect()
}

fn read(device: &Device) -> Vec<(String, u64, u64)> {
    told(&device.check_ins.read_diary(PASSPHRASE).unwrap())
}

fn at(venue: &str, from: u64, until: u64) -> (String, u64, u64) {
    (venue.to_owned(), from, until)
}

/// With a diary that is on.
fn device() -> Device {
    let device = Device::new();
    device.check_ins.begin_diary(PASSPHRASE).unwrap();
    assert!(device.check_ins.is_due(minute(0)));
    device.rewrite(0);
    device
}

#[test]
fn nothing_is_kept_unless_the_person_wants_it() {
    let device = Device::new();
    assert_eq!(device.check_ins.diary(), (false, false));
    device.scan("Phở Thìn", 0);
    device.check_ins.check_out(minute(9)).unwrap();
    device.rewrite(60);
    assert!(!device.profile().diary_file().exists());
    assert!(matches!(device.check_ins.read_diary(PASSPHRASE), Err(CheckInError::NoDiary)));
    device.check_ins.begin_diary(PASSPHRASE).unwrap();
    assert_eq!(read(&device), [], "what was before is sealed for good");
}

#[test]
fn visits_of_any_length_are_told_whole_and_survive_restarts() {
    let mut device = device();
    device.scan("Phở Thìn", 10);
    device.check_ins.extend(Some(120), minute(20)).unwrap();
    device.rewrite(60);
    device.scan("Bún Chả", 90);
    assert_eq!(read(&device), [at("Phở Thìn", 10, 90)], "at once");
    device.restart(91);
    assert_eq!(read(&device), [at("Phở Thìn", 10, 90)]);
    device.check_ins.pass_time(minute(151)).unwrap();
    device.rewrite(180);
    device.reboot(181);
    assert_eq!(read(&device), [at("Phở Thìn", 10, 90), at("Bún Chả", 90, 150)]);
    let entries = device.check_ins.read_diary(PASSPHRASE).unwrap();
    let poster = PosterFingerprint::of_payload(&device.parties.poster("Bún Chả"));
    assert!(entries[1].poster == poster && entries[1].unit == "Tầng 2");
}

#[test]
fn only_its_passphrase_opens_it_however_it_is_typed() {
    let device = device();
    device.scan("Phở Thìn", 0);
    device.check_ins.check_out(minute(9)).unwrap();
    let wrong = |passphrase: &str| {
        matches!(device.check_ins.read_diary(passphrase), Err(CheckInError::WrongPassphrase))
    };
    assert!(wrong("") && wrong("Tiếng Việt của tô"));
    // The same letters, composed of more characters.
    let decomposed = "Tie\u{302}\u{301}ng Vie\u{323}\u{302}t cu\u{309}a to\u{302}i";
    assert_eq!(told(&device.check_ins.read_diary(decomposed).unwrap()).len(), 1);
    let short = Device::new().check_ins.begin_diary("bảy chữ");
    assert!(matches!(short, Err(CheckInError::Passphrase(PassphraseError::Short { least: 8 }))));
}

#[test]
fn off_and_on_again() {
    let device = device();
    device.scan("Phở Thìn", 0);
    device.check_ins.check_out(minute(9)).unwrap();
    device.check_ins.end_diary().unwrap();
    device.scan("Bún Chả", 10);
    device.check_ins.check_out(minute(19)).unwrap();
    assert_eq!(device.check_ins.diary(), (true, false));
    let wrong = device.check_ins.begin_diary("another one entirely");
    assert!(matches!(wrong, Err(CheckInError::WrongPassphrase)));
    device.check_ins.begin_diary(PASSPHRASE).unwrap();
    device.scan("Chợ Hôm", 20);
    device.check_ins.check_out(minute(29)).unwrap();
    device.rewrite(60);
    assert_eq!(read(&device), [at("Phở Thìn", 0, 9), at("Chợ Hôm", 20, 29)]);
}

#[test]
fn diaries_with_no_visit_and_with_three_look_alike() {
    let (without, with) = (device(), device());
    let files = |device: &Device| {
        let names = [device.profile().diary_file(), device.profile().check_ins_file()];
        names.map(|name| fs::read(name).unwrap())
    };
    let before = files(&with);
    for (at, name) in ["Phở Thìn", "Bún Chả", "Chợ Hôm"].into_iter().enumerate() {
        with.scan(name, 5 + 15 * at as u64);
    }
    with.check_ins.check_out(minute(50)).unwrap();
    assert!(files(&with) == before, "no file changes because of a visit");
    without.rewrite(60);
    with.rewrite(60);
    let sizes = |device: &Device| files(device).map(|bytes| bytes.len());
    assert_eq!(sizes(&without), sizes(&with));
    assert_eq!(read(&with).len(), 3);
    let runtime = fs::read_to_string(with.folder.path().join("runtime/check-ins")).unwrap();
    for secret in ["Phở Thìn", "Chợ Hôm"] {
        let hex = hex::encode(secret);
        assert!(!runtime.contains(secret) && !runtime.contains(&hex));
        let shows = |bytes: &Vec<u8>| bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!files(&with).iter().any(shows));
    }
}

#[test]
fn visits_expire_and_old_copies_open_with_nothing() {
    let mut device = device();
    device.scan("Phở Thìn", 0);
    device.check_ins.check_out(minute(9)).unwrap();
    device.rewrite(60);
    let old = fs::read(device.profile().diary_file()).unwrap();
    let fortnight = 14 * 24 * 60;
    device.rewrite(fortnight);
    assert_eq!(read(&device).len(), 1);
    device.rewrite(fortnight + 60);
    assert_eq!(read(&device), []);
    fs::write(device.profile().diary_file(), old).unwrap();
    let found = device.restart(fortnight + 61);
    assert!(found.damaged_diary.is_some() && found.damaged.is_none());
    assert_eq!(device.check_ins.diary(), (false, false));
}

#[test]
fn forgetting_a_day_the_diary_or_everything() {
    let device = device();
    let visit = |name, from, until| {
        device.scan(name, from);
        device.check_ins.check_out(minute(until)).unwrap();
    };
    visit("Phở Thìn", 0, 9);
    let tomorrow = 24 * 60;
    device.rewrite(tomorrow);
    visit("Bún Chả", tomorrow, tomorrow + 9);
    device.rewrite(tomorrow + 60);
    visit("Chợ Hôm", tomorrow + 70, tomorrow + 75);
    device.check_ins.forget(Some(day_of(minute(tomorrow)))).unwrap();
    assert_eq!(read(&device), [at("Phở Thìn", 0, 9)]);
    device.check_ins.destroy_diary().unwrap();
    assert_eq!(device.check_ins.diary(), (false, false));
    let profile = device.profile();
    assert!(!profile.diary_file().exists() && !profile.diary_key_file().exists());
    device.check_ins.begin_diary(PASSPHRASE).unwrap();
    visit("Bún Chả", tomorrow + 80, tomorrow + 89);
    device.check_ins.forget(None).unwrap();
    assert_eq!(device.check_ins.diary(), (false, false));
    assert!(!profile.diary_file().exists());
}
