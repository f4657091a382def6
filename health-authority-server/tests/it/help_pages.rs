//! The help pages over HTTP.

use crate::support::authority::Authority;
use crate::support::browser::Browser;

const PAGES: [&str; 5] = ["/help/", "/help/citizen", "/help/door", "/help/venue", "/help/officer"];

/// The addresses of this server that a page links to.
fn links(body: &str) -> Vec<&str> {
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.starts_with('/')).collect()
}

#[tokio::test]
async fn help_pages_lead_only_to_paths_that_exist() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let mut followed = std::collections::BTreeSet::new();
    for path in PAGES {
        for language in ["vi", "en"] {
            let page = browser.get(&format!("{path}?lang={language}")).await;
            page.is(200).says(&format!("<html lang=\"{language}\">"));
            for link in links(&page.body) {
                followed.insert(link.to_owned());
            }
        }
    }
    for link in ["/v", "/venue/key", "/venue/door", "/staff/intake", "/help/door"] {
        assert!(followed.contains(link), "{link} is not linked to: {followed:?}");
    }
    // An authority that has no keys of declarations says so with a page of its own.
    followed.remove("/declare");
    browser.get("/declare?lang=en").await.is(404).says("takes no health declarations");
    for link in followed {
        let status = browser.get(&link).await.status;
        assert!(matches!(status, 200 | 303), "{link}: {status}");
    }
}

#[tokio::test]
async fn help_quotes_the_labels_of_the_screens_in_both_languages() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let english = browser.get("/help/venue?lang=en").await;
    english
        .is(200)
        .says("<h1>Help: For venues</h1>")
        .says("press “Send a code to the telephone”")
        .says("Open “The venue&#39;s key”");
    let vietnamese = browser.get("/help/officer?lang=vi").await;
    vietnamese.is(200).says("Bấm “Phê duyệt”").says("Bàn giao cho đồng nghiệp");
    for page in [english, vietnamese] {
        // Neither a text nor a reference is missing.
        let main = page.body.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        assert!(!main.contains("guide-") && !main.contains(['{', '}']), "{main}");
    }
    browser.get("/help/nobody?lang=en").await.is(404).says("This page or item does not exist");
    browser.get("/help?lang=en").await.is(200).says("<h1>Help</h1>");
}

#[tokio::test]
async fn each_page_links_to_the_help_for_who_reads_it() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    for (path, help) in [
        ("/", "/help/"),
        ("/privacy", "/help/"),
        ("/v", "/help/citizen"),
        ("/venue/login", "/help/venue"),
        ("/venue/join", "/help/door"),
        ("/staff/login", "/help/officer"),
    ] {
        let page = browser.get(path).await;
        let foot = page.body.split("<footer").nth(1).unwrap();
        assert!(foot.contains(&format!("<a href=\"{help}\">")), "{path}: {foot}");
    }
}
