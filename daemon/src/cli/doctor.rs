//! `vungxanh doctor`: whether tracing can work on this machine, and how to mend what does not.
//! Works without the daemon; exit code 0 only when tracing works.

use clap::builder::BoolishValueParser;
use serde::Serialize;

use super::{Context, Exit, Failure, Output};
use crate::control::types::Status;
use crate::desktop::service::{self, Presence, Service, ServiceError};
use crate::radio::bluez::bus::{AdapterInfo, Bus, BusError};
use crate::radio::bluez::choice::AdapterChoice;
use crate::radio::calibration::Calibration;
use crate::radio::scan_settings;

/// An advertisement of ours needs all 31 bytes, so that it needs a slot of its own.
const SLOTS_NEEDED: u8 = 1;
/// 2026-01-01: no machine with a true clock runs this before.
const EARLIEST_PLAUSIBLE: u64 = 1_767_225_600;

/// Arguments of `vungxanh doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-run-radio
    #[arg(long, value_name = "RADIO", env = "VUNGXANH_RADIO")]
    radio: Option<String>,
    /// help-doctor-no-notifications
    #[arg(long, env = super::NO_NOTIFICATIONS, value_parser = BoolishValueParser::new())]
    no_notifications: bool,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// As it should be.
    Good,
    /// Tracing works, but less well or less privately.
    Weak,
    /// Tracing does not work.
    Bad,
}

/// One thing that was looked at. The text `doctor-<id>` says what was found and how to mend it.
#[derive(Debug, Serialize)]
struct Finding {
    id: &'static str,
    verdict: Verdict,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Report {
    works: bool,
    findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, verdict: Verdict, id: &'static str, detail: impl std::fmt::Display) {
        self.findings.push(Finding { id, verdict, detail: detail.to_string() });
    }
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let mut report = Report { works: false, findings: Vec::new() };
    examine_clock(context, &mut report);
    let spec = arguments.radio.as_deref().unwrap_or("bluez");
    if let Some(adapter) = spec.strip_prefix("bluez") {
        let choice = AdapterChoice::parse(adapter)
            .map_err(|reason| Failure::new(Exit::Usage, "failure-radio").because(reason))?;
        examine_calibration(context, &mut report)?;
        examine_scan_settings(context, &mut report)?;
        examine_bluetooth(&choice, &mut report)?;
    } else {
        report.add(Verdict::Weak, "simulated", spec);
    }
    if !arguments.no_notifications {
        examine_notifications(&mut report)?;
    }
    examine_daemon(context, &mut report);
    report.works = report.findings.iter().all(|finding| finding.verdict != Verdict::Bad);
    context.output.result(&report, |output| show(output, &report));
    if report.works { Ok(()) } else { Err(Failure::new(Exit::Negative, "failure-doctor")) }
}

fn examine_clock(context: &Context, report: &mut Report) {
    let now = context.clock.now();
    if now.as_secs() < EARLIEST_PLAUSIBLE {
        report.add(Verdict::Bad, "clock-wrong", super::times::local_time(now));
    } else {
        report.add(Verdict::Good, "clock", super::times::local_time(now));
    }
}

fn examine_calibration(context: &Context, report: &mut Report) -> Result<(), Failure> {
    let file = context.profile()?.calibration_file();
    match Calibration::of_this_machine(&file) {
        Ok(known) if known.is_known() => {
            let detail = format!(
                "{}: {} dBm, {} dB ({})",
                known.model, known.tx_power, known.rssi_correction, known.source
            );
            report.add(Verdict::Good, "calibration", detail);
        }
        Ok(unknown) => {
            let detail = format!("{} -> {}", unknown.model, file.display());
            report.add(Verdict::Weak, "calibration-unknown", detail);
        }
        Err(error) => report.add(Verdict::Bad, "calibration-wrong", error),
    }
    Ok(())
}

fn examine_scan_settings(context: &Context, report: &mut Report) -> Result<(), Failure> {
    match scan_settings::read(&context.profile()?.radio_file()) {
        Ok(policy) => {
            let ((near, _), (_, alone)) = (policy.near_seconds, policy.alone_seconds);
            let detail = format!("{} s / {near}-{alone} s", policy.window_seconds);
            report.add(Verdict::Good, "scan-settings", detail);
        }
        Err(error) => report.add(Verdict::Bad, "scan-settings-wrong", error),
    }
    Ok(())
}

fn examine_bluetooth(choice: &AdapterChoice, report: &mut Report) -> Result<(), Failure> {
    let looked = runtime()?.block_on(async { Bus::connect().await?.adapters().await });
    match looked {
        Err(error @ BusError::NoBus(_)) => report.add(Verdict::Bad, "no-bus", error),
        Err(error @ BusError::NoBlueZ) => report.add(Verdict::Bad, "no-bluez", error),
        Err(error @ BusError::Denied(_)) => report.add(Verdict::Bad, "denied", error),
        Err(error) => report.add(Verdict::Bad, "bluez-fails", error),
        Ok(adapters) => {
            examine_version(report);
            examine_adapters(choice, &adapters, report);
        }
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))
}

/// Whether a person without a terminal is told anything. Looks from this session, which is not
/// the daemon's if that runs elsewhere.
fn examine_notifications(report: &mut Report) -> Result<(), Failure> {
    let looked = runtime()?.block_on(async {
        let connected = Service::connect(service::session_bus(), service::PATIENCE);
        connected.await?.presence().await
    });
    match looked {
        Ok(Presence::Runs(name)) => report.add(Verdict::Good, "notifications", name),
        Ok(Presence::Startable) => report.add(Verdict::Good, "notifications-on-demand", ""),
        Err(ServiceError::NoBus(reason)) => report.add(Verdict::Weak, "no-session-bus", reason),
        Err(ServiceError::NoService) => report.add(Verdict::Weak, "no-notifications", ""),
        Err(ServiceError::Other(reason)) => {
            report.add(Verdict::Weak, "notifications-fail", reason);
        }
    }
    Ok(())
}

/// BlueZ does not tell its version on the bus; its program does.
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

fn examine_adapters(choice: &AdapterChoice, adapters: &[AdapterInfo], report: &mut Report) {
    for adapter in adapters {
        let power = if adapter.powered { "on" } else { "off" };
        let line = format!("{} {} ({power})", adapter.name, adapter.address);
        report.add(Verdict::Good, "adapter", line);
    }
    let Some(adapter) = choice.choose(adapters) else {
        return report.add(Verdict::Bad, "no-adapter", choice);
    };
    if !adapter.powered {
        report.add(Verdict::Bad, "adapter-off", &adapter.name);
    }
    match &adapter.advertising {
        None => report.add(Verdict::Bad, "cannot-advertise", &adapter.name),
        Some(slots) if slots.free < SLOTS_NEEDED && slots.active == 0 => {
            report.add(Verdict::Bad, "cannot-advertise", &adapter.name);
        }
        Some(slots) => {
            let detail = format!("{} free, {} in use", slots.free, slots.active);
            report.add(Verdict::Good, "advertising", detail);
            examine_rotation(adapter, slots.hardware_offload, report);
        }
    }
    report.add(Verdict::Weak, "duplicate-filter", &adapter.name);
}

/// Whether our advertisements go out under a fresh private address each.
fn examine_rotation(adapter: &AdapterInfo, hardware_offload: bool, report: &mut Report) {
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

/// What the running daemon says, if one runs.
fn examine_daemon(context: &Context, report: &mut Report) {
    let status = context.daemon().and_then(|daemon| daemon.get::<Status>("/v1/status"));
    match status {
        Err(_) => report.add(Verdict::Bad, "daemon-stopped", ""),
        Ok(status) if status.tracing => report.add(Verdict::Good, "daemon", status.radio.name),
        Ok(status) => {
            let problems: Vec<_> = status.problems.iter().map(|one| one.id.as_str()).collect();
            report.add(Verdict::Bad, "daemon-not-tracing", problems.join(", "));
        }
    }
}

fn show(output: &Output, report: &Report) {
    for finding in &report.findings {
        let mark = match finding.verdict {
            Verdict::Good => "doctor-good",
            Verdict::Weak => "doctor-weak",
            Verdict::Bad => "doctor-bad",
        };
        let id = format!("doctor-{}", finding.id);
        let text = output.texts().with(&id, &[("detail", finding.detail.as_str().into())]);
        output.line(mark, &[("text", text.into())]);
    }
    output.line(if report.works { "doctor-works" } else { "doctor-does-not-work" }, &[]);
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
