//! Posters: what a venue's QR code holds, signed by the authority.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer, SigningKey};

use super::VenueError;
use super::keys::ProvenVenueKey;
use super::party::{MasterKey, PartyKey};
use super::read::Reader;
use super::sealed::{SealedVisit, Visit};
use super::slot::{Hour, SlotDeriver};
use crate::interval::{UnixTime, UtcDay};

/// The version of the payload that this crate writes and reads.
pub const VERSION: u8 = 1;
/// What the poster key's signature is for.
pub const SIGNING_LABEL: &str = "VX-POSTER-1";
/// The longest name of a venue, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 96;
/// The longest name of a unit (floor, department), in bytes of UTF-8.
pub const MAX_UNIT_BYTES: usize = 64;
/// The longest street address, in bytes of UTF-8.
pub const MAX_STREET_BYTES: usize = 96;
/// The longest payload, in bytes.
pub const MAX_PAYLOAD_BYTES: usize =
    FIXED_BYTES + 3 + MAX_NAME_BYTES + MAX_UNIT_BYTES + MAX_STREET_BYTES + SIGNATURE_LENGTH;
/// The longest URL of a poster, in bytes.
pub const MAX_URL_BYTES: usize = 1_024;
/// The longest stay that is recorded, in seconds.
pub const MAX_STAY_SECONDS: u64 = 24 * 3_600;
const FIXED_BYTES: usize = 75;
const STAY_UNIT_MINUTES: u16 = 5;
const SHARES_IN_ADVANCE: u8 = 1;
const WHAT: &str = "the poster";

/// What a poster says.
#[derive(Clone, PartialEq, Eq)]
pub struct PosterContent {
    /// The venue has handed over shares in advance, so that warnings need not wait for it.
    pub shares_in_advance: bool,
    /// After how long a visit ends by itself, in units of 5 minutes, 1..=255.
    pub default_stay: u8,
    /// Which of the authority's venue keys it is sealed to and signed by.
    pub authority_key_id: u8,
    /// First day of validity.
    pub not_before: UtcDay,
    /// First day after its validity.
    pub expires: UtcDay,
    /// The ward's administrative code, below 2^24.
    pub ward: u32,
    /// Random, so that no slot can be guessed from a venue's name.
    pub seed: [u8; 16],
    /// The venue's half of what visits are sealed to.
    pub venue_key: PartyKey,
    /// The venue's name, 1..=[`MAX_NAME_BYTES`].
    pub name: String,
    /// Floor or department; may be empty.
    pub unit: String,
    /// Street address; may be empty.
    pub street: String,
}

impl PosterContent {
    /// The payload, signed. Refuses to sign what readers would refuse.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, VenueError> {
        let mut payload = self.encode()?;
        let signature = key.sign(&message(&payload));
        payload.extend_from_slice(&signature.to_bytes());
        UnverifiedPoster::read(&payload)?;
        Ok(payload)
    }

    /// After how many minutes a visit ends by itself.
    pub const fn default_stay_minutes(&self) -> u16 {
        self.default_stay as u16 * STAY_UNIT_MINUTES
    }

    fn encode(&self) -> Result<Vec<u8>, VenueError> {
        let malformed = |reason| VenueError::Malformed { what: WHAT, reason };
        let day = |day: UtcDay| {
            u16::try_from(day.number()).map_err(|_| malformed("a day is after the year 2149"))
        };
        let [high, ward @ ..] = self.ward.to_be_bytes();
        if high != 0 {
            return Err(malformed("the ward's code has more than 24 bits"));
        }
        let flags = if self.shares_in_advance { SHARES_IN_ADVANCE } else { 0 };
        let mut bytes = vec![VERSION, flags, self.default_stay, self.authority_key_id];
        bytes.extend_from_slice(&day(self.not_before)?.to_be_bytes());
        bytes.extend_from_slice(&day(self.expires)?.to_be_bytes());
        bytes.extend_from_slice(&ward);
        bytes.extend_from_slice(&self.seed);
        bytes.extend_from_slice(&self.venue_key.to_bytes());
        for text in [&self.name, &self.unit, &self.street] {
            let length = u8::try_from(text.len()).map_err(|_| malformed("a text is too long"))?;
            bytes.push(length);
            bytes.extend_from_slice(text.as_bytes());
        }
        Ok(bytes)
    }
}

impl fmt::Debug for PosterContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PosterContent(..)")
    }
}

/// A poster whose signature has not been looked at: for tools that compare it with the venue's
/// own key, never for checking in.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedPoster<'a> {
    content: PosterContent,
    payload: &'a [u8],
    signature: Signature,
}

impl<'a> UnverifiedPoster<'a> {
    /// Reads a payload of at most [`MAX_PAYLOAD_BYTES`].
    pub fn read(payload: &'a [u8]) -> Result<Self, VenueError> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(VenueError::Length { what: WHAT, bytes: payload.len() });
        }
        let mut reader = Reader::new(WHAT, payload);
        reader.version(VERSION)?;
        let flags = reader.byte()?;
        let content = PosterContent {
            shares_in_advance: flags & SHARES_IN_ADVANCE != 0,
            default_stay: reader.byte()?,
            authority_key_id: reader.byte()?,
            not_before: UtcDay::new(reader.u16()?.into()),
            expires: UtcDay::new(reader.u16()?.into()),
            ward: {
                let [a, b, c] = reader.array()?;
                u32::from_be_bytes([0, a, b, c])
            },
            seed: reader.array()?,
            venue_key: PartyKey::from_bytes(&reader.array()?)?,
            name: reader.text(MAX_NAME_BYTES)?,
            unit: reader.text(MAX_UNIT_BYTES)?,
            street: reader.text(MAX_STREET_BYTES)?,
        };
        if flags & !SHARES_IN_ADVANCE != 0 {
            return Err(reader.malformed("it has flags that this program does not know"));
        }
        if content.default_stay == 0 {
            return Err(reader.malformed("its default stay is zero"));
        }
        if content.name.trim().is_empty() {
            return Err(reader.malformed("it has no name"));
        }
        if content.not_before >= content.expires {
            return Err(reader.malformed("it expires before it is valid"));
        }
        let signature = Signature::from_bytes(&reader.array()?);
        reader.end()?;
        Ok(Self { content, payload, signature })
    }

    /// What it says, without any proof of where it comes from.
    pub const fn unverified_content(&self) -> &PosterContent {
        &self.content
    }

    /// The poster if one of the authority's keys signed it and it is valid at `now`.
    pub fn verify(self, keys: &[ProvenVenueKey], now: UnixTime) -> Result<Poster, VenueError> {
        let key = ProvenVenueKey::find(keys, self.content.authority_key_id, now)?;
        let signed = &self.payload[..self.payload.len() - SIGNATURE_LENGTH];
        key.poster_key
            .verify_strict(&message(signed), &self.signature)
            .map_err(|_| VenueError::PosterForged)?;
        if now.day() < self.content.not_before {
            return Err(VenueError::PosterNotYetValid);
        }
        if now.day() >= self.content.expires {
            return Err(VenueError::PosterExpired);
        }
        Ok(Poster {
            master: MasterKey::join(&self.content.venue_key, &key.sealing_key)?,
            slots: SlotDeriver::of_poster(self.payload),
            content: self.content,
        })
    }
}

impl fmt::Debug for UnverifiedPoster<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedPoster(..)")
    }
}

/// A verified poster: visits can be sealed to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Poster {
    content: PosterContent,
    master: MasterKey,
    slots: SlotDeriver,
}

impl Poster {
    /// What it says.
    pub const fn content(&self) -> &PosterContent {
        &self.content
    }

    /// What visits are sealed to.
    pub const fn master(&self) -> &MasterKey {
        &self.master
    }

    /// Derives the venue's slots.
    pub const fn slots(&self) -> &SlotDeriver {
        &self.slots
    }

    /// Seals a stay of at most [`MAX_STAY_SECONDS`]: one record for each hour that it touches,
    /// each holding that hour's part only.
    pub fn seal_stay(
        &self,
        from: UnixTime,
        until: UnixTime,
        companions: u8,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Vec<(Hour, SealedVisit)>, VenueError> {
        if from >= until || until.since(from) > MAX_STAY_SECONDS {
            return Err(VenueError::TimesOutsideSlot);
        }
        let mut seal = |hour: Hour| {
            let visit = Visit {
                from: from.max(hour.start()),
                until: until.min(hour.end()),
                notify_key: self.slots.notify_key(hour),
                companions,
                venue: self.content.name.clone(),
            };
            let slot = self.slots.identity(hour);
            Ok((hour, SealedVisit::seal(&visit, hour, &slot, &self.master, rng)?))
        };
        Hour::touched(from, until).map(&mut seal).collect()
    }
}

impl fmt::Debug for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Poster(..)")
    }
}

/// The URL of a poster: `<authority>/v#<payload in unpadded base64url>`. Browsers do not send what
/// follows the `#`.
pub fn to_url(authority_url: &str, payload: &[u8]) -> String {
    let base = authority_url.trim_end_matches('/');
    format!("{base}/v#{}", BASE64_URL_SAFE_NO_PAD.encode(payload))
}

/// The payload in a poster's URL. Where the URL points is not looked at: the signature tells
/// whose poster it is.
pub fn payload_of_url(url: &str) -> Result<Vec<u8>, VenueError> {
    if url.len() > MAX_URL_BYTES {
        return Err(VenueError::Length { what: "the poster's URL", bytes: url.len() });
    }
    let malformed = |reason| VenueError::Malformed { what: "the poster's URL", reason };
    let (base, fragment) = url.trim().split_once('#').ok_or(malformed("it has no '#'"))?;
    if !base.ends_with("/v") {
        return Err(malformed("it does not point to a check-in page (/v)"));
    }
    BASE64_URL_SAFE_NO_PAD
        .decode(fragment)
        .map_err(|_| malformed("what follows '#' is no base64url"))
}

fn message(signed: &[u8]) -> Vec<u8> {
    [SIGNING_LABEL.as_bytes(), &[0], signed].concat()
}
