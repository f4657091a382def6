//! Under which addresses advertisements go out.
//!
//! Ours are not connectable. To such the kernel (`net/bluetooth/hci_sync.c`) gives a fresh
//! non-resolvable address each time, but with BlueZ's privacy on a resolvable one, by which paired
//! devices know the machine: a new one for each advertisement where the controller has extended
//! advertising, else one for all, which stays for 15 minutes. A connectable adapter makes every
//! advertisement connectable, and without privacy these show its own address: the daemon broadcasts
//! nothing while the adapter is discoverable, which BlueZ makes connectable, too, nor while it is left so.

use super::{Report, Verdict};
use crate::radio::bluez::bus::AdapterInfo;

const CONFIGURATION: &str = "/etc/bluetooth/main.conf";
/// What BlueZ takes for privacy switched on; anything else is off.
const ON: [&str; 5] = ["network", "on", "device", "limited-network", "limited-device"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Privacy {
    On,
    Off,
}

/// `extended`: the controller has extended advertising.
pub(super) fn examine(adapter: &AdapterInfo, extended: bool, report: &mut Report) {
    let configuration = std::fs::read_to_string(CONFIGURATION).unwrap_or_default();
    for (verdict, id) in judge(privacy_of(&configuration), shown(adapter), extended) {
        report.add_about(adapter, verdict, id, &adapter.address);
    }
    if !extended {
        report.add(Verdict::Weak, "legacy-advertising", &adapter.name);
    }
}

/// What makes advertisements show the adapter's own address. Not every BlueZ shows whether it is connectable.
fn shown(adapter: &AdapterInfo) -> Option<&'static str> {
    let left_connectable = adapter.connectable == Some(true);
    if adapter.discoverable {
        Some("public-address")
    } else {
        left_connectable.then_some("left-connectable")
    }
}

fn judge(
    privacy: Privacy,
    shown: Option<&'static str>,
    extended: bool,
) -> Vec<(Verdict, &'static str)> {
    let resolvable = match privacy {
        Privacy::On if extended => Some((Verdict::Weak, "privacy-extended")),
        Privacy::On => Some((Verdict::Weak, "privacy-legacy")),
        Privacy::Off => None,
    };
    let shown = shown.map(|id| (Verdict::Bad, id));
    let found: Vec<_> = resolvable.into_iter().chain(shown).collect();
    if found.is_empty() { vec![(Verdict::Good, "fresh-address")] } else { found }
}

/// `Privacy=` in the section `[General]`, as GLib's key files are read. A file with a line that is
/// none of theirs is refused whole, and BlueZ goes by its defaults: off.
fn privacy_of(configuration: &str) -> Privacy {
    let mut section = None;
    let mut privacy = Privacy::Off;
    for line in configuration.lines().map(str::trim_start) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.trim_end().strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = Some(name);
            continue;
        }
        let (Some(section), Some((key, value))) = (section, line.split_once('=')) else {
            return Privacy::Off;
        };
        if section == "General" && key.trim_end() == "Privacy" {
            // White space after the value is part of it.
            let on = ON.contains(&value.trim_start());
            privacy = if on { Privacy::On } else { Privacy::Off };
        }
    }
    privacy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_privacy_setting_is_read_as_bluez_reads_it() {
        for on in [
            "[General]\nName = x\nPrivacy = device\n",
            "# x\n\n [General] \n  Privacy=network\r\n[Policy]\nAutoEnable=true\n",
            "[General]\nPrivacy = on",
            "[General]\nPrivacy=limited-network",
            "[General]\nPrivacy=limited-device",
            "[General]\nPrivacy=off\nPrivacy=on",
            "[General]\n[Policy]\n[General]\nPrivacy=on",
        ] {
            assert_eq!(privacy_of(on), Privacy::On, "{on}");
        }
        for off in [
            "",
            "[General]\n# Privacy = device\n",
            "[General]\n#Privacy = device\n",
            "[General]\nPrivacy = off\n",
            "[General]\nPrivacy =\n",
            "[General]\nPrivacy = true\n",
            "[General]\nPrivacy = network/on\n",
            "[General]\nPrivacy = Device\n",
            "[General]\nPrivacy = device \n",
            "[General]\nPrivacy = device # comment\n",
            "[General]\nprivacy = device\n",
            "[General]\nPrivacy=on\nPrivacy=off",
            "[Policy]\nPrivacy = device\n",
            "Privacy = device\n[General]\n",
            "[General]\nPrivacy = device\nnonsense\n",
        ] {
            assert_eq!(privacy_of(off), Privacy::Off, "{off}");
        }
    }

    #[test]
    fn privacy_on_is_never_as_it_should_be() {
        let shown = (Verdict::Bad, "public-address");
        for (extended, id) in [(true, "privacy-extended"), (false, "privacy-legacy")] {
            let resolvable = (Verdict::Weak, id);
            assert_eq!(judge(Privacy::On, None, extended), [resolvable]);
            assert_eq!(judge(Privacy::On, Some(shown.1), extended), [resolvable, shown]);
            assert_eq!(judge(Privacy::Off, None, extended), [(Verdict::Good, "fresh-address")]);
            assert_eq!(judge(Privacy::Off, Some(shown.1), extended), [shown]);
        }
    }
}
