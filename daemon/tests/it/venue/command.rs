//! The real program, as a person uses it at a venue.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use vungxanh_protocol::venue::disclosure::DisclosedVisit;
use vungxanh_protocol::venue::disclosure_code::visits_from_code;

use super::{Parties, url};
use crate::support::fixture::Bench;
use crate::support::person::Person;

/// The next event of that name.
fn next(events: &mut impl Iterator<Item = Value>, name: &str) -> Value {
    events.find(|event| event["event"] == name).unwrap()
}

async fn enrolled(parties: &Parties) -> (Bench, Person) {
    Person::enrolled(vec![parties.key()]).await
}

fn picture(folder: &Path, text: &str) -> PathBuf {
    let code = qrcode::QrCode::new(text).unwrap();
    let (colors, side) = (code.to_colors(), code.width() as u32);
    let path = folder.join("poster.png");
    let pixel = |x: u32, y: u32| {
        let (column, row) = ((x / 4).wrapping_sub(4), (y / 4).wrapping_sub(4));
        let dark = column < side
            && row < side
            && colors[(row * side + column) as usize] == qrcode::Color::Dark;
        image::Luma([if dark { 20_u8 } else { 230 }])
    };
    image::GrayImage::from_fn((side + 8) * 4, (side + 8) * 4, pixel).save(&path).unwrap();
    path
}

#[test]
fn the_help_tells_every_way_to_name_a_poster() {
    let usages = [
        ("vi", "[TÙY CHỌN] <ĐỊA_CHỈ | - | --image TỆP | --camera[=THIẾT_BỊ]>", "Ảnh chụp"),
        ("en", "[OPTIONS] <ADDRESS | - | --image FILE | --camera[=DEVICE]>", "A photo"),
    ];
    for (language, usage, photo) in usages {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
        let help = command.args(["--lang", language, "checkin", "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(
            help.contains(&format!("vungxanh checkin {usage}")) && help.contains(photo),
            "{help}"
        );
    }
}

/// Files and folders below `folder` that others than the owner may use in any way.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let (path, kind) = (entry.as_ref().unwrap().path(), entry.unwrap().file_type().unwrap());
        if std::fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o077 != 0 {
            found.push(path.clone());
        }
        if kind.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_a_profile_is_for_its_owner_alone() {
    let (_authority, mut person) = enrolled(&Parties::new()).await;
    assert_eq!(open_to_others(person.profile.root()), [] as [PathBuf; 0], "after enroll");
    // As an earlier program left it.
    let database = person.profile.store_folder().join("db");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _events = person.start(&[]);
    assert_eq!(open_to_others(person.profile.root()), [] as [PathBuf; 0], "while it runs");
    person.signal("-TERM");
    assert_eq!(open_to_others(person.profile.root()), [] as [PathBuf; 0], "afterwards");
    let snapshots = std::fs::read_dir(person.profile.store_folder()).unwrap();
    assert!(snapshots.count() > 2, "a snapshot was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_camera_looks_on_until_it_sees_a_poster() {
    let parties = Parties::new();
    let (_authority, mut person) = enrolled(&parties).await;
    let _events = person.start(&[]);
    let poster = url(&parties.poster("Phở Thìn"));
    let programs = tempfile::tempdir().unwrap();
    let zbarcam = programs.path().join("zbarcam");
    let seen = format!(
        "WIFI:T:WPA;S:Cafe;P:xin-moi-vao;;\n\nWIFI:T:WPA;S:Cafe;P:xin-moi-vao;;\n{poster}\n"
    );
    let script = format!("#!/bin/sh\nprintf '%s' '{seen}'\nexec sleep 60\n");
    std::fs::write(&zbarcam, script).unwrap();
    std::fs::set_permissions(&zbarcam, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.path().display());
    let mut checkin = person.command(&["checkin", "--camera=/dev/null"]);
    let output = checkin.env("PATH", &path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.matches("xin-moi-vao").count(), 1, "{said}");
    // Nothing but codes of others.
    std::fs::write(&zbarcam, "#!/bin/sh\necho https://menu.example/\n").unwrap();
    let mut checkin = person.command(&["checkin", "--camera=/dev/null", "--json"]);
    let output = checkin.env("PATH", &path).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("failure-camera-no-poster"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_out() {
    let parties = Parties::new();
    let (_authority, mut person) = enrolled(&parties).await;
    let phở = url(&parties.poster("Phở Thìn"));
    assert_eq!(person.refused(&["checkin", &phở]), (4, "failure-not-running".into()));
    let mut events = person.start(&[]);
    assert_eq!(person.refused(&["checkout"]), (1, "failure-no-visit".into()));

    let checked_in = person.json(&["checkin", &phở, "--companions", "2"]);
    assert_eq!(
        (&checked_in["visit"]["venue"], &checked_in["extended"]),
        (&"Phở Thìn".into(), &false.into())
    );
    assert_eq!(checked_in["visit"]["companions"], 2);
    assert_eq!(next(&mut events, "checked_in")["extended"], false);
    assert_eq!(person.json(&["checkin", &phở])["extended"], true);
    let until = person.json(&["visits"])["open"]["until"].as_u64().unwrap();
    let extended = person.json(&["extend", "30"]);
    assert_eq!(extended["until"], until + 1_800);
    assert_eq!(person.run(&["extend", "5000"]).status.code(), Some(2));
    assert_eq!(person.status()["visit"]["venue"], "Phở Thìn");

    // A kill and a restart lose nothing.
    person.signal("-KILL");
    drop(events);
    let mut events = person.start(&[]);
    assert_eq!(person.json(&["visits"])["open"]["until"], until + 1_800);

    // The next place, from a photo.
    let photo = picture(person.profile.root(), &url(&parties.poster("Bún Chả")));
    let second = person.json(&["checkin", "--image", photo.to_str().unwrap()]);
    assert_eq!(
        (&second["visit"]["venue"], &second["ended_another"]),
        (&"Bún Chả".into(), &true.into())
    );
    let told = person.text(&["checkout"]);
    assert!(told.contains("niêm phong") && !told.contains("Bún"), "{told}");
    let told = person.text(&["visits"]);
    assert!(told.contains("Hiện bạn chưa ghi nhận") && !told.contains("Phở"), "{told}");
    assert_eq!(next(&mut events, "checked_out")["automatic"], false);

    diary(&person, &phở);

    for (arguments, exit, id) in [
        (&["checkin", "https://vx.example.vn/"][..], 3, "failure-poster-unreadable"),
        (&["checkin", "https://vx.example.vn/v#AAAA"], 3, "failure-poster-newer"),
        (&["checkin", "--image", "/nonexistent.png"], 3, "failure-no-file"),
        (&["checkin", "--image", "/proc/self/status"], 3, "failure-no-picture"),
    ] {
        assert_eq!(person.refused(arguments), (exit, id.into()), "{arguments:?}");
    }
    assert_eq!(person.refused(&["checkin"]), (2, "failure-checkin-what".into()));
    assert_eq!(person.run(&["checkin", "a", "--image", "b"]).status.code(), Some(2));
    let mut piped = person.command(&["--json", "checkin", "-"]);
    let mut piped = piped.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut piped.stdin.take().unwrap(), phở.as_bytes()).unwrap();
    assert!(piped.wait().unwrap().success());
    assert_eq!(person.json(&["visits"])["open"]["venue"], "Phở Thìn");

    // A reboot is reported; what the end of the daemon has written is there.
    person.signal("-TERM");
    std::fs::remove_dir_all(&person.runtime).unwrap();
    std::fs::create_dir(&person.runtime).unwrap();
    let mut events = person.start(&[]);
    next(&mut events, "check_ins_began_anew");
}

/// A diary from its beginning to its end; `code` is a poster's.
fn diary(person: &Person, code: &str) {
    assert_eq!(person.refused(&["diary", "show"]), (1, "failure-no-diary".into()));
    let file = |name: &str, text: &str| {
        let path = person.profile.root().parent().unwrap().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (short, right, wrong) =
        (file("s", "ngắn\n"), file("r", "tre xanh 2021\n"), file("w", "tre xanh 2022\n"));
    let refused_on = |file: &str| person.refused(&["diary", "on", "--passphrase-file", file]);
    assert_eq!(refused_on(&short), (3, "failure-passphrase-short".into()));
    assert_eq!(person.json(&["diary", "on", "--passphrase-file", &right])["on"], true);
    assert_eq!(refused_on(&wrong), (3, "failure-diary-passphrase".into()));
    let since = person.json(&["checkin", code])["visit"]["since"].as_u64();
    // A visit of no time at all is none.
    while person.status()["now"].as_u64() <= since {}
    person.json(&["checkout"]);
    let show = ["diary", "show", "--passphrase-file", &right];
    let visits = person.json(&show)["visits"].clone();
    assert_eq!((visits.as_array().unwrap().len(), &visits[0]["venue"]), (1, &"Phở Thìn".into()));
    assert!(person.text(&show).contains("Phở Thìn, Tầng 2"));
    let disclose = ["diary", "disclose", "--passphrase-file", &right, "--visit"];
    let lines = person.text(&[&disclose[..], &["1"]].concat());
    let line: DisclosedVisit = lines.trim().parse().unwrap();
    assert_eq!(line.to_string(), visits[0]["line"].as_str().unwrap());
    let code = person.json(&[&disclose[..], &["1"]].concat())["codes"][0].clone();
    assert_eq!(visits_from_code(code.as_str().unwrap()).unwrap(), [line]);
    let drawn = person.text(&[&disclose[..], &["1", "--qr"]].concat());
    assert!(drawn.contains('█') && !drawn.contains("vx-visit"), "{drawn}");
    let unknown = person.refused(&[&disclose[..], &["2"]].concat());
    assert_eq!(unknown, (3, "failure-diary-no-such-visit".into()));
    let unasked = person.refused(&disclose[..4]);
    assert_eq!(unasked, (2, "failure-diary-which".into()));
    let remove = ["diary", "remove", "--passphrase-file", &right, "--visit"];
    let with = |more: &[&'static str]| [&remove[..], more].concat();
    assert_eq!(person.refused(&remove[..4]), (2, "failure-diary-which".into()));
    assert_eq!(person.refused(&with(&["1"])), (2, "failure-needs-yes".into()));
    let unknown = person.refused(&with(&["2", "--yes"]));
    assert_eq!(unknown, (3, "failure-diary-no-such-visit".into()));
    assert_eq!(person.run(&["diary", "remove", "--yes"]).status.code(), Some(2));
    let other = ["diary", "remove", "--passphrase-file", &wrong, "--visit", "1", "--yes"];
    assert_eq!(person.refused(&other), (3, "failure-diary-passphrase".into()));
    assert_eq!(person.json(&show)["visits"].as_array().unwrap().len(), 1, "still there");
    assert_eq!(person.json(&with(&["1", "--yes"]))["removed"], 1);
    assert_eq!(person.json(&show)["visits"].as_array().unwrap().len(), 0);
    assert_eq!(person.json(&["diary", "off"])["on"], false);
    assert_eq!(person.refused(&["diary", "forget"]), (2, "failure-needs-yes".into()));
    assert_eq!(person.json(&["diary", "forget", "--yes"])["kept"], false);
    assert_eq!(person.refused(&["diary", "off"]), (1, "failure-no-diary".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_told_of_no_visit() {
    let parties = Parties::new();
    let (_authority, mut person) = enrolled(&parties).await;
    person.set("JOURNAL_STREAM", "8:1234");
    let mut events = person.start(&[]);
    person.json(&["checkin", &url(&parties.poster("Phở Thìn"))]);
    person.json(&["checkout"]);
    person.stop();
    let told: Vec<String> =
        events.by_ref().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
    assert!(told.contains(&"stopped".to_owned()));
    assert!(!told.iter().any(|event| event.starts_with("checked_")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_camera_is_read_by_a_program_of_the_system() {
    use std::os::unix::fs::PermissionsExt;
    let parties = Parties::new();
    let (_authority, mut person) = enrolled(&parties).await;
    let _events = person.start(&[]);
    // Any device that is there serves: what reads it is looked at here.
    let camera = |person: &Person, path: &Path| {
        let mut command = person.command(&["--json", "checkin", "--camera=/dev/null"]);
        command.env("PATH", path).output().unwrap()
    };
    let none = camera(&person, Path::new("/nonexistent"));
    assert!(String::from_utf8_lossy(&none.stderr).contains("failure-no-camera-program"));
    let programs = tempfile::tempdir().unwrap();
    let program = programs.path().join("zbarcam");
    let code = url(&parties.poster("Phở Thìn"));
    let script =
        format!("#!/bin/sh\nfor last; do :; done\n[ \"$last\" = /dev/null ] && echo '{code}'\n");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let seen = camera(&person, programs.path());
    let answer: Value = serde_json::from_slice(&seen.stdout).unwrap();
    assert_eq!(answer["visit"]["venue"], "Phở Thìn");
}
