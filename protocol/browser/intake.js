// Who may read declarations: the officers' roster, the intake keys of each local day, and private
// halves sealed to officers. Formats: docs/protocol.md section 16.

import { sha256 } from './vendor/noble/hashes/sha2.js';
import { concat, equal, readU32, toHex, u16, u32, utf8 } from './bytes.js';
import { infoOf, isWeak, open, publicKeyOf, seal } from './hpke.js';
import { Reader } from './reader.js';
import { openSigned } from './signed.js';

const MAX_OFFICERS = 512;
const MAX_NAME_BYTES = 64;
const MAX_GROUPS = 64;
const MAX_SIGNED_ROSTER_BYTES = 128 + MAX_OFFICERS * (2 + 32 + 1 + MAX_NAME_BYTES + 1 + MAX_GROUPS);
const MAX_INTAKE_KEYS = 35 * 64;
const MAX_SIGNED_INTAKE_BYTES = 128 + MAX_INTAKE_KEYS * 39;
const WHOLE_AUTHORITY = 0;

/** The officers of a signed roster: `{ serial, issuedAt, officers: [{ id, key, name, groups }] }`. */
export function readRoster(signed, rootKey, seen = 0) {
  const what = "the officers' roster";
  const reader = new Reader(what, openSigned('VX-OFFICERS-1', signed, MAX_SIGNED_ROSTER_BYTES, [rootKey]));
  reader.version(1);
  const [serial, issuedAt, count] = [reader.u32(), reader.u32(), reader.u16()];
  if (count > MAX_OFFICERS) throw reader.malformed('it has more officers than a reader takes');
  const officers = [];
  for (let i = 0; i < count; i++) {
    const officer = { id: reader.u16(), key: readKey(reader), name: reader.text(MAX_NAME_BYTES) };
    if (officer.name.trim() === '') throw reader.malformed('an officer has no name');
    const groups = reader.byte();
    if (groups < 1 || groups > MAX_GROUPS) throw reader.malformed('an officer has 1 to 64 groups');
    officer.groups = [...reader.take(groups)];
    if (!ascends(officer.groups)) throw reader.malformed("an officer's groups are not in order, each once");
    officers.push(officer);
  }
  reader.end();
  if (!ascends(officers.map(({ id }) => id))) throw reader.malformed('its officers are not in order, each once');
  if (new Set(officers.map(({ key }) => toHex(key))).size < count) throw reader.malformed('two officers have one key');
  requireSerial(what, serial, seen);
  return { serial, issuedAt, officers };
}

/** An officer's key as two people compare it by voice: six groups of five digits. */
export function spokenFingerprint(key) {
  const digest = sha256(concat(utf8('VX-OFFICER-KEY-1\0'), key));
  const groups = [0, 1, 2, 3, 4, 5].map((i) => readU32(digest, 4 * i) % 100_000);
  return groups.map((group) => String(group).padStart(5, '0')).join(' ');
}

/** The keys of a signed file: `{ serial, issuedAt, expiresAt, minutesAhead, keys: [{ id, day, group, key }] }`. */
export function readIntakeKeys(signed, rootKey, now, seen = 0) {
  const what = 'the file of intake keys';
  const reader = new Reader(what, openSigned('VX-INTAKE-KEYS-1', signed, MAX_SIGNED_INTAKE_BYTES, [rootKey]));
  reader.version(1);
  const [serial, issuedAt, expiresAt] = [reader.u32(), reader.u32(), reader.u32()];
  const minutesAhead = (reader.u16() << 16) >> 16;
  if (minutesAhead < -720 || minutesAhead > 840) throw reader.malformed('its local time is no offset in use');
  const count = reader.u16();
  if (count > MAX_INTAKE_KEYS) throw reader.malformed('it has more keys than a reader takes');
  const keys = [];
  for (let i = 0; i < count; i++) {
    keys.push({ id: reader.u32(), day: reader.u16(), group: reader.byte(), key: readKey(reader) });
  }
  reader.end();
  if (!ascends(keys.map(({ day, group }) => day * 256 + group))) {
    throw reader.malformed('its keys are not in order, one a day and group');
  }
  if (new Set(keys.map(({ id }) => id)).size < count) throw reader.malformed('two keys have one id');
  requireSerial(what, serial, seen);
  if (now >= expiresAt) throw new Error(`${what} has expired: fetch it again`);
  return { serial, issuedAt, expiresAt, minutesAhead, keys };
}

/** The key for a declaration of that local day from a province: its own, or the authority's. */
export function intakeKeyFor(intake, day, province) {
  const of = (group) => intake.keys.find((key) => key.day === day && key.group === group);
  const key = of(province) ?? of(WHOLE_AUTHORITY);
  if (!key) throw new Error('the authority has published no key for declarations of that day');
  return key;
}

/** The private half of an intake key, sealed to an officer: 80 bytes. `ikm` is for test vectors only. */
export function sealHalf(half, key, officer, authority, ikm) {
  if (!equal(publicKeyOf(half), key.key)) throw new Error('the key is not the private half of the published one');
  return seal(officer.key, halfInfo(key, authority), halfPlace(key, officer.id), half, ikm);
}

/** Opens it with the officer's private key, and checks that it belongs to the published key. */
export function openHalf(sealed, officerId, officerSecret, key, authority) {
  const half = open(officerSecret, halfInfo(key, authority), halfPlace(key, officerId), sealed);
  if (half.length !== 32 || !equal(publicKeyOf(half), key.key)) {
    throw new Error('the opened key is not the private half of the published one');
  }
  return half;
}

function halfInfo(key, authority) {
  return infoOf('VX-INTAKE-HALF-1', authority, u32(key.id));
}

function halfPlace(key, officerId) {
  return concat(u16(key.day), [key.group], u16(officerId));
}

function readKey(reader) {
  const key = reader.take(32);
  if (isWeak(key)) throw new Error('the public key is of small order');
  return key;
}

function ascends(numbers) {
  return numbers.every((number, i) => i === 0 || numbers[i - 1] < number);
}

function requireSerial(what, serial, seen) {
  if (serial < seen) throw new Error(`${what} has serial ${serial}, an earlier one had ${seen}`);
}
