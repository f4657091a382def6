// A secret key of 32 bytes under a passphrase: docs/protocol.md section 14.9. Which
// key it is says a kind: keyfile.js has venues', officer_key.js officers'. Errors have a `code`, by which
// pages choose their words.

import { argon2idAsync } from './vendor/noble/hashes/argon2.js';
import { xchacha20poly1305 } from './vendor/noble/ciphers/chacha.js';
import { concat, equal, fromHex, random, toHex, u32, utf8 } from './bytes.js';
import { KeyFileError } from './key_file_error.js';
import { recoveryCodesOf } from './recovery_code.js';

const ALGORITHM = 'argon2id';
const MAX_FILE_BYTES = 4096;
const MAX_PASSPHRASE_BYTES = 1024;
const MAX_MEMORY_KIB = 256 * 1024;
const MAX_PASSES = 16;
const SEALED_BYTES = 24 + 32 + 16;

/** Characters that a new passphrase has at least. */
export const MIN_PASSPHRASE_CHARS = 10;
/** What working out a key from a passphrase costs: 64 MiB, three passes. */
export const COST = { memory_kib: 64 * 1024, passes: 3 };

/**
 * Key files of one kind: `formatStem` and `sealLabel` name it, `recoveryLabel` (up to the version) its codes; a public key has
 * `publicKeyBytes` bytes and is what `publicKeyOf` makes of a secret.
 */
export function keyFilesOf({ formatStem, sealLabel, recoveryLabel, publicKeyBytes, publicKeyOf }) {
  const format = `${formatStem}1`;
  const label = utf8(`${sealLabel}\0`);

  /** The key file (JSON text) of a secret of 32 bytes. `progress` is called with 0..1. */
  async function sealKeyFile(secret, passphrase, { cost = COST, progress } = {}) {
    if ([...passphrase.normalize('NFC')].length < MIN_PASSPHRASE_CHARS) {
      throw new KeyFileError('short-passphrase', 'the passphrase is too short');
    }
    const salt = random(16);
    const nonce = random(24);
    const publicKey = publicKeyOf(secret);
    const key = await derive(passphrase, cost, salt, progress);
    const cipher = xchacha20poly1305(key, nonce, concat(label, context(publicKey, cost, salt)));
    const sealed = concat(nonce, cipher.encrypt(secret));
    key.fill(0);
    const kdf = { algorithm: ALGORITHM, ...cost, salt: toHex(salt) };
    const file = { format, public_key: toHex(publicKey), kdf, sealed: toHex(sealed) };
    return `${JSON.stringify(file, null, 2)}\n`;
  }

  /** Reads a key file's text without opening it: `{ publicKey, cost, salt, sealed }`. */
  function readKeyFile(text) {
    if (utf8(text).length > MAX_FILE_BYTES) throw new KeyFileError('too-long', 'the file is too long');
    const notOurs = () => new KeyFileError('not-a-key-file', 'this is no key file of this kind');
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      throw notOurs();
    }
    if (typeof file?.format !== 'string') throw notOurs();
    if (file.format !== format) {
      throw file.format.startsWith(formatStem)
        ? new KeyFileError('newer', 'the key file has a newer format') : notOurs();
    }
    if (file.kdf?.algorithm !== ALGORITHM) throw new KeyFileError('newer', 'another algorithm');
    const { memory_kib, passes } = file.kdf;
    if (!Number.isInteger(memory_kib) || !Number.isInteger(passes) || memory_kib < 8 || passes < 1) {
      throw notOurs();
    }
    if (memory_kib > MAX_MEMORY_KIB || passes > MAX_PASSES) {
      throw new KeyFileError('excessive', 'the key file asks for too much memory or time');
    }
    try {
      return {
        publicKey: fromHex(file.public_key, publicKeyBytes),
        cost: { memory_kib, passes },
        salt: fromHex(file.kdf.salt, 16),
        sealed: fromHex(file.sealed, SEALED_BYTES),
      };
    } catch {
      throw notOurs();
    }
  }

  /** The secret in a key file's text. */
  async function openKeyFile(text, passphrase, { progress } = {}) {
    const { publicKey, cost, salt, sealed } = readKeyFile(text);
    const key = await derive(passphrase, cost, salt, progress);
    let secret;
    try {
      const aad = concat(label, context(publicKey, cost, salt));
      secret = xchacha20poly1305(key, sealed.subarray(0, 24), aad).decrypt(sealed.subarray(24));
    } catch {
      throw new KeyFileError('wrong-passphrase', 'the passphrase is wrong for this key file');
    } finally {
      key.fill(0);
    }
    if (!equal(publicKeyOf(secret), publicKey)) {
      throw new KeyFileError('other-key', 'the key file holds another key than it names');
    }
    return secret;
  }

  return { sealKeyFile, readKeyFile, openKeyFile, ...recoveryCodesOf({ label: recoveryLabel, publicKeyOf }) };
}

function context(publicKey, cost, salt) {
  return concat(publicKey, u32(cost.memory_kib), u32(cost.passes), salt);
}

// Keyboards compose Vietnamese letters differently, hence the normal form C.
async function derive(passphrase, cost, salt, onProgress) {
  const bytes = utf8(passphrase.normalize('NFC'));
  if (utf8(passphrase).length > MAX_PASSPHRASE_BYTES) {
    throw new KeyFileError('long-passphrase', 'the passphrase is too long');
  }
  const options = { t: cost.passes, m: cost.memory_kib, p: 1, dkLen: 32, asyncTick: 50, onProgress };
  return argon2idAsync(bytes, salt, options);
}
