//! An authority's keys and document, for unit tests and integration tests alike: these read this file, too.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p256::pkcs8::{EncodePublicKey, LineEnding};
use vungxanh_protocol::authority::{AuthorityDocument, ContactRules, ExportKey, TracingParameters};
use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_protocol::venue::rules::VenueRules;

/// What the document says of tracing.
pub(crate) const TRACING: TracingParameters = TracingParameters {
    plain_gaen: false,
    rolling_period: RollingPeriod::SIX_HOURS,
    retention_days: 14,
    clock_tolerance: 1,
    look_alike_mean_hours: 24,
    sync_mean_minutes: 120,
};

pub(crate) fn root(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn export_signer(seed: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap()
}

/// Of the root key 1 and the export key 2. It counts for 30 days from `now` on.
pub(crate) fn document(serial: u64, now: UnixTime) -> AuthorityDocument {
    let text = |vi: &str, en: &str| -> BTreeMap<String, String> {
        [("vi".into(), vi.into()), ("en".into(), en.into())].into()
    };
    AuthorityDocument {
        format: 1,
        id: "vn.example".into(),
        name: text("Sở Y tế", "Department of Health"),
        serial,
        issued_at: now.minus(86_400),
        expires_at: now.plus(30 * 86_400),
        root_key: BASE64_STANDARD.encode(root(1).verifying_key().as_bytes()),
        regions: vec!["VN".into()],
        exports: "v1/exports/".into(),
        export_keys: vec![ExportKey {
            id: "452".into(),
            version: "v1".into(),
            public_key: export_signer(2).verifying_key().to_public_key_pem(LineEnding::LF).unwrap(),
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
        advice: text("Ở nhà.", "Stay at home."),
        contacts: ContactRules { test_after_days: Some(3), apart_days: Some(14) },
        declarations: None,
    }
}
