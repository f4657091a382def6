//! What an approved venue wants to be registered as.

use super::phone::Phone;
use super::venues::Registration;

/// A registration and its telephone, as they are or as they are to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    pub registration: Registration,
    pub phone: Phone,
}

/// A field that differs: its name, what it says now, and what it is to say. `change-field-NAME` is its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedField {
    pub name: &'static str,
    pub old: String,
    pub new: String,
}

impl Proposed {
    /// What differs from `self` in `new`, in the order of the form. The kind of place is there by its name.
    pub fn changed_to(&self, new: &Self) -> Vec<ChangedField> {
        let (old, new, phones) = (&self.registration, &new.registration, (&self.phone, &new.phone));
        let fields = [
            ("name", old.name.clone(), new.name.clone()),
            ("kind", old.kind.name().to_owned(), new.kind.name().to_owned()),
            ("ward", old.ward.to_string(), new.ward.to_string()),
            ("street", old.street.clone(), new.street.clone()),
            ("registrant", old.registrant.clone(), new.registrant.clone()),
            ("phone", phones.0.to_string(), phones.1.to_string()),
        ];
        let changed = fields.into_iter().filter(|(_, old, new)| old != new);
        changed.map(|(name, old, new)| ChangedField { name, old, new }).collect()
    }
}
