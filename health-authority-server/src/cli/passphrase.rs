//! Passphrases of key files: from a file, or asked of the person.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use super::Context;
use super::failure::Failure;
use crate::i18n::Text;
use crate::platform::atomic_file::read_text;

#[derive(Debug, Args)]
pub(super) struct Passphrase {
    /// help-venue-passphrase-file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// From the file, or asked of the person; twice where a typing error would lock the key up.
    pub(super) fn read(&self, context: &Context, new: bool) -> Result<Zeroizing<String>, Failure> {
        if let Some(path) = &self.passphrase_file {
            let text = read_text(path).map(Zeroizing::new);
            let text = text.map_err(Failure::file(path))?;
            return Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::input("venue-passphrase-missing"));
        }
        let ask = |id: &str| {
            rpassword::prompt_password(format!("{} ", context.say(id, &[])))
                .map(Zeroizing::new)
                .map_err(|error| Failure::Input(Text::foreign(error)))
        };
        let passphrase = ask("venue-passphrase-ask")?;
        if new && ask("venue-passphrase-again")? != passphrase {
            return Err(Failure::input("venue-passphrases-differ"));
        }
        Ok(passphrase)
    }
}
