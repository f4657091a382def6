//! What the real program says at a terminal when something is wrong.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The user `nobody`, for tests that run as root, whom no permission stops.
const NOBODY: u32 = 65_534;

fn vungxanh(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.args(arguments).env("LC_ALL", "C").env("VUNGXANH_NO_NOTIFICATIONS", "1");
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs the program as somebody whom permissions stop.
fn as_somebody(profile: &Path, arguments: &[&str]) -> Output {
    // Where the program lies, that person may not be allowed to look.
    let program = profile.parent().unwrap().join("vungxanh");
    std::fs::copy(env!("CARGO_BIN_EXE_vungxanh"), &program).unwrap();
    let mut command = Command::new(&program);
    command.arg("--profile").arg(profile).args(["--lang", "en"]).args(arguments);
    if std::fs::read_dir("/proc/1/fd").is_ok() {
        command.uid(NOBODY);
    }
    command.env("VUNGXANH_NO_NOTIFICATIONS", "1").output().unwrap()
}

/// A profile in a folder that everybody may look into.
fn profile(mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let profile = folder.path().join("profile");
    std::fs::create_dir(&profile).unwrap();
    std::fs::set_permissions(&profile, Permissions::from_mode(mode)).unwrap();
    (folder, profile)
}

#[test]
fn a_profile_that_this_user_may_not_open_is_called_so() {
    let (_folder, profile) = profile(0o000);
    for command in ["status", "history", "exposures"] {
        let output = as_somebody(&profile, &[command]);
        assert_eq!(output.status.code(), Some(6), "{output:?}");
        let text = stderr(&output);
        assert!(text.contains("belongs to "), "{text}");
    }
}

#[test]
fn the_daemon_says_whose_profile_it_is_before_it_reads_any_file_of_it() {
    let (folder, theirs) = profile(0o755);
    std::fs::write(theirs.join("calibration.toml"), "not a calibration").unwrap();
    // Only root can give a folder away; for others the root folder is somebody else's.
    let given_away = std::os::unix::fs::chown(&theirs, Some(12_345), None).is_ok();
    let theirs = if given_away { theirs.as_path() } else { Path::new("/") };
    let profile = ["--profile", theirs.to_str().unwrap(), "--lang", "en"];
    let output = vungxanh(&[&profile[..], &["run"]].concat()).output().unwrap();
    drop(folder);
    let text = stderr(&output);
    assert!(text.contains("belongs to another user"), "{text}");
    assert_eq!(output.status.code(), Some(6), "{text}");
}

#[test]
fn a_profile_that_cannot_be_written_is_called_so() {
    let (_folder, profile) = profile(0o555);
    // It is that person's own, where the tests run as root.
    let _ = std::os::unix::fs::chown(&profile, Some(NOBODY), None);
    let output = as_somebody(&profile, &["run", "--radio", "air:/nonexistent/air.sock#lan"]);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert!(stderr(&output).starts_with("You may not write to the profile: "), "{output:?}");
}

#[test]
fn output_that_cannot_be_written_is_said() {
    for (arguments, expected) in [
        (&["--help", "--lang", "vi"], "Không ghi được kết quả ra: đĩa đã đầy\n"),
        (&["--help", "--lang", "en"], "The output could not be written: the disk is full\n"),
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = vungxanh(arguments).stdout(full).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(6), expected));
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = vungxanh(&["--help"]).stdout(Stdio::from(writer)).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn a_wrong_command_line_is_said_in_the_readers_language() {
    let output = vungxanh(&["--lang", "vi", "statu"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let expected = "Lỗi: không có lệnh \"statu\"\nCó phải bạn muốn dùng status?\n\n\
                    Cách dùng: vungxanh [TÙY CHỌN] <LỆNH>\nXem thêm: --help\n";
    assert_eq!(stderr(&output), expected);
    let output = vungxanh(&["--lang", "vi", "enroll", "foo"]).output().unwrap();
    let text = stderr(&output);
    assert!(text.starts_with("Không dùng được địa chỉ này: ") && !text.contains("URL"), "{text}");
}
