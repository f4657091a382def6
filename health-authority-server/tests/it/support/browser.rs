//! A browser for tests: cookies, forms with the page's token, no script.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use health_authority_server::domain::accounts::{HashMemory, Password, Role};
use health_authority_server::domain::phone::Phone;
use health_authority_server::domain::totp::TotpSecret;
use health_authority_server::services::sms::{Sending, Sms, SmsError};
use health_authority_server::storage::accounts::NewAccount;
use health_authority_server::storage::audit::Actor;

use crate::support::authority::Authority;

/// The address that `init` of tests is given.
pub const ORIGIN: &str = "https://hanoi.example.vn";
pub const PASSWORD: &str = "tre xanh bên đình";

/// Keeps the messages that were sent, unless the gateway is down (the second) or there is none (the third).
#[derive(Clone, Default)]
pub struct Inbox(pub Arc<Mutex<Vec<(String, String)>>>, pub Arc<AtomicBool>, pub Arc<AtomicBool>);

impl Sms for Inbox {
    fn send<'a>(&'a self, phone: &'a Phone, text: &'a str) -> Sending<'a> {
        if self.1.load(Ordering::SeqCst) {
            return Box::pin(async { Err(SmsError::Unreachable("down".into())) });
        }
        self.0.lock().unwrap().push((phone.as_str().to_owned(), text.to_owned()));
        Box::pin(async { Ok(()) })
    }

    fn is_configured(&self) -> bool {
        !self.2.load(Ordering::SeqCst)
    }
}

impl Inbox {
    /// The last message to this telephone.
    pub fn last(&self, phone: &str) -> String {
        let messages = self.0.lock().unwrap();
        messages.iter().rev().find(|(to, _)| to == phone).unwrap().1.clone()
    }

    /// The 6 digits of the last message to this telephone.
    pub fn code(&self, phone: &str) -> String {
        let text = self.last(phone);
        let digits = text.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6);
        digits.unwrap().to_owned()
    }
}

/// A page as it came.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub location: Option<String>,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Got {
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    #[track_caller]
    pub fn leads_to(&self, path: &str) -> &Self {
        assert_eq!((self.status, self.location.as_deref()), (303, Some(path)), "{}", self.body);
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "no {text:?} in {}", self.body);
        self
    }

    pub fn attribute(&self, before: &str) -> String {
        let at = self.body.find(before).unwrap_or_else(|| panic!("no {before} in {}", self.body));
        self.body[at + before.len()..].split('"').next().unwrap().to_owned()
    }
}

/// A browser with its cookies.
pub struct Browser<'a> {
    authority: &'a Authority,
    http: reqwest::Client,
    pub cookies: BTreeMap<String, String>,
    pub origin: Option<String>,
    pub csrf: String,
}

impl<'a> Browser<'a> {
    pub fn new(authority: &'a Authority) -> Self {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(none).build().unwrap();
        let mut cookies = BTreeMap::new();
        cookies.insert("vx-language".to_owned(), "en".to_owned());
        Self { authority, http, cookies, origin: Some(ORIGIN.into()), csrf: String::new() }
    }

    /// Another one that is logged in as this account, without the way through the login page.
    pub async fn signed_in(authority: &'a Authority, login: &str) -> Self {
        let mut browser = Self::new(authority);
        let account = authority.app.store.credentials(login).await.unwrap().unwrap().account;
        let mut rng = rand::rng();
        let token = health_authority_server::domain::sessions::SessionToken::generate(&mut rng);
        let hash = token.hash(&authority.app.keys.account_hash);
        let (today, now) = (authority.app.config.today(authority.now()), authority.now());
        authority.app.store.begin_session(&account, &hash, None, today, now).await.unwrap();
        let portal = if account.role.is_authority() { "staff" } else { "venue" };
        let name = format!("__Host-vx-{portal}");
        browser.cookies.insert(name, token.to_cookie().to_string());
        browser.csrf = token.csrf().expose().to_owned();
        browser
    }

    pub async fn get(&mut self, path: &str) -> Got {
        let request = self.http.get(self.url(path));
        self.send(request).await
    }

    /// A form of the page that was seen last.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        let csrf = self.csrf.clone();
        fields.push(("csrf", &csrf));
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = self.http.post(self.url(path)).body(body);
        self.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    /// A file: status, type and content.
    pub async fn file(&mut self, path: &str) -> (u16, String, Vec<u8>) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(self.url(path)).header("cookie", cookies.join("; "));
        let response = request.send().await.unwrap();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        let status = response.status().as_u16();
        (status, content_type, response.bytes().await.unwrap().to_vec())
    }

    pub async fn upload(&mut self, path: &str, file: &[u8]) -> Got {
        let mut body = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--edge\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"units.csv\"\r\n\
             content-type: text/csv\r\n\r\n",
            self.csrf
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = self.http.post(self.url(path)).body(body);
        self.send(request.header("content-type", "multipart/form-data; boundary=edge")).await
    }

    pub async fn json(&mut self, path: &str, body: &serde_json::Value) -> Got {
        let request = self.http.post(self.url(path)).json(body);
        let request = request.header("x-csrf-token", self.csrf.clone());
        self.send(request).await
    }

    /// What a script of the page seen last sends.
    pub async fn bytes(&mut self, path: &str, body: Vec<u8>) -> Got {
        let request = self.http.post(self.url(path)).body(body);
        let request = request.header("x-csrf-token", self.csrf.clone());
        self.send(request).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.authority.url())
    }

    pub async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Got {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header("cookie", cookies.join("; "));
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get("location");
        let got = Got {
            status: response.status().as_u16(),
            location: location.map(|value| value.to_str().unwrap().to_owned()),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        };
        if got.body.contains("csrf-token") {
            self.csrf = got.attribute("name=\"csrf-token\" content=\"");
        }
        got
    }
}

/// What the page that asks first sends beside the form.
pub const SURE: [(&str, &str); 1] = [("sure", "yes")];

/// What a venue says of itself.
pub const REGISTRATION: &[(&str, &str)] = &[
    ("name", "Chợ Đồng Xuân"),
    ("kind", "market"),
    ("street", "15 Cầu Đông"),
    ("province", "1"),
    ("ward_name", "Phường Hoàn Kiếm"),
    ("registrant", "Nguyễn Thị Lan"),
    ("password", PASSWORD),
    ("password_again", PASSWORD),
];

/// Registers a venue with this telephone, through its pages; the browser is logged in then.
pub async fn register<'a>(authority: &'a Authority, phone: &str) -> Browser<'a> {
    let mut browser = Browser::new(authority);
    let mut form = REGISTRATION.to_vec();
    form.push(("phone", phone));
    let asked = browser.post("/venue/register", &form).await;
    let pending = asked.is(200).attribute("name=\"pending\" value=\"");
    let code = authority.inbox.code(phone);
    let confirmed = browser.post("/venue/confirm", &[("pending", &pending), ("code", &code)]).await;
    confirmed.leads_to("/venue");
    browser.get("/venue").await.is(200);
    browser
}

/// An account of the authority's staff that is set up, and its authenticator app.
pub async fn staff(authority: &Authority, role: Role, login: &str) -> TotpSecret {
    let app = &authority.app;
    let hash = Password::from(PASSWORD.to_owned())
        .hash(&mut HashMemory::default(), &mut rand::rng())
        .unwrap();
    let (name, now) = ("Trần Văn Minh", authority.now());
    let new = NewAccount { login, name, password: &hash, one_time_until: None, role, venue: None };
    let actor = Actor::command_line();
    let account = app.store.add_account(&new, &actor, now).await.unwrap().unwrap();
    let secret = TotpSecret::generate(&mut rand::rng());
    let sealed = vungxanh_protocol::seal::seal(
        &app.keys.account_seal,
        "VX-ACCOUNT-TOTP",
        &account.to_be_bytes(),
        secret.expose(),
        &mut rand::rng(),
    );
    app.store.set_totp(account, Some((sealed, 0, &[])), None, &actor, now).await.unwrap();
    secret
}
