//! Counts and times requests, by route. What is told of a request is in
//! [`crate::services::metrics`]; at debug level the log has a line for each, with the same.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::metrics::gauge::Gauge;
use vungxanh_protocol::api;
use vungxanh_protocol::declaration::{DECLARE_PATH, WITHDRAW_PATH};
use vungxanh_protocol::phone::{CODE_PATH, CONFIRM_PATH};

use crate::services::app::App;
use crate::services::metrics::{Answered, Route};

/// Where people's devices send something: whether it was refused is not told, nor a declaration from its
/// withdrawal.
const DEVICES: [(&str, &str); 7] = [
    (api::VERIFY_PATH, api::VERIFY_PATH),
    (api::CERTIFICATE_PATH, api::CERTIFICATE_PATH),
    (api::PUBLISH_PATH, api::PUBLISH_PATH),
    (DECLARE_PATH, DECLARE_PATH),
    (WITHDRAW_PATH, DECLARE_PATH),
    (CODE_PATH, "v1/phone"),
    (CONFIRM_PATH, "v1/phone"),
];

/// Where programs of the staff ask.
const STAFF: [&str; 4] =
    [api::ISSUE_PATH, api::BATCH_ISSUE_PATH, api::CODE_STATUS_PATH, api::EXPIRE_CODE_PATH];

/// Counts up for as long as it lives.
pub(super) struct Counted(Gauge);

impl Counted {
    pub(super) fn in_(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

pub(super) async fn measure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let metrics = &app.metrics;
    let _in_progress = Counted::in_(&metrics.requests_in_progress);
    let begun = Instant::now();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let (route, device) = route_of(matched.as_ref().map_or("", MatchedPath::as_str));
    let status = class_of(response.status(), device);
    let seconds = begun.elapsed().as_secs_f64();
    metrics.requests.get_or_create(&Answered { route: route.clone(), status }).inc();
    metrics.request_seconds.get_or_create(&Route { route: route.clone() }).observe(seconds);
    tracing::debug!(route, status, milliseconds = (seconds * 1_000.0) as u64, "answered");
    response
}

/// The route as it is shown, and whether devices send something there. Never a path as it was asked for.
fn route_of(matched: &str) -> (String, bool) {
    let path = matched.trim_start_matches('/');
    if let Some((_, shown)) = DEVICES.iter().find(|(device, _)| *device == path) {
        return (format!("/{shown}"), true);
    }
    let below = |root: &str| path == root || path.starts_with(&format!("{root}/"));
    let staffs = STAFF.contains(&path) || below("v1/statistics");
    let route = match path {
        _ if below("staff") || staffs => "/staff",
        _ if below("venue") => "/venue",
        "" if matched.is_empty() => "none",
        _ => matched,
    };
    (route.to_owned(), false)
}

fn class_of(status: StatusCode, device: bool) -> &'static str {
    match status.as_u16() {
        503 => "503",
        500.. => "5xx",
        _ if device => "answered",
        400.. => "4xx",
        300.. => "3xx",
        _ => "2xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_devices_it_is_not_told_what_was_refused_and_of_staff_not_what_was_done() {
        let device = |path| {
            let (route, device) = route_of(path);
            (route, class_of(StatusCode::BAD_REQUEST, device))
        };
        assert_eq!(device("/v1/publish"), ("/v1/publish".to_owned(), "answered"));
        assert_eq!(device("/v1/withdraw"), device("/v1/declare"));
        assert_eq!(device("/v1/phone/confirm"), device("/v1/phone/code"));
        for path in [
            "/api/issue",
            "/api/expirecode",
            "/v1/statistics",
            "/v1/statistics/days.csv",
            "/staff/cases/{case}",
            "/staff",
        ] {
            assert_eq!(device(path), ("/staff".to_owned(), "4xx"));
        }
        assert_eq!(device("/venue/posters/{unit}").0, "/venue");
        assert_eq!(device("").0, "none");
        assert_eq!(device("/v1/exports/{region}/{file}").0, "/v1/exports/{region}/{file}");
    }

    #[test]
    fn a_server_that_is_busy_stands_apart_from_one_that_fails() {
        for device in [true, false] {
            assert_eq!(class_of(StatusCode::SERVICE_UNAVAILABLE, device), "503");
            assert_eq!(class_of(StatusCode::INTERNAL_SERVER_ERROR, device), "5xx");
        }
    }
}
