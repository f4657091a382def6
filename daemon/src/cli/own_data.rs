//! `vungxanh export` and `vungxanh import`: a person's own data, in a file sealed by a passphrase.

use super::{Context, Failure};

/// Arguments of `vungxanh export`.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {}

/// Arguments of `vungxanh import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArguments {}

pub(super) fn export(_arguments: ExportArguments, _context: &Context) -> Result<(), Failure> {
    Ok(())
}

pub(super) fn import(_arguments: ImportArguments, _context: &Context) -> Result<(), Failure> {
    Ok(())
}
