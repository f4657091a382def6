//! The control interface's handlers: each calls the engine once and returns its answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::cli::{Exit, Failure};
use crate::control_api::{
    CheckInRequest, CheckedIn, CheckedOut, Diary, DiaryVisits, DisclosingRequest, EnrollRequest,
    ExportRequest, Exposures, ExtendRequest, ForgetRequest, Forgotten, History, Imported, Nearby,
    PASSPHRASE_HEADER, PassphraseRequest, ReportRequest, ReportablePeriods, Reported, SeenRequest,
    Status, VisitStatus, Visits,
};
use crate::engine::Engine;

/// The longest file of own data that is imported, in bytes.
const MAX_IMPORT_BYTES: usize = 512 * 1024 * 1024;

type Answer<T> = Result<Json<T>, Failure>;
type Shared = State<Arc<Engine>>;

pub(super) fn router(engine: Arc<Engine>) -> Router {
    let import = post(import).layer(DefaultBodyLimit::max(MAX_IMPORT_BYTES));
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/nearby", get(nearby))
        .route("/v1/history", get(history))
        .route("/v1/exposures", get(exposures))
        .route("/v1/exposures/seen", post(seen))
        .route("/v1/enroll", post(enroll))
        .route("/v1/sync", post(sync))
        .route("/v1/checkin", post(check_in))
        .route("/v1/checkout", post(check_out))
        .route("/v1/extend", post(extend))
        .route("/v1/visits", get(visits))
        .route("/v1/diary/on", post(diary_on))
        .route("/v1/diary/off", post(diary_off))
        .route("/v1/diary/show", post(diary_show))
        .route("/v1/diary/disclosing", post(diary_disclosing))
        .route("/v1/diary/forget", post(diary_forget))
        .route("/v1/report/periods", get(periods))
        .route("/v1/report", post(report))
        .route("/v1/export", post(export))
        .route("/v1/import", import)
        .route("/v1/forget", post(forget))
        .with_state(engine)
}

async fn status(State(engine): Shared) -> Answer<Status> {
    Ok(Json(engine.status().await?))
}

async fn nearby(State(engine): Shared) -> Json<Nearby> {
    Json(engine.nearby())
}

async fn history(State(engine): Shared) -> Answer<History> {
    Ok(Json(engine.history().await?))
}

async fn exposures(State(engine): Shared) -> Answer<Exposures> {
    Ok(Json(engine.exposures().await?))
}

async fn seen(State(engine): Shared, Json(request): Json<SeenRequest>) -> Answer<()> {
    Ok(Json(engine.seen(request).await?))
}

async fn enroll(State(engine): Shared, Json(request): Json<EnrollRequest>) -> Answer<Status> {
    engine.enroll(request).await?;
    Ok(Json(engine.status().await?))
}

async fn sync(State(engine): Shared) -> Answer<Status> {
    engine.exchange_now().await?;
    Ok(Json(engine.status().await?))
}

async fn check_in(State(engine): Shared, Json(request): Json<CheckInRequest>) -> Answer<CheckedIn> {
    Ok(Json(engine.check_in(request).await?))
}

async fn check_out(State(engine): Shared) -> Answer<CheckedOut> {
    Ok(Json(engine.check_out().await?))
}

async fn extend(State(engine): Shared, Json(request): Json<ExtendRequest>) -> Answer<VisitStatus> {
    Ok(Json(engine.extend(request).await?))
}

async fn visits(State(engine): Shared) -> Json<Visits> {
    Json(engine.visits())
}

async fn diary_on(State(engine): Shared, Json(request): Json<PassphraseRequest>) -> Answer<Diary> {
    Ok(Json(engine.diary_on(request).await?))
}

async fn diary_off(State(engine): Shared) -> Answer<Diary> {
    Ok(Json(engine.diary_off().await?))
}

async fn diary_show(
    State(engine): Shared,
    Json(request): Json<PassphraseRequest>,
) -> Answer<DiaryVisits> {
    Ok(Json(engine.diary_show(request).await?))
}

async fn diary_disclosing(
    State(engine): Shared,
    Json(request): Json<DisclosingRequest>,
) -> Answer<Diary> {
    Ok(Json(engine.diary_disclosing(request).await?))
}

async fn diary_forget(State(engine): Shared) -> Answer<Diary> {
    Ok(Json(engine.diary_forget().await?))
}

async fn periods(State(engine): Shared) -> Answer<ReportablePeriods> {
    Ok(Json(engine.reportable_periods()))
}

async fn report(State(engine): Shared, Json(request): Json<ReportRequest>) -> Answer<Reported> {
    Ok(Json(engine.report(request).await?))
}

async fn export(
    State(engine): Shared,
    Json(request): Json<ExportRequest>,
) -> Result<Vec<u8>, Failure> {
    engine.export(request.passphrase).await
}

async fn import(State(engine): Shared, headers: HeaderMap, body: Bytes) -> Answer<Imported> {
    let passphrase = headers
        .get(PASSPHRASE_HEADER)
        .and_then(|value| hex::decode(value.as_bytes()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Failure::new(Exit::BadInput, "failure-passphrase-missing"))?;
    Ok(Json(engine.import(passphrase, body.to_vec()).await?))
}

async fn forget(State(engine): Shared, Json(request): Json<ForgetRequest>) -> Answer<Forgotten> {
    Ok(Json(engine.forget(request).await?))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self.exit() {
            Exit::Negative => StatusCode::CONFLICT,
            Exit::Usage | Exit::BadInput => StatusCode::BAD_REQUEST,
            Exit::NotRunning | Exit::Network => StatusCode::BAD_GATEWAY,
            Exit::Store => StatusCode::INSUFFICIENT_STORAGE,
        };
        (status, Json(self.to_refusal())).into_response()
    }
}
