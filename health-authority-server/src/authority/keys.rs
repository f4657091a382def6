//! The authority's secret keys, as files of `keys/` that only their owner can read.
//!
//! | file | key |
//! |---|---|
//! | `root.key` | Ed25519, signs the authority document; hex. Not needed by `serve`: keep it offline |
//! | `export.pem`, `export-N.pem` | ECDSA P-256, sign export files; PKCS #8: [`crate::authority::export_keys`] |
//! | `certificate.pem` | ECDSA P-256, signs certificates; PKCS #8 |
//! | `server.key` | 32 bytes that code hashes and revision tokens are derived from; hex |
//! | `staff-api-key.sha256` | SHA-256 of the first API key of staff's programs; others are in the database; hex |
//! | `messages-webhook.secret` | what the message gateway knows the server by; made by the operator |
//!
//! Those for venues are in [`crate::authority::venue_keys`].

use std::ops::RangeInclusive;
use std::path::Path;

use ed25519_dalek::SigningKey as RootKey;
use p256::ecdsa::SigningKey;
use p256::elliptic_curve::Generate;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::seal::SealKey;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use crate::authority::error::FileError;
use crate::authority::export_keys::{self, ExportKeys};
use crate::authority::folder::Folder;
use crate::authority::key_files::{pem, read, read_hex, read_pem};
use crate::domain::api_keys::{ApiKeyHash, ApiKeySecret};
use crate::i18n::Text;
use crate::platform::atomic_file::{make_private_folder, write_new_secret};

const ROOT: &str = "root.key";
const CERTIFICATE: &str = "certificate.pem";
const SERVER: &str = "server.key";
const STAFF: &str = "staff-api-key.sha256";
const WEBHOOK: &str = "messages-webhook.secret";
const WEBHOOK_SECRET_CHARACTERS: RangeInclusive<usize> = 16..=256;

/// The keys that a running server needs.
pub struct ServerKeys {
    pub export: ExportKeys,
    pub certificate: SigningKey,
    /// Signs the certificates of dummy uploads, which are never accepted. Lives as long as the process.
    pub dummy: SigningKey,
    /// Under which codes, tokens and request ids are hashed.
    pub code_hash: SecretBytes<32>,
    /// Under which revision tokens are sealed.
    pub revision: SealKey,
    /// Under which sessions, invitations, telephone numbers and their codes are hashed.
    pub account_hash: SecretBytes<32>,
    /// Under which secrets of authenticator apps and displays, and unfinished registrations, are
    /// sealed.
    pub account_seal: SealKey,
    /// Under which logins and telephone numbers are hashed while attempts at them are counted.
    pub attempt_hash: SecretBytes<32>,
    /// Under which visits are hashed that shares were asked for.
    pub visit_hash: SecretBytes<32>,
    /// Under which displays' secrets and shares in advance are sealed.
    pub venue_seal: SealKey,
    /// The hash of the first API key, which `init` made.
    pub first_api_key: ApiKeyHash,
}

/// Fresh keys: what `init` makes, and the one secret that it shows.
pub struct FreshKeys {
    /// Signs the authority document.
    pub root: RootKey,
    /// For the staff's programs; only its hash is stored.
    pub staff_api_key: Zeroizing<String>,
}

/// Makes all keys and writes them. Fails when one exists.
pub fn create(folder: &Folder, rng: &mut impl rand::CryptoRng) -> Result<FreshKeys, FileError> {
    let keys = folder.keys();
    make_private_folder(&keys).map_err(FileError::io(&keys))?;
    let write = |name: &str, content: &str| {
        let path = keys.join(name);
        write_new_secret(&path, content.as_bytes()).map_err(FileError::io(&path))
    };
    let root = RootKey::from_bytes(SecretBytes::<32>::generate(rng).expose());
    write(ROOT, &line(&root.to_bytes()))?;
    export_keys::create_first(&keys, rng)?;
    write(CERTIFICATE, &pem(&SigningKey::generate_from_rng(rng), &keys.join(CERTIFICATE))?)?;
    write(SERVER, &line(SecretBytes::<32>::generate(rng).expose()))?;
    let staff_api_key = ApiKeySecret::generate(rng);
    write(STAFF, &line(&staff_api_key.hash()))?;
    Ok(FreshKeys { root, staff_api_key: staff_api_key.into_text() })
}

/// The root key, for signing the document again.
pub fn read_root(folder: &Folder) -> Result<RootKey, FileError> {
    read_root_file(&folder.keys().join(ROOT))
}

/// The root key in a file elsewhere.
pub fn read_root_file(path: &Path) -> Result<RootKey, FileError> {
    Ok(RootKey::from_bytes(read_hex(path)?.expose()))
}

/// Since when the certificate key is in its file.
pub fn certificate_since(folder: &Folder) -> Option<UnixTime> {
    let changed = std::fs::metadata(folder.keys().join(CERTIFICATE)).ok()?.modified().ok()?;
    let since_epoch = changed.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(UnixTime::from_secs(since_epoch.as_secs()))
}

/// What the message gateway knows the server by.
pub fn read_webhook_secret(folder: &Folder) -> Result<Zeroizing<String>, FileError> {
    let path = folder.keys().join(WEBHOOK);
    let secret = Zeroizing::new(read(&path)?.trim().to_owned());
    let valid = WEBHOOK_SECRET_CHARACTERS.contains(&secret.len())
        && secret.bytes().all(|b| b.is_ascii_graphic());
    if valid {
        return Ok(secret);
    }
    let reason = Text::ours("error-key-webhook")
        .with("least", WEBHOOK_SECRET_CHARACTERS.start())
        .with("most", WEBHOOK_SECRET_CHARACTERS.end());
    Err(FileError::Content { path, reason })
}

impl ServerKeys {
    pub fn read(folder: &Folder, rng: &mut impl rand::CryptoRng) -> Result<Self, FileError> {
        let keys = folder.keys();
        let server = read_hex(&keys.join(SERVER))?;
        let derive = |label: &[u8]| SecretBytes::new(hmac_sha256(server.expose(), &[label]));
        Ok(Self {
            export: ExportKeys::read(folder)?,
            certificate: read_pem(&keys.join(CERTIFICATE))?,
            dummy: SigningKey::generate_from_rng(rng),
            code_hash: derive(b"VX-SERVER-CODES"),
            revision: derive(b"VX-SERVER-REVISION"),
            account_hash: derive(b"VX-SERVER-ACCOUNTS"),
            account_seal: derive(b"VX-SERVER-ACCOUNT-SECRETS"),
            attempt_hash: derive(b"VX-SERVER-ATTEMPTS"),
            visit_hash: derive(b"VX-SERVER-VISITS"),
            venue_seal: derive(b"VX-SERVER-VENUE-SECRETS"),
            first_api_key: *read_hex(&keys.join(STAFF))?.expose(),
        })
    }
}

impl std::fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKeys(..)")
    }
}

fn line(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut line = Zeroizing::new(hex::encode(bytes));
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api_keys::shown_hash;

    #[test]
    fn written_keys_are_private_read_back_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        let fresh = create(&folder, &mut rand::rng()).unwrap();
        for entry in std::fs::read_dir(folder.keys()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let keys = ServerKeys::read(&folder, &mut rand::rng()).unwrap();
        assert_eq!(shown_hash(fresh.staff_api_key.as_bytes()), Some(keys.first_api_key));
        assert_eq!(keys.export.all().count(), 1);
        assert_eq!(read_root(&folder).unwrap(), fresh.root);
        assert_eq!(format!("{keys:?}"), "ServerKeys(..)");
        assert!(create(&folder, &mut rand::rng()).is_err());
    }
}
