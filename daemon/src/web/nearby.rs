//! Who is near now: how many and how near, nothing that names one of them.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;

use super::guard::BY_ITSELF;
use super::page::{Page, query_value};
use super::problem::ProblemView;
use crate::control_api::Nearby;

/// Scan windows are minutes apart; who looks wants to see the next one soon.
const RENEW_SECONDS: u32 = 10;
/// From the nearest.
const NEARNESS: [&str; 4] =
    ["web-near-immediate", "web-near-near", "web-near-medium", "web-near-other"];

/// Devices at one nearness.
struct Row {
    text: &'static str,
    devices: usize,
    /// Percent of all.
    share: usize,
}

#[derive(Template)]
#[template(path = "nearby.html")]
struct NearbyPage<'a> {
    page: &'a Page,
    nearby: &'a Nearby,
    problems: Vec<ProblemView>,
    rows: [Row; 4],
    /// Where the browser goes by itself; none when the person wants it to stand still.
    renewed: Option<String>,
}

impl NearbyPage<'_> {
    const RENEW_SECONDS: u32 = RENEW_SECONDS;
}

pub(super) async fn show(page: Page, uri: Uri) -> Response {
    let nearby = page.engine().nearby();
    let renewed = query_value(&uri, "still").is_none().then(|| format!("/nearby?{BY_ITSELF}"));
    page.html(&NearbyPage {
        page: &page,
        problems: page.problems(&nearby.problems),
        rows: rows(nearby.by_nearness),
        renewed,
        nearby: &nearby,
    })
}

fn rows(by_nearness: [usize; 4]) -> [Row; 4] {
    let all = by_nearness.iter().sum::<usize>().max(1);
    let mut counts = by_nearness.into_iter();
    NEARNESS.map(|text| {
        let devices = counts.next().unwrap_or(0);
        Row { text, devices, share: devices * 100 / all }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_devices() {
        assert_eq!(rows([2, 1, 0, 0]).map(|row| row.devices), [2, 1, 0, 0]);
        assert_eq!(rows([2, 1, 0, 0]).map(|row| row.share), [66, 33, 0, 0]);
        assert_eq!(rows([0; 4]).map(|row| row.share), [0; 4]);
    }
}
