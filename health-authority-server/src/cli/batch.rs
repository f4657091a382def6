//! `publish-batch`.

use clap::Args;

use super::{Common, Context, Opened, line, print_json};
use crate::domain::upload_shape::UploadShapes;
use crate::error::Error;
use crate::publication::batcher::Batcher;
use crate::publication::object_store::ObjectStore;
use crate::publication::signer::Disclosure;

#[derive(Debug, Args)]
pub(super) struct PublishBatch {
    #[command(flatten)]
    common: Common,
}

impl PublishBatch {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Error> {
        let opened = Opened::open(&self.common.dir).await?;
        let outcome = batcher(context, &opened)?.run_once(context.clock.now()).await?;
        opened.store.close().await;
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

/// The batcher of an authority.
pub(super) fn batcher(context: &Context, opened: &Opened) -> Result<Batcher, Error> {
    let exports = opened.folder.resolve(&opened.config.storage.exports);
    let tracing = &opened.profile.tracing;
    Ok(Batcher {
        store: opened.store.clone(),
        files: ObjectStore::open(&exports).map_err(Error::file(&exports))?,
        clock: context.clock.clone(),
        signer: opened.keys.export.clone(),
        key_id: opened.config.authority.id.clone(),
        region: opened.config.authority.region.clone(),
        settings: opened.config.publication.clone(),
        disclosure: Disclosure::new(opened.profile.risk.clone(), tracing.plain_gaen),
        prior: UploadShapes::prior(tracing),
        largest_tolerance: opened.profile.largest_tolerance(),
        retention_days: tracing.retention_days,
    })
}
