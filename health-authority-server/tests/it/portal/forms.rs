//! What is wrong with a form stands at its field; what cannot be taken back asks first.

use std::sync::atomic::Ordering;

use health_authority_server::domain::accounts::Role;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, PASSWORD, REGISTRATION, SURE, register, staff};

const PHONE: &str = "+84912345678";

#[track_caller]
fn wrong_at(got: &Got, fields: &[&str]) {
    got.is(422);
    let marked: Vec<&str> = got.body.split("-error\">").collect();
    let ends_with = |part: &&str, field: &str| part.ends_with(&format!("id=\"{field}"));
    let found = fields.iter().all(|field| marked.iter().any(|part| ends_with(part, field)));
    assert!(found && marked.len() == fields.len() + 1, "{fields:?} in {}", got.body);
}

#[tokio::test]
async fn a_login_says_what_is_missing_or_malformed_but_not_which_is_wrong() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    let mut browser = Browser::new(&authority);
    wrong_at(&browser.post("/venue/login", &[]).await, &["login", "password"]);
    wrong_at(&browser.post("/staff/login", &[("login", "minh")]).await, &["password"]);
    let malformed = [("login", "chợ"), ("password", PASSWORD), ("code", "12")];
    let got = browser.post("/venue/login", &malformed).await;
    got.is(401).says("id=\"login-error\"").says("id=\"code-error\"");
    for login in ["0912345678", "0912345679"] {
        let form = [("login", login), ("password", "not the right one")];
        let got = browser.post("/venue/login", &form).await;
        assert!(!got.is(401).body.contains("-error\">"), "{login}: {}", got.body);
    }
    let got = browser.post("/venue/join", &[("code", "x")]).await;
    got.is(401).says("id=\"code-error\"");
}

#[tokio::test]
async fn passwords_that_are_guessed_are_refused_for_every_kind_of_account() {
    let authority = Authority::start().await;
    for (password, says) in [
        ("0123456789", "sequence or a repetition"),
        ("Matkhau@123", "tried first"),
        ("cho dong xuan 15", "which others know"),
        ("so 0912 345 678", "which others know"),
    ] {
        let mut form = REGISTRATION.to_vec();
        form.retain(|(name, _)| !name.starts_with("password"));
        form.extend([("phone", PHONE), ("password", password), ("password_again", password)]);
        let got = Browser::new(&authority).post("/venue/register", &form).await;
        wrong_at(&got, &["password"]);
        got.says(says).says("three or four words");
    }
    let mut manager = register(&authority, PHONE).await;
    manager.post("/venue/units", &[("name", "Hàng cá tươi"), ("minutes", "60")]).await.is(303);
    staff(&authority, Role::VenueOfficer, "minh.tran").await;
    let mut officer = Browser::signed_in(&authority, "minh.tran").await;
    let change = |new| [("password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    for new in ["0123456789", "hang ca tuoi 12", "Chợ Đồng Xuân 7", "nguyenthilan"] {
        wrong_at(&manager.post("/venue/settings/password", &change(new)).await, &["new"]);
    }
    for new in ["qwertyuiop", "password2026", "minh.tran yte"] {
        wrong_at(&officer.post("/staff/settings/password", &change(new)).await, &["new"]);
    }
    let mut browser = Browser::new(&authority);
    browser.post("/venue/forgot", &[("phone", PHONE)]).await.is(200);
    let reset = [("phone", PHONE), ("code", "123456")];
    let new = [("new_password", "1234554321"), ("new_password_again", "1234554321")];
    wrong_at(&browser.post("/venue/reset", &[reset, new].concat()).await, &["new_password"]);
}

#[tokio::test]
async fn settings_say_which_field_is_wrong() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    let change = [("password", PASSWORD), ("new_password", "short"), ("new_password_again", "x")];
    wrong_at(&manager.post("/venue/settings/password", &change).await, &["new", "again"]);
    let change = [("password", "wrong"), ("new_password", "x"), ("new_password_again", "x")];
    let got = manager.post("/venue/settings/password", &change).await;
    got.is(401).says("id=\"old-error\"");
    let page = manager.get("/venue/settings").await;
    let sealed = page.attribute("name=\"sealed\" value=\"");
    let set_up = [("password", PASSWORD), ("sealed", sealed.as_str()), ("code", "000000")];
    wrong_at(&manager.post("/venue/settings/authenticator", &set_up).await, &["totp-code"]);
}

#[tokio::test]
async fn removing_the_authenticator_asks_first() {
    let authority = Authority::start().await;
    staff(&authority, Role::VenueOfficer, "minh").await;
    let mut officer = Browser::signed_in(&authority, "minh").await;
    let path = "/staff/settings/authenticator/remove";
    let asked = officer.post(path, &[("password", PASSWORD)]).await;
    asked.is(200).says("Remove the authenticator app?").says("you can do nothing until");
    officer.get("/staff/venues").await.is(200);
    let wrong = officer.post(path, &[("password", "wrong"), SURE[0]]).await;
    wrong.is(401).says("id=\"password-error\"");
    officer.get("/staff/venues").await.is(200);
    officer.post(path, &[("password", PASSWORD), SURE[0]]).await.is(303);
    officer.get("/staff/venues").await.leads_to("/staff/settings?done=unfinished");
}

#[tokio::test]
async fn hidden_characters_are_refused_in_every_form_and_list() {
    let authority = Authority::start().await;
    for (field, hidden) in [("name", '\u{3164}'), ("street", '\u{61c}'), ("registrant", '\u{115f}')]
    {
        let value = format!("Chợ {hidden}A");
        let mut form = REGISTRATION.to_vec();
        form.retain(|(name, _)| *name != field);
        form.extend([("phone", PHONE), (field, value.as_str())]);
        wrong_at(&Browser::new(&authority).post("/venue/register", &form).await, &[field]);
    }
    let mut manager = register(&authority, PHONE).await;
    let unit = [("name", "Tầng\u{fe0f} 2"), ("minutes", "60")];
    wrong_at(&manager.post("/venue/units", &unit).await, &["unit-name"]);
    wrong_at(&manager.post("/venue/people", &[("name", "La\u{e0041}n")]).await, &["person"]);
    manager.upload("/venue/units/upload", "Gian \u{17b5}1;60\n".as_bytes()).await.is(422);
}

#[tokio::test]
async fn without_a_way_to_send_messages_registration_says_so_first() {
    let authority = Authority::start().await;
    authority.inbox.2.store(true, Ordering::SeqCst);
    let page = Browser::new(&authority).get("/venue/register").await;
    page.is(200).says("cannot send messages");
    assert!(!page.body.contains("<form method=\"post\""), "{}", page.body);
}
