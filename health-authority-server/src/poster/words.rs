//! The words on a poster, in both languages.

use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UtcDay;

use super::{Poster, PosterError};
use crate::i18n::Language;

pub(super) struct Words {
    pub(super) headline: String,
    /// What to do, in three steps, and in fewer words.
    pub(super) steps: [String; 3],
    pub(super) short_steps: [String; 3],
    pub(super) privacy: String,
    pub(super) short_privacy: String,
    pub(super) shares_in_advance: Option<String>,
    pub(super) shares_in_advance_short: Option<String>,
    pub(super) footer: String,
}

impl Words {
    pub(super) fn of(poster: &Poster) -> Result<[Self; 2], PosterError> {
        Ok([Self::in_language(Language::Vi, poster)?, Self::in_language(Language::En, poster)?])
    }

    fn in_language(language: Language, poster: &Poster) -> Result<Self, PosterError> {
        let messages = language.messages();
        let text = |id| messages.text(id, &[]);
        let in_advance = |id| poster.shares_in_advance.then(|| text(id));
        let (hours, minutes) = (poster.stay_minutes / 60, poster.stay_minutes % 60);
        let stay =
            messages.text("paper-stay", &[("hours", hours.into()), ("minutes", minutes.into())]);
        let number = [("number", FluentValue::from(poster.number.as_str()))];
        let authority = match language {
            Language::Vi => &poster.authority[0],
            Language::En => &poster.authority[1],
        };
        let footer = [
            authority.clone(),
            validity(language, poster.last_day)?,
            messages.text("paper-number", &number),
        ];
        Ok(Self {
            headline: text("paper-headline"),
            steps: [text("paper-step-camera"), text("paper-step-scan"), text("paper-step-press")],
            short_steps: [
                text("paper-step-camera-short"),
                text("paper-step-scan-short"),
                text("paper-step-press-short"),
            ],
            privacy: messages.text("paper-privacy", &[("stay", stay.into())]),
            short_privacy: text("paper-privacy-short"),
            shares_in_advance: in_advance("paper-shares-in-advance"),
            shares_in_advance_short: in_advance("paper-shares-in-advance-short"),
            footer: footer.join(" · "),
        })
    }
}

/// Through which day a poster is valid, as it says itself and as pages say about it.
pub(crate) fn validity(language: Language, last_day: UtcDay) -> Result<String, PosterError> {
    let seconds = i64::try_from(last_day.start().as_secs()).unwrap_or(i64::MAX);
    let day = jiff::Timestamp::from_second(seconds)
        .map_err(|error| PosterError::Drawing(error.to_string()))?
        .to_zoned(jiff::tz::TimeZone::UTC);
    // Years are no numbers here: no separators.
    let year = day.year().to_string();
    // Vietnamese writes them with two digits.
    let part = |number: i8| match language {
        Language::Vi => format!("{number:02}").into(),
        Language::En => number.into(),
    };
    let arguments = [("day", part(day.day())), ("month", part(day.month())), ("year", year.into())];
    Ok(language.messages().text("paper-valid", &arguments))
}
