//! `issue-code`.

use clap::Args;
use fluent_bundle::FluentValue;

use super::failure::Failure;
use super::{Common, Context, bad_date, line, print_json, time_text};
use crate::domain::codes::CodeKind;
use crate::domain::diagnosis::{Diagnosis, TestType, parse_day};
use crate::i18n::Text;
use crate::services::codes::{CodeOrder, issue};
use crate::services::refusal::Refusal;
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
        let issued = issue(&app, &order).await;
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

/// In groups of four, to be said and typed.
fn grouped(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}
