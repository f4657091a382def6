// What officers noted about a day and group: one list, sealed to whoever opens that day's declarations and
// padded to one of few sizes. docs/protocol.md section 16.4.

import { xchacha20poly1305 } from './vendor/noble/ciphers/chacha.js';
import { hkdf } from './vendor/noble/hashes/hkdf.js';
import { sha256 } from './vendor/noble/hashes/sha2.js';
import { concat, fromUtf8, random, readU32, toHex, u16, u32, utf8 } from './bytes.js';
import { infoOf } from './hpke.js';

const LABEL = 'VX-INTAKE-REGISTER-1';
const NONCE_BYTES = 24;
const OVERHEAD_BYTES = NONCE_BYTES + 16;
/** Bytes of a sealed register. */
export const REGISTER_BYTES = [16 << 10, 128 << 10, 1 << 20, 4 << 20];
/** The longest note, in characters. */
export const MAX_NOTE_CHARS = 500;
const MAX_NOTE_BYTES = 4 * MAX_NOTE_CHARS;
/** What an entry can say of somebody: called, not called after all, a note; or that a note of this id is gone. */
export const CALLED = 1;
export const NOT_CALLED = 2;
export const NOTE = 3;
export const GONE = 4;

/** A new entry about a subject (16 bytes in hexadecimal: a submission, or a hash of a contact). */
export function entryOf({ subject, kind, at, by, text = '', id = toHex(random(8)) }) {
  return { id, subject, kind, at, by, text };
}

/** Both lists as one: every entry of either, by time. Of one id the later one counts: a note that is gone stays gone. */
export function merged(...lists) {
  const byId = new Map();
  for (const entry of lists.flat()) {
    const there = byId.get(entry.id);
    if (!there || (there.kind !== GONE && entry.kind === GONE)) byId.set(entry.id, entry);
  }
  return [...byId.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** By subject: `{ called, at, by, notes: [{ id, at, by, text }] }`. */
export function bySubject(entries) {
  const subjects = new Map();
  for (const { id, subject, kind, at, by, text } of entries) {
    const about = subjects.get(subject) ?? { called: false, at: 0, by: 0, notes: [] };
    subjects.set(subject, about);
    if (kind === NOTE) about.notes.push({ id, at, by, text });
    else if (kind !== GONE) Object.assign(about, { called: kind === CALLED, at, by });
  }
  return subjects;
}

/** Seals the entries under what only the holders of the day's half have. Throws with `code` 'full' when there are too many. */
export function sealRegister(entries, half, key, authority, nonce = random(NONCE_BYTES)) {
  const json = utf8(JSON.stringify(entries.map(({ id, subject, kind, at, by, text }) => [id, subject, kind, at, by, text])));
  const size = REGISTER_BYTES.find((bytes) => bytes - OVERHEAD_BYTES - 4 >= json.length);
  if (!size) throw Object.assign(new Error('the register is full'), { code: 'full' });
  const plain = new Uint8Array(size - OVERHEAD_BYTES);
  plain.set(u32(json.length));
  plain.set(json, 4);
  return concat(nonce, cipher(half, key, authority, nonce).encrypt(plain));
}

/** The entries of a sealed register; throws when it is of another key or was altered. */
export function openRegister(sealed, half, key, authority) {
  if (!REGISTER_BYTES.includes(sealed.length)) throw new Error('the register has another length');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const plain = cipher(half, key, authority, nonce).decrypt(sealed.subarray(NONCE_BYTES));
  const length = readU32(plain);
  if (length > plain.length - 4 || plain.subarray(4 + length).some((byte) => byte !== 0)) throw new Error('the register cannot be read');
  const rows = JSON.parse(fromUtf8(plain.subarray(4, 4 + length)));
  if (!Array.isArray(rows)) throw new Error('the register is no list');
  return rows.map(readEntry);
}

function readEntry(row) {
  const [id, subject, kind, at, by, text] = Array.isArray(row) ? row : [];
  const whole = (number, most) => Number.isInteger(number) && number >= 0 && number <= most;
  const right = /^[0-9a-f]{16}$/.test(id) && /^[0-9a-f]{32}$/.test(subject) && whole(kind, GONE) && kind >= CALLED
    && whole(at, 0xffffffff) && whole(by, 0xffff) && typeof text === 'string' && utf8(text).length <= MAX_NOTE_BYTES;
  if (!right) throw new Error('the register has an entry that cannot be read');
  return { id, subject, kind, at, by, text };
}

function cipher(half, key, authority, nonce) {
  const secret = hkdf(sha256, half, undefined, infoOf(LABEL, authority, u32(key.id)), 32);
  return xchacha20poly1305(secret, nonce, concat(utf8(`${LABEL}\0`), u16(key.day), [key.group]));
}
