//! Warnings to the passes that this device holds: whoever was scanned at a door with a case is notified
//! as if they had checked in there.

use vungxanh_protocol::door::PassWarnings;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::HolderKey;
use vungxanh_protocol::venue::warning::VenueMatch;

use crate::store::StoreError;

/// A pass of this device, used or not.
pub struct HeldPass {
    /// Opens warnings to it.
    pub holder: HolderKey,
    /// When doors take it.
    pub valid_from: UnixTime,
    pub valid_until: UnixTime,
}

/// Where the passes of this device are.
pub trait HeldPasses: Send + Sync {
    /// All that are kept: which were used, no one knows.
    fn held(&self) -> Result<Vec<HeldPass>, StoreError>;
}

/// What a batch says to these passes. A notice about another time than that in which the pass was valid,
/// or about a time to come, says nothing.
pub(super) fn pass_matches(
    warnings: &PassWarnings,
    held: &[HeldPass],
    now: UnixTime,
) -> Vec<VenueMatch> {
    let mut found = Vec::new();
    for pass in held {
        for notice in warnings.notices_to(&pass.holder) {
            let is_possible = notice.from < pass.valid_until
                && pass.valid_from < notice.until
                && notice.from <= now;
            if is_possible {
                found.push(VenueMatch {
                    venue: notice.venue,
                    companions: 0,
                    visit_from: notice.from,
                    visit_until: notice.until,
                    case_from: notice.from,
                    case_until: notice.until,
                    report_type: notice.report_type,
                    infectiousness: notice.infectiousness,
                    text: notice.words,
                });
            }
        }
    }
    found
}
