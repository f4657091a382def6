//! Questions before acts that cannot be taken back.

use clap::Args;
use fluent_bundle::FluentValue;
use vungxanh_command_line::question;
use vungxanh_protocol::text::printable;

use super::failure::Failure;
use super::{Common, Context};
use crate::i18n::Text;

#[derive(Debug, Args)]
pub(super) struct Sure {
    /// help-yes
    #[arg(long)]
    yes: bool,
}

impl Sure {
    /// Goes on if the person says yes to the text `id`, or has said so on the command line. Where
    /// no one can be asked, `--yes` is needed.
    pub(super) fn ask(
        &self,
        context: &Context,
        common: &Common,
        id: &str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if common.json || !question::can_ask() {
            return Err(Failure::Usage(Text::ours("error-needs-yes")));
        }
        if question::is_yes(&question::ask(&printable(&context.say(id, arguments)))) {
            return Ok(());
        }
        Err(Failure::Negative(Text::ours("error-declined")))
    }
}
