//! Text for people, in Vietnamese and English (Project Fluent).

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

const VI: &str = include_str!("../i18n/vi/server.ftl");
const EN: &str = include_str!("../i18n/en/server.ftl");

/// A language of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// The language that the environment asks for (`LC_ALL`, `LC_MESSAGES`, `LANG`).
    pub fn from_environment() -> Self {
        let wanted = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        match wanted {
            Some(locale) if locale.starts_with("vi") => Self::Vi,
            _ => Self::En,
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Vi => VI,
            Self::En => EN,
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }
}

/// The messages of one language.
pub struct Messages(FluentBundle<FluentResource>);

impl Messages {
    /// All messages of `language`.
    pub fn new(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![tag]);
        bundle.set_use_isolating(false);
        // A test reads both files completely; a message with a fault is left out here.
        let resource = FluentResource::try_new(language.source().to_owned())
            .unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
        Self(bundle)
    }

    /// The text of a message.
    pub fn text(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.0.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut fluent = FluentArgs::new();
        for (name, value) in arguments {
            fluent.set(*name, value.clone());
        }
        self.0.format_pattern(pattern, Some(&fluent), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(source: &str) -> Vec<&str> {
        source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" = "))
            .map(|(id, _)| id)
            .collect()
    }

    #[test]
    fn every_counter_has_a_label() {
        for counter in crate::storage::statistics::Counter::ALL {
            let id = format!("total-{}", counter.name().replace('_', "-"));
            assert!(ids(EN).contains(&id.as_str()), "{id}");
        }
    }

    #[test]
    fn both_languages_have_the_same_messages_and_parse() {
        assert_eq!(ids(VI), ids(EN));
        for language in [Language::Vi, Language::En] {
            assert!(FluentResource::try_new(language.source().to_owned()).is_ok());
            let messages = Messages::new(language);
            for id in ids(EN) {
                assert!(messages.0.get_message(id).and_then(|m| m.value()).is_some(), "{id}");
            }
        }
    }
}
