//! The page of declarations, and the names of wards that it loads.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use vungxanh_protocol::units::Units;

use crate::declarations::Intake;
use crate::support::authority::Authority;
use crate::support::browser::Browser;

#[tokio::test]
async fn where_no_keys_are_published_the_page_says_so_and_no_link_leads_there() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    assert!(!browser.get("/").await.body.contains("/declare"));
    for (language, words) in
        [("vi", "hiện không nhận khai báo y tế"), ("en", "takes no health declarations")]
    {
        let page = authority.get(&format!("declare?lang={language}"), &[]).await;
        assert_eq!(page.status(), 404);
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let body = page.text().await.unwrap();
        assert!(body.contains(words) && !body.contains("<script") && !body.contains("<form"));
    }
}

#[tokio::test]
async fn the_page_is_the_same_for_everyone_and_lets_only_its_own_script_run() {
    let intake = Intake::start().await;
    let authority = &intake.authority;
    let mut browser = Browser::new(authority);
    browser.get("/?lang=en").await.says("<h2><a href=\"/declare\">Health declaration</a></h2>");
    for language in ["vi", "en"] {
        let page = authority.get(&format!("declare?lang={language}"), &[]).await;
        assert_eq!(page.status(), 200);
        assert!(page.headers().get("set-cookie").is_none());
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(!policy.contains("unsafe") && policy.contains("form-action 'none'"), "{policy}");
        let body = page.text().await.unwrap();
        for (begin, end) in [("<style>", "</style>"), ("<script type=\"module\">", "</script>")] {
            let from = body.find(begin).unwrap() + begin.len();
            let text = &body[from..from + body[from..].find(end).unwrap()];
            let hash = BASE64_STANDARD.encode(Sha256::digest(text));
            assert!(policy.contains(&format!("'sha256-{hash}'")), "{begin}");
        }
        assert!(!body.contains("onclick") && !body.contains("style=\""));
        assert_eq!(body.matches("<script").count(), 2, "the data and the module");
        let without_script = &body[..body.find("<script").unwrap()];
        assert!(!without_script.contains(">declare-"), "a text is missing");
        // Consent is an act.
        let consent = &body[body.find("id=\"consent\"").unwrap()..];
        assert!(!consent[..consent.find('>').unwrap()].contains("checked"));
    }
    let worker = authority.get("declare-service-worker.js", &[]).await.text().await.unwrap();
    assert!(worker.contains("\"declare\"") && worker.contains("declare-worker-"), "{worker}");
}

#[tokio::test]
async fn names_of_wards_come_by_province_under_names_that_never_change() {
    let intake = Intake::start().await;
    let authority = &intake.authority;
    let page = authority.get("declare", &[]).await.text().await.unwrap();
    let version = page.split("\"units\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let units = Units::of_viet_nam();
    let mut found = BTreeSet::new();
    for province in units.provinces() {
        let name = format!("units/{:02}-{version}.tsv", province.code);
        let file = authority.get(&name, &[]).await;
        assert!(file.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        for line in file.text().await.unwrap().lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let ward = units.ward(fields[1].parse().unwrap()).unwrap();
            assert_eq!((fields[0], ward.province, fields[3]), ("W", province.code, ward.name));
            found.insert(ward.code);
        }
    }
    assert_eq!(found.len(), 3_321);
    let old = authority.get(&format!("units/01-old-{version}.tsv"), &[]).await;
    let old = old.text().await.unwrap();
    assert!(old.lines().any(|line| line.starts_with("00070\t") && line.contains("hangbac")));
    for none in ["01-00000000.tsv", "99.tsv", "..%2f01.tsv"] {
        assert_eq!(authority.get(&format!("units/{none}"), &[]).await.status(), 404, "{none}");
    }
}
