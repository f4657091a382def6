//! The same on PostgreSQL: every test of this program that has a server with a database runs a second time,
//! against a temporary cluster. And what there is on PostgreSQL only: logging in, TLS, rights, a schema
//! that is made in one step.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::program::{PROGRAM, code, json};
use crate::support::authority::POSTGRES;
use crate::support::postgres::Cluster;

/// A function of SQLite that tests' own statements use.
const RANDOMBLOB: &str = "CREATE FUNCTION randomblob(bytes BIGINT) RETURNS BYTEA VOLATILE LANGUAGE sql AS \
    $$ SELECT decode(string_agg(lpad(to_hex((random() * 255)::int), 2, '0'), ''), 'hex') \
    FROM generate_series(1, bytes) $$";

/// What has no such server, or makes its folder by the program's own `init`.
const NO_DATABASE: [&str; 4] = ["posters::", "program::", "connections::", "flood::"];

/// What looks at SQLite's own files or tables.
const OF_SQLITE: [&str; 8] = [
    "portal::accounts::the_disk_holds_no_code_no_password_and_no_token",
    "privacy::keys_do_not_say_which_upload_they_came_with",
    "privacy::neither_code_nor_token_nor_request_id_is_on_disk",
    "privacy::the_database_log_is_emptied_with_each_batch",
    "requests::secrets::neither_notify_key_nor_identity_nor_share_is_on_disk",
    "restored::files_older_than_the_retention_go_also_those_that_the_database_does_not_know",
    "restored::nobody_else_reads_the_database_also_one_that_others_could",
    "restored::published_files_stay_listed_and_keep_their_names_after_the_database_was_restored",
];

#[test]
#[ignore = "needs PostgreSQL"]
fn every_promise_of_the_server_holds_on_postgresql() {
    let cluster = Cluster::start().unwrap();
    cluster.sql("postgres", RANDOMBLOB).unwrap();
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env(POSTGRES, cluster.url("postgres"));
    for left_out in NO_DATABASE.iter().chain(&OF_SQLITE) {
        tests.args(["--skip", left_out]);
    }
    assert!(tests.status().unwrap().success());
}

/// An authority whose database is at a URL.
struct Remote {
    folder: TempDir,
}

impl Remote {
    fn init(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let remote = Self { folder };
        code(&init(&remote.dir(), url), 0);
        remote
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("authority")
    }

    /// Opens the database, by a command that reads it.
    fn open(&self) -> Output {
        self.open_with(&[])
    }

    fn open_with(&self, environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(["statistics", "--json", "--lang", "en", "--dir"]).arg(self.dir());
        command.env_remove("PGPASSWORD").envs(environment.iter().copied());
        command.output().unwrap()
    }

    #[track_caller]
    fn is_refused(&self, words: &[&str]) {
        let refused = self.open();
        code(&refused, 6);
        let text = String::from_utf8_lossy(&refused.stderr);
        for word in words {
            assert!(text.contains(word), "{text}");
        }
    }

    fn put_password(&self, password: &str) {
        std::fs::write(self.dir().join("keys/database.password"), password).unwrap();
    }
}

pub fn init(dir: &Path, url: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["init", "--profile", "measles", "--id", "vn.hanoi", "--name-vi", "Hà Nội"]);
    command.args(["--name-en", "Hanoi", "--url", "http://127.0.0.1:9", "--lang", "en"]);
    command.args(["--database", url, "--dir"]).arg(dir).output().unwrap()
}

#[test]
#[ignore = "needs PostgreSQL"]
fn who_cannot_open_the_database_reads_why_and_what_to_do() {
    let cluster = Cluster::start().unwrap();
    let database = cluster.database().unwrap();
    let roles = "CREATE ROLE vx LOGIN PASSWORD 's&cret 1'; CREATE ROLE guest LOGIN; \
                 CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'";
    for role in roles.split_inclusive(';') {
        cluster.sql("postgres", role).unwrap();
    }
    cluster.sql("postgres", &format!("ALTER DATABASE {database} OWNER TO vx")).unwrap();
    let rules = "local all postgres trust\nlocal all guest trust\nlocal all all scram-sha-256\n";
    cluster.put("pg_hba.conf", rules).unwrap();
    cluster.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    let url = |database: &str, role: &str| cluster.url(database).replace("user=postgres", role);

    let folder = tempfile::tempdir().unwrap();
    let with_password = init(&folder.path().join("a"), "postgres://vx:secret@127.0.0.1/vx");
    code(&with_password, 3);
    assert!(String::from_utf8_lossy(&with_password.stderr).contains("keys/database.password"));
    assert!(!folder.path().join("a").exists());

    Remote::init("postgres://vx@127.0.0.1:1/vx").is_refused(&["cannot be reached", "config.toml"]);
    let missing = Remote::init(&url("nothing", "user=postgres"));
    missing.is_refused(&["no such database", "nothing", "createdb"]);
    Remote::init(&url("latin", "user=postgres")).is_refused(&["LATIN1", "UTF8"]);
    let guest = Remote::init(&url(&database, "user=guest"));
    guest.is_refused(&["lacks a right", "must own the database"]);

    let remote = Remote::init(&url(&database, "user=vx"));
    remote.is_refused(&["refused the login", "keys/database.password"]);
    remote.put_password("wrong");
    remote.is_refused(&["refused the login", "keys/database.password"]);
    remote.put_password("s&cret 1\n");
    code(&remote.open(), 0);
    std::fs::remove_file(remote.dir().join("keys/database.password")).unwrap();
    code(&remote.open_with(&[("PGPASSWORD", "s&cret 1")]), 0);

    // A schema that is up to date takes a role that may not make tables.
    let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest; \
                 GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO guest";
    cluster.sql(&database, grant).unwrap();
    code(&guest.open(), 0);

    cluster.sql(&database, "INSERT INTO schema_version VALUES (4000)").unwrap();
    guest.is_refused(&["4000", "newer program"]);
    cluster.control(&["stop", "-m", "immediate"]).unwrap();
    guest.is_refused(&["cannot be reached"]);
}

#[test]
#[ignore = "needs PostgreSQL"]
fn tls_is_verified_against_the_authority_that_the_url_names() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |name: &str, more: &[&str]| {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"])
            .args(["-keyout", &key, "-out", &certificate])
            .args(more)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl("root", &["-subj", "/CN=root"]);
    let name = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"];
    openssl(
        "server",
        &[&["-CA", "root.crt", "-CAkey", "root.key", "-subj", "/CN=vx"], &name[..]].concat(),
    );
    let cluster = Cluster::start().unwrap();
    for file in ["server.key", "server.crt"] {
        let pem = std::fs::read_to_string(folder.path().join(file)).unwrap();
        cluster.put(file, &pem).unwrap();
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rules =
        "local all all trust\nhostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n";
    cluster.put("pg_hba.conf", rules).unwrap();
    let settings = format!("ssl = on\nlisten_addresses = 'localhost'\nport = {port}\n");
    cluster.put("postgresql.auto.conf", &settings).unwrap();
    cluster.restart_with_own_settings().unwrap();

    let url = format!("postgres://postgres@localhost:{port}/postgres");
    let remote = |query: &str| Remote::init(&format!("{url}?{query}"));
    code(&remote("sslmode=require").open(), 0);
    remote("sslmode=disable").is_refused(&["refused the login"]);
    remote("sslmode=verify-full").is_refused(&["cannot be reached", "certificate"]);
    let root = folder.path().join("root.crt").display().to_string();
    code(&remote(&format!("sslmode=verify-full&sslrootcert={root}")).open(), 0);
    let other_name = url.replace("localhost", "127.0.0.1");
    let query = format!("sslmode=verify-full&sslrootcert={root}");
    Remote::init(&format!("{other_name}?{query}"))
        .is_refused(&["cannot be reached", "certificate"]);
}

#[test]
#[ignore = "needs PostgreSQL"]
fn the_server_serves_and_publishes_from_postgresql() {
    let cluster = Cluster::start().unwrap();
    let remote = Remote::init(&cluster.url("postgres"));
    let dir = remote.dir();
    let dir = dir.to_str().unwrap();
    code(&crate::program::run(&["issue-code", "--dir", dir, "--test-type", "confirmed"]), 0);
    let batch = crate::program::run(&["publish-batch", "--json", "--dir", dir]);
    code(&batch, 0);
    assert_eq!(json(&remote.open())["codes_issued"], 1);
    assert!(!remote.dir().join("server.db").exists());
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn both_databases_have_the_same_tables_columns_keys_and_indexes() {
    let cluster = Cluster::start().unwrap();
    code(&Remote::init(&cluster.url("postgres")).open(), 0);
    let on_postgres: Vec<String> = POSTGRES_SCHEMA
        .iter()
        .flat_map(|sql| {
            let said = cluster.sql("postgres", sql).unwrap();
            said.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let on_sqlite = sqlite_schema().await;
    let missing = |of: &[String], from: &[String]| -> Vec<String> {
        of.iter().filter(|line| !from.contains(line)).cloned().collect()
    };
    assert_eq!(missing(&on_sqlite, &on_postgres), [""; 0], "PostgreSQL lacks this");
    assert_eq!(missing(&on_postgres, &on_sqlite), [""; 0], "SQLite lacks this");
    assert!(on_sqlite.len() > 200, "{}", on_sqlite.len());
    let other_order = "SELECT count(*) FROM information_schema.columns \
        WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'";
    assert_eq!(cluster.sql("postgres", other_order).unwrap(), "0", "text is ordered by its bytes");
}

/// One line for each column, key and index.
const POSTGRES_SCHEMA: [&str; 3] = [
    "SELECT concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, \
     CASE is_nullable WHEN 'NO' THEN 'required' END, replace(column_default, '::text', ''), \
     CASE is_identity WHEN 'YES' THEN 'numbered' END) \
     FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT concat_ws(' ', CASE contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END, \
     conrelid::regclass, (SELECT string_agg(attname, ',' ORDER BY n) FROM \
     unnest(conkey) WITH ORDINALITY AS k (number, n) JOIN pg_attribute \
     ON attrelid = conrelid AND attnum = number), NULLIF(confrelid, 0)::regclass) FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f')",
    "SELECT concat_ws(' ', 'index', indexrelid::regclass, indrelid::regclass, \
     (SELECT string_agg(pg_get_indexdef(indexrelid, n, true), ',' ORDER BY n) \
     FROM generate_series(1, indnatts) AS n), CASE WHEN indpred IS NOT NULL THEN 'partial' END) \
     FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relnamespace = 'public'::regnamespace \
     AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
];

const SQLITE_SCHEMA: [&str; 4] = [
    "SELECT 'column ' || m.name || ' ' || (c.cid + 1) || ' ' || c.name || ' ' || \
     CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'BIGINT' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' \
     WHEN 'TEXT' THEN 'text' ELSE c.type END || \
     CASE WHEN c.\"notnull\" OR c.pk > 0 THEN ' required' ELSE '' END || \
     COALESCE(' ' || c.dflt_value, '') || \
     CASE WHEN c.type = 'INTEGER' AND c.pk = 1 AND \
     (SELECT COUNT(*) FROM pragma_table_info(m.name) WHERE pk > 0) = 1 THEN ' numbered' ELSE '' END \
     AS line FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
    "SELECT 'primary ' || m.name || ' ' || (SELECT group_concat(name) FROM \
     (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk)) AS line \
     FROM sqlite_master m WHERE m.type = 'table' AND EXISTS \
     (SELECT 1 FROM pragma_table_info(m.name) WHERE pk > 0)",
    "SELECT CASE i.origin WHEN 'u' THEN 'unique ' ELSE 'index ' || i.name || ' ' END || m.name || ' ' || \
     (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
     || CASE WHEN i.partial THEN ' partial' ELSE '' END AS line \
     FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk'",
    "SELECT 'foreign ' || m.name || ' ' || f.\"from\" || ' ' || f.\"table\" AS line \
     FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
];

async fn sqlite_schema() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.db");
    health_authority_server::storage::Store::open(&path).await.unwrap().close().await;
    let url = format!("sqlite://{}", path.display());
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    let mut lines = Vec::new();
    for sql in SQLITE_SCHEMA {
        lines.extend(sqlx::query_scalar::<_, String>(sql).fetch_all(&pool).await.unwrap());
    }
    lines
}
