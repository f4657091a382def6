//! An enrolled authority, and a server of its that has only its document.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p256::pkcs8::{EncodePublicKey, LineEnding};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use vungxanh_protocol::authority::{AuthorityDocument, ExportKey, TracingParameters};
use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_protocol::venue::rules::VenueRules;

use crate::store::EncounterStore;
use crate::sync::test_access::pin;

/// What its document says of tracing.
pub(crate) const TRACING: TracingParameters = TracingParameters {
    plain_gaen: false,
    rolling_period: RollingPeriod::SIX_HOURS,
    retention_days: 14,
    clock_tolerance: 1,
    look_alike_mean_hours: 24,
    sync_mean_minutes: 120,
};

/// Enrols an authority whose document counts for 30 days, at a port where nothing listens.
pub(crate) fn enrol(store: &dyn EncounterStore, now: UnixTime) {
    enrol_at("http://127.0.0.1:1", store, now);
}

/// The same at a URL. Returns the signed document.
pub(crate) fn enrol_at(url: &str, store: &dyn EncounterStore, now: UnixTime) -> Vec<u8> {
    let signed = signed_document(now);
    pin(url, &signed, store, now);
    signed
}

/// Answers with the files by their paths, by the time that `date` gives, and refuses everything else.
/// `meanwhile` happens before the answer for a path leaves.
pub(crate) async fn answer(
    listener: &TcpListener,
    files: &[(&str, &[u8])],
    date: impl Fn() -> UnixTime,
    meanwhile: impl Fn(&str),
) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        let length = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let path = request.split(' ').nth(1).unwrap().trim_start_matches('/');
        let date = jiff::Timestamp::from_second(date().as_secs() as i64).unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
        meanwhile(path);
        let file = files.iter().find(|(name, _)| *name == path);
        let (status, body) = file.map_or((404, &[][..]), |(_, bytes)| (200, bytes));
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    }
}

fn signed_document(now: UnixTime) -> Vec<u8> {
    let root = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let signer = p256::ecdsa::SigningKey::from_slice(&[2; 32]).unwrap();
    let text = || -> BTreeMap<String, String> {
        [("vi".into(), "Sở Y tế".into()), ("en".into(), "Department of Health".into())].into()
    };
    let document = AuthorityDocument {
        format: 1,
        id: "vn.example".into(),
        name: text(),
        serial: 1,
        issued_at: now.minus(86_400),
        expires_at: now.plus(30 * 86_400),
        root_key: BASE64_STANDARD.encode(root.verifying_key().as_bytes()),
        regions: vec!["VN".into()],
        exports: "v1/exports/".into(),
        export_keys: vec![ExportKey {
            id: "452".into(),
            version: "v1".into(),
            public_key: signer.verifying_key().to_public_key_pem(LineEnding::LF).unwrap(),
            not_before: now.minus(86_400),
            not_after: now.plus(30 * 86_400),
        }],
        tracing: TRACING,
        risk: RiskParameters {
            low_from_daily_score: 600,
            high_from_daily_score: 6_000,
            ..RiskParameters::enx_default()
        },
        venues: VenueRules { lingering_minutes: 0, minimum_overlap_minutes: 15, time_weight: 50 },
        warnings: "v1/warnings/".into(),
        venue_keys: Vec::new(),
        advice: text(),
    };
    document.to_signed(&root).unwrap()
}
