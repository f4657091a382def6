//! What an administrator decides of the signed document by form: names, the disease profile with the
//! messages to citizens, rules of declarations. Keys and addresses are not among it.

mod changes;
mod fields;
mod reading;

use std::collections::BTreeMap;

use vungxanh_protocol::authority::{AuthorityDocument, DeclarationRules};

pub use self::changes::{Change, Unlisted, changes, unlisted};
pub use self::fields::{Field, Kind, SECTIONS, field, fields};
pub use self::reading::{MAX_TEXT_BYTES, Wrong, read};
use crate::authority::config::Config;
use crate::authority::disease_profile::Profile;

/// The terms, wherever they stand: in the folder's files, in a document, in a form.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The authority's name by language tag.
    pub name: BTreeMap<String, String>,
    pub profile: Profile,
    /// For how many local days officers can open declarations.
    pub retention_days: u16,
    /// Whether each declaration takes the code of a message.
    pub phone_code: bool,
}

impl Terms {
    /// As the folder's files have them: what the next document says.
    pub fn of_files(config: &Config, profile: &Profile) -> Self {
        Self {
            name: config.authority.name.clone(),
            profile: profile.clone(),
            retention_days: config.declarations.retention_days,
            phone_code: config.declarations.phone_code,
        }
    }

    /// As a document has them. Where the numbers come from is not published: `sources` says it.
    pub fn of_document(document: &AuthorityDocument, sources: &BTreeMap<String, String>) -> Self {
        let rules = document.declarations.clone().unwrap_or_default();
        Self {
            name: document.name.clone(),
            profile: Profile {
                sources: sources.clone(),
                tracing: document.tracing.clone(),
                risk: document.risk.clone(),
                venues: document.venues.clone(),
                advice: document.advice.clone(),
                contacts: document.contacts,
                symptoms: rules.symptoms,
            },
            retention_days: rules.retention_days,
            phone_code: rules.phone_code,
        }
    }

    /// The configuration with these terms in it.
    #[must_use]
    pub fn in_config(&self, config: &Config) -> Config {
        let mut config = config.clone();
        config.authority.name.clone_from(&self.name);
        config.declarations.retention_days = self.retention_days;
        config.declarations.phone_code = self.phone_code;
        config
    }

    /// A document with these terms in place of its own.
    #[must_use]
    pub fn in_document(&self, document: &AuthorityDocument) -> AuthorityDocument {
        let profile = self.profile.clone();
        AuthorityDocument {
            name: self.name.clone(),
            tracing: profile.tracing,
            risk: profile.risk,
            venues: profile.venues,
            advice: profile.advice,
            contacts: profile.contacts,
            declarations: Some(DeclarationRules {
                retention_days: self.retention_days,
                symptoms: profile.symptoms,
                phone_code: self.phone_code,
            }),
            ..document.clone()
        }
    }
}
