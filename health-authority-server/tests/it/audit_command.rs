//! `audit` of the real program, and what the server's log says of the audit log.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::operations::Served;
use crate::program::{PROGRAM, code, init, json, run};

fn audit(dir: &Path, noun: &str, more: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["audit", noun, "--lang", "en", "--dir"]).arg(dir).args(more);
    command.output().unwrap()
}

fn add(dir: &Path, login: &str) {
    let dir = dir.to_str().unwrap();
    let staff = ["staff", "add", "--dir", dir, "--role", "case_worker", "--name", "An", login];
    code(&run(&staff), 0);
}

async fn sql(dir: &Path, statement: &'static str) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", dir.join("server.db").display());
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn the_command_says_what_was_done_to_the_log_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    let empty = audit(&dir, "head", &[]);
    code(&empty, 1);
    assert!(said(&empty).contains("nothing has been logged yet"), "{}", said(&empty));
    code(&audit(&dir, "verify", &[]), 0);
    for login in ["lan", "binh", "cuong"] {
        add(&dir, login);
    }
    let head = audit(&dir, "head", &[]);
    code(&head, 0);
    let line = said(&head).lines().last().unwrap().to_owned();
    assert!(line.starts_with("vxa1 3 ") && line.len() > 80, "{line}");
    let backup = folder.path().join("backup");
    let to = backup.to_str().unwrap();
    code(&run(&["backup", "--dir", dir.to_str().unwrap(), "--to", to]), 0);
    add(&dir, "dung");
    let (text, as_json) = (folder.path().join("head.txt"), folder.path().join("head.json"));
    std::fs::write(&text, format!("{line}\n")).unwrap();
    std::fs::write(&as_json, audit(&dir, "head", &["--json"]).stdout).unwrap();
    let manifest = backup.join("backup.json");
    for head in
        [&line, text.to_str().unwrap(), as_json.to_str().unwrap(), manifest.to_str().unwrap()]
    {
        let good = audit(&dir, "verify", &["--head", head]);
        code(&good, 0);
        assert!(said(&good).contains("4 entries were checked"), "{}", said(&good));
        assert!(said(&good).contains("The log continues the hash"), "{}", said(&good));
    }
    for wrong in ["x", "/nowhere", dir.join("config.toml").to_str().unwrap()] {
        let refused = audit(&dir, "verify", &["--head", wrong]);
        code(&refused, 3);
        assert!(said(&refused).contains("--head"), "{}", said(&refused));
    }

    sql(&dir, "UPDATE audit SET actor = 'lan' WHERE entry = 2").await;
    let changed = audit(&dir, "verify", &[]);
    code(&changed, 1);
    assert!(said(&changed).contains("Entry 2 was changed."), "{}", said(&changed));
    sql(&dir, "DELETE FROM audit WHERE entry > 2").await;
    let cut = audit(&dir, "verify", &["--json", "--head", &line]);
    code(&cut, 1);
    let found: Value = json(&cut);
    assert_eq!((&found["good"], &found["entries"]), (&Value::from(false), &Value::from(2)));
    assert_eq!(found["faults"][1]["fault"], "cut-off");
    assert_eq!(
        (&found["faults"][1]["entry"], &found["faults"][1]["other"]),
        (&2.into(), &4.into())
    );
    assert_eq!(found["compared"]["found"], "cut-off");
}

#[test]
fn the_servers_log_names_the_newest_entry() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    add(&dir, "lan");
    let line = said(&audit(&dir, "head", &[])).lines().last().unwrap().to_owned();
    let served = Served::start(&dir, &["--log-format", "json"], &[]);
    let noted = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let log = served.log();
        let found = log.lines().find(|line| line.contains("newest entry of the audit log"));
        found.map(|line| serde_json::from_str::<Value>(line).unwrap())
    });
    assert_eq!(noted.expect("it is noted")["head"], line);
}
