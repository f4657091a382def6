//! Text for people, in Vietnamese and English (Project Fluent).

mod limits;
mod text;

use std::sync::LazyLock;

use clap::builder::PossibleValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub use limits::limit;
pub use text::Text;

/// One file for each part of the program, in both languages: Vietnamese, English.
const FILES: &[[&str; 2]] = &[
    [vungxanh_command_line::VIETNAMESE, vungxanh_command_line::ENGLISH],
    [include_str!("../i18n/vi/help.ftl"), include_str!("../i18n/en/help.ftl")],
    [include_str!("../i18n/vi/server.ftl"), include_str!("../i18n/en/server.ftl")],
    [include_str!("../i18n/vi/portal.ftl"), include_str!("../i18n/en/portal.ftl")],
    [include_str!("../i18n/vi/accounts.ftl"), include_str!("../i18n/en/accounts.ftl")],
    [include_str!("../i18n/vi/audit.ftl"), include_str!("../i18n/en/audit.ftl")],
    [include_str!("../i18n/vi/statistics.ftl"), include_str!("../i18n/en/statistics.ftl")],
    [include_str!("../i18n/vi/browser.ftl"), include_str!("../i18n/en/browser.ftl")],
    [include_str!("../i18n/vi/pages.ftl"), include_str!("../i18n/en/pages.ftl")],
    [include_str!("../i18n/vi/warnings.ftl"), include_str!("../i18n/en/warnings.ftl")],
    [include_str!("../i18n/vi/poster.ftl"), include_str!("../i18n/en/poster.ftl")],
    [include_str!("../i18n/vi/cards.ftl"), include_str!("../i18n/en/cards.ftl")],
    [include_str!("../i18n/vi/declarations.ftl"), include_str!("../i18n/en/declarations.ftl")],
    [include_str!("../i18n/vi/intake.ftl"), include_str!("../i18n/en/intake.ftl")],
    [include_str!("../i18n/vi/declare.ftl"), include_str!("../i18n/en/declare.ftl")],
    [include_str!("../i18n/vi/warned.ftl"), include_str!("../i18n/en/warned.ftl")],
    [include_str!("../i18n/vi/requests.ftl"), include_str!("../i18n/en/requests.ftl")],
    [include_str!("../i18n/vi/codes.ftl"), include_str!("../i18n/en/codes.ftl")],
    [include_str!("../i18n/vi/station.ftl"), include_str!("../i18n/en/station.ftl")],
    [include_str!("../i18n/vi/authority.ftl"), include_str!("../i18n/en/authority.ftl")],
    [include_str!("../i18n/vi/venue_changes.ftl"), include_str!("../i18n/en/venue_changes.ftl")],
    [include_str!("../i18n/vi/help_pages.ftl"), include_str!("../i18n/en/help_pages.ftl")],
];

/// The variables of texts that scripts show.
const SCRIPT_VARIABLES: [&str; 21] = [
    "character",
    "code",
    "count",
    "day",
    "expected",
    "field",
    "from",
    "groups",
    "hour",
    "limit",
    "line",
    "list",
    "minutes",
    "name",
    "number",
    "reason",
    "status",
    "time",
    "until",
    "unit",
    "venue",
];

static VIETNAMESE: LazyLock<Messages> = LazyLock::new(|| Messages::new(Language::Vi));
static ENGLISH: LazyLock<Messages> = LazyLock::new(|| Messages::new(Language::En));

/// A language of the command line and of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Vi,
    En,
}

impl clap::ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Vi, Self::En]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.tag()))
    }
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

    /// The language that a tag such as `vi-VN` or `en` names.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()? {
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Its messages, read once in a process.
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::Vi => &VIETNAMESE,
            Self::En => &ENGLISH,
        }
    }

    fn sources(self) -> impl Iterator<Item = &'static str> {
        FILES.iter().map(move |[vi, en]| match self {
            Self::Vi => *vi,
            Self::En => *en,
        })
    }

    /// The texts whose ids begin with `prefix`, by the rest of their ids, for a script that fills
    /// values in: `{name}` stands for the variable `$name`.
    pub fn patterns(self, prefix: &str) -> Vec<(String, String)> {
        let ids = self.sources().flat_map(str::lines).filter_map(|line| {
            line.split_once(" =").map(|(id, _)| id).filter(|id| id.starts_with(prefix))
        });
        let places = SCRIPT_VARIABLES.map(|name| (name, FluentValue::from(format!("{{{name}}}"))));
        ids.map(|id| (id[prefix.len()..].to_owned(), self.messages().text(id, &places))).collect()
    }

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
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
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        // The only failure is that there is one of these names.
        let _ = bundle.add_function(limits::FUNCTION, limits::in_text);
        let _ = bundle.add_function(limits::LETTERS, limits::letters_in_text);
        for source in language.sources() {
            // A test reads all files completely; a message with a fault is left out here.
            let resource =
                FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
            let _ = bundle.add_resource(resource);
        }
        Self(bundle)
    }

    /// Whether there is a message with this id.
    pub fn has(&self, id: &str) -> bool {
        self.0.get_message(id).is_some_and(|message| message.value().is_some())
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

impl vungxanh_command_line::Texts for Messages {
    fn text(&self, id: &str, values: &[(&str, &str)]) -> Option<String> {
        let values: Vec<(&str, FluentValue<'_>)> =
            values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
        self.has(id).then(|| self.text(id, &values))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::accounts::Role;
    use crate::domain::permissions::Permission;

    fn ids(source: &str) -> Vec<&str> {
        source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" ="))
            .map(|(id, _)| id)
            .collect()
    }

    /// Where a text is missing, a page shows its id.
    #[test]
    fn every_text_that_a_template_names_is_there() {
        let mut named = 0;
        for path in files_below("templates") {
            let template = std::fs::read_to_string(&path).unwrap();
            for call in ["page.t(\"", "page.t1(\"", "page.n1(\""] {
                for id in quoted(&template, call) {
                    assert!(Language::En.messages().has(id), "{id} in {}", path.display());
                    named += 1;
                }
            }
        }
        assert!(named > 300, "{named}");
    }

    #[test]
    fn both_languages_have_the_same_messages_and_parse() {
        let mut seen = BTreeSet::new();
        for [vi, en] in FILES {
            assert_eq!(ids(vi), ids(en));
            for id in ids(en) {
                assert!(seen.insert(id), "{id} stands twice");
            }
        }
        for language in [Language::Vi, Language::En] {
            for source in language.sources() {
                assert!(FluentResource::try_new(source.to_owned()).is_ok());
            }
            for id in &seen {
                assert!(language.messages().has(id), "{id}");
            }
        }
    }

    /// What stands in quotes after `before`.
    fn quoted<'a>(source: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
        source.split(before).skip(1).filter_map(|rest| rest.split('"').next())
    }

    fn files_below(folder: &str) -> Vec<std::path::PathBuf> {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    #[test]
    fn limits_in_texts_and_pages_are_known() {
        for path in files_below("templates") {
            let source = std::fs::read_to_string(path).unwrap();
            for name in quoted(&source, "page.limit(\"") {
                assert!(limit(name).is_some(), "{name}");
            }
        }
        for language in [Language::Vi, Language::En] {
            let mut found = 0;
            let sources = || language.sources();
            let letters = sources().flat_map(|source| quoted(source, "LETTERS(\""));
            for name in sources().flat_map(|source| quoted(source, "LIMIT(\"")).chain(letters) {
                assert!(limit(name).is_some(), "{name}");
                found += 1;
            }
            assert!(found > 0);
        }
        let text = Language::En.messages().text("help-warning-text", &[]);
        assert_eq!(text, "Message to visitors, at most 117 characters (about 80 in Vietnamese)");
    }

    #[test]
    fn texts_that_the_program_names_exist() {
        let mut found = 0;
        for path in files_below("src") {
            let source = std::fs::read_to_string(&path).unwrap();
            for before in ["Text::ours(\"", "Failure::input(\"", "context.say(\""] {
                for id in quoted(&source, before) {
                    found += 1;
                    assert!(Language::En.messages().has(id), "{}: {id}", path.display());
                }
            }
        }
        assert!(found > 50, "{found}");
    }

    #[test]
    fn permissions_roles_and_states_have_texts() {
        let has = |id: String| assert!(Language::En.messages().has(&id), "{id}");
        for permission in Permission::ALL {
            has(format!("permission-{}", permission.name()));
        }
        for role in Role::ALL {
            has(format!("role-{}", role.name()));
            if role.is_authority() {
                has(format!("role-may-{}", role.name()));
            }
        }
    }

    #[test]
    fn texts_that_scripts_name_exist() {
        let pages: [(&str, &[&str], &[&str]); 2] = [
            (
                "declare",
                &["page-declare-"],
                &[" text('", "(text('", "tell('", "button('", "return '"],
            ),
            ("officer", &["page-intake-"], &[" text('", "(text('", "[text('", "lock('"]),
        ];
        for (script, prefixes, before) in pages {
            let mut found = 0;
            for path in files_below("assets") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if !name.starts_with(script) || path.parent().unwrap().ends_with("built") {
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                for id in ids_in_script(&source, before) {
                    found += 1;
                    let known =
                        |prefix: &&str| Language::En.messages().has(&format!("{prefix}{id}"));
                    assert!(prefixes.iter().any(known), "{name}: {id}");
                }
            }
            assert!(found > 40, "{script}: {found}");
        }
    }

    /// What a script names as texts, after one of `before`.
    fn ids_in_script<'a>(source: &'a str, before: &[&'a str]) -> Vec<&'a str> {
        let mut ids = Vec::new();
        for before in before {
            for rest in source.split(before).skip(1) {
                let id = rest.split('\'').next().unwrap();
                let is_id = id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                if is_id && !id.is_empty() && (*before != "return '" || id.contains('-')) {
                    ids.push(id);
                }
            }
        }
        ids
    }

    #[test]
    fn tags() {
        assert_eq!(Language::from_tag("vi-VN"), Some(Language::Vi));
        assert_eq!(Language::from_tag("en"), Some(Language::En));
        assert_eq!(Language::from_tag("fr"), None);
        assert_eq!(Language::from_tag(""), None);
    }
}
