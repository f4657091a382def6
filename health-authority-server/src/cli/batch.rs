//! `publish-batch`.

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::{Common, Context, line, print_json};
use crate::publication::batcher::Outcome;
use crate::publication::warnings::WarningOutcome;

#[derive(Debug, Args)]
pub(super) struct PublishBatch {
    #[command(flatten)]
    common: Common,
}

/// What was published; names of files are relative to exports and to warnings.
#[derive(Serialize)]
struct Published<'a> {
    #[serde(flatten)]
    keys: &'a Outcome,
    warnings: &'a WarningOutcome,
}

impl PublishBatch {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let now = context.clock.now();
        let outcome = app.batcher().run_once(now).await?;
        let warnings = app.warning_batcher().run_once(now).await?;
        app.store.close().await;
        if self.common.json {
            return print_json(&Published { keys: &outcome, warnings: &warnings });
        }
        for file in outcome.files.iter().chain(&warnings.files) {
            line(context.say("batch-file", &[("file", file.as_str().into())]));
        }
        if outcome.files.is_empty() && warnings.files.is_empty() {
            line(context.say("batch-none", &[]));
        }
        if !outcome.files.is_empty() {
            line(context.say("batch-keys", &[("keys", outcome.keys.into())]));
        }
        Ok(())
    }
}
