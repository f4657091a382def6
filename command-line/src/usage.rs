//! What clap says when the command line is wrong, or asks for help, in the reader's language.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Texts;

/// How clap writes that there are options, in every language.
const ANY_OPTIONS: &str = "[OPTIONS]";
/// What ids of usages begin with that are written by hand.
const BY_HAND: &str = "usage-of-";

/// What to print instead of `error`; help and version are errors for clap, too.
pub fn localised(error: &Error, texts: &dyn Texts) -> String {
    match error.kind() {
        ErrorKind::DisplayVersion => error.render().to_string(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            with_texts(&error.render().to_string(), texts)
        }
        _ => {
            let message = message(error, texts);
            let mut lines = vec![texts.said("usage-error", &[("message", &message)])];
            lines.extend(hints(error, texts));
            if let Some(usage) = usage(error) {
                let heading = texts.said("help-usage", &[]);
                lines.push(format!("\n{heading}: {}", with_texts(&usage, texts)));
            }
            lines.push(texts.said("usage-more-help", &[("command", "--help")]));
            lines.join("\n") + "\n"
        }
    }
}

/// What clap wrote, with texts in place of its own words and of ids: a command whose usage is
/// written by hand has `usage-of-NAME` there.
fn with_texts(written: &str, texts: &dyn Texts) -> String {
    let mut text = written.replace(ANY_OPTIONS, &texts.said("help-any-options", &[]));
    while let Some(start) = text.find(BY_HAND) {
        let rest = &text[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let id = rest[..end].to_owned();
        let Some(usage) = texts.text(&id, &[]) else { break };
        text = text.replace(&id, &usage);
    }
    text
}

fn message(error: &Error, texts: &dyn Texts) -> String {
    let of = |kind| words(error, kind);
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let with_argument = |id| texts.said(id, &[("argument", &argument)]);
    let with_value = |id| texts.said(id, &[("argument", &argument), ("value", &value)]);
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => with_argument("usage-no-value"),
        ErrorKind::InvalidValue => with_value("usage-invalid-value"),
        ErrorKind::ValueValidation => match range(error) {
            Some(range) => {
                let values = [("argument", &*argument), ("value", &*value), ("range", &*range)];
                texts.said("usage-out-of-range", &values)
            }
            None => with_value("usage-invalid-value"),
        },
        ErrorKind::UnknownArgument => with_argument("usage-unknown-argument"),
        ErrorKind::InvalidSubcommand => {
            let command = of(ContextKind::InvalidSubcommand);
            texts.said("usage-unknown-command", &[("command", &command)])
        }
        ErrorKind::NoEquals => with_argument("usage-no-equals"),
        ErrorKind::TooManyValues => with_value("usage-too-many-values"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            with_argument("usage-value-count")
        }
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg);
            if other == argument || other.is_empty() {
                return with_argument("usage-twice");
            }
            texts.said("usage-conflict", &[("argument", &argument), ("other", &other)])
        }
        ErrorKind::MissingRequiredArgument => {
            texts.said("usage-missing", &[("arguments", &argument)])
        }
        ErrorKind::MissingSubcommand => {
            let commands = of(ContextKind::ValidSubcommand);
            texts.said("usage-missing-command", &[("commands", &commands)])
        }
        ErrorKind::InvalidUtf8 => texts.said("usage-not-text", &[]),
        _ => texts.said("usage-other", &[]),
    }
}

/// What could be meant.
fn hints(error: &Error, texts: &dyn Texts) -> Vec<String> {
    let similar = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
        ContextKind::SuggestedCommand,
    ];
    let similar = similar.into_iter().map(|kind| words(error, kind)).find(|text| !text.is_empty());
    let possible = words(error, ContextKind::ValidValue);
    let mut hints = Vec::new();
    if !possible.is_empty() {
        hints.push(texts.said("usage-possible-values", &[("values", &possible)]));
    }
    if let Some(similar) = similar {
        hints.push(texts.said("usage-similar", &[("similar", &similar)]));
    }
    hints
}

/// What the error says of `kind`, as words; empty if nothing.
fn words(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The lines after `Usage:`.
fn usage(error: &Error) -> Option<String> {
    let text = words(error, ContextKind::Usage);
    let (_, usage) = text.split_once("Usage:")?;
    Some(usage.trim().to_owned())
}

/// `1..=255`, where a number is outside.
fn range(error: &Error) -> Option<String> {
    let reason = std::error::Error::source(error)?.to_string();
    let (_, range) = reason.split_once(" is not in ")?;
    Some(range.to_owned())
}
