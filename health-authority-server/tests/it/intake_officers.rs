//! Declarations for officers' browsers: who gets what, and that it stays sealed on the way.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::authority::intake;
use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::intake_register::REGISTER_BYTES;
use health_authority_server::services::declarations::expire;
use serde_json::{Value, json};
use vungxanh_protocol::declaration::{Envelope, Form, FormKind, SealedForm, Symptom};
use vungxanh_protocol::intake::{IntakeKey, Officer, SealedHalf, spoken_fingerprint};
use vungxanh_protocol::interval::DAY_SECONDS;
use vungxanh_protocol::sealed_box::OpeningKey;

use crate::declarations::{Declaring, Intake, files_with, form};
use crate::support::browser::{Browser, Got, staff};

const ROW_BYTES: usize = 16 + 1 + 3 + 2_096;

/// The authority with an account of the officer whose key it has.
async fn office() -> Intake {
    let intake = Intake::start().await;
    staff(&intake.authority, Role::IntakeOfficer, "hoa").await;
    let mut browser = Browser::signed_in(&intake.authority, "hoa").await;
    hand_in(&mut browser, &intake.officer_key).await.is(204);
    intake
}

async fn hand_in(browser: &mut Browser<'_>, key: &OpeningKey) -> Got {
    let public = hex::encode(key.public_key().as_bytes());
    browser.json("/staff/intake/key", &json!({"publicKey": public})).await
}

async fn json_of(browser: &mut Browser<'_>, path: &str) -> Value {
    serde_json::from_str(&browser.get(path).await.is(200).body).unwrap()
}

/// The name of the refusal that a script gets.
fn refused(got: &Got, status: u16) -> String {
    let body: Value = serde_json::from_str(&got.is(status).body).unwrap();
    assert!(!body["message"].as_str().unwrap().contains("intake-error"), "{body}");
    body["error"].as_str().unwrap().to_owned()
}

/// What an officer's browser does with a day: everything fetched and opened.
async fn open_day(intake: &Intake, login: &str, key: &OpeningKey, day: u16) -> Vec<Form> {
    let mut browser = Browser::signed_in(&intake.authority, login).await;
    let (status, _, bytes) = browser.file(&format!("/staff/intake/days/{day}/0")).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
    let (head, rows) = rest.split_at(u32::from_be_bytes(*length) as usize);
    let head: Value = serde_json::from_slice(head).unwrap();
    let published = published_key(intake, day).await;
    assert_eq!(head["keyId"], published.id);
    let authority = &intake.authority.app.config.authority.id;
    let half = BASE64_STANDARD.decode(head["half"].as_str().unwrap()).unwrap();
    let half = SealedHalf::from_bytes(half.try_into().unwrap());
    let officer = u16::try_from(head["officer"].as_u64().unwrap()).unwrap();
    let half = half.open(officer, key, &published, authority).unwrap();
    assert_eq!(rows.len() % ROW_BYTES, 0);
    assert_eq!(head["declarations"], rows.len() / ROW_BYTES);
    let open = |row: &[u8]| {
        let envelope = Envelope {
            kind: FormKind::from_number(row[16])?,
            ward: u32::from_be_bytes([0, row[17], row[18], row[19]]),
            day,
            submission: row[..16].try_into().ok()?,
        };
        let sealed = SealedForm::from_bytes(&row[20..]).ok()?;
        sealed.open(&envelope, authority, &published, &half).ok()
    };
    rows.chunks(ROW_BYTES).filter_map(open).collect()
}

async fn published_key(intake: &Intake, day: u16) -> IntakeKey {
    *intake.keys().await.0.key_for(day, 1).unwrap()
}

async fn log(intake: &Intake) -> String {
    staff(&intake.authority, Role::Administrator, "admin").await;
    let mut browser = Browser::signed_in(&intake.authority, "admin").await;
    browser.get("/staff/audit").await.is(200).body.clone()
}

#[tokio::test]
async fn only_intake_officers_come_near_declarations_and_others_are_told_why() {
    let intake = office().await;
    let day = intake.today();
    let reads = [
        "/staff/intake".to_owned(),
        "/staff/intake/days".to_owned(),
        format!("/staff/intake/days/{day}/0"),
        format!("/staff/intake/days/{day}/0/register"),
    ];
    let writes = [
        "/staff/intake/key".to_owned(),
        format!("/staff/intake/days/{day}/0/register?version=0"),
        "/staff/intake/access".to_owned(),
    ];
    for (role, login) in
        [(Role::Administrator, "an"), (Role::CaseWorker, "binh"), (Role::VenueOfficer, "minh")]
    {
        staff(&intake.authority, role, login).await;
        let mut browser = Browser::signed_in(&intake.authority, login).await;
        assert!(!browser.get("/staff").await.is(200).body.contains("/staff/intake"));
        for path in &reads {
            browser.get(path).await.is(403).says("intake officers only");
        }
        let key = hex::encode([9; 32]);
        let good = json!({"publicKey": key});
        browser.json(&writes[0], &good).await.is(403).says("intake officers only");
        browser.bytes(&writes[1], vec![0; REGISTER_BYTES[0]]).await.is(403);
        let access = json!({"officer": 1, "halves": []});
        browser.json(&writes[2], &access).await.is(403).says("intake officers only");
    }
    let mut stranger = Browser::new(&intake.authority);
    for path in &reads {
        stranger.get(path).await.leads_to("/staff/login");
    }
    let mut officer = Browser::signed_in(&intake.authority, "hoa").await;
    officer.get("/staff").await.is(200).says("/staff/intake");
    officer.get("/staff/intake").await.is(200).says("/assets/officer-");
    for path in ["/staff/venues", "/staff/warnings", "/staff/audit"] {
        officer.get(path).await.is(403);
    }
    // Without the session's token nothing is changed.
    for path in &writes {
        officer.csrf = "0".repeat(64);
        officer.bytes(path, vec![0; 10]).await.is(403);
    }
}

#[tokio::test]
async fn an_officer_reads_what_was_declared_once_the_roster_has_the_key() {
    let intake = Intake::start().await;
    let day = intake.today();
    for (name, symptoms) in [("Nguyễn Văn An", &[][..]), ("Trần Thị Bích", &[Symptom::Fever][..])]
    {
        let declaring = Declaring::new(&intake, form(day, name, symptoms)).await;
        assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    }
    staff(&intake.authority, Role::IntakeOfficer, "hoa").await;
    let mut browser = Browser::signed_in(&intake.authority, "hoa").await;
    let path = format!("/staff/intake/days/{day}/0");
    assert_eq!(refused(&browser.get(&path).await, 403), "not-an-officer");
    // A key of one's own making, which no roster has.
    let own = OpeningKey::generate(&mut rand::rng());
    hand_in(&mut browser, &own).await.is(204);
    let days = json_of(&mut browser, "/staff/intake/days").await;
    assert_eq!((&days["officer"], &days["days"]), (&Value::Null, &json!([])));
    assert_eq!(refused(&browser.get(&path).await, 403), "not-an-officer");
    // The officer's.
    hand_in(&mut browser, &intake.officer_key).await.is(204);
    let days = json_of(&mut browser, "/staff/intake/days").await;
    assert_eq!(days["officer"], intake.officer);
    assert_eq!(days["days"].as_array().unwrap().len(), 3);
    let today = &days["days"][0];
    assert_eq!((&today["day"], &today["declarations"]), (&json!(day), &json!(2)));
    assert_eq!(today["holders"], json!([intake.officer]));
    let forms = open_day(&intake, "hoa", &intake.officer_key, day).await;
    let mut names: Vec<&str> = forms.iter().map(|form| form.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Nguyễn Văn An", "Trần Thị Bích"]);
    // No such key, and none of that group.
    for path in ["/staff/intake/days/9/0".to_owned(), format!("/staff/intake/days/{day}/79")] {
        assert_eq!(refused(&browser.get(&path).await, 404), "no-key");
    }
    browser.get("/staff/intake/days/x/0").await.is(400);
    // Another account cannot take the key over, and what is no key is none.
    staff(&intake.authority, Role::IntakeOfficer, "lan").await;
    let mut other = Browser::signed_in(&intake.authority, "lan").await;
    assert_eq!(refused(&hand_in(&mut other, &intake.officer_key).await, 409), "key-taken");
    let weak = json!({"publicKey": "00".repeat(32)});
    assert_eq!(refused(&other.json("/staff/intake/key", &weak).await, 422), "weak-key");
    for broken in [json!({"publicKey": "00"}), json!({}), json!([])] {
        other.json("/staff/intake/key", &broken).await.is(400);
    }
    // Who fetched which day stands in the log, and what was read does not.
    let log = log(&intake).await;
    for text in ["Declarations fetched", "all provinces", "key handed in"] {
        assert!(log.contains(text), "{text}: {log}");
    }
    assert!(log.contains(&spoken_fingerprint(&intake.officer_key.public_key())));
    for secret in ["Nguyễn Văn An", "912345678"] {
        assert!(!log.contains(secret));
        assert!(files_with(&intake.authority.dir(), secret).is_empty());
    }
}

#[tokio::test]
async fn of_two_registers_at_once_one_is_stored_and_the_other_is_asked_to_join_it() {
    let intake = office().await;
    let day = intake.today();
    let path = format!("/staff/intake/days/{day}/0/register");
    let mut browser = Browser::signed_in(&intake.authority, "hoa").await;
    let got = browser.get(&path).await;
    assert_eq!(
        (got.is(200).headers["x-register-version"].as_bytes(), got.body.len()),
        (&b"0"[..], 0)
    );
    let put = |version: u32, bytes: Vec<u8>| {
        let (intake, path) = (&intake, format!("{path}?version={version}"));
        async move {
            let mut browser = Browser::signed_in(&intake.authority, "hoa").await;
            browser.bytes(&path, bytes).await
        }
    };
    let register = |byte: u8| vec![byte; REGISTER_BYTES[0]];
    let (first, second) = tokio::join!(put(0, register(1)), put(0, register(2)));
    let mut both = [first.status, second.status];
    both.sort_unstable();
    assert_eq!(both, [200, 409]);
    let (winner, loser) = if first.status == 200 { (1, &second) } else { (2, &first) };
    assert_eq!(refused(loser, 409), "other-version");
    let (_, _, stored) = browser.file(&path).await;
    assert_eq!(stored, register(winner));
    put(1, vec![3; REGISTER_BYTES[1]]).await.is(200);
    assert_eq!(refused(&put(1, register(4)).await, 409), "other-version");
    assert_eq!(refused(&put(7, register(4)).await, 409), "other-version");
    let got = browser.get(&path).await;
    assert_eq!(got.headers["x-register-version"].as_bytes(), b"2");
    for bytes in [0, 1, REGISTER_BYTES[0] - 1, REGISTER_BYTES[1] + 1] {
        assert_eq!(refused(&put(2, vec![0; bytes]).await, 422), "not-a-register", "{bytes}");
    }
    put(2, vec![0; REGISTER_BYTES[3] + 1]).await.is(413);
    put(2, vec![5; REGISTER_BYTES[3]]).await.is(200);
    let none = browser.bytes("/staff/intake/days/9/0/register?version=0", register(1)).await;
    assert_eq!(refused(&none, 404), "no-key");
    browser.bytes(&path, register(1)).await.is(400);
    // It goes with its day.
    let id = published_key(&intake, day).await.id;
    intake.authority.pass(22 * DAY_SECONDS);
    let store = &intake.authority.app.store;
    assert!(store.intake_register(id).await.unwrap().is_some());
    expire(&intake.authority.app).await.unwrap();
    assert_eq!(store.intake_register(id).await.unwrap(), None);
}

/// What a giver's browser does: the own half opened and sealed to another officer.
fn give(intake: &Intake, key: &IntakeKey, to: &Officer) -> Value {
    let authority = &intake.authority.app.config.authority.id;
    let halves = intake::read_halves(&intake.folder, key.day).unwrap();
    let own = halves.iter().find(|half| half.officer == intake.officer).unwrap();
    let half = own.half.open(intake.officer, &intake.officer_key, key, authority).unwrap();
    let sealed = SealedHalf::seal(&half, key, to, authority, &mut rand::rng()).unwrap();
    let half = BASE64_STANDARD.encode(sealed.as_bytes());
    json!({"day": key.day, "group": key.group, "keyId": key.id, "half": half})
}

#[tokio::test]
async fn an_officer_who_comes_later_reads_earlier_days_when_another_gives_access() {
    let intake = office().await;
    let (day, now) = (intake.today(), intake.authority.now());
    let declaring = Declaring::new(&intake, form(day, "An", &[])).await;
    assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    let lan_key = OpeningKey::generate(&mut rand::rng());
    let groups = [0].into();
    let lan =
        intake::add_officer(&intake.folder, "Y tá Lan", lan_key.public_key(), groups, now).unwrap();
    staff(&intake.authority, Role::IntakeOfficer, "lan").await;
    let mut browser = Browser::signed_in(&intake.authority, "lan").await;
    hand_in(&mut browser, &lan_key).await.is(204);
    let path = format!("/staff/intake/days/{day}/0");
    assert_eq!(refused(&browser.get(&path).await, 404), "no-key");
    let listed = json_of(&mut browser, "/staff/intake/days").await;
    assert_eq!(listed["days"][0]["half"], Value::Null);
    // She cannot give herself what she does not have.
    let key = published_key(&intake, day).await;
    let half = give(&intake, &key, &lan);
    let access = json!({"officer": lan.id, "halves": [half]});
    let given: Value =
        serde_json::from_str(&browser.json("/staff/intake/access", &access).await.is(200).body)
            .unwrap();
    assert_eq!(given["given"], 0);
    let mut hoa = Browser::signed_in(&intake.authority, "hoa").await;
    for wrong in ["day", "group", "keyId"] {
        let mut other = access.clone();
        other["halves"][0][wrong] = json!(77);
        let got = hoa.json("/staff/intake/access", &other).await;
        assert!(got.is(200).body.contains("\"given\":0"), "{wrong}: {}", got.body);
    }
    let unknown = json!({"officer": 999, "halves": [half]});
    let got = hoa.json("/staff/intake/access", &unknown).await;
    assert_eq!(refused(&got, 404), "unknown-officer");
    let broken =
        json!({"officer": lan.id, "halves": [{"day": day, "group": 0, "keyId": 1, "half": "AA"}]});
    hoa.json("/staff/intake/access", &broken).await.is(400);
    let many = json!({"officer": lan.id, "halves": vec![half.clone(); 2_241]});
    assert_eq!(refused(&hoa.json("/staff/intake/access", &many).await, 422), "too-many");
    // Twice is once.
    for expected in [1, 0] {
        let got = hoa.json("/staff/intake/access", &access).await;
        assert!(got.is(200).body.contains(&format!("\"given\":{expected}")), "{}", got.body);
    }
    let forms = open_day(&intake, "lan", &lan_key, day).await;
    assert_eq!(forms[0].name, "An");
    assert!(log(&intake).await.contains(&format!("to officer {}", lan.id)));
    // Who has gone gets nothing more, nor anything from a day that was destroyed.
    intake::remove_officer(&intake.folder, lan.id, intake.order(0), now).unwrap();
    assert_eq!(refused(&browser.get(&path).await, 403), "not-an-officer");
    let register = format!("{path}/register");
    assert_eq!(refused(&browser.get(&register).await, 403), "not-an-officer");
    intake::destroy_day(&intake.folder, day).unwrap();
    assert_eq!(refused(&hoa.get(&path).await, 404), "no-key");
    assert_eq!(refused(&hoa.get(&register).await, 404), "no-key");
    let got = hoa.json("/staff/intake/access", &access).await;
    assert_eq!(refused(&got, 404), "unknown-officer");
    assert!(intake::read_halves(&intake.folder, day).unwrap().is_empty());
}

/// Puts that many rows of junk beside what was declared.
async fn junk(intake: &Intake, key: &IntakeKey, rows: u32) {
    let pool = intake.authority.database().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
         INSERT INTO declarations SELECT randomblob(16), {}, {}, {}, 4, 4, randomblob(2096), \
         randomblob(32), randomblob(32) FROM n",
        key.day, key.group, key.id
    )))
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
}

#[tokio::test]
async fn a_day_comes_whole_however_much_junk_is_in_it() {
    let intake = office().await;
    let day = intake.today();
    let declaring = Declaring::new(&intake, form(day, "An", &[])).await;
    assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    let key = published_key(&intake, day).await;
    junk(&intake, &key, 3_000).await;
    let forms = open_day(&intake, "hoa", &intake.officer_key, day).await;
    assert_eq!(forms.len(), 1, "of 3,001");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_whole_day() {
    let intake = office().await;
    let day = intake.today();
    let key = published_key(&intake, day).await;
    junk(&intake, &key, 30_000).await;
    let mut browser = Browser::signed_in(&intake.authority, "hoa").await;
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let url = format!("{}/staff/intake/days/{day}/0", intake.authority.url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answer = http.get(url).header("cookie", cookies.join("; ")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.chunk().await.unwrap().unwrap();
    intake.authority.app.store.close().await;
    let broken_off = async {
        while let Some(piece) = answer.chunk().await? {
            drop(piece);
        }
        Ok::<(), reqwest::Error>(())
    };
    assert!(broken_off.await.is_err(), "what ends early must not look whole");
    browser.get(&format!("/staff/intake/days/{day}/0")).await.is(500);
}
