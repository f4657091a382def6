//! An authenticator app on a telephone.

use health_authority_server::domain::totp::{SECRET_BYTES, TotpSecret};
use vungxanh_protocol::interval::UnixTime;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_SECONDS: u64 = 30;

pub struct Authenticator {
    secret: TotpSecret,
    last_step: u64,
}

impl Authenticator {
    /// With the secret that a page shows, in Base32 (RFC 4648).
    pub fn of(shown: &str) -> Self {
        let letters = shown.chars().filter(|letter| !letter.is_whitespace());
        let mut bits = letters.flat_map(|letter| {
            let value = LETTERS.find(letter).unwrap_or_else(|| panic!("{shown}"));
            (0..5).rev().map(move |bit| value >> bit & 1)
        });
        let bytes: [u8; SECRET_BYTES] = std::array::from_fn(|_| {
            bits.by_ref().take(8).fold(0, |byte, bit| byte << 1 | u8::try_from(bit).unwrap())
        });
        Self { secret: TotpSecret::from_slice(&bytes).unwrap(), last_step: 0 }
    }

    /// A code that was not given out before and is taken at `now`: one of three.
    pub fn code(&mut self, now: UnixTime) -> String {
        let present = now.as_secs() / STEP_SECONDS;
        self.last_step = (self.last_step + 1).max(present - 1);
        assert!(self.last_step <= present + 1, "time has to go on before another code");
        self.secret.code(self.last_step).to_string()
    }
}
