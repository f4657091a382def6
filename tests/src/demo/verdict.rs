//! What was expected against what was found.

use vungxanh_protocol::risk::RiskLevel;

use super::company::Remains;
use super::performance::Findings;
use super::story::{
    CARDS, CASE, CAST, Character, DOOR_VISITS, LEFT_OUT_PERIODS, LONGEST_SHOWN, Outcome,
    PUBLISHED_PERIODS,
};
use super::table::Row;
use super::teller::Teller;

/// Identifiers that one device is heard with in the story, at least. It shows one every ten minutes for
/// 19 hours, 114, but most of them for a tenth of a second of real time, between two scans of those who
/// record them on a busy machine. The longest that one is heard shows that they change in time.
const IDENTIFIERS_EACH: usize = 20;

/// All rows that can be filled while everything still runs.
pub fn rows(findings: &Findings, teller: &Teller) -> Vec<Row> {
    let people = CAST.iter().map(|character| person(character, findings, teller));
    people
        .chain([
            publication(findings, teller),
            look_alikes(findings, teller),
            batches(findings, teller),
            identifiers(findings, teller),
            declared(findings, teller),
            called(findings, teller),
            secrets(findings, teller),
        ])
        .collect()
}

fn person(character: &Character, findings: &Findings, teller: &Teller) -> Row {
    let text = |id| teller.texts().get(id);
    let told = |level: RiskLevel| {
        teller.texts().with("found-told", &[("level", teller.level(level).into())])
    };
    let what = teller.texts().with("row-person", &[("name", character.name.into())]);
    let expected = match character.outcome {
        Outcome::IsTold(level) => told(level),
        Outcome::Publishes | Outcome::IsToldNothing => text("found-told-nothing"),
    };
    let notices = findings.notices.get(character.id).map(Vec::as_slice).unwrap_or_default();
    let shown = findings
        .exposures
        .get(character.id)
        .and_then(|exposures| exposures.days.iter().map(|day| day.summary.level).max());
    // What the daemon reported and what `exposures` shows must agree.
    let found = match (notices.iter().max(), shown.unwrap_or(RiskLevel::None)) {
        (None, RiskLevel::None) => text("found-told-nothing"),
        (Some(level), shown) if *level == shown => told(shown),
        (_, shown) => format!("{notices:?} / {shown:?}"),
    };
    Row::same(what, expected, found)
}

fn publication(findings: &Findings, teller: &Teller) -> Row {
    let texts = teller.texts();
    let periods = |published: usize, left_out: usize, received: u64| {
        texts.with(
            "found-published",
            &[
                ("published", published.into()),
                ("left", left_out.into()),
                ("received", received.into()),
            ],
        )
    };
    let received = findings.statistics.get("keys_received").copied().unwrap_or(0);
    let name = CAST.iter().find(|character| character.id == CASE).map_or("", |case| case.name);
    Row::same(
        texts.with("row-published", &[("name", name.into())]),
        periods(PUBLISHED_PERIODS, LEFT_OUT_PERIODS, PUBLISHED_PERIODS as u64),
        periods(findings.reported.published, findings.reported.left_out, received),
    )
}

fn look_alikes(findings: &Findings, teller: &Teller) -> Row {
    let texts = teller.texts();
    let by_device = findings.statuses.values().map(|status| status.sync.dummy_uploads);
    let sent: u64 = by_device.clone().sum();
    let least = by_device.min().unwrap_or(0);
    let answered = findings.statistics.get("look_alike_publications").copied().unwrap_or(0);
    Row::check(
        texts.get("row-look-alikes"),
        texts.get("expected-look-alikes"),
        texts.with(
            "found-look-alikes",
            &[("sent", sent.into()), ("answered", answered.into()), ("least", least.into())],
        ),
        sent == answered && least >= 1,
    )
}

fn batches(findings: &Findings, teller: &Teller) -> Row {
    let texts = teller.texts();
    let verified = findings.verified;
    Row::check(
        texts.get("row-batches"),
        texts.get("expected-batches"),
        texts.with(
            "found-batches",
            &[("verified", verified.verified.into()), ("failed", verified.failed.into())],
        ),
        verified.failed == 0 && verified.verified >= 1,
    )
}

fn identifiers(findings: &Findings, teller: &Teller) -> Row {
    let texts = teller.texts();
    let minutes = |seconds: u64| seconds.div_ceil(60);
    let least = CAST.len() * IDENTIFIERS_EACH;
    Row::check(
        texts.get("row-identifiers"),
        texts.with(
            "expected-identifiers",
            &[("least", least.into()), ("minutes", minutes(LONGEST_SHOWN).into())],
        ),
        texts.with(
            "found-identifiers",
            &[
                ("count", findings.identifiers.into()),
                ("minutes", minutes(findings.longest_shown).into()),
            ],
        ),
        findings.identifiers >= least && findings.longest_shown <= LONGEST_SHOWN,
    )
}

/// The officer reads the one declaration, and nothing that cannot be opened.
fn declared(findings: &Findings, teller: &Teller) -> Row {
    let read = &findings.officers_list;
    let mut found = read.declared.join(", ");
    if read.unreadable > 0 {
        found = format!("{found} ({} unreadable)", read.unreadable);
    }
    Row::same(teller.texts().get("row-declared"), "Nguyễn Văn Dũng", found)
}

/// The officer's list names whose card was scanned with the case, and no one else's number.
fn called(findings: &Findings, teller: &Teller) -> Row {
    let with_case = |id: &str| DOOR_VISITS.iter().any(|visit| visit.with_case && visit.who == id);
    let of_cards = CARDS.iter().filter(|card| with_case(card.id));
    let expected: Vec<String> = of_cards
        .map(|card| format!("{} (+84{})", card.name, card.phone.trim_start_matches('0')))
        .collect();
    let calls = &findings.officers_list.calls;
    let found: Vec<String> =
        calls.iter().map(|(name, phone)| format!("{name} ({phone})")).collect();
    Row::same(teller.texts().get("row-called"), expected.join(", "), found.join(", "))
}

fn secrets(findings: &Findings, teller: &Teller) -> Row {
    let texts = teller.texts();
    let found = [("found", findings.leaked.into()), ("searched", findings.searched.into())];
    Row::check(
        texts.get("row-secrets"),
        texts.with("expected-secrets", &[("searched", findings.searched.into())]),
        texts.with("found-secrets", &found),
        findings.leaked == 0 && findings.search_works,
    )
}

/// The last row, when everything has been ended.
pub fn remains(remains: &Remains, teller: &Teller) -> Row {
    let texts = teller.texts();
    let nothing = texts.get("expected-remains");
    let found = if remains.are_none() { nothing.clone() } else { format!("{remains:?}") };
    Row::same(texts.get("row-remains"), nothing, found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vungxanh_daemon::control_api::{
        ExposureDay, Exposures, RadioStatus, Reported, Status, StoreStatus, SyncStatus, TimeSpan,
    };
    use vungxanh_daemon::platform::i18n::Language;
    use vungxanh_protocol::authority::ContactRules;
    use vungxanh_protocol::interval::{UnixTime, UtcDay};
    use vungxanh_protocol::risk::{DailySummary, SummaryScores};

    use super::*;
    use crate::demo::door_act::OfficersList;
    use crate::demo::performance::Verified;
    use crate::demo::table::all_hold;

    fn status(look_alikes: u64) -> Status {
        Status {
            tracing: true,
            problems: Vec::new(),
            version: String::new(),
            pid: 1,
            now: UnixTime::from_secs(0),
            authority: None,
            radio: RadioStatus::default(),
            store: StoreStatus::default(),
            sync: SyncStatus { dummy_uploads: look_alikes, ..SyncStatus::default() },
            level: RiskLevel::None,
            visit: None,
        }
    }

    fn exposures(level: RiskLevel) -> Exposures {
        let summary = DailySummary {
            day: UtcDay::new(20_514),
            total: SummaryScores::default(),
            by_report_type: BTreeMap::new(),
            seconds_by_nearness: [0; 4],
            venue_seconds: 0,
            level,
        };
        let notified_at = UnixTime::from_secs(0);
        let times = TimeSpan { from: notified_at, until: notified_at.plus(600) };
        let day = ExposureDay { summary, windows: 1, venues: Vec::new(), times, notified_at };
        Exposures { days: vec![day], advice: BTreeMap::new(), contacts: ContactRules::default() }
    }

    /// Everything as the story wants it.
    fn good() -> Findings {
        let nothing = Exposures {
            days: Vec::new(),
            advice: BTreeMap::new(),
            contacts: ContactRules::default(),
        };
        let mut findings = Findings {
            exposures: CAST.map(|character| (character.id, nothing.clone())).into(),
            notices: CAST.map(|character| (character.id, Vec::new())).into(),
            statuses: CAST.map(|character| (character.id, status(3))).into(),
            reported: Reported {
                published: PUBLISHED_PERIODS,
                left_out: LEFT_OUT_PERIODS,
                report_type: "confirmed".into(),
                expected_by: UnixTime::from_secs(0),
            },
            statistics: [("keys_received", 2), ("look_alike_publications", 24)]
                .map(|(name, count)| (name.to_owned(), count))
                .into(),
            verified: Verified { verified: 5, failed: 0, keys: 500 },
            identifiers: 600,
            longest_shown: 900,
            officers_list: OfficersList {
                declared: vec!["Nguyễn Văn Dũng".into()],
                calls: vec![("Cụ Sáu".into(), "+84987654321".into())],
                unreadable: 0,
            },
            searched: 601,
            leaked: 0,
            search_works: true,
        };
        findings.exposures.insert("minh", exposures(RiskLevel::High));
        findings.notices.insert("minh", vec![RiskLevel::High]);
        for warned in ["binh", "dung"] {
            findings.exposures.insert(warned, exposures(RiskLevel::Low));
            findings.notices.insert(warned, vec![RiskLevel::Low]);
        }
        findings
    }

    #[test]
    fn the_story_as_it_should_be_is_accepted() {
        assert!(all_hold(&rows(&good(), &Teller::new(Language::En))));
    }

    #[test]
    fn every_deviation_breaks_exactly_its_row() {
        type Deviation = (&'static str, fn(&mut Findings));
        let deviations: [Deviation; 20] = [
            ("Minh", |f| drop(f.notices.insert("minh", Vec::new()))),
            ("Minh", |f| drop(f.exposures.insert("minh", exposures(RiskLevel::Low)))),
            ("Bình", |f| drop(f.notices.insert("binh", Vec::new()))),
            ("Dũng", |f| drop(f.notices.insert("dung", Vec::new()))),
            ("Declarations that the officer reads", |f| f.officers_list.declared.clear()),
            ("Declarations that the officer reads", |f| f.officers_list.unreadable = 1),
            ("Whom the officer calls", |f| f.officers_list.calls.clear()),
            ("Whom the officer calls", |f| {
                f.officers_list.calls.push(("Bà Tư Hậu".into(), "+84976543210".into()));
            }),
            ("Hoa", |f| drop(f.notices.insert("hoa", vec![RiskLevel::Low]))),
            ("An", |f| drop(f.exposures.insert("an", exposures(RiskLevel::High)))),
            ("Lan's publication", |f| f.reported.left_out = 0),
            ("Lan's publication", |f| {
                f.statistics.insert("keys_received".into(), 3);
            }),
            ("Dummy uploads", |f| drop(f.statuses.insert("an", status(2)))),
            ("Dummy uploads", |f| {
                f.statuses = CAST.map(|character| (character.id, status(0))).into();
                f.statistics.insert("look_alike_publications".into(), 0);
            }),
            ("Signatures of batches", |f| f.verified.failed = 1),
            ("Signatures of batches", |f| f.verified.verified = 0),
            ("Identifiers on the air", |f| f.longest_shown = 1_201),
            ("Identifiers on the air", |f| f.identifiers = 159),
            ("Secrets at the authority", |f| f.leaked = 1),
            ("Secrets at the authority", |f| f.search_works = false),
        ];
        for (row, deviate) in deviations {
            let mut findings = good();
            deviate(&mut findings);
            let rows = rows(&findings, &Teller::new(Language::En));
            let broken = rows.iter().filter(|row| !row.holds).map(|row| row.what.as_str());
            assert_eq!(broken.collect::<Vec<_>>(), [row]);
        }
    }
}
