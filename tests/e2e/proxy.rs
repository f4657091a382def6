//! A TCP proxy that cuts downloads of export files off in their middle.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Forwards to a server until dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<ProxyState>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct ProxyState {
    cut_after: Mutex<Option<u64>>,
    cuts: AtomicU64,
    resumed: AtomicBool,
}

impl Proxy {
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(ProxyState::default());
        let accepting = tokio::spawn(accept(listener, target.to_owned(), Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the connection breaks after so many bytes of answers to a request for an
    /// export file; never, with `None`.
    pub fn cut_files_after(&self, bytes: Option<u64>) {
        *self.shared.cut_after.lock().unwrap() = bytes;
    }

    /// How often it has cut a connection.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }

    /// Whether a client has asked for the rest of a file.
    pub fn resumed(&self) -> bool {
        self.shared.resumed.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: String, shared: Arc<ProxyState>) {
    while let Ok((client, _)) = listener.accept().await {
        let (target, shared) = (target.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(&target).await {
                forward(client, server, &shared).await;
            }
        });
    }
}

/// Both directions until one ends or the connection is cut.
async fn forward(mut client: TcpStream, mut server: TcpStream, shared: &ProxyState) {
    let (mut request, mut answer) = (vec![0; 16_384], vec![0; 16_384]);
    let mut left: Option<u64> = None;
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let Ok(length @ 1..) = read else { return };
                let text = String::from_utf8_lossy(&request[..length]).to_lowercase();
                let is_file = text.lines().next().is_some_and(|line| line.contains(".zip"));
                left = if is_file { *shared.cut_after.lock().unwrap() } else { None };
                if is_file && text.contains("\nrange: bytes=") {
                    shared.resumed.store(true, Ordering::Relaxed);
                }
                if server.write_all(&request[..length]).await.is_err() { return }
            }
            read = server.read(&mut answer) => {
                let Ok(length @ 1..) = read else { return };
                let passed = left.map_or(length, |left| length.min(left as usize));
                if client.write_all(&answer[..passed]).await.is_err() { return }
                if let Some(left) = &mut left {
                    *left -= passed as u64;
                    if *left == 0 {
                        shared.cuts.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                }
            }
        }
    }
}
