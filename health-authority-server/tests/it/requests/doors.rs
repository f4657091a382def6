//! Supervised doors: from a scan to the pass that is warned, and everything that can go wrong between.

use health_authority_server::domain::doors::Bounds;
use health_authority_server::services::{backup, doors, intake_list};
use health_authority_server::storage::Store;
use health_authority_server::storage::doors::{NewDoorUpload, StoredUpload};
use vungxanh_protocol::door::{
    Contact, DoorKey, PassNotice, SealedContact, Shown, UPLOAD_CLASSES, seal_check_in,
};
use vungxanh_protocol::intake::IntakeKeys;
use vungxanh_protocol::pass::{HolderKey, Pass, PassKind, PassRequest, Presented};
use vungxanh_protocol::sealed_box::OpeningKey;

use super::advance::hand_over;
use super::door_world::*;
use super::*;

#[tokio::test]
async fn who_was_scanned_with_a_case_finds_a_notice_and_nobody_else_does() {
    let door = DoorWorld::new().await;
    let with = door.holder(PassKind::Live).await;
    let on_paper = door.holder(PassKind::Printed).await;
    let left_before = door.holder(PassKind::Live).await;
    let never_there = door.holder(PassKind::Live).await;
    let mut records = door.check_in(&with, 20, 118).await;
    records.extend(door.check_in(&on_paper, 50, 110).await);
    records.extend(door.check_in(&left_before, 5, 115).await);
    records.extend(door.check_out(&left_before, 30, 115).await);
    door.pass_minutes(150);
    assert_eq!(door.send(&records).await, [false; 2]);

    // The case was there from 40 to 80 minutes.
    door.disclose(40, 80).await;
    let asked = &door.world.asked().await[0];
    assert_eq!(asked.0["doors"], json!(asked.hours()));
    assert_eq!(asked.hours().len(), 2);
    // Before the records of the last hour are in, nobody answers.
    assert!(asked.0["wait"].as_str().unwrap().contains("16:00"), "{}", asked.0["wait"]);
    let got = door.world.give(asked, &door.answer(asked)).await;
    assert_eq!(error_of(&got), (409, "too-early".to_owned()));
    door.pass_minutes(30);
    let asked = &door.world.asked().await[0];
    assert_eq!(asked.0["wait"], Value::Null);
    door.world.give(asked, &door.answer(asked)).await.is(200);
    assert_eq!(door.world.states().await, [RequestState::Approved]);
    assert_eq!(door.count("SELECT COUNT(*) FROM due_pass_notices").await, 2);

    let batch = door.published().await;
    let [notice] = &batch.passes.notices_to(&with.key)[..] else { panic!("one notice") };
    // Both hours are one stay.
    assert_eq!((notice.from, notice.until), (door.at(40), door.at(80)));
    assert_eq!((notice.venue.as_str(), notice.words.as_str()), ("Chợ Đồng Xuân", "Gọi 1900 9095."));
    let [notice] = &batch.passes.notices_to(&on_paper.key)[..] else { panic!("one notice") };
    assert_eq!((notice.from, notice.until), (door.at(50), door.at(80)));
    for holder in [&left_before, &never_there] {
        assert_eq!(batch.passes.notices_to(&holder.key), Vec::<PassNotice>::new());
    }
    // Published: nothing leads to the venue any more, and nothing waits.
    assert_eq!(door.world.states().await, [RequestState::Published]);
    assert_eq!(door.count("SELECT COUNT(*) FROM due_pass_notices").await, 0);
    assert_eq!(door.world.authority.total("door_uploads").await, 2);
    assert_eq!(door.world.authority.total("door_hours_opened").await, 2);
    // What comes now is stored for a case that becomes known later, and the door is told.
    let more = door.holder(PassKind::Live).await;
    assert_eq!(door.send(&door.check_in(&more, 61, 119).await).await, [true]);
}

#[tokio::test]
async fn both_versions_of_a_batch_are_listed_and_hold_the_same_warnings() {
    let door = DoorWorld::new().await;
    let files = publish(&door.world.authority).await.files;
    let [slots, with_passes] = &files[..] else { panic!("two files: {files:?}") };
    assert_eq!(slots.strip_suffix(".vxw").unwrap(), with_passes.strip_suffix(".vxp").unwrap());
    let mut listed = crate::warnings::index(&door.world.authority).await;
    listed.sort();
    assert_eq!(listed, [with_passes.clone(), slots.clone()]);
    let old = batch(&door.world.authority, slots).await;
    let new = door.read(with_passes).await;
    assert!(new.slots == old);
    // An empty section looks like one with a few notices.
    assert_eq!(new.passes.size(), 32);
    // An authority that issues no passes has batches of version 1 only.
    let without = Authority::start().await;
    assert_eq!(publish(&without).await.files.len(), 1);
}

#[tokio::test]
async fn what_is_no_upload_of_that_hour_and_venue_is_refused_clearly() {
    let door = DoorWorld::new().await;
    let hour = Hour::at(door.start);
    let mut phone = door.phone().await;
    let records = vec![7; UPLOAD_CLASSES[0] * 352];
    let is = |status: u16, name: &str| (status, name.to_owned());
    let path = door.path(hour);
    assert_eq!(error_of(&phone.bytes(&path, records.clone()).await), is(409, "hour-not-over"));
    door.pass_minutes(60);
    let odd = vec![7; 65 * 352];
    assert_eq!(error_of(&phone.bytes(&path, odd).await), is(400, "not-records"));
    assert_eq!(error_of(&phone.bytes(&path, Vec::new()).await), is(400, "not-records"));
    phone.bytes(&path, vec![7; 10_000_000]).await.is(413);
    let foreign = format!("/venue/door/99/{}", hour.number());
    assert_eq!(error_of(&phone.bytes(&foreign, records.clone()).await), is(404, "not-found"));
    assert_eq!(door.count("SELECT COUNT(*) FROM door_uploads").await, 0);
    // The same again is there once.
    for _ in 0..2 {
        phone.bytes(&path, records.clone()).await.is(200);
    }
    assert_eq!(door.count("SELECT COUNT(*) FROM door_uploads").await, 1);
    // As many as are opened: 63 more uploads of the smallest class, or none of the largest.
    let largest = vec![7; UPLOAD_CLASSES[2] * 352];
    assert_eq!(error_of(&phone.bytes(&path, largest.clone()).await), is(429, "hour-full"));
    door.pass_minutes(60);
    phone.bytes(&door.path(Hour::new(hour.number() + 1)), largest).await.is(200);
    door.pass_minutes(14 * 24 * 60 - 61);
    phone = door.phone().await;
    phone.bytes(&path, vec![8; UPLOAD_CLASSES[0] * 352]).await.is(200);
    door.pass_minutes(1);
    let late = phone.bytes(&path, vec![9; UPLOAD_CLASSES[0] * 352]).await;
    assert_eq!(error_of(&late), is(409, "hour-too-old"));
}

#[tokio::test]
async fn one_venue_or_all_of_them_cannot_fill_the_disk() {
    let door = DoorWorld::new().await;
    let store = &door.world.authority.app.store;
    let bounds = Bounds { of_hour: 64, of_venue: 128, of_all: 150 };
    let put = async |id: u8, venue: i64, hour: u32, records: usize| {
        let new = NewDoorUpload {
            id: [id; 32],
            venue,
            unit: door.world.unit,
            hour: Hour::new(hour),
            day: 1,
            records,
            sealed: vec![id],
            opening: [0; 32],
        };
        store.put_door_upload(&new, bounds, door.start).await.unwrap()
    };
    let there = StoredUpload::There { late: false };
    let venue = door.world.venue;
    assert_eq!(put(1, venue, 5, 64).await, there);
    assert_eq!(put(1, venue, 5, 64).await, there, "the same again");
    assert_eq!(put(2, venue, 5, 1).await, StoredUpload::HourFull);
    assert_eq!(put(2, venue, 6, 64).await, there);
    assert_eq!(put(3, venue, 7, 1).await, StoredUpload::VenueFull);
    register(&door.world.authority, "+84987654321").await;
    assert_eq!(put(3, venue + 1, 8, 23).await, StoredUpload::ServerFull);
    assert_eq!(put(3, venue + 1, 8, 22).await, there);
}

#[tokio::test]
async fn records_that_prove_nothing_warn_nobody() {
    let door = DoorWorld::new().await;
    let hour = Hour::at(door.start);
    let with = door.holder(PassKind::Printed).await;
    let stranger = door.holder(PassKind::Live).await;
    let poster = door.poster_now().await;
    let rng = &mut rand::rng();
    let seal = |shown: &Shown, from: u64, until: u64| {
        let times = (door.at(from), door.at(until));
        seal_check_in(poster.slots(), poster.master(), shown, times, 0, &mut rand::rng()).unwrap()
    };
    // Not issued by this authority; shown long after the hour; a specimen.
    let day = door.pass_keys().await.list().local_time.day(door.start);
    let rogue = vungxanh_protocol::pass::PassIssuer::generate(rng);
    let name = vungxanh_protocol::pass::KeyName { day, kind: PassKind::Printed, id: 0 };
    let rogue_key = vungxanh_protocol::pass::DayKey::of(name, &rogue).unwrap();
    let request = PassRequest::new(&rogue_key, rng).unwrap();
    let (pass, key) = request.clone().finish(&rogue.issue(&request.blinded()), &rogue_key).unwrap();
    let forged = Holder { pass, key };
    let specimen_key = HolderKey::generate(rng);
    let specimen = Pass::specimen(false, day, &specimen_key).unwrap();
    let mut records = seal(&forged.shown(door.start), 5, 50);
    records.extend(seal(&Shown::Pass(Presented::Printed(specimen)), 5, 50));
    records.extend(seal(&stranger.shown(door.at(200)), 5, 50));
    let good = seal(&with.shown(door.start), 5, 50);
    records.extend(good.clone());
    // A replay counts once, and one moved into the next hour opens nothing.
    records.extend(good.clone());
    let next = Hour::new(hour.number() + 1);
    records.extend(good.iter().map(|(_, record)| (next, record.clone())));
    door.pass_minutes(60 + 60 + 60);
    door.send(&records).await;
    door.disclose(0, 55).await;
    let asked = &door.world.asked().await[0];
    door.world.give(asked, &door.answer(asked)).await.is(200);
    assert_eq!(door.count("SELECT COUNT(*) FROM due_pass_notices").await, 1);
    let batch = door.published().await;
    assert_eq!(batch.passes.notices_to(&with.key).len(), 1);
    for key in [&forged.key, &specimen_key, &stranger.key] {
        assert_eq!(batch.passes.notices_to(key), Vec::<PassNotice>::new());
    }
    // The slot key that the batch publishes opens no record of the door.
    let payload = &door.world.poster().await.payload;
    let identity = SlotDeriver::of_poster(payload).door_identity(hour);
    let own = &door.world.secret;
    for warning in batch.slots.warnings() {
        let published = warning.slot_key().unwrap().to_bytes();
        let as_share = vungxanh_protocol::door::DoorShare::from_bytes(&published).unwrap();
        let joined =
            DoorKey::join(&as_share, &own.door_share(&identity), poster.master(), &identity);
        assert!(joined.is_err());
    }
}

#[tokio::test]
async fn an_answer_without_the_doors_shares_or_with_wrong_ones_is_refused_whole() {
    let door = DoorWorld::new().await;
    let with = door.holder(PassKind::Live).await;
    let records = door.check_in(&with, 5, 110).await;
    door.pass_minutes(240);
    door.send(&records).await;
    door.disclose(10, 80).await;
    let asked = &door.world.asked().await[0];
    let is = |status: u16, name: &str| (status, name.to_owned());
    let without = asked.shares(&door.world.secret);
    assert_eq!(error_of(&door.world.give(asked, &without).await), is(422, "missing"));
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut answer = door.answer(asked);
        change(&mut answer["doors"]);
        answer
    };
    let rogue = PartySecret::generate(&mut rand::rng());
    let answers = [
        (changed(&|doors| *doors = door_shares(asked, &rogue)), "wrong"),
        (changed(&|doors| doors[0]["share"] = doors[1]["share"].clone()), "wrong"),
        // A share of the slot is none of the door.
        (changed(&|doors| doors[0]["share"] = without["shares"][0]["share"].clone()), "wrong"),
        (changed(&|doors| doors[0]["share"] = "00".into()), "unreadable"),
        (changed(&|doors| doors[0]["hour"] = 5.into()), "not-wanted"),
    ];
    for (answer, name) in answers {
        assert_eq!(error_of(&door.world.give(asked, &answer).await), is(422, name));
        assert_eq!(door.world.states().await, [RequestState::Waiting]);
    }
    for table in ["due_warnings", "due_pass_notices", "door_openings"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let pool = crate::warnings::pool(&door.world.authority).await;
        let sql = sqlx::AssertSqlSafe(sql);
        let kept: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        assert_eq!(kept, 0, "{table}");
    }
}

#[tokio::test]
async fn shares_in_advance_warn_check_ins_at_once_and_leave_the_door_to_the_venue() {
    let door = DoorWorld::new().await;
    let path = format!("/venue/advance/{}", door.world.unit);
    let mut venue = door.world.venue_browser().await;
    venue.post(&format!("{path}/on"), &[]).await.is(303);
    hand_over(&door.world).await.is(200);
    // Shares of a door are not taken in advance.
    let page = venue.get(&path).await;
    let data = data_of(page.is(200));
    let hour = data["slots"][0]["hour"].as_u64().unwrap();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(data["payload"].as_str().unwrap()).unwrap();
    let hour = Hour::new(u32::try_from(hour).unwrap());
    let identity = SlotDeriver::of_poster(&payload).door_identity(hour);
    let share = hex::encode(door.world.secret.door_share(&identity).to_bytes());
    let doors = json!({"shares": [], "doors": [{"hour": hour.number(), "share": share}]});
    assert_eq!(error_of(&venue.json(&path, &doors).await), (422, "not-wanted".to_owned()));

    let with = door.holder(PassKind::Live).await;
    let records = door.check_in(&with, 5, 55).await;
    let poster = door.poster_now().await;
    door.pass_minutes(180);
    door.send(&records).await;
    door.disclose(10, 50).await;
    // The poster from before the flag was asked for, too; it is another one's request.
    let waiting = door.world.asked().await;
    let of_flagged = |asked: &&Asked| {
        BASE64_URL_SAFE_NO_PAD.decode(asked.0["payload"].as_str().unwrap()).unwrap() == payload
    };
    let asked = waiting.iter().find(of_flagged).unwrap();
    assert_eq!((asked.slots().len(), asked.0["doors"].as_array().unwrap().len()), (0, 1));
    let there = door.world.cell_table(&poster, door.at(10), door.at(50));
    assert_eq!(door.world.published_for(&there).await.len(), 1, "before the venue has answered");
    door.world.give(asked, &door.answer(asked)).await.is(200);
    door.pass_minutes(120);
    assert_eq!(door.published().await.passes.notices_to(&with.key).len(), 1);
}

#[tokio::test]
async fn what_is_over_opens_no_more_even_from_an_old_backup_with_the_venues_answer() {
    let door = DoorWorld::new().await;
    let with = door.holder(PassKind::Printed).await;
    let records = door.check_in(&with, 5, 55).await;
    door.pass_minutes(180);
    door.send(&records).await;
    door.disclose(10, 50).await;
    let asked = &door.world.asked().await[0];
    door.world.give(asked, &door.answer(asked)).await.is(200);
    let app = &door.world.authority.app;
    let to = door.world.authority.folder.path().join("backup");
    backup::back_up(&door.folder, &app.config, &app.store, &to, door.world.now()).await.unwrap();
    // Everything lies under the day's key, which the backup does not have.
    let files = all_files(&to);
    assert!(files.iter().any(|path| path.ends_with("server.db")));
    assert!(!files.iter().any(|path| path.to_string_lossy().contains("doors")), "{files:?}");
    let database = std::fs::read(to.join("server.db")).unwrap();
    let (_, record) = &records[0];
    for secret in [&record.as_bytes()[..48], &with.pass.content().holder().as_bytes()[..]] {
        assert!(!database.windows(secret.len()).any(|part| part == secret));
    }
    let keys = || std::fs::read_dir(door.world.authority.dir().join("doors")).unwrap().count();
    door.pass_minutes(14 * 24 * 60);
    doors::expire(app).await.unwrap();
    assert_eq!(
        (keys(), door.count("SELECT COUNT(*) FROM door_uploads").await),
        (1, 1),
        "the last day"
    );
    door.pass_minutes(24 * 60);
    doors::expire(app).await.unwrap();
    assert_eq!((keys(), door.count("SELECT COUNT(*) FROM door_uploads").await), (0, 0));
    assert_eq!(door.count("SELECT COUNT(*) FROM due_pass_notices").await, 0);
    assert_eq!(door.count("SELECT COUNT(*) FROM door_openings").await, 0);
    // Rows that come back with the backup open nothing: not the records, not the notice.
    app.store.close().await;
    let path = door.world.authority.dir().join("server.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    std::fs::copy(to.join("server.db"), &path).unwrap();
    let store = Store::open(&path).await.unwrap();
    let hour = Hour::at(door.start);
    assert_eq!(store.door_uploads(door.world.unit, hour).await.unwrap().len(), 1);
    assert_eq!(store.due_pass_notices(9).await.unwrap().len(), 1);
    let mut batcher = app.warning_batcher();
    batcher.store = std::sync::Arc::new(store);
    let outcome = batcher.run_once(door.world.now()).await.unwrap();
    assert_eq!(outcome.notices, 0);
}

#[tokio::test]
async fn who_has_no_pass_is_called_by_officers_alone_and_only_if_there_with_the_case() {
    let door = DoorWorld::new().await;
    let signed = door.world.authority.get("v1/intake-keys", &[]).await.bytes().await.unwrap();
    let document =
        health_authority_server::authority::document::read(&door.folder).unwrap().document;
    let root = document.root_key().unwrap();
    let keys = IntakeKeys::read(&signed, &root, 0, door.start).unwrap();
    let day = keys.list().local_time.day(door.start);
    let key = keys.key_for(day, 1).unwrap();
    let contact = |name: &str, phone: &str| {
        let contact = Contact { name: name.into(), phone: phone.into() };
        let id = &document.id;
        Shown::Contact(SealedContact::seal(&contact, key, id, &mut rand::rng()).unwrap())
    };
    let poster = door.poster_now().await;
    let mut records = Vec::new();
    let (sau, lan) = (contact("Cụ Sáu", "+84912345670"), contact("Lan", "+84912345671"));
    for (shown, from, until) in [(&sau, 40, 118), (&lan, 5, 20)] {
        let times = (door.at(from), door.at(until));
        let (slots, master) = (poster.slots(), poster.master());
        records.extend(seal_check_in(slots, master, shown, times, 2, &mut rand::rng()).unwrap());
    }
    door.pass_minutes(180);
    door.send(&records).await;
    door.disclose(30, 80).await;
    let asked = &door.world.asked().await[0];
    door.world.give(asked, &door.answer(asked)).await.is(200);

    let app = &door.world.authority.app;
    let list = intake_list::make(app, day, 0, 1).await.unwrap();
    let opened = intake_list::open(list.as_bytes(), &door.officer).unwrap();
    let [call] = &opened.calls[..] else { panic!("one call: {:?}", opened.calls) };
    assert_eq!((call.name.as_str(), call.phone.as_str()), ("Cụ Sáu", "+84912345670"));
    assert_eq!((call.from, call.until, call.companions), (door.at(40), door.at(80), 2));
    assert_eq!((call.venue.as_str(), opened.unreadable), ("Chợ Đồng Xuân", 0));
    assert!(intake_list::open(list.as_bytes(), &OpeningKey::generate(&mut rand::rng())).is_err());
    // Whom the day's other keys open is not in it, and with the day it ends.
    let tomorrow = intake_list::make(app, day + 1, 0, 1).await.unwrap();
    assert!(intake_list::open(tomorrow.as_bytes(), &door.officer).unwrap().calls.is_empty());
    // The officer's browser gets the same, as sealed.
    let authority = &door.world.authority;
    staff(authority, Role::IntakeOfficer, "hoa").await;
    let mut browser = Browser::signed_in(authority, "hoa").await;
    let public = hex::encode(door.officer.public_key().as_bytes());
    browser.json("/staff/intake/key", &json!({"publicKey": public})).await.is(204);
    let days = browser.get("/staff/intake/days").await;
    let days: Value = serde_json::from_str(&days.is(200).body).unwrap();
    assert_eq!((&days["days"][0]["calls"], &days["days"][1]["calls"]), (&json!(1), &json!(0)));
    let (_, _, bytes) = browser.file(&format!("/staff/intake/days/{day}/0")).await;
    let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
    let head = &rest[..u32::from_be_bytes(*length) as usize];
    let (head, list): (Value, Value) =
        (serde_json::from_slice(head).unwrap(), serde_json::from_str(&list).unwrap());
    assert_eq!((&head["calls"], &head["keyId"]), (&list["calls"], &list["key_id"]));
    for secret in ["Cụ Sáu", "912345670", "912345671"] {
        for file in all_files(&door.world.authority.dir()) {
            let content = std::fs::read(&file).unwrap();
            let there = content.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!there, "{secret} in {}", file.display());
        }
    }
    door.pass_minutes(16 * 24 * 60);
    doors::expire(app).await.unwrap();
    let list = intake_list::make(app, day, 0, 1).await.unwrap();
    assert!(intake_list::open(list.as_bytes(), &door.officer).unwrap().calls.is_empty());
}

/// Passes of ten days ago are verified when a case of that day is disclosed.
#[tokio::test]
async fn keys_of_passes_stay_as_long_as_an_hour_can_be_opened() {
    let door = DoorWorld::new().await;
    let with = door.holder(PassKind::Printed).await;
    let records = door.check_in(&with, 5, 55).await;
    door.pass_minutes(60);
    door.send(&records).await;
    door.pass_minutes(13 * 24 * 60);
    door.make_keys();
    door.disclose(10, 50).await;
    let asked = &door.world.asked().await[0];
    door.world.give(asked, &door.answer(asked)).await.is(200);
    assert_eq!(door.published().await.passes.notices_to(&with.key).len(), 1);
}
