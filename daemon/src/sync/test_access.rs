//! What tests of other modules see and set of the exchange.

use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::interval::UnixTime;

use super::Sync;
use super::http::ServerUrl;
use super::records::{ENROLMENT, Enrolment};
use crate::platform::threads::lock;
use crate::store::{EncounterStore, put_state};

/// Enrols the authority of a signed document, without asking it.
pub(crate) fn pin(url: &str, signed: &[u8], store: &dyn EncounterStore, now: UnixTime) {
    let authority = VerifiedAuthority::first_contact(signed, now).unwrap();
    let url = ServerUrl::parse(url).unwrap();
    put_state(store, ENROLMENT, &Enrolment::new(&url, &authority, signed)).unwrap();
}

impl Sync {
    /// Fetches that have failed in a row.
    pub(crate) fn fetch_failures(&self) -> u32 {
        lock(&self.shared.schedule).unwrap().fetch_failures
    }

    /// Dummy uploads that have failed in a row.
    pub(crate) fn dummy_upload_failures(&self) -> u32 {
        lock(&self.shared.schedule).unwrap().dummy_upload_failures
    }

    /// When the next dummy upload is due, as far as anybody has looked.
    pub(crate) fn planned_dummy_upload(&self) -> UnixTime {
        lock(&self.shared.schedule).unwrap().dummy_upload
    }

    /// Makes the next dummy upload due so many seconds from now.
    pub(crate) fn dummy_upload_in(&self, seconds: u64) {
        let next = self.now().plus(seconds);
        lock(&self.shared.schedule).as_mut().unwrap().dummy_upload = next;
    }

    /// Makes the next fetch due so many seconds from now.
    pub(crate) fn next_in(&self, seconds: u64) {
        let next = self.now().plus(seconds);
        lock(&self.shared.schedule).as_mut().unwrap().fetch = next;
    }
}
