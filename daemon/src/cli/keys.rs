//! `vungxanh keys`

use super::{Context, Failure};

/// Commands on export files.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// help-keys-show
    Show,
    /// help-keys-verify
    Verify,
}

pub(super) fn run(_command: Command, _context: &Context) -> Result<(), Failure> {
    Ok(())
}
