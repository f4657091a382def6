//! Telephone codes of declarations over HTTP: a message, a proof, tokens that are spent once; what is
//! refused, what is limited, and what is nowhere to be found.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::authority::founding::resign;
use health_authority_server::services::declarations::expire;
use rand::RngExt;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{DeclareRequest, Form};
use vungxanh_protocol::interval::DAY_SECONDS;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::phone::{
    CodeRequest, ConfirmRequest, PHONE_REQUEST_BYTES, PHONE_RESPONSE_BYTES, PhoneKeys,
    PhoneResponse, TOKENS_EACH, Token, TokenRequest,
};

use crate::declarations::{Declaring, Intake, code, files_with, form};
use crate::support::authority::Reply;

const NUMBER: &str = "+84912345678";

/// An authority that asks for codes.
async fn asking() -> Intake {
    asking_with("codes_per_hour = 1000", "codes_per_hour = 1000").await
}

async fn asking_with(from: &str, to: &str) -> Intake {
    let mut intake = Intake::start_with("send = \"none\"", "send = \"log\"").await;
    let (folder, now) = (intake.folder.clone(), intake.authority.now());
    let change = |dir: &std::path::Path| {
        let config = dir.join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        assert!(text.contains(from) && text.contains("phone_code = false"));
        let text = text.replace(from, to).replace("phone_code = false", "phone_code = true");
        std::fs::write(&config, text).unwrap();
        resign(&folder, now).unwrap();
    };
    intake.authority.restart_after(change).await;
    intake
}

/// Somebody who asks for a code.
struct Caller {
    number: String,
    session: [u8; 16],
    day: u16,
    requests: Vec<TokenRequest>,
}

impl Caller {
    fn new(intake: &Intake, number: &str) -> Self {
        let day = intake.today();
        let request = |_| TokenRequest::new(day, &mut rand::rng());
        let requests = (0..TOKENS_EACH).map(request).collect();
        Self { number: number.into(), session: rand::rng().random(), day, requests }
    }

    async fn asks(&self, intake: &Intake) -> Reply {
        let mut request = CodeRequest {
            phone: self.number.clone(),
            language: "en".into(),
            session: hex::encode(self.session),
            ..CodeRequest::default()
        };
        let body = to_padded_json(&mut request, PHONE_REQUEST_BYTES).unwrap();
        send(intake, "v1/phone/code", body).await
    }

    /// Asks, and waits for the message: the server answers before it is sent.
    async fn gets(&self, intake: &Intake) -> String {
        let before = messages(intake);
        assert_eq!(self.asks(intake).await.status, 200);
        arrived(intake, before + 1).await;
        intake.authority.inbox.code(&self.number)
    }

    fn confirmation(&self, code: &str) -> ConfirmRequest {
        let blinded: Vec<_> = self.requests.iter().map(TokenRequest::blinded).collect();
        ConfirmRequest {
            phone: self.number.clone(),
            session: hex::encode(self.session),
            code: code.into(),
            day: self.day,
            blinded: ConfirmRequest::encode_tokens(&blinded),
            ..ConfirmRequest::default()
        }
    }

    async fn types(&self, intake: &Intake, code: &str) -> Reply {
        confirm(intake, self.confirmation(code)).await
    }

    /// Proof and tokens for the right code.
    async fn is_confirmed(&self, intake: &Intake) -> (String, Vec<Token>) {
        let code = self.gets(intake).await;
        let reply = self.types(intake, &code).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let response: PhoneResponse = serde_json::from_value(reply.body).unwrap();
        let keys = keys(intake).await;
        let key = keys.key_for(self.day).unwrap();
        response.proof().unwrap().verify(&self.number, key).unwrap();
        let answers = response.signatures().unwrap();
        let tokens =
            self.requests.iter().zip(&answers).map(|(request, answer)| request.finish(answer, key));
        (response.proof, tokens.collect::<Result<_, _>>().unwrap())
    }
}

async fn keys(intake: &Intake) -> PhoneKeys {
    let signed = intake.signed("v1/phone-keys").await;
    PhoneKeys::read(&signed, &intake.root(), None).unwrap()
}

async fn confirm(intake: &Intake, mut request: ConfirmRequest) -> Reply {
    let body = to_padded_json(&mut request, PHONE_REQUEST_BYTES).unwrap();
    send(intake, "v1/phone/confirm", body).await
}

async fn send(intake: &Intake, path: &str, body: Vec<u8>) -> Reply {
    let reply = intake.authority.post_bytes(path, body).await;
    assert_eq!(reply.bytes, PHONE_RESPONSE_BYTES, "{}", reply.body);
    reply
}

fn messages(intake: &Intake) -> usize {
    intake.authority.inbox.0.lock().unwrap().len()
}

async fn arrived(intake: &Intake, count: usize) {
    for _ in 0..2_000 {
        if messages(intake) >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no message");
}

fn spending(declaring: &Declaring, token: &Token) -> Vec<u8> {
    declaring.body_with(|request| request.token = DeclareRequest::encode_token(token))
}

#[tokio::test]
async fn a_right_code_gives_a_proof_for_officers_and_tokens_that_are_spent_once() {
    let intake = asking().await;
    let day = intake.today();
    let without = Declaring::new(&intake, form(day, "An", &[])).await;
    let refused = intake.send("v1/declare", without.body()).await;
    assert_eq!(code(&refused), (403, "phone_code_needed"));
    let (proof, tokens) = Caller::new(&intake, NUMBER).is_confirmed(&intake).await;
    let proven = Form { phone_proof: proof.clone(), ..form(day, "An", &[]) };
    let own = Declaring::new(&intake, proven).await;
    // For a family one proof serves all, with a token each.
    let of_child = Form {
        phone: String::new(),
        by_name: "An".into(),
        by_phone: NUMBER.into(),
        by_relation: Some(vungxanh_protocol::declaration::Relation::Guardian),
        born: Some(2_015),
        phone_proof: proof,
        ..form(day, "Bình", &[])
    };
    let childs = Declaring::new(&intake, of_child).await;
    for (declaring, token) in [(&own, &tokens[0]), (&childs, &tokens[1])] {
        let body = spending(declaring, token);
        let first = intake.send("v1/declare", body.clone()).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let again = intake.send("v1/declare", body).await;
        assert_eq!(again.body["signed"], first.body["signed"], "the same request, the same answer");
    }
    let other = Declaring::new(&intake, form(day, "Người khác", &[])).await;
    let twice = intake.send("v1/declare", spending(&other, &tokens[0])).await;
    assert_eq!(code(&twice), (409, "token_spent"));
    assert_eq!(intake.authority.total("declarations").await, 2, "nothing of it is stored");
    // A number that was not proven can be declared with a token; the officer sees the difference.
    assert_eq!(intake.send("v1/declare", spending(&other, &tokens[2])).await.status, 200);
    let opened = intake.open_list(day).await.unwrap();
    let proven: BTreeSet<(&str, Option<&str>)> =
        opened.forms.iter().map(|form| (form.name.as_str(), opened.proven(form))).collect();
    let expected = [("An", Some(NUMBER)), ("Bình", Some(NUMBER)), ("Người khác", None)];
    assert_eq!(proven, expected.into());
    // Neither the number nor its beginning stands anywhere, as text or as bytes of a hash without a key.
    use sha2::{Digest, Sha256};
    let plain_hash = Sha256::digest(NUMBER.as_bytes());
    for secret in [NUMBER, "912345678", hex::encode(plain_hash).as_str()] {
        assert_eq!(files_with(&intake.authority.dir(), secret), BTreeSet::new(), "{secret}");
    }
}

#[tokio::test]
async fn what_is_no_token_of_the_day_is_refused() {
    let intake = asking().await;
    let day = intake.today();
    let (_, tokens) = Caller::new(&intake, NUMBER).is_confirmed(&intake).await;
    let declaring = Declaring::new(&intake, form(day, "An", &[])).await;
    let forged = vungxanh_protocol::phone::PhoneIssuer::generate(&mut rand::rng());
    let request = TokenRequest::new(day, &mut rand::rng());
    let forged = request.finish(&forged.issue(&request.blinded()), &forged.public(day, 0)).unwrap();
    let reply = intake.send("v1/declare", spending(&declaring, &forged)).await;
    assert_eq!(code(&reply), (403, "token_refused"));
    let mut altered = tokens[0].to_bytes();
    altered[10] ^= 1;
    let altered = declaring.body_with(|request| request.token = BASE64_STANDARD.encode(altered));
    let reply = intake.send("v1/declare", altered).await;
    assert_eq!(code(&reply), (403, "token_refused"));
    // A point that is none, or the identity, is no token at all.
    let mut identity = tokens[0].to_bytes();
    identity[35..].fill(0);
    identity[35] = 0xc0;
    for bad in [identity.to_vec(), identity[..82].to_vec(), vec![0; 83]] {
        let body = declaring.body_with(|request| request.token = BASE64_STANDARD.encode(bad));
        let reply = intake.send("v1/declare", body).await;
        assert_eq!(code(&reply), (400, "unparsable_request"));
    }
    // Of the day before, when that day's declarations are still taken, too.
    let midnight = LocalTime::VIET_NAM.start(day + 1);
    intake.authority.pass(midnight.since(intake.authority.now()) + 60);
    let tomorrow = Declaring::new(&intake, form(day + 1, "An", &[])).await;
    let reply = intake.send("v1/declare", spending(&tomorrow, &tokens[0])).await;
    assert_eq!(code(&reply), (403, "token_refused"));
    assert_eq!(intake.send("v1/declare", spending(&declaring, &tokens[0])).await.status, 200);
}

#[tokio::test]
async fn a_code_is_confirmed_once_by_who_asked_and_answered_alike_again() {
    let intake = asking().await;
    let caller = Caller::new(&intake, NUMBER);
    let typed = caller.gets(&intake).await;
    let stranger = Caller::new(&intake, NUMBER);
    assert_eq!(code(&stranger.types(&intake, &typed).await), (403, "code_wrong"));
    let first = caller.types(&intake, &typed).await;
    assert_eq!(first.status, 200, "a stranger uses up no tries");
    intake.authority.pass(3_600);
    let again = caller.types(&intake, &typed).await;
    assert_eq!(again.body, first.body, "an answer that was lost is given again");
    // With other tokens it would be worth more of them.
    let more = Caller { session: caller.session, ..Caller::new(&intake, NUMBER) };
    assert_eq!(code(&more.types(&intake, &typed).await), (403, "code_wrong"));
    let other_number = Caller { number: "+84912345679".into(), ..caller };
    assert_eq!(code(&other_number.types(&intake, &typed).await), (403, "code_wrong"));
}

#[tokio::test]
async fn five_wrong_codes_or_ten_minutes_end_it() {
    let intake = asking().await;
    let caller = Caller::new(&intake, NUMBER);
    let right = caller.gets(&intake).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(code(&caller.types(&intake, wrong).await), (403, "code_wrong"));
    }
    assert_eq!(caller.types(&intake, &right).await.status, 200, "the fifth may be right");
    let caller = Caller::new(&intake, NUMBER);
    let right = caller.gets(&intake).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for typed in [wrong, wrong, wrong, wrong, wrong, &right] {
        assert_eq!(code(&caller.types(&intake, typed).await), (403, "code_wrong"));
    }
    let caller = Caller::new(&intake, "+84987654321");
    let right = caller.gets(&intake).await;
    intake.authority.pass(600);
    assert_eq!(code(&caller.types(&intake, &right).await), (403, "code_wrong"));
    // What is no code costs nothing and says nothing else.
    assert_eq!(code(&caller.types(&intake, "12345a").await), (403, "code_wrong"));
}

#[tokio::test]
async fn a_number_gets_three_messages_a_day_and_nobody_learns_it() {
    let mut intake = asking().await;
    let mut first = None;
    for _ in 0..3 {
        let caller = Caller::new(&intake, NUMBER);
        caller.gets(&intake).await;
        first.get_or_insert(caller);
    }
    // The same request again, its answer lost, sends nothing and costs nothing.
    let lost = first.unwrap().asks(&intake).await;
    intake.authority.restart().await;
    let over = Caller::new(&intake, NUMBER).asks(&intake).await;
    let another = Caller::new(&intake, "+84987654321");
    let before = messages(&intake);
    let known = another.asks(&intake).await;
    arrived(&intake, before + 1).await;
    assert_eq!((lost.status, lost.body.clone()), (over.status, over.body.clone()));
    assert_eq!((over.status, over.body), (known.status, known.body), "one answer for all");
    assert_eq!(messages(&intake), 4, "three, and one to the other number");
    intake.authority.pass(DAY_SECONDS);
    expire(&intake.authority.app).await.unwrap();
    Caller::new(&intake, NUMBER).gets(&intake).await;
}

#[tokio::test]
async fn a_message_that_was_not_sent_is_none_of_the_numbers() {
    let intake = asking().await;
    intake.authority.inbox.1.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(Caller::new(&intake, NUMBER).asks(&intake).await.status, 200);
    }
    let database = intake.authority.database().await;
    for _ in 0..2_000 {
        let left =
            sqlx::query("SELECT 1 FROM declaration_codes").fetch_all(&database).await.unwrap();
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    intake.authority.inbox.1.store(false, Ordering::SeqCst);
    for _ in 0..3 {
        Caller::new(&intake, NUMBER).gets(&intake).await;
    }
    intake.authority.inbox.2.store(true, Ordering::SeqCst);
    let none = Caller::new(&intake, NUMBER).asks(&intake).await;
    assert_eq!(code(&none), (503, "sms_failure"), "there is no gateway at all");
}

#[tokio::test]
async fn all_together_have_a_budget_that_is_shown_when_it_is_reached() {
    let intake = asking_with("codes_per_hour = 1000", "codes_per_hour = 2").await;
    for number in [NUMBER, "+84987654321"] {
        Caller::new(&intake, number).gets(&intake).await;
    }
    let over = Caller::new(&intake, "+84987654322").asks(&intake).await;
    assert_eq!(code(&over), (429, "quota_exceeded"));
    assert_eq!(intake.authority.total("limit_declaration_codes").await, 1);
    intake.authority.pass(3_600);
    Caller::new(&intake, "+84987654322").gets(&intake).await;
}

#[tokio::test]
async fn what_cannot_be_a_number_or_a_request_is_refused_clearly() {
    let intake = asking().await;
    for bad in ["0912345678", "+84 912 345 678", "", "+84112345678", "+841234", "<b>"] {
        let reply = Caller::new(&intake, bad).asks(&intake).await;
        assert_eq!(code(&reply), (400, "invalid_phone"), "{bad}");
    }
    let abroad = Caller::new(&intake, "+12125550100").asks(&intake).await;
    assert_eq!(code(&abroad), (403, "country_not_served"));
    let caller = Caller::new(&intake, NUMBER);
    let right = caller.gets(&intake).await;
    let identity = BASE64_STANDARD.encode([&[0xc0][..], &[0; 47]].concat().repeat(TOKENS_EACH));
    let off_curve =
        BASE64_STANDARD.encode([&[0x80][..], &[0; 46], &[1]].concat().repeat(TOKENS_EACH));
    type Change<'a> = &'a dyn Fn(&mut ConfirmRequest);
    let changes: [Change<'_>; 5] = [
        &|request| request.blinded.clone_from(&identity),
        &|request| request.blinded.clone_from(&off_curve),
        &|request| request.blinded.truncate(64),
        &|request| request.session.clear(),
        &|request| request.session.push_str("00"),
    ];
    for change in changes {
        let mut request = caller.confirmation(&right);
        change(&mut request);
        let reply = confirm(&intake, request).await;
        assert_eq!(code(&reply), (400, "unparsable_request"), "{}", reply.body);
    }
    for path in ["v1/phone/code", "v1/phone/confirm"] {
        for body in [b"{".to_vec(), b"[]".to_vec(), b"{\"day\":99999999}".to_vec()] {
            assert_eq!(send(&intake, path, body).await.status, 400);
        }
        assert_eq!(send(&intake, path, vec![b' '; 20_000]).await.status, 413);
    }
    for day in [caller.day - 1, caller.day + 1] {
        let mut request = caller.confirmation(&right);
        request.day = day;
        assert_eq!(code(&confirm(&intake, request).await), (409, "wrong_day"));
    }
    assert_eq!(caller.types(&intake, &right).await.status, 200, "none of it cost a try");
}

#[tokio::test]
async fn an_authority_that_does_not_ask_takes_declarations_as_before() {
    let intake = Intake::start().await;
    let day = intake.today();
    let declaring = Declaring::new(&intake, form(day, "An", &[])).await;
    assert_eq!(intake.send("v1/declare", declaring.body()).await.status, 200);
    let opened = intake.open_list(day).await.unwrap();
    assert_eq!(opened.proven(&opened.forms[0]), None);
    let document = intake.signed("v1/authority").await;
    assert!(String::from_utf8(document).unwrap().contains("\"phone_code\": false"));
    assert_eq!(keys(&intake).await.list().keys.len(), 3, "keys are there when it begins to ask");
}

#[tokio::test]
async fn the_days_secrets_end_with_it_and_stand_in_no_backup() {
    let intake = asking().await;
    let day = intake.today();
    let caller = Caller::new(&intake, NUMBER);
    caller.is_confirmed(&intake).await;
    let app = &intake.authority.app;
    let backup = intake.authority.folder.path().join("backup");
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
    let secret = |folder: &std::path::Path, day: u16| {
        folder.join(format!("declarations/phone-{day}-0.key")).exists()
    };
    assert!(backup.join("declarations/phone-keys.signed").exists());
    assert!(secret(&intake.authority.dir(), day) && !secret(&backup, day));
    let midnight = LocalTime::VIET_NAM.start(day + 1);
    intake.authority.pass(midnight.since(now) + 3_600);
    expire(app).await.unwrap();
    assert!(!secret(&intake.authority.dir(), day) && secret(&intake.authority.dir(), day + 1));
    let database = intake.authority.database().await;
    for table in ["declaration_codes", "spent_tokens"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT 1 FROM {table}"));
        assert!(sqlx::query(sql).fetch_all(&database).await.unwrap().is_empty(), "{table}");
    }
    assert!(keys(&intake).await.key_for(day).is_ok(), "proofs are still verified");
    // A secret that is lost is replaced, and the old key proves what it proved.
    let lost = intake.authority.dir().join(format!("declarations/phone-{}-0.key", day + 1));
    std::fs::remove_file(lost).unwrap();
    let seen = keys(&intake).await;
    intake.make_keys(2);
    let signed = intake.signed("v1/phone-keys").await;
    let renewed = PhoneKeys::read(&signed, &intake.root(), Some(&seen)).unwrap();
    assert_eq!(renewed.key_for(day + 1).unwrap().id(), 1);
    assert_eq!(renewed.of_day(day + 1).count(), 2);
}
