//! Codes of authenticator apps: RFC 6238 with SHA-1, 6 digits, 30 seconds, which is what all apps read.

use std::fmt;

use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::typed::{digits, letters_and_digits};

/// Bytes of a secret (RFC 4226 section 4 recommends 160 bits).
pub const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;
const CODE_DIGITS: usize = 6;

/// What an authenticator app shares with the server.
#[derive(Clone)]
pub struct TotpSecret(SecretBytes<SECRET_BYTES>);

impl TotpSecret {
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(SecretBytes::generate(rng))
    }

    /// From its bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        SecretBytes::from_slice(bytes).map(Self)
    }

    /// Its bytes, for sealing them.
    pub const fn expose(&self) -> &[u8; SECRET_BYTES] {
        self.0.expose()
    }

    /// In Base32, for typing it into an app.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(self.library_secret().to_base32())
    }

    /// What an app reads from a QR code.
    pub fn to_url(&self, issuer: &str, login: &str) -> Zeroizing<String> {
        let (issuer, login) = (percent_encoded(issuer), percent_encoded(login));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}",
            *self.to_base32()
        ))
    }

    /// The step whose code was typed: the present one or a neighbour, later than `last_step`, so
    /// that no code works twice.
    pub fn accepts(&self, typed: &str, last_step: u64, now: UnixTime) -> Option<u64> {
        let typed = letters_and_digits(typed)?;
        let present = now.as_secs() / STEP_SECONDS;
        let steps = present.saturating_sub(1)..=present.saturating_add(1);
        steps
            .filter(|step| *step > last_step)
            .find(|step| self.code(*step).as_bytes().ct_eq(typed.as_bytes()).into())
    }

    /// Whether what was typed has the form of a code.
    pub fn is_code(typed: &str) -> bool {
        digits(typed, CODE_DIGITS).is_some()
    }

    /// The code of a step of 30 seconds since 1970.
    pub fn code(&self, step: u64) -> Zeroizing<String> {
        let totp = Builder::new().with_secret(self.library_secret()).build_noncompliant();
        Zeroizing::new(totp.generate(step.saturating_mul(STEP_SECONDS)).to_string())
    }

    fn library_secret(&self) -> Secret {
        Secret::new(Box::from(&self.0.expose()[..]))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            b if b.is_ascii_alphanumeric() => encoded.push(char::from(b)),
            b => encoded.push_str(&format!("%{b:02X}")),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> TotpSecret {
        TotpSecret::from_slice(b"12345678901234567890").unwrap()
    }

    /// RFC 6238 appendix B, the last 6 of 8 digits.
    #[test]
    fn published_codes() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(*rfc().code(seconds / 30), code);
        }
    }

    #[test]
    fn neighbouring_steps_are_taken_and_none_twice() {
        let now = UnixTime::from_secs(1_111_111_111);
        let step = now.as_secs() / 30;
        for offset in [0, 1, 2] {
            let step = step - 1 + offset;
            let code = rfc().code(step);
            assert_eq!(rfc().accepts(&code, 0, now), Some(step));
            assert_eq!(rfc().accepts(&code, step, now), None);
        }
        assert_eq!(rfc().accepts(&rfc().code(step - 2), 0, now), None);
        assert_eq!(rfc().accepts(&rfc().code(step + 2), 0, now), None);
        assert_eq!(rfc().accepts("", 0, now), None);
        assert_eq!(rfc().accepts("050 471", 0, now), Some(step));
    }

    #[test]
    fn what_an_app_is_given() {
        let url = rfc().to_url("Sở Y tế", "+84912345678");
        assert_eq!(
            *url,
            "otpauth://totp/S%E1%BB%9F%20Y%20t%E1%BA%BF:%2B84912345678\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=S%E1%BB%9F%20Y%20t%E1%BA%BF"
        );
        assert_eq!(format!("{:?}", rfc()), "TotpSecret(..)");
    }
}
