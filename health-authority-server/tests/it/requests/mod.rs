//! Requests to venues for their shares, over real HTTP: from a disclosed visit to the device that
//! is warned, and everything that can stand in between.

mod advance;
mod answers;
mod door_cards;
mod door_world;
mod doors;
mod history;
mod officer;
mod secrets;
mod texts;
mod times;
mod visits;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::venues::VenueState;
use health_authority_server::storage::audit::Actor;
use health_authority_server::storage::posters::PosterRow;
use health_authority_server::storage::share_requests::{RequestState, ShareRequest};
use serde_json::{Value, json};
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::cells::{CellTable, TakenCells};
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};
use vungxanh_protocol::venue::keys::ProvenVenueKey;
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::poster::{Poster, UnverifiedPoster};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_protocol::venue::warning::VenueMatch;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, SURE, register, staff};
use crate::warnings::{batch, publish};

const OFFICER: &str = "minh.tran";
const PHONE: &str = "+84912345678";

/// A venue that is approved, has its key and a poster, and an officer.
pub(crate) struct World {
    pub(crate) authority: Authority,
    secret: PartySecret,
    venue: i64,
    unit: i64,
}

/// What the page's script gets of one request.
struct Asked(Value);

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(Authority::start().await).await
    }

    async fn of(authority: Authority) -> Self {
        register(&authority, PHONE).await;
        let venue = authority.app.store.venues(VenueState::Pending, 9).await.unwrap()[0].venue;
        let unit = authority.app.store.units(venue).await.unwrap()[0].unit;
        staff(&authority, Role::CaseWorker, OFFICER).await;
        let secret = PartySecret::generate(&mut rand::rng());
        let world = Self { authority, secret, venue, unit };
        world.decide(VenueState::Approved).await;
        world.set_key(&world.secret).await;
        world
    }

    fn now(&self) -> UnixTime {
        self.authority.now()
    }

    async fn decide(&self, state: VenueState) {
        let app = &self.authority.app;
        let (issuer, actor) = (app.issuer(), Actor::command_line());
        let decided = app.store.decide_venue(
            self.venue,
            state,
            "reason",
            issuer.as_ref(),
            &actor,
            self.now(),
        );
        assert!(decided.await.unwrap());
    }

    async fn set_key(&self, secret: &PartySecret) {
        let (app, proof) = (&self.authority.app, secret.prove(Party::Venue));
        let key = secret.public_key().proven(&proof, Party::Venue).unwrap();
        let (issuer, actor) = (app.issuer(), Actor::command_line());
        let set =
            app.store.set_venue_key(self.venue, &key, &proof, issuer.as_ref(), &actor, self.now());
        assert!(set.await.unwrap());
    }

    /// All posters of the unit, in the order of issue.
    async fn posters(&self) -> Vec<PosterRow> {
        self.authority.app.store.posters_of_unit(self.unit).await.unwrap()
    }

    pub(crate) async fn poster(&self) -> PosterRow {
        self.posters().await.into_iter().rfind(|row| row.ended.is_none()).unwrap()
    }

    async fn venue_browser(&self) -> Browser<'_> {
        Browser::signed_in(&self.authority, PHONE).await
    }

    async fn officer(&self) -> Browser<'_> {
        Browser::signed_in(&self.authority, OFFICER).await
    }

    /// A visit at a poster that ended some minutes ago.
    fn visit(&self, poster: &PosterRow, minutes_ago: u64, minutes: u64) -> DisclosedVisit {
        let until = self.now().minus(minutes_ago * 60);
        let fingerprint = PosterFingerprint::from_bytes(poster.fingerprint);
        DisclosedVisit::new(fingerprint, until.minus(minutes * 60), until).unwrap()
    }

    /// The officer's form.
    async fn ask(&self, visits: &str) -> Got {
        self.ask_with(&[("visits", visits)]).await
    }

    async fn ask_with(&self, fields: &[(&str, &str)]) -> Got {
        let mut form = vec![
            ("test_type", "confirmed"),
            ("reason", "A case was at your market."),
            ("notice_text", "Gọi 1900 9095."),
        ];
        for field in fields {
            form.retain(|(name, _)| *name != field.0);
            form.push(*field);
        }
        self.officer().await.post("/staff/warnings", &form).await
    }

    /// What the venue's page gives its script.
    async fn asked(&self) -> Vec<Asked> {
        let page = self.venue_browser().await.get("/venue/requests").await;
        page.is(200);
        let data = data_of(&page);
        data["requests"].as_array().unwrap().iter().cloned().map(Asked).collect()
    }

    async fn give(&self, asked: &Asked, shares: &Value) -> Got {
        let path = format!("/venue/requests/{}/shares", asked.id());
        self.venue_browser().await.json(&path, shares).await
    }

    async fn requests(&self) -> Vec<ShareRequest> {
        self.authority.app.store.share_requests().await.unwrap()
    }

    async fn states(&self) -> Vec<RequestState> {
        self.requests().await.iter().map(|request| request.state).collect()
    }

    async fn authority_keys(&self) -> Vec<ProvenVenueKey> {
        let signed = self.authority.get("v1/authority", &[]).await.bytes().await.unwrap();
        let document = VerifiedAuthority::first_contact(&signed, self.now()).unwrap();
        document.document().proven_venue_keys().unwrap()
    }

    /// A poster as a device reads it.
    async fn scan(&self, shown: &[u8], at: UnixTime) -> Poster {
        let keys = self.authority_keys().await;
        UnverifiedPoster::read(shown).unwrap().verify(&keys, at).unwrap()
    }

    /// Publishes a batch and reads it as a device does that keeps `table`.
    async fn published_for(&self, table: &CellTable) -> Vec<VenueMatch> {
        let outcome = publish(&self.authority).await;
        let batch = batch(&self.authority, &outcome.files[0]).await;
        batch.warnings().iter().flat_map(|warning| table.try_warning(warning).unwrap()).collect()
    }

    /// A device that was at the poster from..until.
    fn cell_table(&self, poster: &Poster, from: UnixTime, until: UnixTime) -> CellTable {
        let rng = &mut rand::rng();
        let mut table = CellTable::new(14, Hour::at(self.now()), rng);
        let stay = poster.seal_stay(from, until, 0, rng).unwrap();
        table.record(&stay, &mut TakenCells::default(), rng).unwrap();
        table
    }
}

impl Asked {
    fn id(&self) -> i64 {
        self.0["id"].as_i64().unwrap()
    }

    fn slots(&self) -> &[Value] {
        self.0["slots"].as_array().unwrap()
    }

    fn hours(&self) -> Vec<u32> {
        self.slots()
            .iter()
            .map(|slot| u32::try_from(slot["hour"].as_u64().unwrap()).unwrap())
            .collect()
    }

    /// What the page's script makes with the venue's secret.
    fn shares(&self, secret: &PartySecret) -> Value {
        shares_of(&self.0["payload"], self.slots(), secret)
    }
}

/// The JSON in a page for its script.
fn data_of(page: &Got) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    let from = page.body.find(start).unwrap() + start.len();
    let length = page.body[from..].find("</script>").unwrap();
    serde_json::from_str(&page.body[from..from + length]).unwrap()
}

fn shares_of(payload: &Value, slots: &[Value], secret: &PartySecret) -> Value {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload.as_str().unwrap()).unwrap();
    let shares: Vec<Value> = slots
        .iter()
        .map(|slot| {
            let hour = Hour::new(u32::try_from(slot["hour"].as_u64().unwrap()).unwrap());
            let deriver = match slot["scanHour"].as_u64() {
                None => SlotDeriver::of_poster(&payload),
                Some(scan_hour) => {
                    let scan_hour = Hour::new(u32::try_from(scan_hour).unwrap());
                    let seed = hex::decode(slot["seed"].as_str().unwrap()).unwrap();
                    let seed = SecretBytes::from_slice(&seed).unwrap();
                    SlotDeriver::of_display(&payload, scan_hour, &seed)
                }
            };
            let share = secret.share(&deriver.identity(hour)).to_bytes();
            json!({"hour": hour.number(), "scanHour": slot["scanHour"], "share": hex::encode(share)})
        })
        .collect();
    json!({ "shares": shares })
}

#[tokio::test]
async fn exactly_those_are_warned_who_were_there_in_those_hours() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    // The case was there for 40 minutes of the last hour.
    let case = world.visit(&row, 15, 40);
    world.ask(&case.to_string()).await.leads_to("/staff/warnings?done=requests-opened");

    let asked = world.asked().await;
    let [asked] = &asked[..] else { panic!("one request") };
    assert_eq!(asked.0["reason"], "A case was at your market.");
    assert_eq!(asked.0["from"], case.from().as_secs());
    assert_eq!(asked.hours(), [Hour::at(case.from()).number()]);
    let page = world.venue_browser().await.get("/venue/requests").await;
    page.is(200).says("A case was at your market.").says("Whole venue");
    world.give(asked, &asked.shares(&world.secret)).await.is(200);
    assert_eq!(world.states().await, [RequestState::Approved]);
    assert!(world.asked().await.is_empty());

    let poster = world.scan(&row.payload, case.from()).await;
    let there = world.cell_table(&poster, case.from().plus(600), case.until());
    let earlier = Hour::at(case.from()).start();
    let before = world.cell_table(&poster, earlier.minus(3_000), earlier);
    let matches = world.published_for(&there).await;
    let [found] = &matches[..] else { panic!("one match") };
    assert_eq!((found.case_from, found.case_until), (case.from(), case.until()));
    assert_eq!(found.text, "Gọi 1900 9095.");
    let name = crate::warnings::index(&world.authority).await.pop().unwrap();
    for warning in batch(&world.authority, &name).await.warnings() {
        assert!(before.try_warning(warning).unwrap().is_empty(), "the hour before");
    }
    assert_eq!(world.states().await, [RequestState::Published]);
    let [request] = &world.requests().await[..] else { panic!("one request") };
    assert_eq!(request.details, None);
}

/// Who did what is in the log; which venue and which hour is not.
#[tokio::test]
async fn the_audit_log_tells_of_requests_by_number() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    world.ask(&world.visit(&row, 90, 40).to_string()).await.is(303);
    world.ask(&world.visit(&row, 200, 40).to_string()).await.is(303);
    let asked = world.asked().await;
    let path = format!("/venue/requests/{}/refuse", asked[0].id());
    let mut venue = world.venue_browser().await;
    venue
        .post(&path, &[("reason", "key lost"), SURE[0]])
        .await
        .leads_to("/venue/requests?done=request-refused");
    world.give(&asked[1], &asked[1].shares(&world.secret)).await.is(200);
    publish(&world.authority).await;
    let entries = world.authority.app.store.audit_entries(None, 20).await.unwrap();
    let told: Vec<(&str, &str, &str, &str)> = entries
        .iter()
        .filter(|entry| entry.subject.starts_with("request"))
        .map(|entry| {
            let actor = if entry.actor.name == "server" { "server" } else { "account" };
            (actor, entry.action.as_str(), entry.subject.as_str(), entry.detail.as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("server", "warnings-published", "request 2", ""),
            ("account", "shares-given", "request 2", ""),
            ("account", "shares-refused", "request 1", "key lost"),
            ("account", "shares-requested", "request 2", ""),
            ("account", "shares-requested", "request 1", ""),
        ]
    );
    assert_eq!(world.states().await, [RequestState::Published, RequestState::Refused]);
    // Refused ones are forgotten too, with their hours.
    world.authority.pass(15 * DAY_SECONDS);
    publish(&world.authority).await;
    assert!(world.states().await.is_empty());
}
