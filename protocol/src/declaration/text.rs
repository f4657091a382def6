//! Texts of a form: one form for what keyboards compose differently, and their length as in JSON.

use unicode_normalization::UnicodeNormalization;

/// Normal form C (UAX 15), without blanks around it; blanks within are single spaces.
pub(super) fn normalised(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// As [`normalised`], in capitals and without blanks, hyphens and dots: numbers of papers and cars.
pub(super) fn normalised_number(text: &str) -> String {
    let kept = |letter: &char| !is_blank(*letter) && !matches!(letter, '-' | '.');
    // Composed after blanks are gone: what they separated could be one letter then.
    text.chars().filter(kept).nfc().map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Bytes of UTF-8 in JSON: a quotation mark and a backslash take two.
pub(super) fn json_bytes(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// The blanks that keyboards, spreadsheets and web pages put in.
pub(super) const fn is_blank(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '\t' | '\n' | '\r' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}'
    )
}
