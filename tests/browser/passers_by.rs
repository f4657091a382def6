//! Who goes by a venue that has another name and telephone: what its posters say, and which number logs in.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use vungxanh_protocol::venue::poster::{UnverifiedPoster, payload_of_url};
use vungxanh_tests::demo::market::MANAGERS_LOGIN;

use crate::driver::Browser;
use crate::people::{log_in_at, says};

const DEADLINE: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);

/// A telephone that is nobody's in particular.
pub struct PasserBy<'a> {
    pub browser: Browser,
    pub url: &'a str,
    /// Where the authority notes the messages that it would send.
    pub log: PathBuf,
}

impl PasserBy<'_> {
    /// Who scans a poster sees its name and can check in: what hangs stays good.
    pub async fn admits(&self, poster: &str, name: &str, language: &str) {
        let payload = payload_of_url(poster).unwrap();
        let content = UnverifiedPoster::read(&payload).unwrap();
        assert_eq!(content.unverified_content().name, name);
        let address = poster.replacen("/v#", &format!("/v?lang={language}#"), 1);
        self.browser.open(&address).await;
        self.browser.see("#check-in").await;
        assert_eq!(self.browser.language().await, language);
        assert_eq!(self.browser.text("#poster-venue").await, name);
    }

    /// A code to get in again is sent to the new number and not to the old one, and only the new one logs in.
    pub async fn only_new_phone_works(&self, [old, new]: [&str; 2], name: &str, language: &str) {
        let browser = &self.browser;
        let (_, password) = MANAGERS_LOGIN;
        let before = (self.messages_to(old), self.messages_to(new));
        for phone in [old, new] {
            browser.open(&format!("{}/venue/forgot?lang={language}", self.url)).await;
            browser.fill("#phone", phone).await;
            browser.send("main form button").await;
            browser.see("#new_password").await;
        }
        // It goes out after the answer.
        let deadline = Instant::now() + DEADLINE;
        while self.messages_to(new) == before.1 {
            assert!(Instant::now() < deadline, "no message to {}", new);
            tokio::time::sleep(POLL).await;
        }
        assert_eq!(self.messages_to(new), before.1 + 1);
        assert_eq!(self.messages_to(old), before.0);
        let portal = format!("{}/venue", self.url);
        log_in_at(browser, &portal, (old, password)).await;
        says(browser, language, ["Không đăng nhập được", "You could not be logged in"]).await;
        log_in_at(browser, &portal, (new, password)).await;
        says(browser, language, [name, name]).await;
        browser.click(".menu summary").await;
        browser.send("form[action$='/logout'] button").await;
        says(browser, language, ["Bạn đã đăng xuất.", "You have been logged out."]).await;
    }

    /// How many messages went to a telephone so far.
    fn messages_to(&self, phone: &str) -> usize {
        let log = std::fs::read_to_string(&self.log).unwrap();
        let sent = |line: &&str| line.contains("a message is logged") && line.contains(phone);
        log.lines().filter(sent).count()
    }
}
