//! Verification certificates: JWTs signed with ES256 (RFC 7515, RFC 7518 section 3.4, RFC 7519),
//! with the claims of exposure-notifications-verification-server.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

/// How long a certificate is valid, in seconds.
pub const CERTIFICATE_SECONDS: u64 = 15 * 60;
/// The longest certificate that is read, in bytes.
const MAX_CERTIFICATE_BYTES: usize = 4_096;

/// The claims of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    /// Who is to take it.
    pub aud: Audience,
    /// When it was signed, Unix seconds.
    pub iat: u64,
    /// End of validity, Unix seconds.
    pub exp: u64,
    /// Start of validity, Unix seconds.
    #[serde(default)]
    pub nbf: u64,
    /// Base64 of the HMAC of the key list.
    pub tekmac: String,
    /// `confirmed`, `likely` or `negative`.
    #[serde(rename = "reportType")]
    pub report_type: String,
    /// Interval of the onset of symptoms; 0 when not known.
    #[serde(rename = "symptomOnsetInterval", default, skip_serializing_if = "is_zero")]
    pub symptom_onset_interval: u32,
}

/// One audience or several (RFC 7519 section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Whose certificates are taken, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
}

/// Why a certificate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a JWT with these claims signed with ES256.
    #[error("the verification certificate is not readable")]
    Malformed,
    /// Signed by someone else or altered.
    #[error("the verification certificate's signature is not valid")]
    BadSignature,
    /// Made by or for another party.
    #[error("the verification certificate is by or for another party")]
    WrongParty,
    /// Before its start or after its end.
    #[error("the verification certificate is not valid at this time; ask for a new one")]
    NotNow,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    typ: String,
}

impl Claims {
    /// The claims of a certificate made now.
    pub fn new(
        parties: &Parties,
        tekmac: String,
        report_type: &str,
        symptom_onset_interval: u32,
        now: UnixTime,
    ) -> Self {
        Self {
            iss: parties.issuer.clone(),
            aud: Audience::One(parties.audience.clone()),
            iat: now.as_secs(),
            exp: now.plus(CERTIFICATE_SECONDS).as_secs(),
            nbf: now.minus(1).as_secs(),
            tekmac,
            report_type: report_type.to_owned(),
            symptom_onset_interval,
        }
    }

    pub fn sign(&self, key_id: &str, key: &SigningKey) -> Result<String, CertificateError> {
        let header = Header { alg: "ES256".into(), kid: key_id.into(), typ: "JWT".into() };
        let signed = format!("{}.{}", part(&header)?, part(self)?);
        let signature: Signature = key.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }

    /// The claims of `certificate` if `key` signed them, between these parties, and they are
    /// valid now.
    pub fn verify(
        certificate: &str,
        key: &VerifyingKey,
        parties: &Parties,
        now: UnixTime,
    ) -> Result<Self, CertificateError> {
        if certificate.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateError::Malformed);
        }
        let (signed, signature) =
            certificate.rsplit_once('.').ok_or(CertificateError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(CertificateError::Malformed)?;
        // The algorithm is ours to choose, never the certificate's (RFC 8725 section 3.1).
        if unpart::<Header>(header)?.alg != "ES256" {
            return Err(CertificateError::Malformed);
        }
        let signature =
            BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| CertificateError::Malformed)?;
        // A quarter of the time that the crate `p256` takes, for every publication.
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.to_sec1_point(false).as_bytes())
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| CertificateError::BadSignature)?;
        let claims: Self = unpart(claims)?;
        if claims.iss != parties.issuer || !claims.aud.includes(&parties.audience) {
            return Err(CertificateError::WrongParty);
        }
        if now.as_secs() < claims.nbf || now.as_secs() >= claims.exp {
            return Err(CertificateError::NotNow);
        }
        Ok(claims)
    }
}

impl Audience {
    fn includes(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

fn part(value: &impl Serialize) -> Result<String, CertificateError> {
    let json = serde_json::to_vec(value).map_err(|_| CertificateError::Malformed)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(json))
}

fn unpart<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, CertificateError> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| CertificateError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| CertificateError::Malformed)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_600_000_000);

    fn parties() -> Parties {
        Parties { issuer: "vn.hanoi".into(), audience: "https://example.vn".into() }
    }

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_slice(&[byte; 32]).unwrap()
    }

    #[test]
    fn round_trip_and_validity() {
        let claims = Claims::new(&parties(), "bWFj".into(), "likely", 2_600_000, NOW);
        let jwt = claims.sign("v1", &key(1)).unwrap();
        let public = VerifyingKey::from(&key(1));
        let verify = |jwt: &str, now| Claims::verify(jwt, &public, &parties(), now);
        assert_eq!(verify(&jwt, NOW), Ok(claims.clone()));
        assert_eq!(verify(&jwt, NOW.plus(899)), Ok(claims));
        assert_eq!(verify(&jwt, NOW.plus(900)), Err(CertificateError::NotNow));
        assert_eq!(verify(&jwt, NOW.minus(2)), Err(CertificateError::NotNow));
        let other = Parties { issuer: "x".into(), ..parties() };
        assert_eq!(Claims::verify(&jwt, &public, &other, NOW), Err(CertificateError::WrongParty));
        let stranger = VerifyingKey::from(&key(2));
        assert_eq!(
            Claims::verify(&jwt, &stranger, &parties(), NOW),
            Err(CertificateError::BadSignature)
        );
    }

    #[test]
    fn no_altered_character_is_taken() {
        let jwt = Claims::new(&parties(), "bWFj".into(), "confirmed", 0, NOW)
            .sign("v1", &key(1))
            .unwrap();
        for i in 0..jwt.len() {
            let mut altered = jwt.clone().into_bytes();
            altered[i] = if altered[i] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(
                Claims::verify(&altered, &VerifyingKey::from(&key(1)), &parties(), NOW).is_err()
            );
        }
    }

    #[test]
    fn the_algorithm_none_is_refused() {
        let body = BASE64_URL_SAFE_NO_PAD.encode("{}");
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let public = VerifyingKey::from(&key(1));
        assert_eq!(
            Claims::verify(&format!("{header}.{body}."), &public, &parties(), NOW),
            Err(CertificateError::Malformed)
        );
    }
}
