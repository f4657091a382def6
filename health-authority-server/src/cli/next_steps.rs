//! What a new authority still lacks, with the command or setting that mends it.

use std::net::SocketAddr;
use std::path::Path;

use super::{Context, time_text};
use crate::services::app::App;
use crate::services::first_start::{self, StartLink};
use crate::storage::StoreError;

/// Everything, after `init`.
pub(super) fn after_init(context: &Context, dir: &Path) -> Vec<String> {
    let first = context.say("next-first-start-later", &[("command", command(dir).into())]);
    vec![first, messages(context), context.say("next-tls", &[])]
}

/// What is missing when the server starts to listen at `address`. The link of the first start is not put into a log
/// that `is_collected` by other machines.
pub(super) async fn missing(
    context: &Context,
    app: &App,
    address: SocketAddr,
    is_collected: bool,
) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    lines.extend(first_start(context, app, is_collected).await?);
    if !app.sms.is_configured() {
        lines.push(messages(context));
    }
    if !address.ip().is_loopback() {
        lines.push(context.say("next-tls", &[]));
    }
    Ok(lines)
}

/// What prints a link.
fn command(dir: &Path) -> String {
    format!("health-authority-server staff start-link --dir {}", dir.display())
}

async fn first_start(
    context: &Context,
    app: &App,
    is_collected: bool,
) -> Result<Option<String>, StoreError> {
    if is_collected {
        let has_one = app.store.has_administrator().await?;
        let text = || {
            context.say("next-first-start-log", &[("command", command(app.folder.path()).into())])
        };
        return Ok((!has_one).then(text));
    }
    let said = |link: StartLink| {
        let time = time_text(link.until, &app.config.venues.zone());
        let arguments = [("link", link.link.into()), ("time", time.into())];
        context.say("next-first-start", &arguments)
    };
    Ok(first_start::new_link(app).await?.map(said))
}

fn messages(context: &Context) -> String {
    context.say("next-messages", &[])
}
