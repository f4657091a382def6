//! Where published files are: a folder, or a bucket of a store that speaks S3.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::i18n::Text;

const SCHEME: &str = "s3://";
/// How long a bucket's name is in Amazon's rules, in characters.
const BUCKET_CHARACTERS: RangeInclusive<usize> = 3..=63;
const MAX_PREFIX_CHARACTERS: usize = 256;

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
}
