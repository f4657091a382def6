//! A visit, sealed to a slot: Boneh-Franklin `FullIdent` (identity-based encryption with the
//! Fujisaki-Okamoto transform) under the joint key of venue and authority.
//!
//! The sealing device works with `e(mpk, r * H(id))`, which equals `e(r * mpk, H(id))`: both
//! multiplications by the secret r are then the library's constant-time ones, for public keys
//! and for signatures.

use std::fmt;

use blst::blst_fp12;
use blst::min_pk::{PublicKey, SecretKey, Signature};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::VenueError;
use super::party::{MasterKey, read_g1};
use super::read::{Reader, push_padded};
use super::slot::{Hour, NotifyKey, SlotIdentity, expand};
use super::slot_key::{SLOT_DOMAIN, SlotKey};
use crate::interval::UnixTime;
use crate::secret::SecretBytes;

/// Bytes of a sealed visit.
pub const SEALED_BYTES: usize = C1_BYTES + C2_BYTES + PLAIN_BYTES + TAG_BYTES;
/// Bytes of a visit before sealing.
pub const PLAIN_BYTES: usize = 96;
/// The longest venue name that a visit keeps, in bytes of UTF-8.
pub const VENUE_NAME_BYTES: usize = 54;
/// Bytes of a serialised element of GT.
pub const GT_BYTES: usize = 576;
const C1_BYTES: usize = 48;
const C2_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const SCALAR_INFO: &[u8] = b"VX-VENUE-R-1";
const MASK_LABEL: &[u8] = b"VX-VENUE-MASK-1";
const AEAD_INFO: &[u8] = b"VX-VENUE-CELL-1";

/// A visit within one slot, as the device seals it.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    /// From when on, in the slot's hour.
    pub from: UnixTime,
    /// Until when (exclusive), in the slot's hour or at its end.
    pub until: UnixTime,
    /// Opens warnings about the slot.
    pub notify_key: NotifyKey,
    /// How many other persons the device stood for.
    pub companions: u8,
    /// The venue's name, shortened to [`VENUE_NAME_BYTES`]. Shown only to the device's owner.
    pub venue: String,
}

impl Visit {
    fn encode(&self, hour: Hour) -> Result<Zeroizing<Vec<u8>>, VenueError> {
        self.check(hour)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        for time in [self.from, self.until] {
            let seconds =
                u32::try_from(time.as_secs()).map_err(|_| VenueError::TimesOutsideSlot)?;
            plain.extend_from_slice(&seconds.to_be_bytes());
        }
        plain.extend_from_slice(self.notify_key.expose());
        plain.push(self.companions);
        push_padded(&mut plain, &self.venue, VENUE_NAME_BYTES);
        Ok(plain)
    }

    fn decode(plain: &[u8], hour: Hour) -> Result<Self, VenueError> {
        let mut reader = Reader::new("the visit", plain);
        let from = UnixTime::from_secs(reader.u32()?.into());
        let until = UnixTime::from_secs(reader.u32()?.into());
        let mut key = reader.array()?;
        let notify_key = SecretBytes::new(key);
        key.zeroize();
        let companions = reader.byte()?;
        let venue = reader.padded_text(VENUE_NAME_BYTES)?;
        reader.end()?;
        let visit = Self { from, until, notify_key, companions, venue };
        visit.check(hour)?;
        Ok(visit)
    }

    fn check(&self, hour: Hour) -> Result<(), VenueError> {
        let inside = hour.start() <= self.from && self.from < self.until;
        if inside && self.until <= hour.end() { Ok(()) } else { Err(VenueError::TimesOutsideSlot) }
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visit(..)")
    }
}

/// A sealed visit, or a decoy: nobody can tell without the slot's key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedVisit([u8; SEALED_BYTES]);

impl SealedVisit {
    /// Takes over the bytes. Any bytes can be a sealed visit; only opening tells.
    pub const fn from_bytes(bytes: [u8; SEALED_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; SEALED_BYTES] {
        &self.0
    }

    /// A random point and random bytes: what a sealed visit looks like.
    pub fn decoy(rng: &mut impl rand::CryptoRng) -> Self {
        let seed = SecretBytes::<32>::generate(rng);
        let mut cell = [0; SEALED_BYTES];
        rng.fill_bytes(&mut cell);
        // 32 bytes are enough for KeyGen, its only condition.
        let scalar = SecretKey::key_gen(seed.expose(), SCALAR_INFO).unwrap_or_default();
        cell[..C1_BYTES].copy_from_slice(&scalar.sk_to_pk().compress());
        Self(cell)
    }

    /// Seals `visit` so that only the slot's key opens it.
    pub fn seal(
        visit: &Visit,
        hour: Hour,
        slot: &SlotIdentity,
        master: &MasterKey,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, VenueError> {
        Self::seal_with(visit, hour, slot, master, &SecretBytes::generate(rng))
    }

    /// As [`SealedVisit::seal`], with the 32 random bytes x given. For test vectors; x must never
    /// be used twice.
    pub fn seal_with(
        visit: &Visit,
        hour: Hour,
        slot: &SlotIdentity,
        master: &MasterKey,
        x: &SecretBytes<32>,
    ) -> Result<Self, VenueError> {
        let plain = visit.encode(hour)?;
        let r = scalar(x, &plain)?;
        Self::assemble(&r, x, plain, slot, master)
    }

    fn assemble(
        r: &SecretKey,
        x: &SecretBytes<32>,
        mut plain: Zeroizing<Vec<u8>>,
        slot: &SlotIdentity,
        master: &MasterKey,
    ) -> Result<Self, VenueError> {
        let c1 = r.sk_to_pk().compress();
        let pairing = pairing(master.point(), &r.sign(slot.expose(), SLOT_DOMAIN, &[]));
        let mut c2 = mask(&c1, &pairing);
        for (mask, byte) in c2.iter_mut().zip(x.expose()) {
            *mask ^= byte;
        }
        let tag = cipher(x)
            .encrypt_inout_detached(&Nonce::default(), &c1, plain.as_mut_slice().into())
            .map_err(|_| VenueError::Length { what: "the visit", bytes: PLAIN_BYTES })?;
        let mut sealed = [0; SEALED_BYTES];
        let parts = c1.iter().chain(c2.iter()).chain(plain.iter()).chain(tag.iter());
        sealed.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        Ok(Self(sealed))
    }

    /// The visit, if this is one of the slot whose key it is.
    pub fn open(&self, hour: Hour, key: &SlotKey) -> Option<Visit> {
        self.read().ok()?.open(hour, key)
    }

    /// Checks the point, which is done once for all keys that are tried.
    pub(super) fn read(&self) -> Result<ReadCell<'_>, VenueError> {
        let (c1, rest) =
            self.0.split_first_chunk().ok_or(VenueError::BadPoint("the sealed visit"))?;
        let (c2, c3) = rest.split_first_chunk().ok_or(VenueError::BadPoint("the sealed visit"))?;
        Ok(ReadCell { point: read_g1(c1, "the sealed visit")?, c1, c2, c3 })
    }
}

impl fmt::Debug for SealedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedVisit(..)")
    }
}

pub(super) struct ReadCell<'a> {
    point: PublicKey,
    c1: &'a [u8; C1_BYTES],
    c2: &'a [u8; C2_BYTES],
    c3: &'a [u8],
}

impl ReadCell<'_> {
    pub(super) fn open(&self, hour: Hour, key: &SlotKey) -> Option<Visit> {
        let mask = mask(self.c1, &pairing(&self.point, key.point()));
        let x = SecretBytes::filled_by(|x| {
            for (byte, (mask, c2)) in x.iter_mut().zip(mask.iter().zip(self.c2)) {
                *byte = mask ^ c2;
            }
        });
        let (sealed, tag) = self.c3.split_at_checked(PLAIN_BYTES)?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        cipher(&x)
            .decrypt_inout_detached(
                &Nonce::default(),
                self.c1,
                plain.as_mut_slice().into(),
                tag.try_into().ok()?,
            )
            .ok()?;
        if scalar(&x, &plain).ok()?.sk_to_pk() != self.point {
            return None;
        }
        Visit::decode(&plain, hour).ok()
    }
}

/// r: KeyGen of draft-irtf-cfrg-bls-signature-05 (HKDF to 48 bytes, modulo q) from x and the visit.
fn scalar(x: &SecretBytes<32>, plain: &[u8]) -> Result<SecretKey, VenueError> {
    let material = Zeroizing::new([x.expose(), plain].concat());
    SecretKey::key_gen(&material, SCALAR_INFO).map_err(|_| VenueError::BadScalar)
}

fn cipher(x: &SecretBytes<32>) -> ChaCha20Poly1305 {
    let key = expand(&Hkdf::<Sha256>::new(None, x.expose()), &[AEAD_INFO]);
    ChaCha20Poly1305::new(key.expose().into())
}

fn mask(c1: &[u8; C1_BYTES], pairing: &[u8; GT_BYTES]) -> Zeroizing<[u8; C2_BYTES]> {
    let digest = Sha256::new().chain_update(MASK_LABEL).chain_update(c1).chain_update(pairing);
    Zeroizing::new(digest.finalize().into())
}

/// The pairing of two checked points, serialised as `docs/protocol.md` section 14 pins it.
fn pairing(p: &PublicKey, q: &Signature) -> Zeroizing<[u8; GT_BYTES]> {
    Zeroizing::new(blst_fp12::miller_loop(q.into(), p.into()).final_exp().to_bendian())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_whose_r_does_not_follow_from_its_content_stays_closed() {
        let secret = |fill| SecretKey::key_gen(&[fill; 32], b"").unwrap();
        let hour = Hour::new(495_600);
        let slots = crate::venue::slot::SlotDeriver::of_poster(b"poster");
        let slot = slots.identity(hour);
        let master = MasterKey::from_point(secret(1).sk_to_pk());
        let key = secret(1).sign(slot.expose(), SLOT_DOMAIN, &[]).compress();
        let key = SlotKey::from_bytes(&key).unwrap();
        let visit = Visit {
            from: hour.start(),
            until: hour.end(),
            notify_key: slots.notify_key(hour),
            companions: 0,
            venue: "Chợ".into(),
        };
        let x = SecretBytes::new([2; 32]);
        let plain = || visit.encode(hour).unwrap();
        let made = |r: &SecretKey| SealedVisit::assemble(r, &x, plain(), &slot, &master).unwrap();
        assert!(made(&scalar(&x, &plain()).unwrap()).open(hour, &key).is_some());
        assert!(made(&secret(3)).open(hour, &key).is_none());
    }

    #[test]
    fn gt_is_serialised_as_the_second_implementation_has_it() {
        let vectors = include_str!("../../test-vectors/venue.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let cases = vectors["pairings"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
            let p = read_g1(&bytes("p"), "p").unwrap();
            let q = crate::venue::party::read_g2(&bytes("q"), "q").unwrap();
            assert_eq!(pairing(&p, &q).to_vec(), bytes("gt"));
        }
    }
}
