//! Text messages to venues: that a request waits, and nothing of what it asks.

use std::collections::BTreeMap;

use super::limits::attempt;
use super::messages;
use crate::domain::phone::Phone;
use crate::domain::throttle::{Attempt, Limit};
use crate::domain::venues::VenueId;
use crate::i18n::Language;
use crate::services::app::App;
use crate::services::sms::SmsError;
use crate::storage::StoreError;
use crate::storage::share_requests::{RequestState, ShareRequest};

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

async fn notify(app: &App, venue: VenueId, opened: usize) -> Result<(), NotNotified> {
    if app.store.waiting_share_requests(venue).await?.len() > opened {
        return Ok(());
    }
    let Some(found) = app.store.venue(venue).await? else { return Ok(()) };
    let phone: Phone = found.phone.parse().map_err(|_| NotNotified::Phone)?;
    if attempt(app, Limit::Notices, phone.as_str()).await? != Attempt::Allowed {
        return Err(NotNotified::TooMany);
    }
    let waits = |language: Language| language.messages().text("sms-request-waits", &[]);
    let (vi, en) = (waits(Language::Vi), waits(Language::En));
    let text = format!("{vi}\n{en}\n{}/venue/requests", app.config.authority.url);
    Ok(messages::send(app, &phone, &text).await?)
}
