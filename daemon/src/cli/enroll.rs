//! `vungxanh enroll`: chooses the authority, before the first `run` or while the daemon runs.

use std::sync::Arc;

use serde_json::json;
use vungxanh_protocol::authority::VerifiedAuthority;

use super::Context;
use crate::control::client::Client;
use crate::control_api::{EnrolRequest, StatusRequest};
use crate::failure::{Exit, Failure};
use crate::platform::profile::Profile;
use crate::store::{EncounterStore, SledStore, StoreError};
use crate::sync::{
    Replace, Settings, Sync as AuthoritySync, SyncError, Timeouts, first_contact, split_enrolment,
};

/// Hexadecimal digits in one group, for people to compare.
const GROUP_DIGITS: usize = 4;

/// Arguments of `vungxanh enroll`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-enroll-url
    #[arg(value_name = "URL")]
    url: String,
    /// help-enroll-replace
    #[arg(long)]
    replace: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let (url, given) = split_url(&arguments.url)?;
    let profile = context.profile()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Store, "failure-runtime").because(error))?;
    let way = Way::open(&profile, context)?;
    let now = context.clock.now();
    let authority =
        runtime.block_on(first_contact(url, now, Timeouts::default())).map_err(Failure::from)?;
    let fingerprint = authority.fingerprint();
    match given {
        Some(expected) if expected != fingerprint => {
            return Err(SyncError::WrongFingerprint { expected, found: fingerprint }.into());
        }
        Some(_) => {}
        None => confirm_fingerprint(&authority, context)?,
    }
    let replace = confirm_replacement(way.present()?, &authority, arguments.replace, context)?;
    match way {
        Way::Daemon(client) => {
            let request = EnrolRequest {
                url: url.to_owned(),
                fingerprint: fingerprint.clone(),
                replace: replace == Replace::Confirmed,
            };
            client.send(&request)?;
        }
        Way::Alone(sync) => {
            runtime.block_on(sync.enrol(url, &fingerprint, replace)).map_err(Failure::from)?;
        }
    }
    print(&authority, url, context);
    Ok(())
}

/// Through the running daemon, or alone with the profile's lock.
enum Way {
    Daemon(Client),
    Alone(AuthoritySync),
}

impl Way {
    fn open(profile: &Profile, context: &Context) -> Result<Self, Failure> {
        let store = match SledStore::open(profile, context.clock.now()) {
            Ok((store, _)) => store,
            Err(StoreError::Locked { .. }) => {
                return Ok(Self::Daemon(Client::new(&profile.control_socket())?));
            }
            Err(error) => return Err(SyncError::Store(error).into()),
        };
        let store: Arc<dyn EncounterStore> = Arc::new(store);
        let settings = Settings::new(profile.downloads());
        Ok(Self::Alone(AuthoritySync::open(store, Arc::clone(&context.clock), settings)?))
    }

    /// The fingerprint of the authority that is enrolled.
    fn present(&self) -> Result<Option<String>, Failure> {
        Ok(match self {
            Self::Alone(sync) => sync.authority().map(|present| present.authority.fingerprint()),
            Self::Daemon(client) => {
                let status = client.send(&StatusRequest)?;
                status.authority.map(|authority| authority.fingerprint)
            }
        })
    }
}

fn split_url(text: &str) -> Result<(&str, Option<String>), Failure> {
    split_enrolment(text).ok_or_else(|| Failure::new(Exit::BadInput, "failure-bad-fingerprint"))
}

/// Without a fingerprint in the URL: somebody has to compare it with one from elsewhere.
fn confirm_fingerprint(authority: &VerifiedAuthority, context: &Context) -> Result<(), Failure> {
    let grouped = grouped(&authority.fingerprint());
    if !context.output.can_ask() {
        return Err(Failure::new(Exit::BadInput, "failure-fingerprint-needed")
            .with("fingerprint", authority.fingerprint()));
    }
    context.output.note(
        "enroll-compare",
        &[("name", name(authority, context).into()), ("fingerprint", grouped.into())],
    );
    if context.output.confirm("enroll-same", &[]) {
        Ok(())
    } else {
        Err(Failure::new(Exit::Negative, "failure-declined"))
    }
}

/// Whether the authority takes the place of another one, which the person must want.
fn confirm_replacement(
    present: Option<String>,
    authority: &VerifiedAuthority,
    asked_for: bool,
    context: &Context,
) -> Result<Replace, Failure> {
    match present {
        Some(present) if present != authority.fingerprint() => {
            if !asked_for && !context.output.can_ask() {
                return Err(SyncError::OtherAuthority { present }.into());
            }
            let question = [("name", name(authority, context).into())];
            if asked_for || context.output.confirm("enroll-replace", &question) {
                Ok(Replace::Confirmed)
            } else {
                Err(Failure::new(Exit::Negative, "failure-declined"))
            }
        }
        _ => Ok(Replace::Never),
    }
}

fn print(authority: &VerifiedAuthority, url: &str, context: &Context) {
    let document = authority.document();
    let result = json!({
        "id": document.id,
        "name": document.name,
        "url": url,
        "fingerprint": authority.fingerprint(),
        "serial": document.serial,
        "expires_at": document.expires_at,
    });
    context.output.result(&result, |output| {
        output.line(
            "enrolled",
            &[
                ("name", name(authority, context).into()),
                ("fingerprint", grouped(&authority.fingerprint()).into()),
            ],
        );
    });
}

/// The authority's name in the person's language, else in any, else its id.
fn name(authority: &VerifiedAuthority, context: &Context) -> String {
    let document = authority.document();
    let names = &document.name;
    let tag = context.output.texts().language().tag();
    names.get(tag).or_else(|| names.values().next()).unwrap_or(&document.id).clone()
}

/// `0123 4567 ...`
fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> =
        digits.chunks(GROUP_DIGITS).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_with_and_without_fingerprint() {
        let digits = "0123456789abcdef".repeat(4);
        let (url, given) = split_url("https://health.example").unwrap();
        assert_eq!((url, given), ("https://health.example", None));
        let text = format!("https://health.example#sha256={}", digits.to_uppercase());
        let (url, given) = split_url(&text).unwrap();
        assert_eq!((url, given.as_deref()), ("https://health.example", Some(digits.as_str())));
        for bad in ["#", "#sha256=", "#sha256=12", "#md5=00", &format!("#{digits}")] {
            let failure = split_url(&format!("https://health.example{bad}")).unwrap_err();
            assert_eq!(failure.exit(), Exit::BadInput, "{bad}");
        }
        assert_eq!(grouped("0123456789ab"), "0123 4567 89ab");
    }
}
