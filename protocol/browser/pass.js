// Passes in the browser: asking for them blindly, showing them, and judging them at a door.
// Formats: docs/protocol.md section 15; pass.test.js runs on the vectors of the Rust crate. The
// arithmetic of @noble/curves is not constant-time; each r is used once.

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import { ed25519 } from './vendor/noble/curves/ed25519.js';
import { concat, equal, random, toHex, u16, u32, utf8 } from './bytes.js';
import { fromCode, toCode } from './code.js';
import { Reader } from './reader.js';
import { openSigned, verifies } from './signed.js';
import { keyGen } from './venue.js';

const { G1, G2 } = bls12_381;
const { Fr } = bls12_381.fields;
const { shortSignatures } = bls12_381;
const DOMAIN = 'VX-PASS-1_BLS12381G1_XMD:SHA-256_SSWU_RO_';
const KEYS_LABEL = 'VX-PASS-KEYS-1';
const LIVE_LABEL = 'VX-PASS-LIVE-1';
const CODE_PREFIX = 'VXP1:';
const WHAT = 'the pass';
const CONTENT_BYTES = 37;
const LIVE_BYTES = 153;
const MAX_KEYS = 512;
const MAX_SIGNED_KEYS_BYTES = 128 + MAX_KEYS * 104;
const SPECIMEN = 0x80;
const CLOCK_GRACE_SECONDS = 180;
const STALE_AFTER_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Bytes of a pass. */
export const PASS_BYTES = 85;
/** Passes that a declaration is answered with. */
export const BUNDLE_PASSES = 24;
/** How often a live code is made again. */
export const RENEWAL_SECONDS = 30;
/** How a pass is shown: on a screen, or on paper. */
export const LIVE = 1;
export const PRINTED = 2;

/** Two keys under one name: an authority that publishes them could distinguish passes. To be reported. */
export class ConflictingKeys extends Error {
  constructor(name) {
    super(`two different keys are published for passes of ${name}: do not use them, and report it`);
    this.keyName = name;
  }
}

/**
 * The keys of a signed file: `{ serial, issuedAt, expiresAt, minutesAhead, validDays, keys, revoked }`,
 * `keys` a map from `day-kind-id` to `{ day, kind, id, key }`. `seen` is what was read before.
 */
export function readPassKeys(signed, rootKey, seen) {
  const reader = new Reader('the file of pass keys', openSigned(KEYS_LABEL, signed, MAX_SIGNED_KEYS_BYTES, [rootKey]));
  reader.version(1);
  const [serial, issuedAt, expiresAt] = [reader.u32(), reader.u32(), reader.u32()];
  const minutesAhead = (reader.u16() << 16) >> 16;
  const validDays = reader.byte();
  if (minutesAhead < -720 || minutesAhead > 840) throw reader.malformed('its local time is no offset in use');
  if (validDays < 1 || validDays > 14) throw reader.malformed('passes are valid for 1 to 14 days');
  const keys = new Map();
  for (const name of names(reader, () => reader.take(96))) {
    readPoint(G2, name.rest, "the issuer's key");
    keys.set(nameOf(name), { day: name.day, kind: name.kind, id: name.id, key: name.rest });
  }
  const revoked = new Set([...names(reader, () => null)].map(nameOf));
  reader.end();
  const days = [...keys].filter(([name]) => !revoked.has(name)).map(([, { day, kind }]) => `${day}-${kind}`);
  if (new Set(days).size < days.length) throw reader.malformed('it has two keys for one day and kind');
  for (const [name, { key }] of seen?.keys ?? []) {
    if (keys.has(name) && !equal(keys.get(name).key, key)) throw new ConflictingKeys(name);
  }
  if (seen && serial < seen.serial) {
    throw new Error(`the file of pass keys has serial ${serial}, an earlier one had ${seen.serial}`);
  }
  return { serial, issuedAt, expiresAt, minutesAhead, validDays, keys, revoked };
}

/** The one key under which passes of that local day and kind are asked for. */
export function keyFor(passKeys, day, kind) {
  for (const [name, key] of passKeys.keys) {
    if (key.day === day && key.kind === kind && !passKeys.revoked.has(name)) return key;
  }
  throw new Error('no key is published for passes of that day and kind');
}

/**
 * A request for a pass: `{ holderSeed, r, content, blinded }`, to be stored sealed but for `blinded`,
 * which is sent. `seeds` is for test vectors only.
 */
export function requestPass({ day, kind, id }, seeds = {}) {
  const holderSeed = seeds.holder ?? random(32);
  const r = keyGen(seeds.blinding ?? random(32), 'VX-PASS-BLIND-1');
  const content = concat([1, kind], u16(day), [id], ed25519.getPublicKey(holderSeed));
  return { holderSeed, r, content, blinded: hash(content).multiply(r).toBytes() };
}

/** The pass, from the issuer's answer; throws unless the published key has signed its content. */
export function finishPass(request, answer, { key }) {
  const signed = readPoint(G1, answer, 'the answer').multiply(Fr.inv(request.r));
  const pass = concat(request.content, signed.toBytes());
  if (!isIssued(pass, key)) throw new Error('the pass was not issued by that key, or was altered');
  return pass;
}

/** What a screen shows of a live pass at `now` (Unix seconds): 153 bytes. */
export function showLive(pass, holderSeed, now) {
  const shown = concat(pass, u32(now));
  return concat(shown, ed25519.sign(concat(utf8(LIVE_LABEL), [0], shown), holderSeed));
}

/** The text of the QR code of a printed pass, or of a live one as it is shown. */
export function codeOf(bytes) {
  return toCode(CODE_PREFIX, bytes);
}

/** What a code holds: as `readPresented`. */
export function readCode(code) {
  return readPresented(fromCode(WHAT, CODE_PREFIX, code, LIVE_BYTES));
}

/** `{ bytes, pass, kind, firstDay, keyId, holder, shownAt? }`; points are checked, nothing else. */
export function readPresented(bytes) {
  const reader = new Reader(WHAT, bytes);
  const presented = readPass(reader);
  reader.end();
  return { ...presented, bytes };
}

/** Reads a pass, of a screen with its time and signature, and leaves what follows. */
export function readPass(reader) {
  reader.version(1);
  const kind = reader.byte();
  if (![LIVE, PRINTED].includes(kind & ~SPECIMEN)) {
    throw reader.malformed('it is of a kind that this program does not know');
  }
  const [firstDay, keyId, holder, signature] = [reader.u16(), reader.byte(), reader.take(32), reader.take(48)];
  requireHolderKey(holder);
  readPoint(G1, signature, "the pass's signature");
  const pass = concat([1, kind], u16(firstDay), [keyId], holder, signature);
  const presented = { pass, kind, firstDay, keyId, holder };
  if ((kind & ~SPECIMEN) !== LIVE) return presented;
  const shownAt = reader.u32();
  return { ...presented, shownAt, holderSignature: reader.take(64) };
}

/**
 * What a door says at `now`: `{ verdict }`, one of valid, specimen, not-a-pass, unknown-key,
 * wrong-day (`first`, `last`), too-old (`seconds`), clocks-differ (`shownAt`), keys-expired.
 */
export function judge(passKeys, presented, now) {
  if (now >= passKeys.expiresAt) return { verdict: 'keys-expired' };
  const { pass, kind, firstDay, keyId, shownAt } = presented;
  const name = nameOf({ day: firstDay, kind, id: keyId });
  const specimen = (kind & SPECIMEN) !== 0;
  if (!specimen && (!passKeys.keys.has(name) || passKeys.revoked.has(name))) return { verdict: 'unknown-key' };
  const key = specimen ? specimenKey() : passKeys.keys.get(name).key;
  if (!isIssued(pass, key) || !holderShowed(presented)) return { verdict: 'not-a-pass' };
  if (specimen) return { verdict: 'specimen' };
  const last = firstDay + passKeys.validDays - 1;
  const today = localDay(passKeys.minutesAhead, now);
  if (today < firstDay || today > last) return { verdict: 'wrong-day', first: firstDay, last };
  if (shownAt !== undefined && now - shownAt > STALE_AFTER_SECONDS) return { verdict: 'too-old', seconds: now - shownAt };
  if (shownAt !== undefined && Math.abs(now - shownAt) > CLOCK_GRACE_SECONDS) return { verdict: 'clocks-differ', shownAt };
  return { verdict: 'valid' };
}

/** The local day at a time, counted from 1970-01-01. */
export function localDay(minutesAhead, time) {
  return Math.floor((time + minutesAhead * 60) / DAY_SECONDS);
}

/** Whether the issuer's key signed the content of a pass. */
export function isIssued(pass, key) {
  try {
    const signature = readPoint(G1, pass.subarray(CONTENT_BYTES), "the pass's signature");
    return shortSignatures.verify(signature, hash(pass.subarray(0, CONTENT_BYTES)), pointOf(key));
  } catch {
    return false;
  }
}

/** A door uses a few keys for many passes: their points are worked out once. */
const points = new WeakMap();
function pointOf(key) {
  if (!points.has(key)) points.set(key, G2.Point.fromBytes(key));
  return points.get(key);
}

function holderShowed({ pass, holder, shownAt, holderSignature }) {
  return shownAt === undefined || verifies(LIVE_LABEL, concat(pass, u32(shownAt)), holderSignature, holder);
}

let specimenPoint;
function specimenKey() {
  specimenPoint ??= G2.Point.BASE.multiply(keyGen(new Uint8Array(32), 'VX-PASS-SPECIMEN-1')).toBytes();
  return specimenPoint;
}

function* names(reader, readRest) {
  const count = reader.u16();
  if (count > MAX_KEYS) throw reader.malformed('it has more keys than a reader takes');
  let last = '';
  for (let i = 0; i < count; i++) {
    const [day, kind, id] = [reader.u16(), reader.byte(), reader.byte()];
    const order = toHex(concat(u16(day), [kind, id]));
    if (kind !== LIVE && kind !== PRINTED) throw reader.malformed('a key is for a kind that this program does not know');
    if (order <= last) throw reader.malformed('its keys are not in order, each once');
    last = order;
    yield { day, kind, id, rest: readRest() };
  }
}

function nameOf({ day, kind, id }) {
  return `${day}-${kind}-${id}`;
}

function hash(content) {
  return shortSignatures.hash(content, utf8(DOMAIN));
}

// One encoding for each key, and none of small order.
function requireHolderKey(bytes) {
  try {
    const point = ed25519.Point.fromBytes(bytes, false);
    if (!point.isSmallOrder() && equal(point.toBytes(), bytes)) return;
  } catch {
    // Refused below.
  }
  throw new Error("the pass's own key is no valid Ed25519 public key");
}

/** A compressed point of the group, checked; throws otherwise. */
export function readPoint(group, bytes, what) {
  try {
    const point = group.Point.fromBytes(bytes);
    point.assertValidity();
    if (!point.is0() && point.isTorsionFree() && equal(point.toBytes(), bytes)) return point;
  } catch {
    // Refused below.
  }
  throw new Error(`${what} is no valid point: not on the curve, outside the subgroup, or the identity`);
}
