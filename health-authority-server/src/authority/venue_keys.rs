//! The authority's keys for venues, as files of `keys/`.
//!
//! | file | content |
//! |---|---|
//! | `venue-<id>.key` | the three secrets, a line of name and hexadecimal digits each: `sealing` (BLS12-381), `poster` and `warning` (Ed25519) |
//! | `venue-<id>.json` | what the authority document says of them: public keys, proof, validity |
//!
//! A generation counts as soon as the signed document names it, not before: devices would refuse
//! its posters and batches. Its secrets are retained after its validity, because visits that were
//! sealed to it are opened until they expire.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::keys::{MAX_VENUE_KEYS, VenueKey};
use vungxanh_protocol::venue::party::{Party, PartySecret, ProvenKey};
use zeroize::Zeroizing;

use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::{self, replace, sync_folder, write_new_secret};

/// How long a generation is valid. Posters must expire before it.
pub const VALID_DAYS: u64 = 2 * 365;
/// A further generation is used from this many days on, so that devices have the new document.
pub const LEAD_DAYS: u64 = 2;

/// When a generation is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub not_before: UnixTime,
    /// First moment after it.
    pub not_after: UnixTime,
}

impl Validity {
    /// [`VALID_DAYS`] from `start` on.
    pub const fn from(start: UnixTime) -> Self {
        Self { not_before: start, not_after: start.plus(VALID_DAYS * DAY_SECONDS) }
    }
}

/// One generation: three secrets and what the document says of them.
#[derive(Clone)]
pub struct AuthorityVenueKey {
    /// What the document says.
    pub public: VenueKey,
    /// The authority's half of slot keys.
    pub sealing: PartySecret,
    pub poster: SigningKey,
    /// Signs batches of warnings.
    pub warning: SigningKey,
    proven: ProvenKey,
    named: bool,
}

impl AuthorityVenueKey {
    /// The number by which posters name it.
    pub const fn id(&self) -> u8 {
        self.public.id
    }

    /// Whether the document names it and it is valid at `now`.
    pub fn is_usable(&self, now: UnixTime) -> bool {
        self.named && self.public.not_before <= now && now < self.public.not_after
    }

    /// Whether the signed document names it.
    pub const fn is_named(&self) -> bool {
        self.named
    }

    /// The public half of what visits are sealed to.
    pub const fn proven(&self) -> &ProvenKey {
        &self.proven
    }
}

impl std::fmt::Debug for AuthorityVenueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorityVenueKey").field("id", &self.public.id).finish_non_exhaustive()
    }
}

/// All generations, by id.
#[derive(Debug, Clone, Default)]
pub struct VenueKeys(Vec<AuthorityVenueKey>);

impl VenueKeys {
    /// Reads every generation in the folder. None is named by a document yet.
    pub fn read(folder: &Folder) -> Result<Self, FileError> {
        let mut keys = Vec::new();
        for id in ids(folder, "json")? {
            keys.push(read(folder, id)?);
        }
        Ok(Self(keys))
    }

    /// Marks those that `document` names as they are here.
    #[must_use]
    pub fn named_by(mut self, document: &AuthorityDocument) -> Self {
        for key in &mut self.0 {
            key.named = document.venue_keys.contains(&key.public);
            if !key.named {
                tracing::warn!(
                    id = key.id(),
                    "the authority document does not name this key for venues; run `resign`"
                );
            }
        }
        self
    }

    /// The generation for new posters and batches: of those usable at `now` the one that became
    /// valid last.
    pub fn newest(&self, now: UnixTime) -> Option<&AuthorityVenueKey> {
        let usable = self.0.iter().filter(|key| key.is_usable(now));
        usable.max_by_key(|key| (key.public.not_before, key.id()))
    }

    /// The generation with this id, whether or not it is still valid.
    pub fn with_id(&self, id: u8) -> Option<&AuthorityVenueKey> {
        self.0.iter().find(|key| key.id() == id)
    }

    pub fn all(&self) -> &[AuthorityVenueKey] {
        &self.0
    }

    /// What a document signed at `now` says: all that are not over yet.
    pub fn for_document(&self, now: UnixTime) -> Vec<VenueKey> {
        let valid = self.0.iter().filter(|key| now < key.public.not_after);
        valid.map(|key| key.public.clone()).collect()
    }
}

/// Makes a further generation and writes it. Nothing that exists is touched.
pub fn create(
    folder: &Folder,
    validity: Validity,
    rng: &mut impl rand::CryptoRng,
) -> Result<VenueKey, FileError> {
    let id = next_id(folder)?;
    let sealing = PartySecret::generate(rng);
    let [poster, warning] = [0, 1].map(|_| {
        let seed = SecretBytes::<32>::generate(rng);
        SigningKey::from_bytes(seed.expose())
    });
    let base64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let public = VenueKey {
        id,
        sealing_key: base64(&sealing.public_key().to_bytes()),
        proof: base64(&sealing.prove(Party::Authority).0),
        poster_key: base64(poster.verifying_key().as_bytes()),
        warning_key: base64(warning.verifying_key().as_bytes()),
        not_before: validity.not_before,
        not_after: validity.not_after,
    };
    let secrets = [
        ("sealing", sealing.to_bytes()),
        ("poster", SecretBytes::new(poster.to_bytes())),
        ("warning", SecretBytes::new(warning.to_bytes())),
    ];
    let mut text = Zeroizing::new(String::with_capacity(256));
    for (name, secret) in &secrets {
        let digits = Zeroizing::new(hex::encode(secret.expose()));
        for part in [*name, " ", digits.as_str(), "\n"] {
            text.push_str(part);
        }
    }
    let path = secret_path(folder, id);
    write_new_secret(&path, text.as_bytes()).map_err(FileError::io(&path))?;
    let path = public_path(folder, id);
    let json = serde_json::to_vec_pretty(&public).map_err(|error| content(&path, error))?;
    replace(&path, &json, 0o600).map_err(FileError::io(&path))?;
    sync_folder(&folder.keys()).map_err(FileError::io(folder.keys()))?;
    Ok(public)
}

/// One more than any id that was ever given, so that no poster names two keys.
fn next_id(folder: &Folder) -> Result<u8, FileError> {
    let (secrets, public) = (ids(folder, "key")?, ids(folder, "json")?);
    if public.len() >= MAX_VENUE_KEYS {
        return Err(FileError::Refused(
            Text::ours("error-venue-keys-many").with("most", MAX_VENUE_KEYS),
        ));
    }
    let last = secrets.iter().chain(&public).max().copied().unwrap_or(0);
    last.checked_add(1).ok_or_else(|| FileError::Refused(Text::ours("error-venue-key-ids")))
}

/// The ids in names `venue-<id>.<extension>`, ascending.
fn ids(folder: &Folder, extension: &str) -> Result<Vec<u8>, FileError> {
    let keys = folder.keys();
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(&keys).map_err(FileError::io(&keys))? {
        let name = entry.map_err(FileError::io(&keys))?.file_name();
        let id = name.to_str().and_then(|name| {
            let (id, found) = name.strip_prefix("venue-")?.split_once('.')?;
            id.parse::<u8>().ok().filter(|_| found == extension)
        });
        ids.extend(id);
    }
    ids.sort_unstable();
    Ok(ids)
}

fn read(folder: &Folder, id: u8) -> Result<AuthorityVenueKey, FileError> {
    let path = public_path(folder, id);
    let json = atomic_file::read(&path).map_err(FileError::io(&path))?;
    let public: VenueKey = serde_json::from_slice(&json).map_err(|error| content(&path, error))?;
    let proven = public.proven().map_err(|error| content(&path, error))?;
    let path = secret_path(folder, id);
    let text = Zeroizing::new(atomic_file::read_text(&path).map_err(FileError::io(&path))?);
    let secret = |name: &str| secret_of(&text, name);
    let [Some(sealing), Some(poster), Some(warning)] =
        [secret("sealing"), secret("poster"), secret("warning")]
    else {
        return Err(damaged(&path, Text::ours("error-venue-key-secrets")));
    };
    let sealing = PartySecret::from_bytes(&sealing).map_err(|error| content(&path, error))?;
    let [poster, warning] = [poster, warning].map(|seed| SigningKey::from_bytes(seed.expose()));
    let belongs = public.id == id
        && sealing.public_key() == *proven.sealing_key.key()
        && poster.verifying_key() == proven.poster_key
        && warning.verifying_key() == proven.warning_key;
    if !belongs {
        return Err(damaged(&path, Text::ours("error-venue-key-pair")));
    }
    let proven = proven.sealing_key;
    Ok(AuthorityVenueKey { public, sealing, poster, warning, proven, named: false })
}

fn secret_of(text: &str, name: &str) -> Option<SecretBytes<32>> {
    let digits = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    let mut bytes = Zeroizing::new([0u8; 32]);
    hex::decode_to_slice(digits, &mut bytes[..]).ok()?;
    Some(SecretBytes::new(*bytes))
}

fn secret_path(folder: &Folder, id: u8) -> PathBuf {
    folder.keys().join(format!("venue-{id}.key"))
}

fn public_path(folder: &Folder, id: u8) -> PathBuf {
    folder.keys().join(format!("venue-{id}.json"))
}

fn content(path: &Path, reason: impl std::fmt::Display) -> FileError {
    damaged(path, Text::foreign(reason))
}

fn damaged(path: &Path, reason: Text) -> FileError {
    let reason = Text::ours("error-restore").with_text("reason", reason);
    FileError::Content { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const START: UnixTime = UnixTime::from_secs(1_784_160_000);

    fn folder() -> (tempfile::TempDir, Folder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        std::fs::create_dir(folder.keys()).unwrap();
        (temporary, folder)
    }

    fn document(keys: Vec<VenueKey>) -> AuthorityDocument {
        let profile = crate::authority::disease_profile::ReadyMade::Covid19.json();
        let profile = crate::authority::disease_profile::Profile::from_json(profile).unwrap();
        AuthorityDocument {
            format: 1,
            id: "vn".into(),
            name: Default::default(),
            serial: 1,
            issued_at: START,
            expires_at: START.plus(1),
            root_key: String::new(),
            regions: vec!["VN".into()],
            exports: "v1/exports/".into(),
            export_keys: Vec::new(),
            warnings: "v1/warnings/".into(),
            tracing: profile.tracing,
            risk: profile.risk,
            venues: profile.venues,
            venue_keys: keys,
            advice: Default::default(),
            contacts: profile.contacts,
            declarations: None,
        }
    }

    #[test]
    fn generations_follow_each_other_once_the_document_names_them() {
        let (_temporary, folder) = folder();
        let mut rng = rand::rng();
        let first = create(&folder, Validity::from(START), &mut rng).unwrap();
        let later = START.plus(LEAD_DAYS * DAY_SECONDS);
        let second = create(&folder, Validity::from(later), &mut rng).unwrap();
        assert_eq!((first.id, second.id), (1, 2));
        let keys = VenueKeys::read(&folder).unwrap();
        assert!(keys.newest(START).is_none(), "no document names them");

        let only_first = keys.clone().named_by(&document(vec![first.clone()]));
        assert_eq!(only_first.newest(later).unwrap().id(), 1);
        let both = keys.for_document(START);
        assert_eq!(both, [first.clone(), second]);
        let keys = keys.named_by(&document(both));
        assert_eq!(keys.newest(START.minus(1)).map(AuthorityVenueKey::id), None);
        assert_eq!(keys.newest(START).unwrap().id(), 1);
        assert_eq!(keys.newest(later).unwrap().id(), 2);
        // Over: no longer published, still there for visits that were sealed to it.
        let over = first.not_after;
        assert!(!keys.with_id(1).unwrap().is_usable(over));
        assert_eq!(keys.for_document(over).len(), 1);
        assert!(keys.with_id(3).is_none());
    }

    #[test]
    fn files_are_private_and_secrets_do_not_print() {
        let (_temporary, folder) = folder();
        create(&folder, Validity::from(START), &mut rand::rng()).unwrap();
        for path in [secret_path(&folder, 1), public_path(&folder, 1)] {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let keys = VenueKeys::read(&folder).unwrap();
        assert_eq!(format!("{keys:?}"), "VenueKeys([AuthorityVenueKey { id: 1, .. }])");
        let public = std::fs::read_to_string(public_path(&folder, 1)).unwrap();
        let secrets = std::fs::read_to_string(secret_path(&folder, 1)).unwrap();
        for line in secrets.lines() {
            let digits = line.split_once(' ').unwrap().1;
            assert!(!public.contains(digits));
        }
    }

    #[test]
    fn damaged_or_mixed_up_files_are_refused_and_ids_never_used_again() {
        let (_temporary, folder) = folder();
        let mut rng = rand::rng();
        create(&folder, Validity::from(START), &mut rng).unwrap();
        create(&folder, Validity::from(START), &mut rng).unwrap();
        std::fs::copy(secret_path(&folder, 1), secret_path(&folder, 2)).unwrap();
        let error = VenueKeys::read(&folder).unwrap_err().to_string();
        assert!(error.contains("not those of the .json file"), "{error}");
        std::fs::write(secret_path(&folder, 2), "sealing 00\n").unwrap();
        let error = VenueKeys::read(&folder).unwrap_err().to_string();
        assert!(error.contains("three secrets"), "{error}");
        std::fs::remove_file(public_path(&folder, 2)).unwrap();
        assert_eq!(VenueKeys::read(&folder).unwrap().all().len(), 1);
        assert_eq!(create(&folder, Validity::from(START), &mut rng).unwrap().id, 3);
        for _ in 0..14 {
            create(&folder, Validity::from(START), &mut rng).unwrap();
        }
        let error = create(&folder, Validity::from(START), &mut rng).unwrap_err().to_string();
        assert!(error.contains("as many as a document can name"), "{error}");
    }
}
