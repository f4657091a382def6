//! What is to be said while the reader's language is not known yet.

use std::fmt;

use fluent_bundle::FluentValue;

use super::{Language, Messages};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// A text of ours, with its arguments by name.
    Ours {
        id: &'static str,
        /// What stands in it.
        arguments: Vec<(&'static str, Text)>,
    },
    /// Values, names, and what another program or library said: in the reader's language as far as
    /// it is known, else as it is.
    Foreign(String),
}

impl Text {
    /// The text with this id.
    pub const fn ours(id: &'static str) -> Self {
        Self::Ours { id, arguments: Vec::new() }
    }

    /// Words that are not ours.
    pub fn foreign(words: impl fmt::Display) -> Self {
        Self::Foreign(words.to_string())
    }

    /// With a value or somebody else's words in it.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with_text(name, Self::foreign(value))
    }

    /// With another text in it.
    #[must_use]
    pub fn with_text(mut self, name: &'static str, text: Self) -> Self {
        if let Self::Ours { arguments, .. } = &mut self {
            arguments.push((name, text));
        }
        self
    }

    /// In the language of `messages`.
    pub fn said(&self, messages: &Messages) -> String {
        match self {
            Self::Foreign(words) => vungxanh_command_line::reason::localised(words, messages),
            Self::Ours { id, arguments } => {
                let said: Vec<(&str, FluentValue<'_>)> = arguments
                    .iter()
                    .map(|(name, text)| (*name, text.said(messages).into()))
                    .collect();
                messages.text(id, &said)
            }
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said(Language::En.messages()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_said_whole_in_each_language() {
        let reason = Text::ours("error-key-hex");
        let text = Text::ours("error-restore").with_text("reason", reason);
        let [vi, en] = [Language::Vi, Language::En].map(|language| text.said(language.messages()));
        assert_eq!(en, text.to_string());
        assert_eq!(en, "not 64 hexadecimal digits; restore the file from its backup");
        assert_eq!(vi, "không phải 64 chữ số thập lục phân; hãy khôi phục tệp từ bản sao lưu");
    }
}
