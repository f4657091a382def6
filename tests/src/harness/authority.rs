//! The health authority: its folder, its server, what its staff type.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::process::{Finished, Host, ProcessError, Program, Running};
use super::search::files_under;

/// How long the server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(600);
/// How often another port is tried when a stranger takes the free one before the server does.
const PORTS_TRIED: usize = 3;
/// Its log, below those of all.
pub const LOG: &str = "authority.log";
/// The region of the export files: the default of `init`.
const REGION: &str = "VN";

/// What `init --json` prints.
#[derive(Debug, Clone, Deserialize)]
pub struct Founded {
    /// `URL#sha256=FINGERPRINT`.
    pub enrolment: String,
    /// SHA-256 of the root key, hex.
    pub fingerprint: String,
}

/// What `issue-code --json` prints, as far as we care.
#[derive(Clone, Deserialize)]
pub struct IssuedCode {
    pub code: String,
}

/// What `staff add --json` prints, as far as we care.
#[derive(Deserialize)]
struct AddedStaff {
    one_time_password: String,
}

/// An authority in a folder; its server may or may not run.
#[derive(Debug)]
pub struct Authority {
    host: Host,
    folder: PathBuf,
    url: String,
    founded: Founded,
    server: Option<Running>,
}

/// How often devices look for batches and send look-alikes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Mean minutes between two fetches.
    pub sync_minutes: u32,
    /// Mean hours between two look-alikes.
    pub look_alike_hours: u32,
}

impl Authority {
    /// Founds an authority in a new folder and starts its server on a free port. Its staff need no authenticator app.
    pub async fn found(host: &Host, folder: &Path, pace: Pace) -> Result<Self, ProcessError> {
        let without_app = ("require_authenticator = true", "require_authenticator = false");
        Self::found_with(host, folder, pace, &[without_app]).await
    }

    /// The same with other changes of what `init` writes into the configuration.
    pub async fn found_with(
        host: &Host,
        folder: &Path,
        pace: Pace,
        changes: &[(&str, &str)],
    ) -> Result<Self, ProcessError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let port = free_port()?;
            let mut authority = Self::init(host, folder, &format!("127.0.0.1:{port}")).await?;
            authority.set_pace(pace).await?;
            // Venues can register: their codes go to the log instead of a telephone.
            authority.configure(&[("send = \"none\"", "send = \"log\"")])?;
            authority.configure(changes)?;
            match authority.serve().await {
                Err(_) if tried < PORTS_TRIED => {
                    std::fs::remove_dir_all(folder).map_err(files)?;
                }
                Err(error) => return Err(error),
                Ok(()) => return Ok(authority),
            }
        }
    }

    /// Founds an authority in a new folder; its server does not run yet.
    pub async fn init(host: &Host, folder: &Path, address: &str) -> Result<Self, ProcessError> {
        Self::init_with(host, folder, address, &[]).await
    }

    /// The same with further options of `init`.
    pub async fn init_with(
        host: &Host,
        folder: &Path,
        address: &str,
        options: &[&str],
    ) -> Result<Self, ProcessError> {
        let url = format!("http://{address}");
        let path = folder.to_string_lossy();
        let args = [
            "init",
            "--dir",
            &path,
            "--profile",
            "covid-19",
            "--id",
            "vn.demo",
            "--name-vi",
            "Sở Y tế (trình diễn)",
            "--name-en",
            "Health department (demo)",
            "--url",
            &url,
            "--json",
        ];
        let args = [&args, options].concat();
        let founded = host.run(Program::Server, &args).await?.expect_code(0)?.json()?;
        Ok(Self { host: host.clone(), folder: folder.into(), url, founded, server: None })
    }

    /// Changes the pace that devices keep, and signs the document again.
    pub async fn set_pace(&self, pace: Pace) -> Result<(), ProcessError> {
        let path = self.folder.join("profile.json");
        let text = std::fs::read_to_string(&path).map_err(files)?;
        let mut profile: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| files(error.into()))?;
        profile["tracing"]["sync_mean_minutes"] = pace.sync_minutes.into();
        profile["tracing"]["look_alike_mean_hours"] = pace.look_alike_hours.into();
        std::fs::write(&path, profile.to_string()).map_err(files)?;
        self.command(&["resign"], &[]).await?.expect_code(0)?;
        Ok(())
    }

    /// From the next start of the server on, declarations take a telephone code.
    pub async fn ask_phone_codes(&self) -> Result<(), ProcessError> {
        let path = self.folder.join("config.toml");
        let config = std::fs::read_to_string(&path).map_err(files)?;
        let config = config.replace("phone_code = false", "phone_code = true");
        std::fs::write(&path, config).map_err(files)?;
        self.command(&["resign"], &[]).await?.expect_code(0).map(drop)
    }

    /// Starts the server at the authority's address.
    pub async fn serve(&mut self) -> Result<(), ProcessError> {
        let path = self.folder.to_string_lossy();
        let address = self.url.trim_start_matches("http://").to_owned();
        let args = ["serve", "--dir", &path, "--listen", &address];
        // Everything that it can say: the search for secrets shall have something to search.
        let log = [("RUST_LOG", "debug,sqlx=info,hyper=info")];
        let mut server = self.host.start("authority", Program::Server, &args, &log)?;
        Self::await_listening(&mut server).await?;
        self.server = Some(server);
        Ok(())
    }

    /// Starts one more server of the same authority at `address`; `name` is for people and its log. It
    /// does not listen yet.
    pub fn start_replica(&self, name: &str, address: &str) -> Result<Running, ProcessError> {
        let path = self.folder.to_string_lossy();
        let args = ["serve", "--dir", &path, "--listen", address];
        self.host.start(name, Program::Server, &args, &[("RUST_LOG", "info")])
    }

    /// Commands and servers that start from now on are of this program.
    pub fn set_program(&mut self, program: PathBuf) {
        self.host.executable = program;
    }

    /// Waits until a server that was started listens.
    pub async fn await_listening(server: &mut Running) -> Result<(), ProcessError> {
        let listening = |line: &str| line.contains("listening on").then_some(());
        server.await_line(0, "its address", START_TIMEOUT, listening).await
    }

    /// Changes what `init` wrote into the configuration, before a server starts.
    pub fn configure(&self, changes: &[(&str, &str)]) -> Result<(), ProcessError> {
        let path = self.folder.join("config.toml");
        let mut config = std::fs::read_to_string(&path).map_err(files)?;
        for (from, to) in changes {
            if !config.contains(from) {
                return Err(files(std::io::Error::other(format!("no {from} in config.toml"))));
            }
            config = config.replace(from, to);
        }
        std::fs::write(&path, config).map_err(files)
    }

    pub fn server(&mut self) -> Option<&mut Running> {
        self.server.as_mut()
    }

    /// Takes the running server, to stop or kill it.
    pub fn take_server(&mut self) -> Option<Running> {
        self.server.take()
    }

    /// A staff command: `words`, the authority's folder, `options`.
    pub async fn command(
        &self,
        words: &[&str],
        options: &[&str],
    ) -> Result<Finished, ProcessError> {
        let path = self.folder.to_string_lossy();
        let args = [words, &["--dir", &path], options].concat();
        self.host.run(Program::Server, &args).await
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        words: &[&str],
        options: &[&str],
    ) -> Result<T, ProcessError> {
        let options = [options, &["--json"]].concat();
        self.command(words, &options).await?.expect_code(0)?.json()
    }

    /// Staff issue a verification code for a confirmed case with symptoms since `onset`.
    pub async fn issue_code(&self, onset: &str) -> Result<IssuedCode, ProcessError> {
        self.answer(&["issue-code"], &["--symptom-date", onset]).await
    }

    /// A new account of staff: its one-time password.
    pub async fn add_staff(&self, login: &str, role: &str) -> Result<String, ProcessError> {
        let options = ["--role", role, "--name", "Trần Văn Quân", login];
        let added: AddedStaff = self.answer(&["staff", "add"], &options).await?;
        Ok(added.one_time_password)
    }

    /// The link by which the first administrator begins, as the server printed it.
    pub fn start_link(&self) -> Result<Option<String>, ProcessError> {
        let log = std::fs::read_to_string(self.host.logs.join(LOG)).map_err(files)?;
        let mut words = log.split_whitespace();
        Ok(words
            .find(|word| word.starts_with("http") && word.contains("?token="))
            .map(str::to_owned))
    }

    /// The last message that went to a telephone, here into the log.
    pub fn last_message(&self) -> Result<Option<String>, ProcessError> {
        let log = std::fs::read_to_string(self.host.logs.join(LOG)).map_err(files)?;
        let line = log.lines().rfind(|line| line.contains("a message is logged, not sent"));
        Ok(line.map(str::to_owned))
    }

    /// The code in the last message that went to a telephone.
    pub fn last_text_code(&self) -> Result<Option<String>, ProcessError> {
        let line = self.last_message()?;
        let mut numbers = line.iter().flat_map(|line| line.split(|c: char| !c.is_ascii_digit()));
        Ok(numbers.rfind(|number| number.len() == 6).map(str::to_owned))
    }

    /// Staff ask the venue of a disclosed visit for its shares.
    pub async fn request_shares(&self, visit: &str, onset: &str) -> Result<(), ProcessError> {
        let options = ["--visit", visit, "--symptom-date", onset, "--reason", "COVID-19"];
        self.command(&["warning", "request"], &options).await?.expect_code(0).map(drop)
    }

    pub async fn statistics(&self) -> Result<BTreeMap<String, u64>, ProcessError> {
        self.answer(&["statistics"], &[]).await
    }

    /// Writes the public key that signs export files to `path` as PEM.
    pub async fn write_public_key(&self, path: &Path) -> Result<(), ProcessError> {
        let shown: serde_json::Value = self.answer(&["config", "show"], &[]).await?;
        let key = shown["document"]["export_keys"][0]["public_key"].as_str();
        std::fs::write(path, key.unwrap_or_default()).map_err(files)
    }

    pub fn batches(&self) -> Result<Vec<PathBuf>, ProcessError> {
        let mut found = files_under(&self.exports()).map_err(files)?;
        found.retain(|path| path.extension().is_some_and(|extension| extension == "zip"));
        found.sort();
        Ok(found)
    }

    /// The folder of published export files of the one region.
    pub fn exports(&self) -> PathBuf {
        self.folder.join("exports").join(REGION)
    }

    /// The authority's folder, database and all.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where devices reach it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What devices enrol with.
    pub fn founded(&self) -> &Founded {
        &self.founded
    }
}

/// A port of the loopback that is free at this moment.
pub fn free_port() -> Result<u16, ProcessError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(files)?;
    Ok(listener.local_addr().map_err(files)?.port())
}

fn files(source: std::io::Error) -> ProcessError {
    ProcessError::Start { name: "the authority".into(), source }
}
