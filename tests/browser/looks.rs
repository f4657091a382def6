//! How a page is looked at: by axe-core, in both languages, light and dark, on small and large screens and
//! with large text; and as pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use crate::driver::{Browser, Driver};
use crate::pictures;
use crate::views::Look;

const FIRST: Look = Look { width: 360, is_dark: false, text_percent: 100 };
/// Every two of dark or light, small or large screen, usual or large text meet.
const PAIRS: [Look; 4] = [
    Look { width: 320, is_dark: true, text_percent: 100 },
    Look { width: 1_600, is_dark: true, text_percent: 200 },
    Look { width: 320, is_dark: false, text_percent: 200 },
    DESK,
];
/// The look in which a page may show other elements than on a phone.
const DESK: Look = Look { width: 1_600, is_dark: false, text_percent: 100 };
/// What axe-core says of colours, sizes and places: the rest is the same on a phone, on a desk and in the others.
const RULES_OF_LOOKS: &[&str] =
    &["color-contrast", "link-in-text-block", "scrollable-region-focusable"];

/// The variable of the environment that asks for pictures of every page in every way.
const PICTURES_WANTED: &str = "VUNGXANH_PICTURES";

/// What looks at pages, and what it has found wrong so far.
pub struct Looks {
    /// axe-core; none where others look.
    axe: Option<String>,
    wrong: Mutex<String>,
    /// In which languages each page was looked at that is there for a moment only.
    moments: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Looks {
    pub fn new() -> Self {
        Self { axe: Some(axe_core()), wrong: Mutex::default(), moments: Mutex::default() }
    }

    /// Checks nothing: for a way through pages that another story looks at.
    pub fn elsewhere() -> Self {
        Self { axe: None, wrong: Mutex::default(), moments: Mutex::default() }
    }

    /// For a story that is told in both languages: its pages are looked at, each in both, while it is told in
    /// Vietnamese.
    pub fn of_story_in(language: &str) -> Self {
        if language == "vi" { Self::new() } else { Self::elsewhere() }
    }

    /// Whether these pages are looked at in another story.
    pub fn are_elsewhere(&self) -> bool {
        self.axe.is_none()
    }

    /// A page as it is at this step of the story: its picture. It is looked at in every way elsewhere.
    pub async fn picture(&self, browser: &Browser, name: &str) {
        if self.are_elsewhere() {
            return;
        }
        browser.picture(&pictures().join(format!("{name}.png"))).await;
    }

    /// The same, and what is wrong with it on a phone.
    pub async fn at(&self, browser: &Browser, name: &str) {
        self.picture(browser, name).await;
        self.check(browser, name, FIRST).await;
    }

    /// A page as it is printed: its pages as pictures.
    pub async fn print(&self, browser: &Browser, name: &str) {
        if self.are_elsewhere() {
            return;
        }
        let stem = pictures().join(format!("print-{name}-{}", browser.language().await));
        let pdf = stem.with_extension("pdf");
        browser.print(&pdf).await;
        let drawn =
            Command::new("pdftoppm").args(["-r", "60", "-png"]).arg(&pdf).arg(&stem).status();
        assert!(drawn.unwrap().success(), "{}", pdf.display());
    }

    /// A page that is there only now, in the language in which it came. The story leads to each of them
    /// once in English and once in Vietnamese.
    pub async fn moment(&self, browser: &Browser, name: &str) {
        if self.are_elsewhere() {
            return;
        }
        let language = browser.language().await;
        self.check(browser, &format!("{name} ({language})"), FIRST).await;
        shoot(browser, &format!("{name}-{language}")).await;
        if language == "vi" {
            for pair in PAIRS {
                self.check(browser, name, pair).await;
            }
        }
        self.moments.lock().unwrap().entry(name.to_owned()).or_default().insert(language);
    }

    /// A state of a page that no address leads to, in every way and as pictures of every kind.
    pub async fn closely(&self, browser: &Browser, name: &str) {
        if self.are_elsewhere() {
            return;
        }
        self.check(browser, name, FIRST).await;
        shoot(browser, name).await;
        for pair in PAIRS {
            self.check(browser, name, pair).await;
        }
    }

    /// Fails with all that was found.
    pub fn finish(&self) {
        for (name, languages) in self.moments.lock().unwrap().iter() {
            assert_eq!(languages.len(), 2, "{name} was looked at in {languages:?} only");
        }
        let wrong = self.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "{wrong}");
    }

    /// A page in both languages and in every way.
    pub async fn look(&self, browser: &Browser, url: &str, name: &str, path: &str) {
        if self.are_elsewhere() {
            return;
        }
        for language in browser.languages() {
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
        let Some(axe) = &self.axe else { return };
        browser.look_as(look).await;
        let rules = if [FIRST, DESK].contains(&look) { &[] } else { RULES_OF_LOOKS };
        for violation in browser.violations(axe, rules).await {
            writeln!(self.wrong.lock().unwrap(), "{name} {look:?}: {violation}").unwrap();
        }
        browser.look_as_before().await;
    }
}

/// Waits until a page's script has shown what it has to show.
pub async fn settle(browser: &Browser) {
    let shown = "return document.readyState === 'complete' && !document.querySelector('#wait:not([hidden])')";
    browser.wait_until("the page", shown).await;
}

/// Pictures on a phone and on a desktop, light and dark, where somebody asked for them to look at: they take as
/// long as all that is checked.
async fn shoot(browser: &Browser, name: &str) {
    if std::env::var_os(PICTURES_WANTED).is_none() {
        return;
    }
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

/// A page with a mistake of each kind, two of which show in some looks only.
const WRONG_PAGE: &str = "<!doctype html><html lang=vi><title>Sai</title><style> \
    @media (prefers-color-scheme: dark) { p { color: #555; background: #333 } } \
    @media (min-width: 60rem) { #wide { width: 110vw } } </style> \
    <main><h1>Sai</h1><p>Chữ</p><input><div id=wide>Rộng</div></main>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn what_is_wrong_in_some_looks_only_is_found_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("wrong.html");
    std::fs::write(&page, WRONG_PAGE).unwrap();
    let driver = Driver::start();
    let browser = driver.browser(&folder.path().join("browser"), (412, 915)).await;
    browser.open(&format!("file://{}", page.display())).await;
    let looks = Looks::new();
    looks.closely(&browser, "wrong").await;
    let wrong = looks.wrong.lock().unwrap();
    let found = |mistake: &str| {
        let all = [FIRST, PAIRS[0], PAIRS[1], PAIRS[2], PAIRS[3]].into_iter();
        all.filter(|look| {
            let start = format!("wrong {look:?}: ");
            wrong.lines().any(|line| line.starts_with(&start) && line.contains(mistake))
        })
        .collect::<Vec<_>>()
    };
    let [small_dark, wide_dark, _, wide] = PAIRS;
    assert_eq!(found("color-contrast: <p>"), [small_dark, wide_dark], "{wrong}");
    assert_eq!(found("wider than the screen"), [wide_dark, wide], "{wrong}");
    assert_eq!(found("label: <input>"), [FIRST, DESK], "{wrong}");
}
