//! Replies of one size, and the pace of real ones for clients that send chaff.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rand::RngExt;
use serde::Serialize;
use vungxanh_protocol::api::{
    CertificateResponse, PUBLISH_RESPONSE_BYTES, Padded, PublishResponse, TOKEN_RESPONSE_BYTES,
    VerifyResponse, to_padded_json,
};

/// A reply whose every body has one size.
pub trait ConstantSize: Padded + Default {
    /// That size in bytes.
    const BYTES: usize;
}

impl ConstantSize for VerifyResponse {
    const BYTES: usize = TOKEN_RESPONSE_BYTES;
}

impl ConstantSize for CertificateResponse {
    const BYTES: usize = TOKEN_RESPONSE_BYTES;
}

impl ConstantSize for PublishResponse {
    const BYTES: usize = PUBLISH_RESPONSE_BYTES;
}

/// The body as JSON of its constant size.
pub fn padded<B: ConstantSize>(status: StatusCode, mut body: B) -> Response {
    match to_padded_json(&mut body, B::BYTES) {
        Ok(json) => json_response(status, json),
        Err(error) => {
            tracing::error!(%error, "a reply is too long");
            let json = to_padded_json(&mut B::default(), B::BYTES).unwrap_or_default();
            json_response(StatusCode::INTERNAL_SERVER_ERROR, json)
        }
    }
}

/// The body as JSON of any size, for staff.
pub fn plain(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(json) => json_response(status, json),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, json).into_response()
}

/// How long the last real requests took, of each kind.
#[derive(Debug, Default)]
pub struct Pace([Mutex<VecDeque<Duration>>; 3]);

/// A kind of request.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `api/verify`.
    Verify,
    /// `api/certificate`.
    Certificate,
    /// `v1/publish`.
    Publish,
}

impl Pace {
    const KEPT: usize = 100;

    /// Notes a real request.
    pub fn note(&self, kind: Kind, started: Instant) {
        let mut recent = self.recent(kind);
        if recent.len() == Self::KEPT {
            recent.pop_front();
        }
        recent.push_back(started.elapsed());
    }

    /// As long as one of the recent real requests took.
    pub fn draw(&self, kind: Kind) -> Duration {
        let recent = self.recent(kind);
        if recent.is_empty() {
            return Duration::from_millis(rand::rng().random_range(5..25));
        }
        recent[rand::rng().random_range(0..recent.len())]
    }

    fn recent(&self, kind: Kind) -> std::sync::MutexGuard<'_, VecDeque<Duration>> {
        self.0[kind as usize].lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
