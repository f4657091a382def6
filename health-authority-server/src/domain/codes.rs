//! Verification codes: what staff give to a positive person, by voice, message or QR.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngExt;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::seal::SealKey;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::verification_code::{
    CodeForm, LONG_CODE_CHARACTERS, SHORT_CODE_DIGITS, read_code,
};
use zeroize::Zeroizing;

use super::diagnosis::Diagnosis;

/// How long a short code is valid, in seconds.
pub const SHORT_SECONDS: u64 = 15 * 60;
/// How long a long code is valid, in seconds.
pub const LONG_SECONDS: u64 = 24 * 3_600;
/// How long the token is valid that a code is exchanged for, in seconds.
pub const TOKEN_SECONDS: u64 = 24 * 3_600;

/// Without 0, 1, l and o, which people mistake for each other. 32 characters: 80 bits a code.
const LONG_ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Which of the two kinds of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// 8 digits, 15 minutes.
    Short,
    /// 16 characters, 24 hours.
    Long,
}

impl CodeKind {
    /// How long codes of this kind are valid, in seconds.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Short => SHORT_SECONDS,
            Self::Long => LONG_SECONDS,
        }
    }
}

/// A verification code, wiped when dropped and never printed by accident.
#[derive(Clone)]
pub struct Code {
    text: Zeroizing<String>,
    kind: CodeKind,
}

/// The keyed hash under which a code, a token or a request id is stored.
pub type KeyedHash = [u8; 32];

impl Code {
    /// A fresh random code.
    pub fn generate(kind: CodeKind, rng: &mut impl rand::CryptoRng) -> Self {
        let text: String = match kind {
            CodeKind::Short => (0..SHORT_CODE_DIGITS)
                .map(|_| char::from(b'0' + rng.random_range(0..10u8)))
                .collect(),
            CodeKind::Long => (0..LONG_CODE_CHARACTERS)
                .map(|_| char::from(LONG_ALPHABET[rng.random_range(0..LONG_ALPHABET.len())]))
                .collect(),
        };
        Self { text: Zeroizing::new(text), kind }
    }

    /// Reads what a person typed, as the device does ([`read_code`]). `None` when it cannot be a
    /// code.
    pub fn parse(typed: &str) -> Option<Self> {
        let (form, text) = read_code(typed)?;
        let kind = match form {
            CodeForm::Short => CodeKind::Short,
            CodeForm::Long => CodeKind::Long,
        };
        Some(Self { text, kind })
    }

    /// The code itself, for the person.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Which kind of code.
    pub const fn kind(&self) -> CodeKind {
        self.kind
    }

    /// What the database keeps of it. Eight digits are soon tried out, so the hash is keyed.
    pub fn hash(&self, key: &SecretBytes<32>) -> KeyedHash {
        hmac_sha256(key.expose(), &[b"code\0", self.text.as_bytes()])
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({:?}, ..)", self.kind)
    }
}

/// What the database keeps of a token.
pub fn token_hash(token: &str, key: &SecretBytes<32>) -> KeyedHash {
    hmac_sha256(key.expose(), &[b"token\0", token.as_bytes()])
}

/// The shortest nonce that makes a token repeatable, in characters.
const MIN_NONCE_CHARACTERS: usize = 22;

/// The token that a code is exchanged for: random, or, for a client that sends a nonce, the same
/// each time, so that the exchange can be repeated when its reply was lost. Without code, nonce and
/// key nothing leads from one to the other.
pub fn new_token(
    code: &Code,
    nonce: &str,
    key: &SecretBytes<32>,
    rng: &mut impl rand::CryptoRng,
) -> String {
    let bytes = if nonce.len() >= MIN_NONCE_CHARACTERS {
        let parts = [&b"exchange\0"[..], code.text.as_bytes(), b"\0", nonce.as_bytes()];
        SecretBytes::new(hmac_sha256(key.expose(), &parts))
    } else {
        SecretBytes::generate(rng)
    };
    BASE64_URL_SAFE_NO_PAD.encode(bytes.expose())
}

/// The key under which a used token's row keeps what its certificate said: only who asks with the
/// same token for the same key list gets it again.
pub fn repeat_key(token: &str, ekeyhmac: &str, key: &SecretBytes<32>) -> SealKey {
    let parts = [&b"certificate\0"[..], token.as_bytes(), b"\0", ekeyhmac.as_bytes()];
    SealKey::new(hmac_sha256(key.expose(), &parts))
}

/// The longest id that staff give a request.
pub const MAX_UUID_CHARACTERS: usize = 64;

/// What the database keeps of a staff request's id.
pub fn request_id_hash(id: &str, key: &SecretBytes<32>) -> KeyedHash {
    hmac_sha256(key.expose(), &[b"request\0", id.as_bytes()])
}

/// How a code stands. By whom or when it was used is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    Unused,
    /// Exchanged for a token, whether that was used or not: nothing leads from one to the other.
    Used,
    Expired,
    /// Ended by staff before it was used.
    Revoked,
}

impl CodeState {
    /// Its name on the wire, and by which texts are found.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// By which number the audit log names a code: part of the keyed hash of its request's id, which staff
/// may have made of something that does not belong into a log.
pub fn log_number(request_hash: &KeyedHash) -> i64 {
    let [a, b, c, d, ..] = *request_hash;
    i64::from(u32::from_be_bytes([a, b, c, d]))
}

/// The id of the code for a line of a list: the same for the same telephone and diagnosis, whoever sends
/// the list and however often, and of no use to who does not have the key.
pub fn list_request_id(phone: &str, diagnosis: &Diagnosis, key: &SecretBytes<32>) -> String {
    let parts = [&b"list\0"[..], phone.as_bytes(), b"\0", &diagnosis.to_text().into_bytes()];
    let hash = hmac_sha256(key.expose(), &parts);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid_text(bytes, 8)
}

/// A random UUID (RFC 9562, version 4).
pub fn random_uuid(rng: &mut impl rand::CryptoRng) -> String {
    uuid_text(rng.random(), 4)
}

fn uuid_text(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// In groups of four, to be said and typed.
pub fn grouped(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn generated_codes_are_read_back_however_they_are_typed() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let key = SecretBytes::new([7; 32]);
        for kind in [CodeKind::Short, CodeKind::Long] {
            let code = Code::generate(kind, &mut rng);
            let typed = format!(" {}-{} ", &code.expose()[..4], &code.expose()[4..]);
            let read = Code::parse(&typed.to_uppercase()).unwrap();
            assert_eq!(read.kind(), kind);
            assert_eq!(read.hash(&key), code.hash(&key));
        }
    }

    #[test]
    fn pasted_codes() {
        let key = SecretBytes::new([7; 32]);
        let plain = Code::parse("12345678").unwrap();
        for pasted in [
            "1234\u{2013}5678",
            "12.34.56.78.",
            "1234\u{200b}5678",
            "\u{ff11}2345678",
            "(1234) 5678,",
        ] {
            let read = Code::parse(pasted).unwrap();
            assert_eq!(read.hash(&key), plain.hash(&key), "{pasted:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_code() {
        for text in ["", "1234567", "123456789", "1234567a", "12345678901234567", "abcdefgh"] {
            assert!(Code::parse(text).is_none(), "{text}");
        }
        assert!(Code::parse(&" ".repeat(1_000)).is_none());
    }

    #[test]
    fn a_line_of_a_list_has_one_id_and_another_line_another() {
        let key = SecretBytes::new([7; 32]);
        let diagnosis = Diagnosis::from_text("confirmed 18700 -").unwrap();
        let id = |phone: &str, diagnosis: &Diagnosis| list_request_id(phone, diagnosis, &key);
        let one = id("+84912345678", &diagnosis);
        assert_eq!(one, id("+84912345678", &diagnosis));
        assert_eq!((one.len(), &one[14..15]), (36, "8"), "{one}");
        assert_ne!(one, id("+84912345679", &diagnosis));
        assert_ne!(one, id("+84912345678", &Diagnosis::from_text("confirmed - 18700").unwrap()));
        let other = SecretBytes::new([8; 32]);
        assert_ne!(one, list_request_id("+84912345678", &diagnosis, &other));
    }

    #[test]
    fn debug_does_not_print_the_code() {
        let code = Code::parse("12345678").unwrap();
        assert_eq!(format!("{code:?}"), "Code(Short, ..)");
    }
}
