//! Telephone numbers, and the codes that confirm them.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use unicode_normalization::UnicodeNormalization;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::codes::KeyedHash;
use super::typed::{MAX_TYPED_BYTES, digits};

pub use vungxanh_protocol::phone::{CODE_DIGITS, CODE_SECONDS};

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

    /// Vietnamese numbers as people write and paste them (`0912 345 678`, `84912345678`), or any with
    /// `+` or `00`. Blanks, hyphens, dots and what cannot be seen are passed over.
    fn from_str(typed: &str) -> Result<Self, InvalidPhone> {
        if typed.len() > MAX_TYPED_BYTES {
            return Err(InvalidPhone);
        }
        let mut text = String::with_capacity(16);
        for c in typed.nfkc() {
            match c {
                '+' if text.is_empty() => text.push(c),
                '0'..='9' => text.push(c),
                c if c == '+' || c.is_alphanumeric() => return Err(InvalidPhone),
                _ => {}
            }
        }
        let national = |rest: &str| is_vietnamese(rest).then(|| format!("+84{rest}"));
        let read = match (text.strip_prefix('+'), text.strip_prefix("00")) {
            (Some(rest), _) => international(rest),
            // Shorter ones are a national number with one zero too many.
            (None, Some(rest)) if rest.len() >= 10 => international(rest),
            (None, Some(_)) => None,
            (None, None) => match (text.strip_prefix('0'), text.strip_prefix("84")) {
                (Some(rest), _) => national(rest),
                (None, Some(rest)) => national(rest),
                (None, None) => None,
            },
        };
        read.map(Self).ok_or(InvalidPhone)
    }
}

/// Country code and number, in E.164 form.
fn international(rest: &str) -> Option<String> {
    let valid = (8..=15).contains(&rest.len()) && !rest.starts_with('0');
    match rest.strip_prefix("84") {
        // +84 0912... is a common slip.
        Some(national) => {
            let national = national.strip_prefix('0').unwrap_or(national);
            is_vietnamese(national).then(|| format!("+84{national}"))
        }
        None => valid.then(|| format!("+{rest}")),
    }
}

/// Whether a number in Viet Nam, without its leading 0, has the length of one: mobile ones 9 digits,
/// others 10.
fn is_vietnamese(rest: &str) -> bool {
    (9..=10).contains(&rest.len()) && !rest.starts_with('0')
}

impl Phone {
    /// In E.164 form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a number of one of these countries, named by their codes.
    pub fn is_of(&self, countries: &[String]) -> bool {
        countries.iter().any(|code| self.0[1..].starts_with(code.as_str()))
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

/// A number as people in Viet Nam write it, `0912 345 678`; one of another country, and what is no number, as it is.
pub fn as_written(e164: &str) -> String {
    let national = e164.strip_prefix("+84").filter(|rest| is_vietnamese(rest));
    // A mobile number has nine digits behind the zero, three for its network; a landline ten, two for its province.
    let parts = national.and_then(|rest| {
        let first = if rest.len() == 9 { 3 } else { 2 };
        let (start, rest) = rest.split_at_checked(first)?;
        let (middle, end) = rest.split_at_checked(rest.len() / 2)?;
        Some(format!("0{start} {middle} {end}"))
    });
    parts.unwrap_or_else(|| e164.to_owned())
}

/// A code of 6 digits, wiped when dropped and never printed by accident.
#[derive(Clone)]
pub struct PhoneCode(Zeroizing<String>);

impl PhoneCode {
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let digit = |_| char::from(b'0' + rng.random_range(0..10u8));
        Self(Zeroizing::new((0..CODE_DIGITS).map(digit).collect()))
    }

    /// What a person typed or pasted.
    pub fn parse(typed: &str) -> Option<Self> {
        digits(typed, CODE_DIGITS).map(Self)
    }

    /// The code itself, for the message.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps of it: bound to the telephone, under a key that is not there.
    pub fn hash(&self, phone: &Phone, key: &SecretBytes<32>) -> KeyedHash {
        self.hash_for(b"phone-code\0", phone, key)
    }

    /// The same of a code for a new password: one that was sent for a registration does not do.
    pub fn reset_hash(&self, phone: &Phone, key: &SecretBytes<32>) -> KeyedHash {
        self.hash_for(b"phone-reset\0", phone, key)
    }

    /// The same of a code for another telephone of a venue.
    pub fn change_hash(&self, phone: &Phone, key: &SecretBytes<32>) -> KeyedHash {
        self.hash_for(b"phone-change\0", phone, key)
    }

    fn hash_for(&self, purpose: &[u8], phone: &Phone, key: &SecretBytes<32>) -> KeyedHash {
        let parts = [purpose, phone.0.as_bytes(), b"\0", self.0.as_bytes()];
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
    fn pages_show_numbers_as_people_write_them() {
        for (number, shown) in [
            ("+84912345678", "0912 345 678"),
            ("+842438261234", "024 3826 1234"),
            ("+14155552671", "+14155552671"),
            ("+841", "+841"),
            ("mai", "mai"),
        ] {
            assert_eq!(as_written(number), shown);
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (typed, read) in [
            ("0912 345 678", "+84912345678"),
            ("(024) 3826-1234", "+842438261234"),
            ("+84 912.345.678", "+84912345678"),
            ("+84 0912 345 678", "+84912345678"),
            ("+1 415 555 2671", "+14155552671"),
            ("84912345678", "+84912345678"),
            ("0084912345678", "+84912345678"),
            ("00 84 0912 345 678", "+84912345678"),
            ("\u{ff10}\u{ff19}\u{ff11}\u{ff12} 345 678", "+84912345678"),
            ("\u{ff0b}84912345678", "+84912345678"),
            ("\u{202a}+84 912\u{2011}345\u{2011}678\u{202c}", "+84912345678"),
            ("\u{200e}0912\u{2010}345\u{2013}678", "+84912345678"),
            ("0912\u{a0}345\u{202f}678", "+84912345678"),
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
            "84 91234",
            "+84 91 234 56",
            "0912+345678",
            "0912345678 / 0987654321",
            "0912345678 ext 1",
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
        for bad in ["", "12345", "1234567", "12345a"] {
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
