//! BlueZ, its adapters, and whether there is room for an advertisement.

use super::daemon::RunningDaemon;
use super::{Report, Verdict, addresses, duplicates};
use crate::failure::Failure;
use crate::radio::bluez::bus::{AdapterInfo, AdvertisingInfo, Bus, BusError};
use crate::radio::bluez::choice::AdapterChoice;

/// An advertisement of ours needs all 31 bytes, so that it needs a slot of its own.
const SLOTS_NEEDED: u8 = 1;

pub(super) fn examine(
    choice: &AdapterChoice,
    daemon: Option<&RunningDaemon>,
    report: &mut Report,
) -> Result<(), Failure> {
    let looked = super::runtime()?.block_on(async { Bus::connect().await?.adapters().await });
    match looked {
        Err(error @ BusError::NoBus(_)) => report.add(Verdict::Bad, "no-bus", error),
        Err(error @ BusError::NoBlueZ) => report.add(Verdict::Bad, "no-bluez", error),
        Err(error @ BusError::Denied(_)) => report.add(Verdict::Bad, "denied", error),
        Err(error) => report.add(Verdict::Bad, "bluez-fails", error),
        Ok(adapters) => {
            examine_version(report);
            examine_adapters(choice, &adapters, daemon, report);
            if let Some(adapter) = choice.choose(&adapters) {
                duplicates::examine(adapter, report);
            }
        }
    }
    Ok(())
}

/// BlueZ does not show its version on the bus; its program does.
fn examine_version(report: &mut Report) {
    let version =
        ["bluetoothctl", "/usr/libexec/bluetooth/bluetoothd"].iter().find_map(|program| {
            let output = std::process::Command::new(program).arg("--version").output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            text.split_whitespace().last().map(str::to_owned)
        });
    match version {
        Some(version) => report.add(Verdict::Good, "bluez-version", version),
        None => report.add(Verdict::Weak, "bluez-version-unknown", ""),
    }
}

fn examine_adapters(
    choice: &AdapterChoice,
    adapters: &[AdapterInfo],
    daemon: Option<&RunningDaemon>,
    report: &mut Report,
) {
    for adapter in adapters {
        let power = if adapter.powered { "on" } else { "off" };
        let line = format!("{} {} ({power})", adapter.name, adapter.address);
        report.add(Verdict::Good, "adapter", line);
    }
    let chosen = choice.choose(adapters);
    if let Some(daemon) = daemon.filter(|daemon| daemon.uses_another(choice, chosen)) {
        report.add(Verdict::Weak, "another-radio", daemon.radio_name());
    }
    let Some(adapter) = chosen else {
        return report.add(Verdict::Bad, "no-adapter", choice);
    };
    if !adapter.powered {
        report.add_about(adapter, Verdict::Bad, "adapter-off", &adapter.name);
    }
    match &adapter.advertising {
        None => report.add(Verdict::Bad, "cannot-advertise", &adapter.name),
        Some(slots) => {
            let ours = daemon.is_some_and(|daemon| daemon.uses(adapter) && daemon.broadcasts());
            examine_slots(adapter, slots, ours, report);
            addresses::examine(adapter, slots.hardware_offload, report);
        }
    }
}

/// `ours`: an advertisement of the daemon's is among those in use.
fn examine_slots(adapter: &AdapterInfo, slots: &AdvertisingInfo, ours: bool, report: &mut Report) {
    let detail = format!("{} free, {} in use", slots.free, slots.active);
    if slots.free >= SLOTS_NEEDED || (ours && slots.active >= SLOTS_NEEDED) {
        report.add(Verdict::Good, "advertising", detail);
    } else if slots.active == 0 {
        report.add(Verdict::Bad, "cannot-advertise", &adapter.name);
    } else {
        report.add(Verdict::Bad, "no-slot", format!("{}: {detail}", adapter.name));
    }
}
