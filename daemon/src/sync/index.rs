//! The list of a region's files: exports, warnings.

use std::fmt;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::venue::batch::MAX_REGION_BYTES;

use super::SyncError;

/// The longest list that is read, in bytes.
pub(super) const MAX_INDEX_BYTES: usize = 1024 * 1024;
/// The longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// The name of a file that an authority lists: `REGION/FILE`, the path below the folder of all regions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct ListedName(String);

impl ListedName {
    /// From a line of the list of `region`. Names are given below the region's own folder, or, as
    /// exposure-notifications-server does, with the region's folder in front.
    pub(super) fn of_line(region: &str, line: &str) -> Result<Self, &'static str> {
        check_name(line)?;
        let named = line.strip_prefix(region).is_some_and(|rest| rest.starts_with('/'));
        Ok(Self(if named { line.to_owned() } else { format!("{region}/{line}") }))
    }

    /// The region in whose list it stands.
    pub(super) fn region(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name with another ending; none if it does not end so.
    pub(super) fn with_ending(&self, ending: &str, other: &str) -> Option<Self> {
        self.0.strip_suffix(ending).map(|stem| Self(format!("{stem}{other}")))
    }
}

impl fmt::Display for ListedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a list: one name on each line, oldest first, each the path of a file below the folder of
/// all regions that ends with one of `extensions`. Names of other kinds of files are passed over.
pub(super) fn parse(
    region: &str,
    text: &[u8],
    extensions: &[&str],
) -> Result<Vec<ListedName>, SyncError> {
    let bad = |line, reason| SyncError::BadIndex { region: region.to_owned(), line, reason };
    let text = std::str::from_utf8(text).map_err(|_| bad(1, "it is not text"))?;
    let mut names = Vec::new();
    for (line, name) in text.lines().enumerate() {
        let name = name.trim_end();
        if name.is_empty() {
            continue;
        }
        let listed = ListedName::of_line(region, name).map_err(|reason| bad(line + 1, reason))?;
        if extensions.iter().any(|extension| name.ends_with(extension)) {
            names.push(listed);
        }
    }
    Ok(names)
}

/// Whether a region's name can be part of a URL.
pub(super) fn check_region(region: &str) -> Result<(), SyncError> {
    let bad = |reason| SyncError::BadIndex { region: region.to_owned(), line: 0, reason };
    if region.len() > MAX_REGION_BYTES || region.contains('/') {
        return Err(bad("the region's name is not accepted"));
    }
    check_name(region).map_err(bad)
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.len() > MAX_NAME_BYTES {
        return Err("a name is too long");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/');
    if !name.chars().all(plain) {
        return Err("a name has characters other than letters, digits, '.', '_', '-', '+' and '/'");
    }
    if name.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        return Err("a name leads out of its folder");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_ways_of_naming() {
        let names =
            parse("VN", b"1-2-00001.zip\nVN/2-3-00001.zip\r\n\nindex.html\n", &[".zip"]).unwrap();
        let texts: Vec<_> = names.iter().map(ListedName::as_str).collect();
        assert_eq!(texts, ["VN/1-2-00001.zip", "VN/2-3-00001.zip"]);
        assert_eq!(names[0].region(), "VN");
        assert!(parse("VN", b"", &[".zip"]).unwrap().is_empty());
        // A batch of warnings stands there twice: version 2 has another ending.
        let batches = b"VN/1-2-00001.vxp\nVN/1-2-00001.vxw";
        let names = parse("VN", batches, &[".vxw"]).unwrap();
        assert_eq!(names.iter().map(ListedName::as_str).collect::<Vec<_>>(), ["VN/1-2-00001.vxw"]);
    }

    #[test]
    fn names_that_lead_elsewhere() {
        let long = format!("{}.zip", "a".repeat(200));
        for name in [
            "../a.zip",
            "a/../b.zip",
            "/a.zip",
            "//host/a.zip",
            "https://host/a.zip",
            "a\\b.zip",
            "a%2e%2e.zip",
            "a?b.zip",
            ".hidden.zip",
            "a b.zip",
            "\u{e4}.zip",
            &long,
        ] {
            let text = format!("ok.zip\n{name}");
            let line = match parse("VN", text.as_bytes(), &[".zip"]) {
                Err(SyncError::BadIndex { line, .. }) => line,
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(line, 2, "{name}");
        }
        assert!(check_region("VN").is_ok() && check_region("vn-hn+1").is_ok());
        assert!(check_region("..").is_err() && check_region("a/b").is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_listed_stays_below_the_folder(text in any::<Vec<u8>>()) {
            let folder = reqwest::Url::parse("https://host/exports/").unwrap();
            for name in parse("VN", &text, &[".zip"]).unwrap_or_default() {
                let url = folder.join(name.as_str()).unwrap();
                prop_assert!(url.as_str().starts_with("https://host/exports/VN/"));
            }
        }
    }
}
