// HPKE (RFC 9180) in base mode for one message, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
// ChaCha20-Poly1305. Sealed: ephemeral key (32) || ciphertext || tag (16).

import { x25519 } from './vendor/noble/curves/ed25519.js';
import { expand, extract } from './vendor/noble/hashes/hkdf.js';
import { sha256 } from './vendor/noble/hashes/sha2.js';
import { chacha20poly1305 } from './vendor/noble/ciphers/chacha.js';
import { concat, random, u16, utf8 } from './bytes.js';

const KEM = concat(utf8('KEM'), u16(0x20));
const SUITE = concat(utf8('HPKE'), u16(0x20), u16(1), u16(3));
const VERSION = utf8('HPKE-v1');
const EMPTY = new Uint8Array();
const KEY_BYTES = 32;

/** The public half of a private key of 32 bytes. */
export function publicKeyOf(secret) {
  return x25519.getPublicKey(secret);
}

/** Whether a public key is of small order: what it agrees on is known to everybody. */
export function isWeak(publicKey) {
  try {
    x25519.getSharedSecret(new Uint8Array(KEY_BYTES).fill(1), publicKey);
    return false;
  } catch {
    return true;
  }
}

/** `label || 0x00 || length || authority id || rest`: what `info` is made of here. */
export function infoOf(label, authority, rest) {
  const id = utf8(authority);
  return concat(utf8(label), [0, id.length], id, rest);
}

/** Seals `plain` to a public key. `ikm` is for test vectors only. Throws for a weak key. */
export function seal(publicKey, info, aad, plain, ikm = random(KEY_BYTES)) {
  const secret = labelledExpand(KEM, labelledExtract(KEM, EMPTY, 'dkp_prk', ikm), 'sk', EMPTY, KEY_BYTES);
  const ephemeral = publicKeyOf(secret);
  const shared = x25519.getSharedSecret(secret, publicKey);
  return concat(ephemeral, cipher(shared, ephemeral, publicKey, info, aad).encrypt(plain));
}

/** Opens what was sealed to the public half of `secret`; throws when it is anything else. */
export function open(secret, info, aad, sealed) {
  const ephemeral = sealed.subarray(0, KEY_BYTES);
  const shared = x25519.getSharedSecret(secret, ephemeral);
  return cipher(shared, ephemeral, publicKeyOf(secret), info, aad).decrypt(sealed.subarray(KEY_BYTES));
}

/**
 * The same for many messages to one key: an asynchronous `(info, aad, sealed) => plain`. The agreement, which
 * takes nearly all of the time, is the browser's own where it has one.
 */
export async function openerOf(secret) {
  const publicKey = publicKeyOf(secret);
  const agree = await agreementOf(secret);
  return async (info, aad, sealed) => {
    const ephemeral = sealed.subarray(0, KEY_BYTES);
    const shared = await agree(ephemeral);
    return cipher(shared, ephemeral, publicKey, info, aad).decrypt(sealed.subarray(KEY_BYTES));
  };
}

/** PKCS #8 of an X25519 key without its last 32 bytes (RFC 8410). */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);

async function agreementOf(secret) {
  const own = (ephemeral) => x25519.getSharedSecret(secret, ephemeral);
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return own;
  try {
    const pkcs8 = concat(PKCS8, secret);
    const key = await subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
    pkcs8.fill(0);
    return async (ephemeral) => {
      const other = await subtle.importKey('raw', ephemeral, 'X25519', false, []);
      const shared = new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: other }, key, 256));
      // RFC 9180, 7.1.4: what a weak key agrees on is refused, also by browsers that do not.
      if (shared.every((byte) => byte === 0)) throw new Error('the public key is of small order');
      return shared;
    };
  } catch {
    // Browsers before 2025.
    return own;
  }
}

function cipher(shared, ephemeral, publicKey, info, aad) {
  const agreed = labelledExtract(KEM, EMPTY, 'eae_prk', shared);
  const secret = labelledExpand(KEM, agreed, 'shared_secret', concat(ephemeral, publicKey), 32);
  const context = concat([0], labelledExtract(SUITE, EMPTY, 'psk_id_hash', EMPTY), labelledExtract(SUITE, EMPTY, 'info_hash', info));
  const schedule = labelledExtract(SUITE, secret, 'secret', EMPTY);
  const key = labelledExpand(SUITE, schedule, 'key', context, 32);
  return chacha20poly1305(key, labelledExpand(SUITE, schedule, 'base_nonce', context, 12), aad);
}

function labelledExtract(suite, salt, label, ikm) {
  return extract(sha256, concat(VERSION, suite, utf8(label), ikm), salt);
}

function labelledExpand(suite, key, label, info, length) {
  return expand(sha256, key, concat(u16(length), VERSION, suite, utf8(label), info), length);
}
