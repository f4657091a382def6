//! An authority with its servers as processes of their own, set up by the command line only.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::sealed_box::OpeningKey;

use super::cost::{Cost, bytes_below};
use super::error::CountryError;
use crate::harness::authority::free_port;
use crate::harness::browser::Browser;
use crate::harness::process::{Host, ProcessError, Program, Running};
use crate::postgres::Cluster;
use crate::scaled_clock::{ClockDriver, ScaledClock};

/// The region of the lists of files.
pub(super) const REGION: &str = "VN";
/// How long a server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(120);
/// Real time for what must come when scaled time has passed.
const TIMEOUT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);
/// Scaled seconds a second while nothing is measured.
const WAITING: u32 = 7_200;
/// How long before the day the clock begins, in scaled seconds.
const BEFORE: u64 = 3 * 3_600;
/// Whose account of staff logs in during the day.
const STAFF: &str = "officer";
const STAFF_PASSWORD: &str = "một tờ giấy cho mỗi chợ";

/// Where the server stores its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// The embedded one, in the authority's folder
    Sqlite,
    /// PostgreSQL, a temporary cluster that waits for the disk
    Postgres,
}

/// Which servers are started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program that becomes the server: the caller's own, see
    /// [`become_child`](crate::harness::process::become_child).
    pub executable: PathBuf,
    pub database: Database,
    /// Servers on one database.
    pub replicas: usize,
    /// Mean number of synthetic persons in each batch; none leaves it as `init` sets it.
    pub synthetic_persons: Option<f64>,
}

/// What `init --json` prints, as far as we care.
#[derive(Deserialize)]
struct Founded {
    staff_api_key: String,
}

/// What `staff add --json` prints, as far as we care.
#[derive(Deserialize)]
struct AddedStaff {
    one_time_password: String,
}

/// The servers of one authority. They end with this.
pub(super) struct Servers {
    // Dropped in this order: nothing writes into the folder when it is removed.
    running: Vec<Running>,
    pub(super) addresses: Arc<[SocketAddr]>,
    pub(super) time: Time,
    pub(super) staff_key: String,
    host: Host,
    cluster: Option<(Cluster, String)>,
    folder: TempDir,
}

/// The clock of the servers and of those who ask them.
pub(super) struct Time {
    driver: ClockDriver,
    pub(super) clock: Arc<ScaledClock>,
    /// When the day to play begins, locally at midnight.
    pub(super) day: UnixTime,
}

impl Time {
    fn start(file: &Path) -> std::io::Result<Self> {
        let local = LocalTime::VIET_NAM;
        let now = vungxanh_daemon::platform::clock::SystemClock.now();
        let day = local.start(local.day(now));
        let driver = ClockDriver::create(file, day.minus(BEFORE), 1)?;
        Ok(Self { driver, clock: Arc::new(ScaledClock::open(file)?), day })
    }

    /// From a tenth of a second from now on.
    pub(super) fn run_at(&mut self, speed: u32) -> Result<(), CountryError> {
        self.driver.set_rate(speed).map_err(CountryError::files("cannot set the clock"))
    }

    /// Lets time pass quickly until `until`, and slowly from there on.
    pub(super) async fn pass_until(&mut self, until: UnixTime) -> Result<(), CountryError> {
        let set = self.driver.run_until(until, WAITING, 1);
        set.map_err(CountryError::files("cannot set the clock"))?;
        while self.clock.now() < until {
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

/// A temporary PostgreSQL with an empty database, where one is asked for.
fn cluster(database: Database) -> Result<Option<(Cluster, String)>, CountryError> {
    if database == Database::Sqlite {
        return Ok(None);
    }
    let started = || {
        let cluster = Cluster::start_with(&[])?;
        let name = cluster.database()?;
        Ok(Some((cluster, name)))
    };
    started().map_err(CountryError::files("cannot start PostgreSQL"))
}

impl Servers {
    /// Founds an authority that takes declarations, registrations and messages without end, and starts
    /// its servers.
    pub(super) async fn start(
        settings: &Settings,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CountryError> {
        if settings.database == Database::Sqlite && settings.replicas != 1 {
            return Err(CountryError::OneServer(settings.replicas));
        }
        let folder = tempfile::Builder::new().prefix("vungxanh-country-").tempdir();
        let folder = folder.map_err(CountryError::files("cannot make a temporary folder"))?;
        let logs = folder.path().join("logs");
        std::fs::create_dir(&logs).map_err(CountryError::files("cannot make a folder"))?;
        let clock_file = folder.path().join("clock");
        let time = Time::start(&clock_file).map_err(CountryError::files("cannot start a clock"))?;
        let executable = settings.executable.clone();
        let host = Host { executable, clock_file: Some(clock_file), language: "en", logs };
        let mut addresses = Vec::new();
        for _ in 0..settings.replicas {
            addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)));
        }
        let mut servers = Self {
            running: Vec::new(),
            addresses: addresses.into(),
            time,
            staff_key: String::new(),
            host,
            cluster: cluster(settings.database)?,
            folder,
        };
        servers.found().await?;
        servers.configure(settings)?;
        servers.admit_officer(rng).await?;
        servers.serve().await?;
        Ok(servers)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.addresses[0])
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("authority")
    }

    async fn found(&mut self) -> Result<(), CountryError> {
        let (dir, url) = (self.dir(), self.url());
        let dir = dir.to_string_lossy();
        let names = ["--name-vi", "Sở Y tế (đo)", "--name-en", "Health department (measured)"];
        let place = ["init", "--dir", &dir, "--url", &url, "--region", REGION, "--json"];
        let kind = ["--profile", "covid-19", "--id", "vn.measured"];
        let database = self.cluster.as_ref().map(|(cluster, name)| cluster.url(name));
        let database = database.as_ref().map(|url| ["--database", url.as_str()]);
        let database = database.as_ref().map_or(&[][..], |args| args);
        let args = [place.as_slice(), &names, &kind, database].concat();
        let founded = self.host.run(Program::Server, &args).await?.expect_code(0)?;
        self.staff_key = founded.json::<Founded>()?.staff_api_key;
        Ok(())
    }

    /// Limits that protect an authority's money or are for accounts of people would end a day that is
    /// played in a minute.
    fn configure(&self, settings: &Settings) -> Result<(), CountryError> {
        let path = self.dir().join("config.toml");
        let read = std::fs::read_to_string(&path);
        let mut config = read.map_err(CountryError::files("cannot read the configuration"))?;
        for (from, to) in [
            ("send = \"none\"", "send = \"log\""),
            ("require_authenticator = true", "require_authenticator = false"),
            ("\nper_hour = 300\n", "\nper_hour = 1000000\n"),
            ("\nper_hour = 50000\n", "\nper_hour = 100000000\n"),
        ] {
            config = config.replace(from, to);
        }
        if let Some(mean) = settings.synthetic_persons {
            let to = format!("synthetic_persons = {mean:.1}");
            config = config.replace("synthetic_persons = 3.0", &to);
        }
        std::fs::write(&path, config).map_err(CountryError::files("cannot write the configuration"))
    }

    /// Declarations need an officer's key, and keys of the day.
    async fn admit_officer(&self, rng: &mut impl CryptoRng) -> Result<(), CountryError> {
        let key = hex::encode(OpeningKey::generate(rng).public_key().as_bytes());
        self.command(&["officer", "add"], &["--name", "Bác sĩ Hoa", "--key", &key]).await?;
        self.command(&["intake-key", "new"], &["--days", "3"]).await.map(drop)
    }

    /// A staff command: `words`, the authority's folder, `options`; what it printed.
    async fn command(&self, words: &[&str], options: &[&str]) -> Result<String, CountryError> {
        let dir = self.dir();
        let dir = dir.to_string_lossy();
        let args = [words, &["--dir", &dir], options].concat();
        Ok(self.host.run(Program::Server, &args).await?.expect_code(0)?.stdout)
    }

    async fn serve(&mut self) -> Result<(), CountryError> {
        let dir = self.dir();
        for (number, address) in self.addresses.iter().enumerate() {
            let address = address.to_string();
            let args = ["serve", "--dir", &dir.to_string_lossy(), "--listen", &address];
            let name = format!("server-{number}");
            let mut server = self.host.start(&name, Program::Server, &args, &[])?;
            let listening = |line: &str| line.contains("listening on").then_some(());
            server.await_line(0, "its address", START_TIMEOUT, listening).await?;
            self.running.push(server);
        }
        Ok(())
    }

    /// An account of staff that can log in: login and password.
    pub(super) async fn staff(&self) -> Result<(String, String), CountryError> {
        let options = ["--role", "venue-officer", "--name", "Trần Văn Quân", STAFF, "--json"];
        let added = self.command(&["staff", "add"], &options).await?;
        let added: AddedStaff =
            serde_json::from_str(&added).map_err(|_| CountryError::Silent("`staff add`"))?;
        let first = added.one_time_password.as_str();
        let mut browser = Browser::open(&self.url(), "en")?;
        browser.send_form("/staff/login", &[("login", STAFF), ("password", first)]).await?;
        browser.page("/staff/settings").await?;
        let change = [
            ("password", first),
            ("new_password", STAFF_PASSWORD),
            ("new_password_again", STAFF_PASSWORD),
        ];
        browser.send_form("/staff/settings/password", &change).await?;
        Ok((STAFF.to_owned(), STAFF_PASSWORD.to_owned()))
    }

    pub(super) fn logs(&self) -> Vec<PathBuf> {
        self.running.iter().map(|server| server.log_path().to_owned()).collect()
    }

    /// What the servers have used until now, together.
    pub(super) fn cost(&self) -> Result<Cost, CountryError> {
        let mut cost = Cost::default();
        for server in &self.running {
            cost += Cost::of(server.pid()).map_err(CountryError::files("a server's figures"))?;
        }
        Ok(cost)
    }

    /// What a database that is a server of its own has used until now.
    pub(super) fn database_cost(&self) -> Result<Option<Cost>, CountryError> {
        let Some((cluster, _)) = &self.cluster else { return Ok(None) };
        let file = cluster.folder().join("data").join("postmaster.pid");
        let read = std::fs::read_to_string(file);
        let read = read.map_err(CountryError::files("the database's process"))?;
        let pid = read.lines().next().and_then(|line| line.parse().ok());
        let cost = Cost::of_family(pid.ok_or(CountryError::Silent("postmaster.pid"))?);
        cost.map(Some).map_err(CountryError::files("the database's figures"))
    }

    /// Bytes of the database, and of what is published.
    pub(super) fn stored_bytes(&self) -> Result<(u64, u64), CountryError> {
        let dir = self.dir();
        let published = ["exports", "warnings"].map(|folder| bytes_below(&dir.join(folder)));
        let published = published.iter().sum();
        if let Some((cluster, name)) = &self.cluster {
            let size = cluster.sql(name, "SELECT pg_database_size(current_database())");
            let size = size.map_err(CountryError::files("the database's size"))?;
            let size = size.parse().map_err(|_| CountryError::Silent("pg_database_size"))?;
            return Ok((size, published));
        }
        let database = ["server.db", "server.db-wal"].map(|file| bytes_below(&dir.join(file)));
        Ok((database.iter().sum(), published))
    }

    /// Waits in real time until `done`.
    pub(super) async fn eventually<T, E>(
        what: &'static str,
        mut done: impl AsyncFnMut() -> Result<Option<T>, E>,
    ) -> Result<T, CountryError>
    where
        CountryError: From<E>,
    {
        let deadline = std::time::Instant::now() + TIMEOUT;
        loop {
            if let Some(found) = done().await? {
                return Ok(found);
            }
            if std::time::Instant::now() > deadline {
                return Err(CountryError::InVain(what));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Asks all to stop and waits until they have: a server that does not stop in order is an error.
    pub(super) async fn stop(mut self) -> Result<(), ProcessError> {
        self.running.iter_mut().for_each(Running::tell_to_stop);
        for server in self.running.drain(..) {
            server.stop().await?;
        }
        Ok(())
    }
}
