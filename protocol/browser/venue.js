// Venues in the browser: the venue's key pair with its proof of possession, its shares of slot
// keys, and sealing a visit. The formats are those of docs/protocol.md section 14; venue.test.js
// runs on the same vectors as the Rust crate. The arithmetic of @noble/curves is not constant-time.

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import { hkdf, expand, extract } from './vendor/noble/hashes/hkdf.js';
import { sha256 } from './vendor/noble/hashes/sha2.js';
import { chacha20poly1305 } from './vendor/noble/ciphers/chacha.js';
import { STEERING } from './bytes.js';

const encoder = new TextEncoder();
const ORDER = bls12_381.fields.Fr.ORDER;
const { G1, G2 } = bls12_381;
const PROOF_DOMAIN = 'VX-VENUE-POP-1_BLS12381G2_XMD:SHA-256_SSWU_RO_';
const SLOT_DOMAIN = 'VX-VENUE-SLOT-1_BLS12381G2_XMD:SHA-256_SSWU_RO_';
const SLOT_SECONDS = 3600;
const VENUE_KEY_AT = 27;
const VENUE_NAME_BYTES = 54;

/** A venue's key pair: `{ secret (32 bytes), publicKey (48), proof (96) }`. */
export function makeKeyPair() {
  const secret = toBytes(keyGen(random(32), 'VX-VENUE-KEY-1'), 32);
  return { secret, publicKey: publicKeyOf(secret), proof: proofOfPossession(secret) };
}

/** The public key of a secret of 32 bytes. Throws when it is no scalar in 1..q. */
export function publicKeyOf(secret) {
  return G1.Point.BASE.multiply(toScalar(secret)).toBytes();
}

/** Proves to hold a venue's secret. */
export function proofOfPossession(secret) {
  return sign(secret, concat(encoder.encode('venue'), [0], publicKeyOf(secret)), PROOF_DOMAIN);
}

/** Whether the holder of the secret of `publicKey` made the proof as `role` (venue, authority). */
export function isProven(publicKey, proof, role) {
  try {
    const signature = G2.Point.fromBytes(proof);
    signature.assertValidity();
    if (signature.is0() || !signature.isTorsionFree()) return false;
    const message = hash(concat(encoder.encode(role), [0], publicKey), PROOF_DOMAIN);
    const proven = bls12_381.pairing(readKey(publicKey), message);
    return equal(serialiseGt(bls12_381.pairing(G1.Point.BASE, signature)), serialiseGt(proven));
  } catch {
    return false;
  }
}

/**
 * The venue's share of the key of one slot: sigma_venue. `source` comes from the venue's own poster:
 * its payload, or one of the sources of a display (poster.js).
 */
export function share(secret, source, hour) {
  if (!equal(source.subarray(VENUE_KEY_AT, VENUE_KEY_AT + 48), publicKeyOf(secret))) {
    throw new Error('this poster does not carry the key of this venue');
  }
  return sign(secret, slotOf(source, hour).identity, SLOT_DOMAIN);
}

/** A slot's identity and notify key, 32 bytes each. `source` as for `share`. */
export function slotOf(source, hour) {
  const k = hkdf(sha256, source, encoder.encode('VX-VENUE-1'), encoder.encode('venue-key'), 32);
  const derive = (info) => hkdf(sha256, k, undefined, concat(encoder.encode(info), u32(hour)), 32);
  return { identity: derive('slot-id'), notifyKey: derive('notify') };
}

/** The joint key of a venue and the authority, whose proof the caller has verified. */
export function joinKeys(venueKey, authorityKey) {
  return readKey(readKey(venueKey).add(readKey(authorityKey)).toBytes()).toBytes();
}

/**
 * Seals the part of a visit that lies in one hour: 192 bytes. `visit` is
 * `{ from, until (Unix seconds), companions, venue }`; `source` a verified poster's (poster.js).
 * `x` is for test vectors only.
 */
export function sealVisit(visit, source, masterKey, x = random(32)) {
  const hour = Math.floor(visit.from / SLOT_SECONDS);
  if (!(visit.from < visit.until && visit.until <= (hour + 1) * SLOT_SECONDS)) {
    throw new Error("the visit's times do not lie in one hour in order");
  }
  const slot = slotOf(source, hour);
  const name = shortened(visit.venue, VENUE_NAME_BYTES);
  const padding = new Uint8Array(VENUE_NAME_BYTES - name.length);
  const plain = concat(u32(visit.from), u32(visit.until), slot.notifyKey,
    [visit.companions ?? 0, name.length], name, padding);
  const r = keyGen(concat(x, plain), 'VX-VENUE-R-1');
  const c1 = G1.Point.BASE.multiply(r).toBytes();
  const mask = maskOf(c1, bls12_381.pairing(readKey(masterKey), hash(slot.identity, SLOT_DOMAIN).multiply(r)));
  return concat(c1, x.map((byte, i) => byte ^ mask[i]), cipher(x, c1).encrypt(plain));
}

/** Opens a sealed visit with a published slot key: the 96 bytes of content, or null. */
export function openVisit(sealed, slotKey) {
  return slotOpener(slotKey)(sealed);
}

/**
 * What opens sealed visits with one published slot key, as `openVisit`; what is the same for all of
 * them is worked out once. A slot key that is no valid point opens nothing.
 */
export function slotOpener(slotKey) {
  let lines;
  try {
    const point = G2.Point.fromBytes(slotKey);
    point.assertValidity();
    if (point.is0()) return () => null;
    lines = bls12_381.utils.calcPairingPrecomputes(point);
  } catch {
    return () => null;
  }
  return (sealed) => {
    try {
      const c1 = sealed.subarray(0, 48);
      const { x: px, y: py } = readKey(c1).toAffine();
      const mask = maskOf(c1, bls12_381.millerLoopBatch([[lines, px, py]], true));
      const x = sealed.slice(48, 80).map((byte, i) => byte ^ mask[i]);
      const plain = cipher(x, c1).decrypt(sealed.subarray(80));
      const again = G1.Point.BASE.multiply(keyGen(concat(x, plain), 'VX-VENUE-R-1')).toBytes();
      return equal(again, c1) ? plain : null;
    } catch {
      return null;
    }
  };
}

/** The pairing's value as the protocol pins it: 576 bytes. */
export function serialiseGt(value) {
  const parts = [];
  for (let k = 0; k < 6; k++) {
    const { c0, c1 } = (k % 2 ? value.c1 : value.c0)[`c${Math.floor(k / 2)}`];
    parts.push(toBytes(c0, 48), toBytes(c1, 48));
  }
  return concat(...parts);
}

function maskOf(c1, pairing) {
  return sha256(concat(encoder.encode('VX-VENUE-MASK-1'), c1, serialiseGt(pairing)));
}

function cipher(x, c1) {
  const key = hkdf(sha256, x, undefined, encoder.encode('VX-VENUE-CELL-1'), 32);
  return chacha20poly1305(key, new Uint8Array(12), c1);
}

/** KeyGen of draft-irtf-cfrg-bls-signature-05, section 2.3: a scalar in 1..q. */
export function keyGen(material, info) {
  let salt = encoder.encode('BLS-SIG-KEYGEN-SALT-');
  for (;;) {
    salt = sha256(salt);
    const key = extract(sha256, concat(material, [0]), salt);
    const scalar = toNumber(expand(sha256, key, concat(encoder.encode(info), [0, 48]), 48)) % ORDER;
    if (scalar !== 0n) return scalar;
  }
}

function sign(secret, message, domain) {
  return hash(message, domain).multiply(toScalar(secret)).toBytes();
}

function hash(message, domain) {
  return bls12_381.longSignatures.hash(message, encoder.encode(domain));
}

// fromBytes checks the encoding and the curve, assertValidity the subgroup and the identity.
function readKey(bytes) {
  const point = G1.Point.fromBytes(bytes);
  point.assertValidity();
  if (point.is0() || !point.isTorsionFree()) throw new Error('this is no valid public key');
  return point;
}

function toScalar(secret) {
  const scalar = toNumber(secret);
  if (secret.length !== 32 || scalar === 0n || scalar >= ORDER) {
    throw new Error('the secret key is no valid scalar');
  }
  return scalar;
}

function shortened(text, limit) {
  const clean = text.replace(STEERING, ' ');
  let bytes = new Uint8Array();
  for (const character of clean) {
    const longer = concat(bytes, encoder.encode(character));
    if (longer.length > limit) break;
    bytes = longer;
  }
  return bytes;
}

function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

function u32(number) {
  return toBytes(BigInt(number), 4);
}

function toNumber(bytes) {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function toBytes(number, length) {
  const hex = number.toString(16).padStart(2 * length, '0');
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

function concat(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
