//! A day's sealed declarations as the body of an answer, read from the database piece by piece: however
//! many there are, few are in memory.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use tokio::sync::mpsc;

use super::super::pieces::{Piece, WAITING, body};
use crate::domain::door_secrets::{Call, Callee};
use crate::services::app::App;
use crate::services::intake_officers::FetchedDay;
use crate::storage::declarations::KeptDeclaration;

/// Declarations in a piece.
const PIECE: u32 = 256;

/// The answer: `u32(length of the JSON) || JSON`, then for each declaration `submission (16) || kind (1)
/// || ward (3) || sealed (2,096)`, to the end.
pub(super) fn respond(app: Arc<App>, officer: u16, day: &FetchedDay) -> Response {
    let key = day.key;
    let head = json!({
        "officer": officer, "day": key.day, "group": key.group, "keyId": key.id,
        "half": BASE64_STANDARD.encode(day.half.as_bytes()), "declarations": day.declarations,
        "calls": day.calls.iter().filter_map(contact).collect::<Vec<_>>(),
        "cards": day.calls.iter().filter_map(card).collect::<Vec<_>>(),
        "cardHalves": day.card_halves.iter().map(|(id, half)| {
            json!({"id": id, "half": BASE64_STANDARD.encode(half.as_bytes())})
        }).collect::<Vec<_>>(),
    });
    let json = head.to_string().into_bytes();
    let mut begin = u32::try_from(json.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    begin.extend_from_slice(&json);
    let of = (key.day, key.group, key.id);
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move { send(&app, of, begin, &sender).await });
    let headers = [(header::CONTENT_TYPE, "application/octet-stream")];
    (headers, body(receiver)).into_response()
}

/// Sends everything, or until no one reads any more. What breaks off reaches the browser as an answer that
/// broke off.
async fn send(app: &App, of: (u16, u8, u32), begin: Vec<u8>, sender: &mpsc::Sender<Piece>) {
    let mut next = Ok(begin);
    let mut after = None;
    loop {
        let is_last = next.is_err();
        if sender.send(next.map(Bytes::from)).await.is_err() || is_last {
            return;
        }
        let kept = app.store.declarations_after(of, after, PIECE).await;
        next = match kept {
            Ok(kept) => {
                let Some(last) = kept.last() else { return };
                after = Some(last.envelope.submission);
                let mut bytes = Vec::with_capacity(kept.len() * 2_200);
                kept.iter().for_each(|one| write(one, &mut bytes));
                Ok(bytes)
            }
            Err(error) => {
                tracing::error!(%error, "a day's declarations broke off");
                Err(error)
            }
        };
    }
}

fn write(kept: &KeptDeclaration, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&kept.envelope.submission);
    bytes.push(kept.envelope.kind.number());
    bytes.extend_from_slice(&kept.envelope.ward.to_be_bytes()[1..]);
    bytes.extend_from_slice(kept.sealed.as_bytes());
}

fn contact(call: &Call) -> Option<serde_json::Value> {
    let Callee::Contact(contact) = &call.callee else { return None };
    Some(json!({
        "contact": BASE64_STANDARD.encode(contact.as_bytes()), "from": call.from,
        "until": call.until, "companions": call.companions, "venue": call.venue,
    }))
}

fn card(call: &Call) -> Option<serde_json::Value> {
    let Callee::Card(card) = &call.callee else { return None };
    Some(json!({
        "card": BASE64_STANDARD.encode(card.as_bytes()), "from": call.from,
        "until": call.until, "companions": call.companions, "venue": call.venue,
    }))
}
