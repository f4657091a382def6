//! An approved venue changes its name, address and telephone with an officer's approval: refused with a reason, withdrawn,
//! approved. Told once in Vietnamese and once in English.

use vungxanh_tests::demo::market::{self, MANAGERS_LOGIN, Market, OFFICERS_LOGIN};
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::{Browser, Driver};
use crate::looks::Looks;
use crate::people::log_in_at;

const PHONE: (u32, u32) = (412, 915);
const DESK: (u32, u32) = (1280, 900);
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
const REFUSED_NAME: &str = "Siêu thị Đồng Xuân";
const REASON: &str = "Giấy phép vẫn ghi tên chợ.";
const NEW_NAME: &str = "Chợ Bắc Qua";
const NEW_STREET: &str = "1 Hàng Khoai";
const NEW_PHONE: &str = "0987 654 321";
const SEND: &str = "main form[action$='/venue/change'] button";
const REFUSE: &str = "button[value=refuse]";
const APPROVE: &str = "button[value=approve]";

/// The manager of the market and the officer for venues.
struct Registration<'a> {
    manager: Browser,
    officer: Browser,
    looks: &'a Looks,
    authority: &'a Authority,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn a_venue_changes_its_name_and_telephone_with_an_officers_approval() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn a_venue_changes_its_name_and_telephone_with_an_officers_approval_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, language).await?;
    stage.set_rate(0)?;
    let folder = stage.folder().to_owned();
    let authority = Authority::found(stage.host(), &folder.join("authority"), PACE).await?;
    Market::open(&authority, &folder, language).await?;
    let (driver, looks) = (Driver::start_in(language), Looks::of_story_in(language));
    let browser =
        async |name: &str, size| driver.browser(&folder.join("browsers").join(name), size).await;
    let registration = Registration {
        manager: browser("manager", PHONE).await,
        officer: browser("officer", DESK).await,
        looks: &looks,
        authority: &authority,
    };
    let url = authority.url();
    log_in_at(&registration.manager, &format!("{url}/venue"), MANAGERS_LOGIN).await;
    log_in_at(&registration.officer, &format!("{url}/staff"), OFFICERS_LOGIN).await;

    registration.refused().await;
    registration.withdrawn().await;
    registration.approved().await;

    let problems = [registration.manager.problems().await, registration.officer.problems().await];
    let mut problems = problems.concat();
    // Forms that were filled in wrong on purpose.
    problems.retain(|problem| !problem.contains("responded with a status of 422"));
    assert_eq!(problems, Vec::<String>::new());

    // From now on the new telephone is the login.
    let other = browser("other", PHONE).await;
    let (old, password) = MANAGERS_LOGIN;
    log_in_at(&other, &format!("{url}/venue"), (old, password)).await;
    assert!(other.address().await.ends_with("/venue/login"), "with the old telephone");
    log_in_at(&other, &format!("{url}/venue"), (NEW_PHONE, password)).await;
    assert_eq!(other.address().await, format!("{url}/venue"));
    assert_eq!(other.text("h1").await, NEW_NAME);
    looks.finish();
    Ok(())
}

async fn says(browser: &Browser, vietnamese: &str, english: &str) {
    let (shown, expected) = (browser.text("main").await, browser.words(vietnamese, english));
    assert!(shown.contains(expected), "not “{expected}” but:\n{shown}");
}

impl Registration<'_> {
    async fn manager_opens(&self, path: &str) {
        self.manager.open(&format!("{}{path}", self.authority.url())).await;
    }

    async fn looks_at(&self, browser: &Browser, name: &str, path: &str) {
        self.looks.look(browser, self.authority.url(), name, path).await;
    }

    /// Another name is proposed.
    async fn propose(&self, name: &str) {
        self.manager_opens("/venue/change").await;
        self.manager.fill("#name", name).await;
        self.manager.send(SEND).await;
        says(&self.manager, "Đã gửi đề nghị.", "The change waits for an officer now.").await;
        assert_eq!(self.manager.text("h1").await, market::NAME, "not before it is approved");
    }

    /// The officer goes to the one change that waits, as the pages lead there.
    async fn look_at_change(&self) {
        let officer = &self.officer;
        officer.open(&format!("{}/staff", self.authority.url())).await;
        officer.send("main a[href*='/staff/venues']").await;
        officer.send("main a[href$='/staff/venues/changes']").await;
        officer.send("main tbody a[href$='/change']").await;
    }

    /// What the officer compares: each field that changes, as it is and as it is proposed.
    async fn compared(&self) -> Vec<String> {
        let cells =
            "return [...document.querySelectorAll('main tbody td')].map((cell) => cell.innerText)";
        let cells = self.officer.js(cells).await;
        cells.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()
    }

    /// A form without a change is no proposal; a proposal is refused with a reason, which the venue reads.
    async fn refused(&self) {
        let (manager, officer) = (&self.manager, &self.officer);
        for language in manager.languages() {
            self.manager_opens(&format!("/venue?lang={language}")).await;
            manager.send("main a[href$='/venue/change']").await;
            manager.send(SEND).await;
            self.looks.moment(manager, "page-change-none").await;
        }
        says(manager, "Chưa có gì thay đổi.", "Nothing has changed.").await;
        self.looks_at(manager, "venue-change", "/venue/change").await;
        self.propose(REFUSED_NAME).await;
        self.looks_at(manager, "venue-change-waiting", "/venue/change").await;

        self.look_at_change().await;
        assert_eq!(self.compared().await, [market::NAME, REFUSED_NAME]);
        self.looks_at(officer, "staff-venue-changes", "/staff/venues/changes").await;
        let address = "/staff/venues/1/change";
        self.looks_at(officer, "staff-venue-change", address).await;
        for language in officer.languages() {
            officer.open(&format!("{}{address}?lang={language}", self.authority.url())).await;
            officer.send(REFUSE).await;
            officer.see("#reason-error").await;
            self.looks.moment(officer, "page-change-without-reason").await;
        }
        officer.fill("#reason", REASON).await;
        officer.send(REFUSE).await;
        says(officer, "Đã từ chối thay đổi.", "The change is refused.").await;
        self.looks.at(officer, "staff-venue-changes-none").await;

        self.manager_opens("/venue").await;
        says(manager, REASON, REASON).await;
        says(manager, "Thông tin đăng ký vẫn như cũ.", "The registration stays as it was.").await;
        self.looks.at(manager, "venue-home-change-refused").await;
        manager.send("form[action$='/change/read'] button").await;
        assert!(!manager.text("main").await.contains(REASON));
    }

    async fn withdrawn(&self) {
        self.propose(REFUSED_NAME).await;
        self.manager_opens("/venue").await;
        says(&self.manager, "đang chờ cán bộ y tế", "A change waits for an officer.").await;
        self.manager_opens("/venue/change").await;
        self.manager.send("form[action$='/withdraw'] button").await;
        says(&self.manager, "Đã rút lại đề nghị", "The change is withdrawn.").await;
        self.officer.open(&format!("{}/staff/venues/changes", self.authority.url())).await;
        says(&self.officer, "Không có thay đổi nào", "No changes of approved venues").await;
    }

    /// A new telephone is confirmed by its code before the officer sees the change.
    async fn approved(&self) {
        let (manager, officer) = (&self.manager, &self.officer);
        for language in manager.languages() {
            self.manager_opens(&format!("/venue/change?lang={language}")).await;
            for (field, value) in
                [("#name", NEW_NAME), ("#street", NEW_STREET), ("#phone", NEW_PHONE)]
            {
                manager.fill(field, value).await;
            }
            manager.send(SEND).await;
            self.looks.moment(manager, "page-change-phone-code").await;
        }
        says(manager, "Xác nhận số điện thoại mới", "Confirm the new telephone number").await;
        officer.open(&format!("{}/staff/venues/changes", self.authority.url())).await;
        says(officer, "Không có thay đổi nào", "No changes of approved venues").await;
        let code = self.authority.last_text_code().unwrap().unwrap();
        manager.fill("#code", &code).await;
        manager.send("main form button").await;
        says(manager, "Đã gửi đề nghị.", "The change waits for an officer now.").await;

        self.look_at_change().await;
        let compared = self.compared().await;
        assert_eq!(compared[..2], [market::NAME, NEW_NAME]);
        assert!(compared.contains(&NEW_STREET.to_owned()), "{compared:?}");
        says(officer, "Số mới đã được xác nhận", "The new number was confirmed").await;
        officer.send(APPROVE).await;
        says(officer, "Thay đổi đã có hiệu lực.", "The change is in force.").await;

        self.manager_opens("/venue").await;
        assert_eq!(manager.text("h1").await, NEW_NAME);
        says(manager, "Cán bộ y tế đã duyệt thay đổi", "An officer approved your change").await;
        self.looks_at(manager, "venue-home-change-approved", "/venue").await;
        manager.send("form[action$='/change/read'] button").await;
        let shown = manager.text("main").await;
        assert!(!shown.contains(manager.words("đã duyệt thay đổi", "approved your change")));
    }
}
