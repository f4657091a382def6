//! `api-key add`, `list` and `disable`: keys of staff's programs.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::confirmation::Sure;
use super::failure::Failure;
use super::staff::day_text;
use super::{Common, Context, line, print_json};
use crate::domain::api_keys::{ApiKeyId, MAX_API_KEY_NAME_BYTES, MAX_OPEN_API_KEYS};
use crate::domain::permissions::{Permission, Permissions};
use crate::domain::venues::line as one_line;
use crate::i18n::Text;
use crate::services::api_keys::{self, ApiKeyError, ApiKeyState};
use crate::services::staff_accounts::Giver;
use crate::storage::api_keys::ApiKey;

#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// help-api-key-add
    Add(Add),
    /// help-api-key-list
    List(List),
    /// help-api-key-disable
    Disable(Disable),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    common: Common,
    /// help-api-key-name
    #[arg(long)]
    name: String,
    /// help-api-key-may
    #[arg(long = "may", value_name = "PERMISSION", required = true, value_parser = permission())]
    may: Vec<Permission>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Disable {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    sure: Sure,
    /// help-api-key-number
    number: ApiKeyId,
}

impl ApiKeyCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.handle(context).await,
            Self::List(list) => list.handle(context).await,
            Self::Disable(disable) => disable.handle(context).await,
        }
    }
}

impl Add {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let name = one_line(&self.name, 1, MAX_API_KEY_NAME_BYTES)
            .ok_or_else(|| Failure::input("error-api-key-name"))?;
        let permissions = Permissions::of(&self.may);
        let app = context.open(&self.common).await?;
        let added = api_keys::add(&app, &name, permissions, &Giver::operator()).await;
        app.store.close().await;
        let (number, secret) = added.map_err(|error| failure(error, 0))?;
        if self.common.json {
            return print_json(&serde_json::json!({
                "number": number,
                "name": name,
                "permissions": names(permissions),
                "api_key": secret.expose(),
            }));
        }
        line(context.say("api-key-added", &[("number", number.to_string().into())]));
        line(format!("  {}", secret.expose()));
        Ok(())
    }
}

impl List {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let keys = api_keys::all(&app).await;
        app.store.close().await;
        let keys = keys?;
        if self.common.json {
            let keys: Vec<_> = keys.iter().map(|(key, state)| json(key, *state)).collect();
            return print_json(&keys);
        }
        for (key, state) in &keys {
            let state = context.say(&format!("api-key-state-{}", state.name()), &[]);
            let day = key.last_used.map_or_else(|| "-".to_owned(), day_text);
            let arguments = [
                ("number", key.id.to_string().into()),
                ("name", name_of(context, key).into()),
                ("permissions", names(key.permissions).join(", ").into()),
                ("state", state.into()),
                ("day", day.into()),
                ("uses", key.uses.to_string().into()),
            ];
            line(context.say("api-key-row", &arguments));
        }
        Ok(())
    }
}

fn json(key: &ApiKey, state: ApiKeyState) -> serde_json::Value {
    serde_json::json!({
        "number": key.id,
        "name": key.name,
        "from_file": key.is_from_file,
        "permissions": names(key.permissions),
        "state": state.name(),
        "created_at": key.created_at,
        "last_used": key.last_used.map(day_text),
        "uses": key.uses,
    })
}

fn names(permissions: Permissions) -> Vec<&'static str> {
    permissions.iter().map(Permission::name).collect()
}

fn name_of(context: &Context, key: &ApiKey) -> String {
    if key.is_from_file { context.say("api-key-of-file", &[]) } else { key.name.clone() }
}

impl Disable {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let found = api_keys::find(&app, self.number).await;
        let key = found.map_err(|error| failure(error, self.number))?;
        let number = self.number.to_string();
        let asked = [("number", number.as_str().into()), ("name", name_of(context, &key).into())];
        self.sure.ask(context, &self.common, "api-key-disable-ask", &asked)?;
        let disabled = api_keys::disable(&app, self.number, &Giver::operator()).await;
        app.store.close().await;
        disabled.map_err(|error| failure(error, self.number))?;
        if self.common.json {
            return print_json(&serde_json::json!({"number": self.number, "state": "disabled"}));
        }
        line(context.say("api-key-disabled", &[("number", number.into())]));
        Ok(())
    }
}

fn failure(error: ApiKeyError, number: ApiKeyId) -> Failure {
    match error {
        ApiKeyError::Store(error) => error.into(),
        ApiKeyError::Unknown => {
            Failure::Input(Text::ours("error-api-key-unknown").with("number", number))
        }
        ApiKeyError::TooMany => {
            Failure::Input(Text::ours("api-keys-too-many").with("most", MAX_OPEN_API_KEYS))
        }
        ApiKeyError::MoreThanOwn | ApiKeyError::Permissions => Failure::Input(Text::foreign(error)),
    }
}

/// Permissions that a key can have.
fn permission() -> impl TypedValueParser<Value = Permission> {
    PossibleValuesParser::new(Permission::OF_API_KEYS.map(Permission::name))
        .try_map(|name| Permission::from_name(&name).ok_or(name))
}
