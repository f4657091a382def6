//! Health declarations over HTTP: sealed to officers, answered with passes, gone with their day.

use std::collections::BTreeSet;

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::intake::{self, KeyOrder, MadeKeys};
use health_authority_server::services::declarations::expire;
use health_authority_server::services::intake_list::{self, OpenedList};
use rand::RngExt;
use serde_json::{Value, json};
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{
    DECLARE_REQUEST_BYTES, DECLARE_RESPONSE_BYTES, DeclareRequest, DeclareResponse, Envelope, Form,
    FormKind, SealedForm, Symptom, WithdrawRequest,
};
use vungxanh_protocol::intake::{IntakeKeys, Roster};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{
    BUNDLE_PASSES, LivePass, PassKeys, PassKind, PassRequest, Presented, Verdict,
};
use vungxanh_protocol::sealed_box::OpeningKey;
use vungxanh_protocol::secret::SecretBytes;

use crate::support::authority::{Authority, Reply};

pub struct Intake {
    pub authority: Authority,
    pub folder: Folder,
    pub officer: u16,
    pub officer_key: OpeningKey,
}

impl Intake {
    /// An authority with one officer, whose keys are made for three days.
    pub async fn start() -> Self {
        Self::start_with("synthetic_persons = 3.0", "synthetic_persons = 0.0").await
    }

    pub async fn start_with(from: &str, to: &str) -> Self {
        let authority = Authority::start_with(from, to).await;
        let folder = Folder::new(authority.dir());
        let officer_key = OpeningKey::generate(&mut rand::rng());
        let now = authority.now();
        let key = officer_key.public_key();
        let officer = intake::add_officer(&folder, "Bác sĩ Hoa", key, [0].into(), now).unwrap();
        let intake = Self { authority, folder, officer: officer.id, officer_key };
        assert_eq!(intake.make_keys(3).intake, 3);
        intake
    }

    pub fn order(&self, days: u16) -> KeyOrder {
        KeyOrder::new(&self.authority.app.config, days, self.authority.now())
    }

    pub fn make_keys(&self, days: u16) -> MadeKeys {
        intake::make_keys(&self.folder, self.order(days), self.authority.now()).unwrap()
    }

    pub fn today(&self) -> u16 {
        LocalTime::VIET_NAM.day(self.authority.now())
    }

    pub async fn signed(&self, path: &str) -> Vec<u8> {
        let response = self.authority.get(path, &[]).await;
        assert_eq!(response.status(), 200, "{path}");
        response.bytes().await.unwrap().to_vec()
    }

    pub async fn keys(&self) -> (IntakeKeys, PassKeys) {
        let root = self.root();
        let intake = self.signed("v1/intake-keys").await;
        let passes = self.signed("v1/pass-keys").await;
        (
            IntakeKeys::read(&intake, &root, 0, self.authority.now()).unwrap(),
            PassKeys::read(&passes, &root, None).unwrap(),
        )
    }

    pub fn root(&self) -> ed25519_dalek::VerifyingKey {
        let document = health_authority_server::authority::document::read(&self.folder).unwrap();
        document.document.root_key().unwrap()
    }

    pub async fn send(&self, path: &str, body: Vec<u8>) -> Reply {
        let reply = self.authority.post_bytes(path, body).await;
        assert_eq!(reply.bytes, DECLARE_RESPONSE_BYTES, "{}", reply.body);
        reply
    }

    pub async fn open_list(&self, day: u16) -> Result<OpenedList, String> {
        let list = intake_list::make(&self.authority.app, day, 0, self.officer).await;
        let list = list.map_err(|error| error.to_string())?;
        intake_list::open(list.as_bytes(), &self.officer_key).map_err(|text| text.to_string())
    }
}

/// A person's declaration, with what they keep of it.
pub struct Declaring {
    pub request: DeclareRequest,
    passes: Vec<PassRequest>,
    receipt: SecretBytes<16>,
}

impl Declaring {
    pub async fn new(intake: &Intake, form: Form) -> Self {
        let rng = &mut rand::rng();
        let (keys, pass_keys) = intake.keys().await;
        let form = form.normalised();
        assert_eq!(form.problems(), []);
        let key = keys.key_for(form.day, 1).unwrap();
        let envelope = Envelope::of(&form, rng.random());
        let authority = &intake.authority.app.config.authority.id;
        let sealed = SealedForm::seal(&form, &envelope, authority, key, rng).unwrap();
        let kinds = (0..BUNDLE_PASSES)
            .map(|index| if index < 12 { PassKind::Live } else { PassKind::Printed });
        let passes: Vec<PassRequest> = kinds
            .map(|kind| {
                let key = pass_keys.key_for(form.day, kind).unwrap();
                PassRequest::new(key, &mut rand::rng()).unwrap()
            })
            .collect();
        let receipt = SecretBytes::generate(&mut rand::rng());
        let blinded: Vec<_> = passes.iter().map(PassRequest::blinded).collect();
        let request = DeclareRequest::new(&envelope, key.id, &sealed, &receipt, &blinded, 12);
        Self { request, passes, receipt }
    }

    pub fn body(&self) -> Vec<u8> {
        to_padded_json(&mut self.request.clone(), DECLARE_REQUEST_BYTES).unwrap()
    }

    pub fn body_with(&self, change: impl FnOnce(&mut DeclareRequest)) -> Vec<u8> {
        let mut request = self.request.clone();
        change(&mut request);
        to_padded_json(&mut request, DECLARE_REQUEST_BYTES).unwrap()
    }

    fn withdrawal(&self) -> Vec<u8> {
        let mut request = WithdrawRequest {
            submission: self.request.submission.clone(),
            receipt_secret: hex::encode(self.receipt.expose()),
            ..WithdrawRequest::default()
        };
        to_padded_json(&mut request, DECLARE_REQUEST_BYTES).unwrap()
    }
}

pub fn form(day: u16, name: &str, symptoms: &[Symptom]) -> Form {
    Form {
        name: name.into(),
        born: Some(1990),
        phone: "0912 345 678".into(),
        ward: Some(4),
        symptoms: Some(symptoms.to_vec()),
        consent: Some(1),
        ..Form::new(FormKind::Daily, day)
    }
}

pub fn code(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body["errorCode"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn who_declares_gets_passes_that_a_door_takes_and_only_the_officer_reads_the_form() {
    let intake = Intake::start().await;
    let day = intake.today();
    let well = Declaring::new(&intake, form(day, "Nguyễn Văn An", &[])).await;
    let ill = Declaring::new(&intake, form(day, "Trần Thị Bích", &[Symptom::Breathing])).await;
    for declaring in [&well, &ill] {
        let reply = intake.send("v1/declare", declaring.body()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let response: DeclareResponse = serde_json::from_value(reply.body).unwrap();
        let signatures = response.signatures().unwrap();
        let (_, pass_keys) = intake.keys().await;
        let now = intake.authority.now();
        for (request, signature) in declaring.passes.iter().zip(&signatures) {
            let kind = if signatures[..12].contains(signature) {
                PassKind::Live
            } else {
                PassKind::Printed
            };
            let key = pass_keys.key_for(day, kind).unwrap();
            let (pass, holder) = request.clone().finish(signature, key).unwrap();
            let shown = match kind {
                PassKind::Live => Presented::Live(LivePass::show(&pass, &holder, now).unwrap()),
                _ => Presented::Printed(pass),
            };
            assert!(matches!(pass_keys.judge(&shown, now), Verdict::Valid(_)));
        }
    }
    let opened = intake.open_list(day).await.unwrap();
    let names: Vec<&str> = opened.forms.iter().map(|form| form.name.as_str()).collect();
    assert_eq!(names, ["Trần Thị Bích", "Nguyễn Văn An"], "the urgent one first");
    assert_eq!(opened.unreadable, 0);
    assert_eq!(opened.forms[0].phone, "+84912345678");
    let other = OpeningKey::generate(&mut rand::rng());
    let list = intake_list::make(&intake.authority.app, day, 0, intake.officer).await.unwrap();
    assert!(intake_list::open(list.as_bytes(), &other).is_err(), "not with another key");
    assert_eq!(intake.authority.total("declarations").await, 2);
    let roster = Roster::read(&intake.signed("v1/officers").await, &intake.root(), 0).unwrap();
    assert_eq!(roster.officers[0].name, "Bác sĩ Hoa");
    // Nothing that was declared stands readable in any file of the authority.
    for secret in ["Nguyễn Văn An", "Trần Thị Bích", "912345678", "\"breathing\""] {
        assert_eq!(files_with(&intake.authority.dir(), secret), BTreeSet::new());
    }
}

/// The files below `folder` that hold this text.
pub fn files_with(folder: &std::path::Path, text: &str) -> BTreeSet<std::path::PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else {
            let content = std::fs::read(&path).unwrap();
            let text = text.as_bytes();
            if content.windows(text.len()).any(|part| part == text) {
                found.insert(path);
            }
        }
    }
    found
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_another_one_no_further_passes() {
    let intake = Intake::start().await;
    let day = intake.today();
    let declaring = Declaring::new(&intake, form(day, "An", &[])).await;
    let first = intake.send("v1/declare", declaring.body()).await;
    let again = intake.send("v1/declare", declaring.body()).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.body["signed"], again.body["signed"]);
    let other = Declaring::new(&intake, form(day, "An", &[])).await;
    let blinded = other.request.blinded.clone();
    let more = declaring.body_with(|request| request.blinded = blinded);
    assert_eq!(code(&intake.send("v1/declare", more).await), (409, "submission_exists"));
    assert_eq!(intake.open_list(day).await.unwrap().forms.len(), 1);
    assert_eq!(intake.authority.total("declarations").await, 1);
}

#[tokio::test]
async fn a_declaration_is_withdrawn_or_replaced_by_who_has_its_receipt_only() {
    let intake = Intake::start().await;
    let day = intake.today();
    let first = Declaring::new(&intake, form(day, "An", &[])).await;
    assert_eq!(intake.send("v1/declare", first.body()).await.status, 200);
    let second = Declaring::new(&intake, form(day, "An (sửa)", &[])).await;
    let replacing = |secret: &[u8]| {
        second.body_with(|request| {
            request.replaces = first.request.submission.clone();
            request.receipt_secret = hex::encode(secret);
            // None are asked for.
            request.blinded.clear();
        })
    };
    let stranger = intake.send("v1/declare", replacing(&[0; 16])).await;
    assert_eq!(code(&stranger), (404, "receipt_unknown"));
    for _ in 0..2 {
        let replaced = intake.send("v1/declare", replacing(first.receipt.expose())).await;
        assert_eq!((replaced.status, replaced.body.get("signed")), (200, None), "no new passes");
    }
    let names = |list: OpenedList| list.forms.into_iter().map(|form| form.name).collect::<Vec<_>>();
    assert_eq!(names(intake.open_list(day).await.unwrap()), ["An (sửa)"]);
    let gone = intake.send("v1/withdraw", first.withdrawal()).await;
    assert_eq!(code(&gone), (404, "receipt_unknown"));
    assert_eq!(intake.send("v1/withdraw", second.withdrawal()).await.status, 200);
    assert!(intake.open_list(day).await.unwrap().forms.is_empty());
}

#[tokio::test]
async fn what_is_no_declaration_of_now_is_refused_clearly() {
    let intake = Intake::start().await;
    let day = intake.today();
    let good = Declaring::new(&intake, form(day, "An", &[])).await;
    let tomorrow = Declaring::new(&intake, form(day + 1, "An", &[])).await;
    assert_eq!(code(&intake.send("v1/declare", tomorrow.body()).await), (409, "wrong_day"));
    let key = good.request.key_id + 1;
    let other_key = good.body_with(|request| request.key_id = key);
    assert_eq!(code(&intake.send("v1/declare", other_key).await), (409, "wrong_day"));
    // The identity is a point that would reveal nothing of the issuer's key, but tag a person.
    let identity = [&[0xc0][..], &[0; 47]].concat();
    let blinded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, identity.repeat(24));
    for broken in [
        b"{".to_vec(),
        b"[]".to_vec(),
        good.body_with(|request| request.blinded = blinded),
        good.body_with(|request| request.blinded.clear()),
        good.body_with(|request| request.sealed.truncate(40)),
        good.body_with(|request| request.submission.clear()),
        good.body_with(|request| request.kind = 9),
    ] {
        let reply = intake.send("v1/declare", broken).await;
        assert_eq!(code(&reply), (400, "unparsable_request"), "{}", reply.body);
    }
    let long = intake.send("v1/declare", vec![b' '; 10_000_000]).await;
    assert_eq!(long.status, 413);
    assert!(intake.open_list(day).await.unwrap().forms.is_empty());
    // An hour after midnight the day is still taken, then no longer.
    let late = Declaring::new(&intake, form(day, "An", &[])).await;
    let midnight = LocalTime::VIET_NAM.start(day + 1);
    intake.authority.pass(midnight.since(intake.authority.now()) + 3_599);
    assert_eq!(intake.send("v1/declare", late.body()).await.status, 200);
    intake.authority.pass(1);
    assert_eq!(code(&intake.send("v1/declare", good.body()).await), (409, "wrong_day"));
}

#[tokio::test]
async fn without_keys_and_beyond_the_budget_nothing_is_taken() {
    let authority = Authority::start().await;
    for path in ["v1/officers", "v1/intake-keys", "v1/pass-keys"] {
        assert_eq!(authority.get(path, &[]).await.status(), 404, "{path}");
    }
    let intake = Intake::start_with("per_hour = 50000", "per_hour = 1").await;
    let declaring = Declaring::new(&intake, form(intake.today(), "An", &[])).await;
    assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    let over = intake.send("v1/declare", declaring.body()).await;
    assert_eq!(code(&over), (429, "quota_exceeded"));
    assert_eq!(intake.authority.total("limit_declarations").await, 1);
    // Of an authority that has none, nothing is lost: the person is asked to try again.
    let without = authority.post_bytes("v1/declare", declaring.body()).await;
    assert_eq!(code(&without), (503, "no_keys"));
}

#[tokio::test]
async fn a_day_that_is_over_opens_no_more_even_with_an_old_backup_and_the_officers_key() {
    let intake = Intake::start().await;
    let day = intake.today();
    let declaring = Declaring::new(&intake, form(day, "An", &[])).await;
    assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    let backup = intake.authority.folder.path().join("backup");
    let app = &intake.authority.app;
    let now = intake.authority.now();
    health_authority_server::services::backup::back_up(
        &intake.folder,
        &app.config,
        &app.store,
        &backup,
        now,
    )
    .await
    .unwrap();
    let in_backup: Vec<String> = std::fs::read_dir(&backup)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(in_backup.contains(&"server.db".to_owned()), "{in_backup:?}");
    intake.authority.pass(21 * DAY_SECONDS);
    expire(app).await.unwrap();
    assert_eq!(intake.open_list(day).await.unwrap().forms.len(), 1, "the last day of retention");
    intake.authority.pass(DAY_SECONDS);
    expire(app).await.unwrap();
    assert!(intake.open_list(day).await.is_err());
    assert_eq!(app.store.declarations_by_day().await.unwrap(), []);
    // The rows come back, the key does not: no backup ever had it.
    for file in ["server.db", "server.db-wal", "server.db-shm"] {
        let _ = std::fs::remove_file(intake.authority.dir().join(file));
    }
    app.store.close().await;
    std::fs::copy(backup.join("server.db"), intake.authority.dir().join("server.db")).unwrap();
    let store =
        health_authority_server::storage::Store::open(&intake.authority.dir().join("server.db"))
            .await
            .unwrap();
    assert_eq!(store.declarations(day, 0).await.unwrap().len(), 1);
    assert_eq!(intake::read_halves(&intake.folder, day).unwrap(), []);
    let keys: Vec<_> = files_named(&backup, &format!("{day}.key"));
    assert_eq!(keys, Vec::<std::path::PathBuf>::new());
}

fn files_named(folder: &std::path::Path, name: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let mut found: Vec<_> = files.into_iter().filter(|path| path.ends_with(name)).collect();
    found.extend(folders.iter().flat_map(|folder| files_named(folder, name)));
    found
}

#[tokio::test]
async fn officers_come_and_go_and_keys_of_days_to_come_follow() {
    let intake = Intake::start().await;
    let (day, now) = (intake.today(), intake.authority.now());
    let second_key = OpeningKey::generate(&mut rand::rng());
    let add = |name: &str, key: &OpeningKey, at: UnixTime| {
        intake::add_officer(&intake.folder, name, key.public_key(), [0].into(), at)
    };
    let second = add("Y tá Lan", &second_key, now).unwrap();
    assert!(add("Y tá Lan", &second_key, now).is_err(), "one key, one officer");
    let before = intake.keys().await.0;
    assert_eq!(intake.make_keys(3), MadeKeys { last_day: day + 2, intake: 2, passes: 0 });
    let after = intake.keys().await.0;
    assert!(after.list().serial > before.list().serial);
    assert_eq!(after.key_for(day, 1), before.key_for(day, 1), "declarations may be sealed to it");
    assert_ne!(after.key_for(day + 1, 1), before.key_for(day + 1, 1));
    let officers = |day: u16| -> BTreeSet<u16> {
        let halves = intake::read_halves(&intake.folder, day).unwrap();
        halves.iter().map(|half| half.officer).collect()
    };
    assert_eq!(officers(day), [intake.officer].into());
    assert_eq!(officers(day + 1), [intake.officer, second.id].into());
    let remove = || intake::remove_officer(&intake.folder, intake.officer, intake.order(0), now);
    remove().unwrap();
    let without = intake.keys().await.0;
    assert_ne!(without.key_for(day + 1, 1), after.key_for(day + 1, 1), "the officer may hold it");
    assert_ne!(without.key_for(day, 1), after.key_for(day, 1), "nobody else could open it");
    assert_eq!(officers(day), [second.id].into());
    assert_eq!(officers(day + 1), [second.id].into());
    assert!(remove().is_err(), "gone already");
    assert_eq!(intake.make_keys(3).intake, 0);
    let third = add("Bác sĩ Minh", &OpeningKey::generate(&mut rand::rng()), now).unwrap();
    assert!(third.id > second.id, "numbers are never given again");
    // A pass key whose secret is lost is replaced, and the old one revoked.
    let passes = intake.keys().await.1;
    let lost = passes.key_for(day, PassKind::Live).unwrap().name();
    let path = intake.authority.dir().join(format!("declarations/pass-{day}-1-{}.key", lost.id));
    std::fs::remove_file(path).unwrap();
    assert_eq!(intake.make_keys(3).passes, 1);
    let passes = intake.keys().await.1;
    assert!(passes.list().revoked.contains(&lost));
    assert_ne!(passes.key_for(day, PassKind::Live).unwrap().name(), lost);
}

#[tokio::test]
async fn junk_neither_opens_nor_hides_what_is_real() {
    let intake = Intake::start().await;
    let day = intake.today();
    let real = Declaring::new(&intake, form(day, "An", &[])).await;
    assert_eq!(intake.send("v1/declare", real.body()).await.status, 200);
    let junk = Declaring::new(&intake, form(day, "x", &[])).await;
    let garbage = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, vec![7; 2_096]);
    let junk = junk.body_with(|request| request.sealed = garbage);
    assert_eq!(intake.send("v1/declare", junk).await.status, 200, "the server cannot tell");
    let opened = intake.open_list(day).await.unwrap();
    assert_eq!((opened.forms.len(), opened.unreadable), (1, 1));
    let list = intake_list::make(&intake.authority.app, day, 0, intake.officer).await.unwrap();
    let mut other: Value = serde_json::from_str(&list).unwrap();
    other["format"] = json!("VX-INTAKE-LIST-2");
    assert!(intake_list::open(other.to_string().as_bytes(), &intake.officer_key).is_err());
    assert!(intake_list::open(&list.as_bytes()[..list.len() / 2], &intake.officer_key).is_err());
}
