//! Looks for secrets in files, however they may be written: as bytes, hex or base64.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// How many bytes at the beginning of a needle are looked up at once.
const PREFIX: usize = 8;

/// Needles of at least eight bytes, found in one pass however many there are.
#[derive(Debug, Default)]
pub struct Needles {
    /// Written forms by their beginning, each with the needle's number.
    forms: HashMap<[u8; PREFIX], Vec<(Vec<u8>, usize)>>,
    count: usize,
}

impl Needles {
    /// Adds bytes, to be found raw, in hex of either case and in base64 of either alphabet. What
    /// base64 text longer than the needle hides at another offset is not found.
    pub fn add_bytes(&mut self, needle: &[u8]) {
        let hex = hex::encode(needle);
        let forms = [
            needle.to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            BASE64_STANDARD_NO_PAD.encode(needle).into_bytes(),
            BASE64_URL_SAFE_NO_PAD.encode(needle).into_bytes(),
        ];
        let distinct: BTreeSet<Vec<u8>> = forms.into();
        self.add_forms(distinct);
    }

    /// Adds a text, to be found as it is.
    pub fn add_text(&mut self, needle: &str) {
        self.add_forms([needle.as_bytes().to_vec()]);
    }

    fn add_forms(&mut self, forms: impl IntoIterator<Item = Vec<u8>>) {
        for form in forms {
            if let Some(prefix) = form.first_chunk() {
                self.forms.entry(*prefix).or_default().push((form, self.count));
            }
        }
        self.count += 1;
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The numbers of the needles that are in `haystack`.
    pub fn found_in(&self, haystack: &[u8]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for start in 0..haystack.len().saturating_sub(PREFIX - 1) {
            let rest = &haystack[start..];
            let Some(forms) = rest.first_chunk().and_then(|prefix| self.forms.get(prefix)) else {
                continue;
            };
            let here = forms.iter().filter(|(form, _)| rest.starts_with(form));
            found.extend(here.map(|(_, needle)| needle));
        }
        found
    }

    /// The same in all files under `folder`.
    pub fn found_under(&self, folder: &Path) -> io::Result<BTreeSet<usize>> {
        let mut found = BTreeSet::new();
        for file in files_under(folder)? {
            match std::fs::read(file) {
                Ok(content) => found.extend(self.found_in(&content)),
                // A temporary file that has its name by now, or was removed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

/// All regular files under `folder`.
pub fn files_under(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files.extend(files_under(&entry.path())?);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_way_of_writing_and_nothing_else() {
        let needle: Vec<u8> = (200..216).collect();
        let other: Vec<u8> = (201..217).collect();
        let mut needles = Needles::default();
        needles.add_bytes(&other);
        needles.add_bytes(&needle);
        needles.add_text("12345678");
        let within = |form: &[u8]| [b"before ", form, b" after"].concat();
        for form in [
            needle.clone(),
            hex::encode(&needle).into_bytes(),
            hex::encode_upper(&needle).into_bytes(),
            BASE64_STANDARD_NO_PAD.encode(&needle).into_bytes(),
        ] {
            assert_eq!(needles.found_in(&within(&form)), BTreeSet::from([1]));
            assert_eq!(needles.found_in(&form), BTreeSet::from([1]));
            assert_eq!(needles.found_in(&form[..form.len() - 1]), BTreeSet::new());
        }
        assert_eq!(needles.found_in(b"0123456789"), BTreeSet::from([2]));
        assert_eq!(needles.found_in(b"short"), BTreeSet::new());
        assert_eq!(needles.len(), 3);
    }

    #[test]
    fn looks_into_folders() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("a/b/file"), b"xx87654321xx").unwrap();
        let mut needles = Needles::default();
        needles.add_text("87654321");
        assert_eq!(needles.found_under(folder.path()).unwrap(), BTreeSet::from([0]));
        assert_eq!(files_under(folder.path()).unwrap().len(), 1);
    }
}
