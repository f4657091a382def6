//! Who acts in a browser: a venue's manager, an officer of the authority, visitors.

use std::path::{Path, PathBuf};

use vungxanh_protocol::interval::UnixTime;

use crate::driver::Browser;
use crate::looks::Looks;
use crate::pictures;

pub const PASSPHRASE: &str = "con mèo xanh ăn phở sáng";
pub const PASSWORD: &str = "mật khẩu của quán";
const OFFICER_PASSWORD: &str = "sáu tờ giấy trên bàn";
const PHONE: &str = "0912 345 678";

/// The manager of a venue, with the venue's own browser.
pub struct Manager<'a> {
    pub browser: Browser,
    pub looks: &'a Looks,
    pub url: &'a str,
    pub recovery_code: String,
}

impl Manager<'_> {
    /// Fills in the registration and asks for the code on the phone.
    pub async fn register(&self, name: &str) {
        let browser = &self.browser;
        browser.open(&format!("{}/venue/register", self.url)).await;
        browser.fill("#name", name).await;
        browser.select("#kind", "restaurant").await;
        browser.fill("#street", "13 Lò Đúc").await;
        browser.fill("#ward_name", "Phường Phạm Đình Hổ").await;
        browser.fill("#ward_code", "00259").await;
        browser.fill("#registrant", "Nguyễn Thị Lan").await;
        browser.fill("#phone", PHONE).await;
        browser.fill("#password", PASSWORD).await;
        browser.fill("#password_again", PASSWORD).await;
        self.picture("venue-1-register").await;
        browser.send("main form button").await;
    }

    /// Types the code that came on the phone.
    pub async fn confirm(&self, code: &str) {
        self.browser.fill("#code", code).await;
        self.picture("venue-2-confirm").await;
        self.browser.send("main form button").await;
        self.picture("venue-3-home").await;
    }

    pub async fn log_in(&self) {
        let browser = &self.browser;
        browser.open(&format!("{}/venue/login", self.url)).await;
        if !browser.address().await.ends_with("/login") {
            return;
        }
        browser.fill("#login", PHONE).await;
        browser.fill("#password", PASSWORD).await;
        browser.send("main form button").await;
    }

    /// Makes the key and writes down the recovery code, mistypes it once, types it back.
    pub async fn make_key(&mut self) {
        let browser = &self.browser;
        browser.open(&format!("{}/venue/key", self.url)).await;
        browser.fill("#make-form [name=passphrase]", PASSPHRASE).await;
        browser.fill("#make-form [name=again]", PASSPHRASE).await;
        self.picture("venue-4-key").await;
        browser.click("#make-form > button").await;
        browser.see("#key-sheet").await;
        self.picture("venue-5-recovery-sheet").await;
        let groups =
            "return [...document.querySelectorAll('#code li')].map((e) => e.textContent).join('-')";
        let code = browser.js(groups).await.as_str().unwrap().to_owned();
        browser.is_taken_along_to("#key-sheet").await;
        browser.click("#sheet-done").await;
        browser.is_taken_along_to("#key-try").await;
        let other = if code.starts_with('7') { "8" } else { "7" };
        browser.fill("#try-code", &format!("{other}{}", &code[1..])).await;
        browser.click("#try-form > button:not(.second)").await;
        assert!(browser.text("#try-wrong").await.contains("Nhóm 1 "));
        self.picture("venue-6-mistyped").await;
        browser.fill("#try-code", &code.to_lowercase().replace('-', " ")).await;
        browser.click("#try-form > button:not(.second)").await;
        browser.is_taken_along_to("#key-here").await;
        self.picture("venue-7-key-is-here").await;
        self.recovery_code = code;
    }

    /// Adds units from a spreadsheet.
    pub async fn add_units(&self, list: &Path) {
        self.browser.open(&format!("{}/venue/units", self.url)).await;
        // Files are chosen in a window of the system's own, which opens from here.
        self.browser.reach("#file").await;
        self.browser.choose("#file", list).await;
        self.browser.send("form[enctype] button").await;
        self.picture("venue-8-units").await;
    }

    /// Invites a phone of staff, and counts a visitor.
    pub async fn invite_and_count(&self) {
        let browser = &self.browser;
        browser.open(&format!("{}/venue/people", self.url)).await;
        browser.fill("#person", "Lan, cổng chính").await;
        browser.send("section form button").await;
        browser.is_taken_along_to("main .notice").await;
        self.picture("venue-13-invited").await;
        browser.open(&format!("{}/venue/scan?unit={}", self.url, self.any_unit().await)).await;
        browser.send(".huge").await;
        self.picture("venue-14-counted").await;
    }

    /// Says whether the poster at an address carries the venue's own key, as the page says it.
    pub async fn check_poster(&self, address: &str) -> String {
        self.browser.open(&format!("{}/venue/key", self.url)).await;
        self.browser.fill("#check-url", address).await;
        self.browser.click("#check-form > button").await;
        self.browser.text("#check-answer").await
    }

    /// Gives the share for every request that waits.
    pub async fn approve_requests(&self) {
        let browser = &self.browser;
        browser.open(&format!("{}/venue/requests", self.url)).await;
        browser.see("#share-form").await;
        browser.click("[data-answer] input[type=checkbox]").await;
        browser.fill("#share-passphrase", "không phải cụm này").await;
        browser.click("#share-form > button").await;
        assert!(browser.text("#share-form .problem").await.contains("Sai cụm mật khẩu"));
        browser.fill("#share-passphrase", PASSPHRASE).await;
        self.picture("venue-9-request").await;
        browser.click("#share-form > button").await;
        browser.is_taken_along_to("[data-answer] .notice").await;
        let waits = "return !!document.querySelector('[data-request] details, .menu .count')";
        assert_eq!(browser.js(waits).await, false, "what was answered waits no more");
        self.picture("venue-10-approved").await;
    }

    /// The number of the unit called `name`, from the list's links.
    async fn unit(&self, name: &str) -> String {
        self.browser.open(&format!("{}/venue/units", self.url)).await;
        let body = format!(
            "const card = [...document.querySelectorAll('main li')].find((li) => li.textContent.includes({name:?})); return card.querySelector('a[href*=\"/venue/units/\"]').pathname.split('/').at(-1)"
        );
        self.browser.js(&body).await.as_str().unwrap().to_owned()
    }

    /// The number of the first unit.
    pub async fn any_unit(&self) -> String {
        self.browser.open(&format!("{}/venue/units", self.url)).await;
        let link = "return document.querySelector('main a[href*=\"/venue/units/\"]').pathname.split('/').at(-1)";
        self.browser.js(link).await.as_str().unwrap().to_owned()
    }

    /// Hands over shares of a unit in advance; what the page says then. Takes them back again.
    pub async fn hand_over_in_advance(&self, unit: &str) -> String {
        let browser = &self.browser;
        let unit = self.unit(unit).await;
        browser.open(&format!("{}/venue/advance/{unit}", self.url)).await;
        browser.send("form[action$='/on'] button").await;
        browser.see("#share-form").await;
        browser.fill("#share-passphrase", PASSPHRASE).await;
        browser.click("#share-form > button").await;
        browser
            .wait_until(
                "shares that were handed over",
                "return document.querySelector('main')?.innerText.includes('Đã trao trước đến') ?? false",
            )
            .await;
        self.picture("venue-11-in-advance").await;
        let said = browser.text("main").await;
        browser.send("form[action$='/revoke'] button").await;
        browser.send("button.certain").await;
        browser.see("form[action$='/on'] button").await;
        said
    }

    /// Sets up a screen for a unit and starts it: its picture.
    pub async fn start_screen(&self, unit: &str) -> PathBuf {
        let browser = &self.browser;
        let unit = self.unit(unit).await;
        browser.open(&format!("{}/venue/display/{unit}", self.url)).await;
        browser.see("#set-up").await;
        browser.click("#set-up").await;
        browser.see("#display-start").await;
        browser.click("#display-start").await;
        browser.see("#screen-picture svg").await;
        browser.is_taken_along_to("#screen").await;
        self.picture("venue-12-screen").await;
        // Leaving it is as easy.
        browser.click("#screen-leave").await;
        browser.is_taken_along_to("#display-ready").await;
        pictures().join("venue-12-screen.png")
    }

    pub async fn picture(&self, name: &str) {
        self.looks.at(&self.browser, name).await;
    }
}

/// An officer of the authority.
pub struct Officer<'a> {
    pub browser: Browser,
    pub looks: &'a Looks,
    pub url: &'a str,
}

impl Officer<'_> {
    /// Logs in with the one-time password and chooses an own one.
    pub async fn begin(&self, login: &str, one_time: &str) {
        let browser = &self.browser;
        self.log_in_with(login, one_time).await;
        browser.open(&format!("{}/staff/settings", self.url)).await;
        browser.fill("#old", one_time).await;
        browser.fill("#new", OFFICER_PASSWORD).await;
        browser.fill("#again", OFFICER_PASSWORD).await;
        browser.send("form[action$='/password'] button").await;
    }

    pub async fn log_in(&self, login: &str) {
        self.log_in_with(login, OFFICER_PASSWORD).await;
    }

    async fn log_in_with(&self, login: &str, password: &str) {
        let browser = &self.browser;
        browser.open(&format!("{}/staff/login", self.url)).await;
        if !browser.address().await.ends_with("/login") {
            return;
        }
        browser.fill("#login", login).await;
        browser.fill("#password", password).await;
        browser.send("main form button").await;
    }

    /// Approves the one venue that waits.
    pub async fn approve_venue(&self) {
        let browser = &self.browser;
        browser.open(&format!("{}/staff/venues?state=pending", self.url)).await;
        self.picture("staff-1-venues").await;
        browser.send(".as-cards a").await;
        self.picture("staff-2-venue").await;
        browser.send("button[value=approve]").await;
    }

    /// Asks the venue for its share of the visit that a case disclosed.
    pub async fn ask(&self, visit: &str, onset: &str) {
        let browser = &self.browser;
        browser.open(&format!("{}/staff/warnings", self.url)).await;
        browser.fill("#visits", visit).await;
        browser
            .js(&format!("document.getElementById('symptom_date').value = '{onset}'; return 1"))
            .await;
        browser.fill("#reason", "Một người mắc bệnh đã ở đây vào giờ này.").await;
        browser.fill("#notice_text", "Hãy gọi 1900 9095.").await;
        self.picture("staff-3-warning").await;
        browser.send("form[method=post][action$='/warnings'] > button").await;
        self.picture("staff-4-asked").await;
    }

    pub async fn picture(&self, name: &str) {
        self.looks.at(&self.browser, name).await;
    }
}

/// A visitor without the program, with a phone's browser.
pub struct Visitor<'a> {
    pub browser: Browser,
    pub looks: &'a Looks,
    pub name: &'static str,
}

impl Visitor<'_> {
    /// Scans the poster and checks in.
    pub async fn check_in(&mut self, poster: &str, at: UnixTime) {
        self.browser.hold_time(at).await;
        self.browser.open(poster).await;
        self.browser.see("#check-in").await;
        self.picture("1-poster").await;
        assert!(!self.browser.address().await.contains('#'), "the address names the place");
        self.browser.click("#check-in").await;
        self.browser.see("#check-out").await;
        self.browser.is_taken_along_to("#visit").await;
        self.picture("2-checked-in").await;
    }

    /// Waits until the browser keeps all that the page needs.
    pub async fn is_ready_for_no_network(&self) {
        let ready = "await navigator.serviceWorker.ready; return (await caches.keys()).length";
        assert_eq!(self.browser.js(ready).await, 1);
    }

    /// Opens the page again and checks out.
    pub async fn check_out(&mut self, url: &str, at: UnixTime) {
        self.browser.hold_time(at).await;
        self.browser.open(&format!("{url}/v")).await;
        self.browser.click("#check-out").await;
        self.browser.see("#none").await;
        self.browser.is_taken_along_to("#none").await;
        self.picture("3-checked-out").await;
    }

    /// Opens the page again; what it warns of, empty if of nothing.
    pub async fn look_for_warnings(&mut self, url: &str, at: UnixTime) -> String {
        self.browser.hold_time(at).await;
        self.browser.open(&format!("{url}/v")).await;
        let done = "return document.getElementById('warnings').dataset.state === 'done'";
        self.browser.wait_until("the search for warnings", done).await;
        self.picture("4-later").await;
        let shown =
            "const e = document.getElementById('exposures'); return e.hidden ? '' : e.innerText";
        self.browser.js(shown).await.as_str().unwrap().to_owned()
    }

    async fn picture(&self, step: &str) {
        self.looks.at(&self.browser, &format!("visitor-{}-{step}", self.name)).await;
    }
}
