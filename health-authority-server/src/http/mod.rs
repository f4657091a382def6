//! HTTP: thin handlers over the domain and the named transactions.

mod assets;
mod checkin;
mod confirmation;
pub mod connections;
mod dates;
mod declaration_codes;
mod declarations;
mod declare_page;
mod door_page;
mod error;
mod file_body;
mod form;
mod frame;
mod health;
mod help_page;
mod in_flight;
mod login;
mod measured;
mod operations;
mod page;
mod page_error;
mod pieces;
mod problems;
mod public;
mod published;
mod qr;
mod reply;
mod session;
mod settings;
mod staff_api;
mod staff_api_codes;
mod staff_portal;
mod standalone;
mod start;
mod statistics_files;
mod unit_files;
mod venue;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{any, get, post};
use jiff::tz::TimeZone;
use tower_http::timeout::TimeoutLayer;
use vungxanh_protocol::api;
use vungxanh_protocol::authority::DOCUMENT_PATH;

use self::in_flight::Turns;
pub use self::operations::operations_router;
use self::page::Portal;
use crate::services::app::App;

/// A request that takes longer is given up.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// IMF-fixdate (RFC 9110, 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

pub fn router(app: Arc<App>) -> Router {
    let path = |path: &str| format!("/{path}");
    let programs = Turns::new(in_flight::API_REQUESTS, app.metrics.queue("requests"));
    Router::new()
        .route(&path(DOCUMENT_PATH), get(published::document))
        .route(&path(api::VERIFY_PATH), post(public::verify))
        .route(&path(api::CERTIFICATE_PATH), post(public::certificate))
        .route(&path(api::PUBLISH_PATH), post(public::publish))
        .route(&path(api::ISSUE_PATH), post(staff_api::issue))
        .merge(staff_api_codes::routes())
        .merge(declarations::routes())
        .merge(declaration_codes::routes())
        .route("/v1/statistics", get(staff_api::statistics))
        .route("/v1/statistics/days.json", get(staff_api::statistics_json))
        .route("/v1/statistics/days.csv", get(staff_api::statistics_csv))
        .route(&format!("/{}{{region}}/{{file}}", api::EXPORTS_PATH), get(published::export_file))
        .route(&format!("/{}{{region}}/{{file}}", api::WARNINGS_PATH), get(published::warning_file))
        .route("/health", get(health::health))
        .route("/v", get(checkin::page))
        .route("/assets/{file}", get(assets::file))
        .route(assets::EMBLEM_PATH, get(assets::emblem))
        .route("/service-worker.js", get(assets::service_worker))
        .route(declare_page::PATH, get(declare_page::page))
        .route("/declare-service-worker.js", get(assets::declare_service_worker))
        .route(door_page::PATH, get(door_page::page))
        .route("/door-service-worker.js", get(assets::door_service_worker))
        .route("/units/{file}", get(unit_files::file))
        .route("/api/{*path}", any(start::no_such_path))
        .route("/v1/{*path}", any(start::no_such_path))
        .layer(from_fn_with_state(programs, in_flight::in_turn))
        .nest(
            Portal::Venue.root(),
            pages(
                &app,
                Portal::Venue,
                venue::routes().merge(login::routes()).merge(settings::routes()),
            ),
        )
        .nest(
            Portal::Staff.root(),
            pages(
                &app,
                Portal::Staff,
                staff_portal::routes().merge(login::routes()).merge(settings::routes()),
            ),
        )
        .merge(pages(&app, Portal::Public, start::routes().merge(help_page::routes())))
        .layer(DefaultBodyLimit::max(api::MAX_PUBLISH_REQUEST_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(axum::middleware::map_response_with_state(Arc::clone(&app), date_response))
        .layer(from_fn_with_state(Arc::clone(&app), measured::measure))
        .with_state(app)
}

/// Pages, with what [`page::enter`] does before and after each. A path that leads nowhere is a page
/// too.
fn pages(app: &Arc<App>, portal: Portal, routes: Router<Arc<App>>) -> Router<Arc<App>> {
    let state = (Arc::clone(app), portal);
    let forms = Turns::new(in_flight::FORMS, app.metrics.queue("forms"));
    routes
        .fallback(page_error::not_found)
        .method_not_allowed_fallback(page_error::not_found)
        .layer(from_fn_with_state(state, page::enter))
        .layer(from_fn_with_state(forms, in_flight::in_turn))
}

/// Dates every response by the server's clock (RFC 9110, 6.6.1): devices compare theirs with it.
async fn date_response(State(app): State<Arc<App>>, mut response: Response) -> Response {
    let seconds = i64::try_from(app.clock.now().as_secs()).unwrap_or(i64::MAX);
    let date = jiff::Timestamp::from_second(seconds)
        .ok()
        .and_then(|now| now.to_zoned(TimeZone::UTC).strftime(HTTP_DATE).to_string().parse().ok());
    if let Some(date) = date {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}
