//! Scripts, styles, fonts and pictures of pages, built into the program: what
//! `protocol/browser/tools/bundle.mjs` makes. Names carry a hash of the content, so that browsers
//! may keep them for good; none holds a secret, so that all may be compressed.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::published::{CHANGING, cacheable};
use crate::services::app::App;

/// Where files are served.
const FOLDER: &str = "/assets/";
/// A name is never used for another content.
pub(super) const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// Where the authority's own sign is served.
pub(super) const EMBLEM_PATH: &str = "/assets/emblem.png";
/// The placeholder in the service worker for the files that it keeps.
const KEPT_FILES: &str = "/* FILES */";

/// A file that browsers ask for.
struct Asset {
    /// By which pages ask for it; empty for what only other files name.
    name: &'static str,
    /// Its name below [`FOLDER`].
    file: &'static str,
    /// Files that a script imports at once.
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
const SERVICE_WORKER: &str = include_str!("../../assets/service-worker.js");

/// The placeholder in the service worker for what the page holds.
const WITHIN_PAGE: &str = "/* WITHIN */";

/// The placeholder in the service worker for the page's path.
const PAGE: &str = "/* PAGE */";

/// A page that opens without network.
struct KeptPage {
    path: &'static str,
    /// What it needs to open again, and to do its work.
    files: &'static [&'static str],
    /// What it holds itself, see [`inline`].
    within: &'static [&'static str],
}

/// Checking out and sealing.
const CHECK_IN: KeptPage = KeptPage {
    path: "v",
    files: &["checkin-worker.js", "BeVietnamPro-Regular.woff2", "BeVietnamPro-Bold.woff2"],
    within: &["style.css", "checkin.js"],
};
/// Showing passes.
const DECLARE: KeptPage = KeptPage {
    path: "declare",
    files: &["declare-worker.js", "BeVietnamPro-Regular.woff2", "BeVietnamPro-Bold.woff2"],
    within: &["style.css", "declare.js"],
};
/// Scanning.
const DOOR: KeptPage = KeptPage {
    path: "venue/door",
    files: &["venue-door-worker.js", "BeVietnamPro-Regular.woff2", "BeVietnamPro-Bold.woff2"],
    within: &["style.css", "venue-door.js"],
};

fn all() -> impl Iterator<Item = (usize, &'static Asset)> {
    BUILT.iter().chain([&ICON]).enumerate()
}

fn named(name: &str) -> Option<&'static Asset> {
    all().map(|(_, asset)| asset).find(|asset| asset.name == name)
}

/// The path of a file by its name without hash.
pub(super) fn path(name: &str) -> String {
    format!("{FOLDER}{}", named(name).map_or(name, |asset| asset.file))
}

/// The text of a script or style by its name without hash, to stand within a page.
pub(super) fn inline(name: &str) -> &'static str {
    let content = named(name).map_or(&[][..], |asset| asset.content);
    // What was built is UTF-8; the last line names the source map.
    let text = str::from_utf8(content).unwrap_or_default().trim_end();
    let end = text.rfind('\n').filter(|at| text[*at..].contains("sourceMappingURL"));
    &text[..end.unwrap_or(text.len())]
}

/// The paths of what a script imports at once, so that a page can ask for them at once.
pub(super) fn imports(name: &str) -> impl Iterator<Item = String> {
    let imports = named(name).map_or(&[][..], |asset| asset.imports);
    imports.iter().map(|file| format!("{FOLDER}{file}"))
}

/// `/assets/{file}`.
pub(super) async fn file(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some((number, asset)) = all().find(|(_, asset)| asset.file == file) else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let is_hashed = asset.file != asset.name;
    let kept = if is_hashed { FOR_GOOD } else { CHANGING };
    let kind = content_type(asset.file);
    let compresses = kind != FONT;
    let is_small = compresses && accepts_gzip(&headers);
    let content = if is_small { compressed(number, asset) } else { asset.content.to_vec() };
    let mut response = cacheable(content, kind, kept, &headers);
    let headers = response.headers_mut();
    if compresses {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_small {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    guard(headers);
    response
}

/// `/assets/emblem.png`: the authority's own sign.
pub(super) async fn emblem(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Some(emblem) = &app.emblem else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let mut response = cacheable(emblem.png().to_vec(), "image/png", CHANGING, &headers);
    guard(response.headers_mut());
    response
}

/// `/service-worker.js`: with the names of the files that it keeps.
pub(super) async fn service_worker(headers: HeaderMap) -> Response {
    keeping(&CHECK_IN, &headers)
}

/// `/declare-service-worker.js`: the same for the page of declarations.
pub(super) async fn declare_service_worker(headers: HeaderMap) -> Response {
    keeping(&DECLARE, &headers)
}

/// `/door-service-worker.js`: the same for the page of a door.
pub(super) async fn door_service_worker(headers: HeaderMap) -> Response {
    keeping(&DOOR, &headers)
}

fn keeping(page: &KeptPage, headers: &HeaderMap) -> Response {
    let mut files: Vec<String> = Vec::new();
    for name in page.files {
        files.push(path(name));
        files.extend(imports(name));
    }
    files.push(path(ICON.name));
    let relative: Vec<&str> = files.iter().map(|file| file.trim_start_matches('/')).collect();
    let list = serde_json::json!(relative).to_string();
    let within: Vec<String> = page.within.iter().map(|name| path(name)).collect();
    let script = SERVICE_WORKER
        .replace(KEPT_FILES, &list)
        .replace(WITHIN_PAGE, &serde_json::json!(within).to_string())
        .replace(PAGE, &serde_json::json!(page.path).to_string());
    let kind = content_type("service-worker.js");
    let mut response = cacheable(script.into_bytes(), kind, "no-cache", headers);
    guard(response.headers_mut());
    response
}

pub(super) fn guard(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A worker is confined by the policy of its own script.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; script-src 'self'; connect-src 'self'"),
    );
}

/// Whether a browser takes gzip (RFC 9110 section 12.5.3).
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let list = headers.get_all(header::ACCEPT_ENCODING).iter();
    list.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        coding.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
    })
}

/// Gzip of `content`; nothing in it may be secret.
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail.
    if encoder.write_all(content).is_err() {
        return Vec::new();
    }
    encoder.finish().unwrap_or_default()
}

/// A file, compressed once.
fn compressed(number: usize, asset: &Asset) -> Vec<u8> {
    static COMPRESSED: [OnceLock<Vec<u8>>; BUILT.len() + 1] =
        [const { OnceLock::new() }; BUILT.len() + 1];
    COMPRESSED[number].get_or_init(|| gzip(asset.content)).clone()
}

const FONT: &str = "font/woff2";

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => FONT,
        Some("map") => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Read;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_that_was_built_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/built");
        let there = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let there = there.map(|entry| entry.file_name().into_string().unwrap());
        let there: BTreeSet<String> = there.filter(|name| name != "files.rs").collect();
        let served: BTreeSet<String> = BUILT.iter().map(|asset| asset.file.to_owned()).collect();
        assert_eq!(there, served);
    }

    #[test]
    fn whatever_a_file_names_is_served_too() {
        for asset in BUILT.iter().filter(|asset| !asset.file.ends_with(".map")) {
            let text = String::from_utf8_lossy(asset.content);
            let names = text.split(['"', '\'', '(', ')', '\n', ' ']).filter_map(|part| {
                let file = part.strip_prefix("./").or(part.strip_prefix("sourceMappingURL="))?;
                Some(file)
            });
            for name in names {
                assert!(
                    BUILT.iter().any(|other| other.file == name),
                    "{} names {name}",
                    asset.file
                );
            }
        }
        for page in [CHECK_IN, DECLARE, DOOR] {
            for name in page.files.iter().chain(page.within) {
                assert!(named(name).is_some(), "{name}");
            }
        }
        for placeholder in [KEPT_FILES, WITHIN_PAGE, PAGE] {
            assert_eq!(SERVICE_WORKER.matches(placeholder).count(), 1, "{placeholder}");
        }
    }

    #[test]
    fn what_stands_within_a_page_ends_no_tag_and_imports_nothing() {
        for name in [CHECK_IN, DECLARE, DOOR].iter().flat_map(|page| page.within) {
            let text = inline(name);
            assert!(text.len() > 10_000 && !text.contains("sourceMappingURL"), "{name}");
            assert!(!text.contains("</script") && !text.contains("</style"), "{name}");
            assert!(!text.contains("<!--"), "{name}");
            assert_eq!(imports(name).count(), 0, "{name}");
        }
    }

    #[test]
    fn what_is_compressed_is_the_file() {
        let (number, asset) = all().find(|(_, asset)| asset.name == "style.css").unwrap();
        let mut read = Vec::new();
        let small = compressed(number, asset);
        flate2::read::GzDecoder::new(small.as_slice()).read_to_end(&mut read).unwrap();
        assert_eq!(read, asset.content);
        assert!(small.len() * 2 < read.len());
    }

    #[test]
    fn only_who_takes_gzip_gets_it() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_gzip(&headers)
        };
        assert!(of("gzip, deflate, br") && of("br, GZIP;q=0.5"));
        assert!(!of("br") && !of("gzip;q=0, br") && !accepts_gzip(&HeaderMap::new()));
    }
}
