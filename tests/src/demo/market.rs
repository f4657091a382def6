//! The market: registers with the authority, makes its key, posts its code, hands over shares.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver, SlotIdentity};

use crate::harness::authority::Authority;
use crate::harness::browser::{Browser, between};
use crate::harness::search::Needles;
use crate::harness::stage::DemoError;

/// Its name, on its poster and in people's diaries.
pub const NAME: &str = "Chợ Đồng Xuân";
/// What its manager logs in with: the telephone and the password.
pub const MANAGERS_LOGIN: (&str, &str) = (PHONE, PASSWORD);
const PHONE: &str = "0912345678";
const PASSWORD: &str = "hàng rau tầng hai";
/// How long a visit lasts without a check-out.
const STAY_MINUTES: &str = "120";
/// What the authority's officer for venues logs in with.
pub const OFFICERS_LOGIN: (&str, &str) = (OFFICER, OFFICERS_PASSWORD);
const OFFICER: &str = "officer";
const OFFICERS_PASSWORD: &str = "một tờ giấy cho mỗi chợ";

/// A venue with a poster at its door.
#[derive(Debug)]
pub struct Market {
    browser: Browser,
    secret: PartySecret,
    /// The unit at the poster, as the server numbers it.
    pub unit: u64,
    /// The poster, as a picture.
    pub poster: PathBuf,
    /// What its code says, once a request has named it.
    payload: Vec<u8>,
}

impl Market {
    /// Registers, has the telephone confirmed, makes its key, is approved, adds a floor, and gets
    /// its poster as a picture in `folder`.
    pub async fn open(
        authority: &Authority,
        folder: &Path,
        language: &'static str,
    ) -> Result<Self, DemoError> {
        let mut browser = Browser::open(authority.url(), language)?;
        register(&mut browser, authority).await?;
        let secret = PartySecret::generate(&mut rand::rng());
        browser.page("/venue").await?;
        let proof = secret.prove(Party::Venue);
        let key = serde_json::json!({
            "publicKey": hex::encode(secret.public_key().to_bytes()),
            "proof": hex::encode(proof.0),
        });
        browser.send_json("/venue/key", &key).await?;
        approve(authority, language).await?;
        browser.send_form("/venue/units", &[("name", "Tầng 2"), ("minutes", STAY_MINUTES)]).await?;
        let poster = folder.join("poster.png");
        let units = browser.page("/venue/units").await?;
        let unit = number_after(&units, "/venue/units/", "unit")?;
        let picture = browser.file(&format!("/venue/posters/{unit}.png")).await?;
        std::fs::write(&poster, picture).map_err(DemoError::files("cannot keep the poster"))?;
        Ok(Self { browser, secret, unit, poster, payload: Vec::new() })
    }

    /// Admits a phone of the staff: its browser, logged in.
    pub async fn join_phone(
        &mut self,
        url: &str,
        language: &'static str,
    ) -> Result<Browser, DemoError> {
        self.browser.page("/venue/people").await?;
        let invited = self.browser.send_form("/venue/people", &[("name", "Tâm")]).await?;
        let code = between(&invited, "secret large\">", "<").map(str::trim).map(str::to_owned);
        let code = code.ok_or_else(|| DemoError::InVain("a code for the staff's phone".into()))?;
        let mut phone = Browser::open(url, language)?;
        phone.page("/venue/join").await?;
        phone.send_form("/venue/join", &[("code", &code)]).await?;
        phone.page("/venue/scan").await?;
        Ok(phone)
    }

    /// What the poster's code holds, as it stands in its URL; empty until a request has named it.
    pub fn poster_code(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.payload)
    }

    /// Invites a phone of its staff; the code with which the phone joins.
    pub async fn invite_phone(&mut self, name: &str) -> Result<String, DemoError> {
        let page = self.browser.send_form("/venue/people", &[("name", name)]).await?;
        let code = between(&page, "<p class=\"secret large\">", "<");
        code.map(str::to_owned).ok_or_else(|| DemoError::InVain("the code for a phone".into()))
    }

    /// Logs in and answers every request that waits with its shares; how many hours they are for.
    pub async fn hand_over_shares(&mut self) -> Result<usize, DemoError> {
        let login = [("login", PHONE), ("password", PASSWORD)];
        self.browser.send_form("/venue/login", &login).await?;
        let data = self.browser.data("/venue/requests").await?;
        let mut hours = 0;
        for request in data["requests"].as_array().into_iter().flatten() {
            let payload = payload(request)?;
            let shares: Vec<serde_json::Value> = request["slots"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|slot| u32::try_from(slot["hour"].as_u64()?).ok())
                .map(|hour| {
                    let slot = SlotDeriver::of_poster(&payload).identity(Hour::new(hour));
                    let share = hex::encode(self.secret.share(&slot).to_bytes());
                    serde_json::json!({"hour": hour, "scanHour": null, "share": share})
                })
                .collect();
            let doors: Vec<serde_json::Value> = request["doors"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|hour| u32::try_from(hour.as_u64()?).ok())
                .map(|hour| {
                    let door = SlotDeriver::of_poster(&payload).door_identity(Hour::new(hour));
                    let share = hex::encode(self.secret.door_share(&door).to_bytes());
                    serde_json::json!({"hour": hour, "share": share})
                })
                .collect();
            // A unit with check-ins and a door is asked for the same hours twice.
            hours += shares.len().max(doors.len());
            self.payload = payload;
            let path = format!("/venue/requests/{}/shares", request["id"]);
            self.browser
                .send_json(&path, &serde_json::json!({"shares": shares, "doors": doors}))
                .await?;
        }
        Ok(hours)
    }

    /// What the authority must not keep of the visits between two times: the market's key, and
    /// what would show which slots were visited.
    pub fn add_secrets(&self, from: UnixTime, until: UnixTime, to: &mut Needles) {
        to.add_bytes(self.secret.to_bytes().expose());
        let slots = SlotDeriver::of_poster(&self.payload);
        for hour in Hour::touched(from, until) {
            let (identity, notify): (SlotIdentity, SecretBytes<32>) =
                (slots.identity(hour), slots.notify_key(hour));
            to.add_bytes(identity.expose());
            to.add_bytes(notify.expose());
            to.add_bytes(&self.secret.share(&identity).to_bytes());
            let door = slots.door_identity(hour);
            to.add_bytes(door.expose());
            to.add_bytes(&self.secret.door_share(&door).to_bytes());
        }
    }
}

/// The form, and the code that comes to the telephone.
async fn register(browser: &mut Browser, authority: &Authority) -> Result<(), DemoError> {
    let form = [
        ("name", NAME),
        ("kind", "market"),
        ("province", "1"),
        ("ward_name", "Phường Hoàn Kiếm"),
        ("street", "15 Cầu Đông"),
        ("registrant", "Nguyễn Thị Lụa"),
        ("phone", PHONE),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let page = browser.send_form("/venue/register", &form).await?;
    let missing = |what: &str| DemoError::InVain(what.into());
    let pending = between(&page, "name=\"pending\" value=\"", "\"")
        .ok_or_else(|| missing("the form for the telephone's code"))?;
    let code = authority.last_text_code()?.ok_or_else(|| missing("the telephone's code"))?;
    browser.send_form("/venue/confirm", &[("pending", pending), ("code", &code)]).await?;
    Ok(())
}

/// An officer of the authority looks at the registration and approves it.
async fn approve(authority: &Authority, language: &'static str) -> Result<(), DemoError> {
    let password = authority.add_staff(OFFICER, "venue-officer").await?;
    let mut browser = Browser::open(authority.url(), language)?;
    browser.send_form("/staff/login", &[("login", OFFICER), ("password", &password)]).await?;
    browser.page("/staff/settings").await?;
    let change = [
        ("password", password.as_str()),
        ("new_password", OFFICERS_PASSWORD),
        ("new_password_again", OFFICERS_PASSWORD),
    ];
    browser.send_form("/staff/settings/password", &change).await?;
    let waiting = browser.page("/staff/venues").await?;
    let venue = number_after(&waiting, "/staff/venues/", "venue that waits")?;
    let path = format!("/staff/venues/{venue}/decide");
    browser.send_form(&path, &[("decision", "approve")]).await?;
    Ok(())
}

fn payload(request: &serde_json::Value) -> Result<Vec<u8>, DemoError> {
    let text = request["payload"].as_str().unwrap_or_default();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(text);
    payload.map_err(|_| DemoError::InVain("a poster in the request".into()))
}

/// The last number that follows `start` in a page.
fn number_after(page: &str, start: &str, what: &str) -> Result<u64, DemoError> {
    page.match_indices(start)
        .filter_map(|(at, _)| {
            let rest = &page[at + start.len()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits].parse().ok()
        })
        .last()
        .ok_or_else(|| DemoError::InVain(format!("a {what}")))
}
