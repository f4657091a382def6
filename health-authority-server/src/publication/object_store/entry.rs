//! What stores of published files have in common: names, and what caches may do with a file.

use std::fs::File;

/// The name of a region's list, in its folder.
pub const INDEX: &str = "index.txt";
/// Documents and indexes change; caches may keep them for five minutes.
pub const CHANGING: &str = "public, max-age=300";
/// Files never change and are listed for at most 22 days.
pub const IMMUTABLE: &str = "public, max-age=1900800, immutable";
/// Signed documents: the authority's, and batches of warnings.
pub const SIGNED: &str = "application/vnd.vungxanh.signed";

/// What became of a file that never changes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    Written,
    /// It was there already.
    SameThere,
    /// Other bytes have its name; nothing was done.
    OtherThere,
}

/// A published file, opened: it can be read to its end even if it is deleted or replaced meanwhile.
#[derive(Debug)]
pub struct PublishedFile {
    pub file: File,
    /// Its length in bytes.
    pub length: u64,
    /// An entity tag of its content, in quotes (RFC 9110, 8.8.3).
    pub tag: String,
}

/// A region's list as it was read, to be replaced only if it is still the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenIndex {
    /// None where there is none yet.
    pub content: Option<Vec<u8>>,
    /// By what a store knows it again, where its content is not enough.
    pub(super) version: Option<String>,
}

/// Held while files are completed, so that two processes of one machine do not do it twice.
#[derive(Debug)]
pub struct StoreLock(#[allow(dead_code, reason = "unlocked when dropped")] pub(super) File);

/// `REGION/FILE` of plain characters, neither starting with a dot.
pub(super) fn is_public_name(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 128
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    name.split_once('/').is_some_and(|(region, file)| plain(region) && plain(file))
}

/// The name of a region's list.
pub fn index_name(region: &str) -> String {
    format!("{region}/{INDEX}")
}

/// Whether it is a region's list.
pub fn is_index(name: &str) -> bool {
    name.rsplit('/').next() == Some(INDEX)
}

/// A published file's media type and what caches may do with it, by its name.
pub fn headers(name: &str) -> (&'static str, &'static str) {
    match name.rsplit(['/', '.']).next() {
        _ if is_index(name) => ("text/plain; charset=utf-8", CHANGING),
        Some("zip") => ("application/zip", IMMUTABLE),
        _ => (SIGNED, IMMUTABLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_index_changes() {
        assert_eq!(headers("VN/index.txt"), ("text/plain; charset=utf-8", CHANGING));
        assert_eq!(headers("VN/1-2-00001.zip"), ("application/zip", IMMUTABLE));
        assert_eq!(headers("VN/1-2-00001.vxw"), (SIGNED, IMMUTABLE));
        assert_eq!(headers("VN/1-2-00001.vxp"), (SIGNED, IMMUTABLE));
    }
}
