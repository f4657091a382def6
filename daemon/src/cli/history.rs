//! `vungxanh history`

use super::{Context, Failure};

/// Arguments of `vungxanh history`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, _context: &Context) -> Result<(), Failure> {
    Ok(())
}
