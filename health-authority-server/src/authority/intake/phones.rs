//! The secrets of a day's telephone codes: `phone-<day>-<id>.key` holds what issues tokens and proves
//! numbers, 64 bytes, and the key under which numbers are hashed, 32 bytes, all in hexadecimal digits.

use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::phone::{DayPhoneKey, PhoneIssuer, SESSION_BYTES};
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::{IntakeFolder, damaged, read_optional};
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::domain::codes::KeyedHash;
use crate::domain::phone::{Phone, PhoneCode};
use crate::i18n::Text;
use crate::platform::atomic_file::write_new_secret;

const SECRETS_BYTES: usize = 64 + 32;

/// The secrets of a day.
pub struct DaySecrets {
    pub issuer: PhoneIssuer,
    /// Under which numbers, sessions and codes are hashed.
    hash: SecretBytes<32>,
}

impl DaySecrets {
    fn generate() -> Self {
        let rng = &mut rand::rng();
        Self { issuer: PhoneIssuer::generate(rng), hash: SecretBytes::generate(rng) }
    }

    /// What the database keeps of a number.
    pub fn phone_hash(&self, phone: &Phone) -> KeyedHash {
        self.hashed(&[b"phone\0", phone.as_str().as_bytes()])
    }

    /// What it keeps of who asked.
    pub fn request_hash(&self, phone: &Phone, session: &[u8; SESSION_BYTES]) -> KeyedHash {
        self.hashed(&[b"request\0", session, phone.as_str().as_bytes()])
    }

    /// What it keeps of the code.
    pub fn code_hash(&self, phone: &Phone, code: &PhoneCode) -> KeyedHash {
        code.hash(phone, &self.hash)
    }

    fn hashed(&self, parts: &[&[u8]]) -> KeyedHash {
        hmac_sha256(self.hash.expose(), parts)
    }
}

/// Fresh secrets of a day, written; what is published of them.
pub(super) fn make(folder: &IntakeFolder, day: u16, id: u8) -> Result<DayPhoneKey, FileError> {
    let secrets = DaySecrets::generate();
    let mut line = Zeroizing::new(hex::encode(secrets.issuer.to_bytes().expose()));
    line.push_str(&Zeroizing::new(hex::encode(secrets.hash.expose())));
    line.push('\n');
    let path = folder.phone_key(day, id);
    write_new_secret(&path, line.as_bytes()).map_err(FileError::io(&path))?;
    Ok(secrets.issuer.public(day, id))
}

/// The secrets of a published key; none when they were destroyed or are of another key.
pub fn phone_secrets(folder: &Folder, key: &DayPhoneKey) -> Result<Option<DaySecrets>, FileError> {
    let read = read(&IntakeFolder::of(folder), key.day(), key.id())?;
    Ok(read.filter(|secrets| secrets.issuer.public(key.day(), key.id()) == *key))
}

fn read(folder: &IntakeFolder, day: u16, id: u8) -> Result<Option<DaySecrets>, FileError> {
    let path = folder.phone_key(day, id);
    let Some(text) = read_optional(&path)?.map(Zeroizing::new) else { return Ok(None) };
    let mut bytes = Zeroizing::new([0u8; SECRETS_BYTES]);
    hex::decode_to_slice(text.trim_ascii_end(), &mut bytes[..])
        .map_err(|_| damaged(&path, Text::ours("error-key-hex")))?;
    let (issuer, hash) = bytes.split_at(64);
    let parts = SecretBytes::<64>::from_slice(issuer).zip(SecretBytes::<32>::from_slice(hash));
    let (issuer, hash) = parts.ok_or(damaged(&path, Text::ours("error-key-hex")))?;
    let issuer =
        PhoneIssuer::from_bytes(&issuer).map_err(|error| damaged(&path, Text::foreign(error)))?;
    Ok(Some(DaySecrets { issuer, hash }))
}
