//! `vungxanh keys`: what export files hold and whether their signatures are right.

use std::path::{Path, PathBuf};

use fluent_bundle::FluentValue;
use serde::Serialize;
use vungxanh_protocol::export::{
    ExportError, ExportHeader, KeyCounts, VerificationKey, check_batches,
};
use vungxanh_protocol::interval::UnixTime;

use super::export_files::{self, ErrorReport, OpenFile};
use super::{Context, Output};
use crate::failure::{Exit, Failure};
use crate::platform::time_format::rfc3339;

/// Commands on export files.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// help-keys-show
    Show(ShowArguments),
    /// help-keys-verify
    Verify(VerifyArguments),
}

/// Arguments of `vungxanh keys show`.
#[derive(Debug, clap::Args)]
pub(super) struct ShowArguments {
    /// help-export-files
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
}

/// Arguments of `vungxanh keys verify`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyArguments {
    /// help-export-files
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// help-public-key
    #[arg(long, required = true, value_name = "PEM")]
    public_key: Vec<PathBuf>,
}

/// Totals and files, as `--json` prints them. Times in Unix seconds.
#[derive(Debug, Default, Serialize)]
struct Report {
    files: u64,
    /// Files whose signature is right. Only of `verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<u64>,
    /// Files that could not be read or, of `verify`, whose signature is not right.
    failed: u64,
    /// Keys of the files that did not fail, revised keys included.
    keys: u64,
    /// Batches of which files are missing.
    incomplete_batches: Vec<String>,
    results: Vec<FileReport>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    file: String,
    /// Missing where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(flatten)]
    content: Option<Content>,
    warnings: Vec<String>,
    error: Option<ErrorReport>,
    #[serde(skip)]
    header: Option<ExportHeader>,
}

/// What a file holds.
#[derive(Debug, Serialize)]
struct Content {
    region: String,
    start: UnixTime,
    end: UnixTime,
    batch_num: u32,
    batch_size: u32,
    keys: u64,
    revised_keys: u64,
    invalid_keys: u64,
    /// Whether `export.sig` holds a signature, right or not.
    signed: bool,
    signatures: Vec<Signature>,
    sha256: String,
}

/// Who says to have signed a file.
#[derive(Debug, Serialize)]
struct Signature {
    key_id: String,
    key_version: String,
    algorithm: String,
}

pub(super) fn run(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Show(arguments) => show(&arguments, context),
        Command::Verify(arguments) => verify(&arguments, context),
    }
}

fn show(arguments: &ShowArguments, context: &Context) -> Result<(), Failure> {
    let report = look_at(&arguments.files, None, context)?;
    context.output.result(&report, |output| show_table(output, &report));
    match report.failed {
        0 => Ok(()),
        failed => Err(Failure::new(Exit::BadInput, "keys-unreadable").with("failed", failed)),
    }
}

fn verify(arguments: &VerifyArguments, context: &Context) -> Result<(), Failure> {
    let keys = export_files::public_keys(&arguments.public_key)?;
    let report = look_at(&arguments.files, Some(&keys), context)?;
    context.output.result(&report, |output| show_table(output, &report));
    if report.failed > 0 {
        return Err(Failure::new(Exit::Negative, "keys-not-verified").with("failed", report.failed));
    }
    match report.incomplete_batches.len() {
        0 => Ok(()),
        count => Err(Failure::new(Exit::Negative, "keys-incomplete").with("count", count)),
    }
}

/// Reads every file, with one of `keys` verifying it. One bad file does not hide the others.
fn look_at(
    paths: &[PathBuf],
    keys: Option<&[VerificationKey]>,
    context: &Context,
) -> Result<Report, Failure> {
    let files = export_files::expand(paths)?;
    let bar = context.output.progress(files.len() as u64);
    let mut report = Report { verified: keys.map(|_| 0), ..Report::default() };
    for path in &files {
        let file = bar.suspend(|| look_at_file(path, keys, context))?;
        report.add(file);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let headers = report.results.iter().filter_map(|file| file.header.as_ref());
    for batch in check_batches(headers) {
        let text = export_files::incomplete_text(&context.output, &batch);
        context.output.note("note", &[("text", text.as_str().into())]);
        report.incomplete_batches.push(text);
    }
    Ok(report)
}

fn look_at_file(
    path: &Path,
    keys: Option<&[VerificationKey]>,
    context: &Context,
) -> Result<FileReport, Failure> {
    let mut report = FileReport {
        file: export_files::name(path),
        verified: keys.map(|_| false),
        content: None,
        warnings: Vec::new(),
        error: None,
        header: None,
    };
    match read(path, keys, &mut report, context) {
        Ok(()) => report.verified = keys.map(|_| true),
        // A file that is not there is a mistake of the person, not of the file.
        Err(ExportError::Io(error)) => return Err(export_files::unreadable(path, &error)),
        Err(error) => {
            let error = export_files::report(context, path, &error);
            context.output.note("note", &[("text", error.message.as_str().into())]);
            report.error = Some(error);
        }
    }
    Ok(report)
}

fn read(
    path: &Path,
    keys: Option<&[VerificationKey]>,
    report: &mut FileReport,
    context: &Context,
) -> Result<(), ExportError> {
    let mut file = export_files::open(path)?;
    let counts = file.without_verification().for_each_key(|_| {})?;
    report.warnings =
        export_files::tell_warnings(&context.output, path, &file.warnings(), counts.invalid);
    report.content = Some(Content::of(&file, &counts));
    report.header = Some(file.header().clone());
    match keys {
        Some(keys) => file.verify(keys).map(drop),
        None => Ok(()),
    }
}

impl Report {
    fn add(&mut self, file: FileReport) {
        self.files += 1;
        if file.error.is_some() {
            self.failed += 1;
        } else if let Some(content) = &file.content {
            self.keys += content.keys + content.revised_keys;
        }
        if file.verified == Some(true) {
            self.verified = self.verified.map(|count| count + 1);
        }
        self.results.push(file);
    }
}

impl Content {
    fn of(file: &OpenFile, counts: &KeyCounts) -> Self {
        let header = file.header();
        let signatures = header.signature_infos.iter().map(|info| Signature {
            key_id: info.key_id.clone(),
            key_version: info.key_version.clone(),
            algorithm: info.algorithm.clone(),
        });
        Self {
            region: header.region.clone(),
            start: header.start,
            end: header.end,
            batch_num: header.batch_num,
            batch_size: header.batch_size,
            keys: counts.keys,
            revised_keys: counts.revised,
            invalid_keys: counts.invalid.count,
            signed: file.has_signature(),
            signatures: signatures.collect(),
            sha256: hex::encode(file.sha256()),
        }
    }
}

fn show_table(output: &Output, report: &Report) {
    let header = [
        "keys-file",
        "keys-region",
        "keys-window",
        "keys-chunk",
        "keys-keys",
        "keys-revised",
        "keys-signer",
        "keys-verdict",
    ];
    output.table(&header, report.results.iter().map(|file| row(output, file)));
    let arguments: [(&str, FluentValue<'_>); 4] = [
        ("files", report.files.into()),
        ("keys", report.keys.into()),
        ("failed", report.failed.into()),
        ("verified", report.verified.unwrap_or(0).into()),
    ];
    let total = if report.verified.is_some() { "keys-total-verified" } else { "keys-total" };
    output.line(total, &arguments);
}

fn row(output: &Output, file: &FileReport) -> Vec<String> {
    let is_unsigned = file.content.as_ref().is_some_and(|content| !content.signed);
    let verdict = output.texts().get(match (file.verified, &file.error) {
        (Some(true), _) => "keys-verdict-right",
        _ if is_unsigned => "keys-verdict-unsigned",
        (None, None) => "keys-verdict-unasked",
        _ => "keys-verdict-failed",
    });
    let path = Path::new(&file.file);
    let name = path.file_name().map_or_else(|| file.file.clone(), |n| n.to_string_lossy().into());
    let Some(content) = &file.content else {
        let mut row = vec![String::from("-"); 6];
        row.insert(0, name);
        row.push(verdict);
        return row;
    };
    let signers: Vec<String> = content
        .signatures
        .iter()
        .map(|signature| format!("{} {}", signature.key_id, signature.key_version))
        .collect();
    vec![
        name,
        content.region.clone(),
        format!("{}\n{}", rfc3339(content.start), rfc3339(content.end)),
        format!("{}/{}", content.batch_num, content.batch_size),
        content.keys.to_string(),
        content.revised_keys.to_string(),
        signers.join("\n"),
        verdict,
    ]
}
