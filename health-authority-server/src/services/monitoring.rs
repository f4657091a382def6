//! Figures of this process for monitoring, in the text format of OpenMetrics.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::app::App;
use super::health_state::{Report, State};
use crate::platform::process::ProcessFigures;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckName {
    check: &'static str,
}

/// All of them as text.
pub fn text(app: &App, report: &Report) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::default();
    let ours = registry.sub_registry_with_prefix("vungxanh");
    register_requests(ours, app);
    register_work(ours, app, report);
    register_process(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn register_requests(registry: &mut Registry, app: &App) {
    let metrics = &app.metrics;
    let waiting = |queue, waiting: usize| metrics.queue(queue).set(whole(waiting as u64));
    waiting("uploads", app.key_writer.waiting());
    waiting("passwords", app.passwords.waiting());
    waiting("messages", app.sms.waiting());
    registry.register(
        "requests",
        "Requests answered, by route and class of status; answered: any status below 500",
        metrics.requests.clone(),
    );
    registry.register_with_unit(
        "request",
        "Time until a request was answered",
        Unit::Seconds,
        metrics.request_seconds.clone(),
    );
    registry.register(
        "requests_in_progress",
        "Requests that are being answered",
        metrics.requests_in_progress.clone(),
    );
    registry.register("connections", "Open connections", metrics.connections.clone());
    registry.register(
        "connections_limit",
        "Connections that may be open at a time (server.max_connections)",
        gauge(u64::from(app.config.server.max_connections)),
    );
    registry.register("queue_waiting", "What waits in a queue", metrics.waiting.clone());
    registry.register(
        "limit_reached",
        "How often a limit on attempts was reached in this process",
        metrics.limits.clone(),
    );
}

fn register_work(registry: &mut Registry, app: &App, report: &Report) {
    let times = app.store.times();
    registry.register_with_unit(
        "database_wait",
        "Time until a write to the database had its turn",
        Unit::Seconds,
        times.waiting.clone(),
    );
    registry.register_with_unit(
        "database_write",
        "Time of a write to the database, until it was on the disk",
        Unit::Seconds,
        times.writing.clone(),
    );
    registry.register(
        "database_failures",
        "Writes to the database that failed or found no turn",
        times.failures.clone(),
    );
    let checks = Family::<CheckName, Gauge>::default();
    for (check, found) in &report.checks {
        let state = i64::from(found.state != State::Down);
        checks.get_or_create(&CheckName { check }).set(state);
    }
    registry.register("ready", "What /readyz says of each thing: 1, or 0 when it is down", checks);
    if let Some(until) = report.cut_until {
        registry.register_with_unit(
            "last_batch_end",
            "Up to when keys are in batches, in Unix time",
            Unit::Seconds,
            gauge(until.as_secs()),
        );
    }
    if let Some(until) = report.document_until {
        registry.register_with_unit(
            "document_end",
            "When the signed document expires, in Unix time",
            Unit::Seconds,
            gauge(until.as_secs()),
        );
    }
}

/// By the names that every program's exporter uses.
fn register_process(registry: &mut Registry) {
    let Ok(figures) = ProcessFigures::now() else { return };
    let cpu = Counter::<f64, AtomicU64>::default();
    cpu.inner().store(figures.cpu_seconds.to_bits(), Ordering::Relaxed);
    registry.register_with_unit("process_cpu", "Processor time used", Unit::Seconds, cpu);
    registry.register_with_unit(
        "process_resident_memory",
        "Resident memory",
        Unit::Bytes,
        gauge(figures.resident_bytes),
    );
    registry.register("process_open_fds", "Open files", gauge(figures.open_files));
    registry.register("process_max_fds", "Files that may be open", gauge(figures.most_open_files));
}

fn gauge(value: u64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(whole(value));
    gauge
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
