// A declaration, sealed to the intake key of its day, and the request that carries it: docs/protocol.md
// section 17. The rules of forms are in form.js.

import { sha256 } from './vendor/noble/hashes/sha2.js';
import { concat, fromBase64, fromUtf8, random, toBase64, toHex, u16, u32, utf8 } from './bytes.js';
import { fromJson, KINDS, toJson } from './form.js';
import { infoOf, open, openerOf, seal } from './hpke.js';
import { BUNDLE_PASSES } from './pass.js';

export { numberProven, readPhoneKeys } from './phone.js';

const PLAIN_BYTES = 2048;
/** Bytes of a sealed form. */
export const SEALED_BYTES = PLAIN_BYTES + 48;
const POINT_BYTES = 48;
const LABEL = 'VX-INTAKE-1';
/** Bytes of every request's and every answer's body. */
export const REQUEST_BYTES = 6144;
export const RESPONSE_BYTES = 2048;

/** Seals a normalised form without problems. `submission` are 16 random bytes; `ikm` is for test vectors only. */
export function sealForm(form, submission, authority, key, ikm) {
  if (form.day !== key.day) throw new Error('the declaration says something else inside than outside');
  const json = utf8(toJson(form));
  if (json.length > PLAIN_BYTES - 2) throw new Error(`the declaration has the wrong length: ${json.length} bytes`);
  const plain = concat(u16(json.length), json, new Uint8Array(PLAIN_BYTES - 2 - json.length));
  return seal(key.key, infoOf(LABEL, authority, u32(key.id)), placeOf(envelopeOf(form, submission)), plain, ikm);
}

/** What stands outside of the sealed form: `{ kind, ward, day, submission }`. */
export function envelopeOf(form, submission) {
  return { kind: KINDS[form.kind], ward: form.ward ?? 0, day: form.day, submission };
}

/** Opens a sealed form with the private half of the day's key; its problems are for the reader to show. */
export function openForm(sealed, envelope, authority, key, half) {
  return readForm(open(half, infoOf(LABEL, authority, u32(key.id)), placeOf(envelope), sealed), envelope);
}

/** The same for many: an asynchronous `(sealed, envelope) => form`. */
export async function formOpener(authority, key, half) {
  const openSealed = await openerOf(half);
  const info = infoOf(LABEL, authority, u32(key.id));
  return async (sealed, envelope) => readForm(await openSealed(info, placeOf(envelope), sealed), envelope);
}

function readForm(plain, envelope) {
  const length = (plain[0] << 8) | plain[1];
  if (length > PLAIN_BYTES - 2 || plain.subarray(2 + length).some((byte) => byte !== 0)) {
    throw new Error('the declaration cannot be read');
  }
  const form = fromJson(fromUtf8(plain.subarray(2, 2 + length)));
  const inside = envelopeOf(form, envelope.submission);
  if (inside.kind !== envelope.kind || inside.ward !== envelope.ward || inside.day !== envelope.day) {
    throw new Error('the declaration says something else inside than outside');
  }
  return form;
}

/** The secret of a receipt, and what the server keeps of it. */
export function makeReceipt(secret = random(16)) {
  return { secret, hash: sha256(concat(utf8('VX-RECEIPT-1\0'), secret)) };
}

/**
 * The body of a request: JSON of REQUEST_BYTES bytes. `blinded` are 24 points, `printed` how many of the last are for
 * paper; one that replaces another asks for none.
 */
export function requestBody({ envelope, keyId, sealed, receipt, blinded, printed, replaces, token }) {
  if (blinded.length !== (replaces ? 0 : BUNDLE_PASSES)) throw new Error('a request has 24 points, or replaces another one');
  const body = {
    kind: envelope.kind, ward: envelope.ward, day: envelope.day, keyId, submission: toHex(envelope.submission),
    sealed: toBase64(sealed), receipt: toHex(receipt.hash), blinded: toBase64(concat(...blinded)), printed,
  };
  if (replaces) {
    body.replaces = toHex(replaces.submission);
    body.receiptSecret = toHex(replaces.secret);
  }
  if (token) body.token = toBase64(token);
  body.padding = '';
  const missing = REQUEST_BYTES - utf8(JSON.stringify(body)).length;
  if (missing < 0) throw new Error('the request is too long');
  return JSON.stringify({ ...body, padding: '0'.repeat(missing) });
}

/** The 24 answers of a response's body; each is checked when its pass is finished. */
export function answersOf(body) {
  const points = fromBase64(body.signed);
  if (points.length !== BUNDLE_PASSES * POINT_BYTES) throw new Error('the answer has not 24 points');
  return Array.from({ length: BUNDLE_PASSES }, (_, i) => points.slice(POINT_BYTES * i, POINT_BYTES * (i + 1)));
}

function placeOf({ kind, ward, day, submission }) {
  return concat([kind, ward >> 16, (ward >> 8) & 0xff, ward & 0xff], u16(day), submission);
}
