//! The statistics as files: for spreadsheets in the reader's language, for programs by names.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use vungxanh_protocol::interval::UtcDay;

use super::dates;
use crate::domain::spreadsheet;
use crate::domain::suppression::Shown;
use crate::services::statistics::{Days, Of, Table};

/// A line for each number: figure, first day, last day, class, number. `words` names figure and class; a total
/// has no class and all days.
pub(super) fn csv(
    head: [String; 5],
    tables: &[Table],
    days: Days,
    words: impl Fn(&Table, Option<&Of>) -> [String; 2],
) -> String {
    // With a byte-order mark, by which spreadsheets know UTF-8.
    let mut csv = String::from("\u{feff}") + &spreadsheet::line(&head);
    for table in tables {
        for (of, shown) in &table.rows {
            let (from, until) = match of {
                Of::Days(from, until) => (*from, *until),
                _ => (days.from(), days.until()),
            };
            csv += &line(words(table, Some(of)), from, until, *shown);
        }
        csv += &line(words(table, None), days.from(), days.until(), table.total);
    }
    csv
}

fn line([figure, class]: [String; 2], from: UtcDay, until: UtcDay, shown: Shown) -> String {
    let [from, until] = [from, until].map(dates::text_of);
    spreadsheet::line(&[figure, from, until, class, shown.text()])
}

pub(super) fn csv_response(csv: String, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, csv).into_response()
}

/// What a number is of, for programs.
pub(super) fn name_of(of: &Of) -> String {
    match of {
        Of::Days(..) => String::new(),
        Of::Classes(classes) => classes.join("+"),
        Of::Ward(0) => "none".into(),
        Of::Ward(code) => format!("ward {code:05}"),
        Of::Province(None) => "none".into(),
        Of::Province(Some(code)) => format!("province {code:02}"),
        Of::AllWards => "all".into(),
    }
}

/// A number, or `"<5"`.
fn number(shown: Shown) -> Value {
    match shown {
        Shown::Exact(number) => number.into(),
        Shown::Few => shown.text().into(),
    }
}

pub(super) fn json(tables: &[Table], days: Days) -> Value {
    let figures = tables.iter().map(|table| {
        let rows = table.rows.iter().map(|(of, shown)| match of {
            Of::Days(from, until) => json!({
                "from": dates::text_of(*from), "until": dates::text_of(*until), "number": number(*shown),
            }),
            of => json!({"of": name_of(of), "number": number(*shown)}),
        });
        let figure = json!({
            "about_people": table.about_people, "total": number(table.total),
            "rows": rows.collect::<Vec<_>>(),
        });
        (table.id.to_owned(), figure)
    });
    let figures: serde_json::Map<String, Value> = figures.collect();
    json!({
        "from": dates::text_of(days.from()), "until": dates::text_of(days.until()), "figures": figures,
    })
}
