//! Rolling proximity identifiers (GAEN cryptography specification v1.2): what a device broadcasts
//! beside its encrypted metadata.

/// Bytes of a rolling proximity identifier.
pub const IDENTIFIER_BYTES: usize = 16;

/// A rolling proximity identifier: the 16 bytes that are broadcast for one interval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollingProximityIdentifier(pub [u8; IDENTIFIER_BYTES]);

impl std::fmt::Debug for RollingProximityIdentifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rpi({}..)", hex::encode(&self.0[..4]))
    }
}
