//! Serves the control interface on the profile's socket.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use tokio::net::UnixListener;

pub use super::handlers::OpenPage;

use super::handlers;
use crate::engine::Engine;

/// Takes the socket, replacing one that a killed daemon left behind. The caller holds the
/// profile's lock, so no one else can be listening. The folder is the owner's alone (0700), so
/// that no one gets in before the mode is set.
pub fn bind(socket: &Path) -> io::Result<UnixListener> {
    // Nothing but a socket is removed.
    match fs::symlink_metadata(socket) {
        Ok(found) if found.file_type().is_socket() => fs::remove_file(socket)?,
        Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until the future is dropped. `open` opens the page.
pub async fn serve(listener: UnixListener, engine: Arc<Engine>, open: OpenPage) -> io::Result<()> {
    axum::serve(listener, handlers::router(engine, open)).await
}
