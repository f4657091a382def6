//! The acts around the door: an officer is admitted, Dũng declares, Cụ Sáu gets a printed card, both are
//! scanned, and the officer reads whom to call.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vungxanh_protocol::declaration::Form;
use vungxanh_protocol::door::Card;
use vungxanh_protocol::pass::read_code;

use super::company::Company;
use super::door::{Door, DoorSecrets};
use super::market;
use super::story::{CARDS, DECLARANT, DoorVisit, PrintedCard};
use super::teller::Teller;
use crate::harness::code_picture::read_qr;
use crate::harness::moment::FIRST_DATE;
use crate::harness::process::Program;
use crate::harness::search::Needles;
use crate::harness::stage::DemoError;

const OFFICERS_PASSPHRASE: &str = "tre xanh bên sông";
const HOTLINE: &str = "1900 9095";
/// The passes of a declaration that are shown on the device.
const LIVE_PASSES: usize = 12;

/// What the officer for declarations reads at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficersList {
    /// Names of those who declared.
    pub declared: Vec<String>,
    /// Names and numbers to be called.
    pub calls: Vec<(String, String)>,
    pub unreadable: u64,
}

fn officers_folder(company: &Company) -> PathBuf {
    company.stage.folder().join("officer")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// An officer makes a key on a computer of their own, is admitted, and keys are made.
pub async fn admit_officer(company: &Company, teller: &Teller) -> Result<(), DemoError> {
    let folder = officers_folder(company);
    let cannot = || DemoError::files("cannot write a file");
    std::fs::create_dir(&folder).map_err(cannot())?;
    let (key, passphrase) = (text(&folder.join("key.json")), text(&folder.join("passphrase")));
    std::fs::write(&passphrase, OFFICERS_PASSPHRASE).map_err(cannot())?;
    let keygen = ["intake", "keygen", "--out", &key, "--passphrase-file", &passphrase];
    let made = company.stage.host().run(Program::Server, &keygen).await?.expect_code(0)?;
    let mut lines = made.stdout.lines().map(str::trim);
    let public = lines.find(|line| line.len() == 64 && line.chars().all(|c| c.is_ascii_hexdigit()));
    let public = public.ok_or_else(|| DemoError::InVain("the officer's public key".into()))?;
    let authority = company.authority()?;
    let officer = ["--name", "Bác sĩ Ngọc", "--key", public];
    authority.command(&["officer", "add"], &officer).await?.expect_code(0)?;
    authority.command(&["intake-key", "new"], &["--days", "2"]).await?.expect_code(0)?;
    authority.command(&["card-key", "new"], &["--quarters", "1"]).await?.expect_code(0)?;
    teller.step(company.stage.now(), "step-officer", &[]);
    Ok(())
}

/// The declarant's answers, with every field that is asked.
fn form() -> Value {
    json!({
        "kind": "population", "name": "Nguyễn Văn Dũng", "born": 1990, "gender": "male",
        "nationality": "VN", "paperKind": "citizen_card", "paper": "001090012345", "ward": 4,
        "address": "12 ngõ Tràng Tiền", "phone": "0912345670", "email": "dung@example.vn",
        "insurance": "0123456789", "travelled": true, "travel": "Hải Phòng, chợ Cát Bi",
        "symptoms": ["fatigue"], "contacts": [], "note": "làm ca đêm ở bến xe",
    })
}

/// The declarant declares with the program, and staff print cards for people without a device.
pub async fn declare_and_print(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let person = company.person(DECLARANT)?;
    let file = person.profile().with_extension("form.json");
    std::fs::write(&file, form().to_string()).map_err(DemoError::files("cannot write a form"))?;
    let args = ["declare", "--file", &text(&file), "--yes", "--json"];
    let declared: Value = person.command(&args).await?.expect_code(0)?.json()?;
    if declared["state"] != "sent" {
        return Err(DemoError::InVain("a declaration that arrives".into()));
    }
    let passes = [("passes", declared["live_passes"].as_u64().unwrap_or(0).into())];
    teller.step(company.stage.now(), "step-declared", &passes);
    let mut secrets = DoorSecrets { form: form(), cards: Vec::new() };
    for card in &CARDS {
        let picture = card_picture(company, card);
        let out = text(&picture);
        let options = ["--phone", card.phone, "--name", card.name, "--hotline", HOTLINE];
        let options = [&options[..], &["--dpi", "150", "--out", &out]].concat();
        company.authority()?.command(&["card", "make"], &options).await?.expect_code(0)?;
        let read = Card::read_code(&read_qr(&picture)?);
        let read = read.map_err(|_| DemoError::InVain("a card in the picture".into()))?;
        secrets.cards.push(read);
    }
    let names = CARDS.map(|card| card.name).join(", ");
    teller.step(company.stage.now(), "step-cards", &[("names", names.into())]);
    company.secrets = secrets;
    Ok(())
}

fn card_picture(company: &Company, card: &PrintedCard) -> PathBuf {
    company.stage.folder().join(format!("card-{}.png", card.id))
}

/// Staff of the market get a phone for its door.
pub async fn open_door(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let (url, language) = (company.authority()?.url().to_owned(), company.stage.host().language);
    let now = company.stage.now();
    let market = company.market()?;
    let browser = market.join_phone(&url, language).await?;
    let door = Door::open(browser, market.unit, &market.poster, now).await?;
    company.door = Some(door);
    teller.step(now, "step-door", &[("market", market::NAME.into())]);
    Ok(())
}

/// Somebody comes to the door or leaves: what they show is read and scanned.
pub async fn scan(company: &mut Company, visit: &DoorVisit) -> Result<(), DemoError> {
    let code = match CARDS.iter().find(|card| card.id == visit.who) {
        Some(card) => read_qr(&card_picture(company, card))?,
        None => shown_pass(company, &[]).await?,
    };
    let now = company.stage.now();
    company.door()?.scan(&code, now).map(drop)
}

/// What `vungxanh pass` shows on the declarant's device.
async fn shown_pass(company: &Company, options: &[&str]) -> Result<String, DemoError> {
    let args = [&["pass", "--json"], options].concat();
    let shown: Value = company.person(DECLARANT)?.command(&args).await?.expect_code(0)?.json()?;
    let code = shown["code"].as_str().map(str::to_owned);
    code.ok_or_else(|| DemoError::InVain("a pass on the device".into()))
}

/// The door's phone sends what it sealed.
pub async fn send_records(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let hours = company.door()?.send().await?;
    teller.step(company.stage.now(), "step-door-sends", &[("hours", hours.into())]);
    Ok(())
}

/// The officer takes the sealed list of the day along and opens it on the own computer.
pub async fn read_list(company: &Company, teller: &Teller) -> Result<OfficersList, DemoError> {
    let folder = officers_folder(company);
    let list = text(&folder.join("list"));
    let export = ["--day", FIRST_DATE, "--officer", "1", "--out", &list];
    company.authority()?.command(&["intake", "export"], &export).await?.expect_code(0)?;
    let (key, passphrase) = (text(&folder.join("key.json")), text(&folder.join("passphrase")));
    let open = ["intake", "open", "--json", "--key", &key, "--passphrase-file", &passphrase, &list];
    let opened: Value =
        company.stage.host().run(Program::Server, &open).await?.expect_code(0)?.json()?;
    let said = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let rows = |field: &str| opened[field].as_array().cloned().unwrap_or_default();
    let read = OfficersList {
        declared: rows("forms").iter().map(|form| said(form, "name")).collect(),
        calls: rows("calls").iter().map(|call| (said(call, "name"), said(call, "phone"))).collect(),
        unreadable: opened["unreadable"].as_u64().unwrap_or(u64::MAX),
    };
    let names: Vec<String> =
        read.calls.iter().map(|(name, phone)| format!("{name} ({phone})")).collect();
    teller.step(company.stage.now(), "step-officer-reads", &[("calls", names.join(", ").into())]);
    Ok(read)
}

/// What the authority must not have in the open: every field of the declaration, the holder keys of its
/// passes, the numbers on cards and what is sealed of them.
pub async fn add_secrets(company: &Company, needles: &mut Needles) -> Result<(), DemoError> {
    let form =
        serde_json::from_value(with_day(&company.secrets.form)).map(|form: Form| form.normalised());
    let form = form.ok().and_then(|form| serde_json::to_value(form).ok()).unwrap_or_default();
    for (name, value) in form.as_object().into_iter().flatten() {
        // Kind, day and ward stand outside of what is sealed.
        if ["kind", "day", "ward"].contains(&name.as_str()) {
            continue;
        }
        needles.add_text(&format!("\"{name}\":{value}"));
        if let Some(value) = value.as_str().filter(|value| value.len() >= 8) {
            needles.add_text(value);
        }
    }
    let mut holders = BTreeSet::new();
    for at in 0..LIVE_PASSES {
        let options: &[&str] = if at == 0 { &[] } else { &["--next"] };
        let read = read_code(&shown_pass(company, options).await?);
        let read = read.map_err(|_| DemoError::InVain("a pass that can be read".into()))?;
        holders.insert(read.pass().content().holder().to_bytes());
    }
    holders.iter().for_each(|holder| needles.add_bytes(holder));
    for (card, made) in CARDS.iter().zip(&company.secrets.cards) {
        needles.add_text(card.phone.trim_start_matches('0'));
        needles.add_text(card.name);
        needles.add_bytes(&made.as_bytes()[5..37]);
    }
    Ok(())
}

/// As it is sent: with the day and the version of the words that were agreed to.
fn with_day(form: &Value) -> Value {
    let mut form = form.clone();
    form["day"] = 20_514.into();
    form["consent"] = 1.into();
    form
}
