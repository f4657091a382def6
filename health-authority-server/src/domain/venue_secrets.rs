//! What venues entrust to the authority, as the database keeps it: sealed under a key that is not
//! in the database.

use vungxanh_protocol::seal::{OpenError, SealKey, open, seal};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::display::DisplaySecret;
use vungxanh_protocol::venue::slot_key::{SLOT_KEY_BYTES, SlotShare};
use zeroize::Zeroizing;

use super::share_requests::SlotName;
use super::venues::UnitId;

const DISPLAY_LABEL: &str = "VX-DISPLAY-SECRET";
const SHARE_LABEL: &str = "VX-ADVANCE-SHARE";

/// Seals the secret of a unit's display.
pub fn seal_display(
    key: &SealKey,
    unit: UnitId,
    secret: &DisplaySecret,
    rng: &mut impl rand::CryptoRng,
) -> Vec<u8> {
    seal(key, DISPLAY_LABEL, &unit.to_be_bytes(), secret.expose(), rng)
}

/// Opens what [`seal_display`] made.
pub fn open_display(
    key: &SealKey,
    unit: UnitId,
    sealed: &[u8],
) -> Result<DisplaySecret, OpenError> {
    let plain = Zeroizing::new(open(key, DISPLAY_LABEL, &unit.to_be_bytes(), sealed)?);
    SecretBytes::from_slice(&plain).map(DisplaySecret::from_bytes).ok_or(OpenError)
}

/// Seals a share that a venue handed over in advance, for its poster and slot.
pub fn seal_share(
    key: &SealKey,
    poster: &PosterFingerprint,
    name: SlotName,
    share: &SlotShare,
    rng: &mut impl rand::CryptoRng,
) -> Vec<u8> {
    seal(key, SHARE_LABEL, &place(poster, name), &share.to_bytes(), rng)
}

/// Opens what [`seal_share`] made.
pub fn open_share(
    key: &SealKey,
    poster: &PosterFingerprint,
    name: SlotName,
    sealed: &[u8],
) -> Result<SlotShare, OpenError> {
    let plain = open(key, SHARE_LABEL, &place(poster, name), sealed)?;
    let bytes: [u8; SLOT_KEY_BYTES] = plain.try_into().map_err(|_| OpenError)?;
    SlotShare::from_bytes(&bytes).map_err(|_| OpenError)
}

fn place(poster: &PosterFingerprint, name: SlotName) -> Vec<u8> {
    let scan_hour = name.scan_hour.map_or(u64::MAX, |hour| hour.number().into());
    [&poster.as_bytes()[..], &name.hour.number().to_be_bytes(), &scan_hour.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::venue::party::PartySecret;
    use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};

    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let mut rng = rand::rng();
        let (key, other) = (SecretBytes::new([1; 32]), SecretBytes::new([2; 32]));
        let secret = DisplaySecret::generate(&mut rng);
        let sealed = seal_display(&key, 7, &secret, &mut rng);
        assert!(open_display(&key, 7, &sealed).unwrap() == secret);
        assert!(open_display(&key, 8, &sealed).is_err());
        assert!(open_display(&other, 7, &sealed).is_err());

        let hour = Hour::new(495_600);
        let slot = SlotDeriver::of_poster(b"poster").identity(hour);
        let share = PartySecret::generate(&mut rng).share(&slot);
        let poster = PosterFingerprint::of_payload(b"poster");
        let name = SlotName { hour, scan_hour: None };
        let sealed = seal_share(&key, &poster, name, &share, &mut rng);
        assert!(open_share(&key, &poster, name, &sealed).unwrap() == share);
        let scanned = SlotName { hour, scan_hour: Some(hour) };
        assert!(open_share(&key, &poster, scanned, &sealed).is_err());
        let elsewhere = PosterFingerprint::of_payload(b"other");
        assert!(open_share(&key, &elsewhere, name, &sealed).is_err());
        assert!(!sealed.windows(16).any(|part| part == &share.to_bytes()[..16]));
    }
}
