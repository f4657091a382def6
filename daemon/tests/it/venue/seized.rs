//! What the files of a profile reveal of visits: nothing, to any reader at any time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_protocol::venue::slot_key::SlotKey;

use super::{Device, NOON, minute, warning_with};

/// All files below a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn three_visits(device: &Device) {
    for (at, name) in ["Phở Thìn", "Bún Chả", "Chợ Hôm"].into_iter().enumerate() {
        device.scan(name, 5 + 15 * at as u64);
    }
    device.check_ins.check_out(minute(50)).unwrap();
}

#[test]
fn profiles_with_no_visit_and_with_three_look_alike() {
    let (without, with) = (Device::new(), Device::new());
    three_visits(&with);
    for device in [&without, &with] {
        device.rewrite(60);
        device.check_ins.rewrite(minute(70), Some(14), true).unwrap();
    }
    let sizes = |device: &Device| -> Vec<(String, usize)> {
        let files = files(device.profile().root());
        files.into_iter().map(|(name, bytes)| (name, bytes.len())).collect()
    };
    assert_eq!(sizes(&without), sizes(&with));
    assert_eq!(sizes(&with).len(), 2, "the file and its key");
    let poster = with.parties.poster("Phở Thìn");
    for secret in ["Phở Thìn".as_bytes(), "Lò Đúc".as_bytes(), &poster[20..60]] {
        let hex = hex::encode(secret);
        for (name, bytes) in files(with.profile().root()) {
            let shows = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
            assert!(!shows(secret) && !shows(hex.as_bytes()), "{name}");
        }
    }
}

#[test]
fn a_visit_changes_no_file_between_the_rewrites_that_happen_anyway() {
    let device = Device::new();
    let before = files(device.profile().root());
    three_visits(&device);
    device.scan("Phở Thìn", 51);
    device.check_ins.extend(None, minute(52)).unwrap();
    device.check_ins.pass_time(minute(59)).unwrap();
    assert!(!device.check_ins.is_due(minute(59)), "no rewrite because of a visit");
    assert_eq!(files(device.profile().root()), before);
    assert!(device.check_ins.is_due(minute(60)));
}

/// Somebody copies the whole profile, keys included, every hour: the cells of an hour come once,
/// with or without visits in them, and never change.
#[test]
fn copies_of_different_hours_with_their_keys_differ_only_by_new_hours() {
    let device = Device::new();
    let cells = |device: &Device, at: u64| {
        let bytes = device.check_ins.cells(minute(at)).0.to_bytes();
        let newest = Hour::new(u32::from_be_bytes(bytes[1..5].try_into().unwrap()));
        let hours = bytes[5..].chunks(4 * 192).map(<[u8]>::to_vec).rev();
        let number = |age: usize| newest.number() - age as u32;
        hours.enumerate().map(|(age, cells)| (number(age), cells)).collect::<BTreeMap<_, _>>()
    };
    let mut copies = vec![cells(&device, 0)];
    three_visits(&device);
    device.rewrite(60);
    copies.push(cells(&device, 60));
    device.scan("Bún Chả", 70);
    device.rewrite(120);
    copies.push(cells(&device, 120));
    device.rewrite(180);
    copies.push(cells(&device, 180));
    for pair in copies.windows(2) {
        let new: Vec<_> = pair[1].iter().filter(|(hour, _)| !pair[0].contains_key(hour)).collect();
        assert_eq!(new.len(), 1);
        for (hour, cells) in &pair[1] {
            assert!(pair[0].get(hour).is_none_or(|before| before == cells), "hour {hour} changed");
        }
    }
}

#[test]
fn an_old_copy_of_the_file_opens_with_no_later_key() {
    let mut device = Device::new();
    let file = device.profile().check_ins_file();
    three_visits(&device);
    device.rewrite(60);
    let old = fs::read(&file).unwrap();
    device.rewrite(120);
    fs::write(&file, &old).unwrap();
    let found = device.restart(121);
    let moved_to = found.damaged.unwrap().moved_to;
    assert_eq!(fs::read(moved_to).unwrap(), old, "moved aside, not destroyed");
    device.rewrite(121);
    assert!(device.venue_matches("Phở Thìn", NOON, 121).is_empty());
    device.scan("Phở Thìn", 125);
    device.check_ins.check_out(minute(130)).unwrap();
    device.rewrite(180);
    let hour = Hour::new(NOON.number() + 2);
    assert_eq!(device.venue_matches("Phở Thìn", hour, 180).len(), 1, "it goes on");
}

#[test]
fn damage_of_any_kind_is_moved_aside() {
    for (file, bytes) in [
        ("check-ins", Some(&b"VXcells\x01short"[..])),
        ("keys/check-ins-key", Some(&[7; 31])),
        ("keys/check-ins-key", None),
    ] {
        let mut device = Device::new();
        let path = device.profile().root().join(file);
        match bytes {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        assert!(device.restart(1).damaged.is_some(), "{file}");
        device.rewrite(1);
        assert!(device.restart(2).damaged.is_none(), "{file}");
    }
}

#[test]
fn neither_party_opens_a_visit_alone() {
    let device = Device::new();
    three_visits(&device);
    device.rewrite(60);
    let slots = SlotDeriver::of_poster(&device.parties.poster("Phở Thìn"));
    let identity = slots.identity(NOON);
    let table = device.check_ins.cells(minute(60)).0;
    let opened = |key: &SlotKey| {
        let warning = warning_with(&slots, NOON, key, NOON.start(), NOON.end());
        table.try_warning(&warning).unwrap().len()
    };
    for alone in [&device.parties.venue, &device.parties.authority] {
        let share = alone.share(&identity).to_bytes();
        assert_eq!(opened(&SlotKey::from_bytes(&share).unwrap()), 0);
    }
    assert_eq!(device.venue_matches("Phở Thìn", NOON, 60).len(), 1, "together they do");
}

#[test]
fn the_runtime_folder_is_the_owners_and_names_no_closed_visit() {
    use std::os::unix::fs::PermissionsExt;
    let device = Device::new();
    device.scan("Phở Thìn", 5);
    let folder = device.folder.path().join("runtime");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("check-ins"))), (0o700, 0o600));
    let code = hex::encode(device.parties.poster("Phở Thìn"));
    let shows = || {
        let text = fs::read_to_string(folder.join("check-ins")).unwrap();
        text.contains(&code)
    };
    assert!(shows(), "the open visit is there");
    device.check_ins.check_out(minute(20)).unwrap();
    assert!(!shows());
}
