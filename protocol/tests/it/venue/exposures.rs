//! From warnings to exposures: overlap, lingering, joining, and one daily summary.

use std::collections::BTreeMap;

use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence};
use vungxanh_protocol::risk::{RiskLevel, RiskParameters};
use vungxanh_protocol::venue::exposure::{VenueExposure, exposures};
use vungxanh_protocol::venue::rules::VenueRules;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::{Notice, VenueMatch};

use super::{HOUR, World, minute, notice, rng};

fn rules(lingering_minutes: u32, minimum_overlap_minutes: u32) -> VenueRules {
    VenueRules { lingering_minutes, minimum_overlap_minutes, time_weight: 50 }
}

/// The matches of a stay and a case's presence, in minutes of [`HOUR`].
fn venue_matches(stay: (u64, u64), case: &Notice, lingering: u32) -> Vec<VenueMatch> {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(stay.0), minute(stay.1), 0, &mut rng(2)).unwrap();
    let table = super::cells::table(&stay);
    case.hours(lingering)
        .flat_map(|hour| table.try_warning(&world.warning(hour, case)).unwrap())
        .collect()
}

fn minutes(found: &[VenueExposure]) -> Vec<(u64, u64)> {
    let minute_of = |time: UnixTime| time.since(HOUR.start()) / 60;
    found.iter().map(|exposure| (minute_of(exposure.from), minute_of(exposure.until))).collect()
}

fn overlap(stay: (u64, u64), case: (u64, u64), lingering: u32, minimum: u32) -> Vec<(u64, u64)> {
    let found = venue_matches(stay, &notice(case.0, case.1), lingering);
    minutes(&exposures(&found, &rules(lingering, minimum)))
}

#[test]
fn the_overlap_counts_and_nothing_else() {
    assert_eq!(overlap((10, 50), (30, 59), 0, 0), [(30, 50)]);
    assert_eq!(overlap((10, 50), (0, 60), 0, 0), [(10, 50)]);
    assert_eq!(overlap((10, 50), (20, 30), 0, 0), [(20, 30)]);
    assert_eq!(overlap((10, 20), (20, 30), 0, 0), []);
    assert_eq!(overlap((40, 50), (0, 30), 0, 0), []);
    // Before the case came nothing lingers.
    assert_eq!(overlap((0, 10), (30, 40), 60, 0), []);
}

#[test]
fn what_lingers_counts_also_into_the_next_hours() {
    assert_eq!(overlap((40, 55), (0, 30), 15, 0), [(40, 45)]);
    assert_eq!(overlap((65, 100), (10, 50), 10, 0), []);
    assert_eq!(overlap((65, 100), (10, 50), 30, 0), [(65, 80)]);
    assert_eq!(overlap((100, 170), (10, 50), 120, 0), [(100, 170)]);
    assert_eq!(overlap((100, 175), (10, 50), 120, 0), [(100, 170)]);
}

#[test]
fn parts_in_two_hours_are_one_exposure_for_the_minimum() {
    assert_eq!(overlap((50, 70), (0, 120), 0, 15), [(50, 70)]);
    assert_eq!(overlap((50, 64), (0, 120), 0, 15), []);
    assert_eq!(overlap((50, 65), (0, 120), 0, 15), [(50, 65)]);
    assert_eq!(overlap((0, 160), (0, 170), 0, 15), [(0, 160)]);
}

#[test]
fn a_moment_counts_once_however_often_it_is_warned_of() {
    let one = venue_matches((0, 50), &notice(0, 30), 0);
    let two = venue_matches((0, 50), &notice(20, 40), 0);
    let all = [one.clone(), one.clone(), two].concat();
    let found = exposures(&all, &rules(0, 0));
    assert_eq!(minutes(&found), [(0, 40)]);
    assert_eq!(found[0].texts, ["Gọi 1900 9095."]);
    assert_eq!((found[0].seconds(), found[0].venue.as_str()), (2_400, "Phở Thìn"));
    // Another infectiousness is another exposure.
    let weaker = Notice { infectiousness: Infectiousness::Standard, ..notice(20, 40) };
    let all = [one, venue_matches((0, 50), &weaker, 0)].concat();
    assert_eq!(minutes(&exposures(&all, &rules(0, 0))), [(0, 30), (20, 40)]);
}

#[test]
fn only_the_visitor_who_overlapped_is_warned() {
    let world = World::new(1);
    let table = |from, until| {
        let stay = world.poster.seal_stay(minute(from), minute(until), 0, &mut rng(from)).unwrap();
        super::cells::table(&stay)
    };
    let warning = world.warning(HOUR, &notice(0, 30));
    let warned = |table: &vungxanh_protocol::venue::cells::CellTable| {
        exposures(&table.try_warning(&warning).unwrap(), &rules(0, 15)).len()
    };
    assert_eq!(warned(&table(5, 40)), 1);
    assert_eq!(warned(&table(35, 55)), 0);
    assert_eq!(warned(&table(60, 119)), 0);
    // Elsewhere at the same time.
    let other = World::new(2);
    let stay = other.poster.seal_stay(minute(5), minute(40), 0, &mut rng(1)).unwrap();
    assert_eq!(warned(&super::cells::table(&stay)), 0);
}

#[test]
fn an_exposure_over_midnight_is_two_days() {
    let midnight = HOUR.end().plus(23 * 3_600);
    assert_eq!(midnight, midnight.day().start());
    let venue_match = |from: UnixTime, until: UnixTime| VenueMatch {
        venue: "Chợ".into(),
        companions: 0,
        visit_from: from,
        visit_until: until,
        case_from: HOUR.start(),
        case_until: midnight.plus(600),
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        text: String::new(),
    };
    let parts =
        [venue_match(midnight, midnight.plus(900)), venue_match(midnight.minus(480), midnight)];
    let found = exposures(&parts, &rules(0, 15));
    let days: Vec<_> = found.iter().map(|part| (part.day(), part.seconds())).collect();
    assert_eq!(days, [(midnight.day().minus(1), 480), (midnight.day(), 600)]);
    assert_eq!(exposures(&parts, &rules(0, 19)), []);
}

#[test]
fn findings_are_kept_as_json_and_read_back() {
    let found = venue_matches((0, 50), &notice(0, 30), 0);
    let json = serde_json::to_string(&found).unwrap();
    assert!(serde_json::from_str::<Vec<VenueMatch>>(&json).unwrap() == found);
}

fn window(seconds: u16) -> ExposureWindow {
    ExposureWindow {
        day: HOUR.start().day(),
        start: minute(0),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(0),
        confidence: CalibrationConfidence::High,
        authenticity: Authenticity::Authentic,
        scans: vec![ScanAttenuation {
            typical_attenuation_db: 60,
            minimum_attenuation_db: 60,
            seconds,
        }],
    }
}

#[test]
fn encounters_and_venues_join_in_one_daily_summary() {
    let risk = RiskParameters::narrow().with_levels(900, 1_800);
    // 20 minutes at weight 50, high infectiousness 100: 600.
    let venues = exposures(&venue_matches((0, 20), &notice(0, 60), 0), &rules(0, 15));
    let alone = risk.joint_daily_summaries(&[], &venues, 50);
    assert_eq!(alone.len(), 1);
    assert_eq!((alone[0].total.score_sum, alone[0].level), (600.0, RiskLevel::None));
    assert_eq!((alone[0].venue_seconds, alone[0].seconds_by_nearness), (1_200, [0; 4]));
    // 400 s at the near weight 100: 400; together they reach the lower level.
    let windows = [window(400)];
    let both = risk.joint_daily_summaries(&windows, &venues, 50);
    assert_eq!(both.len(), 1);
    assert_eq!((both[0].total.score_sum, both[0].level), (1_000.0, RiskLevel::Low));
    assert_eq!(both[0].total.maximum_score, 600.0);
    assert_eq!(both[0].by_report_type[&ReportType::ConfirmedTest].score_sum, 1_000.0);
    assert_eq!((both[0].venue_seconds, both[0].seconds_by_nearness), (1_200, [0, 400, 0, 0]));
    // Weight 0 takes venues out; without venues nothing changes.
    assert_eq!(risk.joint_daily_summaries(&windows, &venues, 0), risk.daily_summaries(&windows));
    assert_eq!(risk.joint_daily_summaries(&windows, &[], 50), risk.daily_summaries(&windows));
    // A type without weight counts nothing, and the minimum holds for venues too.
    let none = RiskParameters { report_type_weights: BTreeMap::new(), ..risk.clone() };
    assert_eq!(none.joint_daily_summaries(&[], &venues, 50), []);
    let minimum = RiskParameters { minimum_window_score: 601, ..risk };
    assert_eq!(minimum.joint_daily_summaries(&[], &venues, 50), []);
}

#[test]
fn standard_infectiousness_weighs_less() {
    let risk = RiskParameters::narrow();
    let weaker = Notice { infectiousness: Infectiousness::Standard, ..notice(0, 60) };
    let venues = exposures(&venue_matches((0, 20), &weaker, 0), &rules(0, 15));
    assert_eq!(risk.venue_score(&venues[0], 50), 180.0);
    assert_eq!(Hour::at(venues[0].from), HOUR);
}
