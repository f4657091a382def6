//! Who is near now: how many and how near, nothing that names one of them.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use vungxanh_protocol::risk::{Nearness, RiskParameters};

use super::guard::BY_ITSELF;
use super::page::{Page, query_value};
use super::problem::ProblemView;
use crate::control_api::{Nearby, NearbyDevice};

/// Scan windows are minutes apart; who looks wants to see the next one soon.
const RENEW_SECONDS: u32 = 10;
const NEARNESS: [(Nearness, &str); 4] = [
    (Nearness::Immediate, "web-near-immediate"),
    (Nearness::Near, "web-near-near"),
    (Nearness::Medium, "web-near-medium"),
    (Nearness::Other, "web-near-other"),
];

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
    let risk =
        page.engine().sync.authority().map_or_else(RiskParameters::narrow, |enrolled| {
            enrolled.authority.document().risk.clone()
        });
    let renewed = query_value(&uri, "still").is_none().then(|| format!("/nearby?{BY_ITSELF}"));
    page.html(&NearbyPage {
        page: &page,
        problems: page.problems(&nearby.problems),
        rows: rows(&nearby.devices, &risk),
        renewed,
        nearby: &nearby,
    })
}

fn rows(devices: &[NearbyDevice], risk: &RiskParameters) -> [Row; 4] {
    NEARNESS.map(|(nearness, text)| {
        let is_so = |device: &&NearbyDevice| {
            let attenuation = device.attenuation_db.clamp(0, i16::from(u8::MAX));
            risk.nearness(u8::try_from(attenuation).unwrap_or(u8::MAX)) == nearness
        };
        let count = devices.iter().filter(is_so).count();
        Row { text, devices: count, share: count * 100 / devices.len().max(1) }
    })
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::interval::UnixTime;

    use super::*;

    fn device(attenuation_db: i16) -> NearbyDevice {
        let time = UnixTime::from_secs(0);
        NearbyDevice {
            hash: "00112233".into(),
            rssi: -60,
            strongest_rssi: -58,
            attenuation_db,
            receptions: 3,
            since: time,
            last: time,
        }
    }

    #[test]
    fn devices_are_counted_by_the_authoritys_thresholds() {
        // 55, 67, 75 dB.
        let risk = RiskParameters::narrow();
        let devices = [-20, 55, 56, 67, 68, 75, 76, 300].map(device);
        assert_eq!(rows(&devices, &risk).map(|row| row.devices), [2, 2, 2, 2]);
        assert_eq!(rows(&devices[..3], &risk).map(|row| row.share), [66, 33, 0, 0]);
        assert_eq!(rows(&[], &risk).map(|row| row.devices), [0; 4]);
    }
}
