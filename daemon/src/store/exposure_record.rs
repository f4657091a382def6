//! An exposure window together with the key of the case that it belongs to.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vungxanh_protocol::diagnosis_key::KeyId;
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::exposure_window::ExposureWindow;
use vungxanh_protocol::interval::Interval;

/// Time near one case, and by which of its keys that was found: a key that is published again
/// counts once, one that is revised counts again, one that is revoked counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureRecord {
    /// The case's key. Published, hence no secret.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub key: [u8; KEY_BYTES],
    /// First interval of the key's validity.
    pub rolling_start: Interval,
    pub window: ExposureWindow,
}

impl ExposureRecord {
    /// By which the key is recognised in another file.
    pub(crate) const fn key_id(&self) -> KeyId {
        KeyId { key: self.key, rolling_start: self.rolling_start }
    }
}

fn to_hex<S: Serializer>(key: &[u8; KEY_BYTES], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(key))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; KEY_BYTES], D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text, &mut key).map_err(serde::de::Error::custom)?;
    Ok(key)
}
