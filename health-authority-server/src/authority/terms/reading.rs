//! Reading the form: every field that is wrong is named, by the rules of the files.

use vungxanh_protocol::authority::AuthorityError;
use vungxanh_protocol::risk::RiskError;
use vungxanh_protocol::text::{is_plain, is_plain_lines};
use vungxanh_protocol::venue::rules::VenueRulesError;

use super::Terms;
use super::fields::{Field, Kind, field, fields};

/// The longest text of the form, in bytes: all of them fit a form of 64 kB.
pub const MAX_TEXT_BYTES: usize = 3_000;
/// The longest name, in bytes.
const MAX_NAME_BYTES: usize = 200;
/// Days for which officers can open declarations, as in `config.toml`.
const DECLARATION_DAYS: std::ops::RangeInclusive<u16> = 1..=60;

/// What is wrong with a field; `terms-wrong-NAME` is its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Not a whole number, or none of the choices.
    NotAValue,
    /// Devices refuse this value.
    Refused,
    /// Thresholds that do not ascend, or a low level above the high one.
    Order,
    /// Control characters or marks of direction.
    Characters,
    TooLong,
    /// At least one name.
    Needed,
}

impl Wrong {
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAValue => "value",
            Self::Refused => "refused",
            Self::Order => "order",
            Self::Characters => "characters",
            Self::TooLong => "long",
            Self::Needed => "needed",
        }
    }
}

/// `base` with what was typed; `typed` says it by a field's id. A field that is not there at all keeps its
/// value, but for a box that is not ticked.
pub fn read(
    base: &Terms,
    typed: impl Fn(&str) -> Option<String>,
) -> Result<Terms, Vec<(&'static str, Wrong)>> {
    let mut terms = base.clone();
    let mut wrong = Vec::new();
    for field in fields() {
        let Some(text) = typed(field.id).or((field.kind == Kind::Check).then(String::new)) else {
            continue;
        };
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        match wrong_text(field, text) {
            Some(what) => wrong.push((field.id, what)),
            None if field.of(&mut terms).put(text).is_some() => {}
            None => wrong.push((field.id, Wrong::NotAValue)),
        }
    }
    if terms.name.is_empty() {
        wrong.push(("name_vi", Wrong::Needed));
    }
    // Each rule names one field at a time: with the value in force there, the rest is looked at again.
    let mut checked = terms.clone();
    for _ in 0..fields().len() {
        let found = refused(&checked);
        if found.is_empty() {
            break;
        }
        for (field, what) in found {
            let value = field.shown(base);
            let _ = field.of(&mut checked).put(&value);
            if !wrong.iter().any(|(id, _)| *id == field.id) {
                wrong.push((field.id, what));
            }
        }
    }
    let place = |id: &str| fields().iter().position(|field| field.id == id);
    wrong.sort_by_key(|(id, _)| place(id));
    if wrong.is_empty() { Ok(terms) } else { Err(wrong) }
}

fn wrong_text(field: &Field, text: &str) -> Option<Wrong> {
    let (most, is_plain) = match field.kind {
        Kind::Line => (MAX_NAME_BYTES, is_plain(text)),
        Kind::Lines => (MAX_TEXT_BYTES, is_plain_lines(text)),
        _ => return None,
    };
    match () {
        () if text.len() > most => Some(Wrong::TooLong),
        () if !is_plain => Some(Wrong::Characters),
        () => None,
    }
}

/// The fields that the next rule refuses.
fn refused(terms: &Terms) -> Vec<(&'static Field, Wrong)> {
    let (tracing, risk, venues) =
        (&terms.profile.tracing, &terms.profile.risk, &terms.profile.venues);
    if let Err(AuthorityError::OutOfBounds { parameter, .. }) = tracing.check() {
        return of_ids(&[parameter], Wrong::Refused);
    }
    match terms.profile.contacts.check() {
        Err(AuthorityError::OutOfBounds { parameter: "contacts.test_after_days", .. }) => {
            return of_ids(&["test_after_days"], Wrong::Refused);
        }
        Err(_) => return of_ids(&["apart_days"], Wrong::Refused),
        Ok(()) => {}
    }
    if let Err(error) = risk.check() {
        return of_risk(terms, error);
    }
    match venues.check() {
        Err(VenueRulesError::TooLong { rule: "lingering_minutes", .. }) => {
            return of_ids(&["lingering"], Wrong::Refused);
        }
        Err(VenueRulesError::TooLong { .. }) => {
            return of_ids(&["minimum_overlap"], Wrong::Refused);
        }
        Err(VenueRulesError::WeightTooHigh(_)) => return of_ids(&["venue_weight"], Wrong::Refused),
        Ok(()) => {}
    }
    if !DECLARATION_DAYS.contains(&terms.retention_days) {
        return of_ids(&["declaration_days"], Wrong::Refused);
    }
    Vec::new()
}

fn of_risk(terms: &Terms, error: RiskError) -> Vec<(&'static Field, Wrong)> {
    match error {
        RiskError::ThresholdsDescend => {
            of_ids(&["threshold_immediate", "threshold_near", "threshold_medium"], Wrong::Order)
        }
        RiskError::LevelsReversed => of_ids(&["low_from", "high_from"], Wrong::Order),
        RiskError::WeightTooHigh(weight) => {
            let weight = weight.to_string();
            let of_weights =
                |field: &&Field| field.id.starts_with("weight_") && field.shown(terms) == weight;
            fields().iter().filter(of_weights).map(|field| (field, Wrong::Refused)).collect()
        }
        RiskError::NotACase => of_ids(&["type_unknown"], Wrong::Refused),
        RiskError::OnsetDay(_) => of_ids(&["onset_unknown"], Wrong::Refused),
    }
}

fn of_ids(ids: &[&str], wrong: Wrong) -> Vec<(&'static Field, Wrong)> {
    ids.iter().filter_map(|id| field(id)).map(|field| (field, wrong)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::changes;
    use super::*;
    use crate::authority::disease_profile::{Profile, ReadyMade};

    fn terms() -> Terms {
        Terms {
            name: BTreeMap::from([("vi".into(), "Sở Y tế Hà Nội".into())]),
            profile: Profile::from_json(ReadyMade::Covid19.json()).unwrap(),
            retention_days: 21,
            phone_code: false,
        }
    }

    fn with(typed: &[(&str, &str)]) -> Result<Terms, Vec<(&'static str, Wrong)>> {
        let typed: BTreeMap<String, String> =
            typed.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
        read(&terms(), |id| typed.get(id).cloned())
    }

    #[test]
    fn what_the_form_shows_reads_back_as_it_was() {
        let before = terms();
        let shown: BTreeMap<String, String> =
            fields().iter().map(|field| (field.id.to_owned(), field.shown(&before))).collect();
        assert_eq!(read(&before, |id| shown.get(id).cloned()), Ok(before));
    }

    #[test]
    fn every_field_changes_something_of_its_own() {
        for field in fields() {
            let before = terms();
            let old = field.shown(&before);
            let new = match field.kind {
                Kind::Line | Kind::Lines => "chữ khác".to_owned(),
                Kind::Check if old.is_empty() => "yes".into(),
                Kind::Check => String::new(),
                Kind::Choice(names) => names.iter().find(|name| **name != old).unwrap().to_string(),
                Kind::OptionalNumber => "7".into(),
                Kind::Number => (old.parse::<u32>().unwrap() + 1).to_string(),
            };
            let mut after = before.clone();
            assert!(field.of(&mut after).put(&new).is_some(), "{}", field.id);
            let changed: Vec<_> =
                changes(&before, &after).into_iter().map(|change| change.field.id).collect();
            assert_eq!(changed, [field.id]);
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_at_its_field_in_the_order_of_the_form() {
        let wrong = with(&[
            ("name_vi", ""),
            ("advice_en", "a\u{202e}b"),
            ("test_after_days", "61"),
            ("apart_days", "-1"),
            ("call_vi", &"x".repeat(MAX_TEXT_BYTES + 1)),
            ("retention_days", "22"),
            ("sync_mean_minutes", "two"),
            ("rolling_period", "35"),
            ("clock_tolerance", "3"),
            ("low_from", "2000"),
            ("threshold_immediate", "68"),
            ("weight_near", "251"),
            ("weight_clinical", "251"),
            ("type_unknown", "revoked"),
            ("onset_m2", "very"),
            ("lingering", "1441"),
            ("venue_weight", "-1"),
            ("declaration_days", "0"),
        ]);
        let expected = [
            ("name_vi", Wrong::Needed),
            ("advice_en", Wrong::Characters),
            ("test_after_days", Wrong::Refused),
            ("apart_days", Wrong::NotAValue),
            ("call_vi", Wrong::TooLong),
            ("retention_days", Wrong::Refused),
            ("sync_mean_minutes", Wrong::NotAValue),
            ("rolling_period", Wrong::Refused),
            ("clock_tolerance", Wrong::Refused),
            ("low_from", Wrong::Order),
            ("high_from", Wrong::Order),
            ("threshold_immediate", Wrong::Order),
            ("threshold_near", Wrong::Order),
            ("threshold_medium", Wrong::Order),
            ("weight_near", Wrong::Refused),
            ("weight_clinical", Wrong::Refused),
            ("type_unknown", Wrong::NotAValue),
            ("onset_m2", Wrong::NotAValue),
            ("lingering", Wrong::Refused),
            ("venue_weight", Wrong::NotAValue),
            ("declaration_days", Wrong::Refused),
        ];
        assert_eq!(wrong, Err(expected.to_vec()));
    }

    #[test]
    fn rules_that_join_fields_are_the_devices_own() {
        assert!(with(&[("clock_tolerance", "12"), ("plain_gaen", "yes")]).is_ok());
        assert!(with(&[("rolling_period", "144"), ("plain_gaen", "yes")]).is_ok());
        assert!(with(&[("rolling_period", "144")]).is_err());
        let days = with(&[("onset_m14", "high"), ("onset_5", "none")]).unwrap();
        let days = days.profile.risk.infectiousness_by_onset;
        assert!(days.contains_key(&-14) && !days.contains_key(&5));
    }
}
