//! Who acts in a browser: a venue's manager, an officer of the authority, visitors.

use std::path::{Path, PathBuf};

use vungxanh_protocol::interval::UnixTime;

use crate::driver::Browser;
use crate::everything::question;
use crate::looks::Looks;
use crate::pictures;

pub const PASSPHRASE: &str = "con mèo xanh ăn phở sáng";
pub const PASSWORD: &str = "mật khẩu của quán";
pub const OFFICER_PASSWORD: &str = "sáu tờ giấy trên bàn";
const PHONE: &str = "0912 345 678";

/// Logs in at a portal, unless somebody is logged in there.
pub async fn log_in_at(browser: &Browser, portal: &str, (login, password): (&str, &str)) {
    browser.open(&format!("{portal}/login")).await;
    if !browser.address().await.ends_with("/login") {
        return;
    }
    browser.fill("#login", login).await;
    browser.fill("#password", password).await;
    browser.send("main form button").await;
}

/// What a page says, in the language that it is in.
pub async fn says(browser: &Browser, language: &str, [vi, en]: [&str; 2]) {
    assert_eq!(browser.language().await, language, "{}", browser.address().await);
    let (shown, expected) = (browser.text("main").await, if language == "vi" { vi } else { en });
    assert!(shown.contains(expected), "not “{expected}” but: {shown}");
    assert!(!shown.contains(['{', '}']), "a text without its values: {shown}");
}

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
        self.choose_ward().await;
        browser.fill("#street", "13 Lò Đúc").await;
        browser.fill("#registrant", "Nguyễn Thị Lan").await;
        browser.fill("#phone", PHONE).await;
        browser.fill("#password", PASSWORD).await;
        browser.fill("#password_again", PASSWORD).await;
        self.picture("venue-1-register").await;
        browser.send("main form button").await;
    }

    /// The ward, by the name that it had before July 2025; a name that is none is not taken.
    async fn choose_ward(&self) {
        let browser = &self.browser;
        browser.select("#province", "1").await;
        browser.fill("#ward_name", "pho hue").await;
        browser.see("#ward_name-list li").await;
        self.picture("venue-1-ward").await;
        browser.press_down().await;
        browser.press_enter().await;
        let chosen = "return document.getElementById('ward_name').value";
        assert_eq!(browser.js(chosen).await, "Phường Hai Bà Trưng");
    }

    /// The page that asks for the code on the phone: as it is first, when the code is sent again, and
    /// when what was typed is no code.
    pub async fn look_at_code_page(&self) {
        let (browser, again) = (&self.browser, "form.plain button");
        self.moment("page-phone-code").await;
        browser.speak("en").await;
        browser.send(again).await;
        self.moment("page-phone-code").await;
        for language in ["en", "vi"] {
            browser.speak(language).await;
            browser.fill("#code", "12").await;
            browser.send("main form button").await;
            self.moment("page-phone-code-wrong").await;
        }
        let refused = browser.problems().await;
        assert!(refused.iter().all(|problem| problem.contains("status of 422")), "{refused:?}");
    }

    /// Types the code that came on the phone.
    pub async fn confirm(&self, code: &str) {
        self.browser.fill("#code", code).await;
        self.browser.send("main form button").await;
        self.picture("venue-3-home").await;
    }

    pub async fn log_in(&self) {
        log_in_at(&self.browser, &format!("{}/venue", self.url), (PHONE, PASSWORD)).await;
    }

    /// Makes the key and writes down the recovery code, mistypes it once, types it back. The first time, in the other
    /// language, the page is closed before that.
    pub async fn make_key(&mut self) {
        let browser = &self.browser;
        let page = format!("{}/venue/key", self.url);
        let [other, own] = browser.languages();
        for language in [own, other] {
            browser.speak(language).await;
            browser.open(&page).await;
            browser.see("#make-form").await;
            self.moment("page-key-make").await;
        }
        browser.fill("#make-form [name=passphrase]", PASSPHRASE).await;
        browser.fill("#make-form [name=again]", PASSPHRASE).await;
        browser.click("#make-form > button").await;
        let (first_block, first_block_in_other) =
            (browser.words("khối 1.", "block 1."), browser.words("block 1.", "khối 1."));
        let begun = self.mistype_recovery_code(first_block_in_other).await;
        for language in [other, own] {
            browser.speak(language).await;
            browser.open(&page).await;
            browser.see("#key-begun").await;
            self.moment("page-key-begun").await;
        }
        browser.fill("#begun-passphrase", PASSPHRASE).await;
        browser.click("#begun-form button:not(.second)").await;
        let code = self.mistype_recovery_code(first_block).await;
        assert_eq!(code, begun);
        browser.fill("#try-code", &code.to_lowercase().replace('-', " ")).await;
        browser.click("#try-form button:not(.second)").await;
        browser.is_taken_along_to("#key-here").await;
        self.moment("page-key-made").await;
        // The same in the other language: this line is there only once.
        browser.open(&format!("{page}?lang={other}")).await;
        browser.see("#key-here").await;
        browser.js("document.getElementById('here-new').hidden = false; return 1").await;
        self.moment("page-key-made").await;
        browser.speak(own).await;
        self.recovery_code = code;
    }

    /// The recovery code as the sheet shows it. What is said when its first group is typed wrong begins with `wrong`.
    async fn mistype_recovery_code(&self, wrong: &str) -> String {
        let browser = &self.browser;
        browser.see("#key-sheet").await;
        self.moment("page-recovery-sheet").await;
        self.looks.print(browser, "recovery-sheet").await;
        let groups =
            "return [...document.querySelectorAll('#code li')].map((e) => e.textContent).join('-')";
        let code = browser.js(groups).await.as_str().unwrap().to_owned();
        browser.is_taken_along_to("#key-sheet").await;
        browser.click("#sheet-done").await;
        browser.is_taken_along_to("#key-try").await;
        let other = if code.starts_with('7') { "8" } else { "7" };
        browser.fill("#try-code", &format!("{other}{}", &code[1..])).await;
        browser.click("#try-form button:not(.second)").await;
        let said = browser.text("#try-wrong").await;
        assert!(said.contains(wrong), "{said}");
        self.moment("page-mistyped").await;
        code
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

    /// Invites phones of staff, and counts a visitor.
    pub async fn invite_and_count(&self) {
        let browser = &self.browser;
        for (language, name) in [("en", "Lan, main gate"), ("vi", "Lan, cổng chính")] {
            browser.speak(language).await;
            browser.open(&format!("{}/venue/people", self.url)).await;
            browser.fill("#person", name).await;
            browser.send("section form button").await;
            browser.is_taken_along_to("main .notice").await;
            self.moment("page-invited").await;
        }
        browser.open(&format!("{}/venue/scan?unit={}", self.url, self.any_unit().await)).await;
        browser.send(".huge").await;
        self.picture("venue-14-counted").await;
    }

    /// Says whether the poster at an address carries the venue's own key, as the page says it in Vietnamese.
    pub async fn check_poster(&self, address: &str) -> String {
        let browser = &self.browser;
        for language in ["en", "vi"] {
            browser.open(&format!("{}/venue/key?lang={language}", self.url)).await;
            browser.fill("#check-url", address).await;
            browser.click("#check-form > button").await;
            browser.see("#check-answer").await;
            self.moment("page-poster-checked").await;
        }
        browser.text("#check-answer").await
    }

    /// Gives the share for every request that waits. In English the server is left out of it.
    pub async fn approve_requests(&self) {
        let browser = &self.browser;
        let page = format!("{}/venue/requests", self.url);
        question(self.looks, browser, &page, "form[action$='/refuse'] button", "page-sure-refuse")
            .await;
        for (language, wrong) in [("en", "Wrong passphrase"), ("vi", "Sai cụm mật khẩu")] {
            browser.open(&format!("{page}?lang={language}")).await;
            browser.see("#share-form").await;
            browser.click("[data-answer] input[type=checkbox]").await;
            browser.fill("#share-passphrase", "không phải cụm này").await;
            browser.click("#share-form > button").await;
            let said = browser.text("#share-form .problem").await;
            assert!(said.contains(wrong), "{said}");
            self.moment("page-request-wrong").await;
            browser.fill("#share-passphrase", PASSPHRASE).await;
            if language == "en" {
                browser.js("window.fetch = async () => new Response(''); return 1").await;
            }
            browser.click("#share-form > button").await;
            browser.is_taken_along_to("[data-answer] .notice").await;
            let waits = "return !!document.querySelector('[data-request] form, .menu .count')";
            assert_eq!(browser.js(waits).await, false, "what was answered waits no more");
            self.moment("page-request-approved").await;
        }
    }

    /// Gives the shares for all requests that wait, at once; how many there are.
    pub async fn release_all(&self) -> u64 {
        let browser = &self.browser;
        browser.open(&format!("{}/venue/requests", self.url)).await;
        browser.see("#share-form").await;
        let count = "return document.querySelectorAll('[data-request]').length";
        let count = browser.js(count).await.as_u64().unwrap();
        for request in 1..=count {
            let tick = format!("[data-request]:nth-of-type({request}) [data-answer] input");
            browser.click(&tick).await;
        }
        browser.fill("#share-passphrase", PASSPHRASE).await;
        browser.click("#share-form > button").await;
        let given =
            format!("return document.querySelectorAll('[data-answer] .notice').length === {count}");
        browser.wait_until("that all shares are given", &given).await;
        count
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
        let path = format!("/venue/advance/{unit}");
        self.looks.look(browser, self.url, "venue-advance-on", &path).await;
        browser.fill("#share-passphrase", PASSPHRASE).await;
        browser.click("#share-form > button").await;
        browser
            .wait_until(
                "shares that were handed over",
                "return document.querySelector('main')?.innerText.includes('Đã trao trước đến') ?? false",
            )
            .await;
        self.looks.look(browser, self.url, "venue-advance-given", &path).await;
        let said = browser.text("main").await;
        let (page, revoke) = (format!("{}{path}", self.url), "form[action$='/revoke'] button");
        question(self.looks, browser, &page, revoke, "page-sure-revoke-advance").await;
        browser.send(revoke).await;
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
        // The page has loaded itself again: a script in the one before would not return.
        browser.see("#display-start").await;
        for language in ["en", "vi"] {
            browser.speak(language).await;
            browser.open(&format!("{}/venue/display/{unit}", self.url)).await;
            browser.see("#display-start").await;
            self.moment("page-display-ready").await;
            browser.click("#display-start").await;
            browser.see("#screen-picture svg").await;
            browser.is_taken_along_to("#screen").await;
            self.moment("page-screen").await;
            self.picture("venue-12-screen").await;
            // Leaving it is as easy.
            browser.click("#screen-leave").await;
            browser.is_taken_along_to("#display-ready").await;
        }
        pictures().join("venue-12-screen.png")
    }

    pub async fn picture(&self, name: &str) {
        self.looks.picture(&self.browser, name).await;
    }

    async fn moment(&self, name: &str) {
        self.looks.moment(&self.browser, name).await;
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
        self.choose_password(one_time).await;
    }

    /// Chooses an own password in place of the one-time password, on the page of settings.
    pub async fn choose_password(&self, one_time: &str) {
        let browser = &self.browser;
        browser.fill("#old", one_time).await;
        browser.fill("#new", OFFICER_PASSWORD).await;
        browser.fill("#again", OFFICER_PASSWORD).await;
        browser.send("form[action$='/password'] button").await;
    }

    pub async fn log_in(&self, login: &str) {
        self.log_in_with(login, OFFICER_PASSWORD).await;
    }

    async fn log_in_with(&self, login: &str, password: &str) {
        log_in_at(&self.browser, &format!("{}/staff", self.url), (login, password)).await;
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
        self.explain(onset).await;
        let asked = browser.address().await;
        let path = asked.strip_prefix(self.url).unwrap();
        self.looks.look(browser, self.url, "staff-asked", path).await;
    }

    /// Fills in what every request says, and opens it.
    pub async fn explain(&self, onset: &str) {
        let browser = &self.browser;
        browser.fill_date("#symptom_date", onset).await;
        browser.fill("#reason", "Một người mắc bệnh đã ở đây vào giờ này.").await;
        browser.fill("#notice_text", "Hãy gọi 1900 9095.").await;
        self.picture("staff-3-warning").await;
        browser.send("form[method=post][action$='/warnings'] > button").await;
    }

    pub async fn picture(&self, name: &str) {
        self.looks.picture(&self.browser, name).await;
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

    /// Opens the page again and checks out: one of them in the other language.
    pub async fn check_out(&mut self, url: &str, at: UnixTime) {
        self.browser.hold_time(at).await;
        let [other, own] = self.browser.languages();
        let language = if self.name == "earlier" { other } else { own };
        self.browser.open(&format!("{url}/v?lang={language}")).await;
        self.browser.click("#check-out").await;
        self.browser.see("#none").await;
        self.browser.is_taken_along_to("#none").await;
        if self.name == "next-hour" {
            self.picture("3-checked-out").await;
        } else {
            self.looks.moment(&self.browser, "page-checked-out").await;
        }
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

    /// Has the browser forget everything: that page, in both languages.
    pub async fn forget(&self, url: &str) {
        for language in ["en", "vi"] {
            self.browser.open(&format!("{url}/v?lang={language}")).await;
            self.browser.click("main details summary").await;
            self.browser.click("#forget").await;
            self.browser.is_taken_along_to("#forgotten").await;
            self.looks.moment(&self.browser, "page-forgotten").await;
        }
    }

    async fn picture(&self, step: &str) {
        self.looks.picture(&self.browser, &format!("visitor-{}-{step}", self.name)).await;
    }
}
