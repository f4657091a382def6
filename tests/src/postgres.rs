//! A temporary PostgreSQL for tests: a cluster of its own in a temporary folder, stopped and removed when it is
//! dropped. Root cannot run PostgreSQL: its programs then run as the user `postgres`, else as the current one.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// Where Debian puts the programs, by version.
const DEBIAN: &str = "/usr/lib/postgresql";
const USER: &str = "postgres";

#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    databases: AtomicU32,
}

impl Cluster {
    /// On a Unix socket only, without waiting for the disk: what is tested is not whether PostgreSQL keeps
    /// what it confirmed.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&["-c", "fsync=off", "-c", "full_page_writes=off"])
    }

    /// With further options of the program `postgres`.
    pub fn start_with(options: &[&str]) -> io::Result<Self> {
        let cluster = Self { folder: TempDir::new()?, programs: programs()?, databases: 0.into() };
        if is_root() {
            let path = cluster.folder.path();
            run(Command::new("chown").arg(USER).arg(path))?;
        }
        let data = cluster.folder.path().join("data");
        let init = ["-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync", "-D"];
        run(cluster.program("initdb").args(init).arg(&data))?;
        let mut all = format!("-k '{}' -c max_connections=200", cluster.folder.path().display());
        all.push_str(" -c listen_addresses=''");
        for option in options {
            all.push_str(&format!(" {option}"));
        }
        let log = cluster.folder.path().join("log");
        let start = ["-w", "-o", &all, "-l"];
        run(cluster.program("pg_ctl").args(start).arg(log).arg("-D").arg(data).arg("start"))?;
        Ok(cluster)
    }

    /// Stops it at once, as a machine that loses its power, or starts it again.
    pub fn control(&self, what: &[&str]) -> io::Result<()> {
        let log = self.folder.path().join("log");
        let data = self.folder.path().join("data");
        run(self.program("pg_ctl").args(what).arg("-w").arg("-l").arg(log).arg("-D").arg(data))
    }

    /// Starts again by what `postgresql.conf` says, and on the Unix socket.
    pub fn restart_with_own_settings(&self) -> io::Result<()> {
        let socket = format!("-k '{}'", self.folder.path().display());
        self.control(&["restart", "-m", "fast", "-o", &socket])
    }

    /// Puts a file beside its data, for the server only.
    pub fn put(&self, name: &str, content: &str) -> io::Result<()> {
        let path = self.folder.path().join("data").join(name);
        std::fs::write(&path, content)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        if is_root() { run(Command::new("chown").arg(USER).arg(path)) } else { Ok(()) }
    }

    /// The folder of its socket and of its data.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A database's URL for the superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user={USER}", self.folder.path().display())
    }

    /// A further database, empty; its name.
    pub fn database(&self) -> io::Result<String> {
        let name = format!("vungxanh_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(name)
    }

    /// Runs statements as the superuser and returns what they said, as psql writes it without titles.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        let mut psql = self.program("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]);
        run_for_output(psql.arg(self.url(database).replace("postgres:///", "postgresql:///")))
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", USER, "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path()).env_remove("PGPASSWORD");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.control(&["stop", "-m", "immediate"]);
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The newest version that is installed, or what stands in the path.
fn programs() -> io::Result<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().filter_map(Result::ok);
    let newest = versions.max_by_key(|version| {
        version.file_name().to_string_lossy().parse::<u32>().unwrap_or_default()
    });
    if let Some(newest) = newest {
        return Ok(newest.path().join("bin"));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists())
        .ok_or_else(|| io::Error::other("PostgreSQL is missing: apt-get install postgresql"))
}

fn run(command: &mut Command) -> io::Result<()> {
    // Not its output: the server that pg_ctl starts would hold the pipe open.
    let status = command.stdout(std::process::Stdio::null()).status()?;
    match status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!("{command:?}: {status}"))),
    }
}

fn run_for_output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
