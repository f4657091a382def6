//! People of the authority's staff as they come to their accounts: the first administrator by the server's link, others
//! by an administrator; each with an authenticator app and recovery codes.

use vungxanh_protocol::interval::UnixTime;

use crate::authenticator::Authenticator;
use crate::people::{OFFICER_PASSWORD, Officer};

/// What somebody has written down or put into a telephone.
pub struct Access {
    pub login: String,
    pub app: Authenticator,
    pub recovery_codes: Vec<String>,
}

/// What an administrator reads out to somebody whose account is new or reset.
pub struct Given {
    pub login: String,
    pub password: String,
    /// Where to log in.
    pub address: String,
}

impl Officer<'_> {
    /// Becomes the first administrator by the link that the server printed.
    pub async fn become_first(&self, link: &str, name: &str, login: &str, now: UnixTime) -> Access {
        let browser = &self.browser;
        for language in browser.languages() {
            browser.open(&format!("{link}&lang={language}")).await;
            self.looks.moment(browser, "staff-first-start").await;
        }
        browser.fill("#name", name).await;
        browser.fill("#login", login).await;
        browser.fill("#password", OFFICER_PASSWORD).await;
        browser.fill("#password_again", OFFICER_PASSWORD).await;
        browser.send("main form button").await;
        self.set_up_app(login, now).await
    }

    /// Logs in with what an administrator has read out, and does what the pages ask for then.
    pub async fn begin_with_app(&self, given: &Given, now: UnixTime) -> Access {
        let browser = &self.browser;
        browser.open(&given.address).await;
        self.type_login(&given.login, &given.password, "").await;
        let address = browser.address().await;
        assert!(address.contains("/staff/settings"), "to what is to be done first: {address}");
        self.choose_password(&given.password).await;
        self.set_up_app(&given.login, now).await
    }

    /// Sets up the app on the page of settings, where the pages lead who has none.
    async fn set_up_app(&self, login: &str, now: UnixTime) -> Access {
        let browser = &self.browser;
        let secret = browser.text("section[aria-labelledby=authenticator] .secret").await;
        let mut app = Authenticator::of(&secret);
        self.looks.closely(browser, "staff-settings-without-app").await;
        browser.fill("#totp-password", OFFICER_PASSWORD).await;
        browser.fill("#totp-code", &app.code(now)).await;
        browser.send("form[action$='/authenticator'] button").await;
        browser.see(".codes").await;
        let codes = "return [...document.querySelectorAll('.codes li')].map((e) => e.innerText)";
        let codes = browser.js(codes).await;
        let codes = codes.as_array().unwrap().iter();
        let recovery_codes: Vec<_> = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        assert_eq!(recovery_codes.len(), 10, "{recovery_codes:?}");
        self.looks.closely(browser, "staff-recovery-codes").await;
        self.looks.print(browser, "staff-recovery-codes").await;
        browser.send("main a.button").await;
        assert_eq!(browser.address().await, format!("{}/staff", self.url));
        Access { login: login.to_owned(), app, recovery_codes }
    }

    /// Types into the page of logging in; what is typed into the field of the code may be empty.
    pub async fn type_login(&self, login: &str, password: &str, code: &str) {
        let browser = &self.browser;
        browser.fill("#login", login).await;
        browser.fill("#password", password).await;
        if !code.is_empty() {
            browser.fill("#code", code).await;
        }
        browser.send("main form button").await;
    }

    /// Logs in with password and app, unless logged in already.
    pub async fn log_in_with_app(&self, access: &mut Access, now: UnixTime) {
        self.browser.open(&format!("{}/staff/login", self.url)).await;
        if !self.browser.address().await.ends_with("/login") {
            return;
        }
        let code = access.app.code(now);
        self.type_login(&access.login, OFFICER_PASSWORD, &code).await;
        assert_eq!(self.browser.address().await, format!("{}/staff", self.url));
    }

    /// Adds an account, as the pages lead there from the first one.
    pub async fn add_account(&self, name: &str, login: &str, role: &str) -> Given {
        let browser = &self.browser;
        browser.open(&format!("{}/staff", self.url)).await;
        browser.send("main a[href$='/staff/accounts']").await;
        browser.send("main a[href$='/staff/accounts/add']").await;
        browser.fill("#name", name).await;
        browser.fill("#login", login).await;
        browser.select("#role", role).await;
        browser.send("main form button").await;
        self.given(login).await
    }

    /// What stands on the page of a one-time password.
    pub async fn given(&self, login: &str) -> Given {
        let browser = &self.browser;
        let shown = browser.text("main .notice").await;
        assert!(shown.contains(login), "{shown}");
        let password = browser.text("main .secret").await;
        let address = browser.text("main .secret ~ .secret").await;
        Given { login: login.to_owned(), password, address }
    }
}
