//! `vungxanh match`: matches recorded sightings against export files, for anyone with files.

mod report;
mod sightings;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use vungxanh_protocol::authority::{
    AuthorityDocument, AuthorityError, MAX_SIGNED_BYTES, SIGNING_LABEL,
};
use vungxanh_protocol::encounter::Encounter;
use vungxanh_protocol::export::{
    ExportError, ExportHeader, KeyCounts, VerificationKey, check_batches,
};
use vungxanh_protocol::exposure_key::IdentifierKey;
use vungxanh_protocol::exposure_window::{MatchedScan, exposure_windows};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::matching::{Assessment, Assessor, MAX_CLOCK_TOLERANCE};
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_protocol::signed;

use self::report::Report;
use self::sightings::Sightings;
use super::{Context, export_files};
use crate::failure::{Exit, Failure};

/// Google's reference matcher: two hours either way.
const DEFAULT_TOLERANCE: u32 = 12;
/// One day: more makes no sense for keys that live a day at most.
const MAX_TOLERANCE: i64 = MAX_CLOCK_TOLERANCE as i64;
/// Damaged rows that are reported one by one.
const TOLD_ROWS: usize = 50;

/// Arguments of `vungxanh match`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-sightings
    #[arg(long, value_name = "FILE.csv")]
    sightings: PathBuf,
    /// help-clock-tolerance
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=MAX_TOLERANCE))]
    clock_tolerance: Option<u32>,
    /// help-config
    #[arg(long, value_name = "authority.json")]
    config: Option<PathBuf>,
    /// help-public-key
    #[arg(
        long,
        value_name = "PEM",
        required_unless_present = "unverified",
        conflicts_with = "unverified"
    )]
    public_key: Vec<PathBuf>,
    /// help-unverified
    #[arg(long)]
    unverified: bool,
    /// help-export-files
    #[arg(required = true, value_name = "FILE.zip|DIR")]
    files: Vec<PathBuf>,
}

/// How to match and score.
struct Parameters {
    clock_tolerance: u32,
    plain_gaen: bool,
    risk: RiskParameters,
}

/// What the export files held.
#[derive(Debug, Default)]
struct FilesRead {
    files: u64,
    counts: KeyCounts,
    /// Keys that begin after now. They were not matched.
    future: u64,
    incomplete: Vec<String>,
}

struct RowMatches {
    /// Believed scans, each row once for a key, by time.
    matched: Vec<MatchedScan>,
    /// Rows of the file that belong to a key.
    rows: usize,
    /// Rows whose identifier belongs to a key, but whose metadata cannot be believed.
    altered_rows: usize,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let keys = export_files::public_keys(&arguments.public_key)?;
    let keys = (!arguments.unverified).then_some(keys.as_slice());
    let parameters = Parameters::of(&arguments)?;
    let files = export_files::expand(&arguments.files)?;
    let sightings = sightings::read(&arguments.sightings)?;
    tell_damaged(&sightings, context);

    let mut assessor =
        Assessor::new(&sightings.encounters, parameters.clock_tolerance, parameters.plain_gaen);
    let files_read = take_files(&files, keys, &mut assessor, context)?;
    let found = RowMatches::of(assessor.finish(), &sightings.encounters);
    if found.altered_rows > 0 {
        context.output.note("match-altered", &[("count", found.altered_rows.into())]);
    }
    let windows = exposure_windows(&found.matched, 0);
    let summaries = parameters.risk.daily_summaries(&windows);
    let report = Report::new(
        keys.is_some(),
        &parameters,
        &files_read,
        &sightings,
        &found,
        windows,
        summaries,
    );
    context.output.result(&report, |output| report.show(output));
    Ok(())
}

impl Parameters {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let document = arguments.config.as_deref().map(read_config).transpose()?;
        let (tolerance, plain_gaen, risk) = match document {
            Some(document) => {
                let tracing = document.tracing;
                (tracing.clock_tolerance, tracing.plain_gaen, document.risk)
            }
            None => (DEFAULT_TOLERANCE, true, RiskParameters::enx_default()),
        };
        let clock_tolerance = arguments.clock_tolerance.unwrap_or(tolerance);
        Ok(Self { clock_tolerance, plain_gaen, risk })
    }
}

/// Reads an authority document, plain or signed. A signed one must fit the root key that it
/// names; it is not checked whether that key is the right one and the document still valid.
fn read_config(path: &Path) -> Result<AuthorityDocument, Failure> {
    let bytes = export_files::read_limited(path, MAX_SIGNED_BYTES as u64)?;
    parse_config(&bytes).map_err(|error| {
        let failure = Failure::new(Exit::BadInput, "match-config");
        failure.with("file", export_files::name(path)).because(error)
    })
}

fn parse_config(bytes: &[u8]) -> Result<AuthorityDocument, AuthorityError> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return AuthorityDocument::from_json(bytes);
    }
    let unverified = signed::parse(bytes, MAX_SIGNED_BYTES)?;
    let document = AuthorityDocument::from_json(unverified.unverified_bytes())?;
    unverified.verify(SIGNING_LABEL, &document.root_key()?)?;
    Ok(document)
}

fn tell_damaged(sightings: &Sightings, context: &Context) {
    let output = &context.output;
    for damaged in sightings.damaged.iter().take(TOLD_ROWS) {
        let reason = output.texts().get(damaged.reason);
        let arguments = [("line", damaged.line.into()), ("reason", reason.into())];
        output.note("sightings-damaged-row", &arguments);
    }
    if sightings.damaged.len() > TOLD_ROWS {
        let more = sightings.damaged.len() - TOLD_ROWS;
        output.note("sightings-damaged-more", &[("count", more.into())]);
    }
}

/// Hands the keys of all files to the matcher. The first file that cannot be used ends it:
/// a result that lacks keys would look like the absence of exposures.
fn take_files(
    files: &[PathBuf],
    keys: Option<&[VerificationKey]>,
    assessor: &mut Assessor<'_>,
    context: &Context,
) -> Result<FilesRead, Failure> {
    let now = context.clock.now();
    let bar = context.output.progress(files.len() as u64);
    let mut read = FilesRead::default();
    let mut headers = Vec::new();
    for path in files {
        let header = bar
            .suspend(|| take_file(path, keys, assessor, now, &mut read, context))
            .map_err(|error| match &error {
                ExportError::Io(error) => export_files::unreadable(path, error),
                error if error.is_signature_failure() => {
                    export_files::failure(Exit::Negative, path, error)
                }
                error => export_files::failure(Exit::BadInput, path, error),
            })?;
        headers.push(header);
        bar.inc(1);
    }
    bar.finish_and_clear();
    for batch in check_batches(&headers) {
        let text = export_files::incomplete_text(&context.output, &batch);
        context.output.note("note", &[("text", text.as_str().into())]);
        read.incomplete.push(text);
    }
    if read.future > 0 {
        context.output.note("match-future", &[("count", read.future.into())]);
    }
    if keys.is_some() && !read.incomplete.is_empty() {
        let failure = Failure::new(Exit::BadInput, "match-incomplete");
        return Err(failure.with("count", read.incomplete.len()));
    }
    Ok(read)
}

fn take_file(
    path: &Path,
    keys: Option<&[VerificationKey]>,
    assessor: &mut Assessor<'_>,
    now: UnixTime,
    read: &mut FilesRead,
    context: &Context,
) -> Result<ExportHeader, ExportError> {
    let mut file = export_files::open(path)?;
    let warnings = file.warnings();
    let header = file.header().clone();
    let entries = match keys {
        Some(keys) => file.verify(keys)?,
        None => file.without_verification(),
    };
    let counts = entries.for_each_key(|entry| {
        if entry.key.is_future(now) {
            read.future += 1;
        } else {
            assessor.take(&entry.key);
        }
    })?;
    export_files::tell_warnings(&context.output, path, &warnings, counts.invalid);
    read.files += 1;
    read.counts.keys += counts.keys;
    read.counts.revised += counts.revised;
    read.counts.invalid.merge(counts.invalid);
    Ok(header)
}

impl RowMatches {
    fn of(assessment: Assessment, encounters: &[Encounter]) -> Self {
        let altered: HashSet<_> =
            assessment.refused.iter().map(|refused| (refused.encounter, refused.scan)).collect();
        // A key that was published with several first intervals makes the same identifiers.
        let mut first_seen = BTreeMap::new();
        let mut matched = assessment.matched;
        matched.retain(|scan| {
            let start = scan.key.rolling_start;
            *first_seen.entry((scan.key.key, scan.derived)).or_insert(start) == start
        });
        let heard: BTreeSet<_> = matched
            .iter()
            .map(|scan| {
                let identifiers = IdentifierKey::from_key(&scan.key.key);
                (identifiers.identifier(scan.derived), scan.scan.time)
            })
            .collect();
        let rows = encounters
            .iter()
            .enumerate()
            .flat_map(|(e, encounter)| {
                let identifier = encounter.advertisement.identifier;
                encounter
                    .scans
                    .iter()
                    .enumerate()
                    .map(move |(s, scan)| ((e, s), (identifier, scan.time)))
            })
            .filter(|(row, sighting)| heard.contains(sighting) && !altered.contains(row))
            .count();
        Self { matched, rows, altered_rows: altered.len() }
    }

    /// The keys that have a believed match.
    fn keys(&self) -> BTreeSet<[u8; 16]> {
        self.matched.iter().map(|scan| scan.key.key).collect()
    }
}
