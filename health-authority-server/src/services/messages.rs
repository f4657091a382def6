//! Messages to telephones, counted.

use super::app::App;
use super::sms::SmsError;
use crate::domain::phone::Phone;

/// Sends a message, and counts that it was sent or that the gateway did not take it.
pub async fn send(app: &App, phone: &Phone, text: &str) -> Result<(), SmsError> {
    let sent = app.sms.send(phone, text).await;
    if sent == Err(SmsError::NotConfigured) {
        return sent;
    }
    // A message that was sent is sent, whether it could be counted or not.
    if let Err(error) = app.store.count_message(sent.is_ok(), app.clock.now()).await {
        tracing::warn!(%error, "a message could not be counted");
    }
    sent
}
