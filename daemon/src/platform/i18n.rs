//! User-visible text in Vietnamese and English, from `i18n/<language>/*.ftl` (Project Fluent).

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;
use vungxanh_command_line::reason;

/// Arguments of texts that hold what others said.
const REASONS: [&str; 2] = ["detail", "reason"];

/// The languages that every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    Vi,
    En,
}

impl Language {
    /// The language of the person's environment (`LC_ALL`, `LC_MESSAGES`, `LANG`): Vietnamese if
    /// it says so, else English.
    pub fn of_environment() -> Self {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|variable| std::env::var(variable).ok().filter(|value| !value.is_empty()));
        if named.is_some_and(|name| name.starts_with("vi")) { Self::Vi } else { Self::En }
    }

    /// The tag used in the authority document: `vi` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// How a day is written on pages and paper (strftime).
    pub(crate) const fn day_format(self) -> &'static str {
        match self {
            Self::Vi => "%d/%m/%Y",
            Self::En => "%-d %b %Y",
        }
    }

    /// The language of a tag, exactly as [`Language::tag`] writes it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        [Self::Vi, Self::En].into_iter().find(|language| language.tag() == tag)
    }

    const fn sources(self) -> [&'static str; 11] {
        match self {
            Self::Vi => [
                vungxanh_command_line::VIETNAMESE,
                include_str!("../../i18n/vi/daemon.ftl"),
                include_str!("../../i18n/vi/declarations.ftl"),
                include_str!("../../i18n/vi/desktop.ftl"),
                include_str!("../../i18n/vi/files.ftl"),
                include_str!("../../i18n/vi/top.ftl"),
                include_str!("../../i18n/vi/venue.ftl"),
                include_str!("../../i18n/vi/web.ftl"),
                include_str!("../../i18n/vi/web_declare.ftl"),
                include_str!("../../i18n/vi/web_deeds.ftl"),
                include_str!("../../i18n/vi/web_report.ftl"),
            ],
            Self::En => [
                vungxanh_command_line::ENGLISH,
                include_str!("../../i18n/en/daemon.ftl"),
                include_str!("../../i18n/en/declarations.ftl"),
                include_str!("../../i18n/en/desktop.ftl"),
                include_str!("../../i18n/en/files.ftl"),
                include_str!("../../i18n/en/top.ftl"),
                include_str!("../../i18n/en/venue.ftl"),
                include_str!("../../i18n/en/web.ftl"),
                include_str!("../../i18n/en/web_declare.ftl"),
                include_str!("../../i18n/en/web_deeds.ftl"),
                include_str!("../../i18n/en/web_report.ftl"),
            ],
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }
}

/// All texts of one language.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// Arguments of a text, by name.
pub type Arguments<'a> = &'a [(&'a str, FluentValue<'a>)];

impl Texts {
    /// Loads this program's texts of `language`.
    pub fn load(language: Language) -> Self {
        Self::from_source(language, &language.sources().concat())
    }

    /// Texts from another Fluent file, `source`.
    pub fn from_source(language: Language, source: &str) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        bundle.set_use_isolating(false);
        // The files are part of the program and tested to parse; what parses is used.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partly, _)| partly);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// Which language this is.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text `id`.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The text `id` without arguments.
    pub fn get(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// What a library, the operating system or the daemon said in English, as far as it is known.
    pub fn reason(&self, english: &str) -> String {
        reason::localised(english, self)
    }

    /// The text `id` with arguments. An unknown id is returned as it is; a test finds it.
    pub fn with(&self, id: &str, arguments: Arguments<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut fluent_arguments = FluentArgs::new();
        for (name, value) in arguments {
            let value = match value {
                FluentValue::String(text) if REASONS.contains(name) => self.reason(text).into(),
                other => other.clone(),
            };
            fluent_arguments.set(*name, value);
        }
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&fluent_arguments), &mut errors).into_owned()
    }
}

impl vungxanh_command_line::Texts for Texts {
    fn text(&self, id: &str, values: &[(&str, &str)]) -> Option<String> {
        let values: Vec<(&str, FluentValue<'_>)> =
            values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
        self.bundle.has_message(id).then(|| self.with(id, &values))
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({:?})", self.language)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Message ids with the variables that their text names.
    fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let resource = FluentResource::try_new(language.sources().concat())
            .map_err(|(_, errors)| errors)
            .unwrap();
        drop(resource);
        let mut found = BTreeMap::new();
        let mut id = String::new();
        let source = language.sources().concat();
        for line in source.lines() {
            if let Some((name, _)) = line.split_once(" =")
                && !line.starts_with([' ', '#'])
            {
                id = name.to_owned();
                found.insert(id.clone(), BTreeSet::new());
            }
            for part in line.split('$').skip(1) {
                let end = part.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
                let variable = part[..end.unwrap_or(part.len())].to_owned();
                found.get_mut(&id).unwrap().insert(variable);
            }
        }
        found
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(messages(Language::Vi), messages(Language::En));
    }

    #[test]
    fn every_message_has_a_text() {
        for language in [Language::Vi, Language::En] {
            let texts = Texts::load(language);
            for id in messages(language).keys() {
                assert!(texts.bundle.get_message(id).and_then(|m| m.value()).is_some(), "{id}");
            }
        }
    }
}
