//! From a form to what waits to be sent: sealed to the officers, with blinded passes, of one size.

use rand::RngExt;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{
    DECLARE_REQUEST_BYTES, DeclareRequest, Envelope, Form, SUBMISSION_BYTES, SealedForm,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{BUNDLE_PASSES, PassKind, PassRequest};
use vungxanh_protocol::phone::{TOKEN_BYTES, Token};
use vungxanh_protocol::secret::SecretBytes;

use super::DeclareError;
use super::entry::{AskedKey, Entry, Request, Retry, Stage, StoredSecret, kept_through};
use super::keys::PublishedKeys;

/// What a form is sealed with.
pub(super) struct Sealing<'a> {
    pub(super) keys: &'a PublishedKeys,
    pub(super) authority: &'a str,
    /// For how many local days warnings can come and the authority keeps it, after the last day of its passes.
    pub(super) retention_days: u16,
    pub(super) now: UnixTime,
}

/// The declaration to be replaced.
pub(super) struct Earlier {
    pub(super) submission: String,
    pub(super) receipt: StoredSecret,
}

impl Sealing<'_> {
    /// Checks the form as it will be sent, today.
    pub(super) fn checked(&self, form: &Form) -> Result<Form, DeclareError> {
        let day = self.keys.intake.today(self.now);
        let form = Form { day, ..form.clone() }.normalised();
        let problems = form.problems();
        if problems.is_empty() {
            return Ok(form);
        }
        let problems = problems.iter().map(|p| format!("{}: {}", p.field, p.reason.name()));
        Err(DeclareError::Form(problems.collect::<Vec<_>>().join(", ")))
    }

    /// Seals a form. `printed` of the passes are for paper; `token` is spent.
    pub(super) fn seal(
        &self,
        form: Form,
        printed: u8,
        replaces: Option<Earlier>,
        token: Option<&StoredSecret>,
    ) -> Result<Entry, DeclareError> {
        if usize::from(printed) > BUNDLE_PASSES {
            return Err(DeclareError::TooManyPrinted(BUNDLE_PASSES));
        }
        let rng = &mut rand::rng();
        let key = self.keys.key_for(form.day, form.ward)?;
        let pass_keys = &self.keys.passes;
        let pass_key = |kind| pass_keys.key_for(form.day, kind).map_err(DeclareError::PassKeys);
        let (live, paper) = (pass_key(PassKind::Live)?, pass_key(PassKind::Printed)?);
        // One that replaces another gets no passes.
        let count = if replaces.is_some() { 0 } else { BUNDLE_PASSES };
        let live_count = count.saturating_sub(printed.into());
        let requests = (0..count)
            .map(|place| PassRequest::new(if place < live_count { live } else { paper }, rng))
            .collect::<Result<Vec<_>, _>>()?;
        let blinded: Vec<_> = requests.iter().map(PassRequest::blinded).collect();
        let submission: [u8; SUBMISSION_BYTES] = rng.random();
        let envelope = Envelope::of(&form, submission);
        let sealed = SealedForm::seal(&form, &envelope, self.authority, key, rng)?;
        let receipt = SecretBytes::generate(rng);
        let mut request =
            DeclareRequest::new(&envelope, key.id, &sealed, &receipt, &blinded, printed);
        if let Some(earlier) = &replaces {
            request.replaces.clone_from(&earlier.submission);
            let secret = earlier.receipt.bytes::<16>().ok_or(DeclareError::Damaged)?;
            request.receipt_secret = hex::encode(secret.expose());
        }
        if let Some(token) = token {
            let token = token.bytes::<TOKEN_BYTES>().ok_or(DeclareError::Damaged)?;
            let token = Token::from_bytes(token.expose()).map_err(|_| DeclareError::Damaged)?;
            request.token = DeclareRequest::encode_token(&token);
        }
        let body = to_padded_json(&mut request, DECLARE_REQUEST_BYTES)?;
        let request = Request {
            body: String::from_utf8(body).map_err(|_| DeclareError::Damaged)?,
            bundle: requests.iter().map(|r| StoredSecret::of(r.to_bytes().expose())).collect(),
            printed,
            live_key: AskedKey::of(live),
            printed_key: AskedKey::of(paper),
            replaces: replaces.map(|earlier| earlier.submission),
        };
        let valid_days = pass_keys.list().valid_days;
        Ok(Entry {
            submission: hex::encode(submission),
            receipt: StoredSecret::of(receipt.expose()),
            made_at: self.now,
            minutes_ahead: self.keys.intake.list().local_time.minutes_ahead(),
            valid_days,
            kept_through: kept_through(form.day, valid_days, self.retention_days),
            form,
            stage: Stage::Waiting { request: Box::new(request), retry: Retry::at(self.now) },
            passes: Vec::new(),
        })
    }
}
