//! What values of `config.toml` must keep to.

use std::fmt::Display;
use std::ops::RangeInclusive;

use vungxanh_protocol::interval::DAY_SECONDS;

use crate::i18n::Text;

/// The shortest time from one batch to the next, in seconds.
const LEAST_PERIOD_SECONDS: u64 = 60;
const MAX_ID_CHARACTERS: usize = 64;

pub(super) fn in_range<T: PartialOrd + Display>(
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

/// A period divides the day, so that it begins at the same times each day.
pub(super) fn check_period(section: &str, seconds: u64) -> Result<(), Text> {
    let allowed = LEAST_PERIOD_SECONDS..=DAY_SECONDS;
    if allowed.contains(&seconds) && DAY_SECONDS.is_multiple_of(seconds) {
        return Ok(());
    }
    Err(Text::ours("error-config-period")
        .with("what", format_args!("{section}.period_seconds"))
        .with("day", DAY_SECONDS)
        .with("least", LEAST_PERIOD_SECONDS))
}

/// Country codes of telephones, without `+`.
pub(super) fn check_countries(what: &str, codes: &[String]) -> Result<(), Text> {
    let is_country = |code: &String| {
        (1..=3).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_digit())
            && !code.starts_with('0')
    };
    match codes.iter().all(is_country) {
        true => Ok(()),
        false => Err(Text::ours("error-config-countries").with("what", what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
