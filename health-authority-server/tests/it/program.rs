//! The real program: commands, exit codes, start and stop.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use health_authority_server::domain::certificate::Claims;
use health_authority_server::platform::clock::SystemClock;
use serde_json::Value;
use vungxanh_protocol::clock::Clock;

use crate::support::authority::{Authority, Person, local_client};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_health-authority-server");

pub fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env("LC_ALL", "C").output().unwrap()
}

pub fn init(dir: &Path) -> Output {
    let dir = dir.to_str().unwrap();
    run(&[
        "init",
        "--dir",
        dir,
        "--profile",
        "measles",
        "--id",
        "vn.hanoi",
        "--name-vi",
        "Hà Nội",
        "--name-en",
        "Hanoi",
        "--url",
        "http://127.0.0.1:9",
    ])
}

#[track_caller]
pub fn code(output: &Output, expected: i32) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(expected), "{stderr}");
}

pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Starts a server on a free port.
pub fn serve(dir: &Path) -> Child {
    Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Where it listens, from the one line that it prints.
pub fn url_of(server: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().strip_prefix("listening on ").unwrap().to_owned()
}

#[test]
fn init_makes_everything_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let made = init(&dir);
    code(&made, 0);
    let text = String::from_utf8(made.stdout).unwrap();
    assert!(text.contains("http://127.0.0.1:9#sha256="), "{text}");
    assert!(text.contains("serve --dir"), "{text}");
    assert!(text.contains('█'), "a QR code");
    let staff_key = text.split_whitespace().find(|word| word.starts_with("vx-")).unwrap();
    for entry in std::fs::read_dir(dir.join("keys")).unwrap() {
        let content = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!content.contains(staff_key), "only its hash is kept");
    }
    let before = std::fs::read(dir.join("authority.signed")).unwrap();
    code(&init(&dir), 3);
    assert_eq!(std::fs::read(dir.join("authority.signed")).unwrap(), before);
}

#[test]
fn what_is_printed_where_nothing_can_be_written_is_not_lost_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    for arguments in [&["statistics"][..], &["issue-code", "--json"], &["config", "show"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(PROGRAM);
        command.args(arguments).arg("--dir").arg(&dir).args(["--lang", "vi"]).stdout(full);
        let output = command.output().unwrap();
        code(&output, 6);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("Lỗi: Không ghi được kết quả ra: đĩa đã đầy"), "{text}");
    }
}

#[test]
fn moments_are_those_of_the_authoritys_clock() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    for arguments in [&["config", "show"][..], &["venue-key", "list"], &["issue-code"]] {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).arg("--dir").arg(&dir).env("TZ", "UTC").env("LC_ALL", "C");
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(text.contains("+07:00") && !text.contains("00Z"), "{arguments:?}: {text}");
    }
}

#[test]
fn the_command_line_speaks_the_readers_language() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let help = text(run(&["warning", "request", "--help", "--lang", "vi"]).stdout);
    // Where lines break depends on how wide the terminal is.
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("Cách dùng:") && help.contains("tối đa 117 ký tự không dấu"), "{help}");
    assert!(!help.contains("Usage") && !help.contains("Options"), "{help}");
    let help = text(run(&["--help"]).stdout);
    assert!(help.contains("Usage:") && help.contains("Exit codes: 0 done"), "{help}");

    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    let path = dir.join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("poster_days = 365", "poster_days = 0")).unwrap();
    for (language, expected) in [
        ("vi", "Lỗi: nội dung của {} không hợp lệ: venues.poster_days phải từ 1 đến 3650\n"),
        ("en", "Error: {} is not valid: venues.poster_days must be 1 to 3650\n"),
    ] {
        let shown = run(&["config", "show", "--lang", language, "--dir", dir.to_str().unwrap()]);
        code(&shown, 3);
        assert_eq!(text(shown.stderr), expected.replace("{}", path.to_str().unwrap()));
    }
}

#[test]
fn exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let dir_text = dir.to_str().unwrap();
    code(&run(&[]), 2);
    code(&run(&["serve"]), 2);
    code(&run(&["--help"]), 0);
    code(&run(&["config", "show", "--dir", dir_text]), 6);
    code(&init(&dir), 0);
    code(&run(&["issue-code", "--dir", dir_text, "--symptom-date", "yesterday"]), 3);
    code(&run(&["issue-code", "--dir", dir_text, "--test-type", "maybe"]), 2);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    code(&run(&["serve", "--dir", dir_text, "--listen", &address]), 5);

    let bad_urls = ["http://example.vn", "https://example.vn#x"];
    for url in bad_urls {
        let other = folder.path().join("other");
        let other = other.to_str().unwrap();
        let refused = run(&[
            "init",
            "--dir",
            other,
            "--profile",
            "covid-19",
            "--id",
            "x",
            "--name-vi",
            "x",
            "--name-en",
            "x",
            "--url",
            url,
        ]);
        code(&refused, 3);
        assert!(!Path::new(other).exists(), "nothing is made");
    }

    let config = dir.join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("period_seconds = 3600", "period_seconds = 7")).unwrap();
    let refused = run(&["config", "show", "--dir", dir_text]);
    code(&refused, 3);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("period_seconds"));
}

#[test]
fn messages_in_vietnamese() {
    let folder = tempfile::tempdir().unwrap();
    init(&folder.path().join("a"));
    let dir = folder.path().join("a");
    let issued = run(&["issue-code", "--lang", "vi", "--dir", dir.to_str().unwrap()]);
    let text = String::from_utf8(issued.stdout).unwrap();
    assert!(text.starts_with("Mã: ") && text.contains("Dương tính (khẳng định)"), "{text}");
}

#[test]
fn the_document_is_issued_anew_with_a_higher_serial() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let dir_text = dir.to_str().unwrap();
    code(&init(&dir), 0);
    let before = json(&run(&["config", "show", "--json", "--dir", dir_text]));
    assert_eq!(before["document"]["venues"]["lingering_minutes"], 120);
    let profile = dir.join("profile.json");
    let text = std::fs::read_to_string(&profile).unwrap();
    std::fs::write(
        &profile,
        text.replace("\"lingering_minutes\": 120", "\"lingering_minutes\": 90"),
    )
    .unwrap();
    code(&run(&["resign", "--dir", dir_text]), 0);
    let after = json(&run(&["config", "show", "--json", "--dir", dir_text]));
    assert_eq!(after["document"]["venues"]["lingering_minutes"], 90);
    let serial = |shown: &Value| shown["document"]["serial"].as_u64().unwrap();
    assert!(serial(&after) > serial(&before));
    assert_eq!(after["enrolment"], before["enrolment"]);

    // What devices would refuse is not signed.
    let text = std::fs::read_to_string(&profile).unwrap();
    let asks_too_much = text.replace("\"clock_tolerance\": 1", "\"clock_tolerance\": 5");
    std::fs::write(&profile, asks_too_much).unwrap();
    code(&run(&["resign", "--dir", dir_text]), 3);
    let kept = json(&run(&["config", "show", "--json", "--dir", dir_text]));
    assert_eq!(serial(&kept), serial(&after));

    // With the root key in a safe, everything goes on but signing.
    std::fs::remove_file(dir.join("keys/root.key")).unwrap();
    std::fs::write(&profile, text).unwrap();
    code(&run(&["resign", "--dir", dir_text]), 6);
    code(&run(&["issue-code", "--dir", dir_text]), 0);
}

#[tokio::test]
async fn serves_stops_gracefully_and_survives_a_kill() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let dir_text = dir.to_str().unwrap();
    code(&init(&dir), 0);
    let mut server = serve(&dir);
    let url = url_of(&mut server);
    // A code issued by another process, used at the server, killed without warning.
    let issued = json(&run(&["issue-code", "--long", "--json", "--dir", dir_text]));
    let body = serde_json::json!({"code": issued["code"]});
    let http = local_client();
    let verify = async |url: &str| {
        http.post(format!("{url}/api/verify")).json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(verify(&url).await, 200);
    server.kill().unwrap();
    server.wait().unwrap();

    let mut server = serve(&dir);
    let url = url_of(&mut server);
    assert_eq!(verify(&url).await, 400, "a kill does not make a used code usable");
    let pid = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(http.get(format!("{url}/health")).send().await.is_err());
    let totals = json(&run(&["statistics", "--json", "--dir", dir_text]));
    assert_eq!((&totals["codes_issued"], &totals["codes_redeemed"]), (&1.into(), &1.into()));
    let batch = json(&run(&["publish-batch", "--json", "--dir", dir_text]));
    assert!(batch["keys"].is_u64() && batch["files"].is_array(), "{batch}");
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let dir_text = dir.to_str().unwrap();
    code(&init(&dir), 0);
    code(&run(&["statistics", "--dir", dir_text]), 0);
    sqlx::any::install_default_drivers();
    let path = dir.join("server.db");
    let pool = sqlx::AnyPool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query("INSERT INTO schema_version VALUES (999)").execute(&pool).await.unwrap();
    pool.close().await;
    let refused = run(&["serve", "--dir", dir_text]);
    code(&refused, 6);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("999"));
}

/// The disk is full: every file beyond 64 kB is refused by the system.
#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let authority = Authority::start().await;
    let people: Vec<Person> = (0..64).map(|_| Person::new(authority.now(), 64)).collect();
    for person in &people {
        assert_eq!(authority.publish("confirmed", person).await.status, 200);
    }
    authority.app.store.checkpoint().await.unwrap();
    let dir = authority.dir();
    let limited = Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" publish-batch --json --dir \"$1\""])
        .args([Path::new(PROGRAM), &dir])
        .output()
        .unwrap();
    code(&limited, 6);
    assert!(!limited.stderr.is_empty());
    // The real clock is years ahead of the test's: every key is due.
    let batch = json(&run(&["publish-batch", "--json", "--dir", dir.to_str().unwrap()]));
    let mut published = 0;
    for name in batch["files"].as_array().unwrap() {
        published +=
            std::fs::metadata(dir.join("exports").join(name.as_str().unwrap())).unwrap().len();
    }
    assert!(published > 64 * 1_024, "{batch}");
    let received = authority.total("keys_received").await;
    assert!(received > 64 * 50);
    assert_eq!(authority.total("keys_published").await, received);
}

/// What was answered with 200 is there after a kill at any moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_a_kill() {
    let authority = Authority::start().await;
    let (keys, http) = (&authority.app.keys, local_client());
    let mut acknowledged = Vec::new();
    for round in 1..=3_u64 {
        let mut server = serve(&authority.dir());
        let url = format!("{}/v1/publish", url_of(&mut server));
        let (answered, first_answer) = std::sync::mpsc::channel();
        let killer = tokio::task::spawn_blocking(move || {
            // However slow the machine is, something is acknowledged first.
            let acknowledges = first_answer.recv().is_ok();
            std::thread::sleep(std::time::Duration::from_millis(150 * round));
            server.kill().unwrap();
            server.wait().unwrap();
            acknowledges
        });
        loop {
            let now = SystemClock.now();
            let person = Person::new(now, 4);
            let claims = Claims::new(&authority.app.parties(), person.hmac(), "confirmed", 0, now);
            let body = person.publication(&claims.sign("v1", &keys.certificate).unwrap());
            match http.post(&url).json(&body).send().await {
                Ok(reply) if reply.status() == 200 => {
                    acknowledged.extend(person.key_bytes());
                    // Once the server is being killed, no one listens any more.
                    let _ = answered.send(());
                }
                Ok(reply) => panic!("{}", reply.status()),
                Err(_) => break,
            }
        }
        drop(answered);
        assert!(killer.await.unwrap(), "nothing was acknowledged in round {round}");
    }
    let pool = authority.database().await;
    for key in &acknowledged {
        let sql = "SELECT COUNT(*) FROM staged_keys WHERE INSTR(keys, $1) > 0";
        let found: i64 = sqlx::query_scalar(sql).bind(key.to_vec()).fetch_one(&pool).await.unwrap();
        assert_eq!(found, 1);
    }
}

#[test]
fn what_is_missing_is_said_by_init_and_at_each_start_until_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let made = String::from_utf8(init(&dir).stdout).unwrap();
    for step in ["staff start-link --dir", "[messages]", "reverse proxy with TLS"] {
        assert!(made.contains(step), "{step}: {made}");
    }
    let said_at_start = |language: &str, format: &str| {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--lang", language, "--listen", "127.0.0.1:0"]);
        command.args(["--log-format", format, "--dir"]).arg(&dir);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        url_of(&mut server);
        server.kill().unwrap();
        String::from_utf8(server.wait_with_output().unwrap().stderr).unwrap()
    };
    let said = said_at_start("vi", "text");
    assert!(
        said.contains("Quản trị viên đầu tiên: mở http")
            && said.contains("/staff/start?token=")
            && said.contains("Tin nhắn: chưa gửi được"),
        "{said}"
    );
    assert!(!said.contains("TLS"), "only a proxy on this machine reaches it: {said}");
    let collected = said_at_start("en", "json");
    assert!(collected.contains("staff start-link --dir"), "{collected}");
    assert!(!collected.contains("token="), "no secret for other machines: {collected}");
    let dir_text = dir.to_str().unwrap();
    let add =
        ["staff", "add", "--dir", dir_text, "--role", "administrator", "--name", "An", "an.le"];
    code(&run(&add), 0);
    let config = dir.join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("send = \"none\"", "send = \"log\"")).unwrap();
    let said = said_at_start("en", "text");
    assert!(!said.contains("First administrator") && !said.contains("Messages:"), "{said}");
}

#[test]
fn what_cannot_be_taken_back_is_not_done_where_no_one_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    let dir = dir.to_str().unwrap();
    let key = vungxanh_protocol::sealed_box::OpeningKey::generate(&mut rand::rng()).public_key();
    let key = hex::encode(key.as_bytes());
    let with = |arguments: &[&str]| run(&[arguments, &["--dir", dir]].concat());
    let role = ["--role", "case-worker", "--name", "An", "an.le"];
    code(&with(&[&["staff", "add"], &role[..]].concat()), 0);
    code(&with(&["officer", "add", "--name", "An", "--key", &key]), 0);
    code(&with(&["intake-key", "new"]), 0);
    let days = json(&with(&["intake-key", "list", "--json"]));
    let day = days[0]["day"].as_str().unwrap().to_owned();
    let state = || {
        let list = |noun| with(&[noun, "list", "--json"]).stdout;
        ["staff", "officer", "intake-key"].map(list)
    };
    // What an officer's page saves, whose fingerprint has to be compared first.
    let request = folder.path().join("request.json");
    let other = "07".repeat(32);
    let content = serde_json::json!({
        "format": "VX-OFFICER-REQUEST-1", "name": "Lan", "public_key": other,
    });
    std::fs::write(&request, content.to_string()).unwrap();
    let request = request.to_str().unwrap();
    for broken in [
        "",
        "{}",
        "[]",
        "{\"format\":\"VX-OFFICER-REQUEST-2\",\"name\":\"Lan\",\"public_key\":\"\"}",
    ] {
        let path = folder.path().join("broken.json");
        std::fs::write(&path, broken).unwrap();
        code(&with(&["officer", "add", "--yes", "--request", path.to_str().unwrap()]), 3);
    }
    for act in [
        &["officer", "add", "--request", request][..],
        &["staff", "reset", "an.le"],
        &["staff", "disable", "an.le"],
        &["intake-key", "destroy", "--day", &day],
        &["officer", "remove", "1"],
    ] {
        let before = state();
        for (language, says) in [("vi", "hãy thêm --yes"), ("en", "add --yes")] {
            for json in [&[][..], &["--json"]] {
                let refused = with(&[act, json, &["--lang", language]].concat());
                code(&refused, 2);
                let said = String::from_utf8(refused.stderr).unwrap();
                assert!(said.contains(says), "{act:?}: {said}");
            }
        }
        assert_eq!(state(), before, "{act:?}");
        code(&with(&[act, &["--yes"]].concat()), 0);
        assert!(state() != before || act[1] == "reset", "{act:?}");
    }
    let unknown = with(&["staff", "disable", "nobody"]);
    code(&unknown, 3);
}

#[test]
fn a_pipe_in_place_of_a_file_and_the_folder_of_another_user_are_refused() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().unwrap();
    for name in
        ["config.toml", "profile.json", "authority.signed", "keys/server.key", "keys/export.pem"]
    {
        let dir = folder.path().join(name.replace('/', "-"));
        code(&init(&dir), 0);
        std::fs::remove_file(dir.join(name)).unwrap();
        mknodat(CWD, dir.join(name), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let refused = run(&["statistics", "--dir", dir.to_str().unwrap(), "--lang", "vi"]);
        code(&refused, 6);
        let text = String::from_utf8(refused.stderr).unwrap();
        assert!(text.contains("đây không phải là tệp thường"), "{name}: {text}");
    }
    let dir = folder.path().join("theirs");
    code(&init(&dir), 0);
    // Without the right to give a folder away there is no such folder to be tried.
    if std::os::unix::fs::chown(&dir, Some(65_534), None).is_ok() {
        let refused = run(&["statistics", "--dir", dir.to_str().unwrap()]);
        code(&refused, 3);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("belongs to another user"));
    }
}

#[test]
fn names_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("\u{1b}[2Jauthority");
    let missing = run(&["statistics", "--dir", dir.to_str().unwrap()]);
    code(&missing, 6);
    let made = init(&dir);
    code(&made, 0);
    for bytes in [missing.stderr, made.stdout] {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains('\u{1b}') && text.contains("\u{fffd}[2Jauthority"), "{text}");
    }
}
