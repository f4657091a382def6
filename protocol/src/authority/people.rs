//! What the authority asks of people, by its document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::AuthorityError;

/// The longest time after a contact for which rules say something.
const MAX_CONTACT_DAYS: u16 = 60;

/// What a person does after their last contact with a case, in days after the day of that contact. Where a number is
/// absent the authority says nothing about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContactRules {
    /// The first day on which a test says something: 0..=60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_after_days: Option<u16>,
    /// The last day on which the person stays apart from others: 0..=60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart_days: Option<u16>,
}

impl ContactRules {
    /// Whether the authority says nothing.
    pub const fn is_empty(&self) -> bool {
        self.test_after_days.is_none() && self.apart_days.is_none()
    }

    /// Refuses days that are further away than any disease's rules.
    pub fn check(self) -> Result<(), AuthorityError> {
        for (parameter, days) in [
            ("contacts.test_after_days", self.test_after_days),
            ("contacts.apart_days", self.apart_days),
        ] {
            if let Some(value) = days.filter(|days| *days > MAX_CONTACT_DAYS) {
                let (value, allowed) = (value.into(), "0 to 60 days");
                return Err(AuthorityError::OutOfBounds { parameter, value, allowed });
            }
        }
        Ok(())
    }
}

/// How the authority takes health declarations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclarationRules {
    /// For how many local days officers can open a declaration, its own not counted: 1..=60.
    pub retention_days: u16,
    /// What to do with symptoms.
    #[serde(default)]
    pub symptoms: SymptomAdvice,
    /// Whether a declaration takes the code of a text message to the declarer's telephone.
    #[serde(default)]
    pub phone_code: bool,
}

/// What a person with symptoms should do, and whom to call, by language tag. Empty: the device's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SymptomAdvice {
    /// With fever or cough.
    pub call: BTreeMap<String, String>,
    /// With trouble with breathing.
    pub now: BTreeMap<String, String>,
}
