//! Which database an authority uses: a SQLite file in its folder, or PostgreSQL by its URL.

use std::path::PathBuf;

use reqwest::Url;
use zeroize::Zeroizing;

use super::config::Config;
use super::database_url::{is_url, needs_sslmode, parse};
use super::error::FileError;
use super::folder::Folder;
use super::key_files::read;
use crate::i18n::Text;

/// The password of the database's role, in `keys/`; made by the operator.
pub const PASSWORD: &str = "database.password";
const MAX_PASSWORD_CHARACTERS: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// SQLite, in this file.
    File(PathBuf),
    /// PostgreSQL.
    Server(DatabaseServer),
}

/// A PostgreSQL database and how to log in to it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseServer {
    url: Url,
    password: Option<Zeroizing<String>>,
    connections: u32,
}

impl Database {
    /// The one that the configuration names, with the password from `keys/database.password` if it is
    /// there. Without it the ways of libpq remain: `PGPASSWORD`, `PGPASSFILE`, `~/.pgpass`, a client
    /// certificate, the user of the system.
    pub fn of(folder: &Folder, config: &Config) -> Result<Self, FileError> {
        let database = &config.storage.database;
        if !is_url(database) {
            return Ok(Self::File(folder.resolve(database)));
        }
        let content = |path, reason| FileError::Content { path, reason };
        let mut url = parse(database).map_err(|reason| content(folder.config(), reason))?;
        if needs_sslmode(&url) {
            url.query_pairs_mut().append_pair("sslmode", "verify-full");
        }
        let path = folder.keys().join(PASSWORD);
        let password = match path.try_exists().map_err(FileError::io(&path))? {
            false => None,
            true => {
                let password = Zeroizing::new(read(&path)?.trim_end_matches('\n').to_owned());
                if password.is_empty() || password.len() > MAX_PASSWORD_CHARACTERS {
                    let reason = Text::ours("error-database-password-file");
                    return Err(content(path, reason.with("most", MAX_PASSWORD_CHARACTERS)));
                }
                Some(password)
            }
        };
        let connections = config.storage.connections;
        Ok(Self::Server(DatabaseServer { url, password, connections }))
    }
}

impl DatabaseServer {
    /// How many connections a process opens at most.
    pub const fn connections(&self) -> u32 {
        self.connections
    }

    /// With the password: for the driver only.
    pub fn url_with_password(&self) -> Zeroizing<String> {
        let mut url = self.url.clone();
        if let Some(password) = &self.password {
            url.query_pairs_mut().append_pair("password", password);
        }
        Zeroizing::new(url.into())
    }

    /// Without the password.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

impl std::fmt::Debug for DatabaseServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseServer({}, ..)", self.url)
    }
}

/// The text of a configuration with another database and nothing else changed; none if its lines are
/// not as `init` writes them.
pub fn with_database(text: &str, database: &str) -> Option<String> {
    let line = format!("database = {}", toml::Value::String(database.into()));
    let mut lines: Vec<&str> = text.lines().collect();
    let is_section = |line: &str| line.trim_start().starts_with('[');
    match lines.iter().position(|line| line.split('#').next().unwrap_or(line).trim() == "[storage]")
    {
        None => lines.extend(["", "[storage]", &line]),
        Some(section) => {
            let first = section + 1;
            let count = lines[first..].iter().take_while(|line| !is_section(line)).count();
            let is_key = |line: &&str| {
                let rest = line.trim_start().strip_prefix("database");
                rest.is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            match lines[first..first + count].iter().position(is_key) {
                Some(number) => lines[first + number] = &line,
                None => lines.insert(first, &line),
            }
        }
    }
    let changed = lines.join("\n") + "\n";
    let (mut before, after): (Config, Config) =
        (toml::from_str(text).ok()?, toml::from_str(&changed).ok()?);
    before.storage.database = database.into();
    (before == after).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::super::database_url::check;
    use super::*;

    #[test]
    fn a_connection_to_another_machine_is_verified_unless_the_url_says_otherwise() {
        for (url, needs) in [
            ("postgres://vx@db.example.vn/vx", true),
            ("postgres://vx@10.0.0.4:5433/vx", true),
            ("postgres:///vx?host=db.example.vn", true),
            ("postgres://vx@db.example.vn/vx?sslmode=require", false),
            ("postgres://vx@127.0.0.1/vx", false),
            ("postgres://vx@[::1]/vx", false),
            ("postgres://vx@localhost/vx", false),
            ("postgres:///vx?host=/run/postgresql", false),
            ("postgres://vx@%2Frun%2Fpostgresql/vx", false),
            ("postgresql:///vx", false),
        ] {
            assert_eq!(needs_sslmode(&parse(url).unwrap()), needs, "{url}");
        }
    }

    #[test]
    fn another_database_changes_one_line_of_the_configuration() {
        let authority = crate::authority::Authority {
            id: "vn.hanoi".into(),
            url: "https://hanoi.example.vn".into(),
            region: "VN".into(),
            name: [("vi".into(), "Hà Nội".into())].into(),
        };
        let url = "postgres://vx@db.example.vn/vx";
        let text = Config::new_text(&authority, "server.db");
        assert_eq!(with_database(&text, url), Some(Config::new_text(&authority, url)));
        let section = "\n[storage]\n";
        let (before, rest) = text.split_once(section).unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        for other in
            [format!("{before}\n{after}"), format!("{before}{section}connections = 9\n{after}")]
        {
            let changed = with_database(&other, url).unwrap();
            assert_eq!(toml::from_str::<Config>(&changed).unwrap().storage.database, url);
        }
        let inline = format!("storage = {{ database = \"x.db\" }}\n{before}\n{after}");
        assert_eq!(with_database(&inline, url), None);
    }

    #[test]
    fn a_url_holds_no_password_and_the_password_is_not_shown() {
        assert_eq!(check("server.db"), Ok(()));
        assert_eq!(check("postgres://vx@db.example.vn/vx"), Ok(()));
        for bad in ["postgres://vx:secret@db/vx", "postgres:///vx?password=secret", "mysql://db/vx"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
        let server = DatabaseServer {
            url: parse("postgres://vx@db.example.vn/vx").unwrap(),
            password: Some(Zeroizing::new("s&cret".into())),
            connections: 8,
        };
        assert_eq!(
            server.url_with_password().as_str(),
            "postgres://vx@db.example.vn/vx?password=s%26cret"
        );
        assert_eq!(format!("{server:?}"), "DatabaseServer(postgres://vx@db.example.vn/vx, ..)");
    }
}
