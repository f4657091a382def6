//! Reasons of errors in the reader's language. Errors of libraries, of the operating system and of
//! a running daemon reach a program as English text; what is known of them has a text of its own,
//! found by the English one as in gettext. What is not known stays as it is.

use std::io::{Error, ErrorKind};
use std::sync::LazyLock;

use super::Texts;

/// Where the operating system's own words end: `... (os error 2)`.
const OS_ERROR: &str = " (os error ";
/// Reasons within reasons; none of ours is deeper.
const MAX_DEPTH: usize = 8;

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let lines = include_str!("../i18n/en/reasons.ftl").lines();
    let mut known: Vec<Known> = lines.filter_map(Known::parse).collect();
    // The most telling one first.
    known.sort_by_key(|known| std::cmp::Reverse(known.letters()));
    known
});

/// An English text with places for values.
struct Known {
    id: &'static str,
    /// What stands before each value, with the value's name.
    values: Vec<(&'static str, &'static str)>,
    /// What stands after the last one.
    end: &'static str,
}

impl Known {
    fn parse(line: &'static str) -> Option<Self> {
        let (id, mut rest) = line.split_once(" = ").filter(|(id, _)| id.starts_with("reason-"))?;
        let mut values = Vec::new();
        while let Some((before, after)) = rest.split_once("{ $") {
            let (name, after) = after.split_once(" }")?;
            values.push((before, name));
            rest = after;
        }
        Some(Self { id, values, end: rest })
    }

    fn letters(&self) -> usize {
        self.values.iter().map(|(before, _)| before.len()).sum::<usize>() + self.end.len()
    }

    /// The values in `text`, if it is this one.
    fn find<'a>(&self, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let Some((first, name)) = self.values.first() else {
            return (text == self.end).then(Vec::new);
        };
        let mut rest = text.strip_prefix(first)?;
        let mut name = name;
        let mut found = Vec::new();
        for (before, next) in &self.values[1..] {
            let at = rest.find(before)?;
            found.push((*name, &rest[..at]));
            rest = &rest[at + before.len()..];
            name = next;
        }
        found.push((*name, rest.strip_suffix(self.end)?));
        found.iter().all(|(_, value)| !value.is_empty()).then_some(found)
    }
}

/// `english` in the language of `texts`, as far as it is known.
pub fn localised(english: &str, texts: &dyn Texts) -> String {
    within(english, texts, MAX_DEPTH)
}

fn within(english: &str, texts: &dyn Texts, depth: usize) -> String {
    if depth == 0 {
        return english.to_owned();
    }
    if let Some(reason) = of_system(english, texts) {
        return reason;
    }
    for known in KNOWN.iter() {
        let Some(values) = known.find(english) else { continue };
        let values: Vec<(&str, String)> = values
            .into_iter()
            .map(|(name, value)| (name, within(value, texts, depth - 1)))
            .collect();
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        // A program with other texts, such as the demo, has no words for it.
        return texts.text(known.id, &values).unwrap_or_else(|| english.to_owned());
    }
    english.to_owned()
}

/// An error of the operating system, by the number that Rust writes after its words.
fn of_system(english: &str, texts: &dyn Texts) -> Option<String> {
    let (_, number) = english.rsplit_once(OS_ERROR)?;
    let number = number.strip_suffix(')')?;
    let error = Error::from_raw_os_error(number.parse().ok()?);
    // With more before it, as in `cannot open FILE: ...`, it is a value of another text.
    if error.to_string() != english {
        return None;
    }
    let id = match error.kind() {
        ErrorKind::NotFound => "system-not-found",
        ErrorKind::PermissionDenied => "system-permission-denied",
        ErrorKind::AlreadyExists => "system-already-exists",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "system-no-space",
        ErrorKind::ReadOnlyFilesystem => "system-read-only",
        ErrorKind::AddrInUse => "system-in-use",
        ErrorKind::IsADirectory => "system-is-folder",
        ErrorKind::NotADirectory => "system-not-folder",
        ErrorKind::ConnectionRefused => "system-refused",
        ErrorKind::TimedOut => "system-timed-out",
        ErrorKind::FileTooLarge => "system-too-large",
        _ => "system-other",
    };
    texts.text(id, &[("number", number)])
}
