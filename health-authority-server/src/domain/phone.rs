//! Telephone numbers, and the codes that confirm them.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::codes::KeyedHash;

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// How long a code is valid, in seconds.
pub const CODE_SECONDS: u64 = 10 * 60;
/// So many wrong codes use a code up.
pub const MAX_ATTEMPTS: u32 = 5;

/// A telephone number in E.164 form: `+` and 8 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

/// Not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number; for example 0912 345 678 or +84 912 345 678")]
pub struct InvalidPhone;

impl FromStr for Phone {
    type Err = InvalidPhone;

    /// Vietnamese numbers as people write them (`0912 345 678`), or any with `+`.
    fn from_str(typed: &str) -> Result<Self, InvalidPhone> {
        if typed.len() > 40 {
            return Err(InvalidPhone);
        }
        let text: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '(' | ')'))
            .collect();
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if let Some(rest) = text.strip_prefix('+') {
            let valid = (8..=15).contains(&rest.len()) && digits(rest) && !rest.starts_with('0');
            // +84 0912... is a common slip.
            let national = rest.strip_prefix("840").filter(|_| valid);
            return match national {
                Some(national) => Ok(Self(format!("+84{national}"))),
                None if valid => Ok(Self(text)),
                None => Err(InvalidPhone),
            };
        }
        match text.strip_prefix('0') {
            Some(rest)
                if (9..=10).contains(&rest.len()) && digits(rest) && !rest.starts_with('0') =>
            {
                Ok(Self(format!("+84{rest}")))
            }
            _ => Err(InvalidPhone),
        }
    }
}

impl Phone {
    /// In E.164 form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database keeps of it while it is being confirmed.
    pub fn hash(&self, key: &SecretBytes<32>) -> KeyedHash {
        hmac_sha256(key.expose(), &[b"phone\0", self.0.as_bytes()])
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A code of 6 digits, wiped when dropped and never printed by accident.
#[derive(Clone)]
pub struct PhoneCode(Zeroizing<String>);

impl PhoneCode {
    /// A fresh code.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let digit = |_| char::from(b'0' + rng.random_range(0..10u8));
        Self(Zeroizing::new((0..CODE_DIGITS).map(digit).collect()))
    }

    /// What a person typed, without spaces.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 40 {
            return None;
        }
        let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let valid = text.len() == CODE_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        valid.then(|| Self(Zeroizing::new(text)))
    }

    /// The code itself, for the message.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps of it: bound to the telephone, under a key that is not there.
    pub fn hash(&self, phone: &Phone, key: &SecretBytes<32>) -> KeyedHash {
        let parts = [&b"phone-code\0"[..], phone.0.as_bytes(), b"\0", self.0.as_bytes()];
        hmac_sha256(key.expose(), &parts)
    }
}

impl fmt::Debug for PhoneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (typed, read) in [
            ("0912 345 678", "+84912345678"),
            ("(024) 3826-1234", "+842438261234"),
            ("+84 912.345.678", "+84912345678"),
            ("+84 0912 345 678", "+84912345678"),
            ("+1 415 555 2671", "+14155552671"),
        ] {
            assert_eq!(typed.parse::<Phone>().unwrap().as_str(), read);
        }
        for bad in [
            "",
            "0",
            "912345678",
            "00912345678",
            "0912 34",
            "+0123456789",
            "+84x",
            "09123456789012",
        ] {
            assert_eq!(bad.parse::<Phone>(), Err(InvalidPhone), "{bad}");
        }
    }

    #[test]
    fn codes() {
        let code = PhoneCode::generate(&mut rand::rng());
        let typed = format!(" {} {} ", &code.expose()[..3], &code.expose()[3..]);
        let key = SecretBytes::new([1; 32]);
        let (one, other) = ("0912345678".parse().unwrap(), "0912345679".parse().unwrap());
        let read = PhoneCode::parse(&typed).unwrap();
        assert_eq!(read.hash(&one, &key), code.hash(&one, &key));
        assert_ne!(read.hash(&other, &key), code.hash(&one, &key));
        assert_eq!(format!("{code:?}"), "PhoneCode(..)");
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(PhoneCode::parse(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_number_that_is_read_reads_itself(text in "[+0-9 .()a-]{0,24}") {
            if let Ok(phone) = text.parse::<Phone>() {
                prop_assert!(phone.as_str().len() <= 16);
                prop_assert_eq!(phone.as_str().parse::<Phone>(), Ok(phone.clone()));
            }
        }
    }
}
