//! An enrolled authority, and a server of its that has only its document.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use vungxanh_protocol::interval::UnixTime;

use super::document::{document, root};
use crate::store::EncounterStore;
use crate::sync::test_access::pin;

/// Enrols an authority whose document counts for 30 days, at a port where nothing listens.
pub(crate) fn enrol(store: &dyn EncounterStore, now: UnixTime) {
    enrol_at("http://127.0.0.1:1", store, now);
}

/// The same at a URL. Returns the signed document.
pub(crate) fn enrol_at(url: &str, store: &dyn EncounterStore, now: UnixTime) -> Vec<u8> {
    let signed = document(1, now).to_signed(&root(1)).unwrap();
    pin(url, &signed, store, now);
    signed
}

/// Answers with the files by their paths, by the time that `date` gives, and refuses everything else.
/// `meanwhile` happens before the answer for a path leaves.
pub(crate) async fn answer(
    listener: &TcpListener,
    files: &[(&str, &[u8])],
    date: impl Fn() -> UnixTime,
    meanwhile: impl Fn(&str),
) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        let length = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let path = request.split(' ').nth(1).unwrap().trim_start_matches('/');
        let date = jiff::Timestamp::from_second(date().as_secs() as i64).unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
        meanwhile(path);
        let file = files.iter().find(|(name, _)| *name == path);
        let (status, body) = file.map_or((404, &[][..]), |(_, bytes)| (200, bytes));
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    }
}
