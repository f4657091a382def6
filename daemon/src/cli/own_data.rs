//! `vungxanh export` and `vungxanh import`: a person's own data, in a file sealed by a passphrase.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::Context;
use super::passphrase::{self, Purpose};
use crate::control_api::{ExportRequest, ImportRequest};
use crate::failure::{Exit, Failure};
use crate::platform::atomic_file;
use crate::store::archive::{self, ArchiveError, MAX_ARCHIVE_BYTES};

/// Enough to see whether a file is an archive.
const BEGINNING_BYTES: u64 = 16;

/// Arguments of `vungxanh export`.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    /// help-export-file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// help-passphrase-file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Arguments of `vungxanh import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArguments {
    /// help-import-file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// help-passphrase-file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn export(arguments: ExportArguments, context: &Context) -> Result<(), Failure> {
    let daemon = context.daemon()?;
    let unwritable = |error: std::io::Error| {
        Failure::new(Exit::BadInput, "failure-write-file")
            .with("file", arguments.file.display().to_string())
            .because(error)
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&arguments.file)
        .map_err(unwritable)?;
    let sealed = passphrase::read(arguments.passphrase_file.as_deref(), Purpose::New).and_then(
        |passphrase| daemon.export(&ExportRequest { passphrase: passphrase.to_string() }),
    );
    let written = sealed.and_then(|bytes| {
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(unwritable)?;
        Ok(bytes.len())
    });
    // An unfinished file must not pass for a copy of one's data.
    let bytes = written.inspect_err(|_| drop(fs::remove_file(&arguments.file)))?;
    let result = serde_json::json!({"file": arguments.file, "bytes": bytes});
    context.output.result(&result, |output| {
        let file = arguments.file.display().to_string();
        output.line("export-done", &[("file", file.into()), ("bytes", bytes.into())]);
    });
    Ok(())
}

pub(super) fn import(arguments: ImportArguments, context: &Context) -> Result<(), Failure> {
    let daemon = context.daemon()?;
    let file = read_archive(&arguments.file)?;
    let passphrase = passphrase::read(arguments.passphrase_file.as_deref(), Purpose::Known)?;
    let request = ImportRequest { file, passphrase: passphrase.to_string() };
    let imported = daemon.import(request)?;
    context.output.result(&imported, |output| {
        output.line(
            "import-done",
            &[
                ("scans", imported.scan_instances.into()),
                ("keys", imported.own_keys.into()),
                ("windows", imported.exposure_windows.into()),
                ("visits", imported.venue_matches.into()),
            ],
        );
    });
    Ok(())
}

/// The file, if it can be an archive; judged before all of it is read.
fn read_archive(file: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::BadInput, "failure-read-file")
            .with("file", file.display().to_string())
            .because(error)
    };
    let mut opened = atomic_file::open_regular(file).map_err(unreadable)?;
    let length = opened.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::new();
    (&mut opened).take(BEGINNING_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    archive::check_beginning(&bytes)?;
    // What it says of itself, then what it is: it can grow meanwhile.
    if length > MAX_ARCHIVE_BYTES as u64 {
        return Err(ArchiveError::TooLong.into());
    }
    opened.take(MAX_ARCHIVE_BYTES as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::TooLong.into());
    }
    Ok(bytes)
}
