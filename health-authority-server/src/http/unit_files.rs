//! Names of wards for pages: a file for each province and one with the names before July 2025, in the
//! form of `protocol/data`. Names carry a hash of all content, so that browsers may keep them for good.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use vungxanh_protocol::units::Province;

use super::assets;
use super::published::cacheable;
use crate::domain::units::units;

const KIND: &str = "text/tab-separated-values; charset=utf-8";

struct UnitFiles {
    version: String,
    /// By province, today's names and old ones; compressed beside.
    files: BTreeMap<String, [Vec<u8>; 2]>,
}

static FILES: LazyLock<UnitFiles> = LazyLock::new(|| {
    let units = units();
    let contents = units.provinces().iter().flat_map(|province| {
        let (mut names, mut old) = (String::new(), String::new());
        for ward in units.wards_of(province.code) {
            names += &format!("W\t{:05}\t{:02}\t{}\n", ward.code, ward.province, ward.name);
            if !ward.old_names().is_empty() {
                old += &format!("{:05}\t{}\n", ward.code, ward.old_names());
            }
        }
        let code = province.code;
        [(format!("{code:02}"), names), (format!("{code:02}-old"), old)]
    });
    let contents: Vec<(String, String)> = contents.collect();
    let mut hash = Sha256::new();
    contents.iter().for_each(|(_, content)| hash.update(content));
    let version = hex::encode(&hash.finalize()[..4]);
    let files = contents.into_iter().map(|(name, content)| {
        let bytes = content.into_bytes();
        let small = assets::gzip(&bytes);
        (format!("{name}-{version}.tsv"), [bytes, small])
    });
    let files = files.collect();
    UnitFiles { version, files }
});

/// What stands in the names of files: `{province}-{version}.tsv`, `{province}-old-{version}.tsv`.
pub(super) fn version() -> &'static str {
    &FILES.version
}

pub(super) fn provinces() -> &'static [Province] {
    units().provinces()
}

/// `/units/{file}`.
pub(super) async fn file(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some([bytes, small]) = FILES.files.get(&file) else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let is_small = assets::accepts_gzip(&headers);
    let content = if is_small { small } else { bytes };
    let mut response = cacheable(content.clone(), KIND, assets::FOR_GOOD, &headers);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_small {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    assets::guard(headers);
    response
}
