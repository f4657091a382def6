//! A person declares on their own page: real daemon, real server, and the officer's key opens what was typed.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use vungxanh_protocol::pass::Verdict;
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::stage::ACTING;

use crate::declarations::{Officer, pass, states, verdict};
use crate::town::{TestResult, Town, eventually};

const FORM: &str = "/declarations/form";
const CHECK: &str = "/declarations/check";
const DAILY: &str = "/declarations/daily";

/// A browser that `vungxanh open` has opened.
struct Browser {
    client: Client,
    base: String,
    cookie: String,
}

impl Browser {
    async fn open(person: &Person) -> Self {
        let opened = person.command(&["open", "--print", "--json"]).await.unwrap();
        let opened: Value = opened.expect_code(0).unwrap().json().unwrap();
        let address = opened["address"].as_str().unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let answer = client.get(address).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let base = address.split("/open/").next().unwrap().to_owned();
        let browser = Self { client, base, cookie };
        browser.page("/?lang=en").await;
        browser
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.base));
        request.header("cookie", &self.cookie).send().await.unwrap()
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// Status, where the browser is sent on, and the page.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let settings = self.page("/settings").await;
        let (_, rest) = settings.split_once("name=\"csrf\" value=\"").unwrap();
        let csrf = rest.split('"').next().unwrap();
        let escaped =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let pairs = [&[("csrf", csrf)], fields].concat();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request
            .header("cookie", &self.cookie)
            .header("origin", &self.base)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(pairs.join("&"));
        let answer = request.send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default(), answer.text().await.unwrap())
    }

    /// Posts, which leads on; where to.
    async fn posted(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let (status, to, body) = self.post(path, fields).await;
        assert_eq!(status, 303, "{path}: {body}");
        to
    }

    /// Fills in a form, up to where it is read over.
    async fn fill(&self, name: &str) {
        self.posted("/declarations/new", &[("kind", "population"), ("whom", "self")]).await;
        let person = [
            ("step", "person"),
            ("name", name),
            ("born", "1966"),
            ("gender", "male"),
            ("nationality", "VN"),
            ("phone", "0912 345 678"),
        ];
        self.posted(FORM, &person).await;
        let place = [
            ("step", "place"),
            ("province", "1"),
            ("wardName", "hoan kiem"),
            ("address", "12 ngõ"),
        ];
        self.posted(FORM, &place).await;
        let health = [
            ("step", "health"),
            ("symptoms", "fatigue"),
            ("contacts", "none"),
            ("travelled", "no"),
        ];
        assert_eq!(self.posted(FORM, &health).await, CHECK);
    }
}

/// What the officer should read of a form that was filled in.
fn expected(name: &str, read: &Value) -> Value {
    json!({
        "kind": "population", "day": read["day"], "name": name, "born": 1966, "gender": "male",
        "nationality": "VN", "ward": 70, "address": "12 ngõ", "phone": "+84912345678",
        "travelled": false, "symptoms": ["fatigue"], "contacts": [], "consent": 1,
    })
}

const AGREED: [(&str, &str); 2] = [("printed", "6"), ("consent", "yes")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_on_the_page_is_opened_by_the_officers_key_corrected_withdrawn_and_sent_later()
-> TestResult {
    let mut town = Town::found().await;
    let [dung] = town.people(["dung"]).await?;
    town.stage.set_rate(1)?;
    let browser = Browser::open(&dung).await;
    let early = browser.get("/declarations/new").await;
    assert_eq!(early.status(), 409, "without keys none are taken");
    assert!(early.text().await.unwrap().contains("takes no declarations at present"));
    let officer = Officer::admitted(&town).await?;
    browser.fill("Nguyễn Văn Dũng").await;
    let one = browser.posted(CHECK, &AGREED).await;
    let page = browser.page(&one).await;
    assert!(page.contains("The health authority has received the declaration."), "{page}");
    assert!(page.contains("18 passes to show on this device and 6 to print"), "{page}");
    let read = officer.reads(&town, "first").await?;
    assert_eq!(read, [expected("Nguyễn Văn Dũng", &read[0])]);
    assert!(browser.page("/pass").await.contains("<svg"));
    let now = town.stage.now();
    assert!(matches!(verdict(&town, &pass(&dung, &[]).await?, now), Verdict::Valid(_)));
    assert!(browser.page("/").await.contains("You have declared today."));

    // Corrected: it takes the place of the first, and its passes stay.
    let submission = one.split_once("of=").unwrap().1;
    let form = browser.posted("/declarations/correct", &[("of", submission)]).await;
    let person = browser.page(&form).await;
    assert!(person.contains("You are correcting") && person.contains("value=\"Nguyễn Văn Dũng\""));
    let better = [
        ("step", "person"),
        ("name", "Nguyễn Văn Đũng"),
        ("born", "1966"),
        ("gender", "male"),
        ("nationality", "VN"),
        ("phone", "0912 345 678"),
    ];
    browser.posted(FORM, &better).await;
    assert!(!browser.page(CHECK).await.contains("name=\"printed\""), "there are no new passes");
    let corrected = browser.posted(CHECK, &[("consent", "yes")]).await;
    assert_eq!(states(&dung).await?, ["sent", "replaced"]);
    let read = officer.reads(&town, "corrected").await?;
    assert_eq!(read, [expected("Nguyễn Văn Đũng", &read[0])]);
    assert!(browser.page(&one).await.contains("A later declaration has taken the place"));

    let of = [("of", corrected.split_once("of=").unwrap().1)];
    let (status, _, asked) = browser.post("/declarations/withdraw", &of).await;
    assert_eq!(status, 200);
    assert!(asked.contains("name=\"sure\" value=\"yes\""), "{asked}");
    assert_eq!(states(&dung).await?, ["sent", "replaced"], "not before it is confirmed");
    let withdrawn = [&of[..], &[("sure", "yes")]].concat();
    let page = browser.posted("/declarations/withdraw", &withdrawn).await;
    assert!(browser.page(&page).await.contains("has deleted this declaration"));
    assert!(officer.reads(&town, "withdrawn").await?.is_empty());
    assert!(browser.page("/pass").await.contains("<svg"), "the passes stay");

    // The server is gone: it is sealed with the keys of before, kept, and sent when the server is back.
    town.authority.take_server().unwrap().kill();
    let page = browser.page(DAILY).await;
    assert!(page.contains("sealed with the keys fetched before"), "{page}");
    let waiting = browser.posted(DAILY, &[("answer", "none")]).await;
    assert!(browser.page(&waiting).await.contains("Waiting to be sent"));
    assert_eq!(states(&dung).await?, ["waiting", "withdrawn", "replaced"]);
    town.authority.serve().await?;
    town.stage.set_rate(ACTING)?;
    eventually("it to be sent", async || Ok(states(&dung).await?[0] == "sent")).await?;
    town.stage.set_rate(1)?;
    let read = officer.reads(&town, "daily").await?;
    let daily = json!({
        "kind": "daily", "day": read[0]["day"], "name": "Nguyễn Văn Đũng", "born": 1966, "ward": 70,
        "phone": "+84912345678", "symptoms": [], "consent": 1,
    });
    assert_eq!(read, [daily]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_code_is_asked_it_is_typed_on_the_page() -> TestResult {
    let mut town = Town::found().await;
    let [dung] = town.people(["dung"]).await?;
    let officer = Officer::admitted(&town).await?;
    town.stage.set_rate(1)?;
    town.authority.take_server().unwrap().kill();
    town.authority.ask_phone_codes().await?;
    town.authority.serve().await?;
    let browser = Browser::open(&dung).await;
    browser.fill("Dũng").await;
    assert!(browser.page(CHECK).await.contains("you get a code by message"));
    let (status, _, page) = browser.post(CHECK, &AGREED).await;
    assert_eq!(status, 200);
    assert!(page.contains("sent a message with a code to +84912345678"), "{page}");
    assert!(
        page.contains("name=\"consent\" value=\"yes\"")
            && page.contains("name=\"printed\" value=\"6\"")
    );
    assert!(states(&dung).await?.is_empty(), "nothing is sealed without it");
    eventually("a message", async || Ok(town.authority.last_text_code()?.is_some())).await?;
    let code = town.authority.last_text_code()?.unwrap();
    let with = |code: &'static str| [&AGREED[..], &[("asked", "yes"), ("code", code)]].concat();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for (typed, words) in
        [("12", "Type the six digits"), ("", "Type the six digits"), (wrong, "Tries left: 4")]
    {
        let (status, _, page) = browser.post(CHECK, &with(typed)).await;
        assert_eq!(status, 422, "{typed}");
        assert!(page.contains(words) && page.contains("href=\"#code\""), "{typed}: {page}");
    }
    let right = [&AGREED[..], &[("asked", "yes"), ("code", code.as_str())]].concat();
    let one = browser.posted(CHECK, &right).await;
    assert!(browser.page(&one).await.contains("has received the declaration"));
    // The number is proven for today: the symptoms of the day take no second message.
    browser.posted(DAILY, &[("answer", "none")]).await;
    assert_eq!(states(&dung).await?, ["sent", "sent"]);
    assert_eq!(town.authority.last_text_code()?, Some(code), "one message");
    let read = officer.reads(&town, "list").await?;
    assert!(read.iter().all(|form| form["provenPhone"] == "+84912345678"), "{read:?}");
    assert_eq!(read.len(), 2);
    Ok(())
}
