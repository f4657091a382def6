//! A supervised door in a browser: a market whose staff have a phone, and who comes with passes.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::door::WarningBatchWithPasses;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{HolderKey, LivePass, Pass, PassKind};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_tests::demo::market::Market;
use vungxanh_tests::harness::moment::FIRST_DATE;
use vungxanh_tests::harness::search::files_under;
use vungxanh_tests::harness::stage::DemoError;

use crate::declarants::{Declarant, Office};
use crate::driver::{Browser, Driver};
use crate::looks::Looks;

/// Longer than what is one showing of a code, in real time.
const TAKEN_AWAY: Duration = Duration::from_millis(3_300);
const REGION: &str = "VN";

/// An authority with an officer, and a market that has a phone at its door.
pub struct DoorOffice {
    pub office: Office,
    pub market: Market,
    pub join_code: String,
}

impl DoorOffice {
    pub async fn open() -> Result<Self, DemoError> {
        let office = Office::open().await?;
        let mut market = Market::open(&office.authority, office.stage.folder(), "vi").await?;
        let join_code = market.invite_phone("Lan, cổng chính").await?;
        Ok(Self { office, market, join_code })
    }

    /// Asks for, and answers, what is needed for a case who was at the door from one time to another.
    pub async fn warn(
        &mut self,
        payload: &[u8],
        from: UnixTime,
        until: UnixTime,
    ) -> Result<usize, DemoError> {
        let fingerprint = PosterFingerprint::of_payload(payload);
        let visit = format!("vx-visit:1:{fingerprint}:{}:{}", from.as_secs(), until.as_secs());
        self.office.authority.request_shares(&visit, FIRST_DATE).await?;
        self.market.hand_over_shares().await
    }

    /// The published batches with sections for passes.
    pub async fn batches(&self) -> Vec<WarningBatchWithPasses> {
        let authority = &self.office.authority;
        let signed = std::fs::read(authority.folder().join("authority.signed")).unwrap();
        let document = VerifiedAuthority::first_contact(&signed, self.office.stage.now()).unwrap();
        let keys = document.document().proven_venue_keys().unwrap();
        let files = files_under(&authority.folder().join("warnings")).unwrap_or_default();
        let files = files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "vxp"));
        let read = |file| {
            let bytes = std::fs::read(file).unwrap();
            WarningBatchWithPasses::read(&bytes, &keys[0].warning_key, REGION).unwrap()
        };
        files.map(read).collect()
    }
}

/// A pass that a browser was given, and the key of its holder.
pub struct OwnPass {
    pub pass: Pass,
    pub holder: HolderKey,
}

impl OwnPass {
    /// What a screen shows at a time.
    pub fn live_code(&self, at: UnixTime) -> String {
        LivePass::show(&self.pass, &self.holder, at).unwrap().code()
    }
}

/// The passes that the page of declarations keeps: live ones, then printed ones.
pub async fn passes_of(declarant: &Declarant<'_>) -> Vec<OwnPass> {
    let body = "const text = (bytes) => btoa(String.fromCharCode(...bytes)); \
        return new Promise((resolve) => { indexedDB.open('vungxanh-declare').onsuccess = ({ target: { result } }) => { \
        result.transaction('values').objectStore('values').get('sent').onsuccess = ({ target: { result: sent } }) => { \
        resolve(sent[0].passes.map(({ pass, seed }) => [text(pass), text(seed)])); }; }; })";
    let kept = declarant.browser.js(body).await;
    let bytes = |value: &Value| BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
    let kept = kept.as_array().unwrap().iter().map(|pair| OwnPass {
        pass: Pass::from_bytes(&bytes(&pair[0]).try_into().unwrap()).unwrap(),
        holder: HolderKey::from_seed(&SecretBytes::new(bytes(&pair[1]).try_into().unwrap())),
    });
    let mut kept: Vec<OwnPass> = kept.collect();
    kept.sort_by_key(|own| own.pass.content().kind != PassKind::Live);
    kept
}

/// What who declares gets: passes, a picture of the first one on the screen, and of the sheet.
pub struct Declared {
    pub passes: Vec<OwnPass>,
    pub screen: PathBuf,
    pub sheet: PathBuf,
}

/// Who declares in a browser of their own, opens a pass and prints the sheet.
pub async fn declared(office: &Office, driver: &Driver, looks: &Looks, name: &str) -> Declared {
    let folder = office.stage.folder().join("browsers").join(name);
    let mut browser = driver.browser(&folder, (412, 915)).await;
    browser.by_keyboard = true;
    let mut declarant = Declarant { browser, looks, url: office.authority.url() };
    declarant.open(office.stage.now()).await;
    declarant.daily(name).await;
    declarant.go_on("health").await;
    declarant.send().await;
    let passes = passes_of(&declarant).await;
    declarant.browser.js("window.print = () => {}; return 1").await;
    declarant.browser.click("#sent-list li button:nth-of-type(2)").await;
    let drawn = "return document.querySelectorAll('#sheet svg').length === 12";
    declarant.browser.wait_until("the sheet", drawn).await;
    let pdf = folder.join("sheet.pdf");
    declarant.browser.print(&pdf).await;
    let args = ["-r", "110", "-png", "-singlefile"];
    let paper = folder.join("sheet");
    let printed = Command::new("pdftoppm").args(args).arg(&pdf).arg(&paper).status();
    assert!(printed.unwrap().success());
    declarant.browser.click("#sent-list li button").await;
    declarant.browser.see("#pass-code svg").await;
    let screen = folder.join("screen.png");
    declarant.browser.picture_of("#pass-code", 1, &screen).await;
    Declared { passes, screen, sheet: folder.join("sheet.png") }
}

/// A phone of the market's staff at the door.
pub struct Keeper<'a> {
    pub browser: Browser,
    pub url: &'a str,
    pub payload: Vec<u8>,
}

impl Keeper<'_> {
    /// Logs in with the code of an invitation.
    pub async fn join(&self, code: &str) {
        self.browser.open(&format!("{}/venue/join?lang=vi", self.url)).await;
        self.browser.fill("#code", code).await;
        self.browser.send("main form button").await;
    }

    /// Opens the door at a time that stands still, in a language.
    pub async fn open(&mut self, now: UnixTime, language: &str) {
        self.browser.hold_time(now).await;
        self.browser.open(&format!("{}/venue/door?lang={language}", self.url)).await;
        self.browser
            .wait_until("the page", "return !!document.documentElement.dataset.ready")
            .await;
    }

    /// Chooses the first unit that has a poster.
    pub async fn choose(&mut self) {
        let body = "const { units } = await (await fetch('door/data')).json(); \
                    const { unit, payload } = units.find((one) => one.payload); return [unit, payload]";
        let found = self.browser.js(body).await;
        self.payload = hex::decode(found[1].as_str().unwrap()).unwrap();
        self.browser.click(&format!("#unit-list [data-unit='{}']", found[0])).await;
        self.browser.see("#verdict").await;
    }

    /// Has a hand-held reader type a code; the verdict.
    pub async fn read(&self, code: &str) -> String {
        let before = self.number().await;
        self.browser.type_as_reader(code).await;
        self.verdict_after(&before).await
    }

    /// The same after the code was away for a while.
    pub async fn read_again(&self, code: &str) -> String {
        tokio::time::sleep(TAKEN_AWAY).await;
        self.read(code).await
    }

    pub async fn number(&self) -> String {
        let number = "return document.getElementById('verdict').dataset.number ?? '0'";
        self.browser.js(number).await.as_str().unwrap().to_owned()
    }

    pub async fn verdict_after(&self, number: &str) -> String {
        let next = format!(
            "return (document.getElementById('verdict').dataset.number ?? '0') !== '{number}'"
        );
        self.browser.wait_until("a verdict", &next).await;
        let verdict = "return document.getElementById('verdict').dataset.verdict";
        self.browser.js(verdict).await.as_str().unwrap().to_owned()
    }

    /// Has the camera look at the film that it was given.
    pub async fn look(&self) {
        self.browser.click("#camera-start").await;
        self.browser.see("#camera-stop").await;
    }

    /// What the verdict says.
    pub async fn words(&self) -> String {
        self.browser.text("#verdict").await
    }

    /// Waits until a number of the door is this.
    pub async fn shows(&self, id: &str, number: &str) {
        let shown = format!("return document.getElementById('{id}').textContent === '{number}'");
        self.browser.wait_until(&format!("{number} {id}"), &shown).await;
    }

    /// How many hours wait to be sent.
    pub async fn waiting(&self) -> String {
        let waiting = "return document.getElementById('sending').dataset.waiting";
        self.browser.js(waiting).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until what was scanned is stored: as many sealed records, or uploads.
    pub async fn stored(&self, prefix: &str, count: usize) {
        for _ in 0..300 {
            if self.keys(prefix).await == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} of {prefix}, not {count}", self.keys(prefix).await);
    }

    async fn keys(&self, prefix: &str) -> usize {
        let body = format!(
            "return new Promise((resolve) => {{ indexedDB.open('vungxanh-door').onsuccess = ({{ target: {{ result }} }}) => {{ \
             result.transaction('values').objectStore('values').getAllKeys().onsuccess = ({{ target: {{ result: keys }} }}) => {{ \
             result.close(); resolve(keys.filter((key) => key.startsWith('{prefix}')).length); }}; }}; }})"
        );
        usize::try_from(self.browser.js(&body).await.as_u64().unwrap()).unwrap()
    }

    /// All that the browser stores for the door, as text.
    pub async fn everything_stored(&self) -> String {
        let body = "const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(''); \
             const show = (_, value) => (value instanceof Uint8Array ? hex(value) : value); \
             return new Promise((resolve) => { indexedDB.open('vungxanh-door').onsuccess = ({ target: { result } }) => { \
             const table = result.transaction('values').objectStore('values'); \
             table.getAllKeys().onsuccess = ({ target: { result: keys } }) => { table.getAll().onsuccess = ({ target: { result: values } }) => { \
             result.close(); resolve(JSON.stringify([keys, values, { ...localStorage }], show)); }; }; }; })";
        self.browser.js(body).await.as_str().unwrap().to_owned()
    }

    /// Waits until the browser keeps all that the page needs without network.
    pub async fn is_ready_for_no_network(&self) {
        let ready = "await navigator.serviceWorker.ready; const names = (await caches.keys()).filter((n) => n.startsWith('vungxanh-venue/door-')); return names.length";
        assert_eq!(self.browser.js(ready).await, 1);
    }
}
