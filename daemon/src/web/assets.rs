//! Style, scripts and fonts of the page, built into the program: what `protocol/browser/tools/bundle.mjs` makes. They hold
//! no secret.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Where files are served.
pub(super) const FOLDER: &str = "/assets/";
/// A name is never used for another content.
const FOR_GOOD: &str = "private, max-age=31536000, immutable";

/// A file that browsers ask for.
struct Asset {
    /// By which pages ask for it; empty for what only other files name.
    name: &'static str,
    /// Its name below [`FOLDER`].
    file: &'static str,
    /// Files that a script imports at once.
    #[allow(dead_code)]
    imports: &'static [&'static str],
    content: &'static [u8],
}

const BUILT: &[Asset] = include!("../../assets/built/files.rs");
const ICON: Asset = Asset {
    name: "icon.svg",
    file: "icon.svg",
    imports: &[],
    content: include_bytes!("../../../protocol/look/icon.svg"),
};

fn all() -> impl Iterator<Item = &'static Asset> {
    BUILT.iter().chain([&ICON])
}

/// The path of a file by its name without hash.
pub(super) fn path(name: &str) -> String {
    let found = all().find(|asset| asset.name == name);
    format!("{FOLDER}{}", found.map_or(name, |asset| asset.file))
}

/// `/assets/{file}`.
pub(super) async fn file(Path(file): Path<String>) -> Response {
    let Some(asset) = all().find(|asset| asset.file == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_hashed = asset.file != asset.name;
    let kept = if is_hashed { FOR_GOOD } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, content_type(asset.file)), (header::CACHE_CONTROL, kept)];
    (headers, asset.content).into_response()
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "map" => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_pages_name_is_there() {
        for name in
            ["style.css", "icon.svg", "BeVietnamPro-Regular.woff2", "BeVietnamPro-Bold.woff2"]
        {
            let path = path(name);
            let file = path.strip_prefix(FOLDER).unwrap();
            let asset = all().find(|asset| asset.file == file).unwrap();
            assert!(!asset.content.is_empty(), "{name}");
            assert_ne!(content_type(file), "text/plain; charset=utf-8", "{name}");
        }
    }
}
