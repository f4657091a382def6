//! Every page, looked at: by axe-core, in both languages, light and dark, on small and large screens and
//! with large text; and as pictures.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::driver::{Browser, Look};
use crate::people::{Manager, Officer};
use crate::pictures;
use crate::story::OFFICER;

const FIRST: Look = Look { width: 360, is_dark: false, text_percent: 100 };
/// Every two of dark or light, small or large screen, usual or large text meet.
const PAIRS: [Look; 4] = [
    Look { width: 320, is_dark: true, text_percent: 100 },
    Look { width: 1_600, is_dark: true, text_percent: 200 },
    Look { width: 320, is_dark: false, text_percent: 200 },
    Look { width: 1_600, is_dark: false, text_percent: 100 },
];

/// What looks at pages, and what it has found wrong so far.
pub struct Looks {
    axe: String,
    wrong: Mutex<String>,
}

impl Looks {
    pub fn new() -> Self {
        Self { axe: axe_core(), wrong: Mutex::default() }
    }

    /// A page that is there only now: its picture, and what is wrong with it on a phone.
    pub async fn at(&self, browser: &Browser, name: &str) {
        browser.picture(&pictures().join(format!("{name}.png"))).await;
        self.check(browser, name, FIRST).await;
    }

    /// A state of a page that no address leads to, in every way and as pictures of every kind.
    pub async fn closely(&self, browser: &Browser, name: &str) {
        self.check(browser, name, FIRST).await;
        shoot(browser, name).await;
        for pair in PAIRS {
            self.check(browser, name, pair).await;
        }
    }

    /// Fails with all that was found.
    pub fn finish(&self) {
        let wrong = self.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "{wrong}");
    }

    /// A page in both languages and in every way.
    pub async fn look(&self, browser: &Browser, url: &str, name: &str, path: &str) {
        for language in ["en", "vi"] {
            let (path, fragment) = path.split_once('#').map_or((path, ""), |parts| parts);
            let joined = if path.contains('?') { '&' } else { '?' };
            browser.open(&format!("{url}{path}{joined}lang={language}#{fragment}")).await;
            settle(browser).await;
            if name == "check-in-poster" {
                // Also after another language was chosen.
                browser.see("#check-in").await;
            }
            self.check(browser, &format!("{name} ({language})"), FIRST).await;
            shoot(browser, &format!("{name}-{language}")).await;
        }
        for pair in PAIRS {
            self.check(browser, name, pair).await;
        }
    }

    async fn check(&self, browser: &Browser, name: &str, look: Look) {
        browser.look_as(look).await;
        for violation in browser.violations(&self.axe).await {
            writeln!(self.wrong.lock().unwrap(), "{name} {look:?}: {violation}").unwrap();
        }
        browser.look_as_before().await;
    }
}

/// Looks at all pages as they are at the end of the story.
pub async fn everything(looks: &Looks, manager: &Manager<'_>, officer: &Officer<'_>, poster: &str) {
    manager.log_in().await;
    let unit = manager.any_unit().await;
    let (displays, advance) = (format!("/venue/display/{unit}"), format!("/venue/advance/{unit}"));
    let scan = format!("/venue/scan?unit={unit}");
    let unit = format!("/venue/units/{unit}");
    let visitor = poster.strip_prefix(manager.url).unwrap_or_else(|| panic!("{poster}"));
    for (name, path) in [
        ("start", "/"),
        ("privacy", "/privacy"),
        ("accessibility", "/accessibility"),
        ("styleguide", "/styleguide"),
        ("declare-none", "/declare"),
        ("check-in-none", "/v"),
        ("check-in-poster", visitor),
        ("check-in-refused", "/v#nothing"),
        ("venue-home", "/venue"),
        ("venue-units", "/venue/units"),
        ("venue-unit", &unit),
        ("venue-display", &displays),
        ("venue-advance", &advance),
        ("venue-scan", "/venue/scan"),
        ("venue-scan-unit", &scan),
        ("venue-counts", "/venue/counts"),
        ("venue-requests", "/venue/requests"),
        ("venue-people", "/venue/people"),
        ("venue-key", "/venue/key"),
        ("venue-settings", "/venue/settings"),
        ("not-found", "/venue/nothing"),
    ] {
        looks.look(&manager.browser, manager.url, name, path).await;
    }
    // On a device that has not the key.
    let kept = manager.browser.js("return JSON.stringify(localStorage)").await;
    manager.browser.js("localStorage.clear(); return 1").await;
    looks.look(&manager.browser, manager.url, "venue-key-elsewhere", "/venue/key").await;
    let again = format!("Object.assign(localStorage, JSON.parse({kept})); return 1");
    manager.browser.js(&again).await;
    confirmation(looks, &manager.browser, &format!("{}{unit}", manager.url)).await;
    officer.log_in(OFFICER).await;
    let chosen = format!("/staff/warnings?{}", scan.split_once('?').unwrap().1);
    for (name, path) in [
        ("staff-home", "/staff"),
        ("staff-venues", "/staff/venues?state=approved"),
        ("staff-no-venues", "/staff/venues?state=refused"),
        ("staff-venue", "/staff/venues/1"),
        ("staff-warnings", "/staff/warnings"),
        ("staff-warning", "/staff/warnings/1"),
        ("staff-found-places", "/staff/warnings?place=pho"),
        ("staff-no-places", "/staff/warnings?place=xyz"),
        ("staff-chosen-place", &chosen),
        ("staff-audit", "/staff/audit"),
        ("staff-settings", "/staff/settings"),
        // Without a session in this portal.
        ("venue-login", "/venue/login"),
        ("venue-register", "/venue/register"),
        ("venue-join", "/venue/join"),
    ] {
        looks.look(&officer.browser, officer.url, name, path).await;
    }
    looks.look(&manager.browser, manager.url, "staff-login", "/staff/login").await;
    wrong_registration(looks, officer).await;
}

/// What asks before a poster is taken back; the way back is taken.
async fn confirmation(looks: &Looks, browser: &Browser, unit: &str) {
    browser.open(unit).await;
    browser.send("form[action$='/revoke'] button").await;
    looks.at(browser, "page-confirmation").await;
    browser.send("main .actions a.second").await;
    assert!(browser.address().await.starts_with(unit));
}

/// A form with errors: the summary has the focus, and leads to the fields.
async fn wrong_registration(looks: &Looks, officer: &Officer<'_>) {
    let browser = &officer.browser;
    browser.open(&format!("{}/venue/register?lang=vi", officer.url)).await;
    browser.js("document.querySelectorAll('[required]').forEach((e) => { e.required = false }); return 1").await;
    browser.send("main form button").await;
    let focused = "return document.activeElement.matches('.summary')";
    browser.wait_until("the focus on the summary", focused).await;
    browser.click(".summary a[href='#name']").await;
    browser
        .wait_until("the focus on the field", "return document.activeElement.id === 'name'")
        .await;
    assert!(browser.js("return document.title").await.as_str().unwrap().starts_with("Có lỗi"));
    looks.at(browser, "page-register-wrong").await;
}

/// Waits until a page's script has shown what it has to show.
async fn settle(browser: &Browser) {
    let shown = "return document.readyState === 'complete' && !document.querySelector('#wait:not([hidden])')";
    browser.wait_until("the page", shown).await;
}

/// Pictures on a phone and on a desktop, light and dark.
async fn shoot(browser: &Browser, name: &str) {
    for (size, width) in [("phone", 360), ("desk", 1_280)] {
        for (light, is_dark) in [("light", false), ("dark", true)] {
            browser.look_as(Look { width, is_dark, text_percent: 100 }).await;
            browser.picture(&pictures().join(format!("page-{name}-{size}-{light}.png"))).await;
        }
    }
    browser.look_as_before().await;
}

/// axe-core, which `.ci/run` installs; another folder is named by VUNGXANH_BROWSER_TOOLS.
fn axe_core() -> String {
    let tools = std::env::var_os("VUNGXANH_BROWSER_TOOLS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../protocol/browser/tools"),
        PathBuf::from,
    );
    let file = tools.join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; run npm ci in protocol/browser/tools", file.display())
    })
}
