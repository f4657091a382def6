//! What differs between two documents: field by field, and in what no field stands for.

use std::collections::BTreeMap;

use serde_json::Value;
use vungxanh_protocol::authority::{AuthorityDocument, ExportKey};

use super::Terms;
use super::fields::{Field, fields};

/// A field with another value.
#[derive(Debug, Clone)]
pub struct Change {
    pub field: &'static Field,
    pub old: String,
    pub new: String,
}

/// A value of the document that no field stands for, by its place in the JSON. Empty: not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    pub place: String,
    pub old: String,
    pub new: String,
}

/// The fields that differ, in the order of the form.
pub fn changes(old: &Terms, new: &Terms) -> Vec<Change> {
    let (mut old, mut new) = (old.clone(), new.clone());
    let all = fields().iter().map(|field| Change {
        field,
        old: field.of(&mut old).shown(),
        new: field.of(&mut new).shown(),
    });
    all.filter(|change| change.old != change.new).collect()
}

/// What else differs, but for serial and times: keys, addresses, texts in further languages.
pub fn unlisted(old: &AuthorityDocument, new: &AuthorityDocument) -> Vec<Unlisted> {
    let none = BTreeMap::new();
    let mut terms = Terms::of_document(old, &none);
    let mut wanted = Terms::of_document(new, &none);
    for field in fields() {
        let value = field.of(&mut wanted).shown();
        let _ = field.of(&mut terms).put(&value);
    }
    let mut old = terms.in_document(old);
    (old.serial, old.issued_at, old.expires_at) = (new.serial, new.issued_at, new.expires_at);
    // Until when a document vouches for a key moves on with each document.
    for key in &mut old.export_keys {
        let same =
            |other: &&ExportKey| other.version == key.version && other.public_key == key.public_key;
        if let Some(later) = new.export_keys.iter().find(same) {
            (key.not_before, key.not_after) = (later.not_before, later.not_after);
        }
    }
    let [old, new] = [&old, new].map(|document| {
        let mut values = BTreeMap::new();
        if let Ok(json) = serde_json::to_value(document) {
            flatten(String::new(), &json, &mut values);
        }
        values
    });
    let places: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let of = |values: &BTreeMap<String, String>, place: &str| {
        values.get(place).cloned().unwrap_or_default()
    };
    let all = places.into_iter().map(|place| Unlisted {
        place: place.clone(),
        old: of(&old, place),
        new: of(&new, place),
    });
    all.filter(|value| value.old != value.new).collect()
}

fn flatten(place: String, json: &Value, values: &mut BTreeMap<String, String>) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                let dot = if place.is_empty() { "" } else { "." };
                flatten(format!("{place}{dot}{name}"), value, values);
            }
        }
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                flatten(format!("{place}[{number}]"), value, values);
            }
        }
        Value::String(text) => {
            values.insert(place, text.clone());
        }
        other => {
            values.insert(place, other.to_string());
        }
    }
}
