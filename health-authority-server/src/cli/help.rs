//! Help in the reader's language. Commands and arguments carry the ids of their texts.

use std::ffi::OsString;

use clap::ValueEnum;

use crate::i18n::Language;

/// The language asked for, read before clap so that help is in it, too.
pub(super) fn language_of(args: &[OsString]) -> Option<Language> {
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let value =
        args.iter().enumerate().find_map(|(i, arg)| match arg.strip_prefix("--lang")? {
            "" => args.get(i + 1).copied(),
            rest => rest.strip_prefix('='),
        })?;
    Language::from_str(value, true).ok()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};
    use vungxanh_command_line::help::localised;

    use super::super::Cli;
    use super::*;

    /// All commands, by their names after each other.
    fn commands(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        let path = format!("{path} {}", command.get_name());
        for subcommand in command.get_subcommands() {
            commands(subcommand, &path, found);
        }
        found.push((path, command.clone()));
    }

    fn all(root: &Command) -> Vec<(String, Command)> {
        let mut found = Vec::new();
        commands(root, "", &mut found);
        assert!(found.len() > 20);
        found
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        for (path, command) in all(&Cli::command()) {
            let arguments = command.get_arguments().map(|a| (a.get_id().as_str(), a.get_help()));
            for (what, help) in arguments.chain([("", command.get_about())]) {
                let id = help.map(ToString::to_string).unwrap_or_default();
                for language in [Language::Vi, Language::En] {
                    assert!(id.starts_with("help-"), "{path} {what}: {id:?}");
                    assert!(language.messages().has(&id), "{path} {what}: {id}");
                }
            }
        }
    }

    #[test]
    fn nothing_that_clap_says_by_itself_stands_in_help() {
        let mut root = localised(Cli::command(), Language::Vi.messages());
        root.build();
        for (path, mut command) in all(&root) {
            let help = command.render_long_help().to_string();
            for english in [
                "Usage:",
                "Commands:",
                "Options:",
                "Arguments:",
                "ossible values",
                "Print",
                "[default",
            ] {
                assert!(!help.contains(english), "{path}: {english}\n{help}");
            }
            assert!(!help.contains("help-") && !help.contains('\u{2068}'), "{path}\n{help}");
            assert!(help.contains("-h, --help"), "{path}\n{help}");
            assert!(help.ends_with('\n') && !help.ends_with("\n\n"), "{path}\n{help:?}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        localised(Cli::command(), Language::En.messages()).debug_assert();
    }

    #[test]
    fn the_language_is_read_before_the_rest() {
        let read =
            |args: &[&str]| language_of(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(read(&["server", "--help", "--lang", "vi"]), Some(Language::Vi));
        assert_eq!(read(&["server", "--lang=en", "serve"]), Some(Language::En));
        assert_eq!(read(&["server", "--lang", "fr"]), None);
        assert_eq!(read(&["server", "--lang"]), None);
        assert_eq!(read(&["server", "--language", "vi"]), None);
    }
}
