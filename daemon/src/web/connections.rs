//! Connections to the page: of this user only, few at a time, none that stands still.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use super::peer;

/// A browser opens six at most to one address.
const MAX_CONNECTIONS: usize = 32;
/// A connection on which not a byte moves for this time is closed.
const STILL: Duration = Duration::from_secs(60);
/// After an error that is not one connection's own, such as too many open files.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct OwnConnections {
    listener: TcpListener,
    here: SocketAddr,
    places: Arc<Semaphore>,
}

impl OwnConnections {
    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        let here = listener.local_addr()?;
        Ok(Self { listener, here, places: Arc::new(Semaphore::new(MAX_CONNECTIONS)) })
    }

    async fn next(&self) -> io::Result<(Connection, SocketAddr)> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        loop {
            let (stream, peer) = self.listener.accept().await?;
            if peer::is_own(peer, self.here).await {
                let _ = stream.set_nodelay(true);
                return Ok((Connection::new(stream, place), peer));
            }
        }
    }
}

impl Listener for OwnConnections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.next().await {
                Ok(taken) => return taken,
                Err(error) => {
                    tracing::debug!(%error, "a connection to the page cannot be taken");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.here)
    }
}

/// A connection that fails when nothing has moved on it for some time, and holds one of the places.
pub(super) struct Connection {
    stream: TcpStream,
    deadline: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        Self { stream, deadline: Box::pin(sleep(STILL)), _place: place }
    }

    /// `result`, unless it is pending for too long.
    fn watched<T>(
        &mut self,
        result: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.deadline.as_mut().reset(Instant::now() + STILL);
            return result;
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.watched(read, context)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
