//! Characters that have no place in a name or on a terminal: one list for both programs.

use std::borrow::Cow;

/// What stands where [`printable`] took something away.
pub const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Whether `c` has no picture of its own: joiners, fillers, marks of direction, selectors, tags
/// (Unicode's `Default_Ignorable_Code_Point`, and the anchors of interlinear notes). Two names that
/// differ in such characters only look the same.
pub const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether `c` steers instead of being read: control characters, with which a text could move the
/// cursor or repaint a terminal, line and paragraph separators, and marks of direction, with which
/// it could show its characters in another order.
pub fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// Whether `text` can be shown as it is, in one line: without [`is_steering`] characters. What comes
/// signed from an authority is refused otherwise.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(is_steering)
}

/// The same for a text of several lines.
pub fn is_plain_lines(text: &str) -> bool {
    !text.chars().any(|c| is_steering(c) && c != '\n')
}

/// `text` as it may be written to a terminal: line feeds stay, tabs become a blank, other
/// [`is_steering`] characters become [`REPLACEMENT`].
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_plain_lines(text) {
        return Cow::Borrowed(text);
    }
    let shown = |c| match c {
        '\n' => '\n',
        '\t' => ' ',
        c if is_steering(c) => REPLACEMENT,
        c => c,
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// JSON in which no string holds [`is_steering`] characters any more: they stand as escapes, so that
/// a reader gets the same value. `json` must be JSON.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    if is_plain_lines(json) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        // All of them stand in the basic plane; outside of strings there are line feeds only.
        if is_steering(c) && c != '\n' {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_and_directions_do_not_reach_a_terminal() {
        let hostile = "Sở Y tế\u{1b}[2J\u{9b}1;1H\r\u{202e}gnod\u{2066}\u{2028}\u{7f}\u{85}";
        assert!(!is_plain(hostile));
        assert_eq!(printable(hostile), "Sở Y tế�[2J�1;1H��gnod����");
        assert_eq!(printable("a\tb\nc"), "a b\nc");
        assert!(is_plain("Quận 1, café ☕\u{fe0f} – “Chợ”") && !is_plain("a\nb"));
        assert!(is_plain_lines("a\nb") && !is_plain_lines("a\r\nb"));
    }

    #[test]
    fn what_steers_stands_in_json_as_escapes() {
        let json = "{\n  \"name\": \"\u{9b}1;1H\u{202e}Chợ\"\n}";
        assert_eq!(printable_json(json), "{\n  \"name\": \"\\u009b1;1H\\u202eChợ\"\n}");
    }

    #[test]
    fn what_steers_but_controls_and_separators_is_invisible_too() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            if is_steering(c) && !c.is_control() && !('\u{2028}'..='\u{2029}').contains(&c) {
                assert!(is_invisible(c), "{c:?}");
            }
            assert!(!(is_invisible(c) && c.is_alphanumeric()) || is_filler(c), "{c:?}");
        }
    }

    /// Letters by their category that have no picture.
    const fn is_filler(c: char) -> bool {
        matches!(c, '\u{115f}'..='\u{1160}' | '\u{3164}' | '\u{ffa0}')
    }

    proptest! {
        #[test]
        fn what_is_printed_is_plain_and_json_keeps_its_value(text in any::<String>()) {
            prop_assert!(is_plain_lines(&printable(&text)));
            let json = serde_json::to_string(&text).unwrap();
            let shown = printable_json(&json);
            prop_assert!(is_plain_lines(&shown));
            prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }
}
