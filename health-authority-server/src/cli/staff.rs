//! `staff add`, `list`, `role`, `disable`, `reset` and `start-link`: accounts of the authority's staff.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use fluent_bundle::FluentValue;
use jiff::tz::TimeZone;
use vungxanh_protocol::interval::UtcDay;

use super::confirmation::Sure;
use super::failure::Failure;
use super::{Common, Context, line, print_json, time_text};
use crate::domain::accounts::{Login, MAX_PERSON_BYTES, Role};
use crate::domain::phone::Phone;
use crate::domain::venues::line as one_line;
use crate::i18n::Text;
use crate::services::account_reset::{give_one_time_password, manager};
use crate::services::app::App;
use crate::services::first_start;
use crate::services::staff_accounts::{self, AccountState, Giver, OneTime, StaffAccountError};
use crate::storage::accounts::Account;
use crate::storage::audit::Actor;

#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// help-staff-add
    Add(Add),
    /// help-staff-list
    List(List),
    /// help-staff-set-role
    Role(ChangeRole),
    /// help-staff-disable
    Disable(One),
    /// help-staff-reset
    Reset(One),
    /// help-staff-start-link
    StartLink(StartLink),
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
pub(super) struct ChangeRole {
    #[command(flatten)]
    common: Common,
    /// help-staff-role
    #[arg(long, value_parser = staff_role())]
    role: Role,
    /// help-staff-login
    login: String,
}

#[derive(Debug, Args)]
pub(super) struct StartLink {
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
            Self::Role(change) => change.handle(context).await,
            Self::Disable(one) => one.disable(context).await,
            Self::Reset(one) => one.reset(context).await,
            Self::StartLink(link) => link.handle(context).await,
        }
    }
}

impl Add {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let login = staff_login(&self.login)?;
        let name = one_line(&self.name, 1, MAX_PERSON_BYTES)
            .ok_or_else(|| Failure::input("error-staff-name"))?;
        let app = context.open(&self.common).await?;
        let added = staff_accounts::add(&app, &login, &name, self.role, &Giver::operator()).await;
        app.store.close().await;
        let (_, given) = added.map_err(|error| failure(error, &login))?;
        print_password(context, &self.common, &login, &given)
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
                        "last_login": account.last_login.map(day_text),
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
            let state = AccountState::of(account, context.clock.now()).name();
            let state = context.say(&format!("staff-state-{state}"), &[]);
            let day = account.last_login.map_or_else(|| "-".to_owned(), day_text);
            line(format!("{}  {}  {role}  {state}  {day}", account.login, account.name));
        }
        if accounts.is_empty() {
            line(context.say("staff-none", &[]));
        }
        Ok(())
    }
}

impl ChangeRole {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let login = staff_login(&self.login)?;
        let app = context.open(&self.common).await?;
        let changed = change_role(&app, &login, self.role).await;
        app.store.close().await;
        changed?;
        if self.common.json {
            let role = self.role.name();
            return print_json(&serde_json::json!({"login": login.as_str(), "role": role}));
        }
        let role = context.say(&format!("role-{}", self.role.name()), &[]);
        let arguments = [("login", login.as_str().into()), ("role", role.into())];
        line(context.say("staff-role-changed", &arguments));
        Ok(())
    }
}

async fn change_role(app: &App, login: &Login, to: Role) -> Result<(), Failure> {
    let account = staff_accounts::find(app, login).await.map_err(|error| failure(error, login))?;
    if account.role == to {
        return Err(Failure::Input(
            Text::ours("error-staff-same-role").with("login", login.as_str()),
        ));
    }
    let changed = staff_accounts::change_role(app, &account, to, &Giver::operator()).await;
    changed.map_err(|error| failure(error, login))
}

impl StartLink {
    async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let link = first_start::new_link(&app).await;
        app.store.close().await;
        let Some(first_start::StartLink { link, until }) = link? else {
            return Err(Failure::Negative(Text::ours("error-staff-has-administrator")));
        };
        if self.common.json {
            return print_json(&serde_json::json!({"link": link, "until": until}));
        }
        let time = FluentValue::from(time_text(until, &self.common.zone()?));
        line(context.say("staff-start-link", &[("time", time)]));
        line(format!("  {link}"));
        Ok(())
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
        let asked = [("login", account.login.as_str().into())];
        self.sure.ask(context, &self.common, "staff-disable-sure", &asked)?;
        let now = context.clock.now();
        let closed = staff_accounts::close(&app, &account, &Giver::operator()).await;
        app.store.close().await;
        closed.map_err(|error| failure(error, &login))?;
        if self.common.json {
            return print_json(&serde_json::json!({"login": account.login, "disabled_at": now}));
        }
        line(context.say("staff-disabled", &[("login", account.login.into())]));
        Ok(())
    }

    async fn reset(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        // A venue, by its telephone, or one of the staff.
        let venue = self.login.parse::<Phone>().ok();
        let account = match &venue {
            Some(phone) => manager(&app, phone).await?.ok_or_else(|| {
                Failure::Input(Text::ours("error-staff-unknown").with("login", phone))
            })?,
            None => self.find(&app).await?,
        };
        let asked = [("login", account.login.as_str().into())];
        self.sure.ask(context, &self.common, "staff-reset-sure", &asked)?;
        let login = account.login.parse::<Login>();
        let login = login.map_err(|error| Failure::Input(Text::foreign(error)))?;
        let given = match venue {
            Some(_) => give_one_time_password(&app, &account, &Actor::command_line())
                .await
                .map_err(|error| Failure::Input(Text::foreign(error))),
            None => staff_accounts::reset(&app, &account, &Giver::operator())
                .await
                .map_err(|error| failure(error, &login)),
        };
        app.store.close().await;
        print_password(context, &self.common, &login, &given?)
    }
}

fn failure(error: StaffAccountError, login: &Login) -> Failure {
    let of_login = |id| Failure::Input(Text::ours(id).with("login", login.as_str()));
    match error {
        StaffAccountError::LoginTaken => of_login("error-staff-taken"),
        StaffAccountError::Unknown => of_login("error-staff-unknown"),
        StaffAccountError::LastAdministrator => of_login("error-staff-last-administrator"),
        StaffAccountError::MoreThanOwn | StaffAccountError::Own => {
            Failure::Input(Text::foreign(error))
        }
        StaffAccountError::Busy(error) => Failure::Input(Text::foreign(error)),
        StaffAccountError::Store(error) => error.into(),
    }
}

fn print_password(
    context: &Context,
    common: &Common,
    login: &Login,
    (password, until): &OneTime,
) -> Result<(), Failure> {
    if common.json {
        return print_json(&serde_json::json!({
            "login": login.as_str(),
            "one_time_password": password.expose(),
            "one_time_until": until,
        }));
    }
    let time = FluentValue::from(time_text(*until, &common.zone()?));
    line(context.say("staff-password", &[("login", login.as_str().into()), ("time", time)]));
    line(format!("  {}", password.expose()));
    line(context.say("staff-password-next", &[]));
    Ok(())
}

fn staff_login(typed: &str) -> Result<Login, Failure> {
    let login = typed.parse::<Login>().ok().filter(|login| !login.is_phone());
    login.ok_or_else(|| Failure::input("error-staff-login"))
}

/// A local day as options take it: `2026-11-20`.
pub(super) fn day_text(day: UtcDay) -> String {
    time_text(day.start(), &TimeZone::UTC).chars().take(10).collect()
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
