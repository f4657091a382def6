//! How keys are written as text.

use std::path::Path;

use p256::ecdsa::{SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use crate::authority::error::FileError;
use crate::i18n::Text;
use crate::platform::atomic_file::read_text;

/// A public key as the authority document names it.
pub(super) fn public_pem(key: &VerifyingKey) -> Result<String, FileError> {
    key.to_public_key_pem(LineEnding::LF)
        .map_err(|error| FileError::Refused(Text::ours("error-key-export").with("reason", error)))
}

pub(super) fn pem(key: &SigningKey, path: &Path) -> Result<Zeroizing<String>, FileError> {
    key.to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| FileError::Content { path: path.into(), reason: Text::foreign(error) })
}

pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, FileError> {
    Ok(Zeroizing::new(read_text(path).map_err(FileError::io(path))?))
}

pub(super) fn read_pem(path: &Path) -> Result<SigningKey, FileError> {
    SigningKey::from_pkcs8_pem(&read(path)?).map_err(|_| damaged(path, "error-key-pem"))
}

pub(super) fn read_hex(path: &Path) -> Result<SecretBytes<32>, FileError> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    hex::decode_to_slice(read(path)?.trim(), &mut bytes[..])
        .map_err(|_| damaged(path, "error-key-hex"))?;
    Ok(SecretBytes::new(*bytes))
}

fn damaged(path: &Path, id: &'static str) -> FileError {
    let reason = Text::ours("error-restore").with_text("reason", Text::ours(id));
    FileError::Content { path: path.to_owned(), reason }
}
