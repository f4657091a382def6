//! `issue-code`, `code-state` and `revoke-code`.

use clap::Args;
use fluent_bundle::FluentValue;

use super::confirmation::Sure;
use super::failure::Failure;
use super::{Common, Context, bad_date, line, print_json, time_text};
use crate::domain::codes::{CodeKind, grouped};
use crate::domain::diagnosis::{Diagnosis, TestType, parse_day};
use crate::i18n::Text;
use crate::services::app::App;
use crate::services::code_states::{self, CodeId, CodeStatus};
use crate::services::codes::{CodeOrder, issue};
use crate::services::refusal::Refusal;
use crate::storage::audit::Actor;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::verification_code::SHORT_CODE_DIGITS;

#[derive(Debug, Args)]
pub(super) struct IssueCode {
    #[command(flatten)]
    common: Common,
    /// help-test-type
    #[arg(long, value_enum, default_value = "confirmed")]
    test_type: TestType,
    /// help-symptom-date
    #[arg(long, value_name = "DATE")]
    symptom_date: Option<String>,
    /// help-test-date
    #[arg(long, value_name = "DATE")]
    test_date: Option<String>,
    /// help-issue-code-long
    #[arg(long)]
    long: bool,
}

impl IssueCode {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let now = context.clock.now();
        let app = context.open(&self.common).await?;
        let order = self.order(app.config.today(now))?;
        let issued = issue(&app, &order, &Actor::command_line()).await;
        app.store.close().await;
        let issued = issued.map_err(|refusal: Refusal| Failure::Input(Text::foreign(refusal)))?;
        if self.common.json {
            return print_json(&issued);
        }
        let test_type = context.say(&format!("type-{}", self.test_type.name()), &[]);
        line(context.say("issued-code", &[("code", grouped(&issued.code).into())]));
        line(context.say("issued-type", &[("type", test_type.into())]));
        let zone = app.config.venues.zone();
        let kind =
            if issued.code.len() == SHORT_CODE_DIGITS { CodeKind::Short } else { CodeKind::Long };
        if kind != order.kind {
            line(context.say("issued-long-instead", &[]));
        }
        let time = FluentValue::from(time_text(now.plus(kind.seconds()), &zone));
        let minutes = FluentValue::from(kind.seconds() / 60);
        line(context.say("issued-expires", &[("time", time), ("minutes", minutes)]));
        line(context.say("issued-id", &[("id", issued.uuid.as_str().into())]));
        Ok(())
    }

    fn order(&self, today: UtcDay) -> Result<CodeOrder, Failure> {
        let day = |option: &str, text: &Option<String>| {
            let day = parse_day(text.as_deref().unwrap_or_default(), today);
            day.map_err(|error| bad_date(option, error))
        };
        let diagnosis = Diagnosis {
            test_type: self.test_type,
            symptom_day: day("--symptom-date", &self.symptom_date)?,
            test_day: day("--test-date", &self.test_date)?,
        };
        let kind = if self.long { CodeKind::Long } else { CodeKind::Short };
        Ok(CodeOrder::new(diagnosis, kind))
    }
}

#[derive(Debug, Args)]
pub(super) struct ShowState {
    #[command(flatten)]
    common: Common,
    /// help-code-id
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct RevokeCode {
    #[command(flatten)]
    common: Common,
    /// help-code-id
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    sure: Sure,
}

impl ShowState {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let status = async { code_states::status(&app, &CodeId::read(&app, &self.id)?).await };
        let status = status.await;
        app.store.close().await;
        let status = status.map_err(|refusal| failure(context, refusal))?;
        if self.common.json {
            return print_json(&as_json(&status));
        }
        line(status_line(context, &app, &status));
        Ok(())
    }
}

impl RevokeCode {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let id = [("id", FluentValue::from(self.id.as_str()))];
        self.sure.ask(context, &self.common, "revoke-code-sure", &id)?;
        let revoked = async {
            let id = CodeId::read(&app, &self.id)?;
            code_states::revoke(&app, &id, &Actor::command_line()).await
        };
        let revoked = revoked.await;
        app.store.close().await;
        let status = revoked.map_err(|refusal| failure(context, refusal))?;
        if self.common.json {
            return print_json(&as_json(&status));
        }
        line(context.say("code-revoked", &[]));
        Ok(())
    }
}

fn status_line(context: &Context, app: &App, status: &CodeStatus) -> String {
    let state = context.say(&format!("code-state-{}", status.state.name()), &[]);
    let time = time_text(status.expires_at, &app.config.venues.zone());
    context.say("code-status-line", &[("state", state.into()), ("time", time.into())])
}

fn as_json(status: &CodeStatus) -> serde_json::Value {
    serde_json::json!({ "state": status.state.name(), "expires_at": status.expires_at })
}

fn failure(context: &Context, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::CodeIdUnknown | Refusal::LongUuid => Failure::input("error-code-unknown"),
        Refusal::CodeNotUnused(state) => {
            let state = context.say(&format!("code-state-{state}"), &[]);
            Failure::Input(Text::ours("error-code-not-unused").with("state", state))
        }
        refusal => Failure::Input(Text::foreign(refusal)),
    }
}
