//! The command line's side of the control socket.

use std::path::{Path, PathBuf};

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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))?;
        let http = http_client::local_client()
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
            let response = request.send().await.map_err(|_| self.not_running())?;
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

    fn not_running(&self) -> Failure {
        Failure::new(Exit::NotRunning, "failure-not-running")
            .with("socket", self.socket.display().to_string())
    }
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
