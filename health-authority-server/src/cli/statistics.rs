//! `statistics`.

use clap::Args;

use super::{Common, Context, Opened, line, print_json};
use crate::error::Error;

#[derive(Debug, Args)]
pub(super) struct Statistics {
    #[command(flatten)]
    common: Common,
}

impl Statistics {
    pub(super) async fn handle(self, _context: &Context) -> Result<(), Error> {
        let opened = Opened::open(&self.common.dir).await?;
        let totals = opened.store.statistics().await?;
        opened.store.close().await;
        if self.common.json {
            return print_json(&totals);
        }
        for (name, total) in totals {
            line(format!("{name:26} {total:>10}"));
        }
        Ok(())
    }
}
