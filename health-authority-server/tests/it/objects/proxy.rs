//! A proxy in front of a store that fails as networks and stores do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Connections end at once.
    Gone,
    /// It takes connections and requests and says nothing.
    Silent,
    /// It answers 503.
    Busy,
    /// After so many bytes of what a connection sends, it is cut.
    RequestCut(usize),
    /// After so many bytes of what a connection receives, it is cut.
    AnswerCut(usize),
    /// So many bytes in a tenth of a second come back.
    Slow(usize),
}

pub(super) struct Proxy {
    pub(super) port: u16,
    fault: watch::Sender<Fault>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    pub(super) async fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (fault, faults) = watch::channel(Fault::None);
        let seen = Arc::<Mutex<Vec<u8>>>::default();
        let record = seen.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mut faults, record) = (faults.clone(), record.clone());
                tokio::spawn(async move {
                    let fault = *faults.borrow_and_update();
                    // Another fault is one of all connections.
                    tokio::select! {
                        _ = faults.changed() => {}
                        () = connection(client, upstream, fault, &record) => {}
                    }
                });
            }
        });
        Self { port, fault, seen }
    }

    pub(super) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// How often a request line, or another text, was sent since the last time.
    pub(super) fn take_count(&self, text: &str) -> usize {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        String::from_utf8_lossy(&seen).matches(text).count()
    }
}

async fn connection(mut client: TcpStream, upstream: u16, fault: Fault, seen: &Mutex<Vec<u8>>) {
    match fault {
        Fault::Gone => {}
        Fault::Silent => std::future::pending().await,
        Fault::Busy => {
            let mut request = vec![0; 64 << 10];
            let _ = client.read(&mut request).await;
            let answer = "HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = client.write_all(answer.as_bytes()).await;
        }
        Fault::None | Fault::RequestCut(_) | Fault::AnswerCut(_) | Fault::Slow(_) => {
            let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let most = |cut| if let Some(most) = cut { most } else { usize::MAX };
            let request = most(match fault {
                Fault::RequestCut(most) => Some(most),
                _ => None,
            });
            let answer = most(match fault {
                Fault::AnswerCut(most) => Some(most),
                _ => None,
            });
            let pace = match fault {
                Fault::Slow(bytes) => bytes,
                _ => 64 << 10,
            };
            tokio::select! {
                () = copy(from_client, to_server, request, 64 << 10, Some(seen)) => {}
                () = copy(from_server, to_client, answer, pace, None) => {}
            }
        }
    }
}

/// Copies at most `most` bytes, in pieces of `pace`; small ones come one in a tenth of a second.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    most: usize,
    pace: usize,
    seen: Option<&Mutex<Vec<u8>>>,
) {
    let mut left = most;
    let mut piece = vec![0; pace];
    while left > 0 {
        let wanted = left.min(pace);
        let Ok(read) = from.read(&mut piece[..wanted]).await else { return };
        if read == 0 || to.write_all(&piece[..read]).await.is_err() {
            return;
        }
        left -= read;
        if let Some(seen) = seen {
            seen.lock().unwrap().extend_from_slice(&piece[..read]);
        }
        if pace < 64 << 10 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
