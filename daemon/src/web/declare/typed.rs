//! What the fields of a form hold, as they were sent.

use serde::Deserialize;

/// Names and values. Not printed.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    /// The value of a field that has one; empty without.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a field, without those that are empty.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(found, _)| found == name);
        values.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).collect()
    }

    /// Whether a button or a tick of that name and value was sent.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.all(name).contains(&value)
    }

    /// The fields with these names, to be sent once more.
    pub(super) fn only(&self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        let of = |name: &'static str| {
            self.all(name)
                .into_iter()
                .map(move |value| (name, value.to_owned()))
                .collect::<Vec<_>>()
        };
        names.iter().flat_map(|name| of(name)).collect()
    }
}
