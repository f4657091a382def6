//! A telephone number that is being confirmed, or is: what the book keeps of it, so that a restart loses nothing.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::declaration::normalised_phone;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::phone::{
    CODE_SECONDS, DayPhoneKey, MAX_TRIES, PhoneProof, PhoneResponse, SESSION_BYTES, TOKEN_BYTES,
    TOKENS_EACH, Token, TokenRequest,
};
use vungxanh_protocol::secret::SecretBytes;

use super::DeclareError;
use super::entry::StoredSecret;

/// A number that is being confirmed, or is.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Phone {
    pub(super) number: String,
    /// The local day of proof and tokens.
    pub(super) day: u16,
    session: StoredSecret,
    asked_at: UnixTime,
    pub(super) tries: u32,
    /// What makes tokens of the answer, until it is there.
    requests: Vec<StoredSecret>,
    /// Base64 of the proof; empty until then.
    proof: String,
    /// Tokens that were not spent.
    pub(super) tokens: Vec<StoredSecret>,
}

impl Phone {
    pub(super) fn new(number: String, day: u16, now: UnixTime) -> Self {
        let rng = &mut rand::rng();
        let session = StoredSecret::of(SecretBytes::<SESSION_BYTES>::generate(rng).expose());
        let request = |_| StoredSecret::of(TokenRequest::new(day, rng).to_bytes().expose());
        let requests = (0..TOKENS_EACH).map(request).collect();
        Self {
            number,
            day,
            session,
            asked_at: now,
            tries: 0,
            requests,
            proof: String::new(),
            tokens: Vec::new(),
        }
    }

    pub(super) fn is_of(&self, number: &str, day: u16) -> bool {
        self.number == number && self.day == day
    }

    /// Proof and next token of a number on a day.
    pub(super) fn next_token(&self, number: &str, day: u16) -> Option<(String, StoredSecret)> {
        let token = self.tokens.last().filter(|_| self.is_of(number, day))?;
        Some((self.proof.clone(), token.clone()))
    }

    /// The token is spent; `false` when it was, meanwhile.
    pub(super) fn spend(&mut self, token: &StoredSecret) -> bool {
        let before = self.tokens.len();
        self.tokens.retain(|kept| kept != token);
        self.tokens.len() < before
    }

    pub(super) fn waits(&self, now: UnixTime) -> bool {
        !self.requests.is_empty()
            && self.tries < MAX_TRIES
            && now < self.asked_at.plus(CODE_SECONDS)
    }

    pub(super) fn session(&self) -> Result<String, DeclareError> {
        let session = self.session.bytes::<SESSION_BYTES>().ok_or(DeclareError::Damaged)?;
        Ok(hex::encode(session.expose()))
    }

    pub(super) fn token_requests(&self) -> Option<Vec<TokenRequest>> {
        let read = |kept: &StoredSecret| TokenRequest::from_bytes(&kept.bytes()?).ok();
        self.requests.iter().map(read).collect()
    }

    /// Whether a device can have written this.
    pub(super) fn is_possible(&self) -> bool {
        let token = |kept: &StoredSecret| {
            kept.bytes::<TOKEN_BYTES>()
                .is_some_and(|token| Token::from_bytes(token.expose()).is_ok())
        };
        normalised_phone(&self.number).as_ref() == Some(&self.number)
            && self.session().is_ok()
            && self.requests.len() <= TOKENS_EACH
            && self.token_requests().is_some()
            && (self.proof.is_empty() || PhoneProof::from_base64(&self.proof).is_some())
            && self.tokens.len() <= TOKENS_EACH
            && self.tokens.iter().all(token)
    }

    /// Over with its day, and with the hour in which the day's declarations are still taken.
    pub(super) fn has_expired(&self, today_an_hour_ago: u16) -> bool {
        self.day < today_an_hour_ago
    }

    /// Verifies what the authority answered; what is no token or proof of the published key is not kept.
    pub(super) fn finished(
        self,
        reply: &PhoneResponse,
        key: &DayPhoneKey,
    ) -> Result<Self, DeclareError> {
        let requests = self.token_requests().ok_or(DeclareError::Damaged)?;
        let proof = reply.proof().map_err(DeclareError::PhoneAnswer)?;
        proof.verify(&self.number, key).map_err(DeclareError::PhoneAnswer)?;
        let answers = reply.signatures().map_err(DeclareError::PhoneAnswer)?;
        let tokens = requests.iter().zip(&answers).map(|(request, answer)| {
            let token = request.finish(answer, key).map_err(DeclareError::PhoneAnswer)?;
            Ok(StoredSecret::of(&token.to_bytes()))
        });
        let tokens = tokens.collect::<Result<Vec<_>, DeclareError>>()?;
        Ok(Self { proof: proof.to_base64(), tokens, requests: Vec::new(), ..self })
    }
}
