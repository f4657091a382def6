//! Recovery codes: single-use digits that log in in place of an authenticator app that is lost.

use std::fmt;

use rand::RngExt;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::accounts::AccountId;
use super::codes::KeyedHash;
use super::typed::digits;

/// So many are made at a time.
pub const RECOVERY_CODES: usize = 10;
/// Digits, because they stand in the field for the app's digits, for which telephones show a keypad.
///
/// Ten codes of 12 digits, ten guesses in a quarter of an hour who has the password: in a year a chance of 4 in a
/// million.
pub const RECOVERY_DIGITS: usize = 12;
const GROUP: usize = 4;

/// One code, wiped when dropped and never printed by accident.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let digit = |_| char::from(b'0' + rng.random_range(0..10u8));
        Self(Zeroizing::new((0..RECOVERY_DIGITS).map(digit).collect()))
    }

    /// What a person typed, with or without anything between the digits.
    pub fn parse(typed: &str) -> Option<Self> {
        digits(typed, RECOVERY_DIGITS).map(Self)
    }

    /// In groups of four, for reading and printing.
    pub fn grouped(&self) -> Zeroizing<String> {
        let groups: Vec<&str> =
            (0..RECOVERY_DIGITS / GROUP).map(|n| &self.0[GROUP * n..GROUP * (n + 1)]).collect();
        Zeroizing::new(groups.join(" "))
    }

    /// What the database keeps.
    pub fn hash(&self, account: AccountId, key: &SecretBytes<32>) -> KeyedHash {
        let account = account.to_be_bytes();
        hmac_sha256(key.expose(), &[b"recovery\0", &account, self.0.as_bytes()])
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed_and_is_one_accounts() {
        let key = SecretBytes::new([3; 32]);
        let code = RecoveryCode::generate(&mut rand::rng());
        assert_eq!(code.grouped().len(), 14);
        let read = RecoveryCode::parse(&format!(" {}-", code.grouped().replace(' ', "."))).unwrap();
        assert_eq!(read.hash(7, &key), code.hash(7, &key));
        assert_ne!(read.hash(8, &key), code.hash(7, &key));
        for bad in ["", "123456", "1234567890123", "12345678901a"] {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{code:?}"), "RecoveryCode(..)");
    }
}
