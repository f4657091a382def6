//! The check-in page and the files of pages, as a browser asks for them.

use crate::authority::Authority;

#[tokio::test]
async fn the_page_is_the_same_for_everyone_and_confined_to_this_server() {
    let authority = Authority::start().await;
    let page = authority.get("v", &[("accept-language", "vi-VN,vi;q=0.9")]).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.headers().get("set-cookie").is_none(), "nobody is counted");
    let vietnamese = page.text().await.unwrap();
    assert!(vietnamese.contains("<html lang=\"vi\">") && vietnamese.contains("Tôi rời đi"));
    assert!(!vietnamese.contains("checkin-"), "a text is missing");
    let english = authority.get("v?lang=en", &[("accept-language", "vi")]).await;
    let english = english.text().await.unwrap();
    assert!(english.contains("<html lang=\"en\">") && english.contains("Check out"));
    for page in [&vietnamese, &english] {
        assert!(!page.contains("onclick") && !page.contains("<style"));
        let scripts: Vec<_> = page.match_indices("<script").collect();
        assert_eq!(scripts.len(), 2, "the data and the module, nothing inline");
    }
}

#[tokio::test]
async fn scripts_have_their_type_and_a_tag_and_strangers_get_nothing() {
    let authority = Authority::start().await;
    let path = "assets/browser/vendor/noble/curves/bls12-381.js";
    let script = authority.get(path, &[]).await;
    assert_eq!(script.status(), 200);
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(script.headers()["x-content-type-options"], "nosniff");
    let tag = script.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(authority.get(path, &[("if-none-match", &tag)]).await.status(), 304);
    let licence = authority.get("assets/browser/vendor/qr/LICENSE", &[]).await;
    assert_eq!(licence.headers()["content-type"], "text/plain; charset=utf-8");
    for stranger in
        ["assets/", "assets/browser/", "assets/browser/venue.test.js", "assets/..%2fsrc%2fkeys.rs"]
    {
        assert_eq!(authority.get(stranger, &[]).await.status(), 404, "{stranger}");
    }
}
