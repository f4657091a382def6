//! The statistics with charts.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vungxanh_protocol::interval::UtcDay;

use super::super::dates::{date, text_of, utc_day};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use super::super::statistics_files::{csv, csv_response};
use crate::charts::{Bar, Chart, Value, columns, rows};
use crate::domain::classes::MAX_DAYS;
use crate::domain::permissions::Permission;
use crate::domain::suppression::Shown;
use crate::domain::units::units;
use crate::services::statistics::{Days, Of, Section, Table, tables};

/// Ranges that one link shows.
const RANGES: [u32; 3] = [7, 30, 90];
/// What is shown first.
const USUAL_RANGE: u32 = 30;
/// Bars of one chart of classes, at most: the largest.
const MAX_CLASSES: usize = 15;
/// Rows of a table on the page, at most; the file has all.
const MAX_ROWS: usize = 400;

/// As it was asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    days: String,
    pub from: String,
    pub until: String,
    /// Of a file: one figure only; empty: all.
    figure: String,
}

impl Asked {
    /// The days, or what is wrong with them.
    fn read(&self, page: &Page) -> Result<Days, Problems> {
        let today = page.now().day();
        if self.from.is_empty() && self.until.is_empty() {
            let count = self.days.parse().ok().filter(|days| RANGES.contains(days));
            return Ok(Days::last(count.unwrap_or(USUAL_RANGE), today));
        }
        let mut problems = Problems::default();
        let mut day = |field, text: &str| {
            let day = date(text.trim()).and_then(utc_day).filter(|day| *day <= today);
            if day.is_none() {
                problems.add(field, page.t("statistics-day-unreadable"));
            }
            day
        };
        let both = day("from", &self.from).zip(day("until", &self.until));
        let days = both.and_then(|(from, until)| Days::new(from, until));
        if problems.is_empty() && days.is_none() {
            problems.add("from", page.n1("statistics-days-wrong", "days", MAX_DAYS));
        }
        days.ok_or(problems)
    }
}

#[derive(Template)]
#[template(path = "staff/statistics.html")]
struct StatisticsPage<'a> {
    page: &'a Page,
    ranges: &'a [(u32, bool)],
    from: &'a str,
    until: &'a str,
    /// The range, for people.
    days: String,
    problems: &'a Problems,
    sections: &'a [ShownSection],
    begins: String,
}

struct ShownSection {
    name: &'static str,
    figures: Vec<ShownFigure>,
}

struct ShownFigure {
    id: &'static str,
    title: String,
    about: String,
    svg: String,
    total: String,
    /// What rows are of, as a heading.
    heading: String,
    rows: Vec<(String, String)>,
    /// Rows that are only in the file.
    more: usize,
    /// Rows were joined so that nobody is known.
    joined: bool,
}

/// `GET /staff/statistics`.
pub async fn page(
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::StatisticsRead)?;
    let page = &session.page;
    let (days, problems) = match asked.read(page) {
        Ok(days) => (Some(days), Problems::default()),
        Err(problems) => (None, problems),
    };
    let sections = match days {
        Some(days) => {
            let tables = tables(&page.app, days).await.map_err(|error| page.fail(error))?;
            shown_sections(page, &tables)
        }
        None => Vec::new(),
    };
    let (from, until) = match days {
        Some(days) => (text_of(days.from()), text_of(days.until())),
        None => (asked.from.clone(), asked.until.clone()),
    };
    let is_last = |count| days == Some(Days::last(count, page.now().day()));
    let template = StatisticsPage {
        page,
        ranges: &RANGES.map(|count| (count, is_last(count))),
        from: &from,
        until: &until,
        days: days.map_or_else(String::new, |all| days_of(page, all.from(), all.until())),
        problems: &problems,
        sections: &sections,
        begins: page.hour(page.now().day().start()).1,
    };
    let status = if days.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.html_with(status, &template)
}

/// `GET /staff/statistics.csv`: all figures, or one.
pub async fn file(
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::StatisticsRead)?;
    let page = &session.page;
    let Ok(days) = asked.read(page) else {
        return Err(page.refuse(Refusal::Unreadable));
    };
    let mut tables = tables(&page.app, days).await.map_err(|error| page.fail(error))?;
    if !asked.figure.is_empty() {
        tables.retain(|table| table.id == asked.figure);
    }
    if tables.is_empty() {
        return Err(page.refuse(Refusal::NotFound));
    }
    let heads = ["figure", "from", "until", "class", "number"];
    let head = heads.map(|name| page.named("statistics-head", name));
    let csv = csv(head, &tables, days, |table, of| {
        let class = of.map_or_else(|| page.t("statistics-total"), |of| class_of(page, table, of));
        [title(page, table.id), class]
    });
    Ok(csv_response(csv, "statistics.csv").into_response())
}

fn shown_sections(page: &Page, tables: &[Table]) -> Vec<ShownSection> {
    let section = |section: Section| ShownSection {
        name: section.name(),
        figures: tables
            .iter()
            .filter(|table| table.section == section)
            .map(|table| shown_figure(page, table))
            .collect(),
    };
    Section::ALL.into_iter().map(section).collect()
}

fn title(page: &Page, id: &str) -> String {
    page.named("figure", &id.replace('_', "-"))
}

fn shown_figure(page: &Page, table: &Table) -> ShownFigure {
    let by_day = table.is_by_day();
    let mut named: Vec<(String, Shown)> =
        table.rows.iter().map(|(of, shown)| (label(page, table, of), *shown)).collect();
    if table.id == "declaration_ward" {
        named.sort_by_key(|(_, shown)| std::cmp::Reverse(bar_value(*shown)));
    }
    let title = title(page, table.id);
    let bars = |count: usize| named.iter().take(count).map(|(label, shown)| bar(label, *shown));
    let total = table.total.text();
    let description = page.t1("statistics-chart", "total", &total);
    let id = table.id.replace('_', "-");
    let chart = |bars: &[Bar]| {
        let chart = Chart { id: &id, title: &title, description: &description, bars };
        if by_day { columns(&chart) } else { rows(&chart) }
    };
    let most = if by_day { named.len() } else { MAX_CLASSES };
    let svg = if named.is_empty() { String::new() } else { chart(&bars(most).collect::<Vec<_>>()) };
    let finest = |(of, _): &(Of, Shown)| match of {
        Of::Days(from, until) => from == until,
        Of::Classes(classes) => classes.len() == 1,
        Of::Ward(_) => true,
        Of::Province(_) | Of::AllWards => false,
    };
    ShownFigure {
        id: table.id,
        about: page.named("figure-about", &id),
        svg,
        total,
        heading: page.t(if by_day { "statistics-head-day" } else { "statistics-head-class" }),
        more: named.len().saturating_sub(MAX_ROWS),
        joined: !table.rows.iter().all(finest),
        rows: named
            .into_iter()
            .take(MAX_ROWS)
            .map(|(label, shown)| (label, shown.text()))
            .collect(),
        title,
    }
}

const fn bar_value(shown: Shown) -> u64 {
    match shown {
        Shown::Exact(number) => number,
        Shown::Few => 1,
    }
}

fn bar(label: &str, shown: Shown) -> Bar {
    let value = match shown {
        Shown::Exact(number) => Value::Exact(number),
        Shown::Few => Value::Few,
    };
    Bar { label: label.to_owned(), value, text: shown.text() }
}

/// In a table and beside a bar.
fn label(page: &Page, table: &Table, of: &Of) -> String {
    match of {
        Of::Days(from, until) => days_of(page, *from, *until),
        of => class_of(page, table, of),
    }
}

fn days_of(page: &Page, from: UtcDay, until: UtcDay) -> String {
    if from == until {
        page.day(&from)
    } else {
        format!("{} – {}", page.day(&from), page.day(&until))
    }
}

/// In a file, beside columns for days.
fn class_of(page: &Page, table: &Table, of: &Of) -> String {
    match of {
        Of::Days(..) => String::new(),
        Of::Classes(classes) => {
            let prefix = match table.id {
                "code_use_time" => "class-use-time",
                "declaration_kind" => "class-kind",
                "limits" => "class-limit",
                _ => "class-delay",
            };
            let named = classes.iter().map(|name| page.named(prefix, name));
            named.collect::<Vec<_>>().join("; ")
        }
        Of::Ward(code) => match units().ward(*code) {
            Some(ward) => format!("{}, {}", ward.name, province(page, Some(ward.province))),
            None => page.t("class-no-ward"),
        },
        Of::Province(code) => province(page, *code),
        Of::AllWards => page.t("class-all-wards"),
    }
}

fn province(page: &Page, code: Option<u8>) -> String {
    let found = units().provinces().iter().find(|province| Some(province.code) == code);
    found.map_or_else(|| page.t("class-no-ward"), |province| province.name.to_owned())
}
