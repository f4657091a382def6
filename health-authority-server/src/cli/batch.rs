//! `publish-batch`.

use clap::Args;

use super::{Common, Context, line, print_json};
use crate::error::Error;

#[derive(Debug, Args)]
pub(super) struct PublishBatch {
    #[command(flatten)]
    common: Common,
}

impl PublishBatch {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Error> {
        let app = context.open(&self.common).await?;
        let outcome = app.batcher().run_once(context.clock.now()).await?;
        app.store.close().await;
        if self.common.json {
            return print_json(&outcome);
        }
        for file in &outcome.files {
            line(context.say("batch-file", &[("file", file.as_str().into())]));
        }
        if outcome.files.is_empty() {
            line(context.say("batch-none", &[]));
        } else {
            line(context.say("batch-keys", &[("keys", outcome.keys.into())]));
        }
        Ok(())
    }
}
