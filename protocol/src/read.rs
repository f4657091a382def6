//! Reading binary fields one after the other, never beyond the end, and writing texts as they are read.

use crate::text::{is_plain, is_steering};

/// Why bytes of a format of this crate cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Another length than the format has.
    #[error("{what} has the wrong length: {bytes} bytes")]
    Length {
        /// What was read.
        what: &'static str,
        /// Bytes found.
        bytes: usize,
    },
    /// A field that makes no sense.
    #[error("{what} cannot be read: {reason}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A version that this program does not know.
    #[error("{what} has version {found}; this program reads version {known}: use a newer program")]
    UnknownVersion {
        /// What was read.
        what: &'static str,
        /// The version found.
        found: u8,
        /// The version known.
        known: u8,
    },
}

pub(crate) struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes }
    }

    pub(crate) const fn malformed(&self, reason: &'static str) -> FormatError {
        FormatError::Malformed { what: self.what, reason }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or(self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn slice(&mut self, length: usize) -> Result<&'a [u8], FormatError> {
        let (head, rest) =
            self.rest.split_at_checked(length).ok_or(self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, FormatError> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16, FormatError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, FormatError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A version byte that must be `known`.
    pub(crate) fn version(&mut self, known: u8) -> Result<(), FormatError> {
        match self.byte()? {
            found if found == known => Ok(()),
            found => Err(FormatError::UnknownVersion { what: self.what, found, known }),
        }
    }

    /// One byte of length, then that many bytes of printable UTF-8.
    pub(crate) fn text(&mut self, limit: usize) -> Result<String, FormatError> {
        let length = usize::from(self.byte()?);
        if length > limit {
            return Err(self.malformed("a text is too long"));
        }
        let text = str::from_utf8(self.slice(length)?)
            .map_err(|_| self.malformed("a text is not UTF-8"))?;
        if !is_plain(text) {
            return Err(self.malformed("a text has control characters or marks of direction"));
        }
        Ok(text.to_owned())
    }

    /// A text as [`Reader::text`] in a field of `limit` bytes, filled up with zeros.
    pub(crate) fn padded_text(&mut self, limit: usize) -> Result<String, FormatError> {
        let text = self.text(limit)?;
        if self.slice(limit - text.len())?.iter().any(|byte| *byte != 0) {
            return Err(self.malformed("the filling of a text is not zero"));
        }
        Ok(text)
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn end(self) -> Result<(), FormatError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("bytes follow its end")) }
    }
}

/// The longest beginning of `text` of at most `limit` bytes that ends between characters.
pub(crate) fn shortened(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Appends `text` as [`Reader::padded_text`] reads it, shortened where needed; control characters
/// and marks of direction become spaces.
pub(crate) fn push_padded(output: &mut Vec<u8>, text: &str, limit: usize) {
    let text: String = text.chars().map(|c| if is_steering(c) { ' ' } else { c }).collect();
    let text = shortened(&text, limit);
    // Limits are below 256.
    output.push(u8::try_from(text.len()).unwrap_or(0));
    output.extend_from_slice(text.as_bytes());
    output.resize(output.len() + limit - text.len(), 0);
}

/// Appends `text` as [`Reader::text`] reads it; none where it is longer than `limit`.
pub(crate) fn push_text(output: &mut Vec<u8>, text: &str, limit: usize) -> Option<()> {
    let length = u8::try_from(text.len()).ok().filter(|_| text.len() <= limit)?;
    output.push(length);
    output.extend_from_slice(text.as_bytes());
    Some(())
}
