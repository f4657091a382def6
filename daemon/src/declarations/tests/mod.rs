//! Declarations between a device and an authority that answers as it likes.

mod authority;
mod phone;

use proptest::prelude::*;
use vungxanh_protocol::declaration::{DECLARE_REQUEST_BYTES, Form, FormKind, MAX_FORM_BYTES};
use vungxanh_protocol::pass::{LivePass, PassError, Presented, Verdict, read_code};

use self::authority::{Answer, Device, FakeAuthority, today};
use super::book::{Book, RECORD};
use super::{DeclareError, StoredPasses, named};
use crate::control_api::{
    DeclarationState as State, DeclareRequest, Draft, PassRequest, PassSheetRequest,
};
use crate::store::{EncounterStore, put_state, state};
use crate::sync::{HeldPasses, Named};
use crate::test_support::NOON;

const DAY: u64 = 86_400;

fn form(name: &str) -> Form {
    let json = serde_json::json!({
        "kind": "population", "day": 0, "name": name, "born": 1990, "gender": "male",
        "nationality": "VN", "ward": 4, "address": "12 ngõ Tràng Tiền", "phone": "0912345678",
        "travelled": false, "symptoms": ["cough"], "contacts": [], "consent": 1,
    });
    serde_json::from_value(json).unwrap()
}

fn request(name: &str) -> DeclareRequest {
    DeclareRequest { form: form(name), printed: 12, replaces: None }
}

async fn device() -> (std::sync::Arc<FakeAuthority>, Device) {
    let (authority, url) = FakeAuthority::start().await;
    let device = Device::enrolled(&url);
    (authority, device)
}

#[tokio::test]
async fn a_form_arrives_sealed_and_comes_back_as_passes_that_open_doors() {
    let (authority, device) = device().await;
    let status = device.declarations.declare(request("Dũng")).await.unwrap();
    assert_eq!((status.state, status.live_passes, status.printed_passes), (State::Sent, 12, 12));
    let [body] = &authority.bodies()[..] else { panic!("one request") };
    assert_eq!(body.len(), DECLARE_REQUEST_BYTES);
    let expected = Form { day: today(), ..form("Dũng") }.normalised();
    assert!(authority.open(body) == expected);
    let keys = authority.pass_keys();
    let shown = device.declarations.show_pass(PassRequest::default()).await.unwrap();
    let presented = read_code(&shown.code).unwrap();
    assert!(matches!(keys.judge(&presented, device.now()), Verdict::Valid(_)));
    let sheet = device.declarations.sheet(PassSheetRequest::default()).await.unwrap();
    assert_eq!(sheet.codes.len(), 12);
    for code in &sheet.codes {
        assert!(matches!(keys.judge(&read_code(code).unwrap(), NOON), Verdict::Valid(_)));
    }
    // All of them, shown or not, are looked for in warnings.
    let held = StoredPasses::new(device.store.clone()).held().unwrap();
    assert_eq!(held.len(), 24);
    let shown_key = *presented.pass().content().holder();
    assert!(held.iter().any(|held| held.holder.public_key() == shown_key));
    assert!(held.iter().all(|held| held.valid_from <= NOON && NOON < held.valid_until));
    // No pass has another's key, so that doors have nothing to join.
    let holders = sheet
        .codes
        .iter()
        .chain([&shown.code])
        .map(|code| *read_code(code).unwrap().pass().content().holder().as_bytes());
    assert_eq!(holders.collect::<std::collections::BTreeSet<_>>().len(), 13);
}

#[tokio::test]
async fn what_is_not_answered_is_sent_again_byte_for_byte_after_a_restart() {
    let (authority, device) = device().await;
    authority.will_answer([
        Answer::Code("no_keys", 503),
        Answer::Code("not_found", 404),
        Answer::Code("quota_exceeded", 429),
        Answer::Page(502),
    ]);
    let waiting = device.declarations.declare(request("Dũng")).await.unwrap();
    assert_eq!(waiting.state, State::Waiting);
    assert!(waiting.detail.contains("no_keys"), "{}", waiting.detail);
    let mut device = device;
    for wait in [90, 180, 360, 720] {
        assert!(device.declarations.send_due().await.unwrap().is_empty(), "not at once");
        device = device.restarted();
        let next = device.declarations.next_due().await.unwrap().unwrap();
        assert!(next > device.now() && next <= device.now().plus(wait));
        device.clock.pass(wait);
        device.declarations.send_due().await.unwrap();
    }
    let list = device.declarations.list().await.unwrap();
    assert_eq!((list.len(), list[0].state, list[0].live_passes), (1, State::Sent, 12));
    assert_eq!(list[0].submission, waiting.submission);
    let bodies = authority.bodies();
    assert_eq!(bodies.len(), 5);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "byte for byte");
    assert_eq!(device.declarations.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn without_a_network_a_form_is_sealed_with_the_keys_seen_before() {
    let (authority, url) = FakeAuthority::start().await;
    let device = Device::enrolled(&url);
    let nowhere = Device::enrolled("http://127.0.0.1:1");
    let error = nowhere.declarations.declare(request("Dũng")).await.unwrap_err();
    assert!(matches!(error, DeclareError::Sync(_)), "{error}");
    assert!(nowhere.declarations.list().await.unwrap().is_empty());
    assert!(device.declarations.prepare().await.unwrap().keys_are_fresh);
    let seen = device.store.state_bytes(super::keys::RECORD).unwrap();
    nowhere.store.put_state_bytes(super::keys::RECORD, seen.as_deref()).unwrap();
    assert!(!nowhere.declarations.prepare().await.unwrap().keys_are_fresh);
    let waiting = nowhere.declarations.declare(request("Dũng")).await.unwrap();
    assert_eq!(waiting.state, State::Waiting);
    assert!(waiting.detail.contains("could not be reached"), "{}", waiting.detail);
    drop(authority);
}

#[tokio::test]
async fn passes_of_another_key_are_not_used() {
    let (authority, device) = device().await;
    authority.will_answer([Answer::OtherPasses]);
    let status = device.declarations.declare(request("Dũng")).await.unwrap();
    assert_eq!((status.state, status.live_passes), (State::SentWithoutPasses, 0));
    let refused = device.declarations.show_pass(PassRequest::default()).await;
    assert!(matches!(refused, Err(DeclareError::NoPass)));
}

#[tokio::test]
async fn a_key_of_ones_own_is_refused_and_reported() {
    let (authority, device) = device().await;
    device.declarations.prepare().await.unwrap();
    authority.publish_a_key_of_ones_own();
    let refused = device.declarations.declare(request("Dũng")).await.unwrap_err();
    let conflicting = matches!(refused, DeclareError::PassKeys(PassError::ConflictingKeys { .. }));
    assert!(conflicting, "{refused}");
    assert!(authority.bodies().is_empty(), "nothing was sent");
    let device = device.restarted();
    let reported = device.declarations.conflicting_keys().unwrap().unwrap();
    assert!(reported.contains("two different keys"), "{reported}");
    // What was seen first stays what counts.
    authority.publish_again(2);
    assert!(device.declarations.prepare().await.unwrap().keys_are_fresh);
}

#[tokio::test]
async fn older_files_and_files_of_somebody_else_are_refused() {
    let (authority, device) = device().await;
    authority.publish_by_somebody_else();
    assert!(matches!(device.declarations.prepare().await, Err(DeclareError::Intake(_))));
    authority.publish_again(5);
    device.declarations.prepare().await.unwrap();
    authority.publish_again(4);
    assert!(matches!(device.declarations.prepare().await, Err(DeclareError::Intake(_))));
    authority.publish_nothing();
    assert!(matches!(device.declarations.prepare().await, Err(DeclareError::NotTaken)));
    assert!(authority.bodies().is_empty());
}

#[tokio::test]
async fn a_declaration_whose_day_is_over_or_whose_key_is_gone_says_so() {
    let (authority, device) = device().await;
    authority.will_answer([Answer::Code("wrong_day", 409), Answer::Page(503)]);
    let replaced_key = device.declarations.declare(request("Dũng")).await.unwrap();
    assert_eq!(replaced_key.state, State::TooLate);
    assert_eq!(device.declarations.declare(request("Lan")).await.unwrap().state, State::Waiting);
    device.clock.pass(DAY);
    device.declarations.send_due().await.unwrap();
    let states: Vec<_> =
        device.declarations.list().await.unwrap().iter().map(|one| one.state).collect();
    assert_eq!(states, [State::TooLate, State::TooLate]);
    assert_eq!(authority.bodies().len(), 2, "what nobody takes is not sent");
    assert_eq!(device.declarations.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_form_with_every_field_at_its_limit_arrives_whole() {
    let (authority, device) = device().await;
    // Decomposed as keyboards may type it: one letter of three bytes once composed.
    let letters = |bytes: usize| {
        let letter = "e\u{302}\u{301}";
        letter.repeat(bytes / 3) + &"x".repeat(bytes % 3)
    };
    let json = serde_json::json!({
        "kind": "entry", "day": 0, "name": letters(100), "born": 1990, "gender": "female",
        "nationality": "VN", "paperKind": "other", "paper": "A".repeat(24), "ward": 99_999,
        "place": letters(120), "address": "\u{1f3e0}".repeat(30), "phone": "+12125550100",
        "email": format!("{}@x.vn", "a".repeat(75)), "insurance": "0123456789",
        "travelled": true, "travel": "\"\\".repeat(50), "symptoms": ["fever", "cough",
        "breathing", "pneumonia", "sore_throat", "fatigue", "nausea", "diarrhoea"],
        "contacts": ["case", "affected_country", "symptomatic", "animals"],
        "vehicle": "aeroplane", "number": "B".repeat(20), "seat": "\u{1f4ba}12AB",
        "fromCountry": "FR", "fromGate": letters(60), "toGate": letters(60),
        "start": NOON.as_secs(), "passport": "C".repeat(20), "note": letters(200),
        "byName": letters(100), "byPhone": "+842437334567", "byRelation": "guardian",
        "consent": 255,
    });
    let form: Form = serde_json::from_value(json).unwrap();
    let sent = DeclareRequest { form: form.clone(), printed: 0, replaces: None };
    let status = device.declarations.declare(sent).await.unwrap();
    assert_eq!((status.state, status.live_passes, status.printed_passes), (State::Sent, 24, 0));
    let read = authority.open(&authority.bodies()[0]);
    assert!(read == Form { day: today(), ..form.clone() }.normalised());
    assert!(read.name.contains('ế') && read.name.len() == 100, "composed, nothing lost");
    assert!(serde_json::to_vec(&read).unwrap().len() <= MAX_FORM_BYTES);
    let longer = Form { note: letters(201), ..form };
    let refused = DeclareRequest { form: longer, printed: 0, replaces: None };
    let refused = device.declarations.declare(refused).await.unwrap_err();
    assert_eq!(refused.to_string(), "the form cannot be sent yet: note: too_long");
}

#[tokio::test]
async fn a_withdrawal_is_made_until_it_is_answered_and_passes_stay() {
    let (authority, device) = device().await;
    let sent = device.declarations.declare(request("Dũng")).await.unwrap();
    authority.will_answer([Answer::Page(500), Answer::Code("receipt_unknown", 404)]);
    let begun = device.declarations.withdraw(&sent.submission[..8]).await.unwrap();
    assert_eq!(begun.state, State::Withdrawing);
    let device = device.restarted();
    device.clock.pass(90);
    device.declarations.send_due().await.unwrap();
    let list = device.declarations.list().await.unwrap();
    // The first withdrawal had arrived, its answer had not.
    assert_eq!((list[0].state, list[0].live_passes), (State::Withdrawn, 12));
    let bodies = authority.bodies();
    assert_eq!(bodies[1], bodies[2]);
    assert!(bodies.iter().all(|body| body.len() == DECLARE_REQUEST_BYTES));
    let again = device.declarations.withdraw(&sent.submission).await;
    assert!(matches!(again, Err(DeclareError::NotSent)));
    for unknown in ["", &sent.submission[..3], "zzzzzzzz"] {
        let refused = device.declarations.withdraw(unknown).await;
        assert!(matches!(refused, Err(DeclareError::Unknown)), "{unknown}");
    }
}

#[tokio::test]
async fn one_that_replaces_another_takes_its_place_and_leaves_its_passes() {
    let (authority, device) = device().await;
    let first = device.declarations.declare(request("Dũng")).await.unwrap();
    let again = DeclareRequest { replaces: Some(first.submission.clone()), ..request("Dũng") };
    let second = device.declarations.declare(again).await.unwrap();
    assert_eq!((second.state, second.live_passes), (State::Sent, 0));
    let list = device.declarations.list().await.unwrap();
    assert_eq!((list[1].state, list[1].live_passes), (State::Replaced, 12));
    let body = String::from_utf8(authority.bodies()[1].to_vec()).unwrap();
    assert!(body.contains(&first.submission));
    assert!(device.declarations.show_pass(PassRequest::default()).await.is_ok());
}

#[tokio::test]
async fn everything_of_a_bundle_stays_until_it_is_over_and_goes_by_the_local_day() {
    let (_authority, device) = device().await;
    device.declarations.declare(request("Dũng")).await.unwrap();
    let local_midnight = 17 * 3_600 - 12 * 3_600;
    device.clock.pass(local_midnight + 2 * DAY - 1);
    assert!(device.declarations.show_pass(PassRequest::default()).await.is_ok(), "the third day");
    device.clock.pass(1);
    let shown = device.declarations.show_pass(PassRequest::default()).await;
    assert!(matches!(shown, Err(DeclareError::NoPass)));
    // Two more days of validity, and 14 in which warnings can come.
    device.clock.pass(14 * DAY - 1);
    device.declarations.expire().await.unwrap();
    assert_eq!(device.declarations.list().await.unwrap()[0].live_passes, 12);
    device.clock.pass(1);
    device.declarations.expire().await.unwrap();
    assert!(device.declarations.list().await.unwrap().is_empty());
    assert_eq!(device.store.state_bytes(RECORD).unwrap(), None);
}

#[tokio::test]
async fn a_draft_is_kept_until_it_is_declared_and_forgotten_with_the_rest() {
    let (_authority, device) = device().await;
    let draft = Draft {
        form: form("Dũng"),
        answered: vec!["name".into(), "born".into()],
        on_behalf: false,
        replaces: None,
    };
    device.declarations.save_draft(Some(draft.clone())).await.unwrap();
    let device = device.restarted();
    assert!(device.declarations.draft().await.unwrap() == Some(draft.clone()));
    device.declarations.declare(request("Bà Sáu")).await.unwrap();
    assert!(device.declarations.draft().await.unwrap().is_some(), "it is another's");
    device.declarations.forget(Some(NOON..NOON.plus(1))).await.unwrap();
    device.declarations.declare(request("Dũng")).await.unwrap();
    assert!(device.declarations.draft().await.unwrap().is_none());
    let large = Draft { form: Form { note: "x".repeat(20_000), ..form("Dũng") }, ..draft.clone() };
    let refused = device.declarations.save_draft(Some(large)).await;
    assert!(matches!(refused, Err(DeclareError::DraftTooLarge)));
    device.declarations.save_draft(Some(draft)).await.unwrap();
    device.declarations.forget(Some(NOON.plus(1)..NOON.plus(DAY))).await.unwrap();
    assert_eq!(device.declarations.list().await.unwrap().len(), 1, "declared at another time");
    device.declarations.forget(None).await.unwrap();
    assert!(device.declarations.draft().await.unwrap().is_none());
    for record in [RECORD, super::keys::RECORD] {
        assert_eq!(device.store.state_bytes(record).unwrap(), None, "{record}");
    }
}

#[tokio::test]
async fn which_pass_is_shown_outlasts_a_restart_and_is_in_no_file_that_stays() {
    let (_authority, device) = device().await;
    device.declarations.declare(request("Dũng")).await.unwrap();
    let holder = |code: &str| *read_code(code).unwrap().pass().content().holder().as_bytes();
    let show = async |device: &Device, next| {
        let request = PassRequest { next, name: None };
        holder(&device.declarations.show_pass(request).await.unwrap().code)
    };
    let before = device.store.state_bytes(RECORD).unwrap();
    let first = show(&device, false).await;
    let device = device.restarted();
    assert_eq!(show(&device, false).await, first);
    let second = show(&device, true).await;
    assert_ne!(second, first);
    device.declarations.take_next_pass().unwrap();
    assert!(![first, second].contains(&show(&device, false).await));
    assert_eq!(device.store.state_bytes(RECORD).unwrap(), before, "used or not, all alike");
}

#[tokio::test]
async fn a_pass_of_somebody_else_is_shown_when_they_are_named() {
    let (_authority, device) = device().await;
    let mut hers = request("Bà Sáu");
    hers.form = Form {
        by_name: "Dũng".into(),
        by_phone: "0912345678".into(),
        by_relation: Some(vungxanh_protocol::declaration::Relation::Family),
        ..hers.form
    };
    device.declarations.declare(hers).await.unwrap();
    let own = device.declarations.show_pass(PassRequest::default()).await;
    assert!(matches!(own, Err(DeclareError::NoPass)), "not the declarer's own");
    let named = PassRequest { next: false, name: Some("ba sau".into()) };
    assert!(device.declarations.show_pass(named).await.is_ok());
}

#[tokio::test]
async fn of_a_file_only_what_a_device_can_have_written_is_taken_over() {
    let (authority, device) = device().await;
    authority.will_answer([Answer::Page(503)]);
    device.declarations.declare(request("Lan")).await.unwrap();
    device.declarations.declare(request("Dũng")).await.unwrap();
    let bytes = device.store.state_bytes(RECORD).unwrap().unwrap();
    assert_eq!(named(RECORD, &bytes, NOON), Named::TakenOver);
    let book: Book = state(device.store.as_ref(), RECORD).unwrap().unwrap();
    let altered = |alter: &dyn Fn(&mut Book)| {
        let mut altered = book.clone();
        alter(&mut altered);
        put_state(device.store.as_ref(), "altered", &altered).unwrap();
        let bytes = device.store.state_bytes("altered").unwrap().unwrap();
        named(RECORD, &bytes, NOON)
    };
    type Alteration<'a> = (&'a str, &'a dyn Fn(&mut Book));
    let alterations: [Alteration<'_>; 7] = [
        ("a pass of another's", &|book| {
            let one = book.entries[1].passes[0].clone();
            book.entries[1].passes = vec![one; 25];
        }),
        ("a day in the future", &|book| book.entries[1].form.day += 30),
        ("never ending", &|book| book.entries[1].kept_through = u16::MAX),
        ("no number", &|book| book.entries[1].submission = "../..".into()),
        ("no time", &|book| book.entries[1].minutes_ahead = 9_999),
        ("no form", &|book| book.entries[1].form.name.clear()),
        ("too many", &|book| book.entries = vec![book.entries[1].clone(); 200]),
    ];
    for (what, alter) in alterations {
        assert_eq!(altered(alter), Named::Malformed, "{what}");
    }
    assert_eq!(altered(&|_| {}), Named::TakenOver);
    assert_eq!(named(super::keys::RECORD, b"x", NOON), Named::LeftOut);
    assert_eq!(named("another", b"x", NOON), Named::Unknown);
}

#[tokio::test]
async fn a_live_code_is_signed_by_its_own_pass_at_its_own_time() {
    let (authority, device) = device().await;
    device.declarations.declare(request("Dũng")).await.unwrap();
    let shown = device.declarations.show_pass(PassRequest::default()).await.unwrap();
    let Presented::Live(live) = read_code(&shown.code).unwrap() else { panic!("not live") };
    assert_eq!(LivePass::shown_at(&live), device.now());
    let keys = authority.pass_keys();
    let late = keys.judge(&Presented::Live(live), device.now().plus(181));
    assert!(matches!(late, Verdict::ClocksDiffer(_)));
    assert_eq!(form("x").kind, FormKind::Population);
}

proptest! {
    #[test]
    fn any_bytes_are_a_book_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(named(RECORD, &bytes, NOON) != Named::Unknown);
    }
}
