//! Scripts, styles and pictures of pages, built into the program. Those under `browser/` are the
//! modules of `protocol/browser`, the same files that its tests run.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::published::{CHANGING, cacheable};

/// A file and where it is served, relative to `/assets/`.
struct Asset {
    path: &'static str,
    content: &'static [u8],
}

macro_rules! assets {
    ($folder:literal, $prefix:literal, $($path:literal),* $(,)?) => {
        &[$(Asset {
            path: concat!($prefix, $path),
            content: include_bytes!(concat!($folder, $path)),
        }),*]
    };
}

const OWN: &[Asset] = assets!(
    "../../assets/",
    "",
    "checkin.css",
    "checkin.js",
    "checkin-worker.js",
    "icon.svg",
    "page.js",
    "style.css",
    "venue-display.js",
    "venue-key.js",
    "venue-shares.js",
    "venue-store.js",
    "venue.css",
    "visit-store.js",
    "visits.js",
);

const MODULES: &[Asset] = assets!(
    "../../../protocol/browser/",
    "browser/",
    "authority.js",
    "bytes.js",
    "cells.js",
    "code.js",
    "declaration.js",
    "door.js",
    "form.js",
    "hpke.js",
    "intake.js",
    "keyfile.js",
    "national.js",
    "pass.js",
    "poster.js",
    "reader.js",
    "signed.js",
    "units.js",
    "venue.js",
    "warnings.js",
    "vendor/noble/ciphers/LICENSE",
    "vendor/noble/ciphers/_arx.js",
    "vendor/noble/ciphers/_poly1305.js",
    "vendor/noble/ciphers/chacha.js",
    "vendor/noble/ciphers/utils.js",
    "vendor/noble/curves/LICENSE",
    "vendor/noble/curves/abstract/bls.js",
    "vendor/noble/curves/abstract/curve.js",
    "vendor/noble/curves/abstract/der.js",
    "vendor/noble/curves/abstract/edwards.js",
    "vendor/noble/curves/abstract/fft.js",
    "vendor/noble/curves/abstract/frost.js",
    "vendor/noble/curves/abstract/hash-to-curve.js",
    "vendor/noble/curves/abstract/modular.js",
    "vendor/noble/curves/abstract/montgomery.js",
    "vendor/noble/curves/abstract/oprf.js",
    "vendor/noble/curves/abstract/tower.js",
    "vendor/noble/curves/abstract/weierstrass.js",
    "vendor/noble/curves/bls12-381.js",
    "vendor/noble/curves/ed25519.js",
    "vendor/noble/curves/utils.js",
    "vendor/noble/hashes/LICENSE",
    "vendor/noble/hashes/_blake.js",
    "vendor/noble/hashes/_md.js",
    "vendor/noble/hashes/_u64.js",
    "vendor/noble/hashes/argon2.js",
    "vendor/noble/hashes/blake2.js",
    "vendor/noble/hashes/hkdf.js",
    "vendor/noble/hashes/hmac.js",
    "vendor/noble/hashes/sha2.js",
    "vendor/noble/hashes/utils.js",
    "vendor/qr/LICENSE",
    "vendor/qr/decode.js",
    "vendor/qr/index.js",
);

/// `/assets/{*path}`.
pub async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = OWN.iter().chain(MODULES).find(|asset| asset.path == path) else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let mut response =
        cacheable(asset.content.to_vec(), content_type(asset.path), CHANGING, &headers);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A worker is confined by the policy of its own script.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; script-src 'self'; connect-src 'self'"),
    );
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                files(&entry.path(), &format!("{name}/"), found);
            } else if !name.ends_with(".test.js")
                && (name.ends_with(".js") || name.ends_with(".css") || name.ends_with("LICENSE"))
            {
                found.insert(name);
            }
        }
    }

    #[test]
    fn every_script_and_licence_of_the_repository_is_served() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut there = BTreeSet::new();
        files(&here.join("../protocol/browser"), "browser/", &mut there);
        files(&here.join("assets"), "", &mut there);
        let served: BTreeSet<String> = OWN
            .iter()
            .chain(MODULES)
            .filter(|asset| !asset.path.ends_with(".svg"))
            .map(|asset| asset.path.to_owned())
            .collect();
        assert_eq!(there, served);
    }

    #[test]
    fn whatever_a_script_imports_is_served_too() {
        for asset in OWN.iter().chain(MODULES).filter(|asset| asset.path.ends_with(".js")) {
            let source = str::from_utf8(asset.content).unwrap();
            let imports = source.split(['\n', ';']).filter(|line| {
                let line = line.trim_start();
                line.starts_with("import ") || line.starts_with("} from ")
            });
            for import in imports.filter_map(|line| line.split(['\'', '"']).nth(1)) {
                let mut folders: Vec<&str> = asset.path.split('/').collect();
                folders.pop();
                for part in import.split('/') {
                    match part {
                        "." => {}
                        ".." => drop(folders.pop()),
                        name => folders.push(name),
                    }
                }
                let path = folders.join("/");
                let found = OWN.iter().chain(MODULES).any(|asset| asset.path == path);
                assert!(found, "{} imports {import}", asset.path);
            }
        }
    }
}
