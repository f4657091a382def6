//! Named records of the exchange in a file of own data: which of them another device takes over.

use vungxanh_protocol::interval::UnixTime;

use super::disclosed::Disclosed;
use super::notified::NotifiedDays;
use super::records::{DISCLOSED, ENROLMENT, NOTIFIED, PROGRESS, REPORT, REVOKED, SCHEDULE};

/// What becomes of a named record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// It says something of the person, and is taken over.
    TakenOver,
    /// It belongs to the device that wrote it. An enrolment is one: whom to trust is not for a file to
    /// say, but for the person, who compares the fingerprint.
    LeftOut,
    /// Its name is known, and it is not what it should be.
    Malformed,
    /// Nothing of the exchange has this name.
    Unknown,
}

/// Looks at the record `name` of a file, at `now`.
pub(crate) fn named(name: &str, bytes: &[u8], now: UnixTime) -> Named {
    let sound = match name {
        NOTIFIED => serde_json::from_slice::<NotifiedDays>(bytes)
            .is_ok_and(|notified| notified.is_possible(now)),
        DISCLOSED => serde_json::from_slice::<Disclosed>(bytes)
            .is_ok_and(|disclosed| disclosed.is_possible(now)),
        ENROLMENT | SCHEDULE | PROGRESS | REVOKED | REPORT => return Named::LeftOut,
        _ => return Named::Unknown,
    };
    if sound { Named::TakenOver } else { Named::Malformed }
}
