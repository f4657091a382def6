//! Every slot that visitors of one poster can have sealed to in an hour: for each of them a warning
//! is due.

use super::VenueError;
use super::display::{DISPLAY_HOURS, DisplaySecret};
use super::poster::UnverifiedPoster;
use super::slot::{Hour, SlotDeriver};

/// Slots of one hour that visitors of one poster can have sealed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSource {
    /// In which hour they scanned the display; none for a printed poster.
    pub scan_hour: Option<Hour>,
    /// Derives the slot.
    pub deriver: SlotDeriver,
}

/// All slots of `hour`, for each of which a warning is due: one of a printed poster; of a display
/// one for each of the last [`DISPLAY_HOURS`] hours in which a visitor can have scanned it. Refuses
/// a display's payload without its secret, and a printed poster's with one.
pub fn sources(
    payload: &[u8],
    display: Option<&DisplaySecret>,
    hour: Hour,
) -> Result<Vec<SlotSource>, VenueError> {
    let poster = UnverifiedPoster::read(payload)?;
    if poster.unverified_content().display_key.is_some() != display.is_some() {
        return Err(VenueError::DisplaySecretMismatch);
    }
    let Some(secret) = display else {
        let deriver = SlotDeriver::of_poster(poster.payload());
        return Ok(vec![SlotSource { scan_hour: None, deriver }]);
    };
    let of_scan = |scan_hour: Hour| SlotSource {
        scan_hour: Some(scan_hour),
        deriver: SlotDeriver::of_display(poster.payload(), scan_hour, &secret.seed(scan_hour)),
    };
    let first = hour.number().saturating_sub(DISPLAY_HOURS - 1);
    Ok((first..=hour.number()).map(Hour::new).map(of_scan).collect())
}
