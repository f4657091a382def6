//! `vungxanh exposures`: days near a case, how long, how near, and what to do.

use vungxanh_protocol::risk::RiskLevel;

use super::times::{duration, utc_day};
use super::{Context, Failure};
use crate::control::types::Exposures;

/// Arguments of `vungxanh exposures`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let exposures: Exposures = context.daemon()?.get("/v1/exposures")?;
    context.output.result(&exposures, |output| {
        if exposures.days.is_empty() {
            return output.line("exposures-none", &[]);
        }
        let rows = exposures.days.iter().map(|day| {
            let [immediate, near, medium, other] = day.summary.seconds_by_nearness;
            vec![
                utc_day(day.summary.day),
                output.texts().get(level_id(day.summary.level)),
                duration(immediate + near),
                duration(medium),
                duration(other),
                format!("{:.0}", day.summary.total.score_sum / 60.0),
            ]
        });
        output.table(
            &[
                "exposures-day",
                "exposures-level",
                "exposures-near",
                "exposures-medium",
                "exposures-far",
                "exposures-score",
            ],
            rows,
        );
        if let Some(advice) = exposures.advice.get(output.texts().language().tag()) {
            output.line("exposures-advice", &[("advice", advice.as_str().into())]);
        }
    });
    Ok(())
}

/// The text of a level.
pub(in crate::cli) const fn level_id(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::None => "level-none",
        RiskLevel::Low => "level-low",
        RiskLevel::High => "level-high",
    }
}
