//! The authority's rules for check-ins: which visits are exposures, and how much they weigh.

use serde::{Deserialize, Serialize};

/// The highest weight, in percent (GAEN v2, `DailySummariesConfig`).
pub(crate) const MAX_WEIGHT: u16 = 250;
/// The longest time that a rule can name: a day.
const MAX_MINUTES: u32 = 24 * 60;

/// Rules for venue check-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueRules {
    /// Minutes for which a venue counts as exposed after the case has left.
    pub lingering_minutes: u32,
    /// Minutes of overlap from which a visit counts.
    pub minimum_overlap_minutes: u32,
    /// Weight of time at a venue where a case was, in percent, 0..=250; it stands for the nearness
    /// that was not measured. 50 where a document does not say it.
    #[serde(default = "default_time_weight")]
    pub time_weight: u16,
}

/// [`VenueRules::time_weight`] of documents that do not say it: half, as at medium nearness.
pub const DEFAULT_VENUE_TIME_WEIGHT: u16 = 50;

const fn default_time_weight() -> u16 {
    DEFAULT_VENUE_TIME_WEIGHT
}

/// Why rules for check-ins were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VenueRulesError {
    /// A rule longer than a day.
    #[error("{rule} = {minutes}; a client accepts 0 to {MAX_MINUTES} minutes")]
    TooLong {
        /// Name of the rule.
        rule: &'static str,
        /// Its value.
        minutes: u32,
    },
    /// A weight beyond what Exposure Notifications allows.
    #[error("time_weight = {0}; a client accepts 0 to {MAX_WEIGHT} percent")]
    WeightTooHigh(u16),
}

impl VenueRules {
    /// Refuses rules longer than a day, and weights that nothing has.
    pub fn check(&self) -> Result<(), VenueRulesError> {
        let rules = [
            ("lingering_minutes", self.lingering_minutes),
            ("minimum_overlap_minutes", self.minimum_overlap_minutes),
        ];
        for (rule, minutes) in rules {
            if minutes > MAX_MINUTES {
                return Err(VenueRulesError::TooLong { rule, minutes });
            }
        }
        if self.time_weight > MAX_WEIGHT {
            return Err(VenueRulesError::WeightTooHigh(self.time_weight));
        }
        Ok(())
    }
}
