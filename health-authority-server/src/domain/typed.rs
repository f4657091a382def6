//! Codes and numbers as people type and paste them.

use unicode_normalization::UnicodeNormalization;
use vungxanh_protocol::text::{is_invisible, is_steering};
use zeroize::Zeroizing;

/// The longest text in which a code or a number is looked for, in bytes.
pub(super) const MAX_TYPED_BYTES: usize = 256;

/// Letters and digits of what was typed, as small ASCII letters: blanks, hyphens and dashes, dots, and
/// what cannot be seen are passed over, characters of full width are taken as plain ones. `None` with
/// any other letter, and when it is longer than a code with all of these between.
pub(super) fn letters_and_digits(typed: &str) -> Option<Zeroizing<String>> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let mut text = Zeroizing::new(String::with_capacity(MAX_TYPED_BYTES));
    for c in typed.nfkc().filter(|c| c.is_alphanumeric()) {
        if !c.is_ascii() {
            return None;
        }
        text.push(c.to_ascii_lowercase());
    }
    Some(text)
}

/// Exactly so many digits of what was typed.
pub(super) fn digits(typed: &str, count: usize) -> Option<Zeroizing<String>> {
    let text = letters_and_digits(typed)?;
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// Whether everything in the text can be seen: no control characters, marks of direction, or characters
/// without a picture, by which two texts only look the same.
pub fn shows_all(text: &str) -> bool {
    !text.chars().any(|c| is_steering(c) || is_invisible(c))
}

/// The same for a text of several lines, as a browser sends it.
pub fn shows_all_lines(text: &str) -> bool {
    text.lines().all(shows_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_is_passed_over() {
        for typed in [
            "123456",
            " 123 456 ",
            "123\u{2013}456",
            "12.34.56.",
            "123\u{200b}456\u{feff}",
            "\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}",
            "\u{202a}123\u{2011}456\u{202c}",
        ] {
            assert_eq!(digits(typed, 6).unwrap().as_str(), "123456", "{typed:?}");
        }
        for typed in ["", "12345", "1234567", "12345a", "12345đ", &"1".repeat(300)] {
            assert!(digits(typed, 6).is_none(), "{typed}");
        }
        assert_eq!(letters_and_digits("AbC-2").unwrap().as_str(), "abc2");
        assert!(letters_and_digits("mã").is_none());
    }

    #[test]
    fn what_hides_or_steers_is_found() {
        for c in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{202e}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{e0041}',
        ] {
            assert!(!shows_all(&format!("Chợ {c}A")), "{c:?}");
            assert!(!shows_all_lines(&format!("Chợ\n{c}A")), "{c:?}");
        }
        assert!(shows_all("Chợ Đồng Xuân – “A”, ☕"));
        assert!(!shows_all("a\nb") && shows_all_lines("a\r\nb\n"));
    }
}
