//! The control interface's handlers: each calls the engine once and returns its answer.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::control_api::{
    AcknowledgeRequest, AskCodeRequest, CheckInRequest, CheckOutRequest, ConfirmCodeRequest,
    DeclarationsRequest, DeclareRequest, DiaryForgetRequest, DiaryOffRequest, DiaryOnRequest,
    DiaryRemoveRequest, DiaryShowRequest, DisclosingRequest, DraftRequest, EnrolRequest,
    ExportRequest, ExposuresRequest, ExtendRequest, ForgetRequest, HistoryRequest, ImportRequest,
    Imported, LastFormRequest, Method, NearbyRequest, OpenRequest, Opened, PASSPHRASE_HEADER,
    PassRequest, PassSheetRequest, PeriodsRequest, PrepareRequest, RecentEventsRequest,
    ReportRequest, Request, SaveDraftRequest, StatusRequest, SyncRequest, VisitsRequest,
    WithdrawRequest,
};
use crate::engine::Engine;
use crate::failure::{Exit, Failure};
use crate::store::archive::{self, ArchiveError, MAX_ARCHIVE_BYTES};

type EngineHandle = Arc<Engine>;

/// Opens the page, which is served beside the control socket.
pub type OpenPage = Arc<dyn Fn() -> BoxFuture<'static, Result<Opened, Failure>> + Send + Sync>;

pub(super) fn router(engine: EngineHandle, open: OpenPage) -> Router {
    let open = move || {
        let opened = open();
        async move { respond(opened.await) }
    };
    let import = post(import).layer(DefaultBodyLimit::disable());
    Routes::default()
        .on(StatusRequest, |engine| async move { engine.status().await })
        .on(NearbyRequest, |engine| async move { Ok::<_, Failure>(engine.nearby()) })
        .on(HistoryRequest, |engine| async move { engine.history().await })
        .on(RecentEventsRequest, |engine| async move { Ok::<_, Failure>(engine.recent_events()) })
        .on(ExposuresRequest, |engine| async move { engine.exposures().await })
        .with(|engine, request: AcknowledgeRequest| async move { engine.acknowledge(request).await })
        .with(|engine, request: EnrolRequest| async move {
            engine.enrol(request).await?;
            engine.status().await
        })
        .on(SyncRequest, |engine| async move {
            engine.exchange_now().await?;
            engine.status().await
        })
        .with(|engine, request: CheckInRequest| async move { engine.check_in(request).await })
        .on(CheckOutRequest, |engine| async move { engine.check_out().await })
        .with(|engine, request: ExtendRequest| async move { engine.extend(request).await })
        .on(VisitsRequest, |engine| async move { Ok::<_, Failure>(engine.visits()) })
        .with(|engine, request: DiaryOnRequest| async move { engine.diary_on(request).await })
        .on(DiaryOffRequest, |engine| async move { engine.diary_off().await })
        .with(|engine, request: DiaryShowRequest| async move { engine.diary_show(request).await })
        .with(|engine, request: DisclosingRequest| async move {
            engine.diary_disclosing(request).await
        })
        .with(|engine, request: DiaryRemoveRequest| async move {
            engine.diary_remove(request).await
        })
        .on(DiaryForgetRequest, |engine| async move { engine.diary_forget().await })
        .on(PeriodsRequest, |engine| async move { engine.reportable_periods() })
        .with(|engine, request: ReportRequest| async move { engine.report(request).await })
        .with(|engine, request: ForgetRequest| async move { engine.forget(request).await })
        .declarations()
        .0
        .route(ExportRequest::PATH, post(export))
        .route(ImportRequest::PATH, import)
        .route(OpenRequest::PATH, post(open))
        .with_state(engine)
}

/// Routes to handlers, each by its request.
#[derive(Default)]
struct Routes(Router<EngineHandle>);

impl Routes {
    /// Those about declarations and passes.
    fn declarations(self) -> Self {
        self.on(PrepareRequest, |engine| async move { engine.prepare_declaration().await })
            .on(DraftRequest, |engine| async move { engine.declaration_draft().await })
            .with(
                |engine, request: SaveDraftRequest| async move { engine.save_draft(request).await },
            )
            .with(|engine, request: LastFormRequest| async move { engine.last_form(request).await })
            .with(|engine, request: AskCodeRequest| async move { engine.ask_code(request).await })
            .with(|engine, request: ConfirmCodeRequest| async move {
                engine.confirm_code(request).await
            })
            .with(|engine, request: DeclareRequest| async move { engine.declare(request).await })
            .on(DeclarationsRequest, |engine| async move { engine.declarations().await })
            .with(|engine, request: WithdrawRequest| async move { engine.withdraw(request).await })
            .with(|engine, request: PassRequest| async move { engine.show_pass(request).await })
            .with(
                |engine, request: PassSheetRequest| async move { engine.pass_sheet(request).await },
            )
    }

    /// A request that says everything by its path; what stands in its body is not looked at.
    fn on<R, F, A, E>(self, _request: R, answer: F) -> Self
    where
        R: Request,
        R::Response: Serialize,
        F: Fn(EngineHandle) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R::Response, E>> + Send + 'static,
        E: Into<Failure>,
    {
        let handler = move |State(engine): State<EngineHandle>| {
            let answered = answer(engine);
            async move { respond(answered.await) }
        };
        match R::METHOD {
            Method::Get => self.add::<R>(get(handler)),
            Method::Post => self.add::<R>(post(handler)),
        }
    }

    /// A request with a body.
    fn with<R, F, A, E>(self, answer: F) -> Self
    where
        R: Request + DeserializeOwned + Send + 'static,
        R::Response: Serialize,
        F: Fn(EngineHandle, R) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<R::Response, E>> + Send + 'static,
        E: Into<Failure>,
    {
        let handler = move |State(engine): State<EngineHandle>, Json(request): Json<R>| {
            let answered = answer(engine, request);
            async move { respond(answered.await) }
        };
        self.add::<R>(post(handler))
    }

    fn add<R: Request>(self, handler: MethodRouter<EngineHandle>) -> Self {
        Self(self.0.route(R::PATH, handler))
    }
}

fn respond<T>(answered: Result<T, impl Into<Failure>>) -> Result<Json<T>, Failure> {
    answered.map(Json).map_err(Into::into)
}

async fn export(
    State(engine): State<EngineHandle>,
    Json(request): Json<ExportRequest>,
) -> Result<Vec<u8>, Failure> {
    Ok(engine.export(request.passphrase).await?)
}

async fn import(
    State(engine): State<EngineHandle>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Imported>, Failure> {
    let passphrase = headers
        .get(PASSPHRASE_HEADER)
        .and_then(|value| hex::decode(value.as_bytes()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Failure::new(Exit::BadInput, "failure-passphrase-missing"))?;
    let file = receive_archive(&headers, body, MAX_ARCHIVE_BYTES).await?;
    respond(engine.import(ImportRequest { passphrase, file }).await)
}

/// An archive's bytes. What is none, or too long, is refused at its first bytes.
async fn receive_archive(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Vec<u8>, Failure> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > limit as u64) {
        return Err(ArchiveError::TooLong.into());
    }
    let mut pieces = body.into_data_stream();
    let mut file = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            Failure::new(Exit::BadInput, "failure-import-cut-short").because(error)
        })?;
        if file.len() + piece.len() > limit {
            return Err(ArchiveError::TooLong.into());
        }
        file.extend_from_slice(&piece);
        archive::check_beginning(&file)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Bytes;
    use futures_util::stream;

    use super::*;

    const LIMIT: usize = 13_000;

    /// How many of 1,000 pieces are taken, and whether they make an archive.
    async fn taken(piece: &'static [u8], length: Option<u64>) -> (usize, bool) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let pieces = stream::iter(0..1_000).map(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Infallible>(Bytes::from_static(piece))
        });
        let mut headers = HeaderMap::new();
        headers.extend(length.map(|length| (CONTENT_LENGTH, length.into())));
        let done = receive_archive(&headers, Body::from_stream(pieces), LIMIT).await;
        (count.load(Ordering::SeqCst), done.is_ok())
    }

    #[tokio::test]
    async fn what_is_no_archive_is_refused_at_its_first_bytes() {
        assert_eq!(taken(b"VXARCHIV\x01....", Some(13_000)).await, (1_000, true));
        assert_eq!(taken(b"PK\x03\x04........", None).await, (1, false));
        assert_eq!(taken(b"VX", None).await, (2, false));
        assert_eq!(taken(b"VXARCHIV\x02", None).await, (1, false), "a newer program's");
        let declared = LIMIT as u64 + 1;
        assert_eq!(taken(b"VXARCHIV\x01", Some(declared)).await, (0, false));
        assert_eq!(taken(b"VXARCHIV\x01.....", None).await, (929, false), "longer than declared");
    }
}
