//! Where published files are: a folder, or a bucket of a store that speaks S3.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::read_text;

const SCHEME: &str = "s3://";
/// How long a bucket's name is in Amazon's rules, in characters.
const BUCKET_CHARACTERS: RangeInclusive<usize> = 3..=63;
const MAX_PREFIX_CHARACTERS: usize = 256;
/// Of the authority's keys: the access key's id and the secret key, a line each.
const CREDENTIALS: &str = "s3-credentials";
const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// Where published files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Relative to the authority's folder.
    Folder(String),
    Bucket {
        name: String,
        /// Before the names of files, without a slash at either end; may be empty.
        prefix: String,
    },
}

/// How a store that speaks S3 is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3 {
    /// Its address; empty: Amazon's own for the region.
    pub endpoint: String,
    pub region: String,
    /// Whether the bucket stands in the path and not in the host's name.
    pub path_style: bool,
    /// Whether the store honours `If-None-Match` and `If-Match` of writes.
    pub conditional_writes: bool,
    /// How long it may say nothing, in seconds.
    pub timeout_seconds: u64,
    /// The folder of files that devices fetched; relative to the authority's folder.
    pub cache: String,
    /// How large that folder may become.
    pub cache_mebibytes: u64,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            region: "us-east-1".into(),
            path_style: true,
            conditional_writes: true,
            timeout_seconds: 30,
            cache: "cache".into(),
            cache_mebibytes: 1_024,
        }
    }
}

impl Place {
    /// A folder's path, or `s3://BUCKET/PREFIX`.
    pub fn parse(what: &str, text: &str) -> Result<Self, Text> {
        let Some(rest) = text.strip_prefix(SCHEME) else {
            if text.is_empty() || text.contains("://") {
                return Err(Text::ours("error-config-place").with("what", what));
            }
            return Ok(Self::Folder(text.into()));
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let is_bucket = BUCKET_CHARACTERS.contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
        let is_part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        let is_prefix = prefix.is_empty()
            || (prefix.len() <= MAX_PREFIX_CHARACTERS && prefix.split('/').all(is_part));
        if is_bucket && is_prefix {
            Ok(Self::Bucket { name: name.into(), prefix: prefix.into() })
        } else {
            Err(Text::ours("error-config-place").with("what", what))
        }
    }
}

/// What a store knows this server by.
pub struct Credentials {
    pub key_id: String,
    pub secret_key: Zeroizing<String>,
    /// Of credentials that end.
    pub session_token: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    /// Those of the environment, or those of the authority's keys.
    pub fn read(folder: &Folder) -> Result<Self, FileError> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let (Some(key_id), Some(secret_key)) = (variable(KEY_ID), variable(SECRET_KEY)) {
            let session_token = variable(SESSION_TOKEN).map(Zeroizing::new);
            return Ok(Self { key_id, secret_key: secret_key.into(), session_token });
        }
        let path = folder.keys().join(CREDENTIALS);
        let text = match read_text(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let reason = Text::ours("error-s3-credentials").with("id", KEY_ID);
                return Err(FileError::Content { path, reason: reason.with("secret", SECRET_KEY) });
            }
            Err(error) => return Err(FileError::io(path)(error)),
        };
        Self::parse(&text).ok_or_else(|| {
            let reason = Text::ours("error-s3-credentials").with("id", KEY_ID);
            FileError::Content { path, reason: reason.with("secret", SECRET_KEY) }
        })
    }

    /// Two lines, or three with a session token.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let key_id = lines.next()?.to_owned();
        let secret_key = Zeroizing::new(lines.next()?.to_owned());
        let session_token = lines.next().map(|line| Zeroizing::new(line.to_owned()));
        lines.next().is_none().then_some(Self { key_id, secret_key, session_token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket_with_a_plain_prefix() {
        let place = |text| Place::parse("storage.exports", text).ok();
        let bucket = |name: &str, prefix: &str| {
            Some(Place::Bucket { name: name.into(), prefix: prefix.into() })
        };
        assert_eq!(place("exports"), Some(Place::Folder("exports".into())));
        assert_eq!(place("/srv/x"), Some(Place::Folder("/srv/x".into())));
        assert_eq!(place("s3://vx-files"), bucket("vx-files", ""));
        assert_eq!(place("s3://vx-files/"), bucket("vx-files", ""));
        assert_eq!(place("s3://vx-files/hanoi/exports/"), bucket("vx-files", "hanoi/exports"));
        for wrong in [
            "",
            "gs://bucket",
            "file:///srv",
            "s3://",
            "s3://UPPER",
            "s3://ab",
            "s3://bucket//x",
            "s3://bucket/../x",
            "s3://bucket/x?y",
            "s3://user@bucket/x",
        ] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn credentials_are_two_or_three_lines_and_are_not_printed() {
        let read = Credentials::parse("id\r\n  secret \n\n").unwrap();
        assert_eq!((read.key_id.as_str(), read.secret_key.as_str()), ("id", "secret"));
        assert!(read.session_token.is_none());
        assert!(!format!("{read:?}").contains("secret"));
        assert_eq!(*Credentials::parse("a\nb\nc").unwrap().session_token.unwrap(), "c");
        for wrong in ["", "id", "a\nb\nc\nd"] {
            assert!(Credentials::parse(wrong).is_none(), "{wrong}");
        }
    }
}
