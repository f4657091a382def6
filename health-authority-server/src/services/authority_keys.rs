//! The authority's keys: which are in force, since when, until when; making the next ones.

use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use super::document_drafts::DraftError;
use crate::authority::config::Config;
use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::export_keys::{self, ExportKeys};
use crate::authority::founding;
use crate::authority::intake::{
    KeyOrder, Published, make_card_keys, make_keys, read_card_keys, read_roster,
};
use crate::authority::keys::certificate_since;
use crate::authority::venue_keys::VenueKeys;
use crate::publication::turn::Turn;
use crate::storage::audit::{Actor, Subject};
use crate::storage::leases::Work;

/// Quarters for which keys of cards are made, as the command does unless it is told otherwise.
const QUARTERS: u8 = 2;
/// Days for which keys of declarations are made, as the command does unless it is told otherwise.
pub const INTAKE_DAYS: u16 = 14;

/// How a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    InUse,
    /// Named by the document, and used later.
    ToCome,
    /// The document does not name it yet.
    Unsigned,
    /// Another is used by now; the document names it still.
    Followed,
    Over,
}

impl KeyState {
    /// `key-state-NAME` is its text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InUse => "in-use",
            Self::ToCome => "to-come",
            Self::Unsigned => "unsigned",
            Self::Followed => "followed",
            Self::Over => "over",
        }
    }
}

/// A key as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its version or number.
    pub name: String,
    pub state: KeyState,
    /// Since when it is used, or will be; none: since the authority was founded.
    pub since: Option<UnixTime>,
    /// Until when the document vouches for it; none where it does not name it.
    pub until: Option<UnixTime>,
}

/// Keys of declarations and passes, which are made for days ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayKeys {
    /// How many officers they are sealed to.
    pub officers: usize,
    /// The last local day that has keys; none without keys.
    pub last_day: Option<u16>,
    /// How many days from today on have keys.
    pub days_left: u16,
    /// The last local day on which a card can be good; none without keys of cards.
    pub last_card_day: Option<u16>,
}

/// All keys of an authority.
pub struct AuthorityKeys {
    pub export: Vec<KeyRow>,
    pub venues: Vec<KeyRow>,
    /// Since when the certificate key is in its file.
    pub certificate_since: Option<UnixTime>,
    pub days: DayKeys,
    /// Whether the document in force lacks a key that is here.
    pub document_lacks_one: bool,
    pub has_root_key: bool,
}

/// Which keys are to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKey {
    Export,
    Venue,
    /// Of declarations and passes; needs the root key.
    Days,
    /// Of printed cards; needs the root key.
    Cards,
}

impl NewKey {
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Export, Self::Venue, Self::Days, Self::Cards];
        all.into_iter().find(|key| key.name() == name)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Venue => "venue",
            Self::Days => "days",
            Self::Cards => "cards",
        }
    }

    /// Whether the root key signs it.
    pub const fn needs_root_key(self) -> bool {
        matches!(self, Self::Days | Self::Cards)
    }
}

pub fn all(app: &App) -> Result<AuthorityKeys, FileError> {
    let document = document::read(&app.folder)?.document;
    let export = export_rows(app, &document)?;
    let venues = venue_rows(app, &document)?;
    let is_unsigned = |row: &KeyRow| row.state == KeyState::Unsigned;
    Ok(AuthorityKeys {
        document_lacks_one: export.iter().chain(&venues).any(is_unsigned),
        export,
        venues,
        certificate_since: certificate_since(&app.folder),
        days: day_keys(app, &document)?,
        has_root_key: founding::root_of(&app.folder, &document).is_ok(),
    })
}

fn export_rows(app: &App, document: &AuthorityDocument) -> Result<Vec<KeyRow>, FileError> {
    let keys = ExportKeys::read(&app.folder)?.named_by(document);
    let signing = keys.signing(app.clock.now()).number();
    let row = |key: &export_keys::ExportKeyPair| {
        let named = document.export_keys.iter().find(|named| named.version == key.version());
        let number = key.number();
        KeyRow {
            name: key.version(),
            state: match key.is_named() {
                _ if number == signing => KeyState::InUse,
                true if number < signing => KeyState::Followed,
                true => KeyState::ToCome,
                false if number < signing => KeyState::Over,
                false => KeyState::Unsigned,
            },
            since: Some(key.sign_from()).filter(|since| since.as_secs() > 0),
            until: named.filter(|_| key.is_named()).map(|named| named.not_after),
        }
    };
    Ok(keys.all().map(row).collect())
}

fn venue_rows(app: &App, document: &AuthorityDocument) -> Result<Vec<KeyRow>, FileError> {
    let now = app.clock.now();
    let keys = VenueKeys::read(&app.folder)?.named_by(document);
    let newest = keys.newest(now).map(|key| key.id());
    let rows = keys.all().iter().map(|key| KeyRow {
        name: key.id().to_string(),
        state: match key {
            key if now >= key.public.not_after => KeyState::Over,
            key if !key.is_named() => KeyState::Unsigned,
            key if now < key.public.not_before => KeyState::ToCome,
            key if newest == Some(key.id()) => KeyState::InUse,
            _ => KeyState::Followed,
        },
        since: Some(key.public.not_before),
        until: Some(key.public.not_after),
    });
    Ok(rows.collect())
}

fn day_keys(app: &App, document: &AuthorityDocument) -> Result<DayKeys, FileError> {
    let now = app.clock.now();
    let today = app.config.local_time(now).day(now);
    let published = Published::read(&app.folder, document)?;
    let days = published.iter().flat_map(|published| &published.intake.list().keys);
    let last_day = days.map(|key| key.day).max();
    let cards = read_card_keys(&app.folder)?;
    let last_card_day = cards.iter().flat_map(|keys| &keys.list().keys).map(|key| key.last_day);
    Ok(DayKeys {
        officers: read_roster(&app.folder)?.officers.len(),
        last_day,
        days_left: last_day.map_or(0, |last| last.saturating_add(1).saturating_sub(today)),
        last_card_day: last_card_day.max(),
    })
}

/// Makes a further key. Nothing uses it before a signed document names it, or before its day.
pub async fn make(app: &App, key: NewKey, actor: &Actor) -> Result<(), DraftError> {
    let document = document::read(&app.folder)?.document;
    if key.needs_root_key() && founding::root_of(&app.folder, &document).is_err() {
        return Err(DraftError::NoRootKey);
    }
    let turn = Turn::take(&app.store, Work::Document).await?;
    let made = make_in_turn(app, key, document.serial);
    turn.end().await;
    let (subject, detail) = made?;
    let now = app.clock.now();
    Ok(app.store.note_key_made(subject, &detail, actor, now).await?)
}

fn make_in_turn(app: &App, key: NewKey, serial: u64) -> Result<(Subject, String), FileError> {
    let now = app.clock.now();
    let of_document = || Subject::Document(i64::try_from(serial).unwrap_or(i64::MAX));
    Ok(match key {
        NewKey::Export => {
            let key = export_keys::create(&app.folder, now, &mut rand::rng())?;
            (Subject::ExportKey(key.number().into()), String::new())
        }
        NewKey::Venue => {
            let key = founding::new_venue_key(&app.folder, now)?;
            (Subject::VenueKey(key.id.into()), String::new())
        }
        NewKey::Days => {
            let order = KeyOrder::new(&Config::read(&app.folder)?, INTAKE_DAYS, now);
            make_keys(&app.folder, order, now)?;
            (of_document(), key.name().to_owned())
        }
        NewKey::Cards => {
            make_card_keys(&app.folder, QUARTERS, app.config.local_time(now), now)?;
            (of_document(), key.name().to_owned())
        }
    })
}
