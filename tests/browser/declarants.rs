//! Who declares in a browser, and the officer who reads it elsewhere.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{PassKeys, Verdict, read_code};
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::code_picture::codes_by_zbar;
use vungxanh_tests::harness::moment::{FIRST_DATE, at};
use vungxanh_tests::harness::process::Program;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::Browser;
use crate::looks::Looks;
use crate::pictures;

const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
const PASSPHRASE: &str = "bốn con trâu qua cầu tre";

/// An authority with one officer, whose keys are made; the officer's computer.
pub struct Office {
    pub stage: Stage,
    pub authority: Authority,
    key: PathBuf,
    passphrase: PathBuf,
}

impl Office {
    pub async fn open() -> Result<Self, DemoError> {
        Self::open_in("vi").await
    }

    /// The same where people's programs speak `language`.
    pub async fn open_in(language: &'static str) -> Result<Self, DemoError> {
        let executable = env!("CARGO_BIN_EXE_demo").into();
        let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, language).await?;
        stage.set_rate(0)?;
        let folder = stage.folder().join("authority");
        let authority = Authority::found(stage.host(), &folder, PACE).await?;
        let (key, passphrase) = (stage.folder().join("officer.key"), stage.folder().join("words"));
        std::fs::write(&passphrase, PASSPHRASE).unwrap();
        let office = Self { stage, authority, key, passphrase };
        let (key, words) = (path(&office.key), path(&office.passphrase));
        let made = ["intake", "keygen", "--out", &key, "--passphrase-file", &words];
        let made = office.stage.host().run(Program::Server, &made).await?.expect_code(0)?;
        let public = made.stdout.lines().map(str::trim).find(|line| line.len() == 64).unwrap();
        let officer = ["--name", "Bác sĩ Hoa", "--key", public];
        office.authority.command(&["officer", "add"], &officer).await?.expect_code(0)?;
        let days = ["--days", "3"];
        office.authority.command(&["intake-key", "new"], &days).await?.expect_code(0)?;
        Ok(office)
    }

    /// Stops the server, as if there were no network.
    pub async fn close(&mut self) -> Result<(), DemoError> {
        if let Some(server) = self.authority.take_server() {
            server.stop().await?;
        }
        Ok(())
    }

    /// What the officer reads, each time from a fresh export.
    pub async fn forms(&self, name: &str) -> Result<Vec<Value>, DemoError> {
        let list = path(&self.stage.folder().join(name));
        let export = ["--day", FIRST_DATE, "--officer", "1", "--out", &list];
        self.authority.command(&["intake", "export"], &export).await?.expect_code(0)?;
        let (key, words) = (path(&self.key), path(&self.passphrase));
        let open = ["intake", "open", "--key", &key, "--passphrase-file", &words, "--json", &list];
        let opened = self.stage.host().run(Program::Server, &open).await?.expect_code(0)?;
        let opened: Value = opened.json()?;
        assert_eq!(opened["unreadable"], 0);
        Ok(opened["forms"].as_array().unwrap().clone())
    }

    /// What a door says of a code now.
    pub async fn verdict(&self, code: &str) -> Verdict {
        let get = async |file: &str| {
            let url = format!("{}/{file}", self.authority.url());
            reqwest::get(url).await.unwrap().bytes().await.unwrap()
        };
        let now = self.stage.now();
        let document = VerifiedAuthority::first_contact(&get("v1/authority").await, now).unwrap();
        let root = document.document().root_key().unwrap();
        let keys = PassKeys::read(&get("v1/pass-keys").await, &root, None).unwrap();
        keys.judge(&read_code(code).unwrap(), now)
    }
}

/// Who declares, in a phone's browser.
pub struct Declarant<'a> {
    pub browser: Browser,
    pub looks: &'a Looks,
    pub url: &'a str,
}

impl Declarant<'_> {
    pub async fn open(&mut self, now: UnixTime) {
        self.browser.hold_time(now).await;
        self.browser.open(&format!("{}/declare?lang=vi", self.url)).await;
        self.browser
            .wait_until("the page", "return !!document.documentElement.dataset.ready")
            .await;
    }

    pub async fn begin(&self, kind: &str, whom: &str, device: &str) {
        for (field, answer) in [("kind", kind), ("whom", whom), ("device", device)] {
            self.answer(field, answer).await;
        }
        self.go_on("start").await;
    }

    /// Chooses or ticks an answer.
    pub async fn answer(&self, field: &str, answer: &str) {
        self.browser.click(&format!("#{field} input[value={answer}]")).await;
    }

    pub async fn fill(&self, fields: &[(&str, &str)]) {
        for (field, text) in fields {
            self.browser.fill(&format!("#{field}"), text).await;
        }
    }

    /// On from a step; the focus goes along.
    pub async fn go_on(&self, step: &str) {
        // A button that is still at work takes no second press.
        let idle = "return document.getElementById('next').ariaBusy !== 'true'";
        self.browser.wait_until("the step before", idle).await;
        self.browser.click("#next").await;
        let left = format!("return document.getElementById('step-{step}').hidden");
        self.browser.wait_until("the next step", &left).await;
    }

    /// Presses for a second, as a hand that is not quick does.
    pub async fn press_slowly(&self, css: &str) {
        let middle = format!(
            "const e = document.querySelector('{css}'); e.scrollIntoView({{ block: 'center' }}); \
             const {{ x, y, width, height }} = e.getBoundingClientRect(); return [x + width / 2, y + height / 2]"
        );
        let middle = self.browser.js(&middle).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": middle[0], "y": middle[1], "button": "left", "clickCount": 1,
            });
            self.browser.devtools("Input.dispatchMouseEvent", event).await;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }

    pub async fn place(&self, ward: &str) {
        self.browser.select("#province", "1").await;
        self.browser.fill("#ward-name", ward).await;
        self.browser.see("#ward-name-list li").await;
    }

    pub async fn journey(&self) {
        self.answer("vehicle", "train").await;
        self.fill(&[("number", "SE 1"), ("seat", "12A")]).await;
        self.browser.select("#fromProvince", "1").await;
        self.browser.select("#toProvince", "48").await;
        self.start_at("2026-03-02T19:30").await;
    }

    /// Waits until the browser has stored that the person is at this step: a moment after it is shown.
    pub async fn has_stored(&self, step: &str) {
        let body = "return new Promise((resolve) => { indexedDB.open('vungxanh-declare').onsuccess = ({ target: { result } }) => { \
            result.transaction('values').objectStore('values').get('draft').onsuccess = \
            ({ target: { result: draft } }) => { result.close(); resolve(draft?.step) }; }; })";
        for _ in 0..300 {
            if self.browser.js(body).await == step {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no draft at {step} is stored");
    }

    /// Opens the page again, as it was.
    pub async fn open_again(&self) {
        self.browser.open(&format!("{}/declare?lang=vi", self.url)).await;
        self.browser
            .wait_until("the page", "return !!document.documentElement.dataset.ready")
            .await;
    }

    /// The short form of a day, up to its last questions.
    pub async fn daily(&self, name: &str) {
        self.daily_after(name, "own").await;
    }

    pub async fn daily_after(&self, name: &str, device: &str) {
        self.begin("daily", "self", device).await;
        self.fill(&[("name", name), ("born", "1988"), ("phone", "0912 345 678")]).await;
        self.go_on("person").await;
        self.place("hoan kiem").await;
        self.go_on("place").await;
        self.answer("symptoms", "none").await;
    }

    /// When the journey began; fields for a day and time are filled in by a window of the browser's own.
    pub async fn start_at(&self, time: &str) {
        let body = format!(
            "const e = document.getElementById('start'); e.value = '{time}'; \
             e.dispatchEvent(new Event('input', {{ bubbles: true }})); return 1"
        );
        self.browser.js(&body).await;
    }

    /// Agrees and sends; waits for the receipt.
    pub async fn send(&self) {
        self.browser.see("#consent").await;
        self.browser.click("#consent").await;
        self.browser.click("#next").await;
        self.browser.see("#sent-list li").await;
        self.browser.is_taken_along_to("#sent").await;
    }

    /// Opens the pass of the last declaration: what its code says, read by another program.
    pub async fn pass(&self, name: &str) -> String {
        self.browser.click("#sent-list li button").await;
        self.browser.see("#pass-code svg").await;
        let picture = pictures().join(format!("{name}.png"));
        self.browser.picture(&picture).await;
        let codes = codes_by_zbar(&picture, 1).unwrap();
        assert_eq!(codes.len(), 1, "{codes:?}");
        codes[0].clone()
    }

    pub async fn picture(&self, name: &str) {
        self.looks.at(&self.browser, &format!("declare-{name}")).await;
    }
}

fn path(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}
