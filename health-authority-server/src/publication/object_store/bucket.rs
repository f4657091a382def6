//! A client of a bucket, as the configuration describes it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use crate::authority::place::S3;
use crate::authority::s3_credentials::Credentials;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a request is sent again after the first time.
const RETRIES: usize = 3;

/// Which bucket, and how it is reached.
#[derive(Debug, Clone)]
pub struct Bucket<'a> {
    pub name: &'a str,
    /// Before the names of files, without a slash at either end.
    pub prefix: &'a str,
    pub settings: &'a S3,
    pub credentials: &'a Credentials,
    /// The region of files that are served from here.
    pub region: &'a str,
    /// The folder of files that devices fetched.
    pub cache: PathBuf,
}

impl Bucket<'_> {
    pub(super) fn client(&self) -> io::Result<AmazonS3> {
        let timeout = Duration::from_secs(self.settings.timeout_seconds);
        let retries = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(2),
                base: 2.0,
            },
            max_retries: RETRIES,
            retry_timeout: timeout,
        };
        let conditional = match self.settings.conditional_writes {
            true => S3ConditionalPut::ETagMatch,
            false => S3ConditionalPut::Disabled,
        };
        let endpoint = &self.settings.endpoint;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(self.name)
            .with_region(&self.settings.region)
            .with_virtual_hosted_style_request(!self.settings.path_style)
            .with_access_key_id(&self.credentials.key_id)
            .with_secret_access_key(self.credentials.secret_key.as_str())
            .with_conditional_put(conditional)
            // Stores other than Amazon's do not all know deletion of many at once.
            .with_disable_bulk_delete(true)
            .with_retry(retries)
            // The configuration allows it on this machine only.
            .with_allow_http(endpoint.starts_with("http://"))
            .with_http_connector(Connector { is_local: endpoint.starts_with("http://"), timeout });
        if !endpoint.is_empty() {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(token) = &self.credentials.session_token {
            builder = builder.with_token(token.as_str());
        }
        builder.build().map_err(io::Error::other)
    }
}

/// Makes the client of HTTP: the one TLS stack of this program, no redirects.
#[derive(Debug)]
struct Connector {
    /// On this machine, whatever proxy the environment names.
    is_local: bool,
    timeout: Duration,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        // A second provider in one process is refused, the first one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(self.timeout))
            .read_timeout(self.timeout)
            .timeout(self.timeout * 4)
            .pool_idle_timeout(Duration::from_secs(30))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("health-authority-server");
        if self.is_local {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| object_store::Error::Generic {
            store: "S3",
            source: Box::new(error),
        })?;
        Ok(HttpClient::new(client))
    }
}
