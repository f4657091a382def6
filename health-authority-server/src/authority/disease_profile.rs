//! Ready-made profiles for a disease: tracing, risk, venue rules and advice. Each number's source
//! stands in the profile itself, under `sources`.

use std::collections::BTreeMap;

use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::{
    AuthorityError, ContactRules, SymptomAdvice, TracingParameters,
};
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_protocol::venue::rules::VenueRules;

/// The parameters of an outbreak, as in `profile.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Where the numbers come from. For people; not published.
    pub sources: BTreeMap<String, String>,
    /// How devices broadcast, keep and match.
    pub tracing: TracingParameters,
    /// How devices score exposures.
    pub risk: RiskParameters,
    /// Rules for venue check-ins.
    pub venues: VenueRules,
    /// What to do after an exposure, by language tag.
    pub advice: BTreeMap<String, String>,
    /// On which days to do it; absent in profiles of earlier programs.
    #[serde(default)]
    pub contacts: ContactRules,
    /// What to do with symptoms that are declared; absent in profiles of earlier programs.
    #[serde(default)]
    pub symptoms: SymptomAdvice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadyMade {
    /// COVID-19.
    Covid19,
    /// Measles: venues count up to two hours after the case has left.
    Measles,
    Influenza,
}

impl clap::ValueEnum for ReadyMade {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Covid19, Self::Measles, Self::Influenza]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ReadyMade {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Covid19 => "covid-19",
            Self::Measles => "measles",
            Self::Influenza => "influenza",
        }
    }

    /// The profile as it is written to `profile.json`.
    pub const fn json(self) -> &'static str {
        match self {
            Self::Covid19 => include_str!("../../profiles/covid-19.json"),
            Self::Measles => include_str!("../../profiles/measles.json"),
            Self::Influenza => include_str!("../../profiles/influenza.json"),
        }
    }
}

impl Profile {
    /// Reads and checks `profile.json`.
    pub fn from_json(json: &str) -> Result<Self, AuthorityError> {
        let profile: Self = serde_json::from_str(json)
            .map_err(|error| AuthorityError::Malformed(format!("profile.json: {error}")))?;
        profile.tracing.check()?;
        profile.risk.check()?;
        profile.contacts.check()?;
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_ready_made_profile_is_valid_and_says_its_sources() {
        for ready_made in ReadyMade::value_variants() {
            let profile = Profile::from_json(ready_made.json()).unwrap();
            for part in ["tracing", "risk", "venues", "contacts"] {
                assert!(profile.sources.contains_key(part), "{ready_made:?}: {part}");
            }
            for language in ["vi", "en"] {
                for texts in [&profile.advice, &profile.symptoms.call, &profile.symptoms.now] {
                    assert!(texts.contains_key(language), "{ready_made:?}: {language}");
                }
            }
        }
    }

    #[test]
    fn days_after_a_contact_are_those_of_the_disease() {
        let rules = |ready_made: ReadyMade| Profile::from_json(ready_made.json()).unwrap().contacts;
        let of = |test_after_days, apart_days| ContactRules { test_after_days, apart_days };
        assert_eq!(rules(ReadyMade::Covid19), of(Some(3), Some(14)));
        assert_eq!(rules(ReadyMade::Measles), of(None, Some(21)));
        assert_eq!(rules(ReadyMade::Influenza), of(None, None));
        let covid = ReadyMade::Covid19.json();
        let earlier: serde_json::Value = serde_json::from_str(covid).unwrap();
        let mut earlier = earlier.as_object().unwrap().clone();
        assert!(earlier.remove("contacts").is_some());
        let earlier = serde_json::to_string(&earlier).unwrap();
        assert_eq!(Profile::from_json(&earlier).unwrap().contacts, of(None, None));
        let long = covid.replace("\"apart_days\": 14", "\"apart_days\": 61");
        assert!(Profile::from_json(&long).is_err());
    }

    #[test]
    fn measles_lingers_for_two_hours() {
        let measles = Profile::from_json(ReadyMade::Measles.json()).unwrap();
        assert_eq!(measles.venues.lingering_minutes, 120);
    }
}
