//! Everything that the program prints or logs passes here, filtered by [`printable`] or
//! [`printable_json`]: names and reasons of venues, files and other programs stand in it, which may hold
//! what steers a terminal.

use std::io::{self, Write};

use serde::Serialize;
use tracing_subscriber::EnvFilter;
use vungxanh_command_line::output;
use vungxanh_protocol::text::{printable, printable_json};

use super::failure::Failure;
use crate::i18n::Text;

/// One line on standard output.
pub(super) fn line(text: impl AsRef<str>) {
    output::line(&printable(text.as_ref()));
}

/// Text on standard output.
pub(super) fn write(text: &str) {
    output::write(&printable(text));
}

/// A value as JSON on standard output.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Input(Text::ours("error-json").with("reason", error)))?;
    output::line(&printable_json(&json));
    Ok(())
}

/// Text on standard error; a failure to write it cannot be reported anywhere.
pub(super) fn complain(text: &str) {
    let _ = io::stderr().write_all(printable(text).as_bytes());
}

/// The form of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// Logs to standard error, never to standard output. `RUST_LOG` chooses what.
pub(super) fn start_log(format: LogFormat) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // A second server in one process goes on with the first one's log. Colours would not pass the filter.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Filtered(io::stderr()))
        .with_ansi(false);
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).try_init(),
    };
}

/// What is written to it reaches the one below without what steers. Each write is a whole line.
struct Filtered<W>(W);

impl<W: Write> Write for Filtered<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(printable(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_does_not_reach_it_through_the_log() {
        let mut filtered = Filtered(Vec::new());
        filtered.write_all("name=\u{1b}[2J\u{202e}Chợ\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(filtered.0).unwrap(), "name=\u{fffd}[2J\u{fffd}Chợ\n");
    }
}
