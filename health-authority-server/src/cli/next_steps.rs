//! What a new authority still lacks, with the command or setting that mends it.

use std::net::SocketAddr;
use std::path::Path;

use super::Context;
use crate::services::app::App;
use crate::services::staff_accounts;
use crate::storage::StoreError;

/// Everything, after `init`.
pub(super) fn after_init(context: &Context, dir: &Path) -> Vec<String> {
    vec![officer(context, dir), messages(context), context.say("next-tls", &[])]
}

/// What is missing when the server starts to listen at `address`.
pub(super) async fn missing(
    context: &Context,
    app: &App,
    address: SocketAddr,
) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    let accounts = staff_accounts::all(app).await?;
    if accounts.iter().all(|account| account.disabled_at.is_some()) {
        lines.push(officer(context, app.folder.path()));
    }
    if !app.sms.is_configured() {
        lines.push(messages(context));
    }
    if !address.ip().is_loopback() {
        lines.push(context.say("next-tls", &[]));
    }
    Ok(lines)
}

fn officer(context: &Context, dir: &Path) -> String {
    let command = format!(
        "health-authority-server staff add --dir {} --role administrator --name NAME LOGIN",
        dir.display()
    );
    context.say("next-officer", &[("command", command.into())])
}

fn messages(context: &Context) -> String {
    context.say("next-messages", &[])
}
