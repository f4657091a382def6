//! Daily summaries, against numbers worked out by hand.

use std::collections::BTreeMap;

use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence};
use vungxanh_protocol::risk::{Nearness, RiskLevel, RiskParameters, SummaryScores};

const DAY: UtcDay = UtcDay::new(20_454);

/// Scans of (typical attenuation in dB, seconds).
fn window(report_type: ReportType, onset: Option<i32>, scans: &[(u8, u16)]) -> ExposureWindow {
    ExposureWindow {
        day: DAY,
        start: DAY.start(),
        report_type,
        days_since_onset: onset,
        confidence: CalibrationConfidence::High,
        authenticity: Authenticity::Authentic,
        scans: scans
            .iter()
            .map(|&(typical_attenuation_db, seconds)| ScanAttenuation {
                typical_attenuation_db,
                // Does not count in this model.
                minimum_attenuation_db: 0,
                seconds,
            })
            .collect(),
    }
}

fn confirmed(onset: i32, scans: &[(u8, u16)]) -> ExposureWindow {
    window(ReportType::ConfirmedTest, Some(onset), scans)
}

/// One scan on each edge of ENX's buckets and one just beyond.
const ENX_EDGES: [(u8, u16); 6] =
    [(30, 100), (31, 100), (50, 100), (51, 100), (60, 100), (61, 100)];

#[test]
fn enx_default() {
    let parameters = RiskParameters::enx_default();
    // 150 % of 100, 100 % of 200, 50 % of 200, nothing of 100.
    let edges = confirmed(0, &ENX_EDGES);
    assert_eq!(parameters.weighted_seconds(&edges), 450.0);
    assert_eq!(parameters.window_score(&edges), 450.0);
    // Five scans of four minutes at arm's length: 1200 * 1.5.
    assert_eq!(parameters.window_score(&confirmed(0, &[(25, 240); 5])), 1_800.0);
    // Standard and high count alike, on every day, and also without onset.
    for onset in [-14, -4, 0, 5, 14] {
        assert_eq!(parameters.window_score(&confirmed(onset, &[(40, 300)])), 300.0);
    }
    assert_eq!(
        parameters.window_score(&window(ReportType::ConfirmedTest, None, &[(40, 300)])),
        300.0
    );
}

#[test]
fn narrow_version_2() {
    let parameters = RiskParameters::narrow();
    let edges: Vec<(u8, u16)> =
        [55, 56, 67, 68, 75, 76].into_iter().map(|attenuation| (attenuation, 100)).collect();
    // 175 % of 100, 100 % of 200, 33 % of 200, nothing of 100.
    assert_eq!(parameters.weighted_seconds(&confirmed(0, &edges)), 441.0);
    // On onset fully, four days before with 30 %, six days after not at all.
    assert_eq!(parameters.window_score(&confirmed(0, &edges)), 441.0);
    assert_eq!(parameters.window_score(&confirmed(-4, &edges)), 132.3);
    assert_eq!(parameters.window_score(&confirmed(6, &edges)), 0.0);
    let infectiousness: Vec<_> = (-6..=7).map(|day| parameters.infectiousness(Some(day))).collect();
    use Infectiousness::{High, None, Standard};
    assert_eq!(
        infectiousness,
        [
            None, None, Standard, Standard, High, High, High, High, High, High, Standard, Standard,
            None, None
        ]
    );
}

#[test]
fn wide() {
    let parameters = RiskParameters::wide();
    let edges: Vec<(u8, u16)> =
        [55, 56, 70, 71, 80, 81].into_iter().map(|attenuation| (attenuation, 100)).collect();
    // 200 % of 100, 100 % of 200, 25 % of 200, nothing of 100.
    assert_eq!(parameters.weighted_seconds(&confirmed(0, &edges)), 450.0);
    assert_eq!(parameters.window_score(&confirmed(0, &edges)), 900.0);
    assert_eq!(parameters.window_score(&confirmed(-3, &edges)), 270.0);
}

#[test]
fn the_three_configurations_are_valid() {
    for parameters in
        [RiskParameters::enx_default(), RiskParameters::narrow(), RiskParameters::wide()]
    {
        assert_eq!(parameters.check(), Ok(()));
        let json = serde_json::to_string(&parameters).unwrap();
        assert_eq!(serde_json::from_str::<RiskParameters>(&json).unwrap(), parameters);
    }
}

#[test]
fn nearness_takes_in_its_threshold() {
    let parameters = RiskParameters::enx_default();
    let nearness: Vec<_> =
        [0, 30, 31, 50, 51, 60, 61, 255].map(|db| parameters.nearness(db)).into();
    use Nearness::{Immediate, Medium, Near, Other};
    assert_eq!(nearness, [Immediate, Immediate, Near, Near, Medium, Medium, Other, Other]);
}

#[test]
fn a_day_adds_up_by_report_type() {
    let mut parameters = RiskParameters::enx_default();
    parameters.report_type_weights =
        BTreeMap::from([(ReportType::ConfirmedTest, 100), (ReportType::ClinicalDiagnosis, 50)]);
    let windows = [
        confirmed(0, &[(40, 300), (40, 300)]),
        confirmed(0, &[(55, 300)]),
        window(ReportType::ClinicalDiagnosis, Some(0), &[(20, 200)]),
        // No weight: does not count.
        window(ReportType::SelfReport, Some(0), &[(20, 300)]),
        // Counts as a confirmed test.
        window(ReportType::Unknown, Some(0), &[(40, 60)]),
        ExposureWindow { day: DAY.plus(1), ..confirmed(0, &[(40, 120)]) },
    ];
    let summaries = parameters.daily_summaries(&windows);
    assert_eq!(summaries.len(), 2);

    let first = &summaries[0];
    assert_eq!(first.day, DAY);
    // 600, 150, 300 * 50 % and 60.
    assert_eq!(
        first.total,
        SummaryScores { maximum_score: 600.0, score_sum: 960.0, weighted_duration_sum: 1_110.0 }
    );
    let tests =
        SummaryScores { maximum_score: 600.0, score_sum: 810.0, weighted_duration_sum: 810.0 };
    let diagnoses =
        SummaryScores { maximum_score: 150.0, score_sum: 150.0, weighted_duration_sum: 300.0 };
    assert_eq!(
        first.by_report_type,
        BTreeMap::from([
            (ReportType::ConfirmedTest, tests),
            (ReportType::ClinicalDiagnosis, diagnoses)
        ])
    );
    assert_eq!(first.seconds_by_nearness, [200, 660, 300, 0]);
    assert_eq!(first.level, RiskLevel::Low);

    assert_eq!(summaries[1].day, DAY.plus(1));
    assert_eq!(summaries[1].total.score_sum, 120.0);
    assert_eq!(summaries[1].level, RiskLevel::None);
}

#[test]
fn windows_below_the_minimum_are_dropped_and_one_at_it_counts() {
    let mut parameters = RiskParameters::enx_default();
    parameters.minimum_window_score = 300;
    assert_eq!(parameters.daily_summaries(&[confirmed(0, &[(40, 299)])]), vec![]);
    let summaries =
        parameters.daily_summaries(&[confirmed(0, &[(40, 299)]), confirmed(0, &[(40, 300)])]);
    assert_eq!(summaries[0].total.score_sum, 300.0);
}

#[test]
fn levels_begin_at_their_score() {
    let parameters = RiskParameters::enx_default().with_levels(600, 1_200);
    let level = |scans: &[(u8, u16)]| {
        parameters.daily_summaries(&[confirmed(0, scans)]).first().map(|summary| summary.level)
    };
    assert_eq!(level(&[(70, 300)]), None);
    assert_eq!(level(&[(40, 300), (40, 299)]), Some(RiskLevel::None));
    assert_eq!(level(&[(40, 300), (40, 300)]), Some(RiskLevel::Low));
    assert_eq!(level(&[(40, 300), (40, 300), (40, 300), (40, 299)]), Some(RiskLevel::Low));
    assert_eq!(level(&[(40, 300); 4]), Some(RiskLevel::High));
}

#[test]
fn parameters_without_sense_are_refused() {
    let refused = |change: fn(&mut RiskParameters)| {
        let mut parameters = RiskParameters::enx_default();
        change(&mut parameters);
        match parameters.check() {
            Err(error) => error.to_string(),
            Ok(()) => panic!("accepted: {parameters:?}"),
        }
    };
    let no_case = "risk names a report type that is not of a case";
    assert_eq!(refused(|p| p.report_type_when_unknown = ReportType::Unknown), no_case);
    assert_eq!(refused(|p| p.report_type_when_unknown = ReportType::Revoked), no_case);
    let weighted = refused(|p| {
        p.report_type_weights.insert(ReportType::Unknown, 100);
    });
    assert_eq!(weighted, no_case);
    let weight = "a risk weight is 251 percent; the most is 250";
    assert_eq!(
        refused(|p| p.attenuation_thresholds_db = [50, 40, 60]),
        "risk.attenuation_thresholds_db must ascend"
    );
    assert_eq!(refused(|p| p.attenuation_weights[3] = 251), weight);
    assert_eq!(refused(|p| p.standard_infectiousness_weight = 251), weight);
    assert_eq!(refused(|p| p.high_infectiousness_weight = 251), weight);
    assert_eq!(
        refused(|p| {
            p.report_type_weights.insert(ReportType::SelfReport, 251);
        }),
        weight
    );
    let day_outside = |day: i32| {
        format!("risk.infectiousness_by_onset names day {day}; days from -14 to 14 are allowed")
    };
    assert_eq!(
        refused(|p| p.infectiousness_by_onset = BTreeMap::from([(15, Infectiousness::High)])),
        day_outside(15)
    );
    assert_eq!(
        refused(|p| p.infectiousness_by_onset = BTreeMap::from([(-15, Infectiousness::High)])),
        day_outside(-15)
    );
    assert_eq!(
        refused(|p| p.low_from_daily_score = p.high_from_daily_score + 1),
        "risk.low_from_daily_score is above high_from_daily_score"
    );
}

#[test]
fn the_day_number_of_these_tests_is_what_it_seems() {
    assert_eq!(UnixTime::from_secs(1_767_225_600).day(), DAY);
}
