//! Every page, looked at: by axe-core, in both languages, light and dark, on small and large screens and
//! with large text; and as pictures.

use std::fmt::Write;
use std::path::PathBuf;

use crate::driver::{Browser, Look};
use crate::people::{Manager, Officer};
use crate::pictures;
use crate::story::OFFICER;

/// In both languages.
const FIRST: Look = Look { width: 360, is_dark: false, text_percent: 100 };
/// Every two of dark or light, small or large screen, usual or large text meet.
const PAIRS: [Look; 4] = [
    Look { width: 320, is_dark: true, text_percent: 100 },
    Look { width: 1_600, is_dark: true, text_percent: 200 },
    Look { width: 320, is_dark: false, text_percent: 200 },
    Look { width: 1_600, is_dark: false, text_percent: 100 },
];

/// Looks at all pages as they are at the end of the story.
pub async fn everything(manager: &Manager<'_>, officer: &Officer<'_>, poster: &str) {
    let axe = axe_core();
    let mut wrong = String::new();
    manager.log_in().await;
    let unit = manager.any_unit().await;
    let (displays, advance) = (format!("/venue/display/{unit}"), format!("/venue/advance/{unit}"));
    let unit = format!("/venue/units/{unit}");
    let visitor = poster.strip_prefix(manager.url).unwrap_or_else(|| panic!("{poster}"));
    for (name, path) in [
        ("start", "/"),
        ("privacy", "/privacy"),
        ("accessibility", "/accessibility"),
        ("styleguide", "/styleguide"),
        ("check-in-none", "/v"),
        ("check-in-poster", visitor),
        ("venue-home", "/venue"),
        ("venue-units", "/venue/units"),
        ("venue-unit", &unit),
        ("venue-display", &displays),
        ("venue-advance", &advance),
        ("venue-scan", "/venue/scan"),
        ("venue-counts", "/venue/counts"),
        ("venue-requests", "/venue/requests"),
        ("venue-people", "/venue/people"),
        ("venue-key", "/venue/key"),
        ("venue-settings", "/venue/settings"),
        ("not-found", "/venue/nothing"),
    ] {
        look(&manager.browser, manager.url, name, path, &axe, &mut wrong).await;
    }
    officer.log_in(OFFICER).await;
    for (name, path) in [
        ("staff-home", "/staff"),
        ("staff-venues", "/staff/venues?state=approved"),
        ("staff-no-venues", "/staff/venues?state=refused"),
        ("staff-venue", "/staff/venues/1"),
        ("staff-warnings", "/staff/warnings"),
        ("staff-warning", "/staff/warnings/1"),
        ("staff-found-places", "/staff/warnings?place=pho"),
        ("staff-audit", "/staff/audit"),
        ("staff-settings", "/staff/settings"),
        // Without a session in this portal.
        ("venue-login", "/venue/login"),
        ("venue-register", "/venue/register"),
        ("venue-join", "/venue/join"),
    ] {
        look(&officer.browser, officer.url, name, path, &axe, &mut wrong).await;
    }
    wrong_registration(officer, &axe, &mut wrong).await;
    assert!(wrong.is_empty(), "{wrong}");
}

/// A form with errors: the summary has the focus, and leads to the fields.
async fn wrong_registration(officer: &Officer<'_>, axe: &str, wrong: &mut String) {
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
    check(browser, "register-wrong", FIRST, axe, wrong).await;
    shoot(browser, "register-wrong").await;
}

async fn look(browser: &Browser, url: &str, name: &str, path: &str, axe: &str, wrong: &mut String) {
    for language in ["en", "vi"] {
        let (path, fragment) = path.split_once('#').map_or((path, ""), |parts| parts);
        let joined = if path.contains('?') { '&' } else { '?' };
        browser.open(&format!("{url}{path}{joined}lang={language}#{fragment}")).await;
        settle(browser).await;
        check(browser, &format!("{name} ({language})"), FIRST, axe, wrong).await;
    }
    for pair in PAIRS {
        check(browser, name, pair, axe, wrong).await;
    }
    shoot(browser, name).await;
}

/// Waits until a page's script has shown what it has to show.
async fn settle(browser: &Browser) {
    let shown = "return document.readyState === 'complete' && !document.querySelector('#wait:not([hidden])')";
    browser.wait_until("the page", shown).await;
}

async fn check(browser: &Browser, name: &str, look: Look, axe: &str, wrong: &mut String) {
    browser.look_as(look).await;
    for violation in browser.violations(axe).await {
        writeln!(wrong, "{name} {look:?}: {violation}").unwrap();
    }
    browser.look_as_before().await;
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
