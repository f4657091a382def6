//! `vungxanh doctor`: whether tracing can work on this machine, and how to mend what does not.
//! Works without the daemon; exit code 0 only when tracing works.

mod addresses;
mod bluetooth;
mod daemon;
mod duplicates;
mod notifications;

use clap::builder::BoolishValueParser;
use serde::Serialize;

use self::daemon::RunningDaemon;
use super::{Context, Output};
use crate::failure::{Exit, Failure};
use crate::platform::clock::EARLIEST_PLAUSIBLE;
use crate::radio::bluez::bus::AdapterInfo;
use crate::radio::bluez::choice::AdapterChoice;
use crate::radio::calibration::Calibration;
use crate::radio::scan_settings;

/// Arguments of `vungxanh doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-doctor-radio
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

/// One thing that was looked at. The text `doctor-<id>` says what was found and how to mend it; a
/// problem that the daemon reports has the text `problem-<kind>`, which is its id.
#[derive(Debug, Serialize)]
struct Finding {
    id: String,
    verdict: Verdict,
    detail: String,
    /// The adapter that it is about, where what mends it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    works: bool,
    findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, verdict: Verdict, id: &str, detail: impl std::fmt::Display) {
        let (id, detail) = (id.to_owned(), detail.to_string());
        self.findings.push(Finding { id, verdict, detail, adapter: None });
    }

    /// Something about `adapter`, which may not be the only one.
    fn add_about(
        &mut self,
        adapter: &AdapterInfo,
        verdict: Verdict,
        id: &str,
        detail: impl std::fmt::Display,
    ) {
        let (id, detail) = (id.to_owned(), detail.to_string());
        self.findings.push(Finding { id, verdict, detail, adapter: Some(adapter.name.clone()) });
    }
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let mut report = Report::default();
    let daemon = RunningDaemon::find(context);
    examine_clock(context, daemon.as_ref(), &mut report);
    // The daemon's own radio, unless another is asked for.
    let used = daemon.as_ref().map_or("bluez", RunningDaemon::radio);
    let spec = arguments.radio.as_deref().unwrap_or(used);
    if let Some(adapter) = spec.strip_prefix("bluez") {
        let choice = AdapterChoice::parse(adapter)
            .map_err(|reason| Failure::new(Exit::Usage, "failure-radio").because(reason))?;
        examine_calibration(context, &mut report)?;
        examine_scan_settings(context, &mut report)?;
        bluetooth::examine(&choice, daemon.as_ref(), &mut report)?;
    } else {
        report.add(Verdict::Bad, "simulated", spec);
    }
    if !arguments.no_notifications {
        notifications::examine(&mut report)?;
    }
    daemon::examine(daemon.as_ref(), spec, &mut report);
    report.works = report.findings.iter().all(|finding| finding.verdict != Verdict::Bad);
    context.output.result(&report, |output| show(output, &report));
    if report.works { Ok(()) } else { Err(Failure::new(Exit::Negative, "failure-not-tracing")) }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))
}

/// Of a clock that the daemon does not believe, only that is said, with the daemon's problems.
fn examine_clock(context: &Context, daemon: Option<&RunningDaemon>, report: &mut Report) {
    let now = context.clock.now();
    if now < EARLIEST_PLAUSIBLE {
        report.add(Verdict::Bad, "clock-wrong", crate::platform::time_format::local_time(now));
    } else if !daemon.is_some_and(RunningDaemon::distrusts_clock) {
        report.add(Verdict::Good, "clock", crate::platform::time_format::local_time(now));
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

fn show(output: &Output, report: &Report) {
    for finding in &report.findings {
        let mark = match finding.verdict {
            Verdict::Good => "doctor-good",
            Verdict::Weak => "doctor-weak",
            Verdict::Bad => "doctor-bad",
        };
        let id = if daemon::is_problem(&finding.id) {
            finding.id.clone()
        } else {
            format!("doctor-{}", finding.id)
        };
        let adapter = finding.adapter.as_deref().unwrap_or_default();
        let arguments = [("detail", finding.detail.as_str().into()), ("name", adapter.into())];
        let text = output.texts().with(&id, &arguments);
        output.line(mark, &[("text", text.into())]);
    }
    output.line(if report.works { "status-tracing" } else { "status-not-tracing" }, &[]);
}
