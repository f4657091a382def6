//! Export files as arguments of commands: finding them, opening them, saying what is wrong.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use fluent_bundle::FluentValue;
use serde::Serialize;
use vungxanh_protocol::export::{
    ExportError, ExportFile, ExportWarning, IncompleteBatch, InvalidKeys, KeyDefect, Limits,
    VerificationKey,
};

use super::{Context, Output};
use crate::failure::{Exit, Failure};

/// The longest public key file that is read, in bytes.
const MAX_PEM_BYTES: u64 = 16 * 1024;

/// An export file on disk.
pub(super) type OpenFile = ExportFile<BufReader<File>>;

/// An error as programs see it.
#[derive(Debug, Serialize)]
pub(super) struct ErrorReport {
    pub error: String,
    pub message: String,
}

/// The files that `paths` name: a folder stands for all `*.zip` in it, sorted by name.
pub(super) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let zips = zips_in(path).map_err(|error| unreadable(path, &error))?;
            if zips.is_empty() {
                return Err(Failure::new(Exit::BadInput, "files-none").with("folder", name(path)));
            }
            files.extend(zips);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn zips_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut zips = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let is_zip =
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
        if is_zip && path.is_file() {
            zips.push(path);
        }
    }
    zips.sort();
    Ok(zips)
}

/// Opens a file and walks through it once.
pub(super) fn open(path: &Path) -> Result<OpenFile, ExportError> {
    let file = File::open(path).map_err(ExportError::Io)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(ExportError::Io(std::io::ErrorKind::IsADirectory.into()));
    }
    ExportFile::open(BufReader::new(file), &Limits::default())
}

/// Reads a small file that was handed in, at most `limit` bytes of it.
pub(super) fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::new(Exit::BadInput, "files-too-large")
            .with("file", name(path))
            .with("limit", limit as f64));
    }
    Ok(bytes)
}

/// Reads all public keys that files hold.
pub(super) fn public_keys(paths: &[PathBuf]) -> Result<Vec<VerificationKey>, Failure> {
    let mut keys = Vec::new();
    for path in paths {
        let bytes = read_limited(path, MAX_PEM_BYTES)?;
        let found = VerificationKey::all_in_text(&String::from_utf8_lossy(&bytes))
            .map_err(|error| failure(Exit::BadInput, path, &error))?;
        keys.extend(found);
    }
    Ok(keys)
}

/// A file that was handed in and cannot be read.
pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::BadInput, "files-unreadable").with("file", name(path)).because(error)
}

/// The failure of a command because of one file.
pub(super) fn failure(exit: Exit, path: &Path, error: &ExportError) -> Failure {
    let (id, arguments) = explain(error);
    arguments
        .into_iter()
        .fold(Failure::new(exit, id).with("file", name(path)), |failure, (name, value)| {
            failure.with(name, value)
        })
}

/// What is wrong with a file, for the results of several.
pub(super) fn report(context: &Context, path: &Path, error: &ExportError) -> ErrorReport {
    let failure = failure(Exit::BadInput, path, error);
    ErrorReport {
        error: failure.id().to_owned(),
        message: context.output.texts().with(failure.id(), failure.arguments()),
    }
}

/// Says on stderr what a reader got over, and hands back the same for programs.
pub(super) fn tell_warnings(
    output: &Output,
    path: &Path,
    warnings: &[ExportWarning],
    invalid: InvalidKeys,
) -> Vec<String> {
    let file = ("file", FluentValue::from(name(path)));
    let mut told = Vec::new();
    let mut tell = |id: &str, arguments: &[(&str, FluentValue<'_>)]| {
        output.note(id, arguments);
        told.push(output.texts().with(id, arguments));
    };
    for warning in warnings {
        match warning {
            ExportWarning::ExtraEntry(entry) => {
                tell("export-extra-entry", &[file.clone(), ("entry", entry.as_str().into())]);
            }
            ExportWarning::SignatureInfoDiffers => {
                tell("export-info-differs", std::slice::from_ref(&file))
            }
            ExportWarning::SignatureWithoutChunk => {
                tell("export-chunk-unsaid", std::slice::from_ref(&file))
            }
        }
    }
    if let Some(defect) = invalid.first {
        let arguments =
            [file, ("count", invalid.count.into()), ("detail", defect_text(output, defect).into())];
        tell("export-invalid-keys", &arguments);
    }
    told
}

fn defect_text(output: &Output, defect: KeyDefect) -> String {
    let texts = output.texts();
    match defect {
        KeyDefect::KeyLength(bytes) => texts.with("key-length", &[("bytes", bytes.into())]),
        KeyDefect::RollingPeriod(period) => texts.with("key-period", &[("period", period.into())]),
        KeyDefect::RollingStart => texts.get("key-start"),
        KeyDefect::ReportType(number) => {
            texts.with("key-report-type", &[("number", number.into())])
        }
        KeyDefect::Malformed => texts.get("key-malformed"),
    }
}

/// A batch that is not complete, for people and programs.
pub(super) fn incomplete_text(output: &Output, batch: &IncompleteBatch) -> String {
    let missing: Vec<String> = batch
        .missing
        .iter()
        .map(|range| match (range.start(), range.end()) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        })
        .collect();
    let arguments = [
        ("region", FluentValue::from(batch.region.as_str())),
        ("start", batch.start.to_string().into()),
        ("end", batch.end.to_string().into()),
        ("size", batch.batch_size.into()),
        ("missing", missing.join(", ").into()),
    ];
    output.texts().with("export-incomplete", &arguments)
}

/// A path as it is shown.
pub(super) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The text of an error, without the file's name.
fn explain(error: &ExportError) -> (&'static str, Vec<(&'static str, FluentValue<'static>)>) {
    let text = |text: &dyn std::fmt::Display| FluentValue::from(text.to_string());
    match error {
        ExportError::Io(error) => ("files-unreadable", vec![("detail", text(error))]),
        ExportError::NotAnExport => ("export-not-an-export", vec![]),
        ExportError::NoExportEntry => ("export-no-entry", vec![]),
        ExportError::DuplicateEntry(entry) => {
            ("export-duplicate-entry", vec![("entry", text(entry))])
        }
        ExportError::WrongMagic { found } => ("export-wrong-header", vec![("found", text(found))]),
        ExportError::Damaged(detail) => ("export-damaged", vec![("detail", text(detail))]),
        ExportError::UnsupportedZip(what) => {
            ("export-unsupported-zip", vec![("detail", text(what))])
        }
        ExportError::TooLarge { what, limit, unit } => (
            "export-too-large",
            vec![("what", text(what)), ("limit", text(limit)), ("unit", text(unit))],
        ),
        ExportError::InvalidBatch { num, size } => {
            ("export-impossible-chunk", vec![("num", text(num)), ("size", text(size))])
        }
        ExportError::NotSigned => ("export-not-signed", vec![]),
        ExportError::SignatureCount { signatures, infos } => (
            "export-signature-count",
            vec![("signatures", text(signatures)), ("infos", text(infos))],
        ),
        ExportError::SignatureForOtherChunk { num, size } => {
            ("export-other-chunk", vec![("num", text(num)), ("size", text(size))])
        }
        ExportError::UnknownAlgorithm(name) => {
            ("export-unknown-algorithm", vec![("algorithm", text(name))])
        }
        ExportError::UnknownKey { signed_by } => {
            ("export-unknown-key", vec![("signer", text(signed_by))])
        }
        ExportError::BadSignature => ("export-bad-signature", vec![]),
        ExportError::ChangedWhileReading => ("export-changed", vec![]),
        ExportError::InvalidPublicKey(detail) => {
            ("export-invalid-public-key", vec![("detail", text(detail))])
        }
        ExportError::KeyNotValid { .. } | ExportError::Signing(_) => {
            ("export-other-error", vec![("detail", text(error))])
        }
    }
}
