//! The URL of a PostgreSQL database in a configuration.

use reqwest::Url;

use crate::i18n::Text;

/// Whether this names a database server, not a file.
pub fn is_url(database: &str) -> bool {
    database.contains("://")
}

/// Refuses what is no URL of PostgreSQL, and a password in it: configurations are copied and shown.
pub fn check(database: &str) -> Result<(), Text> {
    if is_url(database) { parse(database).map(|_| ()) } else { Ok(()) }
}

pub(super) fn parse(database: &str) -> Result<Url, Text> {
    let url = Url::parse(database)
        .ok()
        .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))
        .ok_or_else(|| Text::ours("error-database-url"))?;
    if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
        return Err(Text::ours("error-database-password-in-url"));
    }
    Ok(url)
}

/// Rows hold what must not be read on the way: to another machine TLS with a certificate that is
/// verified is the default. Who does not want that says `sslmode`.
pub(super) fn needs_sslmode(url: &Url) -> bool {
    let named = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted);
    if named("sslmode").or_else(|| named("ssl-mode")).is_some() {
        return false;
    }
    let in_query = named("host").or_else(|| named("hostaddr"));
    let host = match &in_query {
        Some((_, host)) => host.as_ref(),
        None => url.host_str().unwrap_or_default(),
    };
    let on_this_machine = host.is_empty()
        || host.starts_with('/')
        || host.starts_with("%2F")
        || host.starts_with("%2f")
        || host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    !on_this_machine
}
