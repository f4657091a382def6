//! The declarations of a day and group, and whom to call of a door, as an officer takes them along: ciphertext, and the half that the
//! officer's key opens. A file of it is opened on the officer's own computer.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::declaration::{Envelope, Form, FormKind, SealedForm};
use vungxanh_protocol::door::{Card, CardKey, CardUse, SealedContact, open_card_half};
use vungxanh_protocol::intake::{IntakeKey, SealedHalf, WHOLE_AUTHORITY};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::phone::PhoneKeys;
use vungxanh_protocol::sealed_box::{OpeningKey, SealingKey};

use super::app::App;
use super::doors::{KeptError, calls_for};
use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::intake::{
    SignedFile, read_card_halves, read_card_keys, read_halves, signed_file,
};
use crate::domain::door_secrets::{Call, Callee};
use crate::i18n::Text;
use crate::storage::StoreError;
use crate::storage::declarations::KeptDeclaration;

/// What the file says it is.
const FORMAT: &str = "VX-INTAKE-LIST-1";
/// The longest file, in bytes: a hundred thousand declarations.
pub const MAX_LIST_BYTES: u64 = 320 << 20;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// A file of the folder.
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No key of that day and group that this officer opens.
    #[error("this officer has no key for that day and group, or it was destroyed")]
    NoKey,
}

impl From<KeptError> for ListError {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::File(error) => Self::File(error),
            KeptError::Store(error) => Self::Store(error),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    authority: String,
    officer: u16,
    day: u16,
    group: u8,
    key_id: u32,
    key: String,
    half: String,
    declarations: Vec<Row>,
    /// Where local days begin, for times that people read.
    minutes_ahead: i16,
    calls: Vec<CallRow>,
    /// The keys of telephone codes, as the root key signed them, and that root key: Base64.
    #[serde(default)]
    phone_keys: String,
    #[serde(default)]
    root_key: String,
    #[serde(default)]
    cards: Vec<CardRow>,
    #[serde(default)]
    card_keys: Vec<CardKeyRow>,
}

/// Somebody with a printed card who was at a door with a case; only in lists of the whole authority.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardRow {
    card: String,
    from: UnixTime,
    until: UnixTime,
    companions: u8,
    venue: String,
}

/// The key of cards in the list, with the half that the officer opens.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardKeyRow {
    id: u8,
    first_day: u16,
    last_day: u16,
    sealing: String,
    signing: String,
    half: String,
}

/// Somebody without a pass who was at a door with a case.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallRow {
    contact: String,
    from: UnixTime,
    until: UnixTime,
    companions: u8,
    venue: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    submission: String,
    kind: u8,
    ward: u32,
    sealed: String,
}

/// The file for an officer.
pub async fn make(app: &App, day: u16, group: u8, officer: u16) -> Result<String, ListError> {
    let published = app.published.get(&app.folder)?.ok_or(ListError::NoKey)?;
    let keys = &published.intake.list().keys;
    let key = keys.iter().find(|key| (key.day, key.group) == (day, group));
    let key = key.ok_or(ListError::NoKey)?;
    let halves = read_halves(&app.folder, day)?;
    let half = halves.iter().find(|half| (half.officer, half.key_id) == (officer, key.id));
    let half = half.ok_or(ListError::NoKey)?;
    let kept = app.store.declarations(day, group).await?;
    let cards_of = (group == WHOLE_AUTHORITY).then_some(day);
    let (calls, cards) = calls_for(app, key.id, cards_of).await?.iter().fold(
        (Vec::new(), Vec::new()),
        |(mut calls, mut cards), call| {
            match &call.callee {
                Callee::Contact(contact) => calls.push(call_row(call, contact)),
                Callee::Card(card) => cards.push(card_row(call, card)),
            }
            (calls, cards)
        },
    );
    let card_keys = if cards.is_empty() { Vec::new() } else { card_keys(app, officer)? };
    let file = File {
        format: FORMAT.into(),
        authority: app.config.authority.id.clone(),
        officer,
        day,
        group,
        key_id: key.id,
        key: hex::encode(key.key.as_bytes()),
        half: hex::encode(half.half.as_bytes()),
        declarations: kept.iter().filter(|kept| kept.key_id == key.id).map(row).collect(),
        minutes_ahead: published.intake.list().local_time.minutes_ahead(),
        calls,
        cards,
        card_keys,
        phone_keys: signed_file(&app.folder, SignedFile::PhoneKeys)?
            .map(|signed| BASE64_STANDARD.encode(signed))
            .unwrap_or_default(),
        root_key: document::read(&app.folder)?.document.root_key,
    };
    // Strings and numbers always serialise.
    Ok(serde_json::to_string(&file).unwrap_or_default())
}

fn row(kept: &KeptDeclaration) -> Row {
    Row {
        submission: hex::encode(kept.envelope.submission),
        kind: kept.envelope.kind.number(),
        ward: kept.envelope.ward,
        sealed: BASE64_STANDARD.encode(kept.sealed.as_bytes()),
    }
}

/// The keys of cards that the officer can open.
fn card_keys(app: &App, officer: u16) -> Result<Vec<CardKeyRow>, FileError> {
    let keys = read_card_keys(&app.folder)?.map_or_else(Vec::new, |keys| keys.list().keys.clone());
    let mut rows = Vec::new();
    for key in keys {
        let halves = read_card_halves(&app.folder, &key)?;
        let Some(half) = halves.iter().find(|half| half.officer == officer) else { continue };
        let (sealing, signing) = key.to_bytes();
        rows.push(CardKeyRow {
            id: key.id,
            first_day: key.first_day,
            last_day: key.last_day,
            sealing: hex::encode(sealing),
            signing: hex::encode(signing),
            half: hex::encode(half.half.as_bytes()),
        });
    }
    Ok(rows)
}

fn card_row(call: &Call, card: &Card) -> CardRow {
    let Call { from, until, companions, .. } = *call;
    let card = BASE64_STANDARD.encode(card.as_bytes());
    CardRow { card, from, until, companions, venue: call.venue.clone() }
}

fn call_row(call: &Call, contact: &SealedContact) -> CallRow {
    CallRow {
        contact: BASE64_STANDARD.encode(contact.as_bytes()),
        from: call.from,
        until: call.until,
        companions: call.companions,
        venue: call.venue.clone(),
    }
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberFrom {
    /// Given at the door.
    Door,
    /// A printed card.
    Card,
    /// A printed card for one use.
    SingleCard,
}

/// Somebody to call, as an officer reads it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct OpenedCall {
    pub number_from: NumberFrom,
    pub name: String,
    pub phone: String,
    pub venue: String,
    /// When both were there.
    pub from: UnixTime,
    pub until: UnixTime,
    pub companions: u8,
}

/// What an officer reads.
#[derive(Debug)]
pub struct OpenedList {
    pub day: u16,
    /// What could be opened: the most urgent first, then by ward, kind and name.
    pub forms: Vec<Form>,
    /// Minutes that local times are ahead of UTC.
    pub minutes_ahead: i16,
    /// Whom to call of doors, in the order of time.
    pub calls: Vec<OpenedCall>,
    /// How many could not: damaged, or sealed by somebody's own program.
    pub unreadable: usize,
    /// Under which telephone numbers are proven, where codes are asked.
    phone_keys: Option<PhoneKeys>,
}

impl OpenedList {
    /// The number of who declared, if a message to it was read that day.
    pub fn proven<'a>(&self, form: &'a Form) -> Option<&'a str> {
        let keys = self.phone_keys.as_ref()?;
        form.verify_phone(keys).is_ok().then(|| form.declarer_phone())
    }
}

/// Opens a file with the officer's key.
pub fn open(file: &[u8], officer_key: &OpeningKey) -> Result<OpenedList, Text> {
    let file: File = serde_json::from_slice(file).map_err(|_| Text::ours("error-intake-list"))?;
    if file.format != FORMAT {
        return Err(Text::ours("error-intake-list"));
    }
    let key = file.intake_key().ok_or(Text::ours("error-intake-list"))?;
    let half = array(&file.half).map(SealedHalf::from_bytes);
    let half = half.ok_or(Text::ours("error-intake-list"))?;
    let half = half
        .open(file.officer, officer_key, &key, &file.authority)
        .map_err(|_| Text::ours("error-intake-list-key"))?;
    let opened = file.declarations.iter().map(|row| row.open(&file, &key, &half));
    let opened: Vec<Option<Form>> = opened.collect();
    let mut unreadable = opened.iter().filter(|form| form.is_none()).count();
    let mut forms: Vec<Form> = opened.into_iter().flatten().collect();
    forms.sort_by(|a, b| {
        let urgency = b.urgency().cmp(&a.urgency());
        urgency.then_with(|| (a.ward, a.kind, &a.name).cmp(&(b.ward, b.kind, &b.name)))
    });
    let all = file.calls.len() + file.cards.len();
    let card_halves = file.card_halves(officer_key);
    let calls = file.calls.iter().filter_map(|row| row.open(&file, &key, &half));
    let cards = file.cards.iter().filter_map(|row| row.open(&file, &card_halves));
    let mut calls: Vec<OpenedCall> = calls.chain(cards).collect();
    unreadable += all - calls.len();
    calls.sort_by(|a, b| (a.from, &a.venue, &a.name).cmp(&(b.from, &b.venue, &b.name)));
    let (day, minutes_ahead) = (file.day, file.minutes_ahead);
    let phone_keys = file.phone_keys();
    Ok(OpenedList { day, forms, minutes_ahead, calls, unreadable, phone_keys })
}

impl File {
    /// Who made the file could sign any: it says as much as the server's word.
    fn phone_keys(&self) -> Option<PhoneKeys> {
        let root = BASE64_STANDARD.decode(&self.root_key).ok()?;
        let root = ed25519_dalek::VerifyingKey::try_from(&root[..]).ok()?;
        PhoneKeys::read(&BASE64_STANDARD.decode(&self.phone_keys).ok()?, &root, None).ok()
    }

    fn intake_key(&self) -> Option<IntakeKey> {
        let key = SealingKey::from_bytes(&array(&self.key)?).ok()?;
        Some(IntakeKey { id: self.key_id, day: self.day, group: self.group, key })
    }

    /// The keys of cards that the officer's key opens.
    fn card_halves(&self, officer_key: &OpeningKey) -> Vec<(CardKey, OpeningKey)> {
        let halves = self.card_keys.iter().filter_map(|row| {
            let days = (row.first_day, row.last_day);
            let key =
                CardKey::from_bytes(row.id, days, &array(&row.sealing)?, &array(&row.signing)?);
            let (key, half) = (key.ok()?, SealedHalf::from_bytes(array(&row.half)?));
            let half = open_card_half(&half, self.officer, officer_key, &key, &self.authority);
            Some((key, half.ok()?))
        });
        halves.collect()
    }
}

impl Row {
    fn open(&self, file: &File, key: &IntakeKey, half: &OpeningKey) -> Option<Form> {
        let envelope = Envelope {
            kind: FormKind::from_number(self.kind)?,
            ward: self.ward,
            day: file.day,
            submission: array(&self.submission)?,
        };
        let sealed = SealedForm::from_bytes(&BASE64_STANDARD.decode(&self.sealed).ok()?).ok()?;
        sealed.open(&envelope, &file.authority, key, half).ok()
    }
}

impl CallRow {
    fn open(&self, file: &File, key: &IntakeKey, half: &OpeningKey) -> Option<OpenedCall> {
        let contact = BASE64_STANDARD.decode(&self.contact).ok()?.try_into().ok()?;
        let contact = SealedContact::from_bytes(contact).open(key, &file.authority, half).ok()?;
        Some(OpenedCall {
            number_from: NumberFrom::Door,
            name: contact.name,
            phone: contact.phone,
            venue: self.venue.clone(),
            from: self.from,
            until: self.until,
            companions: self.companions,
        })
    }
}

impl CardRow {
    fn open(&self, file: &File, halves: &[(CardKey, OpeningKey)]) -> Option<OpenedCall> {
        let card = BASE64_STANDARD.decode(&self.card).ok()?.try_into().ok()?;
        let card = Card::from_bytes(&card).ok()?;
        let (key, half) = halves.iter().find(|(key, _)| key.id == card.key_id)?;
        // Good in the night from its last day, as for doors.
        card.verify(key, file.day.saturating_sub(1)).ok()?;
        let number = card.open(half, &file.authority).ok()?;
        let number_from = match card.card_use {
            CardUse::Lasting => NumberFrom::Card,
            CardUse::Single => NumberFrom::SingleCard,
        };
        Some(OpenedCall {
            number_from,
            name: number.name,
            phone: number.phone,
            venue: self.venue.clone(),
            from: self.from,
            until: self.until,
            companions: self.companions,
        })
    }
}

fn array<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(digits, &mut bytes).ok().map(|()| bytes)
}
