//! Requests to the authority: where they may go, how much may come back, how long it may take.

use std::fmt;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{AGE, CONTENT_RANGE, CONTENT_TYPE, DATE, HeaderMap, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;
use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::interval::UnixTime;

use super::SyncError;
use crate::platform::threads::lock;
use crate::platform::{atomic_file, http_client};

/// Real time that requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// For a whole request, except for export files.
    pub whole: Duration,
    /// Without a byte arriving, in an export file.
    pub stalled: Duration,
    /// For a whole export file. One that takes longer goes on at the next fetch.
    pub file: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(60),
            stalled: Duration::from_secs(30),
            file: Duration::from_secs(600),
        }
    }
}

/// The URL of an authority's server: HTTPS, or HTTP on this machine's loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(Url);

impl ServerUrl {
    /// Checks a URL that a person or a document names.
    pub fn parse(text: &str) -> Result<Self, SyncError> {
        let bad = |reason| SyncError::BadUrl { url: text.to_owned(), reason };
        let mut url = Url::parse(text).map_err(|_| bad("it is not a URL"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(bad("only https is used, except on this machine's loopback")),
            _ => return Err(bad("it does not start with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it must not contain a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it must not contain ? or #"));
        }
        if !url.path().ends_with('/') {
            let folder = format!("{}/", url.path());
            url.set_path(&folder);
        }
        Ok(Self(url))
    }

    /// The URL of a path of ours below this one.
    pub fn join(&self, path: &str) -> Result<Url, SyncError> {
        let bad = |reason| SyncError::BadUrl { url: path.to_owned(), reason };
        let joined = self.0.join(path).map_err(|_| bad("it is not a path"))?;
        if !joined.as_str().starts_with(self.0.as_str()) {
            return Err(bad("it leads away from the server"));
        }
        Ok(joined)
    }

    /// A folder that a document names: an absolute URL, or a path below this server.
    ///
    /// No other machine may send a device to the programs of its own machine: an address of this
    /// machine is followed only if the authority itself is there.
    pub fn folder(&self, named: &str) -> Result<Self, SyncError> {
        if !named.contains("://") {
            return Self::parse(self.join(named)?.as_str());
        }
        let folder = Self::parse(named)?;
        if means_this_machine(&folder.0) && !is_loopback(&self.0) {
            let reason = "it means this machine, and the authority is elsewhere";
            return Err(SyncError::BadUrl { url: named.to_owned(), reason });
        }
        Ok(folder)
    }

    /// Refuses a document whose files are nowhere that this device would fetch from.
    pub(super) fn check_document(&self, document: &AuthorityDocument) -> Result<(), SyncError> {
        self.folder(&document.exports)?;
        self.folder(&document.warnings)?;
        Ok(())
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Whether a connection could end at this machine, whatever the scheme: more than [`is_loopback`].
fn means_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let of_v4 = |address: Ipv4Addr| address.is_loopback() || address.is_unspecified();
    let of_v6 = |address: Ipv6Addr| {
        address.is_loopback()
            || address.is_unspecified()
            || address.to_ipv4_mapped().is_some_and(of_v4)
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(of_v4)
        || host.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok_and(of_v6)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost"
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// A body and the server's time.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    pub(super) server_time: Option<UnixTime>,
}

/// Makes requests. Clients are built when first needed.
#[derive(Debug, Default)]
pub(super) struct Http {
    timeouts: Timeouts,
    remote: Mutex<Option<Client>>,
    local: Mutex<Option<Client>>,
}

impl Http {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
    }

    /// The same, without any connection of before; its own end with it.
    pub(super) fn apart(&self) -> Self {
        Self::new(self.timeouts)
    }

    /// `GET url`: a body of at most `limit` bytes.
    pub(super) async fn get(
        &self,
        url: Url,
        what: &str,
        limit: usize,
    ) -> Result<Fetched, SyncError> {
        let request = self.client(&url)?.get(url).timeout(self.timeouts.whole);
        fetched(send(request).await?, what, limit).await
    }

    /// The same, or none where the server has nothing there.
    pub(super) async fn get_if_there(
        &self,
        url: Url,
        what: &str,
        limit: usize,
    ) -> Result<Option<Fetched>, SyncError> {
        let request = self.client(&url)?.get(url).timeout(self.timeouts.whole);
        match send(request).await? {
            response if response.status() == StatusCode::NOT_FOUND => Ok(None),
            response => fetched(response, what, limit).await.map(Some),
        }
    }

    /// `POST url` with JSON bytes: status and a body of at most `limit` bytes.
    pub(super) async fn post(
        &self,
        url: Url,
        what: &str,
        json: Vec<u8>,
        limit: usize,
    ) -> Result<(StatusCode, Vec<u8>), SyncError> {
        let request = self
            .client(&url)?
            .post(url)
            .timeout(self.timeouts.whole)
            .header(CONTENT_TYPE, "application/json")
            .body(json);
        let response = send(request).await?;
        let status = response.status();
        Ok((status, body(response, what, limit).await?))
    }

    /// Downloads `url` to `part`, going on where an earlier attempt stopped. What has arrived
    /// stays on disk when the download fails; `received` counts it.
    pub(super) async fn download(
        &self,
        url: Url,
        what: &str,
        part: &Path,
        limit: u64,
        received: &mut u64,
    ) -> Result<(), SyncError> {
        let present = tokio::fs::metadata(part).await.map_or(0, |file| file.len());
        let mut request = self.client(&url)?.get(url).timeout(self.timeouts.file);
        if present > 0 {
            request = request.header(RANGE, format!("bytes={present}-"));
        }
        let response = self.unless_stalled(send(request)).await?;
        let continues = match response.status() {
            StatusCode::OK => false,
            StatusCode::PARTIAL_CONTENT if starts_at(response.headers(), present) => true,
            // Nothing behind what is here: it was complete, or the file is another one now.
            StatusCode::RANGE_NOT_SATISFIABLE if present > 0 => return Ok(()),
            _ => return Err(unexpected(what, &response)),
        };
        let mut length = if continues { present } else { 0 };
        let too_large = || SyncError::TooLarge { what: what.to_owned(), limit };
        if response.content_length().is_some_and(|more| length.saturating_add(more) > limit) {
            return Err(too_large());
        }
        let failed = |error| SyncError::file(part, error);
        let mut options = OpenOptions::new();
        options.write(true).create(true).append(continues).truncate(!continues);
        options.custom_flags(atomic_file::OWN_FILE_FLAGS);
        let mut file = options.open(part).await.map_err(failed)?;
        let mut response = response;
        while let Some(bytes) = self.unless_stalled(chunk(&mut response)).await? {
            length += bytes.len() as u64;
            *received += bytes.len() as u64;
            if length > limit {
                return Err(too_large());
            }
            file.write_all(&bytes).await.map_err(failed)?;
            // So that what has arrived is there after a kill.
            file.flush().await.map_err(failed)?;
        }
        Ok(())
    }

    async fn unless_stalled<T>(
        &self,
        step: impl Future<Output = Result<T, SyncError>>,
    ) -> Result<T, SyncError> {
        tokio::time::timeout(self.timeouts.stalled, step).await.unwrap_or_else(|_| {
            Err(SyncError::Unreachable { detail: "no data arrives".into(), never_sent: false })
        })
    }

    fn client(&self, url: &Url) -> Result<Client, SyncError> {
        let local = is_loopback(url);
        let slot = if local { &self.local } else { &self.remote };
        let mut slot = lock(slot);
        if let Some(client) = slot.as_ref() {
            return Ok(client.clone());
        }
        let builder =
            if local { http_client::local_client() } else { http_client::remote_client() };
        let client = builder
            .connect_timeout(self.timeouts.connect)
            .build()
            .map_err(|error| unreachable_because(&error, true))?;
        *slot = Some(client.clone());
        Ok(client)
    }
}

async fn send(request: RequestBuilder) -> Result<Response, SyncError> {
    request.send().await.map_err(|error| unreachable_because(&error, error.is_connect()))
}

async fn fetched(response: Response, what: &str, limit: usize) -> Result<Fetched, SyncError> {
    if response.status() != StatusCode::OK {
        return Err(unexpected(what, &response));
    }
    let server_time = time_of(response.headers());
    Ok(Fetched { bytes: body(response, what, limit).await?, server_time })
}

async fn chunk(response: &mut Response) -> Result<Option<Vec<u8>>, SyncError> {
    let bytes = response.chunk().await.map_err(|error| unreachable_because(&error, false))?;
    Ok(bytes.map(|bytes| bytes.to_vec()))
}

async fn body(mut response: Response, what: &str, limit: usize) -> Result<Vec<u8>, SyncError> {
    let too_large = || SyncError::TooLarge { what: what.to_owned(), limit: limit as u64 };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(more) = chunk(&mut response).await? {
        if bytes.len() + more.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&more);
    }
    Ok(bytes)
}

/// The whole chain of causes: the outermost one alone says little.
fn unreachable_because(error: &reqwest::Error, never_sent: bool) -> SyncError {
    let mut causes = vec![error.to_string()];
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    SyncError::Unreachable { detail: causes.join(": "), never_sent }
}

fn unexpected(what: &str, response: &Response) -> SyncError {
    let status = response.status();
    let status = if status.is_redirection() {
        format!("{status}, a redirection, which is not followed")
    } else {
        status.to_string()
    };
    SyncError::Unexpected { what: what.to_owned(), status }
}

/// Whether `Content-Range: bytes FIRST-...` continues at `offset`.
fn starts_at(headers: &HeaderMap, offset: u64) -> bool {
    headers
        .get(CONTENT_RANGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("bytes ")?.split('-').next()?.parse().ok())
        .is_some_and(|first: u64| first == offset)
}

/// The server's time (RFC 9110, 6.6.1), plus the time that a cache has stored the answer.
fn time_of(headers: &HeaderMap) -> Option<UnixTime> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let timestamp = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let seconds = u64::try_from(timestamp.as_second()).ok()?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.parse().ok()).unwrap_or(0);
    Some(UnixTime::from_secs(seconds).plus(age))
}

/// Removes a file that may be gone already.
pub(super) fn remove_file(path: &Path) -> Result<(), SyncError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(SyncError::file(path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_or_loopback() {
        for good in [
            "https://health.example",
            "https://health.example:8443/vn",
            "http://127.0.0.1:8080",
            "http://127.9.9.9/",
            "http://[::1]:80",
            "http://localhost:1",
        ] {
            assert!(ServerUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://health.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://0.0.0.0",
            "ftp://health.example",
            "https://user:secret@health.example",
            "https://health.example/?a=b",
            "https://health.example/#a",
            "health.example",
            "",
        ] {
            assert!(ServerUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_stay_below_the_server() {
        let server = ServerUrl::parse("https://health.example/vn").unwrap();
        assert_eq!(
            server.join("v1/authority").unwrap().as_str(),
            "https://health.example/vn/v1/authority"
        );
        for away in ["../x", "/x", "//other.example/x", "https://other.example/"] {
            assert!(server.join(away).is_err(), "{away}");
        }
        let elsewhere = server.folder("https://cdn.example/keys/").unwrap();
        assert_eq!(
            elsewhere.join("VN/index.txt").unwrap().as_str(),
            "https://cdn.example/keys/VN/index.txt"
        );
        assert!(server.folder("http://cdn.example/").is_err());
    }

    #[test]
    fn an_authority_elsewhere_sends_nobody_to_their_own_machine() {
        let server = ServerUrl::parse("https://health.example/vn").unwrap();
        let local = ServerUrl::parse("http://127.0.0.1:8080").unwrap();
        for here in [
            "http://127.0.0.1:631/",
            "http://localhost/",
            "https://localhost./",
            "https://a.localhost/",
            "https://127.1.2.3/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            assert!(server.folder(here).is_err(), "{here}");
        }
        for here in ["http://127.0.0.1:631/", "https://localhost./", "https://cdn.example/"] {
            assert!(local.folder(here).is_ok(), "{here}");
        }
    }

    #[test]
    fn time_of_an_answer() {
        let mut headers = HeaderMap::new();
        assert_eq!(time_of(&headers), None);
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        assert_eq!(time_of(&headers), Some(UnixTime::from_secs(784_111_777)));
        headers.insert(AGE, "23".parse().unwrap());
        assert_eq!(time_of(&headers), Some(UnixTime::from_secs(784_111_800)));
    }
}
