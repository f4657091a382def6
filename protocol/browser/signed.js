// Documents with a detached Ed25519 signature: docs/protocol.md section 13.

import { ed25519 } from './vendor/noble/curves/ed25519.js';
import { concat, fromBase64, fromUtf8, utf8 } from './bytes.js';

const SIGNATURE_LINE_BYTES = 89;

/** Whether `key` (32 bytes) signed `bytes` for the purpose that `label` names; strict. */
export function verifies(label, bytes, signature, key) {
  try {
    return ed25519.verify(signature, concat(utf8(label), [0], bytes), key, { zip215: false });
  } catch {
    return false;
  }
}

/** Splits a signed document of at most `limit` bytes into `{ signature, bytes }`. */
export function parseSigned(signed, limit) {
  if (signed.length > limit) throw new Error(`the document has more than ${limit} bytes`);
  let signature;
  try {
    if (signed[SIGNATURE_LINE_BYTES - 1] !== 10) throw new Error();
    signature = fromBase64(fromUtf8(signed.subarray(0, SIGNATURE_LINE_BYTES - 1)));
  } catch {
    throw new Error('the document does not start with its signature');
  }
  return { signature, bytes: signed.subarray(SIGNATURE_LINE_BYTES) };
}

/** The bytes of a signed document, if one of `keys` signed it. */
export function openSigned(label, signed, limit, keys) {
  const { signature, bytes } = parseSigned(signed, limit);
  if (!keys.some((key) => verifies(label, bytes, signature, key))) {
    throw new Error('the signature is not valid: the document was altered or signed by someone else');
  }
  return bytes;
}
