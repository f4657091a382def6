//! The body of an answer that is made piece by piece while it is read: however long it is, little of it is
//! in memory.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use tokio::sync::mpsc;

use crate::storage::StoreError;

/// Pieces that wait for a slow reader.
pub(super) const WAITING: usize = 2;

/// An error reaches the reader as an answer that broke off.
pub(super) type Piece = Result<Bytes, StoreError>;

/// What is sent, as a body.
pub(super) fn body(pieces: mpsc::Receiver<Piece>) -> Body {
    Body::new(Pieces(pieces))
}

struct Pieces(mpsc::Receiver<Piece>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        let piece = ready!(self.0.poll_recv(context));
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }
}
