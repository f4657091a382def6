//! Issuing posters: what a unit's poster has to say, and whether the one it has still says so.

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::party::PartyKey;
use vungxanh_protocol::venue::poster::{PosterContent, UnverifiedPoster};

use super::typed::letters_and_digits;
use super::venues::{UnitId, Ward};

/// Posters are named by the first half of their payload's SHA-256.
pub type Fingerprint = [u8; 16];

/// The 8 characters that stand on a poster: the beginning of its fingerprint in hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PosterCharacters([u8; 4]);

impl PosterCharacters {
    /// As somebody reads them out: small or capital, with blanks or hyphens. None of anything else.
    pub fn read(typed: &str) -> Option<Self> {
        let text = letters_and_digits(typed)?;
        let mut bytes = [0; 4];
        hex::decode_to_slice(text.as_bytes(), &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The first and the last fingerprint that begin with them.
    pub fn range(self) -> (Fingerprint, Fingerprint) {
        let [mut first, mut last] = [[0; 16], [u8::MAX; 16]];
        first[..4].copy_from_slice(&self.0);
        last[..4].copy_from_slice(&self.0);
        (first, last)
    }

    /// Of a fingerprint, as the poster shows them.
    pub fn of(fingerprint: &Fingerprint) -> String {
        hex::encode(&fingerprint[..4])
    }
}

/// What signs posters: one of the authority's keys for venues.
#[derive(Clone)]
pub struct PosterSigner {
    /// By which number posters name the key.
    pub key_id: u8,
    pub key: SigningKey,
    /// Until when the key is valid; no poster is valid longer.
    pub not_after: UnixTime,
}

impl std::fmt::Debug for PosterSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PosterSigner({}, ..)", self.key_id)
    }
}

/// How posters are issued.
#[derive(Debug, Clone)]
pub struct Issuer {
    pub signer: PosterSigner,
    /// How long a poster is valid, in days.
    pub days: u32,
}

/// A poster that ends within so many days is to be replaced.
const RENEW_DAYS: u32 = 30;

/// How far a unit's present poster is, by its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PosterState {
    /// The unit has no poster.
    Missing,
    Expired,
    /// Valid for [`RENEW_DAYS`] at most.
    Ending,
    Valid,
}

impl PosterState {
    /// The state on `today` of a poster whose first day without validity is `expires`.
    pub fn on(today: UtcDay, expires: Option<UtcDay>) -> Self {
        match expires {
            None => Self::Missing,
            Some(expires) if today >= expires => Self::Expired,
            Some(expires) if today.plus(RENEW_DAYS) >= expires => Self::Ending,
            Some(_) => Self::Valid,
        }
    }

    /// Its name in ids of texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "none",
            Self::Expired => "expired",
            Self::Ending => "ending",
            Self::Valid => "valid",
        }
    }
}

/// What a poster is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    pub unit: UnitId,
    pub venue_name: String,
    pub unit_name: String,
    pub street: String,
    pub ward: Ward,
    /// After how long a visit ends by itself, in steps of 5 minutes.
    pub default_stay: u8,
    /// The venue's half of what visits are sealed to.
    pub venue_key: PartyKey,
    /// The venue hands its shares over in advance.
    pub shares_in_advance: bool,
    /// What signs the codes of its display, where it has one instead of paper.
    pub display_key: Option<VerifyingKey>,
}

/// A poster as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub fingerprint: Fingerprint,
    /// What the code holds.
    pub payload: Vec<u8>,
    /// First day of validity.
    pub not_before: UtcDay,
    /// First day after its validity.
    pub expires: UtcDay,
}

pub fn fingerprint(payload: &[u8]) -> Fingerprint {
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&Sha256::digest(payload)[..16]);
    fingerprint
}

impl Issuer {
    /// A fresh poster, valid from today.
    pub fn issue(
        &self,
        printed: &Printed,
        now: UnixTime,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Issued, VenueError> {
        let seed = SecretBytes::<16>::generate(rng);
        // Valid from the day before: a phone's clock may be behind, and days count in UTC.
        let not_before = now.day().minus(1);
        let expires = now.day().plus(self.days).min(self.signer.not_after.day());
        let content = self.content(printed, not_before, expires, *seed.expose());
        let payload = content.sign(&self.signer.key)?;
        Ok(Issued { fingerprint: fingerprint(&payload), payload, not_before, expires })
    }

    /// Whether `payload` says what a poster issued now would say, but for its seed and days, and is
    /// valid for at least another day.
    pub fn still_right(&self, payload: &[u8], printed: &Printed, now: UnixTime) -> bool {
        let Ok(poster) = UnverifiedPoster::read(payload) else { return false };
        let found = poster.unverified_content();
        let wanted = self.content(printed, found.not_before, found.expires, found.seed);
        *found == wanted && now.day().plus(1) < found.expires
    }

    fn content(
        &self,
        printed: &Printed,
        not_before: UtcDay,
        expires: UtcDay,
        seed: [u8; 16],
    ) -> PosterContent {
        PosterContent {
            shares_in_advance: printed.shares_in_advance,
            default_stay: printed.default_stay,
            authority_key_id: self.signer.key_id,
            not_before,
            expires,
            ward: printed.ward.code,
            seed,
            venue_key: printed.venue_key,
            name: printed.venue_name.clone(),
            unit: printed.unit_name.clone(),
            street: printed.street.clone(),
            display_key: printed.display_key,
        }
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::venue::party::PartySecret;

    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_630_476_000);

    #[test]
    fn the_characters_of_a_poster_are_read_as_people_say_them() {
        let fingerprint: Fingerprint = std::array::from_fn(|index| 0xa0 + index as u8);
        let typed = PosterCharacters::of(&fingerprint);
        assert_eq!(typed, "a0a1a2a3");
        for said in ["a0a1a2a3", " A0A1 a2-a3. "] {
            let (first, last) = PosterCharacters::read(said).unwrap().range();
            assert!(first <= fingerprint && fingerprint <= last, "{said}");
            assert_eq!((first[4..].iter().max(), last[4..].iter().min()), (Some(&0), Some(&255)));
        }
        for other in ["", "a0a1a2a", "a0a1a2a3a", "a0a1a2ag", "chợ a0a1"] {
            assert_eq!(PosterCharacters::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_poster_is_to_be_replaced_from_30_days_before_its_end() {
        let today = NOW.day();
        assert_eq!(PosterState::on(today, None), PosterState::Missing);
        for (days, state) in [
            (0, PosterState::Expired),
            (1, PosterState::Ending),
            (30, PosterState::Ending),
            (31, PosterState::Valid),
        ] {
            assert_eq!(PosterState::on(today, Some(today.plus(days))), state, "{days}");
        }
    }

    fn issuer() -> Issuer {
        let signer = PosterSigner {
            key_id: 3,
            key: SigningKey::from_bytes(&[7; 32]),
            not_after: NOW.plus(100 * 86_400),
        };
        Issuer { signer, days: 365 }
    }

    fn printed() -> Printed {
        Printed {
            unit: 1,
            venue_name: "Chợ Đồng Xuân".into(),
            unit_name: "Tầng 1".into(),
            street: "".into(),
            ward: Ward { code: 37, name: "Đồng Xuân".into() },
            default_stay: 12,
            venue_key: PartySecret::generate(&mut rand::rng()).public_key(),
            shares_in_advance: false,
            display_key: None,
        }
    }

    #[test]
    fn a_poster_says_what_is_registered_and_ends_with_the_key() {
        let (issuer, printed) = (issuer(), printed());
        let issued = issuer.issue(&printed, NOW, &mut rand::rng()).unwrap();
        let poster = UnverifiedPoster::read(&issued.payload).unwrap();
        let content = poster.unverified_content();
        assert_eq!((content.ward, content.authority_key_id), (37, 3));
        assert_eq!(content.name, printed.venue_name);
        assert_eq!(content.expires, NOW.day().plus(100));
        let again = issuer.issue(&printed, NOW, &mut rand::rng()).unwrap();
        assert_ne!(again.fingerprint, issued.fingerprint, "each has a seed of its own");
    }

    #[test]
    fn any_change_makes_a_poster_wrong() {
        let (issuer, printed) = (issuer(), printed());
        let payload = issuer.issue(&printed, NOW, &mut rand::rng()).unwrap().payload;
        assert!(issuer.still_right(&payload, &printed, NOW));
        let changes: [fn(&mut Printed); 8] = [
            |p| p.venue_name.push('!'),
            |p| p.unit_name.push('!'),
            |p| p.street.push('!'),
            |p| p.ward.code += 1,
            |p| p.default_stay += 1,
            |p| p.shares_in_advance = true,
            |p| p.display_key = Some(SigningKey::from_bytes(&[9; 32]).verifying_key()),
            |p| p.venue_key = PartySecret::generate(&mut rand::rng()).public_key(),
        ];
        for change in changes {
            let mut changed = printed.clone();
            change(&mut changed);
            assert!(!issuer.still_right(&payload, &changed, NOW), "{changed:?}");
        }
        assert!(!issuer.still_right(&payload, &printed, NOW.plus(99 * 86_400)));
        assert!(!issuer.still_right(b"", &printed, NOW));
        let mut newer = issuer;
        newer.signer.key_id += 1;
        assert!(!newer.still_right(&payload, &printed, NOW));
    }
}
