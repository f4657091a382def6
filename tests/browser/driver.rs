//! A browser, by the W3C WebDriver protocol over HTTP to chromedriver: only what the tests need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vungxanh_protocol::interval::UnixTime;

use crate::webdriver::{call, try_call};

/// Real time for what a page must do.
const TIMEOUT: Duration = Duration::from_secs(90);
/// Real time for a script of the test's own in a page.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(180);
/// Real time for the end of all browsers.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(100);

/// The most stops of the tabulator key on the way to an element.
const MOST_STOPS: usize = 150;
/// Keys: name, code, what they type.
const TAB: (&str, u32, &str) = ("Tab", 9, "");
const ENTER: (&str, u32, &str) = ("Enter", 13, "\r");
const SPACE: (&str, u32, &str) = (" ", 32, " ");
const DOWN: (&str, u32, &str) = ("ArrowDown", 40, "");
/// The most options of a field.
const MOST_OPTIONS: usize = 50;

/// chromedriver. Dropping it ends it with its browsers.
pub struct Driver {
    language: &'static str,
    child: Child,
    port: u16,
    http: reqwest::Client,
}

impl Driver {
    /// Ends its browsers. Waits for its answer, which comes when they have ended.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(SHUTDOWN_TIMEOUT))?;
        connection
            .write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        connection.read_to_end(&mut Vec::new()).map(drop)
    }

    /// Starts it on a port of its own choice. Who uses its browsers reads Vietnamese.
    pub fn start() -> Self {
        Self::start_in("vi")
    }

    /// The same for people who read `language`, Vietnamese (`vi`) or English (`en`).
    pub fn start_in(language: &'static str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; install chromium-driver"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        let port: u16 = port.unwrap_or_else(|| panic!("chromedriver named no port"));
        std::thread::spawn(move || lines.for_each(drop));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { language, child, port, http }
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// A browser with a profile of its own, as large as a phone or a desk's screen.
    pub async fn browser(&self, folder: &Path, size: (u32, u32)) -> Browser {
        self.browser_with(folder, size, &[]).await
    }

    /// A browser whose camera shows a film (Y4M) again and again.
    pub async fn browser_with_camera(
        &self,
        folder: &Path,
        size: (u32, u32),
        film: &Path,
    ) -> Browser {
        let film = format!("--use-file-for-fake-video-capture={}", film.display());
        let camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
        self.browser_with(folder, size, &[camera[0], camera[1], &film]).await
    }

    async fn browser_with(&self, folder: &Path, size: (u32, u32), more: &[&str]) -> Browser {
        std::fs::create_dir_all(folder).unwrap();
        let (width, height) = size;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--no-first-run".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", folder.join("profile").display()),
        ];
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": { "intl.accept_languages": self.language },
            },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": SCRIPT_TIMEOUT.as_millis() as u64 },
            "unhandledPromptBehavior": "accept",
        } } });
        let url = format!("http://127.0.0.1:{}", self.port);
        let session = call(&self.http, &url, "POST", "/session", Some(wanted)).await;
        let id = session["sessionId"].as_str().unwrap();
        let browser = Browser {
            http: self.http.clone(),
            url: format!("{url}/session/{id}"),
            shift: None,
            reads: self.language,
            by_keyboard: false,
        };
        browser
            .devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "Asia/Ho_Chi_Minh" }))
            .await;
        browser
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to, it ends its browsers; killed, it would leave them running.
        if let Err(error) = self.shut_down() {
            eprintln!("chromedriver was not asked to end its browsers: {error}");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Browser {
    http: reqwest::Client,
    url: String,
    shift: Option<String>,
    /// The language of who uses it: `vi` or `en`.
    pub reads: &'static str,
    /// Whether everything is done with the keyboard, as by somebody who has no pointer.
    pub by_keyboard: bool,
}

impl Browser {
    /// Opens an address again, even if only what follows `#` differs.
    pub async fn open(&self, address: &str) {
        if address.contains('#') {
            self.call("POST", "/url", Some(json!({ "url": "about:blank" }))).await;
        }
        self.call("POST", "/url", Some(json!({ "url": address }))).await;
    }

    pub async fn address(&self) -> String {
        self.call("GET", "/url", None).await.as_str().unwrap().to_owned()
    }

    /// Makes every page believe that the time is `now` when it begins to load, and goes on.
    pub async fn set_time(&mut self, now: UnixTime) {
        let source = format!(
            "{{ const real = Date.now; const shift = {}000 - real(); Date.now = () => real() + shift; }}",
            now.as_secs()
        );
        self.pretend(source).await;
    }

    /// Makes every page believe that the time is `now` however long anything takes. For pages that
    /// wait for no time to pass.
    pub async fn hold_time(&mut self, now: UnixTime) {
        self.pretend(format!("Date.now = () => {}000;", now.as_secs())).await;
    }

    /// The same, and waiting for minutes takes a second: for what a page does when no one uses it.
    pub async fn hold_time_and_hurry(&mut self, now: UnixTime) {
        self.pretend(format!(
            "Date.now = () => {}000; {{ const real = setTimeout; \
             window.setTimeout = (work, wait) => real(work, wait > 60000 ? 1000 : wait); }}",
            now.as_secs()
        ))
        .await;
    }

    /// Has every new page begin with this script instead of the one before.
    async fn pretend(&mut self, source: String) {
        if let Some(identifier) = self.shift.take() {
            let old = json!({ "identifier": identifier });
            self.devtools("Page.removeScriptToEvaluateOnNewDocument", old).await;
        }
        let added = json!({ "source": source });
        let added = self.devtools("Page.addScriptToEvaluateOnNewDocument", added).await;
        self.shift = Some(added["identifier"].as_str().unwrap().to_owned());
    }

    /// Waits until the element can be seen.
    pub async fn see(&self, css: &str) {
        self.text(css).await;
    }

    /// The text of an element as soon as it can be seen.
    pub async fn text(&self, css: &str) -> String {
        let seen = format!(
            "const e = document.querySelector({}); return e && e.checkVisibility() ? e.innerText ?? '' : null",
            quoted(css)
        );
        self.wait_for(css, &seen).await.as_str().unwrap().to_owned()
    }

    /// Clicks where a person would, or goes there by keyboard and presses.
    pub async fn click(&self, css: &str) {
        self.see(css).await;
        if self.by_keyboard {
            let kind = format!("return document.querySelector({}).type ?? ''", quoted(css));
            if self.js(&kind).await == "radio" {
                return self.choose_radio(css).await;
            }
            self.reach(css).await;
            let is_box = "const e = document.activeElement; return e.type === 'checkbox'";
            let is_box = self.js(is_box).await == Value::Bool(true);
            return self.press(if is_box { SPACE } else { ENTER }).await;
        }
        let element = self.element(css).await;
        self.call("POST", &format!("/element/{element}/click"), Some(json!({}))).await;
    }

    /// Clicks a button by its form's address and waits until the next page is there.
    pub async fn send(&self, css: &str) {
        self.js("window.isOld = true; return 1").await;
        self.click(css).await;
        self.wait_until(
            "the next page",
            "return !window.isOld && document.readyState === 'complete'",
        )
        .await;
    }

    /// Types into a field, in place of what stands there.
    pub async fn fill(&self, css: &str, text: &str) {
        self.see(css).await;
        if self.by_keyboard {
            self.reach(css).await;
            self.js("document.activeElement.select(); return 1").await;
            self.devtools("Input.insertText", json!({ "text": text })).await;
            return;
        }
        let element = self.element(css).await;
        self.call("POST", &format!("/element/{element}/clear"), Some(json!({}))).await;
        self.call("POST", &format!("/element/{element}/value"), Some(json!({ "text": text })))
            .await;
    }

    /// Chooses an answer of a group: the group is one stop of the tabulator key, arrows go on in it.
    async fn choose_radio(&self, css: &str) {
        let group = format!(
            "const {{ name }} = document.querySelector({}); const all = `input[name=\"${{name}}\"]`; \
             return document.querySelector(`${{all}}:checked`) ? `${{all}}:checked` : all",
            quoted(css)
        );
        let group = self.js(&group).await.as_str().unwrap().to_owned();
        self.reach(&group).await;
        let there =
            format!("return document.activeElement === document.querySelector({})", quoted(css));
        for _ in 0..MOST_OPTIONS {
            if self.js(&there).await == Value::Bool(true) {
                return self.press(SPACE).await;
            }
            self.press(DOWN).await;
        }
        panic!("{css} is not in its group");
    }

    /// Types a date into a date field, part by part, in the order of the browser's own language.
    pub async fn fill_date(&self, css: &str, date: &str) {
        self.see(css).await;
        self.reach(css).await;
        let order = "return new Intl.DateTimeFormat().formatToParts(new Date()).map((p) => p.type).join(' ')";
        let order = self.js(order).await;
        let mut parts = date.split('-');
        let [year, month, day] = [(); 3].map(|()| parts.next().unwrap());
        for part in order.as_str().unwrap().split(' ') {
            let digits = match part {
                "year" => year,
                "month" => month,
                "day" => day,
                _ => continue,
            };
            for digit in digits.chars() {
                let text = digit.to_string();
                self.press((&text, u32::from(digit), &text)).await;
            }
        }
        assert_eq!(self.js("return document.activeElement.value").await, date, "{order}");
    }

    /// Has this server's pages come in a language from now on, as its switch does.
    pub async fn speak(&self, language: &str) {
        self.js(&format!("await fetch('/?lang={language}'); return 1")).await;
    }

    /// Of a text in Vietnamese and in English, that in the language of who uses the browser.
    pub fn words<'a>(&self, vietnamese: &'a str, english: &'a str) -> &'a str {
        if self.reads == "vi" { vietnamese } else { english }
    }

    /// Both languages, that of who uses the browser at last, so that a story goes on in it.
    pub fn languages(&self) -> [&'static str; 2] {
        if self.reads == "vi" { ["en", "vi"] } else { ["vi", "en"] }
    }

    /// The language of the page that is shown.
    pub async fn language(&self) -> String {
        self.js("return document.documentElement.lang").await.as_str().unwrap().to_owned()
    }

    /// Goes to an element by the tabulator key alone, forwards from where the focus is. Wherever it
    /// passes, the focus can be seen; a window to which the machine gives none yet shows none until a key is pressed.
    pub async fn reach(&self, css: &str) {
        let there = format!(
            "const e = document.activeElement; if (e === document.querySelector({})) return 'there'; \
             if (e === document.body) return 'on'; const s = getComputedStyle(e); \
             return s.outlineStyle === 'none' && document.hasFocus() && !e.matches('[tabindex=\"-1\"]') ? `hidden focus: ${{e.outerHTML}}` : 'on'",
            quoted(css)
        );
        for _ in 0..MOST_STOPS {
            match self.js(&there).await.as_str() {
                Some("there") => return,
                Some("on") => self.press(TAB).await,
                other => panic!("on the way to {css}: {other:?}"),
            }
        }
        panic!("{css} cannot be reached by keyboard at {}", self.address().await);
    }

    /// Waits until the focus is on an element or within it, where the last step has led.
    pub async fn is_taken_along_to(&self, css: &str) {
        let focused = format!(
            "return document.querySelector({})?.contains(document.activeElement) ?? false",
            quoted(css)
        );
        self.wait_until(&format!("the focus in {css}"), &focused).await;
    }

    /// The arrow down, as in a list of suggestions.
    pub async fn press_down(&self) {
        self.press(DOWN).await;
    }

    pub async fn press_enter(&self) {
        self.press(ENTER).await;
    }

    /// Types a text and Enter wherever the focus is, as a hand-held reader does.
    pub async fn type_as_reader(&self, text: &str) {
        for letter in text.chars() {
            let typed = letter.to_string();
            let event = json!({ "type": "keyDown", "key": typed, "text": typed });
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
        self.press(ENTER).await;
    }

    async fn press(&self, (key, code, text): (&str, u32, &str)) {
        let event = |kind: &str| json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
        self.devtools("Input.dispatchKeyEvent", event("keyDown")).await;
        let mut up = event("keyUp");
        up.as_object_mut().unwrap().remove("text");
        self.devtools("Input.dispatchKeyEvent", up).await;
    }

    /// Gives a file to a field, which may be hidden behind its label. Keys cannot do this: they open a window of the
    /// operating system, where WebDriver has no say. So only the way to the field is tested by keyboard.
    pub async fn choose(&self, css: &str, file: &Path) {
        let element = self.element(css).await;
        let text = json!({ "text": file });
        self.call("POST", &format!("/element/{element}/value"), Some(text)).await;
    }

    /// Chooses an option by its value.
    pub async fn select(&self, css: &str, value: &str) {
        self.see(css).await;
        if self.by_keyboard {
            self.reach(css).await;
            for _ in 0..MOST_OPTIONS {
                if self.js("return document.activeElement.value").await == value {
                    return;
                }
                self.press(DOWN).await;
            }
            panic!("{css} has no {value}");
        }
        let chosen = format!(
            "const e = document.querySelector({}); e.value = {}; e.dispatchEvent(new Event('change')); return e.value === {}",
            quoted(css),
            quoted(value),
            quoted(value)
        );
        assert_eq!(self.js(&chosen).await, Value::Bool(true), "{css} has no {value}");
    }

    /// Runs a function's body in the page, which may await; its value.
    pub async fn js(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})().then(done, (e) => done(`failed: ${{e}}`));"
        );
        self.call("POST", "/execute/async", Some(json!({ "script": script, "args": [] }))).await
    }

    /// Waits until a function's body, which may not await, returns true.
    pub async fn wait_until(&self, awaited: &str, body: &str) {
        self.wait_for(awaited, body).await;
    }

    /// Waits until a function's body, which may not await, returns neither null nor false. A
    /// page that is just being left may break it off: then it is asked again.
    async fn wait_for(&self, awaited: &str, body: &str) -> Value {
        let deadline = Instant::now() + TIMEOUT;
        let script = json!({ "script": body, "args": [] });
        loop {
            let last = match self.try_call("POST", "/execute/sync", Some(script.clone())).await {
                Ok(Value::Null | Value::Bool(false)) => "not yet".to_owned(),
                Ok(value) => return value,
                Err(message) => message,
            };
            if Instant::now() > deadline {
                let shown = self.js("return document.body.innerText").await;
                panic!(
                    "in vain for {awaited} at {} ({last}):\n{shown}\n{:?}",
                    self.address().await,
                    self.problems().await
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// What the console complained about since the last call: errors and violated policies.
    pub async fn problems(&self) -> Vec<String> {
        let entries = self.call("POST", "/se/log", Some(json!({ "type": "browser" }))).await;
        let entries = entries.as_array().unwrap().iter();
        entries
            .filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            // A page of the browser's own, before the first of ours.
            .filter(|message| !message.starts_with("chrome://"))
            .collect()
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.call("POST", "/goog/cdp/execute", Some(body)).await
    }

    /// The same, of a command that may be refused; the driver's message then.
    pub async fn try_devtools(&self, command: &str, parameters: Value) -> Result<Value, String> {
        let body = json!({ "cmd": command, "params": parameters });
        self.try_call("POST", "/goog/cdp/execute", Some(body)).await
    }

    async fn element(&self, css: &str) -> String {
        let body = json!({ "using": "css selector", "value": css });
        let found = self.call("POST", "/element", Some(body)).await;
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        call(&self.http, &self.url, method, path, body).await
    }

    async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, String> {
        try_call(&self.http, &self.url, method, path, body).await
    }
}

/// A text as a JavaScript and CSS string.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
