//! What was expected against what was found.

use vungxanh_protocol::risk::RiskLevel;

use super::company::Remains;
use super::performance::Findings;
use super::story::{
    CASE, CAST, Character, LEFT_OUT_PERIODS, LONGEST_SHOWN, Outcome, PUBLISHED_PERIODS,
};
use super::table::Row;
use super::teller::Teller;

/// Identifiers that one device shows in the story, at least: one every ten minutes for half a day
/// would be 72, and some fall between two scans of those who record them.
const IDENTIFIERS_EACH: usize = 50;
/// A noisy machine may hold up a change of identifiers by this many scaled seconds.
const HELD_UP: u64 = 600;

/// All rows that can be told while everything still runs.
pub fn rows(findings: &Findings, teller: &Teller) -> Vec<Row> {
    let people = CAST.iter().map(|character| person(character, findings, teller));
    people
        .chain([
            publication(findings, teller),
            look_alikes(findings, teller),
            batches(findings, teller),
            identifiers(findings, teller),
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
    // What the daemon told and what `exposures` shows must agree.
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
    let by_device = findings.statuses.values().map(|status| status.sync.look_alikes);
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
    let longest = LONGEST_SHOWN + HELD_UP;
    Row::check(
        texts.get("row-identifiers"),
        texts.with(
            "expected-identifiers",
            &[("least", least.into()), ("minutes", minutes(longest).into())],
        ),
        texts.with(
            "found-identifiers",
            &[
                ("count", findings.identifiers.into()),
                ("minutes", minutes(findings.longest_shown).into()),
            ],
        ),
        findings.identifiers >= least && findings.longest_shown <= longest,
    )
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
