//! How often the controller reports one device in a scan window.
//!
//! Linux has the controller leave out repetitions, unless an advertisement monitor of some program
//! is active. On the bus one sees whether BlueZ offers monitors, not whether one is active.

use super::{Report, Verdict};
use crate::radio::bluez::bus::AdapterInfo;

pub(super) fn examine(adapter: &AdapterInfo, report: &mut Report) {
    let monitors = &adapter.monitors;
    if monitors.kinds.is_empty() {
        return report.add(Verdict::Weak, "duplicate-filter", &adapter.name);
    }
    let offered = [&monitors.kinds[..], &monitors.features].concat().join(", ");
    report.add_about(adapter, Verdict::Weak, "duplicate-filter-monitors", offered);
}
