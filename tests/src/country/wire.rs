//! HTTP/1.1 with as little work as possible, so that the generator costs little beside the servers: one
//! request after the other on connections that stay open, answers with a length only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer that takes longer is an error.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// What is read at a time.
const PIECE_BYTES: usize = 16 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("{0} is no loopback address; this generator speaks to no other")]
    NotLoopback(SocketAddr),
    #[error("no server was named")]
    NoServer,
    #[error("the connection failed: {0}")]
    Connection(#[from] std::io::Error),
    #[error("the connection ended before the answer")]
    Ended,
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Late,
    #[error("an answer that is not understood: {0}")]
    Answer(&'static str),
}

impl WireError {
    /// A word for tables.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::NotLoopback(_) | Self::NoServer => "not-sent",
            Self::Connection(_) => "no-connection",
            Self::Ended => "cut-off",
            Self::Late => "late",
            Self::Answer(_) => "not-understood",
        }
    }
}

/// An answer with what the generator makes use of.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) tag: Option<String>,
    pub(super) cookie: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Connections of one client, one to each server; requests go to one after the other.
pub(super) struct Wire {
    servers: Arc<[SocketAddr]>,
    connections: Vec<Option<TcpStream>>,
    next: usize,
    received: Vec<u8>,
    /// Whether anything of the answer has come.
    answered: bool,
}

impl Wire {
    /// `first` is the server of the first request.
    pub(super) fn new(servers: &Arc<[SocketAddr]>, first: usize) -> Result<Self, WireError> {
        if let Some(away) = servers.iter().find(|server| !server.ip().is_loopback()) {
            return Err(WireError::NotLoopback(*away));
        }
        if servers.is_empty() {
            return Err(WireError::NoServer);
        }
        Ok(Self {
            connections: servers.iter().map(|_| None).collect(),
            servers: Arc::clone(servers),
            next: first % servers.len(),
            received: Vec::with_capacity(2 * PIECE_BYTES),
            answered: false,
        })
    }

    /// Sends a whole request, head and body, and reads the answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Answer, WireError> {
        let server = self.next;
        self.next = (server + 1) % self.servers.len();
        match tokio::time::timeout(TIMEOUT, self.exchange_with(server, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(WireError::Late),
        }
    }

    async fn exchange_with(&mut self, server: usize, request: &[u8]) -> Result<Answer, WireError> {
        // Taken out: whatever goes wrong, also that this future is dropped, ends the connection.
        if let Some(stream) = self.connections[server].take() {
            match self.over(stream, server, request).await {
                // The server had closed it, because it was idle: nothing of the request was read.
                Err(WireError::Ended | WireError::Connection(_)) if !self.answered => {}
                answer => return answer,
            }
        }
        let stream = TcpStream::connect(self.servers[server]).await?;
        stream.set_nodelay(true)?;
        self.over(stream, server, request).await
    }

    async fn over(
        &mut self,
        mut stream: TcpStream,
        server: usize,
        request: &[u8],
    ) -> Result<Answer, WireError> {
        self.received.clear();
        self.answered = false;
        stream.write_all(request).await?;
        let (mut answer, length, closes) = loop {
            self.read_more(&mut stream).await?;
            if let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = read_head(&self.received[..end])?;
                self.received.drain(..end + 4);
                break head;
            }
        };
        if length > MAX_ANSWER_BYTES {
            return Err(WireError::Answer("it is too long"));
        }
        while self.received.len() < length {
            self.read_more(&mut stream).await?;
        }
        answer.body = self.received.split_off(0);
        self.received.reserve(2 * PIECE_BYTES);
        if !closes {
            self.connections[server] = Some(stream);
        }
        Ok(answer)
    }

    async fn read_more(&mut self, stream: &mut TcpStream) -> Result<(), WireError> {
        self.received.reserve(PIECE_BYTES);
        match stream.read_buf(&mut self.received).await? {
            0 => Err(WireError::Ended),
            _ => {
                self.answered = true;
                Ok(())
            }
        }
    }
}

/// Status and headers; how many bytes follow; whether the server closes the connection then.
fn read_head(head: &[u8]) -> Result<(Answer, usize, bool), WireError> {
    let head = std::str::from_utf8(head).map_err(|_| WireError::Answer("its head is no text"))?;
    let mut lines = head.split("\r\n");
    let status =
        lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let status: u16 = status.ok_or(WireError::Answer("no status"))?;
    let mut answer = Answer { status, ..Answer::default() };
    let (mut length, mut closes) = (None, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("etag") {
            answer.tag = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("set-cookie") {
            answer.cookie = value.split(';').next().map(str::to_owned);
        }
    }
    match (status, length) {
        (304, _) => Ok((answer, 0, closes)),
        (_, Some(length)) => Ok((answer, length, closes)),
        (_, None) => Err(WireError::Answer("no length")),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_of_other_machines_are_refused() {
        for away in ["192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80"] {
            let servers: Arc<[SocketAddr]> =
                ["127.0.0.1:80".parse().unwrap(), away.parse().unwrap()].into();
            assert!(matches!(Wire::new(&servers, 0), Err(WireError::NotLoopback(_))), "{away}");
        }
        let here: Arc<[SocketAddr]> = ["127.0.0.1:80".parse().unwrap()].into();
        assert!(Wire::new(&here, 3).is_ok());
        assert!(matches!(Wire::new(&[].into(), 0), Err(WireError::NoServer)));
    }

    /// Answers one request a connection with `answers` in turn, in small pieces.
    async fn server(answers: &'static [&'static str]) -> Arc<[SocketAddr]> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 64];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                for piece in answer.as_bytes().chunks(7) {
                    stream.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        [address].into()
    }

    #[tokio::test]
    async fn answers_are_read_whole_and_a_connection_that_was_closed_is_opened_again() {
        let servers = server(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a\"\r\nset-cookie: a=b; Path=/\r\n\r\nhello",
            "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n",
            "HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n",
        ])
        .await;
        let mut wire = Wire::new(&servers, 0).unwrap();
        let first = wire.exchange(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!((first.status, first.body.as_slice()), (200, &b"hello"[..]));
        assert_eq!((first.tag.as_deref(), first.cookie.as_deref()), (Some("\"a\""), Some("a=b")));
        assert_eq!(wire.exchange(b"GET / HTTP/1.1\r\n\r\n").await.unwrap().status, 304);
        assert_eq!(wire.exchange(b"GET / HTTP/1.1\r\n\r\n").await.unwrap().status, 503);
        assert!(wire.exchange(b"GET / HTTP/1.1\r\n\r\n").await.is_err());
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_an_error_and_is_not_asked_for_again() {
        let servers = server(&["HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello"]).await;
        let mut wire = Wire::new(&servers, 0).unwrap();
        assert!(matches!(
            wire.exchange(b"GET / HTTP/1.1\r\n\r\n").await,
            Err(WireError::Ended | WireError::Connection(_))
        ));
    }
}
