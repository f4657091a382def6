//! The audit log as CSV, made while it is read.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;

use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::pieces::{Piece, WAITING, body};
use super::super::session::StaffSession;
use super::audit::ShownEntry;
use super::audit_form::AuditForm;
use crate::domain::permissions::Permission;
use crate::domain::spreadsheet;
use crate::services::audit_log::Pieces;

/// Entries in one file, at most.
const MAX_ENTRIES: u32 = 100_000;

/// `GET /staff/audit.csv`: what is looked for, the newest first.
pub async fn file(
    session: StaffSession,
    Query(form): Query<AuditForm>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::AuditRead)?;
    let page = session.page;
    let Ok(filter) = form.filter(&page) else {
        return Ok(page.go(&format!("/staff/audit?{}", form.query()), ""));
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    let pieces = Pieces::new(filter, MAX_ENTRIES);
    tokio::spawn(async move { send(&page, pieces, &sender).await });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, body(receiver)).into_response())
}

/// Sends everything, or until no one reads any more.
async fn send(page: &Page, mut pieces: Pieces, sender: &mpsc::Sender<Piece>) {
    let mut piece = head(page);
    let app = Arc::clone(&page.app);
    loop {
        if sender.send(Ok(Bytes::from(piece))).await.is_err() {
            return;
        }
        let entries = match pieces.next(&app).await {
            Ok(entries) => entries,
            Err(error) => return broke_off(error, sender).await,
        };
        if entries.is_empty() {
            break;
        }
        piece = entries
            .into_iter()
            .map(|entry| {
                let (number, at) = (entry.entry.entry, entry.entry.at);
                let shown = ShownEntry::of(page, entry);
                let number = number.to_string();
                let when = page.time(&at);
                spreadsheet::line(&[
                    number,
                    when,
                    shown.actor,
                    shown.action,
                    shown.subject,
                    shown.detail,
                ])
            })
            .collect();
    }
    match pieces.has_more(&app).await {
        Ok(false) => {}
        Ok(true) => {
            let more = page.n1("audit-csv-more", "limit", MAX_ENTRIES);
            let _ = sender.send(Ok(Bytes::from(spreadsheet::line(&[more])))).await;
        }
        Err(error) => broke_off(error, sender).await,
    }
}

async fn broke_off(error: crate::storage::StoreError, sender: &mpsc::Sender<Piece>) {
    tracing::error!(%error, "the audit log as a file broke off");
    let _ = sender.send(Err(error)).await;
}

/// With a byte-order mark, by which spreadsheets know UTF-8.
fn head(page: &Page) -> String {
    let ids = ["audit-number", "audit-when", "audit-who", "audit-what", "audit-subject"];
    let mut head: Vec<String> = ids.iter().map(|id| page.t(id)).collect();
    head.push(page.t("audit-detail"));
    String::from("\u{feff}") + &spreadsheet::line(&head)
}
