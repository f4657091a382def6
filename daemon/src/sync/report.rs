//! Publication of the own keys after a positive test.
//!
//! The order makes a one-use code survive any interruption, and lets nothing be broadcast that is
//! public: token and key list are stored before the certificate is asked for, so that asking
//! again asks for the same; keys are retired before they are sent; they come back only if the
//! server has certainly not taken them.

use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::RngExt;
use vungxanh_protocol::api::{PublishRequest, PublishResponse, PublishedKey};
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::{INTERVALS_PER_DAY, Interval, UnixTime};
use vungxanh_protocol::publish::{HMAC_KEY_BYTES, redact, release_time};
use vungxanh_protocol::verification_code::read_code;

use super::pending_report::{KeyList, Pending, own_key};
use super::records::{self, REPORT};
use super::upload::{DummyUpload, Remaining, Reply, Uploader, new_nonce, send_remaining};
use super::{CodeError, Sync, SyncError};
use crate::control_api::Reported;
use crate::store::{StoreError, state};

/// Time from the release of a key to the batch that holds it, at most, as far as a device can
/// know: authorities publish at least hourly.
const BATCH_SECONDS: u64 = 3_600;

/// The own keys, as a publication needs them. Every change is durable when a call returns.
pub trait KeyAccess: Send + std::marker::Sync {
    /// Own keys that have begun by `now` and are not retired.
    fn publishable(&self, now: UnixTime) -> Result<Vec<TemporaryExposureKey>, StoreError>;

    /// Never broadcasts again any key that has begun by `now`. May be called twice.
    fn retire(&self, now: UnixTime) -> Result<(), StoreError>;

    /// Takes back the retirement of these keys: they have not been published.
    fn restore(&self, keys: &[TemporaryExposureKey]) -> Result<(), StoreError>;
}

/// One call of [`Sync::report`].
struct Run<'a> {
    sync: &'a Sync,
    uploader: Uploader,
    keys: &'a dyn KeyAccess,
    code: &'a str,
    leave_out: Vec<Range<UnixTime>>,
    filler: Option<DummyUpload>,
    /// What follows the last request, if that was answered. Should the report end here, dummy uploads of it
    /// are sent.
    remaining: Option<Remaining>,
}

impl Sync {
    /// Publishes the own keys with a verification code, except those whose validity touches a
    /// period in `leave_out`. After an interruption the same call goes on where it stopped.
    pub async fn report(
        &self,
        keys: &dyn KeyAccess,
        code: &str,
        leave_out: Vec<Range<UnixTime>>,
    ) -> Result<Reported, SyncError> {
        let _one_at_a_time = self.shared.reporting.lock().await;
        let uploader = self.uploader()?;
        let (_, code) = read_code(code).ok_or(SyncError::Code(CodeError::Malformed))?;
        let mut run = Run {
            sync: self,
            filler: Some(DummyUpload::new(uploader.clone())),
            uploader,
            keys,
            code: &code,
            leave_out,
            remaining: None,
        };
        let reported = run.publish_keys().await;
        if let (Err(_), Some(remaining)) = (&reported, run.remaining) {
            send_remaining(run.uploader, remaining);
        }
        reported
    }

    /// Goes on with a publication that was interrupted, with its code and the person's choice.
    pub async fn resume_report(&self, keys: &dyn KeyAccess) -> Result<Reported, SyncError> {
        let pending = self.pending_report()?.ok_or(SyncError::NothingToPublish)?;
        self.report(keys, &pending.code, pending.choice().to_vec()).await
    }
}

impl Run<'_> {
    async fn publish_keys(&mut self) -> Result<Reported, SyncError> {
        let mut pending = self.begin().await?;
        let resumed = pending.certificate.is_some();
        if let Some(certificate) = &pending.certificate {
            // Its two requests were made in an earlier call; the network sees three again.
            tracing::debug!(bytes = certificate.len(), "a publication goes on");
            self.filler_certificate().await?;
        } else {
            self.certify(&mut pending).await?;
        }
        self.uploader.pause().await;
        let mut published = self.send(&mut pending).await;
        if resumed && is_refused_certificate(&published) {
            // It was valid for minutes only. The token still is.
            self.certify(&mut pending).await?;
            self.uploader.pause().await;
            published = self.send(&mut pending).await;
        }
        if matches!(published, Err(SyncError::PublicationRefused(_))) && !pending.sent {
            self.give_back(&pending)?;
        }
        published
    }

    /// A person who now leaves out other periods than in an earlier call gets what they want,
    /// as long as nothing can be public yet.
    fn forget_other_choice(&self, pending: &mut Pending) -> Result<(), SyncError> {
        if pending.sent || pending.choice() == self.leave_out {
            return Ok(());
        }
        if pending.listed.is_some() {
            self.restore(pending)?;
            pending.listed = None;
            pending.certificate = None;
        }
        pending.leave_out.clone_from(&self.leave_out);
        self.save(pending)
    }

    /// Code to token, unless that was done before.
    async fn begin(&mut self) -> Result<Pending, SyncError> {
        let mut earlier: Option<Pending> = state(self.store(), REPORT)?;
        if let Some(earlier) = &mut earlier {
            // Earlier programs stored capitals as they were typed.
            earlier.code.make_ascii_lowercase();
        }
        let mut pending = match earlier {
            Some(mut same) if same.code == self.code && !same.token.is_empty() => {
                self.forget_other_choice(&mut same)?;
                self.filler_verify().await?;
                self.uploader.pause().await;
                return Ok(same);
            }
            // Whether these keys are public is not known: the new code is for them, too.
            Some(other) if other.sent => Pending { certificate: None, ..other },
            Some(unanswered) if unanswered.code == self.code => unanswered,
            Some(other) => {
                self.give_back(&other)?;
                Pending::new()
            }
            None => Pending::new(),
        };
        if pending.code != self.code || pending.nonce.is_empty() {
            pending.code = self.code.to_owned();
            pending.nonce = new_nonce();
            pending.token.clear();
        }
        if !pending.sent {
            pending.leave_out.clone_from(&self.leave_out);
        }
        self.save(&pending)?;
        let answer = self.uploader.verify(self.code, &pending.nonce, false).await;
        let answer = self.noted(answer, Some(Remaining::Two))?;
        let refusal = CodeError::from_answer(&answer.body.error_code, answer.status);
        if let Some(refusal) = refusal {
            if !pending.sent {
                self.give_back(&pending)?;
            }
            return Err(SyncError::Code(refusal));
        }
        if answer.status != 200 || answer.body.token.is_empty() {
            return Err(unexpected(
                "the verification code",
                answer.status,
                &answer.body.error_code,
            ));
        }
        pending.token = answer.body.token;
        pending.report_type = answer.body.test_type;
        pending.onset = onset_interval(&answer.body.symptom_date);
        self.save(&pending)?;
        self.uploader.pause().await;
        Ok(pending)
    }

    /// Token and key list to certificate.
    async fn certify(&mut self, pending: &mut Pending) -> Result<(), SyncError> {
        let list = self.list(pending)?;
        let hmac_key = BASE64_STANDARD.decode(&list.hmac_key).unwrap_or_default();
        let answer = self.uploader.certificate(&pending.token, &list.keys, &hmac_key, false).await;
        let Reply { status, body } = self.noted(answer, Some(Remaining::One))?;
        if let Some(refusal) = CodeError::from_answer(&body.error_code, status) {
            pending.token.clear();
            if pending.sent {
                self.save(pending)?;
            } else {
                self.give_back(pending)?;
            }
            return Err(SyncError::Code(refusal));
        }
        if status != 200 || body.certificate.is_empty() {
            return Err(unexpected("the certificate request", status, &body.error_code));
        }
        pending.certificate = Some(body.certificate);
        self.save(pending)
    }

    /// The list to publish: made once, so that whatever is asked again is asked for the same
    /// keys.
    fn list(&self, pending: &mut Pending) -> Result<KeyList, SyncError> {
        if let Some(list) = &pending.listed {
            return Ok(list.clone());
        }
        let now = self.sync.now();
        let publishable = self.keys.publishable(now)?;
        let all: Vec<&TemporaryExposureKey> = publishable.iter().collect();
        let kept = redact(&all, &self.leave_out);
        if kept.is_empty() {
            return Err(SyncError::NothingToPublish);
        }
        let left_out = all.into_iter().filter(|key| !kept.contains(key)).map(PublishedKey::from);
        let list = KeyList {
            at: now,
            leave_out: self.leave_out.clone(),
            left_out: left_out.collect(),
            keys: kept.into_iter().map(PublishedKey::from).collect(),
            hmac_key: BASE64_STANDARD.encode(rand::rng().random::<[u8; HMAC_KEY_BYTES]>()),
        };
        pending.listed = Some(list.clone());
        self.save(pending)?;
        Ok(list)
    }

    /// Retires the keys, then sends them.
    async fn send(&mut self, pending: &mut Pending) -> Result<Reported, SyncError> {
        let list = self.list(pending)?;
        self.keys.retire(list.at)?;
        let may_be_public = pending.sent;
        pending.sent = true;
        self.save(pending)?;
        let request = PublishRequest {
            temporary_exposure_keys: list.keys.clone(),
            health_authority_id: self.uploader.enrolled.authority.document().id.clone(),
            verification_payload: pending.certificate.clone().unwrap_or_default(),
            hmac_key: list.hmac_key.clone(),
            symptom_onset_interval: pending.onset.map_or(0, |onset| onset.number().into()),
            ..PublishRequest::default()
        };
        let answer = self.uploader.publish(request).await;
        match self.noted(answer, None) {
            Ok(Reply { status: 200, body }) => self.done(pending, &list, &body),
            // An earlier attempt has got through: no one else knows these keys.
            Ok(Reply { body, .. }) if may_be_public && body.code == ALREADY_PUBLISHED => {
                self.done(pending, &list, &body)
            }
            Ok(Reply { body, status }) => {
                pending.sent = may_be_public;
                pending.certificate = None;
                self.save(pending)?;
                let reason = if body.code.is_empty() { status.to_string() } else { body.code };
                Err(SyncError::PublicationRefused(reason))
            }
            Err(error) => {
                if !error.leaves_doubt() {
                    pending.sent = may_be_public;
                    self.save(pending)?;
                }
                Err(error)
            }
        }
    }

    fn done(
        &self,
        pending: &Pending,
        list: &KeyList,
        answer: &PublishResponse,
    ) -> Result<Reported, SyncError> {
        for warning in &answer.warnings {
            tracing::warn!(warning, "the authority's server took the keys with a warning");
        }
        let tolerance = self.uploader.enrolled.authority.document().tracing.clock_tolerance;
        let released = list.keys.iter().filter_map(diagnosis_key);
        let released = released.map(|key| release_time(&key, tolerance)).max();
        self.store().put_state_bytes(REPORT, None)?;
        Ok(Reported {
            published: list.keys.len(),
            left_out: list.left_out.len(),
            report_type: pending.report_type.clone(),
            expected_by: released.unwrap_or(list.at).max(self.sync.now()).plus(BATCH_SECONDS),
        })
    }

    /// The keys are certainly not public: they are broadcast and publishable as before.
    fn give_back(&self, pending: &Pending) -> Result<(), SyncError> {
        self.restore(pending)?;
        Ok(self.store().put_state_bytes(REPORT, None)?)
    }

    fn restore(&self, pending: &Pending) -> Result<(), SyncError> {
        if let Some(list) = &pending.listed {
            let keys: Vec<TemporaryExposureKey> =
                list.keys.iter().chain(&list.left_out).filter_map(own_key).collect();
            self.keys.restore(&keys)?;
        }
        Ok(())
    }

    async fn filler_verify(&mut self) -> Result<(), SyncError> {
        if let Some(filler) = &mut self.filler {
            let answer = filler.verify().await;
            self.noted(answer, Some(Remaining::Two))?;
        }
        Ok(())
    }

    async fn filler_certificate(&mut self) -> Result<(), SyncError> {
        if let Some(filler) = &mut self.filler {
            let answer = filler.certificate().await;
            self.noted(answer, Some(Remaining::One))?;
        }
        Ok(())
    }

    /// Takes note of what follows a request. Nothing, if the network or the server broke it off: then a
    /// dummy upload ends, too.
    fn noted<T>(
        &mut self,
        answer: Result<T, SyncError>,
        remaining: Option<Remaining>,
    ) -> Result<T, SyncError> {
        let answered = matches!(answer, Ok(_) | Err(SyncError::Code(CodeError::TooMany)));
        self.remaining = remaining.filter(|_| answered);
        answer
    }

    fn save(&self, pending: &Pending) -> Result<(), SyncError> {
        records::write(self.store(), REPORT, pending)
    }

    fn store(&self) -> &dyn crate::store::EncounterStore {
        self.sync.shared.store.as_ref()
    }
}

/// Error code of a certificate that has expired or does not fit.
const CERTIFICATE_INVALID: &str = "health_authority_verification_certificate_invalid";
/// Error code of keys that are there already.
const ALREADY_PUBLISHED: &str = "missing_revision_token";

fn is_refused_certificate<T>(published: &Result<T, SyncError>) -> bool {
    matches!(published, Err(SyncError::PublicationRefused(code)) if code == CERTIFICATE_INVALID)
}

fn unexpected(what: &str, status: u16, code: &str) -> SyncError {
    SyncError::Unexpected { what: what.to_owned(), status: format!("{status} {code}") }
}

/// The first interval of a date `YYYY-MM-DD`; `None` for an empty or unreadable one.
fn onset_interval(date: &str) -> Option<Interval> {
    let date: jiff::civil::Date = date.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = u32::try_from(date.since(epoch).ok()?.get_days()).ok()?;
    Some(Interval::new(days * INTERVALS_PER_DAY))
}

fn diagnosis_key(published: &PublishedKey) -> Option<DiagnosisKey> {
    let own = own_key(published)?;
    Some(DiagnosisKey {
        key: *own.key().expose(),
        rolling_start: own.rolling_start(),
        rolling_period: own.rolling_period(),
        report_type: ReportType::Unknown,
        days_since_onset: None,
        transmission_risk: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onset_dates() {
        assert_eq!(onset_interval("1970-01-02"), Some(Interval::new(144)));
        assert_eq!(onset_interval("2020-04-02"), Some(Interval::new(2_642_976)));
        for bad in ["", "2020-13-01", "yesterday", "1969-12-31"] {
            assert_eq!(onset_interval(bad), None, "{bad}");
        }
    }
}
