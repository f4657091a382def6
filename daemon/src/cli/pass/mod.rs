//! `vungxanh pass`: a pass for a door, as a QR code: on the terminal, as a picture, on paper.

pub(super) mod code;
mod national;
mod sheet;

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Context, Output};
use crate::control_api::{PassRequest, PassSheetRequest, ShownPass};
use crate::failure::{Exit, Failure};
use crate::platform::clock::sleep_until;
use crate::platform::i18n::Texts;
use crate::platform::time_format::{calendar, calendar_day, time_of_day};

/// Moves to the upper left corner and clears what is below.
const FROM_THE_TOP: &str = "\u{1b}[H\u{1b}[J";

/// Arguments of `vungxanh pass`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-pass-next
    #[arg(long)]
    next: bool,
    /// help-pass-for
    #[arg(long = "for", value_name = "NAME")]
    name: Option<String>,
    /// help-pass-once
    #[arg(long)]
    once: bool,
    /// help-pass-png
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sheet", "national"])]
    png: Option<PathBuf>,
    /// help-pass-sheet
    #[arg(long, value_name = "FILE.pdf", conflicts_with_all = ["next", "national"])]
    sheet: Option<PathBuf>,
    /// help-pass-national
    #[arg(long, value_name = "QID", conflicts_with = "next")]
    national: Option<String>,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    if let Some(file) = &arguments.sheet {
        return print_sheet(file, arguments.name, context);
    }
    if let Some(qid) = &arguments.national {
        return national::run(qid, arguments.name, context);
    }
    let mut request = PassRequest { next: arguments.next, name: arguments.name };
    let shown = context.daemon()?.send(&request)?;
    if let Some(file) = &arguments.png {
        write_new(file, &code::png(&shown.code)?)?;
        context.output.result(&shown, |output| {
            let name = file.display().to_string();
            output.line("pass-picture", &[("file", name.into())]);
            say(&shown, "pass-shown", output);
        });
        return Ok(());
    }
    let stays = !arguments.once && !context.output.is_json() && std::io::stdout().is_terminal();
    if stays {
        request.next = false;
        return keep_showing(shown, &request, context);
    }
    let drawn = code::drawn(&shown.code)?;
    context.output.result(&shown, |output| {
        vungxanh_command_line::output::write(&drawn);
        say(&shown, "pass-shown", output);
    });
    Ok(())
}

/// Makes the code again as often as doors want it, until the person stops it.
fn keep_showing(
    mut shown: ShownPass,
    request: &PassRequest,
    context: &Context,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))?;
    loop {
        let drawn = code::drawn(&shown.code)?;
        vungxanh_command_line::output::write(&format!("{FROM_THE_TOP}{drawn}"));
        say(&shown, "pass-shown-live", &context.output);
        let next = shown.shown_at.plus(shown.renew_seconds);
        runtime.block_on(sleep_until(context.clock.as_ref(), next));
        shown = context.daemon()?.send(request)?;
    }
}

fn say(shown: &ShownPass, id: &str, output: &Output) {
    output.line(
        id,
        &[
            ("time", time_of_day(shown.shown_at).into()),
            ("until", calendar_day(shown.last_day).into()),
            ("unused", shown.unused.into()),
        ],
    );
}

fn print_sheet(file: &Path, name: Option<String>, context: &Context) -> Result<(), Failure> {
    let sheet = context.daemon()?.send(&PassSheetRequest { name })?;
    let codes = sheet.codes.iter().map(|text| code::qr(text)).collect::<Result<Vec<_>, _>>()?;
    let output = &context.output;
    let until = calendar_day(sheet.last_day);
    let texts = output.texts();
    let explanation = texts.with("pass-sheet-how", &[("count", codes.len().into())]);
    let words = sheet::Words {
        title: texts.get("pass-sheet-title"),
        explanation: explanation.lines().map(str::to_owned).collect(),
        caption: caption(sheet.first_day, sheet.last_day, texts),
    };
    write_new(file, &sheet::pdf(&codes, &words)?)?;
    let result = serde_json::json!({"file": file, "passes": codes.len()});
    output.result(&result, |output| {
        let file = file.display().to_string();
        output.line(
            "pass-sheet-done",
            &[("file", file.into()), ("count", codes.len().into()), ("until", until.into())],
        );
    });
    Ok(())
}

/// Below each pass on paper, which doors' keepers read: days as the language writes them.
fn caption(first_day: u16, last_day: u16, texts: &Texts) -> String {
    let day = |day| calendar(day, texts.language().day_format());
    let arguments = [("from", day(first_day).into()), ("until", day(last_day).into())];
    texts.with("pass-sheet-caption", &arguments)
}

/// Passes are for their person: a file of them is readable by nobody else, and takes no other file's place.
fn write_new(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| {
        Failure::new(Exit::BadInput, "failure-write-file")
            .with("file", file.display().to_string())
            .because(error)
    };
    let mut options = OpenOptions::new();
    let mut opened =
        options.write(true).create_new(true).mode(0o600).open(file).map_err(unwritable)?;
    let written = opened.write_all(bytes).and_then(|()| opened.sync_all());
    written.map_err(unwritable).inspect_err(|_| drop(std::fs::remove_file(file)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::i18n::Language;

    #[test]
    fn a_printed_pass_says_its_days_as_its_language_does() {
        for (language, days) in [
            (Language::Vi, ["29/11/2026", "30/11/2026"]),
            (Language::En, ["29 Nov 2026", "30 Nov 2026"]),
        ] {
            let caption = caption(20_786, 20_787, &Texts::load(language));
            assert!(days.iter().all(|day| caption.contains(day)), "{caption}");
            assert!(!caption.contains("2026-"), "{caption}");
        }
    }
}
