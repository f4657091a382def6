//! The three requests of a publication, and the dummy uploads of them that every device sends at
//! random times: same sizes, same order, pauses from the same distribution. Only a flag inside
//! the encrypted body distinguishes them.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::{Rng, RngExt};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use vungxanh_protocol::api::{
    CERTIFICATE_PATH, CertificateRequest, CertificateResponse, PUBLISH_PATH, PUBLISH_REQUEST_BYTES,
    Padded, PublishRequest, PublishResponse, PublishedKey, TOKEN_REQUEST_BYTES, VERIFY_PATH,
    VerifyRequest, VerifyResponse, to_padded_json,
};
use vungxanh_protocol::publish::{HMAC_KEY_BYTES, TransmissionRisk, dummy_keys, tek_hmac};
use vungxanh_protocol::secret::SecretBytes;

use super::schedule::exponential;
use super::{CodeError, Enrolled, Inner, Sync, SyncError};
use crate::platform::clock::sleep_until;

/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Shortest pause between two requests, in seconds.
const SHORTEST_PAUSE_SECONDS: u64 = 1;
/// What is added to it on average, and at most so many times that.
const MEAN_PAUSE_SECONDS: f64 = 4.0;
const LONGEST_PAUSE_IN_MEANS: f64 = 4.0;
/// Test results that our clients publish.
const ACCEPTED: [&str; 2] = ["confirmed", "likely"];

/// An answer that could be read, whatever it says.
#[derive(Debug)]
pub(super) struct Reply<T> {
    pub(super) status: u16,
    pub(super) body: T,
}

/// A fresh nonce for the exchange of a code ([`VerifyRequest::nonce`]).
pub(super) fn new_nonce() -> String {
    BASE64_STANDARD.encode(SecretBytes::<32>::generate(&mut rand::rng()).expose())
}

/// Makes the requests to one authority.
#[derive(Clone)]
pub(super) struct Uploader {
    pub(super) shared: Arc<Inner>,
    pub(super) enrolled: Arc<Enrolled>,
}

impl Uploader {
    pub(super) async fn verify(
        &self,
        code: &str,
        nonce: &str,
        look_alike: bool,
    ) -> Result<Reply<VerifyResponse>, SyncError> {
        let request = VerifyRequest {
            code: code.to_owned(),
            accept: ACCEPTED.map(str::to_owned).to_vec(),
            nonce: nonce.to_owned(),
            look_alike,
            padding: String::new(),
        };
        self.post(VERIFY_PATH, "the verification code", request, TOKEN_REQUEST_BYTES).await
    }

    pub(super) async fn certificate(
        &self,
        token: &str,
        keys: &[PublishedKey],
        hmac_key: &[u8],
        look_alike: bool,
    ) -> Result<Reply<CertificateResponse>, SyncError> {
        let hmac = tek_hmac(keys, TransmissionRisk::Included, hmac_key);
        let request = CertificateRequest {
            token: token.to_owned(),
            ekeyhmac: BASE64_STANDARD.encode(hmac),
            look_alike,
            padding: String::new(),
        };
        self.post(CERTIFICATE_PATH, "the certificate request", request, TOKEN_REQUEST_BYTES).await
    }

    pub(super) async fn publish(
        &self,
        request: PublishRequest,
    ) -> Result<Reply<PublishResponse>, SyncError> {
        self.post(PUBLISH_PATH, "the publication", request, PUBLISH_REQUEST_BYTES).await
    }

    /// Waits between two requests, real and dummy upload from the same distribution.
    pub(super) async fn pause(&self) {
        let pause = pause_seconds(&mut rand::rng());
        let clock = self.shared.clock.as_ref();
        sleep_until(clock, clock.now().plus(pause)).await;
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &str,
        mut request: impl Padded,
        size: usize,
    ) -> Result<Reply<T>, SyncError> {
        let json = to_padded_json(&mut request, size)?;
        let url = self.enrolled.url.join(path)?;
        let (status, bytes) = self.shared.http.post(url, what, json, MAX_ANSWER_BYTES).await?;
        if status.as_u16() == 429 {
            return Err(SyncError::Code(CodeError::TooMany));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            return Err(SyncError::Busy);
        }
        // A server's own trouble is no answer to the question.
        let readable = if status.is_server_error() || status.is_redirection() {
            None
        } else {
            serde_json::from_slice(&bytes).ok()
        };
        let status = status.as_u16();
        readable.map(|body| Reply { status, body }).ok_or_else(|| SyncError::Unexpected {
            what: what.to_owned(),
            status: status.to_string(),
        })
    }
}

fn pause_seconds(rng: &mut impl Rng) -> u64 {
    SHORTEST_PAUSE_SECONDS + exponential(MEAN_PAUSE_SECONDS, LONGEST_PAUSE_IN_MEANS, rng)
}

/// A publication that publishes nothing. Also takes the place of the requests that a real one
/// does not need, because it is resumed or ended early: what the network shows is three requests in
/// any case, unless the network itself breaks one off.
pub(super) struct DummyUpload {
    uploader: Uploader,
    token: String,
    request: PublishRequest,
    /// The server took one of the requests for one too many. The others follow, as for a real publication.
    too_many: bool,
}

impl DummyUpload {
    pub(super) fn new(uploader: Uploader) -> Self {
        let document = uploader.enrolled.authority.document();
        let rng = &mut rand::rng();
        let keys = dummy_keys(
            uploader.shared.clock.now(),
            document.tracing.rolling_period,
            document.tracing.retention_days,
            rng,
        );
        let request = PublishRequest {
            temporary_exposure_keys: keys,
            health_authority_id: document.id.clone(),
            hmac_key: BASE64_STANDARD.encode(rng.random::<[u8; HMAC_KEY_BYTES]>()),
            look_alike: true,
            ..PublishRequest::default()
        };
        // Like those of servers that do not answer dummy uploads with a token.
        let token = BASE64_STANDARD.encode(rng.random::<[u8; 32]>());
        Self { uploader, token, request, too_many: false }
    }

    pub(super) async fn verify(&mut self) -> Result<(), SyncError> {
        let code = format!("{:08}", rand::rng().random_range(0..100_000_000));
        let answer = self.uploader.verify(&code, &new_nonce(), true).await;
        if let Some(body) = self.taken(answer)?.filter(|body| !body.token.is_empty()) {
            self.token = body.token;
        }
        Ok(())
    }

    pub(super) async fn certificate(&mut self) -> Result<(), SyncError> {
        let keys = &self.request.temporary_exposure_keys;
        let hmac_key = BASE64_STANDARD.decode(&self.request.hmac_key).unwrap_or_default();
        let answer = self.uploader.certificate(&self.token, keys, &hmac_key, true).await;
        if let Some(body) = self.taken(answer)? {
            self.request.verification_payload = body.certificate;
        }
        Ok(())
    }

    pub(super) async fn publish(self) -> Result<(), SyncError> {
        self.uploader.publish(self.request).await?;
        if self.too_many { Err(SyncError::Code(CodeError::TooMany)) } else { Ok(()) }
    }

    fn taken<T>(&mut self, answer: Result<Reply<T>, SyncError>) -> Result<Option<T>, SyncError> {
        match answer {
            Err(SyncError::Code(CodeError::TooMany)) => {
                self.too_many = true;
                Ok(None)
            }
            answer => answer.map(|answer| Some(answer.body)),
        }
    }
}

/// Which request of the three comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remaining {
    Two,
    One,
}

/// When a report ends early: sends dummy uploads of what would have followed, without keeping the person
/// waiting for them.
pub(super) fn send_remaining(uploader: Uploader, remaining: Remaining) {
    tokio::spawn(async move {
        let mut filler = DummyUpload::new(uploader.clone());
        uploader.pause().await;
        if remaining == Remaining::Two {
            filler.certificate().await?;
            uploader.pause().await;
        }
        filler.publish().await
    });
}

impl Sync {
    /// Sends one dummy upload and schedules the next, sooner if this one failed. To be
    /// called when [`Sync::next_dummy_upload`] has come.
    pub async fn dummy_upload(&self) -> Result<(), SyncError> {
        let uploader = self.uploader()?;
        let sent = send_dummy_upload(&uploader).await;
        let (now, succeeded) = (self.now(), sent.is_ok());
        self.change_schedule(move |schedule| {
            let parameters = &uploader.enrolled.authority.document().tracing;
            schedule.sent_dummy_upload(now, succeeded, parameters, &mut rand::rng());
        })
        .await?;
        if succeeded {
            self.change_progress(|progress| progress.dummy_uploads += 1).await?;
        }
        sent
    }

    pub(super) fn uploader(&self) -> Result<Uploader, SyncError> {
        Ok(Uploader { shared: Arc::clone(&self.shared), enrolled: self.enrolled()? })
    }
}

async fn send_dummy_upload(uploader: &Uploader) -> Result<(), SyncError> {
    let mut dummy = DummyUpload::new(uploader.clone());
    dummy.verify().await?;
    uploader.pause().await;
    dummy.certificate().await?;
    uploader.pause().await;
    dummy.publish().await
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn pauses_are_bounded_and_vary() {
        let mut rng = StdRng::seed_from_u64(1);
        let pauses: Vec<u64> = (0..5_000).map(|_| pause_seconds(&mut rng)).collect();
        assert!(pauses.iter().all(|pause| (1..=17).contains(pause)));
        let mean = pauses.iter().sum::<u64>() as f64 / pauses.len() as f64;
        assert!((4.5..5.5).contains(&mean), "{mean}");
    }
}
