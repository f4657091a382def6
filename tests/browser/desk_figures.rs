//! Statistics and the audit log of a day whose numbers are known: charts, tables and files say the same, spreadsheets get
//! no formulas, the log's head can be printed and compared.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vungxanh_tests::harness::code_picture::read_qr;
use vungxanh_tests::harness::moment::FIRST_DATE;

use crate::desk::{CODES, Desk, KEY_NAME, WORKER_NAME};
use crate::pictures;

/// Each figure on the page: what its table, its chart and the file behind its link say.
const READ_FIGURES: &str = "return Promise.all([...document.querySelectorAll('.figures article')].map(async (figure) => ({ \
    id: figure.getAttribute('aria-labelledby').replace('figure-', ''), \
    title: figure.querySelector('h3').textContent, \
    rows: [...figure.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent)), \
    total: figure.querySelector('tfoot td').textContent, \
    bars: [...figure.querySelectorAll('svg rect title')].map((bar) => bar.textContent), \
    file: await (await fetch(figure.querySelector('a[download]').href)).text() })))";

/// Fields of a line of CSV in which every field is quoted.
fn fields(line: &str) -> Vec<String> {
    let inner = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.unwrap_or_else(|| panic!("{line}"));
    inner.split("\",\"").map(|field| field.replace("\"\"", "\"")).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Every figure of the day says the same in its chart, its table and its file; those that are not 0 are known.
pub async fn statistics(desk: &Desk<'_>) {
    let browser = desk.browser();
    desk.open(&format!("/staff/statistics?from={FIRST_DATE}&until={FIRST_DATE}")).await;
    let figures = browser.js(READ_FIGURES).await;
    let figures = figures.as_array().unwrap_or_else(|| panic!("{figures}"));
    let (day, all) = (browser.words("02/03/2026", "2 Mar 2026"), browser.words("Tổng số", "Total"));
    let mut known = BTreeMap::new();
    for figure in figures {
        let [id, title, total, file] =
            ["id", "title", "total", "file"].map(|name| figure[name].as_str().unwrap());
        let rows: Vec<_> = figure["rows"].as_array().unwrap().iter().map(texts).collect();
        let class = |label: &str| if label == day { String::new() } else { label.to_owned() };
        let mut expected: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                [title, FIRST_DATE, FIRST_DATE, &class(&row[0]), &row[1]]
                    .map(str::to_owned)
                    .to_vec()
            })
            .collect();
        expected.push([title, FIRST_DATE, FIRST_DATE, all, total].map(str::to_owned).to_vec());
        let lines: Vec<_> =
            file.trim_start_matches('\u{feff}').lines().skip(1).map(fields).collect();
        assert_eq!(lines, expected, "{id}");
        let bars: Vec<_> =
            rows.iter().take(15).map(|row| format!("{}: {}", row[0], row[1])).collect();
        assert_eq!(texts(&figure["bars"]), bars, "{id}");
        if total != "0" {
            known.insert(id.to_owned(), total.to_owned());
        }
    }
    assert_eq!(known.remove("codes_issued"), Some(CODES.to_string()));
    // Batches are made by the clock, and keys drawn by chance are mixed in.
    let by_chance = ["batches", "keys_published", "synthetic_persons"];
    assert!(known.keys().all(|id| by_chance.contains(&id.as_str())), "{known:?}");
    assert!(figures.len() > 15, "{}", figures.len());

    // The whole file by its link, as a person saves it.
    let saved =
        desk.save("a[href*='/staff/statistics.csv']:not([href*=figure])", "statistics.csv").await;
    let saved = std::fs::read_to_string(saved).unwrap();
    let line = format!("\"{FIRST_DATE}\",\"{FIRST_DATE}\",\"\",\"{CODES}\"\r\n");
    assert!(saved.starts_with('\u{feff}') && saved.contains(&line), "{saved}");
}

/// What was done is found by what and who, and saved; the head stands on paper and continues.
pub async fn audit(desk: &Desk<'_>) {
    let browser = desk.browser();
    desk.open("/staff").await;
    browser.send("main a[href$='/staff/audit']").await;
    browser.select("#action", "api-key-added").await;
    browser.send("form.filter button").await;
    let rows = "return [...document.querySelectorAll('main tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText))";
    let found = browser.js(rows).await;
    let found: Vec<_> = found.as_array().unwrap().iter().map(texts).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0][3].contains(KEY_NAME), "{found:?}");

    desk.open("/staff/audit").await;
    browser.fill("#actor", "hung").await;
    browser.send("form.filter button").await;
    let found = browser.js(rows).await;
    let found: Vec<_> = found.as_array().unwrap().iter().map(texts).collect();
    assert!(found.len() > 3 && found.iter().all(|row| row[1].contains(WORKER_NAME)), "{found:?}");
    let saved = desk.save("a[href*='/staff/audit.csv']", "audit.csv").await;
    let saved = std::fs::read_to_string(saved).unwrap();
    let lines: Vec<_> = saved.lines().skip(1).map(fields).collect();
    let without_formulas: Vec<_> =
        found.iter().map(|row| [row[0].clone(), format!("'{}", row[1]), row[2].clone()]).collect();
    let saved: Vec<_> = lines.iter().map(|line| &line[1..4]).collect();
    assert_eq!(saved, without_formulas);

    desk.open("/staff/audit/head").await;
    let head = browser.text("main .secret").await;
    let picture = pictures().join("audit-head.png");
    browser.picture_of(".qr svg", 2, &picture).await;
    assert_eq!(read_qr(&picture).unwrap(), head.to_uppercase());
    desk.open("/staff/audit/check").await;
    browser.fill("#head", &head).await;
    browser.send("main form button").await;
    let said = browser.js("return [...document.querySelectorAll('main .notice')].length").await;
    assert_eq!(said, json!(2), "whole, and continues: {}", browser.text("main").await);
    let other = if head.ends_with('0') { "1" } else { "0" };
    browser.fill("#head", &format!("{}{other}", &head[..head.len() - 1])).await;
    browser.send("main form button").await;
    browser.see("main .problem").await;
}
