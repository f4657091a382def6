//! What clients send.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::rngs::StdRng;
use rand::{CryptoRng, RngExt};
use vungxanh_protocol::api::{
    CertificateRequest, IssueRequest, PUBLISH_REQUEST_BYTES, Padded, PublishRequest,
    TOKEN_REQUEST_BYTES, VerifyRequest, to_padded_json,
};
use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::declaration::{
    DECLARE_REQUEST_BYTES, DeclareRequest, Envelope, Form, FormKind, SealedForm,
};
use vungxanh_protocol::intake::IntakeKey;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{BUNDLE_PASSES, DayKey, PassRequest};
use vungxanh_protocol::publish::{HMAC_KEY_BYTES, TransmissionRisk, dummy_keys, tek_hmac};
use vungxanh_protocol::secret::SecretBytes;

/// Where the server is for those who ask it, as its own pages are told.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// `http://HOST:PORT`.
    pub(super) url: String,
}

impl Origin {
    fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// A request without a body. `headers` are whole lines.
    pub(super) fn get(&self, path: &str, headers: &str) -> Vec<u8> {
        let path = path.trim_start_matches('/');
        format!("GET /{path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.host()).into_bytes()
    }

    pub(super) fn post(&self, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let (path, length) = (path.trim_start_matches('/'), body.len());
        let host = self.host();
        let head = format!(
            "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        [head.as_bytes(), body].concat()
    }

    /// JSON as our programs send it.
    pub(super) fn post_json(&self, path: &str, body: &[u8]) -> Vec<u8> {
        self.post(path, "content-type: application/json\r\n", body)
    }

    /// A form of a page, from a browser that has seen the page.
    pub(super) fn post_form(&self, path: &str, cookie: &str, body: &str) -> Vec<u8> {
        let headers = format!(
            "content-type: application/x-www-form-urlencoded\r\norigin: {}\r\n{}",
            self.url,
            cookie_line(cookie)
        );
        self.post(path, &headers, body.as_bytes())
    }
}

pub(super) fn cookie_line(cookie: &str) -> String {
    if cookie.is_empty() { String::new() } else { format!("cookie: {cookie}\r\n") }
}

/// A device's upload, real or dummy: three requests, each of which needs the answer to the one before.
pub(super) struct Upload {
    request: PublishRequest,
    hmac: String,
    nonce: String,
}

impl Upload {
    pub(super) fn new(
        document: &AuthorityDocument,
        now: UnixTime,
        is_dummy: bool,
        rng: &mut StdRng,
    ) -> Self {
        let tracing = &document.tracing;
        let keys = dummy_keys(now, tracing.rolling_period, tracing.retention_days, rng);
        let hmac_key: [u8; HMAC_KEY_BYTES] = rng.random();
        let hmac = tek_hmac(&keys, TransmissionRisk::Included, &hmac_key);
        let request = PublishRequest {
            temporary_exposure_keys: keys,
            health_authority_id: document.id.clone(),
            hmac_key: BASE64_STANDARD.encode(hmac_key),
            look_alike: is_dummy,
            ..PublishRequest::default()
        };
        let nonce = BASE64_STANDARD.encode(rng.random::<[u8; 32]>());
        Self { request, hmac: BASE64_STANDARD.encode(hmac), nonce }
    }

    pub(super) fn keys(&self) -> u64 {
        self.request.temporary_exposure_keys.len() as u64
    }

    pub(super) fn verify(&self, code: &str) -> Vec<u8> {
        let request = VerifyRequest {
            code: code.to_owned(),
            accept: ["confirmed", "likely"].map(str::to_owned).to_vec(),
            nonce: self.nonce.clone(),
            look_alike: self.request.look_alike,
            padding: String::new(),
        };
        padded(request, TOKEN_REQUEST_BYTES)
    }

    pub(super) fn certificate(&self, token: &str) -> Vec<u8> {
        let request = CertificateRequest {
            token: token.to_owned(),
            ekeyhmac: self.hmac.clone(),
            look_alike: self.request.look_alike,
            padding: String::new(),
        };
        padded(request, TOKEN_REQUEST_BYTES)
    }

    pub(super) fn publish(mut self, certificate: String) -> Vec<u8> {
        self.request.verification_payload = certificate;
        padded(self.request, PUBLISH_REQUEST_BYTES)
    }
}

/// Empty if it does not fit, which the server refuses and the table shows.
fn padded(mut request: impl Padded, bytes: usize) -> Vec<u8> {
    to_padded_json(&mut request, bytes).unwrap_or_default()
}

/// What staff ask a code with.
pub(super) fn code_order() -> Vec<u8> {
    let order =
        IssueRequest { long: true, test_type: "confirmed".into(), ..IssueRequest::default() };
    serde_json::to_vec(&order).unwrap_or_default()
}

/// A declaration of `day` that asks for 24 passes; none if the keys do not fit.
pub(super) fn declaration(
    authority: &str,
    (day, key): (u16, &IntakeKey),
    pass_key: &DayKey,
    rng: &mut impl CryptoRng,
) -> Option<Vec<u8>> {
    let form = Form {
        name: "Nguyễn Văn An".into(),
        born: Some(1990),
        phone: "0912345678".into(),
        ward: Some(4),
        symptoms: Some(Vec::new()),
        consent: Some(1),
        ..Form::new(FormKind::Daily, day)
    }
    .normalised();
    let envelope = Envelope::of(&form, rng.random());
    let sealed = SealedForm::seal(&form, &envelope, authority, key, rng).ok()?;
    let requests: Result<Vec<_>, _> =
        (0..BUNDLE_PASSES).map(|_| PassRequest::new(pass_key, rng)).collect();
    let passes: Vec<_> = requests.ok()?.iter().map(PassRequest::blinded).collect();
    let receipt = SecretBytes::generate(rng);
    let mut request = DeclareRequest::new(&envelope, key.id, &sealed, &receipt, &passes, 0);
    to_padded_json(&mut request, DECLARE_REQUEST_BYTES).ok()
}
