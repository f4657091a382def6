//! Words for terms and drafts that several pages share.

use axum::http::StatusCode;

use super::super::super::page::Page;
use super::super::super::page_error::{PageError, Refusal};
use crate::authority::enforcing::NotTaken;
use crate::authority::terms::{Change, Field, Kind, Terms, Unlisted};
use crate::i18n::Text;
use crate::services::document_drafts::DraftError;
use crate::storage::document_drafts::{Draft, DraftEnd};

/// Longer values are cut where two are compared.
const MAX_SHOWN_CHARACTERS: usize = 80;

/// A value before and after.
pub(super) struct ChangeRow {
    pub(super) what: String,
    pub(super) old: String,
    pub(super) new: String,
}

impl ChangeRow {
    pub(super) fn of(page: &Page, change: Change) -> Self {
        Self {
            what: match change.field.onset_day() {
                Some(day) => page.t1("terms-onset-change", "day", day),
                None => label(page, change.field),
            },
            old: shown(page, change.field, &change.old),
            new: shown(page, change.field, &change.new),
        }
    }

    /// Of what no field stands for: its place in the JSON.
    pub(super) fn of_unlisted(page: &Page, value: Unlisted) -> Self {
        let cut = |text: String| match text.chars().count() {
            0 => page.t("terms-nothing"),
            count if count > MAX_SHOWN_CHARACTERS => {
                let text: String = text.chars().take(MAX_SHOWN_CHARACTERS).collect();
                format!("{text}…")
            }
            _ => text,
        };
        Self { what: value.place, old: cut(value.old), new: cut(value.new) }
    }
}

/// The name of a field.
pub(super) fn label(page: &Page, field: &Field) -> String {
    match field.onset_day() {
        Some(day) => page.t1("terms-onset-day", "day", day),
        None => page.named("terms", field.id),
    }
}

/// A value as people read it.
fn shown(page: &Page, field: &Field, value: &str) -> String {
    match field.kind {
        Kind::Check if value.is_empty() => page.t("terms-no"),
        Kind::Check => page.t("terms-yes"),
        Kind::Choice(_) => page.named("terms-choice", value),
        _ if value.is_empty() => page.t("terms-nothing"),
        _ => value.to_owned(),
    }
}

/// What the parameters mean for a person: after how many minutes near a case, on a day when that one was most
/// infectious, there is a notice, and an urgent one. None where it never comes.
pub(super) fn minutes_near(terms: &Terms) -> [Option<u64>; 2] {
    let risk = &terms.profile.risk;
    let confirmed = risk
        .report_type_weights
        .get(&vungxanh_protocol::diagnosis_key::ReportType::ConfirmedTest)
        .copied()
        .unwrap_or_default();
    let [_, near, ..] = risk.attenuation_weights;
    let weights =
        u64::from(near) * u64::from(confirmed) * u64::from(risk.high_infectiousness_weight);
    // Weights are percentages: three of them.
    [risk.low_from_daily_score, risk.high_from_daily_score]
        .map(|score| (weights > 0).then(|| (u64::from(score) * 1_000_000).div_ceil(weights * 60)))
}

/// The name of a draft's state: `draft-state-NAME` is its text.
pub(super) fn draft_state(draft: &Draft, in_force: u64) -> &'static str {
    match draft {
        draft if draft.serial == in_force => "in-force",
        draft if draft.ended_as == Some(DraftEnd::Dropped) => "dropped",
        draft if draft.ended_as == Some(DraftEnd::InForce) => "replaced",
        draft if draft.serial < in_force => "older",
        draft if draft.signed.is_some() => "signed",
        _ => "waiting",
    }
}

/// The status and the words of what was not done.
pub(super) fn refused(page: &Page, error: DraftError) -> Result<(StatusCode, String), PageError> {
    let said = |text: Text| text.said(page.language.messages());
    let (status, text) = match error {
        DraftError::NotFound => return Err(page.refuse(Refusal::NotFound)),
        DraftError::OtherState => (StatusCode::CONFLICT, page.t("draft-other-state")),
        DraftError::NoRootKey => (StatusCode::CONFLICT, page.t("draft-no-root-key")),
        DraftError::NotTaken(NotTaken::Older { found, in_force }) => {
            let numbers =
                [("found", found.to_string().into()), ("serial", in_force.to_string().into())];
            (StatusCode::CONFLICT, page.with("draft-older", &numbers))
        }
        DraftError::NotTaken(NotTaken::Refused(error)) => {
            let reason = said(Text::foreign(error));
            (StatusCode::UNPROCESSABLE_ENTITY, page.t1("draft-refused", "reason", reason))
        }
        DraftError::NotTaken(NotTaken::OtherValue(value)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, page.t1("draft-other-value", "value", value))
        }
        DraftError::NotTaken(NotTaken::LacksKey(key)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, page.t1("draft-lacks-key", "key", key))
        }
        DraftError::NotTaken(NotTaken::File(error)) => {
            tracing::error!(%error, "a document was not put in force");
            (StatusCode::CONFLICT, page.t1("draft-refused", "reason", said(error.text())))
        }
        error @ DraftError::Store(_) => return Err(page.fail(error)),
    };
    Ok((status, text))
}
