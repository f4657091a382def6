//! An officer looks for a venue.

use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::venues::VenueState;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, PASSWORD, SURE, register, staff};

const OFFICER: &str = "venue.officer";

/// A venue with another name and place than the first one.
async fn register_other(authority: &Authority, phone: &str, name: &str) {
    let mut browser = Browser::new(authority);
    let form = [
        ("name", name),
        ("kind", "shop"),
        ("street", "1 Lê Lợi"),
        ("province", "79"),
        ("ward_name", "Phường Sài Gòn"),
        ("registrant", "Trần Văn Bình"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("phone", phone),
    ];
    let asked = browser.post("/venue/register", &form).await;
    let pending = asked.is(200).attribute("name=\"pending\" value=\"");
    let code = authority.inbox.code(phone);
    browser
        .post("/venue/confirm", &[("pending", &pending), ("code", &code)])
        .await
        .leads_to("/venue");
}

#[tokio::test]
async fn venues_are_found_by_name_telephone_place_and_state() {
    let authority = Authority::start().await;
    staff(&authority, Role::VenueOfficer, OFFICER).await;
    register(&authority, "+84912345678").await;
    register_other(&authority, "+84987654321", "Siêu thị Bến Thành").await;
    let mut officer = Browser::signed_in(&authority, OFFICER).await;
    let refusal = [("decision", "refuse"), ("reason", "twice"), SURE[0]];
    officer.post("/staff/venues/2/decide", &refusal).await.leads_to("/staff/venues?done=refused");

    let (market, shop) = ("Chợ Đồng Xuân", "Siêu thị Bến Thành");
    for (query, found) in [
        ("", [true, false]),
        ("state=any", [true, true]),
        ("state=refused", [false, true]),
        ("text=dong+xuan", [true, false]),
        ("text=SIEU", [false, true]),
        ("text=0987+654+321", [false, true]),
        ("text=345678", [true, false]),
        ("text=ben+thanh&state=pending", [false, false]),
        ("province=1", [true, false]),
        ("province=79&ward_name=sai+gon", [false, true]),
        ("ward_name=hoan", [true, false]),
        ("province=79&text=dong", [false, false]),
        ("text=nothing", [false, false]),
        ("text=%3Cscript%3E&page=7", [false, false]),
    ] {
        let got = officer.get(&format!("/staff/venues?{query}")).await;
        let row = |name: &str| got.body.contains(&format!("\">{name}</a></th>"));
        assert_eq!([row(market), row(shop)], found, "{query}");
        assert!(!got.is(200).body.contains("<script>"), "{query}");
    }
    officer
        .get("/staff/venues?text=nothing")
        .await
        .says("No venue was found")
        .says("value=\"nothing\"");
    officer.get("/staff/venues?page=x").await.is(400);
}

#[tokio::test]
async fn a_venue_is_found_by_the_characters_on_its_poster() {
    let world = crate::requests::World::new().await;
    staff(&world.authority, Role::VenueOfficer, OFFICER).await;
    let fingerprint = hex::encode(world.poster().await.fingerprint);
    let mut officer = Browser::signed_in(&world.authority, OFFICER).await;
    let typed = format!("{}+{}", &fingerprint[..4], fingerprint[4..8].to_uppercase());
    officer.get(&format!("/staff/venues?text={typed}")).await.is(200).says("Chợ Đồng Xuân</a>");
    officer.get("/staff/venues?text=00000000").await.says("No venue was found");
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let authority = Authority::start().await;
    staff(&authority, Role::VenueOfficer, OFFICER).await;
    let database = authority.database().await;
    for number in 0..101 {
        sqlx::query(
            "INSERT INTO venues (name, kind, ward, ward_name, street, registrant, phone, state, \
             registered_at) VALUES ($1, 'shop', 1, 'Phường', '', 'An', $2, 'approved', 1)",
        )
        .bind(format!("Shop {number:03}"))
        .bind(format!("+8491200{number:04}"))
        .execute(&database)
        .await
        .unwrap();
    }
    database.close().await;
    assert_eq!(authority.app.store.venue_count(VenueState::Approved).await.unwrap(), 101);
    let mut officer = Browser::signed_in(&authority, OFFICER).await;
    let mut seen = 0;
    for (page, next) in [(0, true), (1, true), (2, false)] {
        let got = officer.get(&format!("/staff/venues?text=shop&page={page}")).await;
        seen += got.is(200).body.matches("Shop ").count();
        assert_eq!(got.body.contains("rel=\"next\""), next);
        assert_eq!(got.body.contains("rel=\"prev\""), page > 0);
        assert_eq!(got.body.contains(&format!("page={}\" rel=\"next\"", page + 1)), next);
    }
    assert_eq!(seen, 101);
}
