//! Officers who read declarations in their browsers: a key made there, a day opened, people called, notes
//! that only officers read, access for who comes later.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::{FIRST_DATE, at};
use vungxanh_tests::harness::search::Needles;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::declarants::Declarant;
use crate::driver::{Browser, Driver};
use crate::looks::Looks;
use crate::people::Officer;

const PHONE: (u32, u32) = (412, 915);
const DESK: (u32, u32) = (1280, 900);
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
const PASSPHRASE: &str = "bốn con trâu qua cầu tre";
const NOTE: &str = "Đã hẹn xét nghiệm chiều mai lúc ba giờ";

/// An authority that is to take declarations.
pub struct Ministry {
    pub stage: Stage,
    pub authority: Authority,
    pub url: String,
}

impl Ministry {
    pub async fn found() -> Result<Self, DemoError> {
        let executable = env!("CARGO_BIN_EXE_demo").into();
        let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, "vi").await?;
        stage.set_rate(0)?;
        let folder = stage.folder().join("authority");
        let authority = Authority::found(stage.host(), &folder, PACE).await?;
        let url = authority.url().to_owned();
        Ok(Self { stage, authority, url })
    }

    /// What the holder of the root key does with the file that an officer's page saves; what the command
    /// says.
    pub async fn add(&self, request: &Path) -> Result<String, DemoError> {
        let request = request.to_string_lossy();
        let options = ["--request", &request, "--yes"];
        let added = self.authority.command(&["officer", "add"], &options).await?.expect_code(0)?;
        Ok(added.stdout)
    }

    pub async fn make_keys(&self) -> Result<(), DemoError> {
        self.authority.command(&["intake-key", "new"], &["--days", "3"]).await?.expect_code(0)?;
        Ok(())
    }
}

/// An intake officer at a desk.
pub struct Reader<'a> {
    officer: Officer<'a>,
    downloads: PathBuf,
}

impl<'a> Reader<'a> {
    /// With an account, logged in.
    pub async fn begin(
        ministry: &'a Ministry,
        driver: &Driver,
        looks: &'a Looks,
        login: &str,
    ) -> Result<Self, DemoError> {
        let folder = ministry.stage.folder().join("browsers").join(login);
        let mut browser = driver.browser(&folder, DESK).await;
        browser.by_keyboard = true;
        browser.hold_time(ministry.stage.now()).await;
        let downloads = folder.join("downloads");
        browser.save_downloads(&downloads).await;
        let officer = Officer { browser, looks, url: &ministry.url };
        let password = ministry.authority.add_staff(login, "intake_officer").await?;
        officer.begin(login, &password).await;
        Ok(Self { officer, downloads })
    }

    pub fn browser(&self) -> &Browser {
        &self.officer.browser
    }

    pub async fn open_page(&self, language: &str) {
        let url = format!("{}/staff/intake?lang={language}", self.officer.url);
        self.browser().open(&url).await;
        let shown = "return ['key-make','key-restore','waiting','unlock'].some((id) => !document.getElementById(id).hidden)";
        self.browser().wait_until("the page", shown).await;
    }

    /// Makes the key and hands it in; the file for who keeps the root key, and the fingerprint.
    pub async fn make_key(&self) -> (PathBuf, String) {
        let browser = self.browser();
        browser.fill("#make-form [name=passphrase]", PASSPHRASE).await;
        browser.fill("#make-form [name=again]", PASSPHRASE).await;
        browser.click("#make-form > button").await;
        browser.see("#key-sheet").await;
        self.look("key-sheet").await;
        let groups =
            "return [...document.querySelectorAll('#code li')].map((e) => e.textContent).join('-')";
        let code = browser.js(groups).await.as_str().unwrap().to_owned();
        browser.click("#sheet-done").await;
        browser.is_taken_along_to("#key-try").await;
        browser.fill("#try-code", &code).await;
        browser.click("#try-form button:not(.second)").await;
        browser.see("#waiting").await;
        let fingerprint = browser.text("#waiting [data-fingerprint]").await;
        browser.click("#request-file").await;
        let line = browser.js("return document.getElementById('line').value").await;
        let name = format!("vungxanh-officer-{}.json", &line.as_str().unwrap()[..8]);
        (self.saved(&name).await, fingerprint)
    }

    pub async fn unlock(&self) {
        let browser = self.browser();
        browser.fill("#passphrase", PASSPHRASE).await;
        browser.click("#unlock-form > button").await;
        browser.see("#days").await;
    }

    /// Opens the latest day.
    pub async fn open_day(&self) {
        self.browser().click("#days-rows button").await;
        self.browser().see("#day").await;
        self.browser().wait_until("the rows", "return !!document.querySelector('#rows tr')").await;
    }

    /// The names in the list, from above.
    pub async fn names(&self) -> Vec<String> {
        let names =
            "return [...document.querySelectorAll('#rows th')].map((e) => e.innerText.trim())";
        let names = self.browser().js(names).await;
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    pub async fn search(&self, query: &str, expected: &[&str]) {
        self.browser().fill("#query", query).await;
        let names = "[...document.querySelectorAll('#rows th')].map((e) => e.innerText.trim())";
        let shown = format!(
            "return document.getElementById('query').value === {} && JSON.stringify({names}) === {}",
            Value::from(query),
            Value::from(serde_json::to_string(expected).unwrap())
        );
        self.browser().wait_until(&format!("what {query:?} finds"), &shown).await;
    }

    async fn saved(&self, name: &str) -> PathBuf {
        let file = self.downloads.join(name);
        for _ in 0..300 {
            if file.exists() {
                return file;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{name} was not saved: {:?}", std::fs::read_dir(&self.downloads).unwrap());
    }

    async fn look(&self, name: &str) {
        let name = format!("intake-{name}-{}", self.browser().language().await);
        self.officer.looks.closely(self.browser(), &name).await;
    }
}

/// Somebody declares the symptoms of the day.
async fn declare(
    ministry: &Ministry,
    driver: &Driver,
    looks: &Looks,
    (folder, name, phone, symptom): (&str, &str, &str, &str),
) {
    let folder = ministry.stage.folder().join("browsers").join(folder);
    let browser = driver.browser(&folder, PHONE).await;
    let mut person = Declarant { browser, looks, url: &ministry.url };
    person.open(ministry.stage.now()).await;
    person.begin("daily", "self", "own").await;
    person.fill(&[("name", name), ("born", "1985"), ("phone", phone)]).await;
    person.go_on("person").await;
    person.place("hoan kiem").await;
    person.browser.press_down().await;
    person.browser.press_enter().await;
    person.go_on("place").await;
    person.answer("symptoms", symptom).await;
    person.go_on("health").await;
    person.send().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn an_officer_reads_and_calls_and_only_officers_read_what_was_noted() {
    tell().await.unwrap();
}

async fn tell() -> Result<(), DemoError> {
    let ministry = Ministry::found().await?;
    let driver = Driver::start();
    let looks = Looks::new();

    // An officer makes a key, which the holder of the root key adds after comparing it by voice.
    let hoa = Reader::begin(&ministry, &driver, &looks, "hoa").await?;
    for language in ["en", "vi"] {
        hoa.open_page(language).await;
        hoa.look("key-make").await;
    }
    let (request, fingerprint) = hoa.make_key().await;
    hoa.look("waiting").await;
    hoa.browser().click("#again").await;
    hoa.browser().see("#told").await;
    let said = ministry.add(&request).await?;
    assert!(said.contains(&fingerprint), "{said} has not {fingerprint}");
    ministry.make_keys().await?;
    hoa.browser().click("#again").await;
    hoa.browser().see("#unlock").await;
    hoa.look("unlock").await;

    // Two people declare.
    let lan = ("lan", "Nguyễn Thị Lan", "0912 345 678", "fever");
    let an = ("an", "Trần Văn An", "0987 654 321", "none");
    for person in [an, lan] {
        declare(&ministry, &driver, &looks, person).await;
    }

    // A wrong passphrase opens nothing; the right one shows the day, the most urgent first.
    hoa.browser().fill("#passphrase", "không phải cụm này đâu").await;
    hoa.browser().click("#unlock-form > button").await;
    assert!(hoa.browser().text("#failed").await.contains("Sai cụm mật khẩu"));
    hoa.unlock().await;
    hoa.look("days").await;
    hoa.open_day().await;
    assert_eq!(hoa.names().await, [lan.1, an.1]);
    hoa.look("day").await;
    hoa.search("tran van", &[an.1]).await;
    hoa.search("0912 345", &[lan.1]).await;
    hoa.search("hoan kiem", &[lan.1, an.1]).await;
    hoa.search("không ai cả", &[]).await;
    hoa.search("lan", &[lan.1]).await;

    // Called, noted.
    hoa.browser().click("#rows th button").await;
    hoa.browser().see("#person").await;
    let lines = hoa.browser().text("#person-lines").await;
    for text in ["Phường Hoàn Kiếm", "1985", "0912 345 678", "Sốt"] {
        assert!(lines.contains(text), "{text}: {lines}");
    }
    hoa.browser().click("#called").await;
    let called =
        "return document.getElementById('called-state').textContent.startsWith('Trần Văn Quân')";
    hoa.browser().wait_until("that the call is noted", called).await;
    hoa.browser().fill("#note", NOTE).await;
    hoa.browser().click("#note-form > button").await;
    hoa.browser().see("#notes li").await;
    hoa.look("person").await;
    hoa.browser().click("#back").await;
    hoa.browser().see("#rows tr").await;
    let row = hoa.browser().text("#rows tr").await;
    assert!(row.contains("Đã gọi") && row.contains("ghi chú: 1"), "{row}");

    // What is chosen as a table.
    hoa.browser().click("#export").await;
    let table = hoa.saved(&format!("to-khai-{FIRST_DATE}-0.csv")).await;
    let table = std::fs::read_to_string(table).unwrap();
    assert!(table.starts_with('\u{feff}'), "spreadsheets know UTF-8 by this");
    assert!(table.contains(lan.1) && table.contains(NOTE) && !table.contains(an.1), "{table}");
    assert!(table.contains("\"'+84912345678\""), "no formula: {table}");

    // Locked: nothing is left on the page.
    hoa.browser().click("#lock").await;
    hoa.browser().see("#unlock").await;
    is_empty(hoa.browser(), &[lan.1, NOTE, "+84912345678"]).await;
    hoa.look("locked").await;

    // Another officer comes later, and gets access from the first one.
    let mai = Reader::begin(&ministry, &driver, &looks, "mai").await?;
    mai.open_page("vi").await;
    let (request, fingerprint) = mai.make_key().await;
    ministry.add(&request).await?;
    ministry.make_keys().await?;
    mai.browser().click("#again").await;
    mai.browser().see("#unlock").await;
    mai.unlock().await;
    let listed = mai.browser().text("#days-rows").await;
    assert!(listed.contains("Chưa có quyền"), "{listed}");
    hoa.open_page("vi").await;
    hoa.unlock().await;
    hoa.browser().click("#access > summary").await;
    hoa.browser().see("#receivers li").await;
    assert_eq!(hoa.browser().text("#receivers .secret").await, fingerprint);
    hoa.browser().click("#receivers button").await;
    hoa.browser().see("#receivers .error").await;
    hoa.look("access").await;
    hoa.browser().click("#receivers input").await;
    hoa.browser().click("#receivers button").await;
    hoa.browser().see("#given").await;
    hoa.browser().see("#no-receivers").await;
    mai.open_page("vi").await;
    mai.unlock().await;
    mai.open_day().await;
    mai.browser().click("#rows th button").await;
    let noted = mai.browser().text("#notes").await;
    assert!(noted.contains(NOTE) && noted.contains("Trần Văn Quân"), "{noted}");

    // Both note at once, and nothing is lost: the later one joins what the other stored.
    hoa.open_day().await;
    mai.browser().fill("#note", "Mai ghi thêm").await;
    mai.browser().click("#note-form > button").await;
    mai.browser().see("#notes li:nth-of-type(2)").await;
    hoa.browser().click("#rows th button").await;
    hoa.browser().fill("#note", "Hoa ghi thêm").await;
    hoa.browser().click("#note-form > button").await;
    hoa.browser().see("#notes li:nth-of-type(3)").await;
    let all = hoa.browser().text("#notes").await;
    for note in [NOTE, "Mai ghi thêm", "Hoa ghi thêm"] {
        assert!(all.contains(note), "{note}: {all}");
    }
    // An own note can be taken back.
    let own = "[...document.querySelectorAll('#notes li')].find((e) => e.innerText.includes('Hoa ghi thêm'))";
    hoa.browser().js(&format!("{own}.querySelector('button').id = 'own'; return 1")).await;
    hoa.browser().click("#own").await;
    let gone = "return !document.getElementById('notes').innerText.includes('Hoa ghi thêm')";
    hoa.browser().wait_until("that the note is gone", gone).await;

    // In English, too.
    mai.open_page("en").await;
    mai.look("unlock").await;
    mai.unlock().await;
    mai.look("days").await;
    mai.open_day().await;
    mai.look("day").await;
    mai.browser().click("[data-tab=door]").await;
    mai.browser().see("#door-none").await;
    mai.look("door").await;
    mai.browser().click("[data-tab=forms]").await;
    mai.browser().click("#rows th button").await;
    mai.look("person").await;
    for reader in [&hoa, &mai] {
        let problems = reader.browser().problems().await;
        // Of the register that another one had changed.
        let unexpected: Vec<_> = problems.iter().filter(|one| !one.contains("409")).collect();
        assert!(unexpected.is_empty(), "{unexpected:?}");
    }
    looks.finish();
    hoa.browser().click("#back").await;
    hoa.browser().see("#day").await;
    hoa.browser().click("#day [data-to-days]").await;
    hoa.browser().see("#days").await;
    left(&hoa, &[lan.1, NOTE]).await;
    forgotten_when_unused(&ministry, hoa, &[lan.1, NOTE]).await;
    nothing_is_elsewhere(&ministry, &[lan.1, an.1, NOTE, "Mai ghi thêm"]).await?;
    removed(&ministry, &mai).await
}

/// A page that no one uses locks itself.
async fn forgotten_when_unused(ministry: &Ministry, mut hoa: Reader<'_>, secrets: &[&str]) {
    let now: UnixTime = ministry.stage.now();
    hoa.officer.browser.hold_time_and_hurry(now).await;
    hoa.open_page("vi").await;
    hoa.browser().fill("#passphrase", PASSPHRASE).await;
    hoa.browser().click("#unlock-form > button").await;
    let said = hoa.browser().text("#locked").await;
    assert!(said.contains("không được dùng trong 5 phút"), "{said}");
    is_empty(hoa.browser(), secrets).await;
    let kept = "const all = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), \
                (await indexedDB.databases()).length, (await caches.keys()).length]; return all.join()";
    let kept = hoa.browser().js(kept).await.as_str().unwrap().to_owned();
    assert!(kept.ends_with(",{},0,0"), "{kept}");
    assert!(!secrets.iter().any(|secret| kept.contains(secret)), "{kept}");
}

/// Who leaves the page and comes back finds it locked.
async fn left(reader: &Reader<'_>, secrets: &[&str]) {
    let browser = reader.browser();
    reader.open_day().await;
    browser.open(&format!("{}/staff", reader.officer.url)).await;
    browser.js("setTimeout(() => history.go(-2), 50); return 1").await;
    browser.see("#unlock").await;
    is_empty(browser, secrets).await;
    reader.unlock().await;
    reader.open_day().await;
    browser
        .js("document.querySelector('form[action$=\"/logout\"] button').click(); return 1")
        .await;
    browser.wait_until("the way out", "return location.pathname.endsWith('/login')").await;
    is_empty(browser, secrets).await;
    reader.officer.log_in("hoa").await;
}

async fn is_empty(browser: &Browser, secrets: &[&str]) {
    let page = browser.js("return document.documentElement.outerHTML").await;
    let page = page.as_str().unwrap();
    for secret in secrets {
        assert!(!page.contains(secret), "{secret} is still there");
    }
}

/// Nothing of what was declared or noted is in the authority's files, logs or backups.
async fn nothing_is_elsewhere(ministry: &Ministry, secrets: &[&str]) -> Result<(), DemoError> {
    let backup = ministry.stage.folder().join("backup");
    let to = backup.to_string_lossy().into_owned();
    ministry.authority.command(&["backup"], &["--to", &to]).await?.expect_code(0)?;
    let mut needles = Needles::default();
    for secret in secrets.iter().chain(&["912345678", "912 345 678", "987654321", "\"fever\""]) {
        needles.add_bytes(secret.as_bytes());
    }
    let (authority, logs) = (ministry.authority.folder(), ministry.stage.folder().join("logs"));
    for folder in [authority, &logs, &backup] {
        assert_eq!(needles.found_under(folder).unwrap(), BTreeSet::new(), "{}", folder.display());
    }
    Ok(())
}

/// Who is removed has a page that says so, and nothing to open.
async fn removed(ministry: &Ministry, mai: &Reader<'_>) -> Result<(), DemoError> {
    ministry.authority.command(&["officer", "remove", "2"], &["--yes"]).await?.expect_code(0)?;
    mai.browser().click("#back").await;
    mai.browser().see("#day").await;
    mai.browser().click("#day [data-to-days]").await;
    mai.browser().see("#waiting").await;
    Ok(())
}
