//! For a venue's manager and who has a telephone of its staff: invited by a QR code, counting, sent away again; an invitation
//! works once and for a day. Once in Vietnamese and once in English.

use std::path::Path;

use vungxanh_tests::demo::market::MANAGERS_LOGIN;
use vungxanh_tests::harness::code_picture::codes_by_zbar;
use vungxanh_tests::harness::stage::DemoError;

use crate::door_keepers::DoorOffice;
use crate::driver::{Browser, Driver};
use crate::looks::Looks;
use crate::people::{log_in_at, says};

const PHONE: (u32, u32) = (412, 915);
/// An invitation is good for a day.
const AFTER_A_DAY: u64 = 86_400 + 60;
/// Scaled seconds a second while the day passes.
const WAITING: u32 = 86_400;
/// Languages, with who has a phone.
const ROUNDS: [(&str, &str); 2] = [("vi", "Tâm, cổng sau"), ("en", "Hoa, upper floor")];
const REFUSED: [&str; 2] = [
    "Mã không đúng, đã dùng hoặc đã hết hạn. Hãy kiểm tra hoặc xin mã mới.",
    "The code is wrong, used or expired. Check it or ask for another.",
];

/// The manager's browser, that of the staff's phone, and another phone.
struct Market<'a> {
    manager: Browser,
    phone: Browser,
    other: Browser,
    looks: &'a Looks,
    url: &'a str,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core, pdftoppm and zbarimg"]
async fn a_phone_joins_by_the_code_on_the_screen_once_and_is_sent_away() {
    tell().await.unwrap();
}

async fn tell() -> Result<(), DemoError> {
    let mut door = DoorOffice::open().await?;
    let (driver, looks) = (Driver::start(), Looks::new());
    let url = door.office.authority.url().to_owned();
    let folder = door.office.stage.folder().to_owned();
    let profile = |name: &str| folder.join("browsers").join(name);
    let mut market = Market {
        manager: driver.browser(&profile("manager"), PHONE).await,
        phone: driver.browser(&profile("phone"), PHONE).await,
        other: driver.browser(&profile("other"), PHONE).await,
        looks: &looks,
        url: &url,
    };
    log_in_at(&market.manager, &format!("{url}/venue"), MANAGERS_LOGIN).await;
    for (language, name) in ROUNDS {
        let by_keyboard = language == "vi";
        for browser in [&mut market.manager, &mut market.phone, &mut market.other] {
            browser.by_keyboard = by_keyboard;
        }
        let invitation = market.invite(language, name, &folder.join("invitation.png")).await;
        looks.print(&market.manager, "invitation").await;
        market.join(language, name, &invitation).await;
        market.is_refused(&invitation, language).await;
        looks.moment(&market.other, "page-join-refused").await;
        market.send_away(language, name).await;
    }
    // Nobody came with this one within a day.
    let invitation = market.invite("vi", "Minh, bãi xe", &folder.join("invitation.png")).await;
    let until = door.office.stage.now().plus(AFTER_A_DAY);
    door.office.stage.pass_until(until, WAITING).await?;
    for language in ["vi", "en"] {
        market.is_refused(&invitation, language).await;
    }
    for browser in [&market.manager, &market.phone, &market.other] {
        let mut problems = browser.problems().await;
        // Of invitations that were refused.
        problems.retain(|problem| !problem.contains("responded with a status of 401"));
        assert_eq!(problems, Vec::<String>::new());
    }
    looks.finish();
    Ok(())
}

impl Market<'_> {
    /// The address that the code on the manager's screen holds.
    async fn invite(&self, language: &str, name: &str, picture: &Path) -> String {
        let browser = &self.manager;
        browser.open(&format!("{}/venue/people?lang={language}", self.url)).await;
        browser.fill("#person", name).await;
        browser.send("section form button").await;
        browser.is_taken_along_to("main .notice").await;
        let title = [format!("Lời mời cho {name}"), format!("Invitation for {name}")];
        says(browser, language, title.each_ref().map(String::as_str)).await;
        browser.picture_of("main .notice .qr", 2, picture).await;
        let codes = codes_by_zbar(picture, 1).unwrap();
        let written = browser.text("main .notice .secret.large").await;
        assert_eq!(codes, [format!("{}/venue/join#{written}", self.url)]);
        codes[0].clone()
    }

    /// Opens the address of an invitation, whose code is filled in and stands in the address no more.
    async fn scan(&self, browser: &Browser, invitation: &str, language: &str) {
        let address = invitation.replacen('#', &format!("?lang={language}#"), 1);
        browser.open(&address).await;
        browser.see("#from-code").await;
        let (_, code) = invitation.split_once('#').unwrap();
        assert_eq!(browser.js("return document.getElementById('code').value").await, code);
        assert!(!browser.address().await.contains('#'), "the address names the code");
        let filled_in = [
            "Mã mời của bạn đã được điền sẵn. Hãy bấm nút.",
            "The code of your invitation is filled in. Press the button.",
        ];
        says(browser, language, filled_in).await;
    }

    /// The phone joins and can count; the manager sees it.
    async fn join(&self, language: &str, name: &str, invitation: &str) {
        let browser = &self.phone;
        self.scan(browser, invitation, language).await;
        browser.is_taken_along_to("main form button").await;
        self.looks.moment(browser, "page-join").await;
        browser.send("main form button").await;
        says(browser, language, ["Bạn đang ở khu vực nào?", "At which unit are you?"]).await;
        self.looks.moment(browser, "page-phone-units").await;
        browser.send(".doors a").await;
        browser.send(".huge").await;
        says(browser, language, ["lượt trong giờ này", "visits in this hour"]).await;
        assert_eq!(browser.text(".tally .number").await, if language == "vi" { "1" } else { "2" });
        assert!(self.is_listed(language, name).await);
        self.looks.moment(&self.manager, "page-phones").await;
    }

    async fn is_listed(&self, language: &str, name: &str) -> bool {
        self.manager.open(&format!("{}/venue/people?lang={language}", self.url)).await;
        let names = "return [...document.querySelectorAll('.cards h2')].map((e) => e.innerText)";
        let names = self.manager.js(names).await;
        names.as_array().unwrap().iter().any(|listed| listed == name)
    }

    /// Another phone is told what is wrong with the invitation, and what to do; what it held stays to be compared.
    async fn is_refused(&self, invitation: &str, language: &str) {
        let browser = &self.other;
        self.scan(browser, invitation, language).await;
        browser.send("main form button").await;
        says(browser, language, REFUSED).await;
        let (_, code) = invitation.split_once('#').unwrap();
        assert_eq!(browser.js("return document.getElementById('code').value").await, code);
    }

    /// The manager removes the phone, which is asked to log in from then on.
    async fn send_away(&self, language: &str, name: &str) {
        let (browser, phone) = (&self.manager, &self.phone);
        let card = format!(
            "const card = [...document.querySelectorAll('.cards li')].find((e) => e.innerText.includes({name:?})); \
             card.querySelector(\"form[action$='/close'] button\").id = 'close'; return 1"
        );
        browser.js(&card).await;
        browser.send("#close").await;
        let sure = [
            format!("Ngừng sử dụng điện thoại của {name}?"),
            format!("Stop using the phone of {name}?"),
        ];
        says(browser, language, sure.each_ref().map(String::as_str)).await;
        browser.send("button.certain").await;
        let gone =
            ["Điện thoại này không còn dùng để đếm được nữa.", "This phone can no longer count."];
        says(browser, language, gone).await;
        assert!(!self.is_listed(language, name).await);
        phone.open(&format!("{}/venue/scan", self.url)).await;
        let login = ["Điện thoại này dùng để đếm khách?", "Is this phone for counting visits?"];
        says(phone, language, login).await;
    }
}
