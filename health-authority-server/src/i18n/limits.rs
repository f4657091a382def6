//! Limits by name, for texts that say them: `{ LIMIT("notice-bytes") }`. The number stands only
//! where it is applied.

use fluent_bundle::{FluentArgs, FluentValue};
use vungxanh_protocol::venue::warning::NOTICE_TEXT_BYTES;

use crate::domain::codes::{LONG_CHARACTERS, LONG_SECONDS, SHORT_DIGITS, SHORT_SECONDS};
use crate::domain::diagnosis::MAX_DAYS_BACK;

/// What texts call it.
pub(super) const FUNCTION: &str = "LIMIT";

const LIMITS: &[(&str, u64)] = &[
    ("days-back", MAX_DAYS_BACK as u64),
    ("long-code-characters", LONG_CHARACTERS as u64),
    ("long-code-hours", LONG_SECONDS / 3_600),
    ("notice-bytes", NOTICE_TEXT_BYTES as u64),
    ("short-code-digits", SHORT_DIGITS as u64),
    ("short-code-minutes", SHORT_SECONDS / 60),
];

/// The limit that the text names; a name that is not known is a fault of the text.
pub(super) fn limit<'a>(
    positional: &[FluentValue<'a>],
    _named: &FluentArgs<'_>,
) -> FluentValue<'a> {
    let [FluentValue::String(name)] = positional else { return FluentValue::Error };
    let found = LIMITS.iter().find(|(known, _)| known == name);
    found.map_or(FluentValue::Error, |(_, number)| FluentValue::from(*number))
}
