//! Whether the number of who declares is proven: a message to it was read on the day.

use super::form::Form;
use crate::phone::{PhoneError, PhoneKeys, PhoneProof};

impl Form {
    /// The number of who declares: a code is sent there.
    pub fn declarer_phone(&self) -> &str {
        if self.by_phone.is_empty() { &self.phone } else { &self.by_phone }
    }

    /// Whether its proof is the authority's over the declarer's number and its day.
    pub fn verify_phone(&self, keys: &PhoneKeys) -> Result<(), PhoneError> {
        let proof = PhoneProof::from_base64(&self.phone_proof).ok_or(PhoneError::NotProven)?;
        let number = self.declarer_phone();
        let proves = |key| proof.verify(number, key).is_ok();
        if keys.of_day(self.day).any(proves) { Ok(()) } else { Err(PhoneError::NotProven) }
    }
}
