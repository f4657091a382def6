//! Shares as scripts and files carry them, and what scripts receive of slots.

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fluent_bundle::FluentValue;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::door::DoorShare;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::slot_key::{SLOT_KEY_BYTES, SlotShare};

use super::super::checkin::script_page;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::reply::plain;
use crate::domain::doors::name_of;
use crate::domain::share_requests::{RequestedPoster, ShareError, SlotName, WantedSlot};
use crate::i18n::Language;
use crate::services::venue_warnings::{Given, VenueWarningError};

/// Shares that are read at a time: more than four for each hour of 14 days.
const MAX_SHARES: usize = 1_400;
/// The longest request with shares, in bytes: 1,400 of about 270 bytes.
pub const MAX_SHARES_BYTES: usize = 512 * 1_024;

/// Shares of one request, or in advance. Those of doors are of requests only.
#[derive(Deserialize)]
pub struct PostedShares {
    shares: Vec<PostedShare>,
    #[serde(default)]
    doors: Vec<PostedDoorShare>,
}

#[derive(Deserialize)]
struct PostedDoorShare {
    hour: u32,
    share: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedShare {
    hour: u32,
    scan_hour: Option<u32>,
    share: String,
}

impl PostedShares {
    /// The points, checked, off the runtime's threads: a third of a millisecond each.
    pub async fn read(self) -> Result<Given, VenueWarningError> {
        tokio::task::spawn_blocking(move || self.read_now())
            .await
            .map_err(|_| VenueWarningError::GivenUp)?
    }

    fn read_now(self) -> Result<Given, VenueWarningError> {
        if self.shares.len() + self.doors.len() > MAX_SHARES {
            return Err(VenueWarningError::TooMany(MAX_SHARES));
        }
        let mut given = Given::default();
        for posted in self.shares {
            let scan_hour = posted.scan_hour.map(Hour::new);
            let name = SlotName { hour: Hour::new(posted.hour), scan_hour };
            let share = point(&posted.share).and_then(|bytes| SlotShare::from_bytes(&bytes).ok());
            given.slots.insert(name, share.ok_or(ShareError::Unreadable(name))?);
        }
        for posted in self.doors {
            let hour = Hour::new(posted.hour);
            let share = point(&posted.share).and_then(|bytes| DoorShare::from_bytes(&bytes).ok());
            given.doors.insert(hour, share.ok_or(ShareError::Unreadable(name_of(hour)))?);
        }
        Ok(given)
    }
}

fn point(hexadecimal: &str) -> Option<[u8; SLOT_KEY_BYTES]> {
    let mut bytes = [0; SLOT_KEY_BYTES];
    hex::decode_to_slice(hexadecimal, &mut bytes).ok().map(|()| bytes)
}

/// A slot as scripts need it: its identity follows from these and the payload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownSlot {
    hour: u32,
    scan_hour: Option<u32>,
    seed: Option<String>,
}

impl ShownSlot {
    /// The slots of a poster.
    pub fn of(poster: &RequestedPoster, slots: &[WantedSlot]) -> Vec<Self> {
        let shown = |slot: &WantedSlot| {
            let SlotName { hour, scan_hour } = slot.name();
            let seed = scan_hour.zip(poster.display.as_ref());
            Self {
                hour: hour.number(),
                scan_hour: scan_hour.map(Hour::number),
                seed: seed.map(|(hour, display)| hex::encode(display.seed(hour).expose())),
            }
        };
        slots.iter().map(shown).collect()
    }
}

/// A payload as scripts read it.
pub fn payload_text(poster: &RequestedPoster) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&poster.payload)
}

/// What a page's script is given: `data` and the script's texts.
pub fn json_for_page(
    language: Language,
    data: &impl Serialize,
) -> Result<String, serde_json::Error> {
    let mut values = serde_json::Map::new();
    if let serde_json::Value::Object(fields) = serde_json::to_value(data)? {
        values = fields;
    }
    Ok(script_page(language, &["page-shares-"], values))
}

/// The answer to a script: nothing but that it worked.
pub fn done() -> Response {
    plain(StatusCode::OK, &serde_json::json!({}))
}

/// The answer to a script that is refused: `{"error": NAME, "message": TEXT}`.
pub fn refusal(page: &Page, error: &VenueWarningError) -> Response {
    let (status, name) = match error {
        VenueWarningError::Share(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.name()),
        VenueWarningError::NotWaiting => (StatusCode::CONFLICT, "not-waiting"),
        VenueWarningError::TooEarly(_) => (StatusCode::CONFLICT, "too-early"),
        VenueWarningError::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        VenueWarningError::NotInAdvance => (StatusCode::CONFLICT, "not-in-advance"),
        VenueWarningError::TooMany(_) => (StatusCode::UNPROCESSABLE_ENTITY, "too-many"),
        _ => {
            tracing::error!(%error, "shares could not be taken");
            (StatusCode::INTERNAL_SERVER_ERROR, "failed")
        }
    };
    let at = match error {
        VenueWarningError::Share(error) => error.slot().map(|slot| slot.hour.start()),
        VenueWarningError::TooEarly(from) => Some(*from),
        _ => None,
    };
    let (day, hour) = page.hour(at.unwrap_or(UnixTime::from_secs(0)));
    let arguments = [("day", FluentValue::from(day)), ("hour", hour.into())];
    let message = page.with(&format!("share-error-{name}"), &arguments);
    plain(status, &serde_json::json!({"error": name, "message": message}))
}

/// A refusal as a page.
pub fn page_refusal(page: &Page, error: VenueWarningError) -> PageError {
    match error {
        VenueWarningError::NotFound => page.refuse(Refusal::NotFound),
        VenueWarningError::NotWaiting | VenueWarningError::NotInAdvance => {
            page.refuse(Refusal::Conflict)
        }
        VenueWarningError::NoVenueKey => page.refuse(Refusal::NoVenueKey),
        VenueWarningError::Reason => page.refuse(Refusal::Unreadable),
        error => page.fail(error),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vungxanh_protocol::venue::party::PartySecret;
    use vungxanh_protocol::venue::slot::SlotDeriver;

    use super::*;

    fn posted(json: &str) -> Result<Given, VenueWarningError> {
        serde_json::from_str::<PostedShares>(json)
            .map_err(|_| VenueWarningError::NotFound)?
            .read_now()
    }

    #[test]
    fn a_share_is_read_as_it_was_made() {
        let hour = Hour::new(495_600);
        let slot = SlotDeriver::of_poster(b"poster").identity(hour);
        let share = PartySecret::generate(&mut rand::rng()).share(&slot);
        let text = hex::encode(share.to_bytes());
        let json = format!(
            r#"{{"shares":[{{"hour":495600,"scanHour":null,"share":"{text}"}},
                {{"hour":495600,"scanHour":495599,"share":"{text}"}}]}}"#
        );
        let shares = posted(&json).unwrap().slots;
        let name = SlotName { hour, scan_hour: None };
        assert!(shares[&name] == share);
        assert_eq!(shares.len(), 2);
    }

    #[test]
    fn data_of_a_page_cannot_end_its_element() {
        let data = serde_json::json!({ "reason": "</script><script>alert(1)</script>" });
        let json = json_for_page(Language::En, &data).unwrap();
        assert!(!json.contains('<'), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["reason"], "</script><script>alert(1)</script>");
        assert_eq!(read["texts"]["wrong-passphrase"], "Wrong passphrase. Try again.");
    }

    proptest! {
        #[test]
        fn what_is_no_share_is_refused_without_a_panic(
            hour in any::<u32>(),
            bytes in proptest::collection::vec(any::<u8>(), 90..100),
        ) {
            let text = hex::encode(bytes);
            let json = format!(r#"{{"shares":[{{"hour":{hour},"scanHour":null,"share":"{text}"}}]}}"#);
            let refused = posted(&json);
            prop_assert!(matches!(refused, Err(VenueWarningError::Share(ShareError::Unreadable(_)))));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = posted(&text);
        }
    }
}
