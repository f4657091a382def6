//! What is counted for monitoring while the server works.
//!
//! They tell how the server does, not what people do: of a device's request it is not told whether it was
//! refused, because dummy uploads never are, and requests of staff are one figure, so that nobody sees
//! when a code was issued. docs/security.md says why.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// From 1 ms to 30 s, after which a request is given up.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    pub route: String,
    pub status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Route {
    pub route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Queue {
    pub queue: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LimitName {
    limit: &'static str,
}

/// What is counted while the server works. Clones are the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub requests: Family<Answered, Counter>,
    pub request_seconds: Family<Route, Histogram, fn() -> Histogram>,
    pub requests_in_progress: Gauge,
    /// Connections of everyone but monitoring.
    pub connections: Gauge,
    /// What waits in each queue.
    pub waiting: Family<Queue, Gauge>,
    pub limits: Family<LimitName, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            requests_in_progress: Gauge::default(),
            connections: Gauge::default(),
            waiting: Family::default(),
            limits: Family::default(),
        }
    }
}

impl Metrics {
    pub fn limit_reached(&self, limit: &'static str) {
        self.limits.get_or_create(&LimitName { limit }).inc();
    }

    /// What waits in this queue.
    pub fn queue(&self, queue: &'static str) -> Gauge {
        self.waiting.get_or_create_owned(&Queue { queue })
    }
}
