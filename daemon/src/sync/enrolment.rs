//! Choosing an authority, and following its document.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use vungxanh_protocol::authority::{DOCUMENT_PATH, MAX_SIGNED_BYTES, VerifiedAuthority};
use vungxanh_protocol::interval::UnixTime;

use super::http::{Fetched, Http, ServerUrl, Timeouts};
use super::records::{self, Enrolment, Progress};
use super::schedule::Schedule;
use super::{AuthorityTime, Enrolled, Sync, SyncError};
use crate::platform::threads::lock;

const WHAT: &str = "the authority document";
/// What stands before the fingerprint in an enrolment URL.
const FINGERPRINT_MARK: &str = "sha256=";
/// A server's time that was on its way for longer, because the machine slept meanwhile, says nothing.
const TIMELY: Duration = Duration::from_secs(60);

/// What to do with an authority that is enrolled already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Keep it: enrolling another one fails.
    Never,
    /// The person wants the new one instead.
    Confirmed,
}

/// Asks a server for its document and trusts the root key that this names, so that the person
/// can compare its fingerprint. Stores nothing.
pub async fn first_contact(
    url: &str,
    now: UnixTime,
    timeouts: Timeouts,
) -> Result<VerifiedAuthority, SyncError> {
    let url = ServerUrl::parse(url)?;
    let fetched = fetch_document(&Http::new(timeouts), &url).await?;
    let authority = VerifiedAuthority::first_contact(&fetched.bytes, now)?;
    url.check_document(authority.document())?;
    Ok(authority)
}

/// A fingerprint as people write it, in the form in which it is compared: 64 hexadecimal digits,
/// grouped or not.
fn normalized_fingerprint(text: &str) -> Option<String> {
    let digits: String =
        text.chars().filter(|c| !matches!(c, ' ' | ':' | '-')).collect::<String>().to_lowercase();
    (digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit())).then_some(digits)
}

/// `https://HOST#sha256=FINGERPRINT`: the URL alone, and the fingerprint, if one is said, in the form in which it is
/// compared. None if what stands behind `#` is no fingerprint.
pub(crate) fn split_enrolment(text: &str) -> Option<(&str, Option<String>)> {
    let Some((url, fragment)) = text.split_once('#') else { return Some((text, None)) };
    let fingerprint = fragment.strip_prefix(FINGERPRINT_MARK).and_then(normalized_fingerprint)?;
    Some((url, Some(fingerprint)))
}

impl Sync {
    /// Enrols the authority behind `url` if its root key has this fingerprint (hex), and pins
    /// that key. Another one in its place only if `replace` says so; what was fetched from the
    /// other one is forgotten, exposures stay.
    pub async fn enrol(
        &self,
        url: &str,
        fingerprint: &str,
        replace: Replace,
    ) -> Result<VerifiedAuthority, SyncError> {
        let url = ServerUrl::parse(url)?;
        let _one_at_a_time = self.shared.fetching.lock().await;
        let fetched = fetch_document(&self.shared.http, &url).await?;
        let now = self.now();
        let mut authority = VerifiedAuthority::first_contact(&fetched.bytes, now)?;
        let found = authority.fingerprint();
        let expected = normalized_fingerprint(fingerprint).unwrap_or_default();
        if found != expected {
            return Err(SyncError::WrongFingerprint { expected, found });
        }
        let present = self.authority();
        let same = present.as_ref().is_some_and(|present| present.authority.fingerprint() == found);
        if let Some(present) = &present {
            if same {
                let known = &present.authority;
                let serial = known.document().serial;
                authority =
                    VerifiedAuthority::update(&fetched.bytes, known.root_key(), serial, now)?;
            } else if replace == Replace::Never {
                let present = present.authority.fingerprint();
                return Err(SyncError::OtherAuthority { present });
            }
        }
        url.check_document(authority.document())?;
        self.store_enrolment(url, authority.clone(), fetched.bytes, !same).await?;
        Ok(authority)
    }

    /// Fetches the document; takes it over if it is a newer one. Returns whether it was.
    pub(super) async fn update_document(&self) -> (Option<AuthorityTime>, Result<bool, SyncError>) {
        let enrolled = match self.enrolled() {
            Ok(enrolled) => enrolled,
            Err(error) => return (None, Err(error)),
        };
        let asked = self.shared.clock.uptime();
        match fetch_document(&self.shared.http, &enrolled.url).await {
            Ok(Fetched { bytes, server_time }) => {
                let uptime = self.shared.clock.uptime();
                let timely = uptime.saturating_sub(asked) <= TIMELY;
                let heard = server_time.filter(|_| timely);
                let heard = heard.map(|time| AuthorityTime { time, uptime });
                (heard, self.take_document(&enrolled, bytes).await)
            }
            Err(error) => (None, Err(error)),
        }
    }

    async fn take_document(&self, present: &Enrolled, bytes: Vec<u8>) -> Result<bool, SyncError> {
        let known = &present.authority;
        let serial = known.document().serial;
        let authority = VerifiedAuthority::update(&bytes, known.root_key(), serial, self.now())?;
        present.url.check_document(authority.document())?;
        let newer = authority.document().serial > serial;
        if newer {
            self.store_enrolment(present.url.clone(), authority, bytes, false).await?;
        }
        Ok(newer)
    }

    async fn store_enrolment(
        &self,
        url: ServerUrl,
        authority: VerifiedAuthority,
        signed: Vec<u8>,
        another: bool,
    ) -> Result<(), SyncError> {
        self.blocking(move |shared| {
            let store = shared.store.as_ref();
            if another {
                // Before the enrolment: a kill in between leaves the former authority with
                // nothing fetched, which it mends by itself.
                let mut progress = lock(&shared.progress);
                records::write(store, records::PROGRESS, &Progress::default())?;
                *progress = Progress::default();
                store.put_state_bytes(records::REVOKED, None)?;
                store.put_state_bytes(records::REPORT, None)?;
            }
            records::write(store, records::ENROLMENT, &Enrolment::new(&url, &authority, &signed))?;
            let mut schedule = lock(&shared.schedule);
            if another || schedule.is_none() {
                let parameters = &authority.document().tracing;
                let fresh = Schedule::begin(shared.clock.now(), parameters, &mut rand::rng());
                *schedule = Some(fresh);
                records::write(store, records::SCHEDULE, &fresh)?;
            }
            *lock(&shared.enrolled) = Some(Arc::new(Enrolled { url, authority }));
            Ok(())
        })
        .await
    }
}

async fn fetch_document(http: &Http, url: &ServerUrl) -> Result<Fetched, SyncError> {
    let document: Url = url.join(DOCUMENT_PATH)?;
    http.get(document, WHAT, MAX_SIGNED_BYTES).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_as_people_write_them() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(normalized_fingerprint(&digits), Some(digits.clone()));
        assert_eq!(normalized_fingerprint(&digits.to_uppercase()), Some(digits.clone()));
        let grouped: Vec<&str> = (0..16).map(|i| &digits[i * 4..i * 4 + 4]).collect();
        assert_eq!(normalized_fingerprint(&grouped.join(" ")), Some(digits.clone()));
        assert_eq!(normalized_fingerprint(&digits[1..]), None);
        assert_eq!(normalized_fingerprint(&digits.replace('0', "g")), None);
    }
}
