//! Printed cards at a door: whom officers call, and everything that reaches no one.

use health_authority_server::authority::intake::{
    card_issuer, destroy_card_quarter, make_card_keys, read_card_keys,
};
use health_authority_server::domain::quarter::Quarter;
use health_authority_server::services::cards::{self, CardError, CardOrder};
use health_authority_server::services::intake_list::{self, NumberFrom, OpenedList};
use health_authority_server::services::{backup, doors as door_service};
use vungxanh_protocol::door::{
    Card, CardIssuer, CardKey, CardUse, CardholderNumber, DoorDay, Scan, SealedRecord, Shown,
    seal_check_in, seal_check_out,
};
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::PassKind;
use vungxanh_protocol::sealed_box::OpeningKey;
use vungxanh_protocol::venue::party::{MasterKey, Party};

use super::door_world::*;
use super::*;

const LOCAL: LocalTime = LocalTime::VIET_NAM;

/// A number that officers call; `last` are its last two digits.
fn number(name: &str, last: u8) -> CardholderNumber {
    CardholderNumber { name: name.into(), phone: format!("+849876543{last:02}") }
}

impl DoorWorld {
    async fn with_card_keys() -> Self {
        let door = Self::new().await;
        make_card_keys(&door.folder, 1, LOCAL, door.start).unwrap();
        door
    }

    fn today(&self) -> u16 {
        LOCAL.day(self.start)
    }

    fn card_key(&self) -> (CardKey, CardIssuer) {
        let keys = read_card_keys(&self.folder).unwrap().unwrap();
        let key = *keys.key_for(self.today()).unwrap();
        (key, card_issuer(&self.folder, &key).unwrap().unwrap())
    }

    /// A card as staff make it.
    fn card(&self, name: &str, last: u8, single: Option<u16>) -> Card {
        let order = CardOrder { number: number(name, last), single, last_day: None };
        cards::make(&self.folder, &order, LOCAL, self.start).unwrap()[0]
    }

    fn authority_id(&self) -> &str {
        &self.world.authority.app.config.authority.id
    }

    /// A card that a program of somebody's own made.
    fn forged(&self, key: &CardKey, issuer: &CardIssuer, last_day: u16, last: u8) -> Card {
        let (number, rng) = (number("Giả", last), &mut rand::rng());
        issuer.make(key, CardUse::Lasting, last_day, &number, self.authority_id(), rng).unwrap()
    }

    async fn scanned(&self, card: Card, from: u64, until: u64) -> Vec<(Hour, SealedRecord)> {
        let poster = self.poster_now().await;
        let (slots, master) = (poster.slots(), poster.master());
        let times = (self.at(from), self.at(until));
        seal_check_in(slots, master, &Shown::Card(card), times, 1, &mut rand::rng()).unwrap()
    }

    /// The one answer of the venue to a case that was there between these minutes.
    async fn case_was_there(&self, from: u64, until: u64) {
        self.disclose(from, until).await;
        let asked = &self.world.asked().await[0];
        self.world.give(asked, &self.answer(asked)).await.is(200);
    }

    async fn list(&self, day: u16) -> OpenedList {
        let list = intake_list::make(&self.world.authority.app, day, 0, 1).await.unwrap();
        intake_list::open(list.as_bytes(), &self.officer).unwrap()
    }
}

/// Whether any file under a folder has these bytes.
fn is_in(folder: &std::path::Path, needle: &[u8]) -> bool {
    all_files(folder).iter().any(|file| {
        let content = std::fs::read(file).unwrap();
        content.windows(needle.len()).any(|part| part == needle)
    })
}

#[tokio::test]
async fn whose_card_was_scanned_with_a_case_is_called_and_nobody_else() {
    let door = DoorWorld::with_card_keys().await;
    let (sau, tu) = (door.card("Cụ Sáu", 1, None), door.card("Bà Tư", 2, None));
    let single = door.card("Ông Năm", 3, Some(10));
    let mut records = door.scanned(sau, 40, 118).await;
    records.extend(door.scanned(tu, 5, 20).await);
    records.extend(door.scanned(single, 60, 70).await);
    door.pass_minutes(180);
    door.send(&records).await;
    door.case_was_there(30, 80).await;

    let list = door.list(door.today()).await;
    let calls: Vec<_> = list
        .calls
        .iter()
        .map(|call| {
            (call.number_from, call.name.as_str(), call.phone.as_str(), call.from, call.until)
        })
        .collect();
    assert_eq!(
        calls,
        [
            (NumberFrom::Card, "Cụ Sáu", "+84987654301", door.at(40), door.at(80)),
            (NumberFrom::SingleCard, "Ông Năm", "+84987654303", door.at(60), door.at(70)),
        ]
    );
    assert_eq!((list.calls[0].venue.as_str(), list.calls[0].companions), ("Chợ Đồng Xuân", 1));
    assert_eq!(list.unreadable, 0);
    // Not in the list of the day after, and for no other key.
    assert!(door.list(door.today() + 1).await.calls.is_empty());
    let app = &door.world.authority.app;
    let file = intake_list::make(app, door.today(), 0, 1).await.unwrap();
    assert!(intake_list::open(file.as_bytes(), &OpeningKey::generate(&mut rand::rng())).is_err());

    // Neither numbers nor names nor what is sealed of them lie anywhere in the open.
    let to = door.world.authority.folder.path().join("backup");
    backup::back_up(&door.folder, &app.config, &app.store, &to, door.world.now()).await.unwrap();
    for folder in [door.world.authority.dir(), to] {
        for needle in ["9876543", "Cụ Sáu", "Bà Tư", "Ông Năm"] {
            assert!(!is_in(&folder, needle.as_bytes()), "{needle} in {}", folder.display());
        }
        for card in [sau, tu, single] {
            assert!(!is_in(&folder, &card.as_bytes()[5..37]));
            assert!(!is_in(&folder, hex::encode(&card.as_bytes()[5..37]).as_bytes()));
        }
    }
    // With the days on which anybody is warned the calls end.
    door.pass_minutes(16 * 24 * 60);
    door_service::expire(app).await.unwrap();
    assert_eq!(door.count("SELECT COUNT(*) FROM door_calls").await, 0);
}

#[tokio::test]
async fn cards_that_prove_nothing_reach_nobody() {
    let door = DoorWorld::with_card_keys().await;
    let (key, issuer) = door.card_key();
    let (own, other) = (CardIssuer::generate(&mut rand::rng()), door.card("Cụ Sáu", 1, None));
    let mut altered = *other.as_bytes();
    altered[40] ^= 1;
    let mut other_key = key;
    other_key.id = key.id + 1;
    let hour = Hour::at(door.start);
    let mut records = Vec::new();
    for card in [
        Card::from_bytes(&altered).unwrap(),
        // Expired the day before yesterday: good in the night from its last day only.
        door.forged(&key, &issuer, door.today() - 2, 4),
        // Another authority's, or somebody's own, under a known and an unknown id.
        door.forged(&key, &own, key.last_day, 5),
        door.forged(&other_key, &own, key.last_day, 6),
    ] {
        records.extend(door.scanned(card, 5, 50).await);
    }
    // Moved into the next hour it opens nothing.
    let moved = door.scanned(door.card("Bà Tư", 2, None), 5, 50).await;
    let next = Hour::new(hour.number() + 1);
    records.extend(moved.into_iter().map(|(_, record)| (next, record)));
    // What is no card at all is refused before anything is computed.
    assert!(Card::read_code(&format!("VXC1:{}", "9".repeat(10_000_000))).is_err());
    door.pass_minutes(180);
    door.send(&records).await;
    door.case_was_there(0, 100).await;
    assert_eq!(door.count("SELECT COUNT(*) FROM door_calls").await, 0);
    assert!(door.list(door.today()).await.calls.is_empty());
    assert_eq!(door.world.authority.total("door_uploads").await, 2);
}

#[tokio::test]
async fn a_card_for_one_use_that_is_used_twice_is_one_call_and_the_door_refuses_a_third_scan() {
    let door = DoorWorld::with_card_keys().await;
    let card = door.card("Cụ Sáu", 1, Some(10));
    let shown = Shown::Card(card);
    let mut day = DoorDay::new(&mut rand::rng());
    let mut scan = |minute| day.scan(&shown, door.at(minute), door.at(55), 0);
    assert_eq!(scan(5), Scan::In);
    assert!(matches!(scan(20), Scan::Out(_)));
    assert_eq!(scan(30), Scan::UsedHere);
    // A door that forgot what it had scanned seals it again.
    let mut records = door.scanned(card, 5, 55).await;
    let poster = door.poster_now().await;
    let (slots, master, times) = (poster.slots(), poster.master(), (door.at(20), door.at(55)));
    records.extend(seal_check_out(slots, master, &shown, times, &mut rand::rng()).unwrap());
    records.extend(door.scanned(card, 30, 50).await);
    door.pass_minutes(180);
    door.send(&records).await;
    door.case_was_there(0, 59).await;
    let list = door.list(door.today()).await;
    let [call] = &list.calls[..] else { panic!("one call: {:?}", list.calls) };
    assert_eq!((call.from, call.until), (door.at(5), door.at(20)));
}

#[tokio::test]
async fn cards_of_a_destroyed_quarter_reach_nobody_any_more() {
    let door = DoorWorld::with_card_keys().await;
    let card = door.card("Cụ Sáu", 1, None);
    let records = door.scanned(card, 5, 50).await;
    door.pass_minutes(180);
    door.send(&records).await;
    let quarter = Quarter::of_day(door.today());
    assert!(destroy_card_quarter(&door.folder, quarter, door.world.now()).unwrap());
    door.case_was_there(0, 59).await;
    assert!(door.list(door.today()).await.calls.is_empty());
    let order = CardOrder { number: number("Cụ Sáu", 1), single: None, last_day: None };
    let made = cards::make(&door.folder, &order, LOCAL, door.world.now());
    assert!(matches!(made, Err(CardError::NoKey)));
}

#[tokio::test]
async fn a_call_whose_quarter_was_destroyed_later_is_counted_as_unreadable() {
    let door = DoorWorld::with_card_keys().await;
    let records = door.scanned(door.card("Cụ Sáu", 1, None), 5, 50).await;
    door.pass_minutes(180);
    door.send(&records).await;
    door.case_was_there(0, 59).await;
    assert_eq!(door.list(door.today()).await.calls.len(), 1);
    destroy_card_quarter(&door.folder, Quarter::of_day(door.today()), door.world.now()).unwrap();
    let list = door.list(door.today()).await;
    assert_eq!((list.calls.len(), list.unreadable), (0, 1));
}

/// Somebody has another venue's poster and sends what is sealed to it under their own unit.
#[tokio::test]
async fn a_record_for_another_venues_key_opens_nothing_and_is_counted() {
    let door = DoorWorld::with_card_keys().await;
    let (card, poster) = (door.card("Cụ Sáu", 1, None), door.poster_now().await);
    let holder = door.holder(PassKind::Printed).await;
    let [venue, authority] = [(); 2].map(|()| PartySecret::generate(&mut rand::rng()));
    let proof = authority.prove(Party::Authority);
    let authority = authority.public_key().proven(&proof, Party::Authority).unwrap();
    let foreign = MasterKey::join(&venue.public_key(), &authority).unwrap();
    assert_ne!(foreign.to_bytes(), poster.master().to_bytes());
    let mut records = Vec::new();
    for shown in [Shown::Card(card), holder.shown(door.at(5))] {
        let times = (door.at(5), door.at(50));
        let sealed = seal_check_in(poster.slots(), &foreign, &shown, times, 0, &mut rand::rng());
        records.extend(sealed.unwrap());
    }
    door.pass_minutes(180);
    door.send(&records).await;
    door.case_was_there(0, 59).await;
    for sql in ["SELECT COUNT(*) FROM door_calls", "SELECT COUNT(*) FROM due_pass_notices"] {
        assert_eq!(door.count(sql).await, 0, "{sql}");
    }
    assert_eq!(door.world.authority.total("door_uploads").await, 1);
    let sql = "SELECT records FROM door_uploads";
    assert_eq!(door.count(sql).await, 64, "against the limits of its hour and venue");
}

/// What the officers' page fetches: the card, and the half that the officer's key opens.
#[tokio::test]
async fn the_officers_page_gets_cards_and_the_halves_that_open_them() {
    use base64::prelude::BASE64_STANDARD;
    use vungxanh_protocol::door::open_card_half;
    use vungxanh_protocol::intake::SealedHalf;

    let door = DoorWorld::with_card_keys().await;
    let card = door.card("Cụ Sáu", 1, None);
    let records = door.scanned(card, 5, 50).await;
    door.pass_minutes(180);
    door.send(&records).await;
    door.case_was_there(0, 59).await;
    let authority = &door.world.authority;
    staff(authority, Role::IntakeOfficer, "hoa").await;
    let mut page = Browser::signed_in(authority, "hoa").await;
    let public = hex::encode(door.officer.public_key().as_bytes());
    page.json("/staff/intake/key", &json!({"publicKey": public})).await.is(204);
    let (status, _, bytes) = page.file(&format!("/staff/intake/days/{}/0", door.today())).await;
    assert_eq!(status, 200);
    let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
    let head: Value =
        serde_json::from_slice(&rest[..u32::from_be_bytes(*length) as usize]).unwrap();
    assert_eq!(head["calls"], json!([]));
    let [sent] = &head["cards"].as_array().unwrap()[..] else { panic!("one card: {head}") };
    assert_eq!(BASE64_STANDARD.decode(sent["card"].as_str().unwrap()).unwrap(), card.as_bytes());
    assert_eq!(sent["venue"], "Chợ Đồng Xuân");
    let (key, _) = door.card_key();
    let [half] = &head["cardHalves"].as_array().unwrap()[..] else { panic!("one half: {head}") };
    assert_eq!(half["id"], key.id);
    let half = BASE64_STANDARD.decode(half["half"].as_str().unwrap()).unwrap();
    let half = SealedHalf::from_bytes(half.try_into().unwrap());
    let half = open_card_half(&half, 1, &door.officer, &key, door.authority_id()).unwrap();
    assert_eq!(card.open(&half, door.authority_id()).unwrap().phone, "+84987654301");
    // The day's list counts whom to call.
    let days = page.get("/staff/intake/days").await;
    let days: Value = serde_json::from_str(&days.is(200).body).unwrap();
    let of_today = |day: &&Value| day["day"] == door.today();
    let today = days["days"].as_array().unwrap().iter().find(of_today).unwrap();
    assert_eq!(today["calls"], 1);
}
