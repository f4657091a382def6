//! Looking for a place by words of its name or address, as people type them: without diacritics,
//! in any order.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest text that is looked for, in characters.
pub const MAX_QUERY_CHARACTERS: usize = 100;

/// Words to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceQuery(Vec<String>);

impl PlaceQuery {
    /// The words of `text`; `None` when it has none or is too long.
    pub fn new(text: &str) -> Option<Self> {
        if text.chars().count() > MAX_QUERY_CHARACTERS {
            return None;
        }
        let words: Vec<String> = folded(text).split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether every word is in one of `texts`.
    pub fn matches(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| folded(text)).collect();
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// Lower case without diacritics.
fn folded(text: &str) -> String {
    let plain = text.nfd().filter(|character| !is_combining_mark(*character));
    plain
        .flat_map(char::to_lowercase)
        .map(|character| if character == 'đ' { 'd' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_without_diacritics_in_any_order() {
        let place = ["Chợ Đồng Xuân", "Tầng 1", "Phường Hoàn Kiếm"];
        let found = |text: &str| PlaceQuery::new(text).unwrap().matches(&place);
        assert!(found("dong xuan"));
        assert!(found("XUÂN chợ hoan"));
        assert!(found("tang 1 đồng"));
        assert!(!found("dong xuan 2"));
        assert_eq!(PlaceQuery::new(" \t"), None);
        assert_eq!(PlaceQuery::new(&"x".repeat(101)), None);
    }
}
