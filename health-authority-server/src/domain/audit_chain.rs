//! The audit log as a chain: each entry carries the hash of the one before and of its own content.
//!
//! The hash of an entry is SHA-256 over `"VX-AUDIT-ENTRY-1" || previous (32) || entry (8) || at (8) ||
//! has account (1) || account (8) || actor || action || subject || detail`. Integers are big-endian; an
//! account that is missing is 0 and 0; each text is its length in bytes (4) and its UTF-8. `previous` of the
//! first entry is 32 zero bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vungxanh_protocol::interval::UnixTime;

const LABEL: &[u8; 16] = b"VX-AUDIT-ENTRY-1";
/// What a head begins with where it is written as text.
const HEAD_LABEL: &str = "vxa1";
/// The longest text that is read as a head, in bytes.
pub const MAX_HEAD_BYTES: usize = 512;
/// Hex digits that stand together where people compare a hash.
const GROUP: usize = 4;

pub type EntryHash = [u8; 32];

/// What the first entry carries as the hash of the one before.
pub const BEGINNING: EntryHash = [0; 32];

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub entry: i64,
    /// Unix seconds.
    pub at: i64,
    pub account: Option<i64>,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

impl Content {
    /// The hash of this entry after one with the hash `previous`.
    pub fn hash(&self, previous: &EntryHash) -> EntryHash {
        self.hash_at(self.entry, previous)
    }

    /// The same as if it stood at another place.
    pub(super) fn hash_at(&self, entry: i64, previous: &EntryHash) -> EntryHash {
        let mut hash = Sha256::new();
        hash.update(LABEL);
        hash.update(previous);
        hash.update(entry.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        hash.update([u8::from(self.account.is_some())]);
        hash.update(self.account.unwrap_or(0).to_be_bytes());
        for text in [&self.actor, &self.action, &self.subject, &self.detail] {
            // No text of the log is longer.
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            hash.update(length.to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.finalize().into()
    }
}

/// The newest entry: who has it in writing can tell later whether anything up to it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its number.
    pub entry: i64,
    /// When it was written.
    pub at: UnixTime,
    #[serde(with = "hex::serde")]
    pub hash: EntryHash,
}

/// What cannot be read as a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the head of an audit log")]
pub struct InvalidHead;

impl Head {
    /// The hash in groups, as people compare it.
    pub fn groups(&self) -> Vec<String> {
        let hex = hex::encode(self.hash);
        let groups = hex.as_bytes().chunks(GROUP).map(|group| String::from_utf8_lossy(group));
        groups.map(std::borrow::Cow::into_owned).collect()
    }
}

/// `vxa1 NUMBER SECONDS` and the hash in groups.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, at, .. } = self;
        write!(f, "{HEAD_LABEL} {entry} {} {}", at.as_secs(), self.groups().join(" "))
    }
}

/// Capitals, and how the hash is divided, do not matter; the word in front may be missing.
impl FromStr for Head {
    type Err = InvalidHead;

    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        if text.len() > MAX_HEAD_BYTES {
            return Err(InvalidHead);
        }
        let text = text.to_ascii_lowercase();
        let mut words = text.split(|c: char| c.is_ascii_whitespace() || c == '-' || c == ',');
        let mut next = || words.find(|word| !word.is_empty()).ok_or(InvalidHead);
        let first = next()?;
        let entry = if first == HEAD_LABEL { next()? } else { first };
        let at = next()?;
        let digits: String = words.collect();
        let mut hash = BEGINNING;
        hex::decode_to_slice(digits, &mut hash).map_err(|_| InvalidHead)?;
        let entry: i64 = number(entry)?;
        if entry < 1 {
            return Err(InvalidHead);
        }
        Ok(Self { entry, at: UnixTime::from_secs(number(at)?), hash })
    }
}

/// Digits only: no sign.
fn number<T: FromStr>(word: &str) -> Result<T, InvalidHead> {
    let is_number = word.bytes().all(|digit| digit.is_ascii_digit());
    word.parse().ok().filter(|_| is_number).ok_or(InvalidHead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            entry: 7,
            at: 1_630_476_000,
            account: Some(3),
            actor: "minh".into(),
            action: "venue-approved".into(),
            subject: "venue 7".into(),
            detail: "Chợ Đồng Xuân".into(),
        }
    }

    /// By Python: `hashlib.sha256` over the documented bytes, packed with `struct`.
    #[test]
    fn the_hash_is_the_one_of_the_documented_bytes() {
        let expected = "50539ec8eea5d29f94ee9635150c2a34ae277ad1f5dd61c4aa6d82a513e97daa";
        assert_eq!(hex::encode(content().hash(&[0xab; 32])), expected);
    }

    #[test]
    fn every_part_of_an_entry_changes_its_hash() {
        let original = content().hash(&BEGINNING);
        let changes: [fn(&mut Content); 9] = [
            |content| content.entry = 8,
            |content| content.at += 1,
            |content| content.account = None,
            |content| content.account = Some(0),
            |content| content.actor = "minhv".into(),
            |content| content.action.push('d'),
            |content| content.subject = "venue 8".into(),
            |content| content.detail.clear(),
            // The same letters, divided otherwise.
            |content| (content.actor, content.action) = ("minhvenue-".into(), "approved".into()),
        ];
        let mut seen = vec![original, content().hash(&[1; 32])];
        for change in changes {
            let mut content = content();
            change(&mut content);
            seen.push(content.hash(&BEGINNING));
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }

    #[test]
    fn a_head_is_read_as_people_type_it() {
        let head = Head { entry: 1_234, at: UnixTime::from_secs(1_796_000_000), hash: [0x0a; 32] };
        let text = head.to_string();
        assert_eq!(text, format!("vxa1 1234 1796000000{}", " 0a0a".repeat(16)));
        let hash = "0A0a ".repeat(16);
        for typed in [
            text.clone(),
            text.to_uppercase(),
            format!("  {}\n", text.replace(' ', "\n")),
            format!("1234 1796000000 {hash}"),
            format!("1234-1796000000-{}", "0a0a-".repeat(16)),
        ] {
            assert_eq!(typed.parse(), Ok(head), "{typed}");
        }
        for wrong in [
            "",
            "vxa1",
            "vxa1 1234",
            "vxa1 1234 1796000000",
            &text[..text.len() - 1],
            &format!("{text}0"),
            &text.replace("1234", "+1234"),
            &text.replace("1234", "0"),
            &text.replace("0a", "0g"),
            &" ".repeat(MAX_HEAD_BYTES + 1),
        ] {
            assert_eq!(wrong.parse::<Head>(), Err(InvalidHead), "{wrong}");
        }
        let json = serde_json::to_string(&head).unwrap();
        assert_eq!(serde_json::from_str::<Head>(&json).unwrap(), head);
    }
}
