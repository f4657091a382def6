//! `vungxanh status`: does tracing work? Exit code 1 when it does not.

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::CalibrationConfidence;

use super::Context;
use crate::control_api::{Status, StatusRequest};
use crate::failure::{Exit, Failure};
use crate::platform::i18n::{Language, Texts};
use crate::platform::time_format::local_time;

/// Arguments of `vungxanh status`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-detail
    #[arg(long)]
    detail: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let status = context.daemon()?.send(&StatusRequest)?;
    context.output.result(&status, |_| show(context, &status, arguments.detail));
    if status.tracing { Ok(()) } else { Err(Failure::new(Exit::Negative, "failure-not-tracing")) }
}

fn show(context: &Context, status: &Status, detail: bool) {
    let output = &context.output;
    output.line(headline(status.tracing), &[]);
    for problem in &status.problems {
        output.line(&problem.id, &[("detail", problem.detail.as_str().into())]);
    }
    output.table(
        &["status-what", "status-value"],
        rows(output.texts(), status, detail).map(Vec::from),
    );
}

/// The text that says whether tracing works.
pub(super) const fn headline(tracing: bool) -> &'static str {
    if tracing { "status-tracing" } else { "status-not-tracing" }
}

/// What is known of every part: its name and how it is.
pub(super) fn rows(
    texts: &Texts,
    status: &Status,
    detail: bool,
) -> impl Iterator<Item = [String; 2]> {
    let text = |id: &str| texts.get(id);
    let time = |time: Option<UnixTime>| time.map_or_else(|| text("never"), local_time);
    let authority = status.authority.as_ref().map_or_else(
        || text("none"),
        |authority| match texts.language() {
            Language::Vi => format!("{} ({})", authority.name_vi, authority.url),
            Language::En => format!("{} ({})", authority.name_en, authority.url),
        },
    );
    let radio = format!("{}: {}", texts.reason(&status.radio.name), text(&radio_state_id(status)));
    let for_everyone = [
        ("status-authority", authority),
        ("status-radio", radio),
        ("status-last-scan", time(status.radio.last_scan)),
        ("status-heard", status.radio.heard_in_last_scan.to_string()),
        ("status-kept", status.store.scan_instances.to_string()),
        ("status-last-sync", time(status.sync.last_success)),
        (
            "status-visit",
            status.visit.as_ref().map_or_else(|| text("none"), |visit| local_time(visit.until)),
        ),
        ("status-level", text(super::exposures::level_id(status.level))),
    ];
    let technical = [
        ("status-calibration", calibration(texts, status)),
        ("status-scan-restarts", status.radio.scan_restarts.to_string()),
        ("status-bytes", status.store.bytes.to_string()),
        ("status-batches", status.sync.batches.to_string()),
        ("status-keys", status.sync.keys.to_string()),
        ("status-warnings", status.sync.warning_batches.to_string()),
        ("status-altered", status.sync.altered.to_string()),
        ("status-look-alikes", status.sync.dummy_uploads.to_string()),
    ];
    let technical = technical.into_iter().filter(move |_| detail);
    for_everyone.into_iter().chain(technical).map(move |(id, value)| [texts.get(id), value])
}

/// Transmit power and RSSI correction, and whether they are known for this hardware.
fn calibration(texts: &Texts, status: &Status) -> String {
    let id = match status.radio.confidence {
        Some(CalibrationConfidence::Lowest) | None => "calibration-unknown",
        Some(_) => "calibration-known",
    };
    texts.with(
        id,
        &[
            ("power", status.radio.tx_power.to_string().into()),
            ("correction", status.radio.rssi_correction.to_string().into()),
        ],
    )
}

fn radio_state_id(status: &Status) -> String {
    format!("radio-{}", status.radio.state.replace('_', "-"))
}
