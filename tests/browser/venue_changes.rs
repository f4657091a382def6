//! For a venue's manager and the officer who decides: another name, address and telephone of an approved venue, once in
//! Vietnamese and once in English, and what is refused.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::poster::payload_of_url;
use vungxanh_tests::demo::market::{MANAGERS_LOGIN, NAME, OFFICERS_LOGIN};
use vungxanh_tests::harness::authority::{Authority, LOG};
use vungxanh_tests::harness::code_picture::codes_by_zbar;
use vungxanh_tests::harness::moment::FIRST_DATE;
use vungxanh_tests::harness::stage::DemoError;

use crate::door_keepers::DoorOffice;
use crate::driver::{Browser, Driver};
use crate::looks::Looks;
use crate::passers_by::PasserBy;
use crate::people::{log_in_at, says};

const PHONE: (u32, u32) = (412, 915);
const DESK: (u32, u32) = (1280, 900);
const REASON: &str = "Không phải địa điểm này.";

/// What one round changes.
struct Round {
    language: &'static str,
    old_name: &'static str,
    name: &'static str,
    street: &'static str,
    old_phone: &'static str,
    phone: &'static str,
}

const ROUNDS: [Round; 2] = [
    Round {
        language: "vi",
        old_name: NAME,
        name: "Chợ Bắc Qua",
        street: "1 Hàng Khoai",
        old_phone: "+84912345678",
        phone: "+84987654321",
    },
    Round {
        language: "en",
        old_name: "Chợ Bắc Qua",
        name: "Chợ Long Biên",
        street: "12 Hồng Hà",
        old_phone: "+84987654321",
        phone: "+84905111222",
    },
];

/// The manager's browser and the officer's.
struct Town<'a> {
    manager: Browser,
    officer: Browser,
    looks: &'a Looks,
    url: &'a str,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn a_venue_has_another_name_and_telephone_as_soon_as_an_officer_approves() {
    tell().await.unwrap();
}

async fn tell() -> Result<(), DemoError> {
    let door = DoorOffice::open().await?;
    let (stage, authority) = (&door.office.stage, &door.office.authority);
    let (driver, looks, now) = (Driver::start(), Looks::new(), stage.now());
    let folder = |name: &str| stage.folder().join("browsers").join(name);
    let log = stage.folder().join("logs").join(LOG);
    let browser = driver.browser(&folder("passer-by"), PHONE).await;
    let mut passer_by = PasserBy { browser, url: authority.url(), log };
    passer_by.browser.hold_time(now).await;
    let mut town = Town {
        manager: driver.browser(&folder("manager"), PHONE).await,
        officer: driver.browser(&folder("officer"), DESK).await,
        looks: &looks,
        url: authority.url(),
    };
    log_in_at(&town.manager, &format!("{}/venue", town.url), MANAGERS_LOGIN).await;
    log_in_at(&town.officer, &format!("{}/staff", town.url), OFFICERS_LOGIN).await;
    let mut poster = codes_by_zbar(&door.market.poster).unwrap().pop().unwrap();
    for round in &ROUNDS {
        // One of the rounds by keyboard.
        let by_keyboard = round.language == "vi";
        (town.manager.by_keyboard, town.officer.by_keyboard) = (by_keyboard, by_keyboard);
        town.propose(round, authority).await?;
        town.approve(round).await;
        town.is_changed(round).await;
        let picture = stage.folder().join(format!("poster-{}.png", round.language));
        let new = town.poster(door.market.unit, &picture).await;
        passer_by.admits(&poster, round.old_name, round.language).await;
        passer_by.admits(&new, round.name, round.language).await;
        let phones = [round.old_phone, round.phone];
        passer_by.only_new_phone_works(phones, round.name, round.language).await;
        town.is_refused(round).await;
        poster = new;
    }
    // A request is told to the number of the last change.
    let payload = payload_of_url(&poster).unwrap();
    ask(authority, &payload, now).await?;
    let told = authority.last_message()?.unwrap();
    assert!(told.contains(ROUNDS[1].phone) && told.contains("/venue/requests"), "{told}");
    for browser in [&town.manager, &town.officer, &passer_by.browser] {
        // Forms with errors and a login with the number of before.
        let mut problems = browser.problems().await;
        problems.retain(|problem| !problem.contains("responded with a status of 4"));
        assert_eq!(problems, Vec::<String>::new());
    }
    looks.finish();
    Ok(())
}

/// The authority asks for the hour before `now` at a poster.
async fn ask(authority: &Authority, payload: &[u8], now: UnixTime) -> Result<(), DemoError> {
    let (from, until) = (now.as_secs() - 3_000, now.as_secs() - 600);
    let visit = format!("vx-visit:1:{}:{from}:{until}", PosterFingerprint::of_payload(payload));
    Ok(authority.request_shares(&visit, FIRST_DATE).await?)
}

impl Town<'_> {
    async fn open(&self, browser: &Browser, path: &str, language: &str) {
        browser.open(&format!("{}{path}?lang={language}", self.url)).await;
    }

    /// The manager first sends the form as it is, then with a telephone that is none, then right, and confirms the
    /// new telephone by the code that comes to it.
    async fn propose(&self, round: &Round, authority: &Authority) -> Result<(), DemoError> {
        let (browser, language, send) = (&self.manager, round.language, ".actions button");
        self.open(browser, "/venue", language).await;
        says(browser, language, [round.old_name, round.old_name]).await;
        browser.send("main a[href$='/venue/change']").await;
        says(browser, language, ["Thay đổi thông tin đăng ký", "Change the registration"]).await;
        self.looks.moment(browser, "page-change").await;
        browser.send(send).await;
        says(browser, language, ["Chưa có gì thay đổi.", "Nothing has changed."]).await;
        browser.fill("#name", round.name).await;
        browser.fill("#street", round.street).await;
        browser.fill("#phone", "0912").await;
        browser.send(send).await;
        let kept = "return ['name', 'street', 'phone'].map((id) => document.getElementById(id).value).join()";
        let typed = format!("{},{},0912", round.name, round.street);
        assert_eq!(browser.js(kept).await, typed, "what was typed is kept");
        self.looks.moment(browser, "page-change-wrong").await;
        let national = round.phone.replace("+84", "0");
        browser.fill("#phone", &national).await;
        browser.send(send).await;
        let asked = ["Xác nhận số điện thoại mới", "Confirm the new telephone number"];
        says(browser, language, asked).await;
        self.looks.moment(browser, "page-change-code").await;
        let message = authority.last_message()?.unwrap();
        assert!(message.contains(round.phone), "{message}");
        browser.fill("#code", &authority.last_text_code()?.unwrap()).await;
        browser.send("main form:not(.plain) button").await;
        let sent = [
            "Đã gửi đề nghị. Cho đến khi cán bộ y tế duyệt, mọi thông tin giữ nguyên.",
            "The change waits for an officer now. Until then everything stays as it is.",
        ];
        says(browser, language, sent).await;
        assert_eq!(browser.text("h1").await, round.old_name);
        self.looks.moment(browser, "page-home-change-waits").await;
        browser.send("main a[href$='/venue/change']").await;
        says(browser, language, ["Có một thay đổi đang chờ", "A change waits for an officer"])
            .await;
        self.looks.moment(browser, "page-change-waits").await;
        Ok(())
    }

    /// The officer finds the one change that waits, from the list of venues.
    async fn find(&self, language: &str, old_name: &str) {
        let browser = &self.officer;
        self.open(browser, "/staff/venues", language).await;
        let count = [
            "Có 1 thay đổi của địa điểm đã duyệt đang chờ",
            "1 change of an approved venue is waiting",
        ];
        says(browser, language, count).await;
        browser.send("main a[href$='/venues/changes']").await;
        says(browser, language, [old_name, old_name]).await;
        self.looks.moment(browser, "page-staff-changes").await;
        browser.send(".as-cards a").await;
        let titles = [format!("Thay đổi của {old_name}"), format!("Change of {old_name}")];
        says(browser, language, titles.each_ref().map(String::as_str)).await;
    }

    async fn approve(&self, round: &Round) {
        let browser = &self.officer;
        self.find(round.language, round.old_name).await;
        let shown = browser.text("table").await;
        for text in [round.old_name, round.name, round.street, round.old_phone, round.phone] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        let confirmed =
            ["Số mới đã được xác nhận bằng mã.", "The new number was confirmed by a code."];
        says(browser, round.language, confirmed).await;
        self.looks.moment(browser, "page-staff-change").await;
        browser.send("button[value=approve]").await;
        says(browser, round.language, ["Thay đổi đã có hiệu lực.", "The change is in force."])
            .await;
        self.looks.moment(browser, "page-staff-changes-none").await;
        self.open(browser, "/staff/venues/1", round.language).await;
        assert_eq!(browser.text("h1").await, round.name);
        let list = browser.text("dl").await;
        for text in [round.street, round.phone] {
            assert!(list.contains(text), "{text}: {list}");
        }
    }

    /// The manager's page has the new name and says what to do, until it is read.
    async fn is_changed(&self, round: &Round) {
        let browser = &self.manager;
        self.open(browser, "/venue", round.language).await;
        assert_eq!(browser.text("h1").await, round.name);
        let approved =
            ["Cán bộ y tế đã duyệt thay đổi của bạn.", "An officer approved your change."];
        says(browser, round.language, approved).await;
        self.looks.moment(browser, "page-home-change-approved").await;
        self.put_away(approved).await;
    }

    /// The manager hides what was decided.
    async fn put_away(&self, said: [&str; 2]) {
        self.manager.send("form[action$='/change/read'] button").await;
        let shown = self.manager.text("main").await;
        assert!(said.iter().all(|text| !shown.contains(text)), "{shown}");
    }

    /// The address of the poster that can be printed now, as its picture says it.
    async fn poster(&self, unit: u64, file: &Path) -> String {
        let body = format!(
            "const r = await fetch('/venue/posters/{unit}.png'); const b = new Uint8Array(await r.arrayBuffer()); \
             let s = ''; for (const x of b) s += String.fromCharCode(x); return btoa(s)"
        );
        let picture = self.manager.js(&body).await;
        std::fs::write(file, BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap()).unwrap();
        let codes = codes_by_zbar(file).unwrap();
        assert_eq!(codes.len(), 1, "{codes:?}");
        codes[0].clone()
    }

    /// The manager takes a proposal back; the next one is refused, with a reason, which the manager reads.
    async fn is_refused(&self, round: &Round) {
        let (browser, officer, language) = (&self.manager, &self.officer, round.language);
        for is_taken_back in [true, false] {
            self.open(browser, "/venue/change", language).await;
            browser.fill("#name", "Siêu thị Ánh Dương").await;
            browser.send(".actions button").await;
            if is_taken_back {
                browser.send("main a[href$='/venue/change']").await;
                browser.send("form[action$='/withdraw'] button").await;
                let taken_back = ["Đã rút lại đề nghị thay đổi.", "The change is withdrawn."];
                says(browser, language, taken_back).await;
            }
        }
        self.find(language, round.name).await;
        officer.send("button[value=refuse]").await;
        says(officer, language, ["Hãy ghi lý do", "Give a reason"]).await;
        self.looks.moment(officer, "page-staff-change-no-reason").await;
        officer.fill("#reason", REASON).await;
        officer.send("button[value=refuse]").await;
        let refused = ["Đã từ chối thay đổi.", "The change is refused."];
        says(officer, language, refused).await;
        self.open(browser, "/venue", language).await;
        assert_eq!(browser.text("h1").await, round.name);
        let told = [
            format!("Cán bộ y tế đã từ chối thay đổi gần nhất. Lý do: {REASON}"),
            format!("An officer refused the last change. The reason: {REASON}"),
        ];
        let told = told.each_ref().map(String::as_str);
        says(browser, language, told).await;
        self.looks.moment(browser, "page-home-change-refused").await;
        browser.send("main a[href$='/venue/change']").await;
        says(browser, language, told).await;
        self.looks.moment(browser, "page-change-refused").await;
        self.open(browser, "/venue", language).await;
        self.put_away(told).await;
    }
}
