//! The telephone code that some authorities ask for: asked for, typed, and answered with a proof for the officers and with
//! tokens that the server cannot recognise.

use std::sync::Arc;

use vungxanh_protocol::api::{Padded, to_padded_json};
use vungxanh_protocol::declaration::normalised_phone;
use vungxanh_protocol::phone::{
    CODE_DIGITS, CODE_PATH, CONFIRM_PATH, CodeRequest, ConfirmRequest, DayPhoneKey, MAX_TRIES,
    PHONE_REQUEST_BYTES, PHONE_RESPONSE_BYTES, PhoneResponse, TokenRequest,
};

use super::phone::Phone;
use super::{Declarations, DeclareError, keys};
use crate::control_api::{AskCodeRequest, CodeState, ConfirmCodeRequest};
use crate::platform::threads::run_blocking;
use crate::sync::{Enrolled, SyncError};

impl Declarations {
    /// Asks the authority for a code to the declarer's telephone, unless one waits, or the number is proven today.
    pub async fn ask_code(&self, request: AskCodeRequest) -> Result<CodeState, DeclareError> {
        let number = normalised_phone(&request.phone);
        let number = number.ok_or_else(|| DeclareError::Form("phone: malformed".into()))?;
        let enrolled = self.enrolled()?;
        let now = self.now();
        let day = self.keys(&enrolled).await?.0.intake.today(now);
        if let Some(phone) = self.book().await?.phone.filter(|phone| phone.is_of(&number, day)) {
            if !phone.tokens.is_empty() {
                return Ok(CodeState::Proven);
            }
            if phone.waits(now) && !request.again {
                return Ok(CodeState::Sent);
            }
        }
        // Before the message costs anything: without the day's key its answer would be of no use.
        self.phone_key(&enrolled, day).await?;
        let phone =
            run_blocking(move || Ok::<_, DeclareError>(Phone::new(number, day, now))).await?;
        let mut body = CodeRequest {
            phone: phone.number.clone(),
            language: request.language,
            session: phone.session()?,
            ..CodeRequest::default()
        };
        // Stored first: who is interrupted here still has what the message is for.
        self.set_phone(Some(phone)).await?;
        let asked =
            self.post_phone(&enrolled, CODE_PATH, "the request for a code", &mut body).await;
        match asked
            .map_err(DeclareError::CodeSync)
            .and_then(|(status, reply)| accepted(status, &reply))
        {
            Ok(()) => Ok(CodeState::Sent),
            Err(error) => {
                self.set_phone(None).await?;
                Err(error)
            }
        }
    }

    /// Sends the code that a person typed. For the right one the proof and the tokens are kept.
    pub async fn confirm_code(
        &self,
        request: ConfirmCodeRequest,
    ) -> Result<CodeState, DeclareError> {
        let number = normalised_phone(&request.phone).unwrap_or_default();
        let enrolled = self.enrolled()?;
        let phone = self.book().await?.phone.filter(|phone| phone.number == number);
        let phone = phone.filter(|phone| phone.tries < MAX_TRIES).ok_or(DeclareError::NoCode)?;
        if !phone.tokens.is_empty() {
            return Ok(CodeState::Proven);
        }
        let code: String = request.code.chars().filter(char::is_ascii_digit).collect();
        if code.len() != CODE_DIGITS {
            // Not worth a try.
            return Ok(CodeState::Wrong { left: MAX_TRIES - phone.tries });
        }
        let key = self.phone_key(&enrolled, phone.day).await?;
        let requests = phone.token_requests().ok_or(DeclareError::Damaged)?;
        let blinded = run_blocking({
            let requests = requests.clone();
            move || {
                Ok::<_, DeclareError>(
                    requests.iter().map(TokenRequest::blinded).collect::<Vec<_>>(),
                )
            }
        })
        .await?;
        let mut body = ConfirmRequest {
            phone: number.clone(),
            session: phone.session()?,
            code,
            day: phone.day,
            blinded: ConfirmRequest::encode_tokens(&blinded),
            ..ConfirmRequest::default()
        };
        let answered = self.post_phone(&enrolled, CONFIRM_PATH, "the code", &mut body).await;
        let (status, reply) = answered.map_err(DeclareError::CodeSync)?;
        if reply.error_code == "code_wrong" {
            let mut phone = phone;
            phone.tries += 1;
            let left = MAX_TRIES.saturating_sub(phone.tries);
            self.set_phone(Some(phone)).await?;
            return Ok(CodeState::Wrong { left });
        }
        accepted(status, &reply)?;
        let proven = run_blocking(move || phone.finished(&reply, &key)).await?;
        self.set_phone(Some(proven)).await?;
        Ok(CodeState::Proven)
    }

    async fn set_phone(&self, phone: Option<Phone>) -> Result<(), DeclareError> {
        self.change(move |book| {
            book.phone = phone;
            Ok(())
        })
        .await
    }

    async fn phone_key(
        &self,
        enrolled: &Arc<Enrolled>,
        day: u16,
    ) -> Result<DayPhoneKey, DeclareError> {
        let store = self.shared.store.as_ref();
        let keys = keys::fetch_phone_keys(&self.shared.sync, store, enrolled).await;
        let keys = keys.map_err(|error| match error {
            DeclareError::Sync(error) => DeclareError::CodeSync(error),
            other => other,
        })?;
        Ok(*keys.key_for(day).map_err(DeclareError::PhoneKeys)?)
    }

    /// On a connection of its own, which ends with it: the declaration comes on another one.
    async fn post_phone(
        &self,
        enrolled: &Enrolled,
        path: &str,
        what: &str,
        body: &mut impl Padded,
    ) -> Result<(u16, PhoneResponse), SyncError> {
        let unexpected = |status: u16| SyncError::Unexpected {
            what: what.to_owned(),
            status: status.to_string(),
        };
        let json = to_padded_json(body, PHONE_REQUEST_BYTES).map_err(|_| unexpected(0))?;
        let posted = self.shared.sync.post_apart(enrolled, path, what, json, PHONE_RESPONSE_BYTES);
        let (status, bytes) = posted.await?;
        Ok((status, serde_json::from_slice(&bytes).map_err(|_| unexpected(status))?))
    }
}

fn accepted(status: u16, reply: &PhoneResponse) -> Result<(), DeclareError> {
    if status == 200 {
        return Ok(());
    }
    Err(match reply.error_code.as_str() {
        "country_not_served" | "invalid_phone" => DeclareError::CodeCountry,
        "wrong_day" => DeclareError::NoCode,
        code => DeclareError::CodeNotSent(format!("{code} ({status})")),
    })
}
