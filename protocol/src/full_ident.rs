//! Boneh-Franklin `FullIdent` (identity-based encryption with the Fujisaki-Okamoto transform) on
//! BLS12-381: how visits and the records of doors are sealed to the joint key of venue and
//! authority.
//!
//! The sealing device works with `e(mpk, r * H(id))`, which equals `e(r * mpk, H(id))`: both
//! multiplications by the secret r are then the library's constant-time ones, for public keys
//! and for signatures.

use blst::blst_fp12;
use blst::min_pk::{PublicKey, SecretKey, Signature};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::mac::expand;
use crate::secret::SecretBytes;

/// Bytes that sealing adds: the point, the masked x and the tag.
pub(crate) const OVERHEAD_BYTES: usize = C1_BYTES + C2_BYTES + TAG_BYTES;
/// Bytes of a serialised element of GT.
const GT_BYTES: usize = 576;
const C1_BYTES: usize = 48;
const C2_BYTES: usize = 32;
const TAG_BYTES: usize = 16;

/// What is sealed: every kind has its own domain and labels, so that none opens as another.
pub(crate) struct Purpose {
    /// Domain separation of identities (RFC 9380 section 3.1).
    pub(crate) domain: &'static [u8],
    /// Label of r.
    pub(crate) scalar_info: &'static [u8],
    /// Label of the mask of x.
    pub(crate) mask_label: &'static [u8],
    /// Label of the content's key.
    pub(crate) aead_info: &'static [u8],
}

/// A sealed record whose point has been checked.
pub(crate) struct Parsed<'a> {
    point: PublicKey,
    c1: &'a [u8; C1_BYTES],
    c2: &'a [u8; C2_BYTES],
    c3: &'a [u8],
}

/// Splits a sealed record; none where its point is not of the subgroup, or is the identity.
pub(crate) fn parse(sealed: &[u8]) -> Option<Parsed<'_>> {
    let (c1, rest) = sealed.split_first_chunk()?;
    let (c2, c3) = rest.split_first_chunk()?;
    let point = PublicKey::uncompress(c1).ok()?;
    point.validate().ok()?;
    Some(Parsed { point, c1, c2, c3 })
}

/// A random point and random bytes: what a sealed record looks like.
pub(crate) fn fill_decoy(record: &mut [u8], rng: &mut impl rand::CryptoRng) {
    let seed = SecretBytes::<32>::generate(rng);
    rng.fill_bytes(record);
    // 32 bytes are enough for KeyGen, its only condition.
    let scalar = SecretKey::key_gen(seed.expose(), b"").unwrap_or_default();
    let point = scalar.sk_to_pk().compress();
    record.iter_mut().zip(point).for_each(|(to, from)| *to = from);
}

impl Purpose {
    /// Seals `plain` for `identity`, with 32 random bytes `x` that are used once.
    pub(crate) fn seal(
        &self,
        plain: Zeroizing<Vec<u8>>,
        identity: &[u8; 32],
        master: &PublicKey,
        x: &SecretBytes<32>,
    ) -> Option<Vec<u8>> {
        self.assemble(&self.scalar(x, &plain)?, x, plain, identity, master)
    }

    fn assemble(
        &self,
        r: &SecretKey,
        x: &SecretBytes<32>,
        mut plain: Zeroizing<Vec<u8>>,
        identity: &[u8; 32],
        master: &PublicKey,
    ) -> Option<Vec<u8>> {
        let c1 = r.sk_to_pk().compress();
        let pairing = pairing(master, &r.sign(identity, self.domain, &[]));
        let mut c2 = self.mask(&c1, &pairing);
        for (mask, byte) in c2.iter_mut().zip(x.expose()) {
            *mask ^= byte;
        }
        let tag = self
            .cipher(x)
            .encrypt_inout_detached(&Nonce::default(), &c1, plain.as_mut_slice().into())
            .ok()?;
        Some([&c1[..], &c2[..], &plain, &tag].concat())
    }

    /// The content, if `key` is that of the identity to which it was sealed.
    pub(crate) fn open(&self, sealed: &Parsed<'_>, key: &Signature) -> Option<Zeroizing<Vec<u8>>> {
        let mask = self.mask(sealed.c1, &pairing(&sealed.point, key));
        let x = SecretBytes::filled_by(|x| {
            for (byte, (mask, c2)) in x.iter_mut().zip(mask.iter().zip(sealed.c2)) {
                *byte = mask ^ c2;
            }
        });
        let (content, tag) = sealed.c3.split_at_checked(sealed.c3.len().checked_sub(TAG_BYTES)?)?;
        let mut plain = Zeroizing::new(content.to_vec());
        self.cipher(&x)
            .decrypt_inout_detached(
                &Nonce::default(),
                sealed.c1,
                plain.as_mut_slice().into(),
                tag.try_into().ok()?,
            )
            .ok()?;
        (self.scalar(&x, &plain)?.sk_to_pk() == sealed.point).then_some(plain)
    }

    /// r: KeyGen of draft-irtf-cfrg-bls-signature-05 (HKDF to 48 bytes, modulo q) from x and the
    /// content.
    fn scalar(&self, x: &SecretBytes<32>, plain: &[u8]) -> Option<SecretKey> {
        let material = Zeroizing::new([x.expose(), plain].concat());
        SecretKey::key_gen(&material, self.scalar_info).ok()
    }

    fn cipher(&self, x: &SecretBytes<32>) -> ChaCha20Poly1305 {
        let key = expand(&Hkdf::<Sha256>::new(None, x.expose()), &[self.aead_info]);
        let key: &SecretBytes<32> = &key;
        ChaCha20Poly1305::new(key.expose().into())
    }

    fn mask(&self, c1: &[u8; C1_BYTES], pairing: &[u8; GT_BYTES]) -> Zeroizing<[u8; C2_BYTES]> {
        let digest = Sha256::new().chain_update(self.mask_label).chain_update(c1);
        Zeroizing::new(digest.chain_update(pairing).finalize().into())
    }
}

/// The pairing of two checked points, serialised as `docs/protocol.md` section 14 pins it.
fn pairing(p: &PublicKey, q: &Signature) -> Zeroizing<[u8; GT_BYTES]> {
    Zeroizing::new(blst_fp12::miller_loop(q.into(), p.into()).final_exp().to_bendian())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSE: Purpose = Purpose {
        domain: b"TEST_BLS12381G2_XMD:SHA-256_SSWU_RO_",
        scalar_info: b"r",
        mask_label: b"mask",
        aead_info: b"aead",
    };

    #[test]
    fn a_record_whose_r_does_not_follow_from_its_content_stays_closed() {
        let secret = |fill| SecretKey::key_gen(&[fill; 32], b"").unwrap();
        let (identity, x) = ([7; 32], SecretBytes::new([2; 32]));
        let key = secret(1).sign(&identity, PURPOSE.domain, &[]);
        let plain = || Zeroizing::new(b"content".to_vec());
        let opened = |r: &SecretKey| {
            let sealed =
                PURPOSE.assemble(r, &x, plain(), &identity, &secret(1).sk_to_pk()).unwrap();
            PURPOSE.open(&parse(&sealed).unwrap(), &key)
        };
        assert_eq!(opened(&PURPOSE.scalar(&x, &plain()).unwrap()), Some(plain()));
        assert_eq!(opened(&secret(3)), None);
    }

    #[test]
    fn gt_is_serialised_as_the_second_implementation_has_it() {
        let vectors = include_str!("../test-vectors/venue.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let cases = vectors["pairings"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
            let p = PublicKey::uncompress(&bytes("p")).unwrap();
            let q = Signature::uncompress(&bytes("q")).unwrap();
            assert_eq!(pairing(&p, &q).to_vec(), bytes("gt"));
        }
    }
}
