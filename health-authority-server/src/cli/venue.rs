//! `venue keygen`, `venue check` and `venue share`: a venue's own tools, for those who do not want
//! to trust a page with their key. They need no authority's folder.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::display::SEED_BYTES;
use vungxanh_protocol::venue::key_file::{Cost, KeyFile, MAX_FILE_BYTES};
use vungxanh_protocol::venue::party::{Party, PartyKey, PartySecret};
use vungxanh_protocol::venue::poster::{UnverifiedPoster, payload_of_url};
use vungxanh_protocol::venue::recovery::{MAX_TEXT_BYTES, RecoveryCode};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::passphrase::Passphrase;
use super::{Context, line, print_json, read_limited};
use crate::authority::error::FileError;
use crate::i18n::Text;
use crate::platform::atomic_file::write_new_secret;

/// What the file of requests says it is, and the file of shares.
const REQUESTS_FORMAT: &str = "VX-SHARE-REQUESTS-1";
const SHARES_FORMAT: &str = "VX-SHARES-1";
/// The longest file of requests, in bytes.
const MAX_REQUESTS_BYTES: u64 = 4 * 1_024 * 1_024;

#[derive(Debug, Subcommand)]
pub(super) enum VenueCommand {
    /// help-venue-keygen
    Keygen(Keygen),
    /// help-venue-check
    Check(Check),
    /// help-venue-share
    Share(Share),
}

#[derive(Debug, Args)]
pub(super) struct Keygen {
    /// help-venue-keygen-out
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// help-venue-keygen-restore
    #[arg(long)]
    restore: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// help-venue-check-key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// help-venue-check-url
    #[arg(value_name = "URL")]
    url: String,
}

#[derive(Debug, Args)]
pub(super) struct Share {
    /// help-venue-share-key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// help-venue-share-requests
    #[arg(long, value_name = "FILE")]
    requests: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

impl VenueCommand {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Keygen(keygen) => keygen.handle(context),
            Self::Check(check) => check.handle(context),
            Self::Share(share) => share.handle(context),
        }
    }
}

impl Keygen {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        if self.out.exists() {
            return Err(FileError::Exists(self.out).into());
        }
        let mut secret = match self.restore {
            true => ask_for_code(context, "venue-code-ask")?,
            false => PartySecret::generate(&mut rand::rng()),
        };
        let passphrase = self.passphrase.read(context, true)?;
        let file = KeyFile::seal(&secret, &passphrase, Cost::default(), &mut rand::rng());
        let file = file.map_err(input)?;
        if !self.restore {
            line(context.say("venue-code-shown", &[]));
            line("");
            line(format!("  {}", &*RecoveryCode::of(&secret).expose()));
            line("");
            let restored = ask_for_code(context, "venue-code-back")?;
            if restored.public_key() != secret.public_key() {
                return Err(Failure::input("venue-code-other"));
            }
            secret = restored;
        }
        let write = write_new_secret(&self.out, file.to_json().as_bytes());
        write.map_err(Failure::file(&self.out))?;
        let path = self.out.display().to_string();
        line(context.say("venue-key-file", &[("path", path.into())]));
        line(context.say("venue-key-register", &[]));
        // Made from the code that was typed back, so that what is registered can be restored.
        line(format!(
            "  {}:{}",
            hex::encode(secret.public_key().to_bytes()),
            hex::encode(secret.prove(Party::Venue).0)
        ));
        Ok(())
    }
}

impl Check {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let own = *read_key_file(&self.key)?.public_key();
        let payload = payload_of_url(&self.url).map_err(input)?;
        let poster = UnverifiedPoster::read(&payload).map_err(input)?;
        let found = poster.unverified_content();
        let says = |id| Text::ours(id).with("venue", &found.name).with("unit", &found.unit);
        if found.venue_key == own {
            line(says("venue-poster-own").said(context.messages));
            return Ok(());
        }
        Err(Failure::Negative(says("venue-poster-foreign")))
    }
}

/// Requests as the venue's page saves them. What people read stands there, too, and is shown.
#[derive(Deserialize)]
struct Requests {
    format: String,
    requests: Vec<Request>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    id: i64,
    payload: String,
    slots: Vec<Slot>,
    /// Hours of the unit's door.
    #[serde(default)]
    doors: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Slot {
    hour: u32,
    scan_hour: Option<u32>,
    seed: Option<String>,
}

#[derive(Serialize)]
struct Answers {
    format: &'static str,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Answer {
    id: i64,
    shares: Vec<MadeShare>,
    doors: Vec<MadeDoorShare>,
}

#[derive(Serialize)]
struct MadeDoorShare {
    hour: u32,
    share: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MadeShare {
    hour: u32,
    scan_hour: Option<u32>,
    share: String,
}

impl Share {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let file = read_key_file(&self.key)?;
        let requests = read_limited(&self.requests, MAX_REQUESTS_BYTES)?;
        let content = |reason: Text| FileError::Content {
            path: self.requests.clone(),
            reason: Text::ours("error-requests").with_text("reason", reason),
        };
        let requests: Requests = serde_json::from_slice(&requests)
            .map_err(|_| content(Text::ours("error-requests-none")))?;
        if requests.format != REQUESTS_FORMAT {
            return Err(content(Text::ours("error-requests-format")).into());
        }
        let passphrase = self.passphrase.read(context, false)?;
        let secret = file.open(&passphrase).map_err(input)?;
        let answers = requests.requests.iter().map(|request| {
            request.answer(&secret, file.public_key()).map_err(|error| content(error).into())
        });
        let answers = answers.collect::<Result<_, Failure>>()?;
        print_json(&Answers { format: SHARES_FORMAT, answers })
    }
}

impl Request {
    /// The shares, unless the poster carries another key: then the key would give nothing away,
    /// but no visitor would be warned.
    fn answer(&self, secret: &PartySecret, own: &PartyKey) -> Result<Answer, Text> {
        let payload = BASE64_URL_SAFE_NO_PAD
            .decode(&self.payload)
            .map_err(|_| Text::ours("error-request-poster").with("number", self.id))?;
        let poster = UnverifiedPoster::read(&payload).map_err(Text::foreign)?;
        if poster.unverified_content().venue_key != *own {
            return Err(Text::ours("error-request-key").with("number", self.id));
        }
        let shares = self.slots.iter().map(|slot| slot.share(&payload, secret));
        let deriver = SlotDeriver::of_poster(&payload);
        let doors = self.doors.iter().map(|hour| {
            let share = secret.door_share(&deriver.door_identity(Hour::new(*hour)));
            MadeDoorShare { hour: *hour, share: hex::encode(share.to_bytes()) }
        });
        Ok(Answer {
            id: self.id,
            shares: shares.collect::<Result<_, _>>()?,
            doors: doors.collect(),
        })
    }
}

impl Slot {
    fn share(&self, payload: &[u8], secret: &PartySecret) -> Result<MadeShare, Text> {
        let deriver = match (self.scan_hour, &self.seed) {
            (None, None) => SlotDeriver::of_poster(payload),
            (Some(hour), Some(seed)) => {
                let mut bytes = [0; SEED_BYTES];
                hex::decode_to_slice(seed, &mut bytes)
                    .map_err(|_| Text::ours("error-request-seed").with("digits", 2 * SEED_BYTES))?;
                SlotDeriver::of_display(payload, Hour::new(hour), &SecretBytes::new(bytes))
            }
            _ => return Err(Text::ours("error-request-slot")),
        };
        let slot = deriver.identity(Hour::new(self.hour));
        let share = hex::encode(secret.share(&slot).to_bytes());
        Ok(MadeShare { hour: self.hour, scan_hour: self.scan_hour, share })
    }
}

/// A recovery code from standard input: one line.
fn ask_for_code(context: &Context, id: &str) -> Result<PartySecret, Failure> {
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{} ", context.say(id, &[]));
    let _ = stderr.flush();
    let mut typed = Zeroizing::new(String::with_capacity(MAX_TEXT_BYTES + 1));
    let mut input_line = std::io::stdin().lock().take(MAX_TEXT_BYTES as u64 + 1);
    input_line.read_line(&mut typed).map_err(input)?;
    let code: RecoveryCode = typed.parse().map_err(input)?;
    code.secret().map_err(input)
}

fn read_key_file(path: &Path) -> Result<KeyFile, Failure> {
    let bytes = read_limited(path, MAX_FILE_BYTES as u64)?;
    KeyFile::from_json(&bytes).map_err(|error| {
        FileError::Content { path: path.into(), reason: Text::foreign(error) }.into()
    })
}

fn input(error: impl std::fmt::Display) -> Failure {
    Failure::Input(Text::foreign(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_saves_and_takes_the_same_formats() {
        let page = include_str!("../../assets/venue-shares.js");
        for format in [REQUESTS_FORMAT, SHARES_FORMAT] {
            assert!(page.contains(&format!("'{format}'")), "{format}");
        }
        assert_eq!(page.matches("'VX-").count(), 2, "no other format");
    }
}
