//! The list of a region's files.

use super::blocking;
use super::object_store::ObjectStore;

/// Writes `<region>/index.txt`: `names`, oldest first, joined by line feeds as
/// exposure-notifications-server does. It is there before the first file.
pub(super) async fn write_index(
    files: &ObjectStore,
    region: &str,
    names: Vec<String>,
) -> std::io::Result<()> {
    let (files, name) = (files.clone(), format!("{region}/index.txt"));
    let index = names.join("\n");
    blocking(move || {
        if files.get(&name)?.is_some_and(|old| old == index.as_bytes()) {
            return Ok(());
        }
        files.put(&name, index.as_bytes())
    })
    .await
}
