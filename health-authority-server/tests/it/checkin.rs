//! The check-in page and the files of pages, as a browser asks for them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::support::authority::Authority;

#[tokio::test]
async fn the_page_is_the_same_for_everyone_and_confined_to_this_server() {
    let authority = Authority::start().await;
    let page = authority.get("v", &[("accept-language", "vi-VN,vi;q=0.9")]).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.headers().get("set-cookie").is_none(), "nobody is counted");
    let vietnamese = page.text().await.unwrap();
    assert!(vietnamese.contains("<html lang=\"vi\">") && vietnamese.contains("Tôi rời đi"));
    assert!(!vietnamese.contains(">checkin-"), "a text is missing");
    let english = authority.get("v?lang=en", &[("accept-language", "vi")]).await;
    let english = english.text().await.unwrap();
    assert!(english.contains("<html lang=\"en\">") && english.contains("Check out"));
    for page in [&vietnamese, &english] {
        assert!(!page.contains("onclick") && !page.contains("style=\""));
        let scripts: Vec<_> = page.match_indices("<script").collect();
        assert_eq!(scripts.len(), 2, "the data and the module");
        // What stands within is what the policy lets through, and nothing else is.
        for (begin, end) in [("<style>", "</style>"), ("<script type=\"module\">", "</script>")] {
            let from = page.find(begin).unwrap() + begin.len();
            let text = &page[from..from + page[from..].find(end).unwrap()];
            let hash = BASE64_STANDARD.encode(Sha256::digest(text));
            assert!(policy.contains(&format!("'sha256-{hash}'")), "{begin}");
        }
        assert_eq!(policy.matches("sha256-").count(), 2);
    }
}

#[tokio::test]
async fn who_opens_the_check_in_page_again_does_not_load_it_again() {
    let authority = Authority::start().await;
    for coding in ["gzip", "identity"] {
        let headers = [("accept-encoding", coding), ("accept-language", "vi")];
        let page = authority.get("v", &headers).await;
        assert_eq!(page.headers()["cache-control"], "no-cache");
        let tag = page.headers()["etag"].to_str().unwrap().to_owned();
        let again = [headers[0], headers[1], ("if-none-match", tag.as_str())];
        assert_eq!(authority.get("v", &again).await.status(), 304);
        let other = [headers[0], ("accept-language", "en"), ("if-none-match", tag.as_str())];
        assert_eq!(authority.get("v", &other).await.status(), 200);
    }
}

/// The check-in page, and one that asks for fonts at once.
async fn pages(authority: &Authority) -> String {
    let page = authority.get("v", &[]).await.text().await.unwrap();
    page + &authority.get("privacy", &[]).await.text().await.unwrap()
}

/// The address of a file in a page, by the beginning of its name.
fn address<'a>(page: &'a str, name: &str) -> &'a str {
    let at = page.find(&format!("assets/{name}-")).unwrap();
    page[at..].split('"').next().unwrap()
}

#[tokio::test]
async fn files_are_kept_for_good_under_names_of_their_content_and_strangers_get_nothing() {
    let authority = Authority::start().await;
    let page = pages(&authority).await;
    for (name, kind) in [
        ("checkin-worker", "text/javascript; charset=utf-8"),
        ("style", "text/css; charset=utf-8"),
        ("BeVietnamPro-Regular", "font/woff2"),
    ] {
        let path = address(&page, name);
        let file = authority.get(path, &[]).await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(file.headers()["content-type"], kind);
        assert_eq!(file.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
        let tag = file.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(authority.get(path, &[("if-none-match", &tag)]).await.status(), 304);
    }
    let licences = authority.get("assets/licences.txt", &[]).await.text().await.unwrap();
    assert!(licences.contains("Paul Miller") && licences.contains("SIL OPEN FONT LICENSE"));
    for stranger in ["assets/", "assets/style.css", "assets/files.rs", "assets/..%2fsrc%2fkeys.rs"]
    {
        assert_eq!(authority.get(stranger, &[]).await.status(), 404, "{stranger}");
    }
}

/// A client that asks for gzip gets it for files and for the one page that is the same for everyone; a page
/// with a token never.
#[tokio::test]
async fn only_what_holds_no_secret_is_compressed() {
    let authority = Authority::start().await;
    let gzip = [("accept-encoding", "gzip")];
    let page = pages(&authority).await;
    for path in [address(&page, "style"), address(&page, "checkin-worker"), "v"] {
        let small = authority.get(path, &gzip).await;
        assert_eq!(small.headers()["content-encoding"], "gzip", "{path}");
        assert!(small.headers()["vary"].to_str().unwrap().contains("accept-encoding"));
    }
    for path in ["", "venue/login", "venue/register", "staff/login", "v1/authority", "privacy"] {
        let plain = authority.get(path, &gzip).await;
        assert!(plain.headers().get("content-encoding").is_none(), "{path}");
    }
}

#[tokio::test]
async fn the_service_worker_keeps_exactly_what_the_check_in_page_needs() {
    let authority = Authority::start().await;
    let page = pages(&authority).await;
    let worker = authority.get("service-worker.js", &[]).await;
    assert_eq!(worker.headers()["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(worker.headers()["cache-control"], "no-cache");
    let worker = worker.text().await.unwrap();
    for name in ["checkin-worker", "BeVietnamPro-Regular", "BeVietnamPro-Bold"] {
        let path = address(&page, name);
        assert!(worker.contains(&format!("\"{path}\"")), "{path}");
        assert_eq!(authority.get(path, &[]).await.status(), 200);
    }
    assert!(!worker.contains("FILES */") && !worker.contains("WITHIN */"));
    // Another style or script within the page makes another page to keep.
    for name in ["style", "checkin"] {
        assert!(worker.contains(&format!("\"/assets/{name}-")), "{name}");
    }
}
