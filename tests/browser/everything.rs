//! Every page that the story leaves behind, looked at in its end.

use crate::driver::Browser;
use crate::looks::Looks;
use crate::people::{Manager, Officer};
use crate::story::OFFICER;

/// Lets a form be sent whatever is missing in it, so that it is the server that complains.
const SEND_ANYTHING: &str =
    "document.querySelectorAll('[required]').forEach((e) => { e.required = false }); return 1";

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
        ("help", "/help/"),
        ("help-door", "/help/door"),
        ("help-officer", "/help/officer"),
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
        if ["venue-units", "venue-counts", "privacy", "help-officer"].contains(&name) {
            looks.print(&manager.browser, name).await;
        }
    }
    // On a device that has not the key.
    let kept = manager.browser.js("return JSON.stringify(localStorage)").await;
    manager.browser.js("localStorage.clear(); return 1").await;
    looks.look(&manager.browser, manager.url, "venue-key-elsewhere", "/venue/key").await;
    let again = format!("Object.assign(localStorage, JSON.parse({kept})); return 1");
    manager.browser.js(&again).await;
    questions(looks, manager, &unit).await;
    officer.log_in(OFFICER).await;
    officer_questions(looks, officer).await;
    let chosen = format!("/staff/warnings?{}", scan.split_once('?').unwrap().1);
    for (name, path) in [
        ("staff-home", "/staff"),
        ("staff-venues", "/staff/venues?state=approved"),
        ("staff-no-venues", "/staff/venues?state=refused"),
        ("staff-venue-found", "/staff/venues?text=pho&province=1"),
        ("staff-venue-not-found", "/staff/venues?text=xyz"),
        ("staff-venue", "/staff/venues/1"),
        ("staff-warnings", "/staff/warnings"),
        ("staff-warnings-none-found", "/staff/warnings?state=cancelled"),
        ("staff-warning", "/staff/warnings/1"),
        ("staff-found-places", "/staff/warnings?place=pho"),
        ("staff-no-places", "/staff/warnings?place=xyz"),
        ("staff-chosen-place", &chosen),
        ("staff-audit", "/staff/audit"),
        ("staff-audit-head", "/staff/audit/head"),
        ("staff-audit-check", "/staff/audit/check"),
        ("staff-statistics", "/staff/statistics"),
        ("staff-settings", "/staff/settings"),
        ("staff-venue-reset", "/staff/venues/1/reset"),
        // Without a session in this portal.
        ("venue-login", "/venue/login"),
        ("venue-register", "/venue/register"),
        ("venue-join", "/venue/join"),
        ("venue-forgot", "/venue/forgot"),
    ] {
        looks.look(&officer.browser, officer.url, name, path).await;
        let printed =
            ["staff-audit", "staff-audit-head", "staff-statistics", "staff-venue", "staff-warning"];
        if printed.contains(&name) {
            looks.print(&officer.browser, name).await;
        }
    }
    looks.look(&manager.browser, manager.url, "staff-login", "/staff/login").await;
    wrong_forms(looks, officer).await;
}

/// What asks before something is destroyed at a venue; the way back is taken.
async fn questions(looks: &Looks, manager: &Manager<'_>, unit: &str) {
    let (browser, url) = (&manager.browser, manager.url);
    let [unit, people] = [unit, "/venue/people"].map(|path| format!("{url}{path}"));
    for (name, address, button) in [
        ("page-sure-revoke-poster", &unit, "form[action$='/revoke'] button"),
        ("page-sure-close-unit", &unit, "form[action$='/close'] button"),
        ("page-sure-invite-again", &people, "form[action$='/invite'] button"),
        ("page-sure-close-phone", &people, "form[action$='/close'] button"),
    ] {
        question(looks, browser, address, button, name).await;
    }
    // The page asks who has an authenticator app, which no one in the story has.
    let settings = format!("{url}/venue/settings");
    for language in browser.languages() {
        browser.speak(language).await;
        browser.open(&settings).await;
        browser
            .js("const f = document.querySelector(\"form[action$='/authenticator']\"); \
                 f.action += '/remove'; f.querySelector('[name=password]').disabled = true; return 1")
            .await;
        browser.js(SEND_ANYTHING).await;
        browser.send("form[action$='/remove'] button").await;
        looks.moment(browser, "page-sure-remove-authenticator").await;
    }
}

/// Before a venue is closed, and what an officer reads out who lets a venue in again.
async fn officer_questions(looks: &Looks, officer: &Officer<'_>) {
    let (browser, venue) = (&officer.browser, format!("{}/staff/venues/1", officer.url));
    for language in browser.languages() {
        browser.speak(language).await;
        browser.open(&venue).await;
        browser.fill("#reason", "Địa điểm đã ngừng hoạt động.").await;
        browser.send("button[value=close]").await;
        looks.moment(browser, "page-sure-close-venue").await;
        browser.send("main .actions a.second").await;
        assert_eq!(browser.address().await, venue);
    }
}

/// A page that asks, in both languages, and the way back, which leads where the person came from.
pub async fn question(looks: &Looks, browser: &Browser, address: &str, button: &str, name: &str) {
    if looks.are_elsewhere() {
        return;
    }
    for language in browser.languages() {
        browser.speak(language).await;
        browser.open(address).await;
        browser.send(button).await;
        looks.moment(browser, name).await;
        browser.send("main .actions a.second").await;
        assert_eq!(browser.address().await, address);
    }
}

/// Forms with errors: the summary has the focus, and leads to the fields.
async fn wrong_forms(looks: &Looks, officer: &Officer<'_>) {
    let (browser, url) = (&officer.browser, officer.url);
    for (language, error) in [("en", "Error"), ("vi", "Có lỗi")] {
        browser.open(&format!("{url}/venue/register?lang={language}")).await;
        browser.js(SEND_ANYTHING).await;
        browser.send("main form button").await;
        let focused = "return document.activeElement.matches('.summary')";
        browser.wait_until("the focus on the summary", focused).await;
        browser.click(".summary a[href='#name']").await;
        let there = "return document.activeElement.id === 'name'";
        browser.wait_until("the focus on the field", there).await;
        assert!(browser.js("return document.title").await.as_str().unwrap().starts_with(error));
        looks.moment(browser, "page-register-wrong").await;

        browser.open(&format!("{url}/venue/login")).await;
        browser.fill("#login", "0912 345 670").await;
        browser.fill("#password", "không phải mật khẩu này").await;
        browser.send("main form button").await;
        looks.moment(browser, "page-login-wrong").await;

        browser.open(&format!("{url}/venue/forgot")).await;
        browser.fill("#phone", "0912 345 670").await;
        browser.send("main form button").await;
        browser.see("#new_password").await;
        looks.moment(browser, "page-reset-password").await;

        officer.log_in(OFFICER).await;
        browser.open(&format!("{url}/staff/warnings")).await;
        browser.js(SEND_ANYTHING).await;
        browser.send("form[method=post][action$='/warnings'] > button").await;
        looks.moment(browser, "page-warning-wrong").await;

        // Last, because it gives the venue another password.
        browser.open(&format!("{url}/staff/venues/1/reset")).await;
        browser.send("form[action$='/reset'] button").await;
        looks.moment(browser, "page-one-time-password").await;
    }
}
