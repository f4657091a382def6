//! Messages to telephones: codes that confirm a number, words that a request waits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::domain::phone::Phone;

/// A gateway that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Messages that are on their way to a gateway at a time.
const AT_A_TIME: usize = 16;
/// Messages that wait for that; more are not taken.
const MAX_WAITING: usize = 256;
/// Shows the gateway that the server asks.
const SECRET_HEADER: &str = "x-webhook-secret";

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// `messages.send` is `none`.
    #[error("no way to send messages is configured; see [messages] in config.toml")]
    NotConfigured,
    /// The gateway cannot be reached.
    #[error("the message gateway does not answer: {0}")]
    Unreachable(String),
    /// The gateway did not take it.
    #[error("the message gateway refused the message with status {0}")]
    Refused(u16),
    /// More messages wait than are taken.
    #[error("too many messages wait for the message gateway; try again in a minute")]
    Busy,
}

/// A message on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SmsError>> + Send + 'a>>;

/// Sends messages to telephones.
pub trait Sms: Send + Sync + 'static {
    fn send<'a>(&'a self, phone: &'a Phone, text: &'a str) -> Sending<'a>;

    /// Whether there is a way to send messages.
    fn is_configured(&self) -> bool {
        true
    }

    /// How many messages wait for their turn.
    fn waiting(&self) -> usize {
        0
    }
}

/// Sends nothing: venues cannot register.
#[derive(Debug, Clone, Copy)]
pub struct NoSms;

impl Sms for NoSms {
    fn send<'a>(&'a self, _: &'a Phone, _: &'a str) -> Sending<'a> {
        Box::pin(async { Err(SmsError::NotConfigured) })
    }

    fn is_configured(&self) -> bool {
        false
    }
}

/// Writes messages to the log, for development: every reader of the log can confirm any number.
#[derive(Debug, Clone, Copy)]
pub struct LogSms;

impl Sms for LogSms {
    fn send<'a>(&'a self, phone: &'a Phone, text: &'a str) -> Sending<'a> {
        tracing::warn!(%phone, text, "development: a message is logged, not sent");
        Box::pin(async { Ok(()) })
    }
}

/// Hands messages to a gateway: `POST` of `{"phone": "+84...", "text": "..."}` as JSON.
pub struct Webhook {
    client: reqwest::Client,
    url: String,
    secret: Zeroizing<String>,
}

impl Webhook {
    /// The gateway at `url`, which knows `secret`.
    pub fn new(url: String, secret: Zeroizing<String>) -> Result<Self, SmsError> {
        // A second provider in one process is refused, the first one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("health-authority-server")
            .build()
            .map_err(|error| SmsError::Unreachable(error.to_string()))?;
        Ok(Self { client, url, secret })
    }
}

/// A way to send that takes a bounded number of messages at a time, however slow it is.
#[derive(Debug)]
pub struct InTurn<S> {
    way: S,
    queue: Semaphore,
    turns: Semaphore,
}

impl<S: Sms> InTurn<S> {
    pub fn new(way: S) -> Self {
        let queue = Semaphore::new(AT_A_TIME + MAX_WAITING);
        Self { way, queue, turns: Semaphore::new(AT_A_TIME) }
    }
}

impl<S: Sms> Sms for InTurn<S> {
    fn send<'a>(&'a self, phone: &'a Phone, text: &'a str) -> Sending<'a> {
        Box::pin(async move {
            let _place = self.queue.try_acquire().map_err(|_| SmsError::Busy)?;
            let _turn = self.turns.acquire().await.map_err(|_| SmsError::Busy)?;
            self.way.send(phone, text).await
        })
    }

    fn is_configured(&self) -> bool {
        self.way.is_configured()
    }

    fn waiting(&self) -> usize {
        let taken = (AT_A_TIME + MAX_WAITING).saturating_sub(self.queue.available_permits());
        taken.saturating_sub(AT_A_TIME)
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(..)")
    }
}

impl Sms for Webhook {
    fn send<'a>(&'a self, phone: &'a Phone, text: &'a str) -> Sending<'a> {
        Box::pin(async move {
            let body = serde_json::json!({"phone": phone.as_str(), "text": text});
            let request = self.client.post(&self.url).header(SECRET_HEADER, self.secret.as_str());
            // The address of the gateway may hold a key of its own.
            let response = request
                .json(&body)
                .send()
                .await
                .map_err(|error| SmsError::Unreachable(error.without_url().to_string()))?;
            let status = response.status();
            if status.is_success() { Ok(()) } else { Err(SmsError::Refused(status.as_u16())) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gateway that takes no message until it is allowed to.
    struct Slow(Semaphore);

    impl Sms for Slow {
        fn send<'a>(&'a self, _: &'a Phone, _: &'a str) -> Sending<'a> {
            Box::pin(async {
                self.0.acquire().await.unwrap().forget();
                Ok(())
            })
        }
    }

    #[tokio::test]
    async fn a_slow_gateway_holds_a_bounded_number_of_messages() {
        let sms = InTurn::new(Slow(Semaphore::new(0)));
        let phone: Phone = "+84912345678".parse().unwrap();
        let all = AT_A_TIME + MAX_WAITING;
        let sending = futures_util::future::join_all((0..all + 9).map(|_| sms.send(&phone, "x")));
        let mut sending = std::pin::pin!(sending);
        assert!(futures_util::poll!(&mut sending).is_pending());
        assert_eq!(sms.waiting(), MAX_WAITING);
        sms.way.0.add_permits(all);
        let answers = sending.await;
        assert!(answers[..all].iter().all(Result::is_ok));
        assert!(answers[all..].iter().all(|answer| *answer == Err(SmsError::Busy)));
        assert_eq!(sms.waiting(), 0);
    }
}
