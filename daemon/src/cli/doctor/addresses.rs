//! Under which addresses advertisements go out.

use super::{Report, Verdict};
use crate::radio::bluez::bus::AdapterInfo;

/// Whether our advertisements go out under a fresh private address each.
pub(super) fn examine(adapter: &AdapterInfo, hardware_offload: bool, report: &mut Report) {
    match privacy_setting() {
        Privacy::On => report.add(Verdict::Good, "privacy", "/etc/bluetooth/main.conf"),
        // Without privacy, a connectable adapter lends its own address to every advertisement.
        // BlueZ makes a discoverable adapter connectable.
        Privacy::Off if adapter.discoverable && adapter.address_type == "public" => {
            report.add(Verdict::Bad, "public-address", &adapter.address);
        }
        Privacy::Off if adapter.address_type == "public" => {
            report.add(Verdict::Weak, "privacy-off", &adapter.address);
        }
        Privacy::Off => report.add(Verdict::Good, "random-address", &adapter.address),
    }
    if !hardware_offload {
        report.add(Verdict::Weak, "legacy-advertising", &adapter.name);
    }
}

enum Privacy {
    On,
    Off,
}

/// `Privacy=` in the section `[General]` of BlueZ's configuration; off is its default.
fn privacy_setting() -> Privacy {
    let text = std::fs::read_to_string("/etc/bluetooth/main.conf").unwrap_or_default();
    privacy_of(&text)
}

fn privacy_of(configuration: &str) -> Privacy {
    let value = configuration
        .lines()
        .filter_map(|line| line.trim().split_once('='))
        .filter(|(key, _)| key.trim() == "Privacy")
        .map(|(_, value)| value.trim().to_lowercase())
        .next_back();
    match value.as_deref() {
        None | Some("off" | "") => Privacy::Off,
        Some(_) => Privacy::On,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_privacy_setting_is_read_as_bluez_reads_it() {
        let on = |text| matches!(privacy_of(text), Privacy::On);
        assert!(on("[General]\nName = x\nPrivacy = device\n"));
        assert!(on("[General]\nPrivacy=network/on"));
        assert!(!on("[General]\n# Privacy = device\n"));
        assert!(!on("[General]\nPrivacy = off\n"));
        assert!(!on(""));
    }
}
