//! What doors send, notices to passes that wait for a batch, and whom officers call, as the database
//! keeps them: sealed under the door key of their day, which is not in the database and in no backup.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::door::{CARD_BYTES, CONTACT_BYTES, Card, PassNotice, SealedContact};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::seal::{OpenError, SealKey, open, seal};
use vungxanh_protocol::venue::slot::Hour;
use zeroize::Zeroizing;

use super::venues::UnitId;

const UPLOAD_LABEL: &str = "VX-SERVER-DOOR-UPLOAD-1";
const NOTICE_LABEL: &str = "VX-SERVER-PASS-NOTICE-1";
const CALL_LABEL: &str = "VX-SERVER-DOOR-CALL-1";
const UPLOAD_ID: &[u8] = b"VX-SERVER-DOOR-UPLOAD-ID";
const OPENING_ID: &[u8] = b"VX-SERVER-DOOR-OPENING-ID";
/// Every notice has this length before it is sealed: names and words do not show by theirs.
const NOTICE_BYTES: usize = 768;
/// Every call has this length before it is sealed.
const CALL_BYTES: usize = 1_024;

/// Which upload of a day it is.
pub type UploadId = [u8; 32];
/// Which notice or call it is; random.
pub type NoticeId = [u8; 16];

/// Names an upload by what it holds and where it belongs; without the day's key it names nothing.
pub fn upload_id(key: &SealKey, unit: UnitId, hour: Hour, upload: &[u8]) -> UploadId {
    hmac_sha256(key.expose(), &[UPLOAD_ID, &place(unit, hour), upload])
}

/// Names an hour of a unit that was opened for a case; without the day's key it names nothing.
pub fn opening_id(key: &SealKey, unit: UnitId, hour: Hour) -> UploadId {
    hmac_sha256(key.expose(), &[OPENING_ID, &place(unit, hour)])
}

pub fn seal_upload(
    key: &SealKey,
    id: &UploadId,
    upload: &[u8],
    rng: &mut impl rand::CryptoRng,
) -> Vec<u8> {
    seal(key, UPLOAD_LABEL, id, upload, rng)
}

/// Opens what [`seal_upload`] made.
pub fn open_upload(key: &SealKey, id: &UploadId, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    open(key, UPLOAD_LABEL, id, sealed)
}

fn place(unit: UnitId, hour: Hour) -> Vec<u8> {
    [&unit.to_be_bytes()[..], &hour.number().to_be_bytes()].concat()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(with = "hex::serde")]
    holder: [u8; 32],
    from: UnixTime,
    until: UnixTime,
    report_type: u8,
    infectiousness: u8,
    venue: String,
    words: String,
}

/// Seals a notice to a pass; none where it is longer than any that [`PassNotice`] takes.
pub fn seal_notice(
    key: &SealKey,
    id: &NoticeId,
    (holder, notice): &(VerifyingKey, PassNotice),
    rng: &mut impl rand::CryptoRng,
) -> Option<Vec<u8>> {
    let row = Row {
        holder: holder.to_bytes(),
        from: notice.from,
        until: notice.until,
        report_type: notice.report_type as u8,
        infectiousness: notice.infectiousness as u8,
        venue: notice.venue.clone(),
        words: notice.words.clone(),
    };
    Some(seal(key, NOTICE_LABEL, id, &padded::<NOTICE_BYTES>(&row)?, rng))
}

/// JSON with blanks behind it; none where it is longer.
fn padded<const BYTES: usize>(row: &impl Serialize) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(BYTES));
    serde_json::to_writer(&mut *plain, row).ok()?;
    if plain.len() > BYTES {
        return None;
    }
    plain.resize(BYTES, b' ');
    Some(plain)
}

/// Opens what [`seal_notice`] made.
pub fn open_notice(
    key: &SealKey,
    id: &NoticeId,
    sealed: &[u8],
) -> Result<(VerifyingKey, PassNotice), OpenError> {
    let plain = Zeroizing::new(open(key, NOTICE_LABEL, id, sealed)?);
    let row: Row = serde_json::from_slice(&plain).map_err(|_| OpenError)?;
    let holder = VerifyingKey::from_bytes(&row.holder).map_err(|_| OpenError)?;
    let report_type = ReportType::from_number(row.report_type.into()).ok_or(OpenError)?;
    let infectiousness = match row.infectiousness {
        1 => Infectiousness::Standard,
        2 => Infectiousness::High,
        _ => return Err(OpenError),
    };
    let Row { from, until, venue, words, .. } = row;
    Ok((holder, PassNotice { from, until, report_type, infectiousness, venue, words }))
}

/// Name and number of somebody, which officers alone can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee {
    /// Sealed at the door to the intake key of the day.
    Contact(SealedContact),
    /// A printed card.
    Card(Card),
}

/// Somebody to call: without a pass, at a door with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub callee: Callee,
    /// When both were there.
    pub from: UnixTime,
    pub until: UnixTime,
    pub companions: u8,
    pub venue: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallRow {
    #[serde(default)]
    contact: String,
    #[serde(default)]
    card: String,
    from: UnixTime,
    until: UnixTime,
    companions: u8,
    venue: String,
}

/// Seals a call; none where the venue's name is longer than any that is registered.
pub fn seal_call(
    key: &SealKey,
    id: &NoticeId,
    call: &Call,
    rng: &mut impl rand::CryptoRng,
) -> Option<Vec<u8>> {
    let Call { callee, from, until, companions, venue } = call.clone();
    let (contact, card) = match callee {
        Callee::Contact(contact) => (hex::encode(contact.as_bytes()), String::new()),
        Callee::Card(card) => (String::new(), hex::encode(card.as_bytes())),
    };
    let row = CallRow { contact, card, from, until, companions, venue };
    Some(seal(key, CALL_LABEL, id, &padded::<CALL_BYTES>(&row)?, rng))
}

/// Opens what [`seal_call`] made.
pub fn open_call(key: &SealKey, id: &NoticeId, sealed: &[u8]) -> Result<Call, OpenError> {
    let plain = Zeroizing::new(open(key, CALL_LABEL, id, sealed)?);
    let row: CallRow = serde_json::from_slice(&plain).map_err(|_| OpenError)?;
    let CallRow { contact, card, from, until, companions, venue } = row;
    let callee = if card.is_empty() {
        let mut bytes = [0; CONTACT_BYTES];
        hex::decode_to_slice(&contact, &mut bytes).map_err(|_| OpenError)?;
        Callee::Contact(SealedContact::from_bytes(bytes))
    } else {
        let mut bytes = [0; CARD_BYTES];
        hex::decode_to_slice(&card, &mut bytes).map_err(|_| OpenError)?;
        Callee::Card(Card::from_bytes(&bytes).map_err(|_| OpenError)?)
    };
    Ok(Call { callee, from, until, companions, venue })
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::door::{VENUE_NAME_BYTES, WORDS_BYTES};
    use vungxanh_protocol::secret::SecretBytes;

    use super::*;

    #[test]
    fn the_longest_notice_opens_in_its_place_only_and_shows_nothing_by_its_length() {
        let (key, other) = (SecretBytes::new([1; 32]), SecretBytes::new([2; 32]));
        let holder = ed25519_dalek::SigningKey::from_bytes(&[3; 32]).verifying_key();
        let notice = |venue: &str, words: &str| PassNotice {
            from: UnixTime::from_secs(u32::MAX.into()),
            until: UnixTime::from_secs(u64::from(u32::MAX) + 1),
            report_type: ReportType::ConfirmedTest,
            infectiousness: Infectiousness::High,
            venue: venue.into(),
            words: words.into(),
        };
        // A quotation mark takes two bytes in JSON.
        let long = (holder, notice(&"\"".repeat(VENUE_NAME_BYTES), &"\\".repeat(WORDS_BYTES)));
        let rng = &mut rand::rng();
        let sealed = seal_notice(&key, &[7; 16], &long, rng).unwrap();
        assert_eq!(open_notice(&key, &[7; 16], &sealed).unwrap(), long);
        assert!(open_notice(&key, &[8; 16], &sealed).is_err());
        assert!(open_notice(&other, &[7; 16], &sealed).is_err());
        let short = seal_notice(&key, &[7; 16], &(holder, notice("", "")), rng).unwrap();
        assert_eq!(short.len(), sealed.len());
    }

    #[test]
    fn the_longest_call_opens_in_its_place_only() {
        let (key, rng) = (SecretBytes::new([1; 32]), &mut rand::rng());
        let call = |venue: String| Call {
            callee: Callee::Contact(SealedContact::from_bytes([0xff; CONTACT_BYTES])),
            from: UnixTime::from_secs(u32::MAX.into()),
            until: UnixTime::from_secs(u64::from(u32::MAX) + 1),
            companions: 255,
            venue,
        };
        // The longest name of a venue, of characters that take two bytes in JSON.
        let long = call("\"".repeat(96));
        let sealed = seal_call(&key, &[7; 16], &long, rng).unwrap();
        assert_eq!(open_call(&key, &[7; 16], &sealed).unwrap(), long);
        assert!(open_call(&key, &[8; 16], &sealed).is_err());
        assert_eq!(
            seal_call(&key, &[7; 16], &call(String::new()), rng).unwrap().len(),
            sealed.len()
        );
    }

    #[test]
    fn an_upload_has_another_name_in_another_place() {
        let key = SecretBytes::new([1; 32]);
        let id = |key: &SealKey, unit, hour| upload_id(key, unit, Hour::new(hour), b"records");
        let first = id(&key, 1, 5);
        let others = [id(&key, 1, 6), id(&key, 2, 5), id(&SecretBytes::new([2; 32]), 1, 5)];
        assert!(!others.contains(&first));
        assert_ne!(opening_id(&key, 1, Hour::new(5)), opening_id(&key, 1, Hour::new(6)));
    }
}
