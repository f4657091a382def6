//! Posters: what a venue's QR code holds, signed by the authority. On a display
//! ([`super::display`]) the code has more after it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{
    PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, Signature, Signer, SigningKey, VerifyingKey,
};

use super::VenueError;
use super::keys::ProvenVenueKey;
use super::party::{MasterKey, PartyKey};
use super::sealed::{SealedVisit, SlotVisit};
use super::shown::{DISPLAY_HOURS, SHOWN_BYTES, Shown};
use super::slot::{Hour, SlotDeriver};
use crate::code::{from_code, to_code};
use crate::interval::{UnixTime, UtcDay};
use crate::read::Reader;

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
/// The longest payload of a printed poster, in bytes.
pub const MAX_PAYLOAD_BYTES: usize =
    FIXED_BYTES + 3 + MAX_NAME_BYTES + MAX_UNIT_BYTES + MAX_STREET_BYTES + SIGNATURE_LENGTH;
/// The longest payload of a display, in bytes.
pub const MAX_DISPLAY_PAYLOAD_BYTES: usize = MAX_PAYLOAD_BYTES + PUBLIC_KEY_LENGTH;
/// The longest code that a display shows, in bytes.
pub const MAX_SHOWN_BYTES: usize = MAX_DISPLAY_PAYLOAD_BYTES + SHOWN_BYTES;
/// The longest URL of a poster, in bytes.
pub const MAX_URL_BYTES: usize = 1_536;
/// The longest stay that is recorded, in seconds.
pub const MAX_STAY_SECONDS: u64 = 24 * 3_600;
const FIXED_BYTES: usize = 75;
const STAY_UNIT_MINUTES: u16 = 5;
const SHARES_IN_ADVANCE: u8 = 1;
const DISPLAY: u8 = 2;
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
    /// Signs the codes of a display; none for a printed poster.
    pub display_key: Option<VerifyingKey>,
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

    fn read(reader: &mut Reader<'_>) -> Result<Self, VenueError> {
        reader.version(VERSION)?;
        let flags = reader.byte()?;
        if flags & !(SHARES_IN_ADVANCE | DISPLAY) != 0 {
            return Err(reader.malformed("it has flags that this program does not know").into());
        }
        let content = Self {
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
            display_key: (flags & DISPLAY != 0).then(|| read_display_key(reader)).transpose()?,
        };
        if content.default_stay == 0 {
            return Err(reader.malformed("its default stay is zero").into());
        }
        if content.name.trim().is_empty() {
            return Err(reader.malformed("it has no name").into());
        }
        if content.not_before >= content.expires {
            return Err(reader.malformed("it expires before it is valid").into());
        }
        Ok(content)
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
        let flag = |set, flag| if set { flag } else { 0 };
        let flags = flag(self.shares_in_advance, SHARES_IN_ADVANCE)
            | flag(self.display_key.is_some(), DISPLAY);
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
        if let Some(key) = &self.display_key {
            bytes.extend_from_slice(key.as_bytes());
        }
        Ok(bytes)
    }
}

impl fmt::Debug for PosterContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PosterContent(..)")
    }
}

/// A poster, or what a display shows, whose signatures have not been looked at: for tools that
/// compare it with the venue's own key, never for checking in.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedPoster<'a> {
    content: PosterContent,
    payload: &'a [u8],
    signature: Signature,
    shown: Option<Shown>,
}

impl<'a> UnverifiedPoster<'a> {
    /// Reads a printed poster's payload, a display's, or a code that a display shows: at most
    /// [`MAX_SHOWN_BYTES`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, VenueError> {
        if bytes.len() > MAX_SHOWN_BYTES {
            return Err(VenueError::Length { what: WHAT, bytes: bytes.len() });
        }
        let mut reader = Reader::new(WHAT, bytes);
        let content = PosterContent::read(&mut reader)?;
        let signature = Signature::from_bytes(&reader.array()?);
        let payload = &bytes[..bytes.len() - reader.remaining()];
        let shown = match (&content.display_key, reader.remaining()) {
            (Some(_), 1..) => Some(Shown::read(&mut reader)?),
            _ => None,
        };
        reader.end()?;
        Ok(Self { content, payload, signature, shown })
    }

    /// What it says, without any proof of where it comes from.
    pub const fn unverified_content(&self) -> &PosterContent {
        &self.content
    }

    /// The poster's payload, without what a display adds to it.
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The hour that a display's code names.
    pub fn scan_hour(&self) -> Option<Hour> {
        self.shown.as_ref().map(|shown| shown.hour)
    }

    /// The poster if one of the authority's keys signed it and it is valid at `now`. A display has
    /// to have shown its code in the hour of `now`, or in the hour before if that ended less than
    /// [`DISPLAY_GRACE_SECONDS`](super::display::DISPLAY_GRACE_SECONDS) ago.
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
            slots: self.slots(now)?,
            scan_hour: self.scan_hour(),
            content: self.content,
        })
    }

    fn slots(&self, now: UnixTime) -> Result<SlotDeriver, VenueError> {
        let Some(display_key) = &self.content.display_key else {
            return Ok(SlotDeriver::of_poster(self.payload));
        };
        let shown = self.shown.as_ref().ok_or(VenueError::NotADisplayCode)?;
        shown.verify(self.payload, display_key, now)?;
        Ok(SlotDeriver::of_display(self.payload, shown.hour, &shown.seed))
    }
}

impl fmt::Debug for UnverifiedPoster<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedPoster(..)")
    }
}

/// A verified poster, or a verified code of a display: visits can be sealed to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Poster {
    content: PosterContent,
    master: MasterKey,
    slots: SlotDeriver,
    scan_hour: Option<Hour>,
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

    /// The hour in which a display showed it; none for a printed poster.
    pub const fn scan_hour(&self) -> Option<Hour> {
        self.scan_hour
    }

    /// The last hour that can be sealed with this scan of a display; none for a printed poster,
    /// which knows no such limit.
    pub const fn last_hour(&self) -> Option<Hour> {
        match self.scan_hour {
            Some(hour) => Some(Hour::new(hour.number().saturating_add(DISPLAY_HOURS - 1))),
            None => None,
        }
    }

    /// Seals a stay of at most [`MAX_STAY_SECONDS`]: one record for each hour that it touches,
    /// each holding that hour's part only. Refuses hours before a display's scan and after
    /// [`Poster::last_hour`].
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
        let early = self.scan_hour.is_some_and(|hour| from < hour.start());
        let late = self.last_hour().is_some_and(|hour| until > hour.end());
        if early || late {
            return Err(VenueError::OutsideDisplayHours { hours: DISPLAY_HOURS });
        }
        let mut seal = |hour: Hour| {
            let visit = SlotVisit {
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

/// The URL that a printed code holds: the payload in decimal digits, which take a quarter less of a
/// QR code. Links take [`to_url`], which is shorter as text.
pub fn to_code_url(authority_url: &str, payload: &[u8]) -> String {
    let base = authority_url.trim_end_matches('/');
    to_code(&format!("{base}/v#"), payload)
}

/// The payload in a poster's URL, in base64url or in digits. Where the URL points is not looked at: the signature shows
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
    // A payload begins with its version, so that in base64url its first character is a letter.
    if fragment.bytes().all(|byte| byte.is_ascii_digit()) {
        return from_code("the poster's URL", "", fragment, MAX_SHOWN_BYTES)
            .map_err(|_| malformed("the digits after '#' are not those of a payload"));
    }
    BASE64_URL_SAFE_NO_PAD
        .decode(fragment)
        .map_err(|_| malformed("what follows '#' is no base64url"))
}

fn read_display_key(reader: &mut Reader<'_>) -> Result<VerifyingKey, VenueError> {
    VerifyingKey::from_bytes(&reader.array()?)
        .ok()
        .filter(|key| !key.is_weak())
        .ok_or(reader.malformed("its display key is no Ed25519 public key").into())
}

fn message(signed: &[u8]) -> Vec<u8> {
    [SIGNING_LABEL.as_bytes(), &[0], signed].concat()
}
