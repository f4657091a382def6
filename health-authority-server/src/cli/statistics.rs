//! `statistics`.

use clap::Args;

use super::failure::Failure;
use super::{Common, Context, line, print_json};
use crate::services::overview;

#[derive(Debug, Args)]
pub(super) struct Statistics {
    #[command(flatten)]
    common: Common,
}

impl Statistics {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let totals = overview::totals(&app).await?;
        app.store.close().await;
        if self.common.json {
            return print_json(&totals);
        }
        for (name, total) in totals {
            let label = context.say(&format!("total-{}", name.replace('_', "-")), &[]);
            line(format!("{total:>10}  {label}"));
        }
        Ok(())
    }
}
