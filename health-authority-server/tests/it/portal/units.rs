//! Units, their posters, and counts.

use health_authority_server::domain::accounts::Role;
use health_authority_server::storage::posters::{EndReason, PosterRow};
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::poster::UnverifiedPoster;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, SURE, register, staff};

const PHONE: &str = "+84912345678";

async fn set_key(authority: &Authority, venue: i64) -> PartySecret {
    let secret = PartySecret::generate(&mut rand::rng());
    let proof = secret.prove(Party::Venue);
    let proven = secret.public_key().proven(&proof, Party::Venue).unwrap();
    let store = &authority.app.store;
    let actor = store.credentials(PHONE).await.unwrap().unwrap().account.actor();
    let (issuer, now) = (authority.app.issuer(), authority.now());
    assert!(
        store.set_venue_key(venue, &proven, &proof, issuer.as_ref(), &actor, now).await.unwrap()
    );
    secret
}

/// An approved venue with its key.
async fn open_venue(authority: &Authority) -> Browser<'_> {
    let browser = register(authority, PHONE).await;
    staff(authority, Role::VenueOfficer, "minh").await;
    let mut officer = Browser::signed_in(authority, "minh").await;
    officer.post("/staff/venues/1/decide", &[("decision", "approve")]).await.is(303);
    set_key(authority, 1).await;
    browser
}

fn reason(poster: &PosterRow) -> Option<EndReason> {
    poster.ended.map(|(_, reason)| reason)
}

fn says(poster: &PosterRow) -> (String, u16) {
    let read = UnverifiedPoster::read(&poster.payload).unwrap();
    let content = read.unverified_content();
    (content.unit.clone(), content.default_stay_minutes())
}

#[tokio::test]
async fn a_list_adds_all_its_units_with_posters_or_nothing() {
    let authority = Authority::start().await;
    let mut venue = open_venue(&authority).await;
    let store = &authority.app.store;
    let bad = "tên;phút\nTầng 1;60\nTầng 2;61\nTầng 1;60\n";
    let got = venue.upload("/venue/units/upload", bad.as_bytes()).await;
    got.is(422).says("Line 3: the minutes").says("Line 4: the name").says("Nothing was added");
    let got = venue.upload("/venue/units/upload", b"T\xe2ng 1;60").await;
    got.is(422).says("CSV UTF-8");
    assert_eq!(store.units(1).await.unwrap().len(), 1);
    venue.upload("/venue/units/upload", &vec![b'a'; 140_000]).await.is(413);

    let good = "\u{feff}tên;phút\r\nTầng 1;60\r\nKhoa Nhi;\r\n";
    let got = venue.upload("/venue/units/upload", good.as_bytes()).await;
    got.leads_to("/venue/units?done=units-added");
    let posters = store.posters(1).await.unwrap();
    let units: Vec<_> = posters.iter().map(says).collect();
    assert_eq!(units, [("".into(), 120), ("Tầng 1".into(), 60), ("Khoa Nhi".into(), 120)]);
    let again = venue.upload("/venue/units/upload", good.as_bytes()).await;
    again.is(422).says("already exists");
    venue.get("/venue/units").await.is(200).says("Khoa Nhi").says("Poster valid");
}

#[tokio::test]
async fn a_poster_is_replaced_only_when_it_would_say_something_else() {
    let authority = Authority::start().await;
    let mut venue = open_venue(&authority).await;
    let store = &authority.app.store;
    venue.post("/venue/units", &[("name", "Tầng 1"), ("minutes", "60")]).await.is(303);
    let unit = store.units(1).await.unwrap()[1].unit;
    let path = format!("/venue/units/{unit}");
    let first = store.posters_of_unit(unit).await.unwrap();
    venue.post(&path, &[("name", " Tầng  1 "), ("minutes", "60")]).await.is(303);
    venue.post("/venue/posters/renew", &[]).await.is(303);
    assert_eq!(store.posters_of_unit(unit).await.unwrap(), first);

    venue.post(&path, &[("name", "Tầng 1"), ("minutes", "61")]).await.is(422);
    venue.post(&path, &[("name", "Tầng 1"), ("minutes", "90")]).await.is(303);
    let posters = store.posters_of_unit(unit).await.unwrap();
    assert_eq!(posters.len(), 2);
    assert_eq!((reason(&posters[0]), reason(&posters[1])), (Some(EndReason::Replaced), None));
    assert_eq!(says(&posters[1]), ("Tầng 1".into(), 90));

    let revoke = format!("/venue/posters/{unit}/revoke");
    venue.post(&revoke, &[]).await.is(200).says("Revoke the poster of").says("name=\"sure\"");
    venue.post(&revoke, &SURE).await.is(303);
    let posters = store.posters_of_unit(unit).await.unwrap();
    assert_eq!((reason(&posters[1]), reason(&posters[2])), (Some(EndReason::Revoked), None));
    assert_ne!(posters[1].fingerprint, posters[2].fingerprint);

    venue.post(&format!("{path}/close"), &[]).await.is(200).says("name=\"sure\"");
    venue.get(&path).await.is(200);
    venue.post(&format!("{path}/close"), &SURE).await.is(303);
    let posters = store.posters_of_unit(unit).await.unwrap();
    assert_eq!(reason(&posters[2]), Some(EndReason::Closed));
    venue.post(&format!("/venue/posters/{unit}/revoke"), &[]).await.is(404);
    venue.get(&path).await.is(404);
    let found = store.poster(&posters[0].fingerprint).await.unwrap().unwrap();
    assert_eq!(found, posters[0], "ended posters can still be looked up");
}

#[tokio::test]
async fn another_key_and_closing_end_the_posters() {
    let authority = Authority::start().await;
    let mut venue = open_venue(&authority).await;
    let store = &authority.app.store;
    let unit = store.units(1).await.unwrap()[0].unit;
    let second = set_key(&authority, 1).await;
    let posters = store.posters_of_unit(unit).await.unwrap();
    assert_eq!((reason(&posters[0]), reason(&posters[1])), (Some(EndReason::Rekeyed), None));
    assert_eq!(posters[1].venue_key, second.public_key().to_bytes());

    let mut officer = Browser::signed_in(&authority, "minh").await;
    let close = [("decision", "close"), ("reason", "Ngừng hoạt động")];
    officer.post("/staff/venues/1/decide", &close).await.is(200).says("Close “Chợ Đồng Xuân”?");
    let close = [&close[..], &SURE[..]].concat();
    officer.post("/staff/venues/1/decide", &close).await.is(303);
    assert!(store.posters(1).await.unwrap().is_empty());
    venue.get("/venue").await.is(200).says("The venue has been closed").says("Ngừng hoạt động");
    venue.post("/venue/posters/renew", &[]).await.is(303);
    assert!(store.posters(1).await.unwrap().is_empty(), "closed stays closed");
    let secret = PartySecret::generate(&mut rand::rng());
    let proof = secret.prove(Party::Venue);
    let proven = secret.public_key().proven(&proof, Party::Venue).unwrap();
    let actor = store.credentials(PHONE).await.unwrap().unwrap().account.actor();
    let set = store.set_venue_key(1, &proven, &proof, None, &actor, authority.now()).await;
    assert!(!set.unwrap());
}

#[tokio::test]
async fn a_venue_is_told_of_expiry_and_renews() {
    let authority = Authority::start_with("poster_days = 365", "poster_days = 60").await;
    let mut venue = open_venue(&authority).await;
    venue.get("/venue").await.says("Every unit has a valid poster");
    let store = &authority.app.store;
    let unit = store.units(1).await.unwrap()[0].unit;
    authority.pass(31 * 86_400);
    let mut venue = Browser::signed_in(&authority, PHONE).await;
    venue.get("/venue/units").await.says("expires soon");
    authority.pass(29 * 86_400);
    let mut venue = Browser::signed_in(&authority, PHONE).await;
    venue.get("/venue").await.says("expired").says("Issue and renew posters");
    venue.post("/venue/posters/renew", &[]).await.leads_to("/venue/units?done=renewed");
    let posters = store.posters_of_unit(unit).await.unwrap();
    assert_eq!((posters.len(), reason(&posters[0])), (2, Some(EndReason::Replaced)));
    assert_eq!(posters[1].expires, authority.now().day().plus(60));
    venue.get("/venue").await.says("Every unit has a valid poster");
}

#[tokio::test]
async fn a_display_has_a_poster_of_its_own_kind() {
    let authority = Authority::start().await;
    open_venue(&authority).await;
    let store = &authority.app.store;
    let unit = store.units(1).await.unwrap()[0].unit;
    let key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key();
    let actor = store.credentials(PHONE).await.unwrap().unwrap().account.actor();
    let (issuer, now) = (authority.app.issuer(), authority.now());
    let set = store
        .set_unit_display(1, unit, key.as_bytes(), b"sealed", issuer.as_ref(), &actor, now)
        .await;
    assert!(set.unwrap());
    let poster = &store.posters(1).await.unwrap()[0];
    let read = UnverifiedPoster::read(&poster.payload).unwrap();
    assert_eq!(read.unverified_content().display_key, Some(key));
    assert_eq!(poster.display_secret.as_deref(), Some(&b"sealed"[..]));
}

#[tokio::test]
async fn visits_are_counted_by_hour_and_forgotten() {
    let authority = Authority::start().await;
    let mut venue = register(&authority, PHONE).await;
    let unit = authority.app.store.units(1).await.unwrap()[0].unit.to_string();
    venue.get("/venue/scan").await.is(200).says("+1").says("Whole venue");
    let press = |people| [("unit", unit.as_str()), ("people", people)];
    venue.post("/venue/scan", &press("1")).await.leads_to(&format!("/venue/scan?unit={unit}"));
    venue.post("/venue/scan", &press("4")).await.is(303);
    for bad in ["0", "21", "-1", "x"] {
        venue.post("/venue/scan", &press(bad)).await.is(400);
    }
    authority.pass(3_600);
    venue.post("/venue/scan", &press("2")).await.is(303);
    let counts = authority.app.store.visit_counts(1, 0).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|count| count.visits).collect();
    assert_eq!(counts, [5, 2]);
    // 06:00 UTC is 13:00 in Viet Nam.
    let page = venue.get("/venue/counts").await;
    page.is(200).says("13:00").says("14:00").says("7 visits").says("1 Sep 2021");
    authority.pass(32 * 86_400);
    authority.batch().await;
    assert!(authority.app.store.visit_counts(1, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_authoritys_emblem_and_hotline_stand_on_pages_and_its_emblem_on_posters() {
    let folder = tempfile::tempdir().unwrap();
    let emblem = folder.path().join("emblem.png");
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[200; 12]).unwrap();
    writer.finish().unwrap();
    std::fs::write(&emblem, file).unwrap();
    let between = "\n# A telephone number at the foot of every page; empty: none.\n";
    let authority = Authority::start_with(
        &format!("emblem = \"\"{between}hotline = \"\""),
        &format!("emblem = {:?}{between}hotline = \"1900 9095\"", emblem.to_str().unwrap()),
    )
    .await;
    let mut venue = open_venue(&authority).await;
    for path in ["/", "/venue", "/venue/units"] {
        venue
            .get(path)
            .await
            .is(200)
            .says("<img src=\"/assets/emblem.png\"")
            .says("<a href=\"tel:19009095\">");
    }
    assert_eq!(venue.file("/assets/emblem.png").await.1, "image/png");
    let unit = authority.app.store.units(1).await.unwrap()[0].unit;
    let svg = venue.file(&format!("/venue/posters/{unit}.svg")).await.2;
    let svg = String::from_utf8(svg).unwrap();
    assert_eq!(svg.matches("data:image/png;base64,").count(), 1);
}

#[tokio::test]
async fn posters_are_files_to_print_for_their_own_venue_only() {
    let authority = Authority::start().await;
    let mut venue = open_venue(&authority).await;
    let unit = authority.app.store.units(1).await.unwrap()[0].unit;
    venue.post("/venue/units", &[("name", "Tầng 1"), ("minutes", "60")]).await.is(303);
    for (kind, content_type, begins) in [
        ("pdf", "application/pdf", &b"%PDF-"[..]),
        ("svg", "image/svg+xml", b"<"),
        ("png", "image/png", b"\x89PNG"),
    ] {
        let file = venue.file(&format!("/venue/posters/{unit}.{kind}")).await;
        assert_eq!((file.0, file.1.as_str()), (200, content_type));
        assert!(file.2.starts_with(begins), "{kind}");
    }
    let one = venue.file(&format!("/venue/posters/{unit}.pdf")).await.2.len();
    let all = venue.file("/venue/posters.pdf").await;
    assert!(all.0 == 200 && all.2.starts_with(b"%PDF-") && all.2.len() > one);
    assert_eq!(venue.file("/venue/posters.pdf?layout=eight").await.0, 200);
    for path in [
        "/venue/posters.pdf?layout=three",
        "/venue/posters.pdf?part=2",
        "/venue/posters/999.pdf",
        &format!("/venue/posters/{unit}.gif"),
        &format!("/venue/posters/{unit}"),
    ] {
        venue.get(path).await.is(404);
    }
    let mut other = register(&authority, "+84987654321").await;
    other.get(&format!("/venue/posters/{unit}.pdf")).await.is(404);
    other.get("/venue/posters.pdf").await.is(404);
    authority.pass(365 * 86_400);
    let mut venue = Browser::signed_in(&authority, PHONE).await;
    venue.get(&format!("/venue/posters/{unit}.pdf")).await.is(404);
    venue.get("/venue/units").await.says("Poster expired");
}
