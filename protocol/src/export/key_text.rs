//! Public keys as people have them: PEM with text around it, several keys in one file, the key as it
//! stands in a line of JSON, or bare Base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p256::ecdsa::VerifyingKey;
use p256::pkcs8::DecodePublicKey;

use super::error::ExportError;
use super::signature::VerificationKey;

/// Keys that are read from one text at most.
pub const MAX_KEYS_IN_TEXT: usize = 64;
const BEGIN: &str = "-----BEGIN ";
const LABEL: &str = "PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

impl VerificationKey {
    /// All P-256 public keys (SubjectPublicKeyInfo) in a text, at most [`MAX_KEYS_IN_TEXT`]: its
    /// PEM blocks, whatever stands around them, or, where it has none, the text as Base64. Blocks of
    /// other kinds and keys of other kinds are passed over; none at all is an error.
    pub fn all_in_text(text: &str) -> Result<Vec<Self>, ExportError> {
        let text = text.trim_start_matches('\u{feff}').replace("\\r", "").replace("\\n", "\n");
        let mut keys: Vec<Self> = Vec::new();
        let mut first_error = None;
        let mut blocks = text.split(BEGIN).skip(1).peekable();
        if blocks.peek().is_none() {
            return from_base64(&text).map(|key| vec![key]);
        }
        for block in blocks {
            match from_block(block) {
                Ok(key) if keys.contains(&key) => {}
                Ok(key) if keys.len() < MAX_KEYS_IN_TEXT => keys.push(key),
                Ok(_) => return Err(invalid(format!("more than {MAX_KEYS_IN_TEXT} keys"))),
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        match first_error {
            Some(error) if keys.is_empty() => Err(error),
            _ => Ok(keys),
        }
    }
}

/// What follows `-----BEGIN `.
fn from_block(block: &str) -> Result<VerificationKey, ExportError> {
    let Some(rest) = block.strip_prefix(LABEL) else {
        let label: String =
            block.chars().take_while(|c| c.is_ascii_uppercase() || *c == ' ').take(40).collect();
        return Err(invalid(format!("it holds a {label}", label = label.trim())));
    };
    let body = rest.split(END).next().unwrap_or_default();
    if body.len() == rest.len() {
        return Err(invalid("its end is missing".to_owned()));
    }
    from_base64(body)
}

fn from_base64(text: &str) -> Result<VerificationKey, ExportError> {
    // A P-256 key takes 124 characters; what is far longer is something else.
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).take(1_024).collect();
    let der = BASE64_STANDARD
        .decode(digits.trim_matches(['"', '\'', ',']))
        .ok()
        .filter(|der| !der.is_empty())
        .ok_or_else(|| invalid("it is neither PEM nor Base64".to_owned()))?;
    let key =
        VerifyingKey::from_public_key_der(&der).map_err(|error| invalid(error.to_string()))?;
    Ok(VerificationKey::from_key(key))
}

const fn invalid(reason: String) -> ExportError {
    ExportError::InvalidPublicKey(reason)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::SigningKey;
    use p256::pkcs8::{EncodePublicKey, LineEnding};
    use proptest::prelude::*;

    use super::*;

    fn pem(seed: u8) -> String {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap()
    }

    fn base64(seed: u8) -> String {
        pem(seed).lines().filter(|line| !line.starts_with("-----")).collect()
    }

    fn keys(seeds: &[u8]) -> Vec<VerificationKey> {
        seeds.iter().map(|seed| VerificationKey::from_pem(&pem(*seed)).unwrap()).collect()
    }

    #[test]
    fn every_key_of_a_text_is_found_whatever_stands_around_it() {
        let (one, two) = (pem(1), pem(2));
        let indented = one.replace('\n', "\r\n    ");
        let in_json = format!("{{\"public_key\": \"{}\"}}", one.replace('\n', "\\n"));
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (text, seeds) in [
            (one.clone(), &[1][..]),
            (format!("\u{feff}Khóa cũ:\n{one}\nKhóa mới, từ 1/12:\n{two}\nHết.\n"), &[1, 2]),
            (format!("{one}{one}"), &[1]),
            (format!("{certificate}{two}"), &[2]),
            (indented, &[1]),
            (in_json, &[1]),
            (base64(1), &[1]),
            (format!("  {}\n {}\n", &base64(2)[..64], &base64(2)[64..]), &[2]),
            (format!("\"{}\",\n", base64(1)), &[1]),
        ] {
            assert_eq!(VerificationKey::all_in_text(&text).unwrap(), keys(seeds), "{text}");
        }
    }

    #[test]
    fn what_holds_no_public_key_says_what_it_is() {
        let secret = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----";
        let cut = pem(1).replace(END, "");
        for (text, part) in [
            ("", "Base64"),
            ("no key", "Base64"),
            (secret, "EC PRIVATE KEY"),
            (&cut, "its end is missing"),
        ] {
            let refused = VerificationKey::all_in_text(text).unwrap_err().to_string();
            assert!(refused.contains(part), "{text}: {refused}");
        }
        assert!(VerificationKey::all_in_text(&base64(1)[..80]).is_err());
        let many: String = (1..=65).map(pem).collect();
        assert!(VerificationKey::all_in_text(&many).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_harmless(text in any::<String>(), cut in any::<prop::sample::Index>()) {
            let _ = VerificationKey::all_in_text(&text);
            let whole = pem(1);
            let _ = VerificationKey::all_in_text(&whole[..cut.index(whole.len())]);
            let _ = VerificationKey::all_in_text(&format!("{text}{whole}"));
        }
    }
}
