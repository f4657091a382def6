//! Several disclosed visits at once: as a QR code on the person's screen, and as what an officer scans or
//! pastes.

use super::VenueError;
use super::disclosure::{DisclosedVisit, FINGERPRINT_BYTES, PosterFingerprint};
use crate::code::{from_code, to_code};
use crate::interval::UnixTime;
use crate::read::Reader;

/// What the code of disclosed visits begins with.
pub const VISITS_PREFIX: &str = "VXV1:";
/// Visits in one code, at most: a camera still reads it well from a screen.
pub const MAX_CODE_VISITS: usize = 10;
const VISIT_BYTES: usize = FINGERPRINT_BYTES + 4 + 4;
const HEAD_BYTES: usize = 2;
const VERSION: u8 = 1;
const WHAT: &str = "the code of visits";

/// The code of 1 to [`MAX_CODE_VISITS`] visits, in their order: [`VISITS_PREFIX`] and digits.
pub fn visits_to_code(visits: &[DisclosedVisit]) -> Result<String, VenueError> {
    let length =
        || VenueError::Length { what: WHAT, bytes: HEAD_BYTES + visits.len() * VISIT_BYTES };
    let count = u8::try_from(visits.len()).map_err(|_| length())?;
    if !(1..=MAX_CODE_VISITS).contains(&visits.len()) {
        return Err(length());
    }
    let mut bytes = vec![VERSION, count];
    for visit in visits {
        bytes.extend_from_slice(visit.poster().as_bytes());
        for time in [visit.from(), visit.until()] {
            let seconds = u32::try_from(time.as_secs()).map_err(|_| VenueError::Malformed {
                what: WHAT,
                reason: "a time is after 2106",
            })?;
            bytes.extend_from_slice(&seconds.to_be_bytes());
        }
    }
    Ok(to_code(VISITS_PREFIX, &bytes))
}

/// The visits of a code, each checked as a line is. Blanks around the code are taken.
pub fn visits_from_code(code: &str) -> Result<Vec<DisclosedVisit>, VenueError> {
    let limit = HEAD_BYTES + MAX_CODE_VISITS * VISIT_BYTES;
    let bytes = from_code(WHAT, VISITS_PREFIX, code, limit)?;
    let mut reader = Reader::new(WHAT, &bytes);
    reader.version(VERSION)?;
    let count = usize::from(reader.byte()?);
    if !(1..=MAX_CODE_VISITS).contains(&count) {
        return Err(VenueError::Length { what: WHAT, bytes: bytes.len() });
    }
    let mut visits = Vec::with_capacity(count);
    for _ in 0..count {
        let poster = PosterFingerprint::from_bytes(reader.array()?);
        let [from, until] = [reader.u32()?, reader.u32()?];
        let time = |seconds: u32| UnixTime::from_secs(u64::from(seconds));
        visits.push(DisclosedVisit::new(poster, time(from), time(until))?);
    }
    reader.end()?;
    Ok(visits)
}

/// The visits of a line: one visit, or a code of several. Blanks around it are taken.
pub fn visits_of_line(line: &str) -> Result<Vec<DisclosedVisit>, VenueError> {
    if line.trim().starts_with(VISITS_PREFIX) {
        return visits_from_code(line);
    }
    Ok(vec![line.parse()?])
}

/// What a text of several lines cannot be read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableLine {
    /// The line, counted from 1, empty ones included.
    pub number: usize,
    /// Why.
    pub error: VenueError,
}

/// The visits of a text in which each line is a visit or a code of several; empty lines are passed over.
/// A visit that stands there twice is given once. Lines that cannot be read are all named.
pub fn read_visits(text: &str) -> Result<Vec<DisclosedVisit>, Vec<UnreadableLine>> {
    let (mut visits, mut wrong) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match visits_of_line(line) {
            Ok(read) => {
                for visit in read {
                    if !visits.contains(&visit) {
                        visits.push(visit);
                    }
                }
            }
            Err(error) => wrong.push(UnreadableLine { number, error }),
        }
    }
    if wrong.is_empty() { Ok(visits) } else { Err(wrong) }
}
