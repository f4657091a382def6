//! Revision tokens: what lets a person's device revise the keys that it published, and no one
//! else. Sealed under the server's key, so that the server needs to remember no upload.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::seal::{self, SealKey};

use super::base64_any;
use vungxanh_protocol::diagnosis_key::DiagnosisKey;

const LABEL: &str = "VX-REVISION-1";
/// Key, start (u32) and period (u8).
const ENTRY_BYTES: usize = KEY_BYTES + 5;
/// A token names at most this many keys: those of two publications.
const MAX_ENTRIES: usize = 100;

/// A key that may be revised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevisableKey {
    /// The key bytes.
    pub key: [u8; KEY_BYTES],
    pub rolling_start: u32,
    pub rolling_period: u8,
}

impl From<&DiagnosisKey> for RevisableKey {
    fn from(key: &DiagnosisKey) -> Self {
        Self {
            key: key.key,
            rolling_start: key.rolling_start.number(),
            // A rolling period is at most 144.
            rolling_period: u8::try_from(key.rolling_period.intervals()).unwrap_or(u8::MAX),
        }
    }
}

/// The token is not one of this server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the revision token is not valid")]
pub struct InvalidToken;

/// Seals the keys for the authority `id`. The newest 100 fit.
pub fn seal(
    keys: &[RevisableKey],
    id: &str,
    key: &SealKey,
    rng: &mut impl rand::CryptoRng,
) -> String {
    let mut newest = keys.to_vec();
    newest.sort_by_key(|key| std::cmp::Reverse(key.rolling_start));
    newest.truncate(MAX_ENTRIES);
    let mut plain = Vec::with_capacity(newest.len() * ENTRY_BYTES);
    for entry in newest {
        plain.extend_from_slice(&entry.key);
        plain.extend_from_slice(&entry.rolling_start.to_le_bytes());
        plain.push(entry.rolling_period);
    }
    BASE64_STANDARD.encode(seal::seal(key, LABEL, id.as_bytes(), &plain, rng))
}

/// Opens a token that this server sealed for the authority `id`.
pub fn open(token: &str, id: &str, key: &SealKey) -> Result<Vec<RevisableKey>, InvalidToken> {
    if token.len() > 2 * MAX_ENTRIES * ENTRY_BYTES {
        return Err(InvalidToken);
    }
    let sealed = base64_any::decode(token).ok_or(InvalidToken)?;
    let plain = seal::open(key, LABEL, id.as_bytes(), &sealed).map_err(|_| InvalidToken)?;
    plain.chunks(ENTRY_BYTES).map(|entry| read_entry(entry).ok_or(InvalidToken)).collect()
}

fn read_entry(entry: &[u8]) -> Option<RevisableKey> {
    let (key, rest) = entry.split_first_chunk()?;
    let (start, rest) = rest.split_first_chunk()?;
    let [rolling_period] = rest else { return None };
    Some(RevisableKey {
        key: *key,
        rolling_start: u32::from_le_bytes(*start),
        rolling_period: *rolling_period,
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn round_trip_bounds_and_context() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(3);
        let key = SealKey::new([9; 32]);
        let entry = |n: u8| RevisableKey {
            key: [n; 16],
            rolling_start: u32::from(n) * 36,
            rolling_period: 36,
        };
        let keys: Vec<_> = (0..150).rev().map(entry).collect();
        let token = seal(&keys, "vn.hanoi", &key, &mut rng);
        assert_eq!(open(&token, "vn.hanoi", &key).unwrap(), &keys[..MAX_ENTRIES]);
        assert!(token.len() < 3_000, "fits the constant reply");
        assert_eq!(open(&token, "vn.hue", &key), Err(InvalidToken));
        assert_eq!(open(&token, "vn.hanoi", &SealKey::new([8; 32])), Err(InvalidToken));
        assert_eq!(open("", "vn.hanoi", &key), Err(InvalidToken));
        assert_eq!(open(&token[4..], "vn.hanoi", &key), Err(InvalidToken));
    }
}
