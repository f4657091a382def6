//! The command line's side of the control socket.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::{Exit, Failure};
use crate::control_api::Refusal;
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

    /// `GET path`
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(self.http.get(url(path)))
    }

    /// `POST path` with a JSON body.
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send(self.http.post(url(path)).json(body))
    }

    /// `POST path` with a JSON body; the response's bytes.
    pub fn post_for_bytes(&self, path: &str, body: &impl Serialize) -> Result<Vec<u8>, Failure> {
        self.bytes(self.http.post(url(path)).json(body))
    }

    /// `POST path` with bytes and one header.
    pub fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        header: (&str, &str),
        body: Vec<u8>,
    ) -> Result<T, Failure> {
        self.send(self.http.post(url(path)).header(header.0, header.1).body(body))
    }

    fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Failure> {
        let bytes = self.bytes(request)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Failure::new(Exit::Network, "failure-control").because(error))
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

fn url(path: &str) -> String {
    format!("http://daemon{path}")
}

fn refusal(bytes: &[u8]) -> Failure {
    serde_json::from_slice::<Refusal>(bytes).map_or_else(
        |error| Failure::new(Exit::Network, "failure-control").because(error),
        |refusal| Failure::refused(&refusal),
    )
}
