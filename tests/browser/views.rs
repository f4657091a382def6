//! How a browser shows a page: screens, light and dark, pictures, paper, and what is wrong with it.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::driver::{Browser, quoted};

const MOST_CAPTURES: usize = 3;

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The screen's width in pixels.
    pub width: u32,
    /// Whether the system is dark.
    pub is_dark: bool,
    /// The size of text, in percent of the usual one.
    pub text_percent: u32,
}

impl Browser {
    /// The page as it is on a screen of so many pixels, in the dark or not, with larger text or not.
    pub async fn look_as(&self, look: Look) {
        let size =
            json!({ "width": look.width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if look.is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
        let text = look.text_percent;
        self.js(&format!("document.documentElement.style.fontSize = '{text}%'; return 1")).await;
    }

    /// The page as the window shows it again.
    pub async fn look_as_before(&self) {
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
        self.js("document.documentElement.style.fontSize = ''; return 1").await;
    }

    /// What axe-core finds wrong with the page as it is shown by these rules, all that it has if none is named; and
    /// whether it is wider than the screen or shows digits that no one can read.
    pub async fn violations(&self, axe: &str, rules: &[&str]) -> Vec<String> {
        if self.js("return Boolean(window.axe)").await == Value::Bool(false) {
            self.js(axe).await;
        }
        let mut options = json!({ "resultTypes": ["violations"] });
        if !rules.is_empty() {
            options["runOnly"] = json!({ "type": "rule", "values": rules });
        }
        let body = "const found = await window.axe.run(document, options); \
             const wrong = found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary}`)); \
             const e = document.scrollingElement; \
             const beyond = () => [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).at(-1)?.outerHTML; \
             if (e.scrollWidth > innerWidth + 1) wrong.push(`wider than the screen: ${e.scrollWidth} of ${innerWidth}, ${beyond()}`); \
             const copied = [...document.querySelectorAll('.secret')].map((e) => e.innerText); \
             const read = copied.reduce((text, one) => text.replace(one, ''), document.body.innerText); \
             const digits = read.match(/\\b[0-9a-f]{20,}\\b/i); \
             if (digits) wrong.push(`long hexadecimal digits: ${digits[0]}`); \
             return wrong";
        let found = self.js(&format!("const options = {options}; {body}")).await;
        let found = found.as_array().unwrap_or_else(|| panic!("axe-core: {found}"));
        found.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    /// The whole page as a picture.
    pub async fn picture(&self, file: &Path) {
        self.capture(json!({ "captureBeyondViewport": true }), file).await;
    }

    /// What an element shows, as a picture with so many dots a pixel.
    pub async fn picture_of(&self, css: &str, dots: u32, file: &Path) {
        let place = format!(
            "const b = document.querySelector({}).getBoundingClientRect(); \
             return {{ x: b.x + scrollX, y: b.y + scrollY, width: b.width, height: b.height }}",
            quoted(css)
        );
        let mut clip = self.js(&place).await;
        clip["scale"] = dots.into();
        self.capture(json!({ "captureBeyondViewport": true, "clip": clip }), file).await;
    }

    /// A page that has only just come is sometimes not the one that the driver looks at: then once more.
    async fn capture(&self, asked: Value, file: &Path) {
        let mut captured = Err(String::new());
        for _ in 0..MOST_CAPTURES {
            captured = self.try_devtools("Page.captureScreenshot", asked.clone()).await;
            if captured.is_ok() {
                break;
            }
        }
        let picture = captured.unwrap_or_else(|message| panic!("{}: {message}", file.display()));
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// The page as it is printed, on A4.
    pub async fn print(&self, file: &Path) {
        let paper = json!({ "paperWidth": 8.27, "paperHeight": 11.69 });
        let printed = self.devtools("Page.printToPDF", paper).await;
        let bytes = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}
