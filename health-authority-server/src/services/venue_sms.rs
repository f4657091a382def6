//! Text messages to venues: that a request waits, and nothing of what it asks; that another telephone is the login.

use std::collections::BTreeMap;

use vungxanh_protocol::interval::UnixTime;

use super::limits::attempt;
use super::messages;
use crate::domain::phone::Phone;
use crate::domain::share_requests::{MAX_REMINDERS, RequestId};
use crate::domain::throttle::{Attempt, Limit};
use crate::domain::venues::VenueId;
use crate::i18n::Language;
use crate::services::app::App;
use crate::services::sms::SmsError;
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::share_requests::{RequestState, ShareRequest};
use crate::storage::venues::Venue;

/// Why a venue was not notified.
#[derive(Debug, thiserror::Error)]
enum NotNotified {
    #[error(transparent)]
    Sms(#[from] SmsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("too many messages were sent within an hour")]
    TooMany,
    #[error("its telephone number cannot be read")]
    Phone,
}

/// Notifies each venue of requests that have just been opened, unless another of its requests waited
/// already: it was notified then. The requests wait all the same when a message cannot be sent; the log
/// says so, and a gateway that does not answer is not asked again.
pub async fn notify_of_requests(app: &App, opened: &[ShareRequest]) {
    if !app.config.messages.tell_venues {
        return;
    }
    let mut venues: BTreeMap<VenueId, usize> = BTreeMap::new();
    for request in opened.iter().filter(|request| request.state == RequestState::Waiting) {
        if let Some(details) = &request.details {
            *venues.entry(details.venue).or_default() += 1;
        }
    }
    for (venue, opened) in venues {
        match notify(app, venue, opened).await {
            Ok(()) => {}
            Err(NotNotified::Sms(SmsError::NotConfigured)) => return,
            Err(error) => {
                // Not which: neither log nor audit log says where a case was.
                tracing::error!(%error, "a venue could not be notified that a request waits");
                if matches!(error, NotNotified::Sms(SmsError::Unreachable(_))) {
                    return;
                }
            }
        }
    }
}

/// Why a venue was not reminded.
#[derive(Debug, thiserror::Error)]
pub enum NotReminded {
    #[error("there is no such request")]
    NotFound,
    #[error("the request does not wait any more")]
    NotWaiting,
    #[error("the venue was asked or reminded a short time ago")]
    TooEarly(UnixTime),
    #[error("the venue was reminded {MAX_REMINDERS} times")]
    Often,
    #[error("this authority sends no messages to its venues")]
    Off,
    #[error("too many messages were sent within an hour")]
    TooMany,
    #[error("the message was not sent")]
    NotSent,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether venues get messages at all.
pub fn sends_messages(app: &App) -> bool {
    app.config.messages.tell_venues && app.sms.is_configured()
}

/// Reminds the venue of a request that waits, in the words of a message that says nothing of what it asks.
pub async fn remind(app: &App, request: RequestId, actor: &Actor) -> Result<(), NotReminded> {
    if !sends_messages(app) {
        return Err(NotReminded::Off);
    }
    let now = app.clock.now();
    let found = app.store.share_request(request).await?.ok_or(NotReminded::NotFound)?;
    let details = found.details.filter(|_| found.state == RequestState::Waiting);
    let details = details.ok_or(NotReminded::NotWaiting)?;
    match found.reminded.next(found.requested_at) {
        None => return Err(NotReminded::Often),
        Some(from) if now < from => return Err(NotReminded::TooEarly(from)),
        Some(_) => {}
    }
    let venue = app.store.venue(details.venue).await?.ok_or(NotReminded::NotFound)?;
    match send_notice(app, &venue, "sms-request-reminder", "/venue/requests").await {
        Ok(()) => Ok(app.store.note_reminder(request, actor, now).await?),
        Err(NotNotified::Store(error)) => Err(error.into()),
        Err(NotNotified::TooMany) => Err(NotReminded::TooMany),
        Err(error) => {
            // Not which: neither log nor audit log says where a case was.
            tracing::error!(%error, "a venue could not be reminded that a request waits");
            Err(NotReminded::NotSent)
        }
    }
}

async fn notify(app: &App, venue: VenueId, opened: usize) -> Result<(), NotNotified> {
    if app.store.waiting_share_requests(venue).await?.len() > opened {
        return Ok(());
    }
    let Some(found) = app.store.venue(venue).await? else { return Ok(()) };
    send_notice(app, &found, "sms-request-waits", "/venue/requests").await
}

/// Tells the telephone that was the login until now that another one is, so that whoever did not ask for it
/// can object. The change stands also when the message cannot be sent; the log says so.
pub async fn tell_login_moved(app: &App, before: &Venue) {
    if !app.sms.is_configured() {
        return;
    }
    if let Err(error) = send_notice(app, before, "sms-login-moved", "/venue").await {
        tracing::error!(venue = %before.venue, %error, "a venue could not be told that its login moved to another telephone");
    }
}

async fn send_notice(app: &App, venue: &Venue, text: &str, path: &str) -> Result<(), NotNotified> {
    let phone: Phone = venue.phone.parse().map_err(|_| NotNotified::Phone)?;
    if attempt(app, Limit::Notices, phone.as_str()).await? != Attempt::Allowed {
        return Err(NotNotified::TooMany);
    }
    let said = |language: Language| language.messages().text(text, &[]);
    let (vi, en) = (said(Language::Vi), said(Language::En));
    let text = format!("{vi}\n{en}\n{}{path}", app.config.authority.url);
    Ok(messages::send(app, &phone, &text).await?)
}
