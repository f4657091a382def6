//! An authority moves from SQLite to PostgreSQL with everything, or not at all; its backups restore into either.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{PROGRAM, code, init, json, run};
use crate::support::postgres::Cluster;

/// An authority on SQLite with rows in every kind of column.
fn authority() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    // So many that chance does not draw none.
    let many = config(&dir).replace("synthetic_persons = 3.0", "synthetic_persons = 100.0");
    std::fs::write(dir.join("config.toml"), many).unwrap();
    let text = dir.to_str().unwrap();
    let person = ["--name", "Trần Văn Minh", "minh"];
    let staff = [&["staff", "add", "--dir", text, "--role", "venue_officer"][..], &person].concat();
    code(&run(&staff), 0);
    code(&run(&["issue-code", "--dir", text, "--test-type", "confirmed"]), 0);
    code(&run(&["publish-batch", "--dir", text]), 0);
    (folder, dir)
}

fn command(noun: &[&str], dir: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(noun).arg("--dir").arg(dir).args(more).args(["--lang", "en"]);
    command.output().unwrap()
}

fn move_to(url: &str, dir: &Path) -> Output {
    command(&["storage", "move"], dir, &["--to", url, "--json"])
}

fn statistics(dir: &Path) -> Value {
    let said = command(&["statistics"], dir, &["--json"]);
    code(&said, 0);
    json(&said)
}

fn config(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("config.toml")).unwrap()
}

#[track_caller]
fn refused(output: &Output, exit: i32, words: &str) {
    code(output, exit);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(words), "{said}");
}

/// How many rows each table of SQLite has, asked by this test.
async fn counted(database: &Path) -> Vec<(String, i64)> {
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut counted = Vec::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        counted.push((table, sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()));
    }
    pool.close().await;
    counted
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn an_authority_moves_with_every_row_and_goes_on() {
    let cluster = Cluster::start().unwrap();
    let (_folder, dir) = authority();
    let before = counted(&dir.join("server.db")).await;
    let totals = statistics(&dir);
    let head = command(&["audit", "head"], &dir, &[]);
    let head = String::from_utf8(head.stdout).unwrap().lines().last().unwrap().to_owned();
    let url = cluster.url("postgres");
    let serving = {
        use health_authority_server::authority::folder::Folder;
        health_authority_server::services::backup::lock_shared(&Folder::new(&dir)).unwrap()
    };
    refused(&move_to(&url, &dir), 3, "stop it first");
    drop(serving);
    let moved = move_to(&url, &dir);
    code(&moved, 0);
    let moved = json(&moved);
    let tables = moved["tables"].as_array().unwrap();
    assert_eq!(tables.len(), before.len());
    for (table, rows) in &before {
        let said = tables.iter().find(|said| said["table"] == **table).unwrap();
        assert_eq!(said["rows"], *rows, "{table}");
        assert_eq!(said["digest"].as_str().unwrap().len(), 64);
        let there = cluster.sql("postgres", &format!("SELECT count(*) FROM {table}")).unwrap();
        assert_eq!(there, rows.to_string(), "{table}");
    }
    for filled in ["accounts", "audit", "codes", "statistics", "leases"] {
        assert!(before.iter().any(|(table, rows)| table == filled && *rows > 0), "{before:?}");
    }
    assert!(config(&dir).contains("database = \"postgres://"), "{}", config(&dir));
    assert!(config(&dir).contains("# A batch of keys every so many seconds."), "the rest stays");
    let aside = moved["put_aside"].as_str().unwrap();
    assert!(!dir.join("server.db").exists() && Path::new(aside).exists());

    assert_eq!(statistics(&dir), totals);
    // Numbers go on where they were.
    let person = ["--role", "administrator", "--name", "Lê Thị Hoa", "hoa"];
    code(&command(&["staff", "add"], &dir, &person), 0);
    code(&command(&["issue-code"], &dir, &["--test-type", "confirmed"]), 0);
    code(&command(&["publish-batch"], &dir, &[]), 0);
    let verified = command(&["audit", "verify"], &dir, &["--head", &head, "--json"]);
    code(&verified, 0);
    assert_eq!(json(&verified)["compared"]["found"], "continues");
    refused(&move_to(&url, &dir), 3, "on a database server already");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_move_that_is_killed_or_goes_wrong_changes_nothing_and_can_be_started_again() {
    let cluster = Cluster::start().unwrap();
    let (_folder, dir) = authority();
    let (before, text) = (counted(&dir.join("server.db")).await, config(&dir));
    let url = cluster.url("postgres");
    let rows = |cluster: &Cluster| {
        let sql = "SELECT (SELECT count(*) FROM statistics) + (SELECT count(*) FROM accounts)";
        cluster.sql("postgres", sql).unwrap()
    };
    // Another authority without rows makes the tables; a trigger changes what comes in.
    let other = tempfile::tempdir().unwrap();
    let made = other.path().join("made");
    code(&init(&made), 0);
    std::fs::remove_file(made.join("server.db")).unwrap_or_default();
    code(&move_to(&url, &made), 0);
    for statement in [
        "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN NEW.total = NEW.total + 1; RETURN NEW; END $$",
        "CREATE TRIGGER more BEFORE INSERT ON statistics FOR EACH ROW EXECUTE FUNCTION more()",
    ] {
        cluster.sql("postgres", statement).unwrap();
    }
    refused(&move_to(&url, &dir), 6, "what arrived of statistics is not what was sent");
    assert_eq!((config(&dir), rows(&cluster)), (text.clone(), "0".into()));
    cluster.sql("postgres", "DROP TRIGGER more ON statistics").unwrap();

    // Somebody holds the last table while rows of the others are there already.
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    let mut holding = pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE upload_shapes, synthetic_persons, statistics IN SHARE MODE")
        .execute(&mut *holding)
        .await
        .unwrap();
    let mut moving = Command::new(PROGRAM);
    moving.args(["storage", "move", "--to", &url, "--dir"]).arg(&dir);
    let mut moving = moving.stdout(Stdio::null()).spawn().unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while cluster.sql("postgres", waits).unwrap() == "0" {
        assert!(moving.try_wait().unwrap().is_none(), "it ended early");
    }
    moving.kill().unwrap();
    moving.wait().unwrap();
    holding.rollback().await.unwrap();
    assert_eq!((config(&dir), rows(&cluster)), (text, "0".into()));
    assert_eq!(counted(&dir.join("server.db")).await, before);

    code(&move_to(&url, &dir), 0);
    let (_other, second) = authority();
    refused(&move_to(&url, &second), 6, "has rows in");
    assert!(second.join("server.db").exists());
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_backup_of_either_database_restores_into_either() {
    let cluster = Cluster::start().unwrap();
    let (folder, dir) = authority();
    let totals = statistics(&dir);
    let backup = |from: &Path, to: &str| {
        let to = folder.path().join(to);
        code(&command(&["backup"], from, &["--to", to.to_str().unwrap()]), 0);
        to
    };
    let restore = |from: &Path, to: &Path, database: &str| {
        command(&["restore"], to, &["--from", from.to_str().unwrap(), "--database", database])
    };
    let of_sqlite = backup(&dir, "of-sqlite");
    let first = cluster.url(&cluster.database().unwrap());
    let on_postgres = folder.path().join("on-postgres");
    code(&restore(&of_sqlite, &on_postgres, &first), 0);
    assert_eq!(statistics(&on_postgres), totals);
    assert!(!on_postgres.join("server.db").exists() && !on_postgres.join(".restoring.db").exists());

    std::fs::write(on_postgres.join("keys/database.password"), "not used here\n").unwrap();
    code(&command(&["issue-code"], &on_postgres, &["--test-type", "likely"]), 0);
    let totals = statistics(&on_postgres);
    let of_postgres = backup(&on_postgres, "of-postgres");
    assert!(!of_postgres.join("keys/database.password").exists());
    for (name, database) in
        [("again", "server.db".to_owned()), ("else", cluster.url(&cluster.database().unwrap()))]
    {
        let dir = folder.path().join(name);
        // The database that the backup names is in use.
        let blind = command(&["restore"], &dir, &["--from", of_postgres.to_str().unwrap()]);
        refused(&blind, 3, "has rows already");
        assert!(!dir.exists(), "nothing was done");
        code(&restore(&of_postgres, &dir, &database), 0);
        assert_eq!(statistics(&dir), totals);
        let staff = command(&["staff", "list"], &dir, &["--json"]);
        assert!(String::from_utf8_lossy(&staff.stdout).contains("Trần Văn Minh"));
        code(&command(&["publish-batch"], &dir, &[]), 0);
    }
}
