//! What everybody would write first: HKDF and AES as the crates offer them, one hash map.

use std::collections::HashMap;

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::interval::Interval;
use vungxanh_protocol::matching::{Match, Sighting};

pub struct PlainMatcher {
    by_identifier: HashMap<[u8; 16], Vec<(Interval, usize)>>,
    tolerance: u32,
}

impl PlainMatcher {
    pub fn new(sightings: impl Iterator<Item = Sighting>, tolerance: u32) -> Self {
        let mut by_identifier = HashMap::<_, Vec<_>>::new();
        for (place, sighted) in sightings.enumerate() {
            by_identifier.entry(sighted.identifier.0).or_default().push((sighted.interval, place));
        }
        Self { by_identifier, tolerance }
    }

    pub fn matches(&self, keys: &[DiagnosisKey]) -> Vec<(usize, Match)> {
        let mut found = Vec::new();
        for (place, key) in keys.iter().enumerate() {
            let mut identifier_key = [0; 16];
            Hkdf::<Sha256>::new(None, &key.key).expand(b"EN-RPIK", &mut identifier_key).unwrap();
            let cipher = Aes128::new(&Array(identifier_key));
            for derived in key.intervals() {
                let mut block = Array([0; 16]);
                block[..6].copy_from_slice(b"EN-RPI");
                block[12..].copy_from_slice(&derived.number().to_le_bytes());
                cipher.encrypt_block(&mut block);
                for &(interval, sighting) in self.by_identifier.get(&block.0).into_iter().flatten()
                {
                    if interval.distance(derived) <= self.tolerance {
                        found.push((place, Match { derived, sighting }));
                    }
                }
            }
        }
        found
    }
}
