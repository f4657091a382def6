//! `staff add`, `list`, `disable` and `reset`: accounts of the authority's staff.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UnixTime;

use super::failure::Failure;
use super::{Common, Context, line, print_json, time_text};
use crate::domain::accounts::{Login, MAX_PERSON_BYTES, ONE_TIME_PASSWORD_SECONDS, Password, Role};
use crate::domain::venues::line as one_line;
use crate::i18n::Text;
use crate::services::app::App;
use crate::storage::accounts::{Account, NewAccount};
use crate::storage::audit::Actor;

#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// help-staff-add
    Add(Add),
    /// help-staff-list
    List(List),
    /// help-staff-disable
    Disable(One),
    /// help-staff-reset
    Reset(One),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    common: Common,
    /// help-staff-role
    #[arg(long, value_parser = staff_role())]
    role: Role,
    /// help-staff-name
    #[arg(long)]
    name: String,
    /// help-staff-add-login
    login: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct One {
    #[command(flatten)]
    common: Common,
    /// help-staff-login
    login: String,
}

impl StaffCommand {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.handle(context).await,
            Self::List(list) => list.handle(context).await,
            Self::Disable(one) => one.disable(context).await,
            Self::Reset(one) => one.reset(context).await,
        }
    }
}

impl Add {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let login = staff_login(&self.login)?;
        let name = one_line(&self.name, 1, MAX_PERSON_BYTES)
            .ok_or_else(|| Failure::input("error-staff-name"))?;
        let app = context.open(&self.common).await?;
        let added = self.add(context.clock.now(), &app, &login, &name).await;
        app.store.close().await;
        let password = added?;
        tell_password(context, &self.common, &login, &password)
    }

    async fn add(
        &self,
        now: UnixTime,
        app: &App,
        login: &Login,
        name: &str,
    ) -> Result<Password, Failure> {
        let password = Password::generate(&mut rand::rng());
        let hash = hash(app, &password).await?;
        let new = NewAccount {
            login: login.as_str(),
            name,
            password: &hash,
            one_time_until: Some(now.plus(ONE_TIME_PASSWORD_SECONDS)),
            role: self.role,
            venue: None,
        };
        match app.store.add_account(&new, &Actor::command_line(), now).await? {
            Some(_) => Ok(password),
            None => {
                Err(Failure::Input(Text::ours("error-staff-taken").with("login", login.as_str())))
            }
        }
    }
}

impl List {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let accounts = app.store.accounts(None).await;
        app.store.close().await;
        let accounts = accounts?;
        if self.common.json {
            let accounts: Vec<_> = accounts
                .iter()
                .map(|account| {
                    serde_json::json!({
                        "login": account.login,
                        "name": account.name,
                        "role": account.role.name(),
                        "authenticator": account.has_totp,
                        "one_time_until": account.one_time_until,
                        "created_at": account.created_at,
                        "disabled_at": account.disabled_at,
                    })
                })
                .collect();
            return print_json(&accounts);
        }
        for account in &accounts {
            let role = context.say(&format!("role-{}", account.role.name()), &[]);
            let state = context.say(state(account), &[]);
            line(format!("{}  {}  {role}  {state}", account.login, account.name));
        }
        if accounts.is_empty() {
            line(context.say("staff-none", &[]));
        }
        Ok(())
    }
}

const fn state(account: &Account) -> &'static str {
    match account {
        Account { disabled_at: Some(_), .. } => "staff-state-closed",
        Account { one_time_until: Some(_), .. } => "staff-state-one-time",
        Account { has_totp: false, .. } => "staff-state-no-app",
        _ => "staff-state-ready",
    }
}

impl One {
    async fn find(&self, app: &App) -> Result<Account, Failure> {
        let login = staff_login(&self.login)?;
        let found = app.store.credentials(login.as_str()).await?.map(|found| found.account);
        found
            .filter(|account| account.role.is_authority() && account.disabled_at.is_none())
            .ok_or_else(|| {
                Failure::Input(Text::ours("error-staff-unknown").with("login", login.as_str()))
            })
    }

    async fn disable(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let now = context.clock.now();
        let account = self.find(&app).await?;
        let actor = Actor::command_line();
        let disabled = app.store.disable_account(account.account, None, &actor, now).await;
        app.store.close().await;
        disabled?;
        if self.common.json {
            return print_json(&serde_json::json!({"login": account.login, "disabled_at": now}));
        }
        line(context.say("staff-disabled", &[("login", account.login.into())]));
        Ok(())
    }

    async fn reset(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let account = self.find(&app).await?;
        let password = Password::generate(&mut rand::rng());
        let hash = hash(&app, &password).await?;
        let (now, actor) = (context.clock.now(), Actor::command_line());
        let until = Some(now.plus(ONE_TIME_PASSWORD_SECONDS));
        app.store.set_totp(account.account, None, None, &actor, now).await?;
        app.store.set_password(account.account, &hash, until, None, &actor, now).await?;
        app.store.close().await;
        let login = staff_login(&account.login)?;
        tell_password(context, &self.common, &login, &password)
    }
}

async fn hash(app: &App, password: &Password) -> Result<String, Failure> {
    let hash = app.hash_password(password.clone()).await;
    hash.map_err(|error| Failure::Input(Text::foreign(error)))
}

fn tell_password(
    context: &Context,
    common: &Common,
    login: &Login,
    password: &Password,
) -> Result<(), Failure> {
    let until = context.clock.now().plus(ONE_TIME_PASSWORD_SECONDS);
    if common.json {
        return print_json(&serde_json::json!({
            "login": login.as_str(),
            "one_time_password": password.expose(),
            "one_time_until": until,
        }));
    }
    let time = FluentValue::from(time_text(until, &common.zone()?));
    line(context.say("staff-password", &[("login", login.as_str().into()), ("time", time)]));
    line(format!("  {}", password.expose()));
    line(context.say("staff-password-next", &[]));
    Ok(())
}

fn staff_login(typed: &str) -> Result<Login, Failure> {
    let login = typed.parse::<Login>().ok().filter(|login| !login.is_phone());
    login.ok_or_else(|| Failure::input("error-staff-login"))
}

/// Roles of the authority, written as in the database or with a hyphen.
fn staff_role() -> impl TypedValueParser<Value = Role> {
    let roles = Role::ALL.into_iter().filter(|role| role.is_authority());
    let names = roles.map(|role| PossibleValue::new(role.name()).aliases(other_spelling(role)));
    PossibleValuesParser::new(names)
        .try_map(|name| Role::from_name(&name.replace('-', "_")).ok_or(name))
}

const fn other_spelling(role: Role) -> Option<&'static str> {
    match role {
        Role::CaseWorker => Some("case-worker"),
        Role::VenueOfficer => Some("venue-officer"),
        _ => None,
    }
}
