//! `staff add`, `list`, `disable` and `reset`: accounts of the authority's staff.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;

use super::confirmation::Sure;
use super::failure::Failure;
use super::{Common, Context, line, print_json, time_text};
use crate::domain::accounts::{Login, MAX_PERSON_BYTES, ONE_TIME_PASSWORD_SECONDS, Password, Role};
use crate::domain::phone::Phone;
use crate::domain::venues::line as one_line;
use crate::i18n::Text;
use crate::services::account_reset::{give_one_time_password, manager};
use crate::services::app::App;
use crate::services::staff_accounts::{self, StaffAccountError};
use crate::storage::accounts::Account;
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
    #[command(flatten)]
    sure: Sure,
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
        let actor = Actor::command_line();
        let added = staff_accounts::add(&app, &login, &name, self.role, &actor).await;
        app.store.close().await;
        let password = added.map_err(|error| failure(error, &login))?;
        print_password(context, &self.common, &login, &password)
    }
}

impl List {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let accounts = staff_accounts::all(&app).await;
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
        staff_accounts::find(app, &login).await.map_err(|error| failure(error, &login))
    }

    async fn disable(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let login = staff_login(&self.login)?;
        let account = self.find(&app).await?;
        let asked = [("login", account.login.into())];
        self.sure.ask(context, &self.common, "staff-disable-sure", &asked)?;
        let now = context.clock.now();
        let closed = staff_accounts::close(&app, &login, &Actor::command_line()).await;
        app.store.close().await;
        let account = closed.map_err(|error| failure(error, &login))?;
        if self.common.json {
            return print_json(&serde_json::json!({"login": account.login, "disabled_at": now}));
        }
        line(context.say("staff-disabled", &[("login", account.login.into())]));
        Ok(())
    }

    async fn reset(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        // A venue, by its telephone, or one of the staff.
        let account = match self.login.parse::<Phone>() {
            Ok(phone) => manager(&app, &phone).await?.ok_or_else(|| {
                Failure::Input(Text::ours("error-staff-unknown").with("login", phone))
            })?,
            Err(_) => self.find(&app).await?,
        };
        let asked = [("login", account.login.as_str().into())];
        self.sure.ask(context, &self.common, "staff-reset-sure", &asked)?;
        let given = give_one_time_password(&app, &account, &Actor::command_line()).await;
        app.store.close().await;
        let (password, _) = given.map_err(|error| Failure::Input(Text::foreign(error)))?;
        let login = staff_login(&account.login)?;
        print_password(context, &self.common, &login, &password)
    }
}

fn failure(error: StaffAccountError, login: &Login) -> Failure {
    let of_login = |id| Failure::Input(Text::ours(id).with("login", login.as_str()));
    match error {
        StaffAccountError::LoginTaken => of_login("error-staff-taken"),
        StaffAccountError::Unknown => of_login("error-staff-unknown"),
        StaffAccountError::Busy(error) => Failure::Input(Text::foreign(error)),
        StaffAccountError::Store(error) => error.into(),
    }
}

fn print_password(
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
        Role::IntakeOfficer => Some("intake-officer"),
        _ => None,
    }
}
