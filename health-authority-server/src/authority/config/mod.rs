//! `config.toml`.

mod edit;
mod rules;
mod sections;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::MAX_VALID_DAYS;

use crate::authority::database_url;
use crate::authority::disease_profile::Profile;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::place::{Place, S3};
use crate::domain::diagnosis::local_day;
use crate::i18n::Text;
use crate::platform::atomic_file::read_text;

use self::rules::{check_countries, check_period, in_range};
pub use self::rules::{check_id, check_url};
pub use self::sections::{
    Authority, BatchSettings, Declarations, Delivery, Messages, Pages, Server, Staff, Storage,
    Venues, Warnings,
};

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
        check_period("publication", period_seconds)?;
        check_period("warnings", self.warnings.period_seconds)?;
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
        check_countries("messages.countries", &self.messages.countries)?;
        check_countries("declarations.countries", &self.declarations.countries)?;
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

    /// `text`, which is this configuration, with the names and rules of declarations of `wanted`, and all
    /// else as it stands; none where it is written in a way that cannot be changed by a program.
    pub fn changed_text(&self, text: &str, wanted: &Self) -> Option<String> {
        let mut changed = text.to_owned();
        let mut set = |section: &str, key: &str, value: Option<String>| {
            changed = edit::with_value(&changed, section, key, value.as_deref());
        };
        let (old, new) = (&self.authority.name, &wanted.authority.name);
        for tag in old.keys().chain(new.keys().filter(|tag| !old.contains_key(*tag))) {
            if old.get(tag) != new.get(tag) {
                set("authority.name", tag, new.get(tag).map(|name| quoted(name)));
            }
        }
        let (old, new) = (&self.declarations, &wanted.declarations);
        if old.retention_days != new.retention_days {
            set("declarations", "retention_days", Some(new.retention_days.to_string()));
        }
        if old.phone_code != new.phone_code {
            set("declarations", "phone_code", Some(new.phone_code.to_string()));
        }
        let read: Option<Self> = toml::from_str(&changed).ok();
        read.is_some_and(|read| read == *wanted && read.check().is_ok()).then_some(changed)
    }

    /// The text of a new `config.toml`; `database` as in [`Storage`].
    pub fn new_text(authority: &Authority, database: &str) -> String {
        let names: Vec<String> =
            authority.name.iter().map(|(tag, name)| format!("{tag} = {}", quoted(name))).collect();
        format!(
            include_str!("template.toml"),
            id = quoted(&authority.id),
            url = quoted(&authority.url),
            region = quoted(&authority.region),
            database = quoted(database),
            names = names.join("\n"),
        )
    }
}

/// As a string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

/// Reads `profile.json`.
pub fn read_profile(folder: &Folder) -> Result<Profile, FileError> {
    let path = folder.profile();
    let text = read_text(&path).map_err(FileError::io(&path))?;
    Ok(Profile::from_json(&text)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vungxanh_protocol::interval::DAY_SECONDS;

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
    fn changed_values_leave_the_rest_of_the_file_as_it_was() {
        let authority = Authority {
            id: "vn.hanoi".into(),
            url: "https://hanoi.example.vn".into(),
            region: "VN".into(),
            name: [("vi".into(), "Sở Y tế".into()), ("en".into(), "Hanoi".into())].into(),
        };
        let text = Config::new_text(&authority, "server.db");
        let config: Config = toml::from_str(&text).unwrap();
        let mut wanted = config.clone();
        wanted.authority.name.insert("vi".into(), "Sở \"Y tế\" \\ Hà Nội".into());
        wanted.authority.name.remove("en");
        wanted.declarations.retention_days = 30;
        let changed = config.changed_text(&text, &wanted).unwrap();
        let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(comments(&changed), comments(&text));
        assert_eq!(toml::from_str::<Config>(&changed).unwrap(), wanted);
        assert_eq!(wanted.changed_text(&changed, &wanted), Some(changed.clone()));

        let inline = text.replace("[authority.name]", "[authority.other]");
        assert_eq!(config.changed_text(&inline, &wanted), None, "not as init writes it");
        wanted.authority.region = "LA".into();
        assert_eq!(config.changed_text(&text, &wanted), None, "not a value that is changed here");
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
}
