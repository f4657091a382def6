//! The sections of `config.toml` and their defaults.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::i18n::Language;

/// Who the authority is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// For example `vn.hanoi`.
    pub id: String,
    /// Where devices reach the server, without a slash at the end.
    pub url: String,
    /// Region in export files.
    pub region: String,
    /// Name by language tag.
    pub name: BTreeMap<String, String>,
}

impl Authority {
    /// The name in `language`, or in another.
    pub fn name_in(&self, language: Language) -> &str {
        let name = self.name.get(language.tag()).or_else(|| self.name.values().next());
        name.unwrap_or(&self.id)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    pub listen: SocketAddr,
    /// For those who run the server: health, readiness, metrics.
    pub ops_listen: SocketAddr,
    /// The most connections at a time.
    pub max_connections: u32,
    /// Wrong short codes in 15 minutes after which short codes pause.
    pub failed_codes_per_window: u32,
}

/// Where data are stored: relative to the authority's folder, published files also in a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// A file, or `postgres://...`.
    pub database: String,
    /// The most connections to PostgreSQL.
    pub connections: u32,
    pub exports: String,
    /// Batches of warnings about venues.
    pub warnings: String,
    /// From where devices fetch exports; empty: from this server.
    pub exports_url: String,
}

/// How batches are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchSettings {
    /// Seconds from one batch to the next.
    pub period_seconds: u64,
    /// Mean number of synthetic persons in each period.
    pub synthetic_persons: f64,
    /// Keys in one file, at most.
    pub max_keys_per_file: u32,
}

/// How batches of warnings about venues are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Warnings {
    /// Seconds from one batch to the next.
    pub period_seconds: u64,
}

impl Default for Warnings {
    fn default() -> Self {
        Self { period_seconds: 7_200 }
    }
}

/// Venues and their pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Venues {
    /// How long a poster is valid, in days.
    pub poster_days: u32,
    /// In which time zone pages and commands show times, by its name in the IANA database.
    pub time_zone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Messages {
    /// How they are sent.
    pub send: Delivery,
    /// The gateway's address, for [`Delivery::Webhook`].
    pub webhook: String,
    /// The most codes in an hour to telephones that are not known yet, all together.
    pub per_hour: u32,
    /// The most messages in an hour to venues that are registered, all together.
    pub notices_per_hour: u32,
    /// The most verification codes sent to cases in an hour, all together.
    pub case_codes_per_hour: u32,
    /// Country codes of telephones that venues may register with, without `+`.
    pub countries: Vec<String>,
    /// Whether a venue gets a message when a request waits for it.
    pub tell_venues: bool,
}

/// How messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Not at all: venues cannot register.
    None,
    /// Written to the log, for development only.
    Log,
    Webhook,
}

/// Pages of the authority's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Staff {
    /// Whether nothing can be done before an authenticator app is set up.
    pub require_authenticator: bool,
}

impl Venues {
    /// The time zone in which people read times.
    pub fn zone(&self) -> TimeZone {
        // `check` has refused names that the database does not know.
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// What stands around every page. Texts are by language tag; one that is missing or empty has a
/// default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pages {
    /// A PNG beside `config.toml`; empty: the program's own sign.
    pub emblem: String,
    /// A telephone number, as people read it; empty: none.
    pub hotline: String,
    /// How to reach the authority.
    pub contact: BTreeMap<String, String>,
    /// What is added to the privacy notice: paragraphs with an empty line between.
    pub privacy: BTreeMap<String, String>,
}

/// Health declarations and passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Declarations {
    /// For how many local days officers can open declarations, the day itself not counted.
    pub retention_days: u16,
    /// For how many local days a pass is valid, its first included.
    pub pass_days: u8,
    /// The most declarations in an hour, all together.
    pub per_hour: u32,
    /// Whether each declaration takes the code of a message to the declarer's telephone.
    pub phone_code: bool,
    /// The most of these codes in an hour, all together.
    pub codes_per_hour: u32,
    /// Country codes of telephones that they are sent to, without `+`.
    pub countries: Vec<String>,
}

impl Default for Declarations {
    fn default() -> Self {
        Self {
            retention_days: 21,
            pass_days: 3,
            per_hour: 50_000,
            phone_code: false,
            codes_per_hour: 1_000,
            countries: vec!["84".into()],
        }
    }
}

impl Default for Venues {
    fn default() -> Self {
        Self { poster_days: 365, time_zone: "Asia/Ho_Chi_Minh".into() }
    }
}

impl Default for Messages {
    fn default() -> Self {
        Self {
            send: Delivery::None,
            webhook: String::new(),
            per_hour: 300,
            notices_per_hour: 300,
            case_codes_per_hour: 2_000,
            countries: vec!["84".into()],
            tell_venues: true,
        }
    }
}

impl Default for Staff {
    fn default() -> Self {
        Self { require_authenticator: true }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            ops_listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            max_connections: 4_096,
            failed_codes_per_window: 100,
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            database: "server.db".into(),
            connections: 8,
            exports: "exports".into(),
            warnings: "warnings".into(),
            exports_url: String::new(),
        }
    }
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self { period_seconds: 3_600, synthetic_persons: 3.0, max_keys_per_file: 500_000 }
    }
}
