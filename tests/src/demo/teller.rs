//! Prints the story: one plain line for each step, with the time on stage.

use std::io::{IsTerminal, Write};

use vungxanh_daemon::platform::i18n::{Arguments, Language, Texts};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use crate::harness::moment::Moment;

/// Writes to standard output in the person's language.
#[derive(Debug)]
pub struct Teller {
    texts: Texts,
    colour: bool,
}

/// The demo's texts in one language.
pub fn texts(language: Language) -> Texts {
    Texts::from_source(
        language,
        match language {
            Language::Vi => include_str!("../../i18n/vi/demo.ftl"),
            Language::En => include_str!("../../i18n/en/demo.ftl"),
        },
    )
}

impl Teller {
    /// Colour only where a terminal shows it.
    pub fn new(language: Language) -> Self {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { texts: texts(language), colour }
    }

    pub const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Whether to use colours.
    pub const fn colour(&self) -> bool {
        self.colour
    }

    /// A line without a time.
    pub fn line(&self, id: &str, arguments: Arguments<'_>) {
        self.print(&self.texts.with(id, arguments));
    }

    /// A step of the story.
    pub fn step(&self, time: UnixTime, id: &str, arguments: Arguments<'_>) {
        let moment = Moment::of(time);
        let day = self.texts.with("day", &[("number", (moment.day + 1).into())]);
        let clock = format!("{day} {:02}:{:02}", moment.hour, moment.minute);
        let clock = if self.colour { format!("\u{1b}[36m{clock}\u{1b}[0m") } else { clock };
        self.print(&format!("{clock}  {}", self.texts.with(id, arguments)));
    }

    pub fn print(&self, text: &str) {
        let mut stdout = std::io::stdout();
        // A reader that closed early is not an error.
        let _ = writeln!(stdout, "{text}");
        let _ = stdout.flush();
    }

    /// A level for people.
    pub fn level(&self, level: RiskLevel) -> String {
        self.texts.get(match level {
            RiskLevel::None => "level-none",
            RiskLevel::Low => "level-low",
            RiskLevel::High => "level-high",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::demo::story::SCENES;

    /// Text ids with the variables that their texts name.
    fn messages(source: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut found = BTreeMap::<_, BTreeSet<_>>::new();
        let mut id = "";
        for line in source.lines() {
            if let Some((name, _)) = line.split_once(" =")
                && !line.starts_with([' ', '#'])
            {
                id = name;
            }
            let variables = line.split('$').skip(1).filter_map(|part| part.split(' ').next());
            found.entry(id).or_default().extend(variables);
        }
        found
    }

    #[test]
    fn both_languages_tell_the_same_story() {
        let (vi, en) =
            (include_str!("../../i18n/vi/demo.ftl"), include_str!("../../i18n/en/demo.ftl"));
        assert_eq!(messages(vi), messages(en));
    }

    #[test]
    fn every_text_that_the_code_names_exists() {
        let sources = [
            include_str!("mod.rs"),
            include_str!("door_act.rs"),
            include_str!("keep.rs"),
            include_str!("venue_act.rs"),
            include_str!("performance.rs"),
            include_str!("table.rs"),
            include_str!("verdict.rs"),
        ];
        let prefixes = ["demo-", "step-", "row-", "expected-", "found-", "keep-", "table-"];
        let named = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        let named = named.filter(|text| prefixes.iter().any(|prefix| text.starts_with(prefix)));
        let named: BTreeSet<&str> = named.chain(SCENES.iter().map(|scene| scene.text)).collect();
        assert!(named.len() > 30);
        for language in [Language::Vi, Language::En] {
            let texts = texts(language);
            for id in &named {
                assert_ne!(texts.get(id), *id, "no text in {language:?}");
            }
        }
    }
}
