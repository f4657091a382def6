//! What a day came to, as a table and as JSON.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::cost::Cost;
use super::plan::{Measured, Play};
use super::player::Bounds;
use super::rates::Country;
use super::schedule::Act;
use super::servers::{Database, Settings};
use super::tally::Row;

/// What this generator did and what the servers counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Check {
    pub what: &'static str,
    pub done: u64,
    pub counted: u64,
}

impl Check {
    /// Publications hold synthetic persons, too.
    fn holds(&self) -> bool {
        self.done == self.counted || (self.what == "keys published" && self.counted > self.done)
    }
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub database: Database,
    pub replicas: usize,
    pub country: Country,
    /// How often each act was to be played.
    pub acts: Vec<(Act, u64)>,
    pub speed: u32,
    pub seed: u64,
    pub bounds: Bounds,
    pub seconds: f64,
    pub rows: Vec<Row>,
    pub errors: u64,
    /// Nothing more was begun, because of errors or time.
    pub stopped: bool,
    /// How late an act was begun at most, because all clients were busy.
    pub latest_milliseconds: f64,
    /// Of all servers together.
    pub servers: Cost,
    /// Of PostgreSQL.
    pub database_server: Option<Cost>,
    pub generator: Cost,
    /// Of the machine, over the last minute of the run.
    pub load: f64,
    pub database_bytes: u64,
    pub published_bytes: u64,
    pub checks: Vec<Check>,
}

impl Report {
    pub(super) fn new(
        settings: &Settings,
        play: &Play,
        acts: &[(Act, u64)],
        measured: Measured,
        checks: Vec<Check>,
        (database_bytes, published_bytes): (u64, u64),
    ) -> Self {
        let Measured { played, servers, database, generator, load } = measured;
        Self {
            database: settings.database,
            replicas: settings.replicas,
            country: play.country.clone(),
            acts: acts.to_vec(),
            speed: play.speed,
            seed: play.seed,
            bounds: play.bounds,
            seconds: played.elapsed.as_secs_f64(),
            errors: played.errors,
            stopped: played.stopped,
            latest_milliseconds: played.latest.as_secs_f64() * 1_000.0,
            rows: played.tally.rows(played.elapsed),
            servers,
            database_server: database,
            generator,
            load,
            database_bytes,
            published_bytes,
            checks,
        }
    }

    /// Everything was played, nothing failed, and the servers counted the same.
    pub fn is_whole(&self) -> bool {
        self.errors == 0 && !self.stopped && self.checks.iter().all(Check::holds)
    }

    pub fn requests(&self) -> u64 {
        self.rows.last().map_or(0, |all| all.requests)
    }
}

/// For people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} devices at 1:{}, a day in {:.0} s, {:?}, {} server(s), load {:.1}",
            self.country.devices,
            self.country.scale,
            self.seconds,
            self.database,
            self.replicas,
            self.load
        )?;
        for (act, count) in &self.acts {
            write!(f, "{act:?} {count}; ")?;
        }
        writeln!(f, "seed {}, {} clients", self.seed, self.bounds.clients)?;
        writeln!(f, "{}", table(&self.rows))?;
        let requests = self.requests().max(1) as f64;
        let of = |cost: &Cost| {
            format!(
                "{:.1} s of CPU ({:.2} cores, {:.3} ms a request), {:.1} MiB at most, {:.1} MB written",
                cost.cpu_milliseconds as f64 / 1_000.0,
                cost.cpu_milliseconds as f64 / 1_000.0 / self.seconds,
                cost.cpu_milliseconds as f64 / requests,
                cost.peak_kib as f64 / 1_024.0,
                cost.written_bytes as f64 / 1e6,
            )
        };
        writeln!(f, "servers:   {}", of(&self.servers))?;
        if let Some(database) = &self.database_server {
            writeln!(f, "database:  {}", of(database))?;
        }
        writeln!(f, "generator: {}", of(&self.generator))?;
        writeln!(
            f,
            "database {:.1} MB, published {:.1} MB; {} errors{}; an act was begun {:.0} ms late at most",
            self.database_bytes as f64 / 1e6,
            self.published_bytes as f64 / 1e6,
            self.errors,
            if self.stopped { ", stopped before the end" } else { "" },
            self.latest_milliseconds,
        )?;
        for check in &self.checks {
            let verdict = if check.holds() { "" } else { "  DIFFERS" };
            writeln!(
                f,
                "{:24} done {:>9}, counted {:>9}{verdict}",
                check.what, check.done, check.counted
            )?;
        }
        Ok(())
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["", "requests", "a second", "status", "p50 ms", "p95", "p99", "longest"]);
    for row in rows {
        let statuses = row.statuses.iter().map(|(status, count)| format!("{status}: {count}"));
        table.add_row([
            row.what.to_owned(),
            row.requests.to_string(),
            format!("{:.1}", row.per_second),
            statuses.collect::<Vec<_>>().join(", "),
            format!("{:.1}", row.p50_milliseconds),
            format!("{:.1}", row.p95_milliseconds),
            format!("{:.1}", row.p99_milliseconds),
            format!("{:.0}", row.longest_milliseconds),
        ]);
    }
    for column in [1, 2, 4, 5, 6, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
