//! How much of everything happens in a country in a day.

use clap::Args;
use serde::Serialize;
use vungxanh_protocol::authority::TracingParameters;
use vungxanh_protocol::interval::DAY_SECONDS;

use super::schedule::Act;

/// For how long caches may keep the document and the lists of files, in seconds: docs/operations.md,
/// "CDN rules".
const CACHE_SECONDS: u64 = 300;

/// A country of so many devices. What devices do by themselves follows from the authority's document;
/// what people do is assumed here.
#[derive(Debug, Clone, Args, Serialize)]
pub struct Country {
    /// Devices of the whole country
    #[arg(long, default_value_t = 100_000_000)]
    pub devices: u64,
    /// One of so many devices, cases, visits is played
    #[arg(long, default_value_t = 1_000)]
    pub scale: u64,
    /// Cases that publish, a day
    #[arg(long, default_value_t = 100_000)]
    pub cases: u64,
    /// Caches of the CDN that ask the server for what has grown old
    #[arg(long, default_value_t = 1_000)]
    pub caches: u64,
    /// Devices fetch from the server itself, not from a CDN
    #[arg(long)]
    pub without_cdn: bool,
    /// Check-ins with a browser, a day
    #[arg(long, default_value_t = 5_000_000)]
    pub check_ins: u64,
    /// Health declarations, a day
    #[arg(long, default_value_t = 500_000)]
    pub declarations: u64,
    /// Venues that register, a day
    #[arg(long, default_value_t = 10_000)]
    pub registrations: u64,
    /// Times that staff log in and look at what waits, a day
    #[arg(long, default_value_t = 20_000)]
    pub logins: u64,
}

impl Country {
    /// How often each act is played in a day.
    pub(super) fn day(&self, tracing: &TracingParameters) -> Vec<(Act, u64)> {
        let fetches = self.devices * 24 * 60 / u64::from(tracing.sync_mean_minutes).max(1);
        let (refreshes, fetches) = match self.without_cdn {
            false => (self.caches * (DAY_SECONDS / CACHE_SECONDS), 0),
            true => (0, fetches),
        };
        let day = [
            (Act::Case, self.cases),
            (Act::LookAlike, self.devices * 24 / u64::from(tracing.look_alike_mean_hours).max(1)),
            (Act::CacheRefresh, refreshes),
            (Act::DeviceFetch, fetches),
            (Act::CheckIn, self.check_ins),
            (Act::Declaration, self.declarations),
            (Act::Registration, self.registrations),
            (Act::Login, self.logins),
        ];
        let scale = self.scale.max(1);
        day.into_iter().map(|(act, count)| (act, (count + scale / 2) / scale)).collect()
    }

    /// Caches that are played.
    pub(super) fn cache_nodes(&self) -> u64 {
        self.caches.div_ceil(self.scale.max(1)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::interval::RollingPeriod;

    use super::*;

    #[test]
    fn a_thousandth_of_a_country_has_a_thousandth_of_everything() {
        let country = Country {
            devices: 100_000_000,
            scale: 1_000,
            cases: 100_000,
            caches: 1_000,
            without_cdn: false,
            check_ins: 5_000_000,
            declarations: 500_000,
            registrations: 10_000,
            logins: 499,
        };
        let tracing = TracingParameters {
            plain_gaen: false,
            rolling_period: RollingPeriod::new(36).unwrap(),
            retention_days: 14,
            clock_tolerance: 1,
            look_alike_mean_hours: 48,
            sync_mean_minutes: 120,
        };
        let counts = |country: &Country| {
            country.day(&tracing).into_iter().map(|(_, count)| count).collect::<Vec<_>>()
        };
        assert_eq!(counts(&country), [100, 50_000, 288, 0, 5_000, 500, 10, 0]);
        assert_eq!(country.cache_nodes(), 1);
        let direct = Country { without_cdn: true, ..country };
        assert_eq!(counts(&direct), [100, 50_000, 0, 1_200_000, 5_000, 500, 10, 0]);
    }
}
