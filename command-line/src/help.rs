//! Help in the reader's language. Commands and arguments carry the ids of their texts.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

use super::Texts;

/// The command with the texts in place of their ids: headings, names of values, `--help` and
/// `--version` included.
pub fn localised(command: Command, texts: &dyn Texts) -> Command {
    let text = |id: &StyledStr| texts.said(&id.to_string(), &[]);
    let template = template(&command, texts);
    let (about, after) = (command.get_about().map(text), command.get_after_help().map(text));
    let mut command = command
        .help_template(template)
        .subcommand_value_name(texts.said("help-any-command", &[]))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(|argument| localised_argument(argument, texts))
        .arg(flag("help", 'h', ArgAction::Help).help(texts.said("help-help", &[])));
    if command.get_version().is_some() {
        command = command
            .disable_version_flag(true)
            .arg(flag("version", 'V', ArgAction::Version).help(texts.said("help-version", &[])));
    }
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command.mut_subcommands(|subcommand| localised(subcommand, texts))
}

fn flag(name: &'static str, short: char, action: ArgAction) -> Arg {
    Arg::new(name).long(name).short(short).action(action)
}

fn localised_argument(argument: Arg, texts: &dyn Texts) -> Arg {
    let Some(help) = argument.get_help() else { return argument };
    let mut help = texts.said(&help.to_string(), &[]);
    for (id, name, value) in facts(&argument) {
        help.push_str(&format!(" [{}]", texts.said(id, &[(name, &value)])));
    }
    let names = value_names(&argument, texts);
    let argument = argument.help(help).hide_env(true);
    if !argument.get_action().takes_values() {
        return argument;
    }
    argument.value_names(names).hide_possible_values(true).hide_default_value(true)
}

/// What clap would say in brackets.
fn facts(argument: &Arg) -> Vec<(&'static str, &'static str, String)> {
    let mut facts = Vec::new();
    if argument.get_action().takes_values() {
        let values = argument.get_possible_values();
        let values: Vec<&str> =
            values.iter().filter(|value| !value.is_hide_set()).map(|v| v.get_name()).collect();
        if !values.is_empty() {
            facts.push(("help-possible-values", "values", values.join(", ")));
        }
        let defaults = argument.get_default_values();
        if !defaults.is_empty() {
            let defaults: Vec<_> = defaults.iter().map(|value| value.to_string_lossy()).collect();
            facts.push(("help-default", "value", defaults.join(" ")));
        }
    }
    if let Some(name) = argument.get_env() {
        facts.push(("help-environment", "name", name.to_string_lossy().into_owned()));
    }
    facts
}

/// The words for its values: `FILE|DIR` by the text `value-file-dir`, if there is one.
fn value_names(argument: &Arg, texts: &dyn Texts) -> Vec<String> {
    let own: Vec<String> = match argument.get_value_names() {
        Some(names) => names.iter().map(ToString::to_string).collect(),
        None => vec![argument.get_id().as_str().to_uppercase()],
    };
    own.into_iter().map(|name| texts.text(&value_id(&name), &[]).unwrap_or(name)).collect()
}

fn value_id(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    format!("value-{}", parts.collect::<Vec<_>>().join("-").to_lowercase())
}

/// What clap prints by default, with headings of ours.
fn template(command: &Command, texts: &dyn Texts) -> String {
    let usage = texts.said("help-usage", &[]);
    let mut template = format!("{{about-with-newline}}\n{usage}: {{usage}}\n");
    let mut add = |heading: &str, content: &str| {
        let heading = texts.said(heading, &[]);
        template.push_str(&format!("\n{heading}:\n{{{content}}}\n"));
    };
    if command.has_subcommands() {
        add("help-commands", "subcommands");
    }
    if command.get_positionals().next().is_some() {
        add("help-arguments", "positionals");
    }
    add("help-options", "options");
    // What follows begins with an empty line.
    template.truncate(template.trim_end().len());
    template + "{after-help}\n"
}
