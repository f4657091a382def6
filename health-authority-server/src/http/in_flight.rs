//! How many requests with a body are taken at a time. What waits is not read yet, so that many large
//! or slow ones fill no memory.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Semaphore;

use super::measured::Counted;
use super::reply::later;

/// For programs: devices, staff's systems.
pub(super) const API_REQUESTS: usize = 512;
/// For each portal's pages.
pub(super) const FORMS: usize = 128;
/// How long a request waits for its turn.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The turns of one kind of request, and what counts those that wait.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    turns: Arc<Semaphore>,
    waiting: Gauge,
}

impl Turns {
    pub(super) fn new(at_a_time: usize, waiting: Gauge) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_a_time)), waiting }
    }
}

/// The request when it is its turn; otherwise "later".
pub(super) async fn in_turn(State(turns): State<Turns>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let waiting = Counted::in_(&turns.waiting);
    let turn = tokio::time::timeout(TIMEOUT, turns.turns.acquire()).await;
    drop(waiting);
    match turn {
        Ok(Ok(_turn)) => next.run(request).await,
        _ => later((StatusCode::SERVICE_UNAVAILABLE, "busy; try again later\n").into_response()),
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn requests_with_a_body_wait_for_their_turn_and_readers_do_not() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (begun, go_on) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let waiting = Gauge::default();
        let work = (begun.clone(), go_on.clone());
        let take = async move || {
            work.0.fetch_add(1, Ordering::SeqCst);
            work.1.acquire().await.unwrap().forget();
        };
        let router = Router::new()
            .route("/", get(async || "read").post(take))
            .layer(from_fn_with_state(Turns::new(2, waiting.clone()), in_turn));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(axum::serve(listener, router).into_future());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let posts = (0..4).map(|_| tokio::spawn(http.post(&url).send()));
        let posts: Vec<_> = posts.collect();
        while begun.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(http.get(&url).send().await.unwrap().text().await.unwrap(), "read");
        // Time in which the others would begin, if they did not wait.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(begun.load(Ordering::SeqCst), 2);
        assert_eq!(waiting.get(), 2);
        go_on.add_permits(4);
        for post in posts {
            assert_eq!(post.await.unwrap().unwrap().status(), StatusCode::OK);
        }
        assert_eq!(waiting.get(), 0);
        server.abort();
    }
}
