//! The command line's side of the control socket.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::ClientBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::control_api::{
    ExportRequest, ImportRequest, Imported, Method, PASSPHRASE_HEADER, Refusal, Request,
};
use crate::failure::{Exit, Failure};

use crate::platform::http_client;

/// A connection to a running daemon.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    socket: PathBuf,
}

impl Client {
    /// Prepares to talk to the daemon behind `socket`.
    pub fn new(socket: &Path) -> Result<Self, Failure> {
        Self::build(socket, http_client::local_client())
    }

    /// The same for one who does not wait longer than `limit` for an answer.
    pub fn impatient(socket: &Path, limit: Duration) -> Result<Self, Failure> {
        Self::build(socket, http_client::local_client().timeout(limit))
    }

    fn build(socket: &Path, http: ClientBuilder) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))?;
        let http = http
            .unix_socket(socket)
            .build()
            .map_err(|error| Failure::new(Exit::Network, "failure-control").because(error))?;
        Ok(Self { http, runtime, socket: socket.to_owned() })
    }

    /// Sends a request and reads its response.
    pub fn send<R>(&self, request: &R) -> Result<R::Response, Failure>
    where
        R: Request + Serialize,
        R::Response: DeserializeOwned,
    {
        let prepared = match R::METHOD {
            Method::Get => self.http.get(url::<R>()),
            Method::Post => self.http.post(url::<R>()).json(request),
        };
        parse(&self.bytes(prepared)?)
    }

    /// Asks for the file of all own data.
    pub fn export(&self, request: &ExportRequest) -> Result<Vec<u8>, Failure> {
        self.bytes(self.http.post(url::<ExportRequest>()).json(request))
    }

    /// Hands over a file of own data.
    pub fn import(&self, request: ImportRequest) -> Result<Imported, Failure> {
        let passphrase = hex::encode(request.passphrase.as_bytes());
        let post = self.http.post(url::<ImportRequest>()).header(PASSPHRASE_HEADER, passphrase);
        parse(&self.bytes(post.body(request.file))?)
    }

    fn bytes(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Failure> {
        self.runtime.block_on(async {
            let response = request.send().await.map_err(|error| self.no_answer(&error))?;
            let refused = !response.status().is_success();
            let bytes = response
                .bytes()
                .await
                .map_err(|error| Failure::new(Exit::Network, "failure-control").because(error))?;
            if refused {
                return Err(refusal(&bytes));
            }
            Ok(bytes.to_vec())
        })
    }

    /// The socket's folder may be another person's, where this one may not look.
    fn no_answer(&self, error: &reqwest::Error) -> Failure {
        if is_denied(error) {
            let profile = self.socket.parent().unwrap_or(&self.socket);
            let owner = owner(profile).unwrap_or_default();
            return Failure::new(Exit::Store, "failure-other-user")
                .with("profile", profile.display().to_string())
                .with("owner", owner);
        }
        if error.is_timeout() {
            return Failure::new(Exit::Network, "failure-no-answer-in-time");
        }
        Failure::new(Exit::NotRunning, "failure-not-running")
            .with("socket", self.socket.display().to_string())
    }
}

fn is_denied(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == ErrorKind::PermissionDenied)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whose the folder is: a name, or the number of one who has none on this machine.
fn owner(folder: &Path) -> Option<String> {
    let number = std::fs::metadata(folder).ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == number).then(|| name.to_owned())
    });
    Some(name.unwrap_or(number))
}

fn url<R: Request>() -> String {
    format!("http://daemon{}", R::PATH)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|error| Failure::new(Exit::Network, "failure-control").because(error))
}

fn refusal(bytes: &[u8]) -> Failure {
    parse::<Refusal>(bytes)
        .map_or_else(|unreadable| unreadable, |refusal| Failure::refused(&refusal))
}
