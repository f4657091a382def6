//! Batches of warnings: shuffled among decoys, in a few sizes only, signed by the authority.

use std::collections::BTreeMap;

use ed25519_dalek::{SigningKey, VerifyingKey};
use rand::RngExt;
use rand::seq::SliceRandom;

use super::VenueError;
use super::display::DISPLAY_HOURS;
use super::slot::Hour;
use super::warning::{WARNING_BYTES, Warning};
use crate::interval::UnixTime;
use crate::read::{Reader, push_text};
use crate::signed;

/// What the warning key's signature is for.
pub const SIGNING_LABEL: &str = "VX-WARNINGS-1";
/// How many warnings a batch can have, decoys included.
pub const SIZE_CLASSES: [usize; 4] = [32, 128, 512, MAX_WARNINGS];
/// The most warnings of one batch, decoys included.
pub const MAX_WARNINGS: usize = 2_000;
/// The longest name of a region, in bytes.
pub const MAX_REGION_BYTES: usize = 64;
/// The longest signed batch, in bytes.
pub const MAX_SIGNED_BYTES: usize = 128 + 12 + MAX_REGION_BYTES + MAX_WARNINGS * WARNING_BYTES;
const VERSION: u8 = 1;
/// The longest stay that decoys look like, in hours.
const LONGEST_DECOY_HOURS: u32 = 4;
/// One decoy stay in so many looks like one at a display, with a warning for each scan hour.
const DECOY_STAYS_PER_DISPLAY: u32 = 8;
const WHAT: &str = "the batch of warnings";

/// Weights of hours, from which the hours of decoys are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourHistogram {
    weights: BTreeMap<Hour, u32>,
    total: u64,
}

impl HourHistogram {
    /// From weights, for example how many warnings of the last weeks fell in each hour. Hours of
    /// weight 0 are never drawn; at least one must be above.
    pub fn new(weights: BTreeMap<Hour, u32>) -> Result<Self, VenueError> {
        let total = weights.values().map(|weight| u64::from(*weight)).sum();
        if total == 0 {
            return Err(VenueError::NoDecoyHours);
        }
        Ok(Self { weights, total })
    }

    /// Hours of what could be one stay: after each, every second goes on into the next hour, as
    /// far as that has a weight.
    fn draw_stay(&self, rng: &mut impl rand::CryptoRng) -> Result<Vec<Hour>, VenueError> {
        let first = self.draw(rng)?;
        let mut stay = vec![first];
        for later in 1..LONGEST_DECOY_HOURS {
            let hour = Hour::new(first.number().saturating_add(later));
            if self.weights.get(&hour).is_none_or(|weight| *weight == 0) || rng.random::<bool>() {
                break;
            }
            stay.push(hour);
        }
        Ok(stay)
    }

    fn draw(&self, rng: &mut impl rand::CryptoRng) -> Result<Hour, VenueError> {
        let mut left = rng.random_range(0..self.total);
        for (hour, weight) in &self.weights {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return Ok(*hour),
            }
        }
        Err(VenueError::NoDecoyHours)
    }
}

/// A region's warnings of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningBatch {
    /// The region.
    pub region: String,
    /// Start of the period in which they were made.
    pub from: UnixTime,
    /// Its end.
    pub until: UnixTime,
    warnings: Vec<Warning>,
}

impl WarningBatch {
    /// Fills `real` warnings up with decoys to the next of [`SIZE_CLASSES`] and shuffles them. Decoys
    /// come in stays, as real warnings do: hours that follow each other, some at displays. An empty
    /// batch has the smallest size too.
    pub fn assemble(
        region: &str,
        from: UnixTime,
        until: UnixTime,
        real: Vec<Warning>,
        hours: &HourHistogram,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, VenueError> {
        let size = SIZE_CLASSES.into_iter().find(|size| real.len() <= *size);
        let size =
            size.ok_or(VenueError::TooManyWarnings { warnings: real.len(), limit: MAX_WARNINGS })?;
        let mut warnings = real;
        while warnings.len() < size {
            let each =
                if rng.random_range(0..DECOY_STAYS_PER_DISPLAY) == 0 { DISPLAY_HOURS } else { 1 };
            let stay = hours.draw_stay(rng)?;
            let of_stay = stay.iter().flat_map(|hour| (0..each).map(|_| *hour));
            for hour in of_stay.take(size - warnings.len()) {
                warnings.push(Warning::decoy(hour, rng));
            }
        }
        warnings.shuffle(rng);
        Ok(Self { region: region.to_owned(), from, until, warnings })
    }

    /// The warnings, decoys among them.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The batch as it is published. Refuses to sign what readers would refuse.
    pub fn to_signed(&self, key: &SigningKey) -> Result<Vec<u8>, VenueError> {
        let mut bytes = vec![VERSION];
        self.push_body(&mut bytes)?;
        Self::parse(&bytes)?;
        Ok(signed::sign(SIGNING_LABEL, &bytes, key))
    }

    /// Everything but the version, which both versions of the batch have alike.
    pub(crate) fn push_body(&self, bytes: &mut Vec<u8>) -> Result<(), VenueError> {
        let malformed = |reason| VenueError::Malformed { what: WHAT, reason };
        push_text(bytes, &self.region, MAX_REGION_BYTES)
            .ok_or(malformed("the region is too long"))?;
        for time in [self.from, self.until] {
            let seconds =
                u32::try_from(time.as_secs()).map_err(|_| malformed("a time is after 2106"))?;
            bytes.extend_from_slice(&seconds.to_be_bytes());
        }
        let count = u16::try_from(self.warnings.len()).map_err(|_| malformed("it is too long"))?;
        bytes.extend_from_slice(&count.to_be_bytes());
        for warning in &self.warnings {
            bytes.extend_from_slice(&warning.to_bytes());
        }
        Ok(())
    }

    /// Reads a batch of at most [`MAX_SIGNED_BYTES`] that `key` signed for `region`.
    pub fn read(signed: &[u8], key: &VerifyingKey, region: &str) -> Result<Self, VenueError> {
        let batch =
            Self::parse(signed::parse(signed, MAX_SIGNED_BYTES)?.verify(SIGNING_LABEL, key)?)?;
        if batch.region != region {
            return Err(VenueError::Malformed { what: WHAT, reason: "it is another region's" });
        }
        Ok(batch)
    }

    fn parse(bytes: &[u8]) -> Result<Self, VenueError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let batch = Self::read_body(&mut reader)?;
        reader.end()?;
        Ok(batch)
    }

    /// What [`WarningBatch::push_body`] wrote; leaves what follows.
    pub(crate) fn read_body(reader: &mut Reader<'_>) -> Result<Self, VenueError> {
        let region = reader.text(MAX_REGION_BYTES)?;
        let from = UnixTime::from_secs(reader.u32()?.into());
        let until = UnixTime::from_secs(reader.u32()?.into());
        let count = usize::from(reader.u16()?);
        if !SIZE_CLASSES.contains(&count) {
            return Err(reader.malformed("it has none of the sizes of a batch").into());
        }
        let mut warnings = Vec::with_capacity(count);
        for _ in 0..count {
            warnings.push(Warning::from_bytes(&reader.array()?)?);
        }
        Ok(Self { region, from, until, warnings })
    }
}
