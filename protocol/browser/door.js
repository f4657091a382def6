// Supervised doors in the browser: sealing what is scanned, opening an hour, cards and contacts, warnings
// to passes. Formats: docs/protocol.md section 18; door.test.js runs on the vectors of the Rust crate.

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import { ed25519, x25519 } from './vendor/noble/curves/ed25519.js';
import { hkdf } from './vendor/noble/hashes/hkdf.js';
import { hmac } from './vendor/noble/hashes/hmac.js';
import { sha256 } from './vendor/noble/hashes/sha2.js';
import { chacha20poly1305, xchacha20poly1305 } from './vendor/noble/ciphers/chacha.js';
import { STEERING, concat, equal, random, toHex, u16, u32, utf8 } from './bytes.js';
import { fromCode, toCode } from './code.js';
import { infoOf, isWeak, open as openBox, publicKeyOf, seal as sealBox } from './hpke.js';
import { isIssued, localDay, readPass } from './pass.js';
import { Reader } from './reader.js';
import { openSigned, verifies } from './signed.js';
import { keyGen, serialiseGt } from './venue.js';

const { G1, G2 } = bls12_381;
const DOOR_DOMAIN = 'VX-DOOR-SLOT-1_BLS12381G2_XMD:SHA-256_SSWU_RO_';
const CARD_DOMAIN = 'VX-CARD-1_BLS12381G1_XMD:SHA-256_SSWU_RO_';
const PLAIN_BYTES = 256;
const BODY_AT = 11;
const CARD_BYTES = 165;
const MAX_CARD_KEYS = 64;
const MAX_SIGNED_CARD_KEYS_BYTES = 128 + MAX_CARD_KEYS * 133;
const CARD_SIGNED_BYTES = 117;
const CONTACT_BYTES = 240;
const MAX_STAY_SECONDS = 24 * 3600;
const MAX_RECORDS_PER_HOUR = 4096;
const CLOCK_GRACE_SECONDS = 180;
const NOTICES_PER_PASS = 4;
const SIZE_CLASSES = [32, 256, 2048];
const ENTRY_BYTES = 248;
const TAG_BYTES = 16;
const WARNING_BYTES = 268;
const SLOT_CLASSES = [32, 128, 512, 2000];
const MAX_REGION_BYTES = 64;
/** Bytes of the longest batch with a section for passes, signed. */
export const MAX_BATCH_BYTES = 128 + 12 + MAX_REGION_BYTES + 2000 * WARNING_BYTES + 34 + 2048 * ENTRY_BYTES;
const SPECIMEN = 0x80;

/** Bytes of a sealed record. */
export const RECORD_BYTES = 352;
/** What was scanned, and coming or going. */
export const PASS = 1;
export const CARD = 2;
export const CONTACT = 3;
export const IN = 1;
export const LEFT = 2;
/** How many records an upload has, decoys included. */
export const UPLOAD_CLASSES = [64, 512, 4096];

/** The door's identity in an hour; `payload` is the poster's, of a display without its code. */
export function doorIdentity(payload, hour) {
  const k = hkdf(sha256, payload, utf8('VX-VENUE-1'), utf8('venue-key'), 32);
  return hkdf(sha256, k, undefined, concat(utf8('door-id'), u32(hour)), 32);
}

/** A party's half of a door's key; `secret` is a venue's. Never given in advance. */
export function doorShare(secret, payload, hour) {
  return hash(doorIdentity(payload, hour)).multiply(BigInt(`0x${toHex(secret)}`)).toBytes();
}

/**
 * The records of a stay `from` .. `until` (Unix seconds), one for each hour: `[{ hour, record }]`.
 * `shown` is `{ kind, bytes }`; `event` IN, or LEFT for what remains of a stay. `randoms` is for test vectors only.
 */
export function sealStay(payload, masterKey, { event, shown, from, until, companions = 0 }, randoms) {
  if (!(from < until && until - from <= MAX_STAY_SECONDS)) throw new Error('a stay at a door is at most a day long');
  const records = [];
  for (let hour = Math.floor(from / 3600); hour * 3600 < until; hour++) {
    const part = concat([shown.kind, event], u32(Math.max(from, hour * 3600)), u32(Math.min(until, (hour + 1) * 3600)), [companions], shown.bytes);
    const plain = concat(part, new Uint8Array(PLAIN_BYTES - part.length));
    records.push({ hour, record: seal(plain, doorIdentity(payload, hour), masterKey, randoms?.[records.length] ?? random(32)) });
  }
  return records;
}

function seal(plain, identity, masterKey, x) {
  const r = keyGen(concat(x, plain), 'VX-DOOR-R-1');
  const c1 = G1.Point.BASE.multiply(r).toBytes();
  const mask = maskOf(c1, bls12_381.pairing(G1.Point.fromBytes(masterKey), hash(identity).multiply(r)));
  return concat(c1, x.map((byte, i) => byte ^ mask[i]), cipher(x, c1).encrypt(plain));
}

/** A random point and random bytes: what a record looks like. */
export function decoyRecord() {
  return concat(G1.Point.BASE.multiply(keyGen(random(32), '')).toBytes(), random(RECORD_BYTES - 48));
}

/**
 * Records filled up with decoys to the next class and shuffled: one list for each upload. `pause` is awaited before
 * each decoy, so that who makes thousands can do something else in between.
 */
export async function fillUploads(records, pause = () => {}) {
  const rest = shuffled(records);
  const uploads = [];
  do uploads.push(rest.splice(0, UPLOAD_CLASSES.at(-1))); while (rest.length > 0);
  for (const [i, upload] of uploads.entries()) {
    const size = UPLOAD_CLASSES.find((known) => upload.length <= known);
    while (upload.length < size) {
      await pause();
      upload.push(decoyRecord());
    }
    uploads[i] = shuffled(upload);
  }
  return uploads;
}

/** What opens the records of a door and hour: the sum of both shares, verified under the joint key. */
export function joinDoorKey(venueShare, authorityShare, masterKey, identity) {
  const key = readPoint(G2, venueShare).add(readPoint(G2, authorityShare));
  const right = bls12_381.pairing(G1.Point.fromBytes(masterKey), hash(identity));
  if (!equal(serialiseGt(bls12_381.pairing(G1.Point.BASE, key)), serialiseGt(right))) {
    throw new Error('the share was not made by that key for that slot, or was altered');
  }
  return key;
}

/** The content of a record: `{ kind, event, from, until, companions, shown }`, or null. */
export function openRecord(record, hour, doorKey) {
  try {
    const c1 = record.subarray(0, 48);
    const mask = maskOf(c1, bls12_381.pairing(readPoint(G1, c1), doorKey));
    const x = record.slice(48, 80).map((byte, i) => byte ^ mask[i]);
    const plain = cipher(x, c1).decrypt(record.subarray(80));
    if (!equal(G1.Point.BASE.multiply(keyGen(concat(x, plain), 'VX-DOOR-R-1')).toBytes(), c1)) return null;
    return readRecord(plain, hour);
  } catch {
    return null;
  }
}

function readRecord(plain, hour) {
  const reader = new Reader("the door's record", plain);
  const [kind, event, from, until, companions] = [reader.byte(), reader.byte(), reader.u32(), reader.u32(), reader.byte()];
  const inside = hour * 3600 <= from && from < until && until <= (hour + 1) * 3600;
  if (!inside || ![IN, LEFT].includes(event)) return null;
  let shown;
  if (kind === PASS) shown = readPass(reader);
  else if (kind === CARD) shown = readCard(reader.take(CARD_BYTES));
  else if (kind === CONTACT) shown = { bytes: reader.take(CONTACT_BYTES) };
  else return null;
  if (plain.subarray(Math.max(reader.at, BODY_AT)).some((byte) => byte !== 0)) return null;
  return { kind, event, from, until, companions, shown };
}

/**
 * Who was there with a case `{ from, until }`: `{ visits, refused, leftOver }`. Verifies what records hold,
 * joins coming and going; what does not overlap is not in it.
 */
export function openHour(records, hour, doorKey, kase, passKeys, cardKeys) {
  const distinct = [...new Map(records.map((record) => [toHex(record), record])).values()];
  const stays = new Map();
  let refused = 0;
  for (const sealed of distinct.slice(0, MAX_RECORDS_PER_HOUR)) {
    const record = openRecord(sealed, hour, doorKey);
    if (!record) continue;
    if (!isValid(record, hour, passKeys, cardKeys)) {
      refused += 1;
      continue;
    }
    const name = toHex(record.shown.pass ?? record.shown.bytes);
    const stay = stays.get(name) ?? { left: Infinity };
    if (record.event === LEFT) stay.left = Math.min(stay.left, record.from);
    else if (stay.came) {
      stay.came.from = Math.min(stay.came.from, record.from);
      stay.came.until = Math.max(stay.came.until, record.until);
      stay.came.companions = Math.max(stay.came.companions, record.companions);
    } else stay.came = record;
    stays.set(name, stay);
  }
  const visits = [...stays.values()].filter(({ came }) => came).map(({ came, left }) => ({
    ...came, from: Math.max(came.from, kase.from), until: Math.min(came.until, left, kase.until),
  })).filter(({ from, until }) => from < until);
  return { visits, refused, leftOver: Math.max(0, distinct.length - MAX_RECORDS_PER_HOUR) };
}

function isValid({ kind, shown, until }, hour, passKeys, cardKeys) {
  const day = localDay(passKeys.minutesAhead, hour * 3600);
  if (kind === CONTACT) return true;
  if (kind === CARD) return cardKeys.some((key) => isCard(shown, key, day - 1));
  const { pass, firstDay, keyId, shownAt, holder, holderSignature } = shown;
  const name = `${firstDay}-${shown.kind}-${keyId}`;
  const lastDay = firstDay + passKeys.validDays - 1;
  const ofDays = [day, day - 1].some((each) => firstDay <= each && each <= lastDay);
  if ((shown.kind & SPECIMEN) !== 0 || !ofDays || passKeys.revoked.has(name) || !passKeys.keys.has(name)) return false;
  if (shownAt !== undefined) {
    const early = shownAt < hour * 3600 - MAX_STAY_SECONDS - CLOCK_GRACE_SECONDS;
    if (early || shownAt > until + CLOCK_GRACE_SECONDS) return false;
    if (!verifies('VX-PASS-LIVE-1', concat(pass, u32(shownAt)), holderSignature, holder)) return false;
  }
  return isIssued(pass, passKeys.keys.get(name).key);
}

/**
 * What a door remembers until the day's end: it recognises codes, and holds none. `kept` is what was stored of
 * the same day: `{ key, seen, hours }`, the last two as lists of pairs.
 */
export class DoorDay {
  constructor({ key = random(32), seen = [], hours = [] } = {}) {
    this.key = key;
    this.seen = new Map(seen);
    this.hours = new Map(hours);
  }

  /** By what the door knows a code again. */
  tagOf(bytes) {
    return toHex(hmac(sha256, this.key, bytes).subarray(0, 16));
  }

  /** `{ scan: 'in' | 'out' | 'used-here', until }` of a code's bytes (a pass's 85, whenever it was shown). */
  scan(bytes, now, until, companions = 0) {
    const tag = this.tagOf(bytes);
    const counts = this.countsOf(now);
    counts.scans += 1;
    const known = this.seen.get(tag);
    if (!known) {
      this.seen.set(tag, { until, companions });
      counts.people += 1 + companions;
      return { scan: 'in' };
    }
    if (known.gone) return { scan: 'used-here' };
    this.seen.set(tag, { gone: true });
    return { scan: 'out', until: known.until };
  }

  /** Counts people who came in without being scanned; the tag by which they are kept. */
  count(now, until, people) {
    const tag = toHex(random(16));
    this.seen.set(tag, { until, companions: people - 1 });
    this.countsOf(now).others += people;
    return tag;
  }

  /** The numbers of an hour: people who were scanned in, scans, people who were not scanned. */
  countsOf(now) {
    const hour = Math.floor(now / 3600);
    const counts = this.hours.get(hour) ?? { people: 0, scans: 0, others: 0 };
    this.hours.set(hour, counts);
    return counts;
  }

  /** How many are inside: who forgot to check out counts until the usual stay is over. */
  inside(now) {
    return [...this.seen.values()].reduce((sum, { until, companions }) => sum + (until > now ? 1 + companions : 0), 0);
  }
}

/**
 * The keys of a signed file of card keys: `{ serial, issuedAt, expiresAt, minutesAhead, keys: [{ id, firstDay,
 * lastDay, sealing, signing }] }`, one for each quarter of a year.
 */
export function readCardKeys(signed, rootKey, now, seen = 0) {
  const what = 'the file of card keys';
  const reader = new Reader(what, openSigned('VX-CARD-KEYS-1', signed, MAX_SIGNED_CARD_KEYS_BYTES, [rootKey]));
  reader.version(1);
  const [serial, issuedAt, expiresAt] = [reader.u32(), reader.u32(), reader.u32()];
  const minutesAhead = (reader.u16() << 16) >> 16;
  if (minutesAhead < -720 || minutesAhead > 840) throw reader.malformed('its local time is no offset in use');
  const count = reader.u16();
  if (count > MAX_CARD_KEYS) throw reader.malformed('it has more keys than a reader takes');
  const keys = [];
  for (let i = 0; i < count; i++) {
    const key = { id: reader.byte(), firstDay: reader.u16(), lastDay: reader.u16(), sealing: reader.take(32), signing: reader.take(96) };
    if (key.firstDay > key.lastDay) throw reader.malformed('a key ends before it begins');
    if (i > 0 && keys[i - 1].firstDay >= key.firstDay) throw reader.malformed('its keys are not in order, one a first day');
    if (keys.some(({ id }) => id === key.id)) throw reader.malformed('two keys have one id');
    if (isWeak(key.sealing)) throw new Error('the public key is of small order');
    readPoint(G2, key.signing);
    keys.push(key);
  }
  reader.end();
  if (serial < seen) throw new Error(`${what} has serial ${serial}, an earlier one had ${seen}`);
  if (now >= expiresAt) throw new Error(`${what} has expired: fetch it again`);
  return { serial, issuedAt, expiresAt, minutesAhead, keys };
}

/** The private half of a card key, sealed to an officer: 80 bytes. `ikm` is for test vectors only. */
export function sealCardHalf(half, key, officer, authority, ikm) {
  if (!equal(publicKeyOf(half), key.sealing)) throw new Error('the key is not the private half of the published one');
  return sealBox(officer.key, infoOf('VX-CARD-HALF-1', authority, [key.id]), halfPlace(key, officer.id), half, ikm);
}

/** Opens it with the officer's private key, and checks that it belongs to the published key. */
export function openCardHalf(sealed, officerId, officerSecret, key, authority) {
  const half = openBox(officerSecret, infoOf('VX-CARD-HALF-1', authority, [key.id]), halfPlace(key, officerId), sealed);
  if (half.length !== 32 || !equal(publicKeyOf(half), key.sealing)) {
    throw new Error('the opened key is not the private half of the published one');
  }
  return half;
}

function halfPlace(key, officerId) {
  return concat(u16(key.firstDay), u16(officerId));
}

/** Makes a card (165 bytes). `key` is one of a file's; `ikm` is for test vectors only. */
export function makeCard(issuerScalar, key, { single = false, lastDay, phone, name }, authority, ikm) {
  const head = concat([1, single ? 2 : 1], u16(Math.min(lastDay, key.lastDay)), [key.id]);
  if (phone === '' || utf8(phone).length > 16) throw new Error('the telephone number is missing or too long');
  const plain = concat(padded(phone, 16), padded(name, 46));
  const signed = concat(head, sealBox(key.sealing, infoOf('VX-CARD-1', authority, [key.id]), head, plain, ikm));
  return concat(signed, cardHash(signed).multiply(issuerScalar).toBytes());
}

/** Reads a card and checks its point: `{ bytes, single, lastDay, keyId }`. */
export function readCard(bytes) {
  const reader = new Reader('the card', bytes);
  reader.version(1);
  const use = reader.byte();
  if (use !== 1 && use !== 2) throw reader.malformed('it is of a kind that this program does not know');
  const [lastDay, keyId] = [reader.u16(), reader.byte()];
  reader.take(CARD_SIGNED_BYTES - 5);
  readPoint(G1, reader.take(48));
  reader.end();
  return { bytes, single: use === 2, lastDay, keyId };
}

/** The text of a card's QR code, and back. */
export function cardCode(bytes) {
  return toCode('VXC1:', bytes);
}

export function readCardCode(code) {
  return readCard(fromCode('the card', 'VXC1:', code, CARD_BYTES));
}

/** Whether staff with `key` (one of a file's) made the card, and it is good on the local day `today`. */
export function isCard(card, key, today) {
  if (key.id !== card.keyId || today > card.lastDay || card.lastDay > key.lastDay) return false;
  try {
    const signature = readPoint(G1, card.bytes.subarray(CARD_SIGNED_BYTES));
    return bls12_381.shortSignatures.verify(signature, cardHash(card.bytes.subarray(0, CARD_SIGNED_BYTES)), G2.Point.fromBytes(key.signing));
  } catch {
    return false;
  }
}

/** The number of a card, for the officer who holds the private half of its key. */
export function openCard(card, half, authority) {
  const [head, sealed] = [card.bytes.subarray(0, 5), card.bytes.subarray(5, CARD_SIGNED_BYTES)];
  const reader = new Reader('the card', openBox(half, infoOf('VX-CARD-1', authority, [card.keyId]), head, sealed));
  const [phone, name] = [reader.paddedText(16), reader.paddedText(46)];
  reader.end();
  return { phone, name };
}

/** A name and number sealed to the intake key of the day: 240 bytes. */
export function sealContact({ name, phone }, key, authority, ikm) {
  if (utf8(phone).length > 16) throw new Error('the telephone number is too long');
  const plain = concat(padded(name, 170), padded(phone, 16));
  return concat(u32(key.id), sealBox(key.key, infoOf('VX-CONTACT-1', authority, u32(key.id)), u16(key.day), plain, ikm));
}

/** Opens a contact with the private half of that key. */
export function openContact(sealed, key, authority, half) {
  const plain = openBox(half, infoOf('VX-CONTACT-1', authority, u32(key.id)), u16(key.day), sealed.subarray(4));
  const reader = new Reader('the contact', plain);
  const [name, phone] = [reader.paddedText(170), reader.paddedText(16)];
  reader.end();
  return { name, phone };
}

/** A batch with a section for passes: `{ from, until, slots: [warning], passes: { ephemeral, entries } }`. */
export function readBatchWithPasses(signed, warningKeys, region) {
  const reader = new Reader('the batch of warnings', openSigned('VX-WARNINGS-2', signed, MAX_BATCH_BYTES, warningKeys));
  reader.version(2);
  if (reader.text(MAX_REGION_BYTES) !== region) throw reader.malformed("it is another region's");
  const [from, until, count] = [reader.u32(), reader.u32(), reader.u16()];
  if (!SLOT_CLASSES.includes(count)) throw reader.malformed('it has none of the sizes of a batch');
  const slots = Array.from({ length: count }, () => ({ hour: reader.u32(), slotKey: reader.take(96), notice: reader.take(168) }));
  const passes = readSection(reader);
  reader.end();
  return { from, until, slots, passes };
}

/** Reads the section of passes: `{ ephemeral, entries }`. */
export function readSection(reader) {
  const [ephemeral, size] = [reader.take(32), reader.u16()];
  if (!SIZE_CLASSES.includes(size)) throw reader.malformed('its section of passes has none of the sizes');
  return { ephemeral, entries: Array.from({ length: size }, () => reader.take(ENTRY_BYTES)) };
}

/** What opens the warnings to a pass, by its holder's seed. */
export function holderKeys(holderSeed) {
  const agreement = ed25519.utils.toMontgomery(ed25519.getPublicKey(holderSeed));
  return { agreement, secret: ed25519.utils.toMontgomerySecret(holderSeed) };
}

/** The notices to one pass, by its holder's seed; usually none. */
export function noticesTo(section, holderSeed) {
  return noticesOf(section, byTag(section), holderKeys(holderSeed));
}

/**
 * What a section says to passes `[{ keys, person, validFrom, validUntil }]` (`keys` of `holderKeys`, times in Unix
 * seconds), as matches of section 14.7. A notice about a time to come at `now`, or in which the pass was not valid,
 * says nothing.
 */
export function passMatches(section, held, now) {
  const entries = byTag(section);
  const matches = [];
  for (const { keys, person, validFrom, validUntil } of held) {
    for (const { from, until, reportType, infectiousness, venue, words } of noticesOf(section, entries, keys)) {
      if (from >= validUntil || until <= validFrom || from > now) continue;
      matches.push({
        venue, person, companions: 0, visitFrom: from, visitUntil: until, caseFrom: from, caseUntil: until,
        reportType, infectiousness, text: words,
      });
    }
  }
  return matches;
}

function byTag({ entries }) {
  return new Map(entries.map((entry) => [toHex(entry.subarray(0, TAG_BYTES)), entry]));
}

function noticesOf({ ephemeral }, entries, { agreement, secret }) {
  if (isWeak(ephemeral)) return [];
  const shared = x25519.getSharedSecret(secret, ephemeral);
  const key = hkdf(sha256, concat(shared, ephemeral, agreement), undefined, utf8('VX-PASS-WARN-1'), 32);
  const derive = (info, index, length) => hkdf(sha256, key, undefined, concat(utf8(info), [index]), length);
  const notices = [];
  for (let index = 0; index < NOTICES_PER_PASS; index++) {
    const tag = derive('tag', index, TAG_BYTES);
    const entry = entries.get(toHex(tag));
    const notice = entry && openNotice(entry.subarray(TAG_BYTES), derive('notice', index, 32), concat(ephemeral, tag));
    if (notice) notices.push(notice);
  }
  return notices;
}

function openNotice(sealed, key, context) {
  try {
    const aad = concat(utf8('VX-PASS-NOTICE-1\0'), context);
    const plain = xchacha20poly1305(key, sealed.subarray(0, 24), aad).decrypt(sealed.subarray(24));
    const reader = new Reader('the pass warnings', plain);
    const [from, until, reportType, infectiousness] = [reader.u32(), reader.u32(), reader.byte(), reader.byte()];
    const [venue, words] = [reader.paddedText(54), reader.paddedText(117)];
    const times = from < until && until - from <= MAX_STAY_SECONDS;
    const known = reportType >= 1 && reportType <= 4 && (infectiousness === 1 || infectiousness === 2);
    if (!times || !known || plain.subarray(reader.at).some((byte) => byte !== 0)) return null;
    return { from, until, reportType, infectiousness, venue, words };
  } catch {
    return null;
  }
}

function padded(text, limit) {
  let bytes = new Uint8Array();
  for (const character of text.replace(STEERING, ' ')) {
    const longer = concat(bytes, utf8(character));
    if (longer.length > limit) break;
    bytes = longer;
  }
  return concat([bytes.length], bytes, new Uint8Array(limit - bytes.length));
}

function shuffled(list) {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    // Of 32 bits, so that the bias is below one in 2^20 for the largest upload.
    const [draw] = crypto.getRandomValues(new Uint32Array(1));
    const j = draw % (i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

function maskOf(c1, pairing) {
  return sha256(concat(utf8('VX-DOOR-MASK-1'), c1, serialiseGt(pairing)));
}

function cipher(x, c1) {
  return chacha20poly1305(hkdf(sha256, x, undefined, utf8('VX-DOOR-RECORD-1'), 32), new Uint8Array(12), c1);
}

function hash(identity) {
  return bls12_381.longSignatures.hash(identity, utf8(DOOR_DOMAIN));
}

function cardHash(signed) {
  return bls12_381.shortSignatures.hash(signed, utf8(CARD_DOMAIN));
}

function readPoint(group, bytes) {
  const point = group.Point.fromBytes(bytes);
  point.assertValidity();
  if (point.is0() || !point.isTorsionFree() || !equal(point.toBytes(), bytes)) throw new Error('this is no valid point');
  return point;
}
