//! `revoke-period`.

use clap::Args;
use vungxanh_protocol::interval::UnixTime;

use super::confirmation::Sure;
use super::failure::Failure;
use super::{Common, Context, bad_option, line, print_json, time_text};
use crate::i18n::Text;
use crate::storage::audit::Actor;

#[derive(Debug, Args)]
pub(super) struct RevokePeriod {
    #[command(flatten)]
    common: Common,
    /// help-revoke-period-at
    #[arg(long, value_name = "TIME")]
    at: String,
    #[command(flatten)]
    sure: Sure,
}

impl RevokePeriod {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        let app = context.open(&self.common).await?;
        let now = context.clock.now();
        let at = parse(&self.at)
            .filter(|at| *at <= now)
            .ok_or_else(|| bad_option("--at", Text::ours("error-past-time-form")))?;
        let period = app.config.publication.period_seconds;
        let from = at.floor_to(period);
        let until = from.plus(period);
        let zone = app.config.venues.zone();
        let times =
            [("from", time_text(from, &zone).into()), ("until", time_text(until, &zone).into())];
        self.sure.ask(context, &self.common, "revoke-period-sure", &times)?;
        let revoked = app.store.revoke_period((from, until), &Actor::command_line(), now).await;
        app.store.close().await;
        let revoked = revoked?;
        if self.common.json {
            return print_json(&revoked);
        }
        line(context.say("period-dropped", &[("keys", revoked.dropped.into())]));
        line(context.say("period-revoked", &[("keys", revoked.revoked.into())]));
        Ok(())
    }
}

fn parse(text: &str) -> Option<UnixTime> {
    let time: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(time.as_second()).ok().map(UnixTime::from_secs)
}
