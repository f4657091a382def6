//! `config.toml`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime, UtcDay};
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::MAX_VALID_DAYS;

use crate::authority::database_url;
use crate::authority::disease_profile::Profile;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::place::{Place, S3};
use crate::domain::diagnosis::local_day;
use crate::i18n::{Language, Text};
use crate::platform::atomic_file::read_text;

/// The shortest time from one batch to the next, in seconds.
const LEAST_PERIOD_SECONDS: u64 = 60;
const MAX_ID_CHARACTERS: usize = 64;

/// The configuration as written by `init` and edited by people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who the authority is.
    pub authority: Authority,
    #[serde(default)]
    pub server: Server,
    /// Where data are stored.
    #[serde(default)]
    pub storage: Storage,
    /// How a bucket for published files is reached.
    #[serde(default)]
    pub s3: S3,
    /// How batches are made.
    #[serde(default)]
    pub publication: BatchSettings,
    /// How batches of warnings about venues are made.
    #[serde(default)]
    pub warnings: Warnings,
    /// Venues and their pages.
    #[serde(default)]
    pub venues: Venues,
    #[serde(default)]
    pub messages: Messages,
    /// Pages of the authority's staff.
    #[serde(default)]
    pub staff: Staff,
    /// What stands around every page.
    #[serde(default)]
    pub pages: Pages,
    /// Health declarations and passes.
    #[serde(default)]
    pub declarations: Declarations,
}

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

impl Config {
    /// Reads and checks `config.toml`.
    pub fn read(folder: &Folder) -> Result<Self, FileError> {
        folder.refuse_other_owner()?;
        let path = folder.config();
        Self::parse(folder, &read_text(&path).map_err(FileError::io(&path))?)
    }

    /// Checks what will be this folder's `config.toml`.
    pub fn parse(folder: &Folder, text: &str) -> Result<Self, FileError> {
        let path = folder.config();
        let config: Self = toml::from_str(text).map_err(|error| FileError::Content {
            path: path.clone(),
            reason: Text::foreign(error),
        })?;
        config.check().map_err(|reason| FileError::Content { path, reason })?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Text> {
        check_id("authority.id", &self.authority.id)?;
        check_id("authority.region", &self.authority.region)?;
        check_url("authority.url", &self.authority.url)?;
        self.check_places()?;
        let BatchSettings { period_seconds, synthetic_persons, max_keys_per_file } =
            self.publication;
        let periods = [("publication", period_seconds), ("warnings", self.warnings.period_seconds)];
        for (section, seconds) in periods {
            if !(LEAST_PERIOD_SECONDS..=DAY_SECONDS).contains(&seconds)
                || !DAY_SECONDS.is_multiple_of(seconds)
            {
                return Err(Text::ours("error-config-period")
                    .with("what", format_args!("{section}.period_seconds"))
                    .with("day", DAY_SECONDS)
                    .with("least", LEAST_PERIOD_SECONDS));
            }
        }
        in_range("server.max_connections", self.server.max_connections, 16..=65_536)?;
        in_range("storage.connections", self.storage.connections, 2..=200)?;
        database_url::check(&self.storage.database)?;
        in_range("publication.synthetic_persons", synthetic_persons, 0.0..=1_000.0)?;
        in_range("publication.max_keys_per_file", max_keys_per_file, 1..=500_000)?;
        in_range("declarations.retention_days", self.declarations.retention_days, 1..=60)?;
        in_range("declarations.pass_days", self.declarations.pass_days, 1..=MAX_VALID_DAYS)?;
        in_range("venues.poster_days", self.venues.poster_days, 1..=3_650)?;
        if TimeZone::get(&self.venues.time_zone).is_err() {
            return Err(Text::ours("error-config-time-zone").with("what", "venues.time_zone"));
        }
        let is_country = |code: &String| {
            (1..=3).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_digit())
                && !code.starts_with('0')
        };
        let countries = [
            ("messages.countries", &self.messages.countries),
            ("declarations.countries", &self.declarations.countries),
        ];
        if let Some((what, _)) = countries.iter().find(|(_, codes)| !codes.iter().all(is_country)) {
            return Err(Text::ours("error-config-countries").with("what", what));
        }
        if self.declarations.phone_code && self.messages.send == Delivery::None {
            return Err(Text::ours("error-config-phone-code"));
        }
        if self.messages.send == Delivery::Webhook {
            check_url("messages.webhook", &self.messages.webhook)?;
        }
        Ok(())
    }

    fn check_places(&self) -> Result<(), Text> {
        Place::parse("storage.exports", &self.storage.exports)?;
        Place::parse("storage.warnings", &self.storage.warnings)?;
        let urls = [
            ("storage.exports_url", &self.storage.exports_url),
            ("s3.endpoint", &self.s3.endpoint),
        ];
        for (what, url) in urls.into_iter().filter(|(_, url)| !url.is_empty()) {
            check_url(what, url)?;
        }
        in_range("s3.timeout_seconds", self.s3.timeout_seconds, 1..=300)?;
        in_range("s3.cache_mebibytes", self.s3.cache_mebibytes, 1..=1 << 20)
    }

    /// The calendar day where the authority is, whatever the machine's own time zone.
    pub fn today(&self, now: UnixTime) -> UtcDay {
        local_day(now, self.seconds_ahead(now) as f32 / 60.0)
    }

    /// Where local days begin. Declarations and passes know no daylight saving.
    pub fn local_time(&self, now: UnixTime) -> LocalTime {
        let minutes = i16::try_from(self.seconds_ahead(now) / 60).ok();
        minutes.and_then(LocalTime::new).unwrap_or(LocalTime::VIET_NAM)
    }

    fn seconds_ahead(&self, now: UnixTime) -> i32 {
        let seconds = i64::try_from(now.as_secs()).ok();
        let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        time.map_or(0, |time| self.venues.zone().to_offset(time).seconds())
    }

    /// The text of a new `config.toml`; `database` as in [`Storage`].
    pub fn new_text(authority: &Authority, database: &str) -> String {
        let quoted = |text: &str| toml::Value::String(text.into()).to_string();
        let names: Vec<String> =
            authority.name.iter().map(|(tag, name)| format!("{tag} = {}", quoted(name))).collect();
        format!(
            include_str!("config.template.toml"),
            id = quoted(&authority.id),
            url = quoted(&authority.url),
            region = quoted(&authority.region),
            database = quoted(database),
            names = names.join("\n"),
        )
    }
}

fn in_range<T: PartialOrd + Display>(
    what: &str,
    value: T,
    allowed: RangeInclusive<T>,
) -> Result<(), Text> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let (least, most) = allowed.into_inner();
    Err(Text::ours("error-config-range").with("what", what).with("least", least).with("most", most))
}

/// An id that can stand in paths and file names.
pub fn check_id(what: &str, id: &str) -> Result<(), Text> {
    let valid = (1..=MAX_ID_CHARACTERS).contains(&id.len())
        && !id.starts_with('.')
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if valid {
        Ok(())
    } else {
        Err(Text::ours("error-config-id").with("what", what).with("most", MAX_ID_CHARACTERS))
    }
}

/// An `https` URL, or `http` on this machine, without a slash at the end.
pub fn check_url(what: &str, url: &str) -> Result<(), Text> {
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if is_loopback(rest) => rest,
        _ => return Err(Text::ours("error-config-url-scheme").with("what", what)),
    };
    let plain = !rest.is_empty()
        && !rest.ends_with('/')
        && rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'?' | b'@' | b'"'));
    if plain { Ok(()) } else { Err(Text::ours("error-config-url").with("what", what)) }
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Reads `profile.json`.
pub fn read_profile(folder: &Folder) -> Result<Profile, FileError> {
    let path = folder.profile();
    let text = read_text(&path).map_err(FileError::io(&path))?;
    Ok(Profile::from_json(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_configuration_reads_back_as_the_defaults() {
        let authority = Authority {
            id: "vn.hanoi".into(),
            url: "https://hanoi.example.vn/tracing".into(),
            region: "VN".into(),
            name: [("vi".into(), "Sở Y tế \"Hà Nội\"".into()), ("en".into(), "Hanoi".into())]
                .into(),
        };
        let config: Config = toml::from_str(&Config::new_text(&authority, "server.db")).unwrap();
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.authority, authority);
        assert_eq!(config.server, Server::default());
        assert_eq!(config.storage, Storage::default());
        assert_eq!(config.s3, S3::default());
        assert_eq!(config.publication, BatchSettings::default());
        assert_eq!(config.warnings, Warnings::default());
        assert_eq!(config.venues, Venues::default());
        assert_eq!(config.messages, Messages::default());
        assert_eq!(config.staff, Staff::default());
        assert_eq!(config.declarations, Declarations::default());
    }

    #[test]
    fn today_is_where_the_authority_is() {
        let authority = Authority {
            id: "vn.hanoi".into(),
            url: "https://hanoi.example.vn".into(),
            region: "VN".into(),
            name: BTreeMap::new(),
        };
        let config: Config = toml::from_str(&Config::new_text(&authority, "server.db")).unwrap();
        let midnight = UnixTime::from_secs(20_000 * DAY_SECONDS);
        assert_eq!(config.today(midnight.minus(7 * 3_600)).number(), 20_000);
        assert_eq!(config.today(midnight.minus(7 * 3_600 + 1)).number(), 19_999);
    }

    #[test]
    fn what_cannot_work_is_refused_at_the_start() {
        let authority = Authority {
            id: "vn.hanoi".into(),
            url: "https://hanoi.example.vn".into(),
            region: "VN".into(),
            name: BTreeMap::new(),
        };
        let text = Config::new_text(&authority, "server.db");
        for (from, to) in [
            ("poster_days = 365", "poster_days = 0"),
            ("Asia/Ho_Chi_Minh", "Asia/Thang_Long"),
            ("send = \"none\"", "send = \"webhook\""),
            ("countries = [\"84\"]", "countries = [\"+84\"]"),
            ("exports = \"exports\"", "exports = \"gs://bucket\""),
            ("exports_url = \"\"", "exports_url = \"http://files.example.vn\""),
            ("endpoint = \"\"", "endpoint = \"http://s3.example.vn\""),
        ] {
            assert!(text.contains(from), "{from}");
            let config: Config = toml::from_str(&text.replace(from, to)).unwrap();
            assert!(config.check().is_err(), "{to}");
        }
    }

    #[test]
    fn urls() {
        for good in [
            "https://a.vn",
            "https://a.vn:8443/x",
            "http://127.0.0.1:80",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert_eq!(check_url("url", good), Ok(()), "{good}");
        }
        for bad in [
            "http://a.vn",
            "ftp://a.vn",
            "https://",
            "https://a.vn/",
            "https://a.vn#x",
            "http://127.0.0.1.a.vn",
            "https://u@a.vn",
            "https://a b",
        ] {
            assert!(check_url("url", bad).is_err(), "{bad}");
        }
    }
}
