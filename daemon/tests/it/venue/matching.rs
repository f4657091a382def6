//! Batches of warnings against what is sealed, and what the person is notified of.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use vungxanh_daemon::control_api::{ExposureNotice, VenueTime};
use vungxanh_daemon::store::{EncounterStore, Forget};
use vungxanh_daemon::sync::SyncError;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::Infectiousness;
use vungxanh_protocol::diagnosis_key::ReportType::ConfirmedTest;
use vungxanh_protocol::door::{PassNotice, PassWarnings, WarningBatchWithPasses};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::HolderKey;
use vungxanh_protocol::risk::RiskLevel;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::batch::{HourHistogram, WarningBatch};
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::Warning;

use super::{NOON, Parties, minute};
use crate::support::authority::Fault;
use crate::support::fixture::{self, Bench, DOCUMENT, case, diagnosis, document, export, sign};

const INDEX: &str = "/v1/warnings/VN/index.txt";

/// A device that checks in, and an authority with venues whose cases linger for 30 minutes.
struct Town {
    bench: Bench,
    parties: Parties,
}

impl Town {
    async fn new() -> Self {
        let parties = Parties::new();
        let bench = Bench::start().await;
        let mut document = document(5);
        document.venue_keys = vec![parties.key()];
        document.venues.lingering_minutes = 30;
        bench.authority.with(|content| {
            content.files.insert(DOCUMENT.into(), sign(&document));
            content.files.insert(INDEX.into(), Vec::new());
        });
        let fingerprint = fixture::fingerprint(1);
        let replace = vungxanh_daemon::sync::Replace::Never;
        bench.sync.enrol(&bench.authority.url, &fingerprint, replace).await.unwrap();
        Self { bench, parties }
    }

    /// A visit in minutes after noon.
    fn visit(&self, name: &str, from: u64, until: u64, companions: u8) {
        let keys = [self.parties.key()];
        let poster = self.parties.poster(name);
        let check_ins = &self.bench.check_ins;
        check_ins.check_in(&poster, Some(companions), &keys, minute(from)).unwrap();
        check_ins.check_out(minute(until)).unwrap();
    }

    /// Time passes; the file of check-ins is rewritten.
    fn at(&self, minutes: u64) {
        self.bench.clock.set(minute(minutes));
        self.bench.check_ins.rewrite(minute(minutes), Some(14), false).unwrap();
    }

    /// Warnings about a case at a venue, one for each hour that counts.
    fn warnings(&self, name: &str, from: UnixTime, until: UnixTime) -> Vec<Warning> {
        let poster = self.parties.poster(name);
        let hours = Hour::touched(from, until.plus(30 * 60));
        hours.map(|hour| self.parties.warning(&poster, hour, from, until)).collect()
    }

    fn batch(&self, region: &str, warnings: Vec<Warning>, key: &SigningKey) -> Vec<u8> {
        let hours = HourHistogram::new(BTreeMap::from([(Hour::new(NOON.number() - 1), 1)]));
        let (from, until) = (minute(0), minute(120));
        let rng = &mut rand::rng();
        WarningBatch::assemble(region, from, until, warnings, &hours.unwrap(), rng)
            .unwrap()
            .to_signed(key)
            .unwrap()
    }

    /// Puts a file on the server and into the list of warnings.
    fn list(&self, name: &str, bytes: Vec<u8>) {
        self.bench.authority.with(|content| {
            let mut index = String::from_utf8(content.files[INDEX].clone()).unwrap();
            index.push_str(&format!("VN/{name}\n"));
            content.files.insert(INDEX.into(), index.into_bytes());
            content.files.insert(format!("/v1/warnings/VN/{name}"), bytes);
        });
    }

    /// Publishes that a case was somewhere, in minutes after noon.
    fn publish(&self, name: &str, venue: &str, from: i64, until: i64) {
        let time = |minutes: i64| {
            UnixTime::from_secs((NOON.start().as_secs() as i64 + minutes * 60) as u64)
        };
        let warnings = self.warnings(venue, time(from), time(until));
        self.list(name, self.batch("VN", warnings, &self.parties.warning_key));
    }

    /// The notices: venue, and minutes after noon.
    async fn exposed(&self) -> Vec<(String, u64, u64)> {
        let minutes = |time: UnixTime| time.since(NOON.start()) / 60;
        let days = self.bench.sync.exposures().await.unwrap();
        days.iter()
            .flat_map(|day| &day.venues)
            .map(|time: &VenueTime| (time.venue.clone(), minutes(time.from), minutes(time.until)))
            .collect()
    }
}

fn at(venue: &str, from: u64, until: u64) -> (String, u64, u64) {
    (venue.to_owned(), from, until)
}

#[tokio::test]
async fn who_was_there_is_told_with_lingering_and_who_was_not_is_not() {
    let town = Town::new().await;
    town.visit("Phở Thìn", 10, 59, 2);
    town.visit("Bún Chả", 60, 110, 0);
    town.at(121);
    // Left at 12:05; the place counts until 12:35.
    town.publish("1.vxw", "Phở Thìn", -60, 5);
    // Left at 11:50; what is left of the 30 minutes is shorter than the minimum of 15.
    town.publish("2.vxw", "Bún Chả", 30, 40);
    town.publish("3.vxw", "Chợ Hôm", 0, 90);
    let outcome = town.bench.fetch_all().await;
    assert_eq!(outcome.warnings, 3 * 32);
    assert_eq!(town.exposed().await, [at("Phở Thìn", 10, 35)]);
    let [day] = &town.bench.sync.exposures().await.unwrap()[..] else { panic!("not one day") };
    // 25 minutes at half weight.
    assert_eq!((day.summary.venue_seconds, day.summary.total.score_sum), (1_500, 750.0));
    assert_eq!(
        (day.venues[0].companions, &day.venues[0].texts[..]),
        (2, &["Gọi 1900 9095.".into()][..])
    );
    let notice = ExposureNotice { day: NOON.start().day(), level: RiskLevel::Low };
    assert_eq!(outcome.notices, [notice]);
    assert_eq!(town.bench.sync.status().warning_batches, 3);
}

/// Minutes at a venue with a case, as a notice to a pass says them.
fn notice(venue: &str, from: u64, until: u64) -> PassNotice {
    PassNotice {
        from: minute(from),
        until: minute(until),
        report_type: ConfirmedTest,
        infectiousness: Infectiousness::High,
        venue: venue.into(),
        words: "Gọi 1900 9095.".into(),
    }
}

impl Town {
    /// A pass that is valid on the day of noon.
    fn pass(&self) -> HolderKey {
        let holder = HolderKey::generate(&mut rand::rng());
        let valid = (minute(0).minus(12 * 3_600), minute(12 * 60));
        self.bench.passes.0.lock().unwrap().push((holder.clone(), valid.0, valid.1));
        holder
    }

    fn batch_with_passes(
        &self,
        warnings: Vec<Warning>,
        to: &[(&HolderKey, PassNotice)],
    ) -> Vec<u8> {
        let rng = &mut rand::rng();
        let hours = HourHistogram::new(BTreeMap::from([(Hour::new(NOON.number() - 1), 1)]));
        let hours = hours.unwrap();
        let slots = WarningBatch::assemble("VN", minute(0), minute(120), warnings, &hours, rng);
        let to: Vec<_> =
            to.iter().map(|(holder, notice)| (holder.public_key(), notice.clone())).collect();
        let passes = PassWarnings::assemble(&to, rng).unwrap();
        let batch = WarningBatchWithPasses { slots: slots.unwrap(), passes };
        batch.to_signed(&self.parties.warning_key).unwrap()
    }
}

#[tokio::test]
async fn who_was_scanned_is_told_as_if_they_had_checked_in() {
    let town = Town::new().await;
    town.visit("Phở Thìn", 10, 59, 0);
    let (shown, unused, stranger) =
        (town.pass(), town.pass(), HolderKey::generate(&mut rand::rng()));
    town.at(121);
    let warnings = town.warnings("Phở Thìn", minute(0), minute(30));
    let to = [
        (&shown, notice("Phở Thìn", 20, 70)),
        (&shown, notice("Rạp Tháng Tám", 80, 110)),
        // Shorter than the minimum of 15 minutes.
        (&unused, notice("Chợ Hôm", 80, 90)),
        (&stranger, notice("Nhà người lạ", 0, 110)),
    ];
    town.list("1-2-00001.vxp", town.batch_with_passes(warnings.clone(), &to));
    town.list("1-2-00001.vxw", town.batch("VN", warnings, &town.parties.warning_key));
    let outcome = town.bench.fetch_all().await;
    assert_eq!(outcome.warnings, 32, "one of the two versions");
    let old = town.bench.authority.requests("/v1/warnings/VN/1-2-00001.vxw");
    assert!(old.is_empty(), "{old:?}");
    // The own check-in (12:10 to 12:59) and the scan at the same place are one stay.
    let told = [at("Phở Thìn", 10, 70), at("Rạp Tháng Tám", 80, 110)];
    assert_eq!(town.exposed().await, told);
    assert_eq!(outcome.notices.len(), 1, "a day, as for check-ins");
    town.bench.fetch_all().await;
    assert_eq!(town.exposed().await, told, "once");
}

#[tokio::test]
async fn a_notice_about_another_time_than_the_passs_or_the_own_disclosed_visit_says_nothing() {
    let town = Town::new().await;
    let holder = town.pass();
    town.at(121);
    let day = 24 * 60;
    let fingerprint = PosterFingerprint::of_payload(b"poster");
    let visit = DisclosedVisit::new(fingerprint, minute(0), minute(60)).unwrap();
    town.bench.sync.disclosing(vec![visit]).await.unwrap();
    let mut before = notice("Hôm kia", 0, 60);
    (before.from, before.until) = (minute(0).minus(2 * day * 60), minute(60).minus(2 * day * 60));
    let to = [
        (&holder, before),
        (&holder, notice("Ngày mai", 200, 260)),
        (&holder, notice("Của mình", 5, 60)),
        (&holder, notice("Chợ Hôm", 30, 100)),
    ];
    town.list("1-2-00001.vxp", town.batch_with_passes(Vec::new(), &to));
    town.bench.fetch_all().await;
    assert_eq!(town.exposed().await, [at("Chợ Hôm", 30, 100)]);
}

#[tokio::test]
async fn a_batch_with_passes_that_is_not_signed_as_one_is_refused() {
    let town = Town::new().await;
    let holder = town.pass();
    town.at(121);
    // Of version 1 under the other name, and the other way round.
    town.list("1-2-00001.vxp", town.batch("VN", Vec::new(), &town.parties.warning_key));
    let with = town.batch_with_passes(Vec::new(), &[(&holder, notice("Chợ Hôm", 30, 100))]);
    town.list("2-3-00001.vxw", with.clone());
    let mut altered = with;
    let last = altered.len() - 1;
    altered[last] ^= 1;
    town.list("3-4-00001.vxp", altered);
    let outcome = town.bench.fetch().await;
    let signed =
        matches!(&outcome.error, Some(SyncError::Warnings { source: VenueError::Signed(_), .. }));
    assert!(signed, "{:?}", outcome.error);
    assert_eq!((outcome.warnings, town.exposed().await.len()), (0, 0));
}

#[tokio::test]
async fn time_at_a_venue_and_encounters_make_one_day() {
    let town = Town::new().await;
    let met = case(1);
    let day = met.rolling_start().day();
    assert_eq!(day, NOON.start().day().minus(1));
    // The same day: a visit the evening before.
    let from = met.rolling_start().start().plus(3_600);
    let keys = [town.parties.key()];
    town.bench.clock.set(from);
    let poster = town.parties.poster("Phở Thìn");
    town.bench.check_ins.check_in(&poster, None, &keys, from).unwrap();
    town.bench.check_ins.check_out(from.plus(3_000)).unwrap();
    town.bench.meet(&met, 3);
    town.at(0);
    let warnings = town.warnings("Phở Thìn", from, from.plus(3_000));
    town.list("1.vxw", town.batch("VN", warnings, &town.parties.warning_key));
    town.bench.list(&[("1.zip", export(1, (1, 1), &[diagnosis(&met, ConfirmedTest)], 2))]);
    let outcome = town.bench.fetch_all().await;
    let days = town.bench.sync.exposures().await.unwrap();
    assert_eq!(days.len(), 1);
    // Three scans of 300 s at full weight, 3,000 s at half.
    assert_eq!(days[0].summary.total.score_sum, 900.0 + 1_500.0);
    assert_eq!((days[0].windows, days[0].venues.len()), (1, 1));
    assert_eq!(outcome.notices.len(), 1);
}

#[tokio::test]
async fn a_warning_that_comes_before_the_visit_is_over_is_kept_for_it() {
    let mut town = Town::new().await;
    // The case left at 12:10; the warning for the hour comes at 12:20, the visitor at 12:15.
    town.at(20);
    town.publish("1.vxw", "Phở Thìn", -60, 10);
    assert_eq!(town.bench.fetch_all().await.warnings, 0);
    town.visit("Phở Thìn", 21, 55, 0);
    town.bench.restart();
    town.at(40);
    assert_eq!(town.bench.fetch_all().await.warnings, 0);
    assert!(town.exposed().await.is_empty());
    town.at(61);
    assert_eq!(town.bench.fetch_all().await.warnings, 32);
    assert_eq!(town.exposed().await, [at("Phở Thìn", 21, 40)]);
    assert_eq!(town.bench.authority.requests("/v1/warnings/VN/1.vxw").len(), 1, "fetched once");
}

#[tokio::test]
async fn batches_that_are_forged_or_another_regions_are_refused_and_put_off() {
    let town = Town::new().await;
    town.visit("Phở Thìn", 0, 59, 0);
    town.at(121);
    let warnings = || town.warnings("Phở Thìn", minute(0), minute(59));
    let good = &town.parties.warning_key;
    let mut cut = town.batch("VN", warnings(), good);
    cut.pop();
    let poster_key = town.batch("VN", warnings(), &town.parties.poster_key);
    let forged = town.batch("VN", warnings(), &SigningKey::from_bytes(&[9; 32]));
    let elsewhere = town.batch("HN", warnings(), good);
    let oversized = vec![b'A'; 600_000];
    let bad = [
        ("cut", cut),
        ("poster", poster_key),
        ("forged", forged),
        ("region", elsewhere),
        ("large", oversized),
    ];
    for (name, bytes) in bad.clone() {
        town.list(&format!("{name}.vxw"), bytes);
    }
    let outcome = town.bench.fetch().await;
    assert!(
        matches!(outcome.error, Some(SyncError::Warnings { source: VenueError::Signed(_), .. })),
        "{:?}",
        outcome.error
    );
    assert!(town.exposed().await.is_empty());
    town.list("good.vxw", town.batch("VN", warnings(), good));
    let outcome = town.bench.fetch_all().await;
    assert_eq!(outcome.warnings, 32, "the good one is tried all the same");
    assert_eq!(town.exposed().await, [at("Phở Thìn", 0, 59)]);
    for (name, _) in bad {
        let path = format!("/v1/warnings/VN/{name}.vxw");
        assert_eq!(town.bench.authority.requests(&path).len(), 1, "{name} is put off");
    }
}

#[tokio::test]
async fn interruptions_and_repetitions_count_nothing_twice() {
    let mut town = Town::new().await;
    town.visit("Phở Thìn", 0, 59, 0);
    town.at(121);
    town.publish("1.vxw", "Phở Thìn", 0, 59);
    let file = "/v1/warnings/VN/1.vxw";
    town.bench.authority.fault(file, Fault::CutAfter(1_000));
    assert!(town.bench.fetch().await.error.is_some());
    town.bench.restart();
    assert_eq!(town.bench.fetch_all().await.warnings, 32);
    let range = town.bench.authority.requests(file)[1].headers.get("range").cloned();
    assert_eq!(range.as_deref(), Some("bytes=1000-"));
    town.bench.restart();
    assert_eq!(town.bench.fetch_all().await.warnings, 0);
    // The same batch again under another name, and a second warning about the same presence.
    let bytes = town.bench.authority.with(|content| content.files[file].clone());
    town.list("2.vxw", bytes);
    town.publish("3.vxw", "Phở Thìn", 0, 59);
    assert_eq!(town.bench.fetch_all().await.warnings, 64);
    assert_eq!(town.exposed().await, [at("Phở Thìn", 0, 59)]);
    assert_eq!(town.bench.store.venue_matches().unwrap().len(), 1);
    town.bench.store.forget(Forget::AllDays).unwrap();
    assert!(town.exposed().await.is_empty());
}

#[tokio::test]
async fn what_is_fetched_does_not_depend_on_visits() {
    let mut paths = Vec::new();
    for visits in [0, 3] {
        let town = Town::new().await;
        for visit in 0..visits {
            town.visit("Phở Thìn", visit * 15, visit * 15 + 10, 0);
        }
        town.at(121);
        town.publish("1.vxw", "Phở Thìn", 0, 59);
        town.bench.fetch_all().await;
        town.bench.fetch_all().await;
        let requests = town.bench.authority.with(|content| content.requests.clone());
        let asked: Vec<_> =
            requests.into_iter().map(|request| (request.method, request.path)).collect();
        paths.push(asked);
    }
    assert_eq!(paths[0], paths[1]);
    assert!(paths[0].contains(&("GET".into(), "/v1/warnings/VN/1.vxw".into())));
}

#[tokio::test]
async fn an_authority_without_venues_is_not_asked_for_warnings() {
    let bench = Bench::enrolled().await;
    bench.fetch_all().await;
    let asked = bench.authority.with(|content| content.requests.clone());
    assert!(!asked.iter().any(|request| request.path.contains("warnings")));
    assert!(bench.clock.now() >= fixture::NOW);
}
