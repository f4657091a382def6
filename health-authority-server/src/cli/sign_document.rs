//! `sign-document`: signs a draft from the staff's pages where the root key is. It needs no folder of an
//! authority and no network.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use vungxanh_protocol::authority::AuthorityDocument;

use super::failure::Failure;
use super::{Context, line, print_json, time_text};
use crate::authority::document::{self, fingerprint, fingerprint_in_groups};
use crate::authority::error::FileError;
use crate::authority::keys::read_root_file;
use crate::authority::terms::{Terms, changes, unlisted};
use crate::i18n::Text;
use crate::platform::atomic_file::{read, write_new_secret};

#[derive(Debug, Args)]
pub(super) struct SignDocument {
    /// help-sign-document-document
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// help-sign-document-key
    #[arg(long, value_name = "FILE")]
    root_key: PathBuf,
    /// help-sign-document-in-force
    #[arg(long, value_name = "FILE")]
    in_force: Option<PathBuf>,
    /// help-sign-document-out
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// help-json
    #[arg(long)]
    json: bool,
}

/// A value that the draft changes.
#[derive(serde::Serialize)]
struct ChangedValue {
    what: String,
    old: String,
    new: String,
}

impl SignDocument {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        let json = read(&self.document).map_err(FileError::io(&self.document))?;
        let document = AuthorityDocument::from_json(&json).map_err(FileError::from)?;
        let in_force = self.in_force.as_deref().map(read_in_force).transpose()?;
        let changed = in_force.as_ref().map(|in_force| changed(in_force, &document)).transpose()?;
        let root = read_root_file(&self.root_key)?;
        let signed = AuthorityDocument::sign_json(&json, &root).map_err(FileError::from)?;
        if !self.json {
            let fingerprint = fingerprint_in_groups(&document)?;
            line(context.say(
                "document-to-sign",
                &[
                    ("id", document.id.as_str().into()),
                    ("serial", document.serial.to_string().into()),
                    ("fingerprint", fingerprint.as_str().into()),
                ],
            ));
            say_changes(context, changed.as_deref());
        }
        write_new_secret(&self.out, &signed).map_err(FileError::io(&self.out))?;
        if self.json {
            return print_json(&serde_json::json!({
                "serial": document.serial, "expires_at": document.expires_at,
                "fingerprint": fingerprint(&document)?, "changes": changed,
            }));
        }
        line(context.say(
            "document-signed",
            &[
                ("serial", document.serial.to_string().into()),
                ("time", time_text(document.expires_at, &jiff::tz::TimeZone::system()).into()),
                ("file", self.out.display().to_string().into()),
            ],
        ));
        Ok(())
    }
}

/// The document in force, verified by the root key that it names: it is compared with, not trusted.
fn read_in_force(path: &Path) -> Result<AuthorityDocument, Failure> {
    let bytes = read(path).map_err(FileError::io(path))?;
    Ok(document::read_signed(path, bytes)?.document)
}

fn changed(old: &AuthorityDocument, new: &AuthorityDocument) -> Result<Vec<ChangedValue>, Failure> {
    if old.root_key != new.root_key {
        return Err(Failure::input("error-document-root"));
    }
    if new.serial <= old.serial {
        let older = Text::ours("error-document-older").with("found", new.serial);
        return Err(Failure::Input(older.with("serial", old.serial)));
    }
    let sources = BTreeMap::new();
    let of = |document| Terms::of_document(document, &sources);
    let fields = changes(&of(old), &of(new)).into_iter().map(|change| ChangedValue {
        what: change.field.id.to_owned(),
        old: change.old,
        new: change.new,
    });
    let others = unlisted(old, new).into_iter().map(|value| ChangedValue {
        what: value.place,
        old: value.old,
        new: value.new,
    });
    Ok(fields.chain(others).collect())
}

fn say_changes(context: &Context, changed: Option<&[ChangedValue]>) {
    let Some(changed) = changed else { return };
    if changed.is_empty() {
        line(context.say("document-no-changes", &[]));
    }
    for value in changed {
        line(context.say(
            "document-change",
            &[
                ("what", value.what.as_str().into()),
                ("old", value.old.as_str().into()),
                ("new", value.new.as_str().into()),
            ],
        ));
    }
}
