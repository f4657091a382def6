//! What the authority's address shows in a browser, and paths that lead nowhere.

use serde_json::{Value, json};

use crate::support::authority::Authority;
use crate::support::browser::Browser;

#[tokio::test]
async fn the_authoritys_address_names_it_and_leads_on() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let name = authority.app.config.authority.name["en"].clone();
    let page = browser.get("/").await;
    page.is(200).says(&format!("<p>{name} uses Vung Xanh"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src"));
    for (path, text) in
        [("/v", "Check in"), ("/venue", "For venues"), ("/staff", "For health staff")]
    {
        page.says(&format!("<h2><a href=\"{path}\">{text}</a></h2>"));
        let next = browser.get(path).await;
        assert!(matches!(next.status, 200 | 303), "{path}: {}", next.status);
    }
    let vietnamese = browser.get("/?lang=vi").await;
    vietnamese.is(200).says("<html lang=\"vi\">").says("Dành cho cán bộ y tế");
    for page in [&page, &vietnamese] {
        assert!(!page.body.contains("start-"), "a text is missing: {}", page.body);
    }
}

#[tokio::test]
async fn a_wrong_address_gets_a_page_with_a_way_back() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    for (path, back) in [
        ("/venues", "/"),
        ("/v/x", "/"),
        ("/index.html", "/"),
        ("/venue/x", "/venue"),
        ("/staff/x", "/staff"),
    ] {
        let page = browser.get(&format!("{path}?lang=en")).await;
        page.is(404)
            .says("This page or item does not exist")
            .says(&format!("<a href=\"{back}\">Back"));
        let vietnamese = browser.get(&format!("{path}?lang=vi")).await;
        vietnamese.is(404).says("Về trang chính");
    }
    browser.post("/", &[]).await.is(404).says("Không có trang hoặc mục này.");
}

#[tokio::test]
async fn links_of_a_page_stay_on_this_server_whatever_was_asked_for() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    for path in ["//evil.example/x", "///evil.example", "/\\evil.example", "//evil.example/venue"] {
        let page = browser.get(path).await;
        for link in page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(!link.starts_with("//") && !link.starts_with("/\\"), "{path}: {link}");
        }
    }
}

#[tokio::test]
async fn programs_get_json_for_a_wrong_path() {
    let authority = Authority::start().await;
    for path in ["api/x", "v1/x", "v1/x/y/z", "v1/exports/VN"] {
        let refused = authority.get(path, &[]).await;
        assert_eq!(refused.status(), 404, "{path}");
        assert_eq!(refused.headers()["content-type"], "application/json", "{path}");
        let error: Value = refused.json().await.unwrap();
        assert_eq!(error["errorCode"], "not_found", "{path}");
    }
    let posted = authority.post("api/x", &json!({})).await;
    assert_eq!((posted.status, &posted.body["errorCode"]), (404, &json!("not_found")));
    let there = authority.get("v1/publish", &[]).await;
    assert_eq!(there.status(), 405, "a path that is there, with another method");
    let file = authority.get("v1/exports/VN/none.zip", &[]).await;
    assert_eq!(
        (file.status().as_u16(), file.text().await.unwrap().as_str()),
        (404, "no such file\n")
    );
}
