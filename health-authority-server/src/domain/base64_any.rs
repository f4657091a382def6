//! Base64 as clients of exposure-notifications-server send it: standard or URL alphabet, padded
//! or not.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// The bytes, or `None` when `text` is no Base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn all_four_spellings() {
        let bytes = Some(vec![0xfb, 0xff, 0xfe, 0x01]);
        for text in ["+//+AQ==", "-__-AQ==", "+//+AQ", "-__-AQ"] {
            assert_eq!(decode(text), bytes, "{text}");
        }
        assert_eq!(decode("+_"), None);
        assert_eq!(decode("a b"), None);
    }
}
