//! Passphrases: from a file, or asked of the person.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use vungxanh_protocol::passphrase::{self, PassphraseError};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::store::MIN_PASSPHRASE_CHARS;

/// What a passphrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To seal something: asked twice, since a typing error would lock it up.
    New,
    Known,
}

pub(super) fn read(file: Option<&Path>, kind: Purpose) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::BadInput, "failure-passphrase-unreadable").because(error)
    };
    let passphrase = match file {
        Some(file) => {
            let text = Zeroizing::new(fs::read_to_string(file).map_err(unreadable)?);
            Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None if std::io::stdin().is_terminal() => {
            let first = rpassword::prompt_password("> ").map_err(unreadable)?;
            if kind == Purpose::New
                && rpassword::prompt_password(">> ").map_err(unreadable)? != first
            {
                return Err(Failure::new(Exit::BadInput, "failure-passphrases-differ"));
            }
            Zeroizing::new(first)
        }
        None => return Err(Failure::new(Exit::BadInput, "failure-passphrase-missing")),
    };
    if kind == Purpose::New {
        passphrase::check_new(&passphrase, MIN_PASSPHRASE_CHARS).map_err(unusable)?;
    }
    Ok(passphrase)
}

fn unusable(error: PassphraseError) -> Failure {
    match error {
        PassphraseError::Short { least } => {
            Failure::new(Exit::BadInput, "failure-passphrase-short").with("least", least)
        }
        _ => Failure::new(Exit::BadInput, "failure-passphrase").because(error),
    }
}
