//! An approved venue changes its name, address or telephone with an officer's approval.

use health_authority_server::domain::accounts::Role;
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::poster::UnverifiedPoster;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, PASSWORD, REGISTRATION, register, staff};

const PHONE: &str = "+84912345678";
const OTHER_PHONE: &str = "+84987654321";

async fn approved(authority: &Authority) -> (Browser<'_>, Browser<'_>) {
    let venue = register(authority, PHONE).await;
    staff(authority, Role::VenueOfficer, "minh").await;
    let mut officer = Browser::signed_in(authority, "minh").await;
    officer.get("/staff/venues/1").await.is(200);
    officer.post("/staff/venues/1/decide", &[("decision", "approve")]).await;
    (venue, officer)
}

/// The form as it is filled in, with some fields otherwise.
fn form<'a>(changed: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let fields = ["name", "kind", "street", "province", "ward_name", "registrant"];
    let mut form: Vec<(&'static str, &'a str)> = REGISTRATION
        .iter()
        .filter(|(name, _)| fields.contains(name))
        .map(|(name, value)| (*name, *value))
        .collect();
    form.push(("phone", PHONE));
    for (name, value) in changed {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    form
}

fn proposal(page: &Got) -> String {
    page.attribute("name=\"proposal\" value=\"")
}

#[tokio::test]
async fn an_officer_sees_old_and_new_and_posters_and_login_go_on_working() {
    let authority = Authority::start().await;
    let (mut venue, mut officer) = approved(&authority).await;
    let secret = PartySecret::generate(&mut rand::rng());
    let proof = secret.prove(Party::Venue);
    let proven = secret.public_key().proven(&proof, Party::Venue).unwrap();
    let store = &authority.app.store;
    let actor = store.credentials(PHONE).await.unwrap().unwrap().account.actor();
    let issuer = authority.app.issuer();
    store
        .set_venue_key(1, &proven, &proof, issuer.as_ref(), &actor, authority.now())
        .await
        .unwrap();
    let [before] = &store.posters(1).await.unwrap()[..] else { panic!("one poster") };

    venue.get("/venue").await.says("Change name, address or telephone");
    venue.get("/venue/change").await.is(200).says("value=\"Chợ Đồng Xuân\"").says("0912 345 678");
    venue.post("/venue/change", &form(&[])).await.is(422).says("Nothing has changed");
    let changed = form(&[("name", "Chợ Bắc Qua"), ("street", "1 Hàng Khoai"), ("kind", "shop")]);
    venue.post("/venue/change", &changed).await.leads_to("/venue?done=changes-sent");
    venue.get("/venue").await.says("A change waits for an officer").says("<h1>Chợ Đồng Xuân</h1>");

    officer.get("/staff").await.says("1");
    officer
        .get("/staff/venues/changes")
        .await
        .says("Chợ Đồng Xuân")
        .says("Name, Kind of place, Street");
    let page = officer.get("/staff/venues/1/change").await;
    page.is(200).says("data-label=\"Now\">15 Cầu Đông</td>").says("<strong>1 Hàng Khoai</strong>");
    page.says("Chợ Bắc Qua").says("Market");
    assert!(!page.body.contains("Telephone"), "only what changes");
    let proposal = proposal(&page);
    let form = [("proposal", proposal.as_str()), ("decision", "approve")];
    let done = officer.post("/staff/venues/1/change", &form).await;
    done.leads_to("/staff/venues/changes?done=change-approved");
    officer.post("/staff/venues/1/change", &form).await.is(404);

    let now = store.venue(1).await.unwrap().unwrap();
    assert_eq!((now.registration.name.as_str(), now.phone.as_str()), ("Chợ Bắc Qua", PHONE));
    assert_eq!(now.public_key, Some(secret.public_key().to_bytes()));
    let home = venue.get("/venue").await;
    home.is(200).says("<h1>Chợ Bắc Qua</h1>").says("An officer approved your change");
    venue.post("/venue/change/read", &[]).await.leads_to("/venue");
    let home = venue.get("/venue").await;
    assert!(!home.is(200).body.contains("An officer approved your change"));
    // What hangs at the door stays good for visits; the next one says the new name.
    let hanging = store.poster(&before.fingerprint).await.unwrap().unwrap();
    assert!(hanging.expires > authority.now().day(), "{hanging:?}");
    let [after] = &store.posters(1).await.unwrap()[..] else { panic!("one poster") };
    let keys: Vec<_> =
        authority.app.venue_keys.all().iter().map(|key| key.public.proven().unwrap()).collect();
    for (poster, name) in [(before, "Chợ Đồng Xuân"), (after, "Chợ Bắc Qua")] {
        let read = UnverifiedPoster::read(&poster.payload).unwrap();
        let verified = read.verify(&keys, authority.now()).unwrap();
        assert_eq!(verified.content().name, name);
        assert_eq!(verified.content().venue_key, secret.public_key());
    }
    staff(&authority, Role::Administrator, "an").await;
    let mut log = Browser::signed_in(&authority, "an").await;
    let log = log.get("/staff/audit").await;
    log.says("Proposed a change of the registration").says("Approved a change of the registration");
}

#[tokio::test]
async fn a_refusal_has_a_reason_that_the_venue_reads() {
    let authority = Authority::start().await;
    let (mut venue, mut officer) = approved(&authority).await;
    venue
        .post("/venue/change", &form(&[("name", "Siêu thị")]))
        .await
        .leads_to("/venue?done=changes-sent");
    let proposal = proposal(&officer.get("/staff/venues/1/change").await);
    let refuse = |reason| {
        [("proposal", proposal.clone()), ("decision", "refuse".into()), ("reason", reason)]
    };
    let post = async |officer: &mut Browser<'_>, reason: String| {
        let form = refuse(reason);
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        officer.post("/staff/venues/1/change", &form).await
    };
    post(&mut officer, String::new()).await.is(422).says("href=\"#reason\"");
    post(&mut officer, "Không phải địa điểm này".into())
        .await
        .leads_to("/staff/venues/changes?done=change-refused");
    venue
        .get("/venue/change")
        .await
        .says("Không phải địa điểm này")
        .says("value=\"Chợ Đồng Xuân\"");
    let home = venue.get("/venue").await;
    home.says("Không phải địa điểm này").says("The registration stays as it was");
    assert_eq!(
        authority.app.store.venue(1).await.unwrap().unwrap().registration.name,
        "Chợ Đồng Xuân"
    );
    officer.get("/staff/venues/1/change").await.is(404);
    venue.post("/venue/change/read", &[]).await.leads_to("/venue");
    for page in ["/venue", "/venue/change"] {
        let page = venue.get(page).await;
        assert!(!page.is(200).body.contains("Không phải địa điểm này"));
    }
}

#[tokio::test]
async fn a_new_telephone_is_confirmed_by_a_code_before_an_officer_sees_it() {
    let authority = Authority::start().await;
    let (mut venue, mut officer) = approved(&authority).await;
    venue.post("/venue/change", &form(&[("phone", "12")])).await.is(422).says("href=\"#phone\"");
    venue.post("/venue/change", &form(&[("phone", "+1 202 555 0143")])).await.is(422).says("+84");
    let asked = venue.post("/venue/change", &form(&[("phone", OTHER_PHONE)])).await;
    let pending = asked.is(200).says("0987 654 321").attribute("name=\"pending\" value=\"");
    officer.get("/staff/venues/1/change").await.is(404);
    let code = authority.inbox.code(OTHER_PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let confirm = async |venue: &mut Browser<'_>, code: &str| {
        venue.post("/venue/change/confirm", &[("pending", &pending), ("code", code)]).await
    };
    confirm(&mut venue, wrong).await.is(422).says("You have 4 attempts left");
    officer.get("/staff/venues/1/change").await.is(404);
    // A code of a registration does not do, nor another venue's sealed form.
    confirm(&mut venue, &code).await.leads_to("/venue?done=changes-sent");
    confirm(&mut venue, &code).await.is(422);

    let page = officer.get("/staff/venues/1/change").await;
    page.says("The new number was confirmed by a code");
    page.says("Proposed by 0912 345 678").says("<strong>0987 654 321</strong>");
    let proposal = proposal(&page);
    officer
        .post("/staff/venues/1/change", &[("proposal", &proposal), ("decision", "approve")])
        .await;
    let told = authority.inbox.last(PHONE);
    assert!(told.contains("địa điểm của bạn nay đăng nhập bằng số điện thoại khác"), "{told}");
    assert!(told.contains("now logs in with another telephone number"), "{told}");
    assert!(told.ends_with("/venue") && !told.contains(OTHER_PHONE), "{told}");
    venue.get("/venue").await.is(200);
    let mut again = Browser::new(&authority);
    let login = |phone: &'static str| [("login", phone), ("password", PASSWORD)];
    again.post("/venue/login", &login(PHONE)).await.is(401);
    again.post("/venue/login", &login(OTHER_PHONE)).await.leads_to("/venue");
}

#[tokio::test]
async fn a_telephone_with_an_account_is_refused_and_sealed_forms_are_one_venues() {
    let authority = Authority::start().await;
    let (mut venue, _) = approved(&authority).await;
    let mut second = register(&authority, OTHER_PHONE).await;
    let asked = venue.post("/venue/change", &form(&[("phone", OTHER_PHONE)])).await;
    let pending = asked.is(200).attribute("name=\"pending\" value=\"");
    let code = authority.inbox.code(OTHER_PHONE);
    let fields = [("pending", pending.as_str()), ("code", code.as_str())];
    second.post("/venue/change/confirm", &fields).await.is(409);
    venue.post("/venue/change/confirm", &fields).await.is(422).says("has an account already");
    assert!(authority.app.store.venue_change(1).await.unwrap().is_none());
    authority.pass(3_600);
    venue.get("/venue").await;
    venue.post("/venue/change/confirm", &fields).await.leads_to("/venue/change?done=changes-old");
}

#[tokio::test]
async fn an_officer_decides_about_what_was_seen_and_no_later_proposal() {
    let authority = Authority::start().await;
    let (mut venue, mut officer) = approved(&authority).await;
    venue.post("/venue/change", &form(&[("name", "A")])).await;
    let seen = proposal(&officer.get("/staff/venues/1/change").await);
    // What waits is not put away.
    venue.post("/venue/change/read", &[]).await.leads_to("/venue");
    venue.get("/venue").await.says("A change waits for an officer");
    venue.post("/venue/change", &form(&[("name", "B")])).await.leads_to("/venue?done=changes-sent");
    for decision in ["approve", "refuse"] {
        let form = [("proposal", seen.as_str()), ("decision", decision), ("reason", "x")];
        officer.post("/staff/venues/1/change", &form).await.is(409);
    }
    officer
        .post("/staff/venues/1/change", &[("proposal", "x"), ("decision", "approve")])
        .await
        .is(400);
    officer
        .post("/staff/venues/1/change", &[("proposal", &seen), ("decision", "other")])
        .await
        .is(400);
    venue.post("/venue/change/withdraw", &[]).await.leads_to("/venue?done=changes-withdrawn");
    venue.post("/venue/change/withdraw", &[]).await.is(409);
    officer.get("/staff/venues/1/change").await.is(404);
    assert_eq!(
        authority.app.store.venue(1).await.unwrap().unwrap().registration.name,
        "Chợ Đồng Xuân"
    );
}

#[tokio::test]
async fn only_managers_propose_and_only_venue_officers_decide() {
    let authority = Authority::start().await;
    let mut waiting = register(&authority, PHONE).await;
    waiting.get("/venue/change").await.is(409);
    waiting.post("/venue/change", &form(&[("name", "A")])).await.is(409);
    staff(&authority, Role::CaseWorker, "case").await;
    let mut other = Browser::signed_in(&authority, "case").await;
    other.get("/staff").await;
    other.get("/staff/venues/changes").await.is(403);
    other.get("/staff/venues/1/change").await.is(403);
    other.post("/staff/venues/1/change", &[("decision", "approve")]).await.is(403);
}

#[tokio::test]
async fn an_invitation_is_a_code_for_the_camera_whose_secret_reaches_no_server() {
    let authority = Authority::start().await;
    let mut venue = register(&authority, PHONE).await;
    let page = venue.post("/venue/people", &[("name", "Lan, cổng chính")]).await;
    page.is(200).says("<svg").says("scan this code with the camera");
    let code = page.attribute("<p class=\"secret large\">").split('<').next().unwrap().to_owned();
    let mut phone = Browser::new(&authority);
    phone.get("/venue/join").await.is(200).says("venue-join-");
    phone.post("/venue/join", &[("code", &code)]).await.leads_to("/venue");
    let again = Browser::new(&authority).post("/venue/join", &[("code", &code)]).await;
    again.is(401).says("wrong, used or expired").says(&format!("value=\"{code}\""));
}
