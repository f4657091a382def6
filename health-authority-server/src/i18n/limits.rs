//! Limits by name, for texts that say them: `{ LIMIT("notice-bytes") }`. The number stands only
//! where it is applied.

use fluent_bundle::{FluentArgs, FluentValue};
use vungxanh_protocol::venue::key_file::MIN_PASSPHRASE_CHARS;
use vungxanh_protocol::venue::poster::{MAX_NAME_BYTES, MAX_UNIT_BYTES};
use vungxanh_protocol::venue::warning::NOTICE_TEXT_BYTES;
use vungxanh_protocol::verification_code::{LONG_CODE_CHARACTERS, SHORT_CODE_DIGITS};

use crate::domain::accounts::{
    MAX_LOGIN, MAX_PASSWORD_BYTES, MAX_PERSON_BYTES, MIN_LOGIN, MIN_PASSWORD_CHARACTERS,
};
use crate::domain::api_keys::MAX_API_KEY_NAME_BYTES;
use crate::domain::codes::{LONG_SECONDS, SHORT_SECONDS};
use crate::domain::diagnosis::MAX_DAYS_BACK;
use crate::domain::first_start::FIRST_START_SECONDS;
use crate::domain::phone::{CODE_DIGITS, CODE_SECONDS};
use crate::domain::recovery_codes::{RECOVERY_CODES, RECOVERY_DIGITS};
use crate::domain::sessions::INVITATION_SECONDS;
use crate::domain::share_requests::MAX_REASON_CHARACTERS;
use crate::domain::throttle::WINDOW_SECONDS;
use crate::domain::unit_list::MAX_LIST_BYTES;
use crate::domain::venues::{COUNT_DAYS, MAX_REASON_BYTES, MAX_STAY_MINUTES, STAY_STEP_MINUTES};

/// What texts call it.
pub(super) const FUNCTION: &str = "LIMIT";
/// What texts call [`letters_in_text`].
pub(super) const LETTERS: &str = "LETTERS";
/// Ordinary Vietnamese takes at most so many bytes for ten characters; a test measures it.
const BYTES_OF_TEN_LETTERS: u64 = 14;

const LIMITS: &[(&str, u64)] = &[
    ("api-key-name-bytes", MAX_API_KEY_NAME_BYTES as u64),
    ("count-days", COUNT_DAYS),
    ("days-back", MAX_DAYS_BACK as u64),
    ("decision-bytes", MAX_REASON_BYTES as u64),
    ("first-start-hours", FIRST_START_SECONDS / 3_600),
    ("invitation-hours", INVITATION_SECONDS / 3_600),
    ("list-kilobytes", MAX_LIST_BYTES as u64 / 1_024),
    ("login-characters", MAX_LOGIN as u64),
    ("login-least-characters", MIN_LOGIN as u64),
    ("login-pause-minutes", WINDOW_SECONDS / 60),
    ("long-code-characters", LONG_CODE_CHARACTERS as u64),
    ("long-code-hours", LONG_SECONDS / 3_600),
    ("notice-bytes", NOTICE_TEXT_BYTES as u64),
    ("passphrase-least-characters", MIN_PASSPHRASE_CHARS as u64),
    ("password-bytes", MAX_PASSWORD_BYTES as u64),
    ("password-least-characters", MIN_PASSWORD_CHARACTERS as u64),
    ("person-bytes", MAX_PERSON_BYTES as u64),
    ("phone-code-digits", CODE_DIGITS as u64),
    ("phone-code-minutes", CODE_SECONDS / 60),
    ("recovery-codes", RECOVERY_CODES as u64),
    ("recovery-digits", RECOVERY_DIGITS as u64),
    ("reason-characters", MAX_REASON_CHARACTERS as u64),
    ("short-code-digits", SHORT_CODE_DIGITS as u64),
    ("short-code-minutes", SHORT_SECONDS / 60),
    ("stay-minutes", MAX_STAY_MINUTES as u64),
    ("stay-rest-minutes", MAX_STAY_MINUTES as u64 % 60),
    ("stay-step-minutes", STAY_STEP_MINUTES as u64),
    ("stay-whole-hours", MAX_STAY_MINUTES as u64 / 60),
    ("unit-name-bytes", MAX_UNIT_BYTES as u64),
    ("venue-name-bytes", MAX_NAME_BYTES as u64),
];

/// The limit of this name, for fields of pages.
pub fn limit(name: &str) -> Option<u64> {
    LIMITS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// The limit that a text names; a name that is not known is a fault of the text.
pub(super) fn in_text<'a>(positional: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    let [FluentValue::String(name)] = positional else { return FluentValue::Error };
    limit(name).map_or(FluentValue::Error, FluentValue::from)
}

/// About how many characters of Vietnamese the limit in bytes that a text names has room for, in
/// fives: `{ LETTERS("notice-bytes") }`.
pub(super) fn letters_in_text<'a>(
    positional: &[FluentValue<'a>],
    _: &FluentArgs<'_>,
) -> FluentValue<'a> {
    let [FluentValue::String(name)] = positional else { return FluentValue::Error };
    let letters = |bytes: u64| bytes * 10 / BYTES_OF_TEN_LETTERS / 5 * 5;
    limit(name).map_or(FluentValue::Error, |bytes| FluentValue::from(letters(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn ordinary_vietnamese_has_room_in_the_letters_that_texts_promise() {
        let texts: String = Language::Vi
            .sources()
            .flat_map(str::lines)
            .filter(|line| !line.contains('{') && !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
            .map(|(_, text)| text)
            .collect();
        let (bytes, letters) = (texts.len() as u64, texts.chars().count() as u64);
        assert!(letters > 10_000, "{letters}");
        assert!(bytes * 10 <= letters * BYTES_OF_TEN_LETTERS, "{bytes} bytes, {letters} letters");
    }
}
