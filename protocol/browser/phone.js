// Telephone codes of declarations in the browser: tokens asked for blindly, proofs of numbers. Formats:
// docs/protocol.md section 17.5; phone.test.js runs on the vectors of the Rust crate. The arithmetic of
// @noble/curves is not constant-time; each r is used once.

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import { ed25519 } from './vendor/noble/curves/ed25519.js';
import { sha256 } from './vendor/noble/hashes/sha2.js';
import { concat, equal, fromBase64, random, toBase64, toHex, u16, utf8 } from './bytes.js';
import { readPoint } from './pass.js';
import { Reader } from './reader.js';
import { openSigned, verifies } from './signed.js';
import { keyGen } from './venue.js';

const { G1, G2, shortSignatures } = bls12_381;
const { Fr } = bls12_381.fields;
const DOMAIN = 'VX-PHONE-TOKEN-1_BLS12381G1_XMD:SHA-256_SSWU_RO_';
const KEYS_LABEL = 'VX-PHONE-KEYS-1';
const PROOF_LABEL = 'VX-PHONE-PROOF-1';
const POINT_BYTES = 48;
const CONTENT_BYTES = 35;
const MAX_KEYS = 160;
const MAX_SIGNED_KEYS_BYTES = 128 + MAX_KEYS * 131;

/** Bytes of every request's and every answer's body. */
export const PHONE_BYTES = 8192;
/** Tokens that a right code is answered with. */
export const TOKENS_EACH = 100;

/** Two keys under one name: an authority that publishes them could distinguish people. To be reported. */
export class ConflictingPhoneKeys extends Error {
  constructor(name) {
    super(`two different keys are published for telephone codes of ${name}: do not use them, and report it`);
    this.keyName = name;
  }
}

/**
 * The keys of a signed file: `{ serial, issuedAt, expiresAt, minutesAhead, keys }`, `keys` a map from
 * `day-id` to `{ day, id, token, proof }`. `seen` is what was read before.
 */
export function readPhoneKeys(signed, rootKey, seen) {
  const what = 'the file of keys of telephone codes';
  const reader = new Reader(what, openSigned(KEYS_LABEL, signed, MAX_SIGNED_KEYS_BYTES, [rootKey]));
  reader.version(1);
  const [serial, issuedAt, expiresAt] = [reader.u32(), reader.u32(), reader.u32()];
  const minutesAhead = (reader.u16() << 16) >> 16;
  if (minutesAhead < -720 || minutesAhead > 840) throw reader.malformed('its local time is no offset in use');
  const count = reader.u16();
  if (count > MAX_KEYS) throw reader.malformed('it has more keys than a reader takes');
  const keys = new Map();
  for (let i = 0, last = -1; i < count; i++) {
    const [day, id, token, proof] = [reader.u16(), reader.byte(), reader.take(96), reader.take(32)];
    readPoint(G2, token, "the issuer's key");
    requireProofKey(proof);
    const order = day * 256 + id;
    if (order <= last) throw reader.malformed('its keys are not in order, each once');
    last = order;
    keys.set(`${day}-${id}`, { day, id, token, proof });
  }
  reader.end();
  for (const [name, { token, proof }] of seen?.keys ?? []) {
    const other = keys.get(name);
    if (other && !(equal(other.token, token) && equal(other.proof, proof))) throw new ConflictingPhoneKeys(name);
  }
  if (seen && serial < seen.serial) throw new Error(`${what} has serial ${serial}, an earlier one had ${seen.serial}`);
  return { serial, issuedAt, expiresAt, minutesAhead, keys };
}

/** The key under which tokens of a local day are issued. */
export function phoneKeyFor(phoneKeys, day) {
  const key = keysOf(phoneKeys, day).at(-1);
  if (!key) throw new Error('no key is published for telephone codes of that day');
  return key;
}

// In order of their ids: those that were replaced, too.
function keysOf(phoneKeys, day) {
  return [...phoneKeys.keys.values()].filter((key) => key.day === day);
}

/** The number of who declares: a code is sent there. */
export function declarerPhone(form) {
  return form.byPhone || form.phone || '';
}

/** Whether a form's proof is the authority's over the declarer's number and its day. */
export function numberProven(form, phoneKeys) {
  if (!phoneKeys || !form.phoneProof) return false;
  try {
    const proof = fromBase64(form.phoneProof);
    return keysOf(phoneKeys, form.day).some((key) => proves(proof, declarerPhone(form), key));
  } catch {
    return false;
  }
}

function proves(proof, number, { day, proof: key }) {
  return proof.length === 64 && verifies(PROOF_LABEL, concat(u16(day), utf8(number)), proof, key);
}

/**
 * A request for a token of that local day: `{ content, r, blinded }`, to be stored sealed but for `blinded`,
 * which is sent. `seeds` is for test vectors only.
 */
export function requestToken(day, seeds = {}) {
  const r = keyGen(seeds.blinding ?? random(32), 'VX-PHONE-BLIND-1');
  const content = concat([1], u16(day), seeds.nonce ?? random(32));
  return { content, r, blinded: hash(content).multiply(r).toBytes() };
}

/** A point that looks like a request for a token and is none: made in less time, for who needs fewer. */
export function fillerPoint() {
  return G1.Point.BASE.multiply(keyGen(random(32), 'VX-PHONE-BLIND-1')).toBytes();
}

/** The token, from the issuer's answer; throws unless the day's published key has signed it. */
export function finishToken(request, answer, key) {
  const signed = readPoint(G1, answer, 'the answer').multiply(Fr.inv(request.r));
  const token = concat(request.content, signed.toBytes());
  if (!isIssued(token, key)) throw new Error('the token of the telephone code was not issued by that key, or was altered');
  return token;
}

/** What the server keeps of a spent token. */
export function spentHash(token) {
  return sha256(concat(utf8('VX-PHONE-SPENT-1\0'), token.subarray(0, CONTENT_BYTES)));
}

/** Whether the day's key issued the token. */
export function isIssued(token, key) {
  try {
    const content = token.subarray(0, CONTENT_BYTES);
    const right = token.length === CONTENT_BYTES + POINT_BYTES && content[0] === 1 && equal(content.subarray(1, 3), u16(key.day));
    const signature = readPoint(G1, token.subarray(CONTENT_BYTES), "the token's signature");
    return right && shortSignatures.verify(signature, hash(content), G2.Point.fromBytes(key.token));
  } catch {
    return false;
  }
}

/** The body that asks for a code: JSON of PHONE_BYTES bytes. `session` are 16 random bytes. */
export function codeBody({ phone, language, session }) {
  return padded({ phone, language, session: toHex(session) });
}

/** The body that confirms it, with TOKENS_EACH blinded points. The same again gets the same answer. */
export function confirmBody({ phone, session, code, day, blinded }) {
  if (blinded.length !== TOKENS_EACH) throw new Error(`a request has ${TOKENS_EACH} points`);
  return padded({ phone, session: toHex(session), code, day, blinded: toBase64(concat(...blinded)) });
}

/** What a confirmation is answered with: `{ proof, answers }`; the proof is verified, each answer when it is finished. */
export function confirmed(body, phone, key) {
  const points = fromBase64(body.signed);
  if (points.length !== TOKENS_EACH * POINT_BYTES) throw new Error(`the answer has not ${TOKENS_EACH} points`);
  if (!proves(fromBase64(body.proof), phone, key)) throw new Error('the telephone number is not proven');
  const answers = Array.from({ length: TOKENS_EACH }, (_, i) => points.slice(POINT_BYTES * i, POINT_BYTES * (i + 1)));
  return { proof: body.proof, answers };
}

function padded(body) {
  const missing = PHONE_BYTES - utf8(JSON.stringify({ ...body, padding: '' })).length;
  if (missing < 0) throw new Error('the request is too long');
  return JSON.stringify({ ...body, padding: '0'.repeat(missing) });
}

function hash(content) {
  return shortSignatures.hash(content, utf8(DOMAIN));
}

// One encoding for each key, and none under which anything verifies.
function requireProofKey(bytes) {
  try {
    const point = ed25519.Point.fromBytes(bytes, false);
    if (!point.isSmallOrder() && equal(point.toBytes(), bytes)) return;
  } catch {
    // Refused below.
  }
  throw new Error('a key of telephone codes is no valid Ed25519 public key');
}
