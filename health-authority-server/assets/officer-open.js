// Opening what a day's answer holds, as it comes: a head, then sealed declarations of one length each. What does
// not open or breaks the rules is counted and set aside.

import { sha256 } from '../../protocol/browser/vendor/noble/hashes/sha2.js';
import { concat, fromBase64, fromUtf8, readU32, toHex } from '../../protocol/browser/bytes.js';
import { SEALED_BYTES, formOpener } from '../../protocol/browser/declaration.js';
import { isCard, openCard, openCardHalf, openContact, readCard } from '../../protocol/browser/door.js';
import { problems } from '../../protocol/browser/form.js';

const ENVELOPE_BYTES = 16 + 1 + 3;
const ROW_BYTES = ENVELOPE_BYTES + SEALED_BYTES;
const MAX_HEAD_BYTES = 64 << 20;
/** Opened at a time: the browser's own arithmetic works on several. */
const AT_ONCE = 64;
/** Of forms that break the rules so many are kept to be looked at. */
const MOST_ASIDE = 1000;

/** Reads bytes as they come. */
class Source {
  constructor(reader) {
    this.reader = reader;
    this.parts = [];
    this.length = 0;
    this.ended = false;
  }

  /** Waits for `count` bytes; fewer only at the end. */
  async fill(count) {
    while (this.length < count && !this.ended) {
      let piece;
      try {
        piece = await this.reader.read();
      } catch (error) {
        throw Object.assign(error, { code: 'network' });
      }
      this.ended = piece.done;
      if (piece.value) {
        this.parts.push(piece.value);
        this.length += piece.value.length;
      }
    }
    if (this.parts.length > 1) this.parts = [concat(...this.parts)];
    return Math.min(count, this.length);
  }

  take(count) {
    const [all = new Uint8Array()] = this.parts;
    this.parts = [all.subarray(count)];
    this.length -= count;
    return all.subarray(0, count);
  }
}

/** The head of an answer, `head`, and `source` for the rest. */
export async function readHead(reader) {
  const source = new Source(reader);
  if (await source.fill(4) < 4) throw broken();
  const length = readU32(source.take(4));
  if (length > MAX_HEAD_BYTES || await source.fill(length) < length) throw broken();
  return { head: JSON.parse(fromUtf8(source.take(length))), source };
}

function broken() {
  return Object.assign(new Error('the answer broke off'), { code: 'network' });
}

/** Opens all declarations: `{ good: [{ subject, form }], aside: [{ subject, form }], unreadable, invalid }`. */
export async function openForms(source, { authority, key, half, expected, progress }) {
  const openForm = await formOpener(authority, key, half);
  const result = { good: [], aside: [], unreadable: 0, invalid: 0 };
  let done = 0;
  for (;;) {
    const there = await source.fill(AT_ONCE * ROW_BYTES);
    if (there === 0) break;
    if (there % ROW_BYTES !== 0) throw broken();
    const rows = source.take(there);
    const tasks = [];
    for (let at = 0; at < there; at += ROW_BYTES) tasks.push(openRow(rows.subarray(at, at + ROW_BYTES), key.day, openForm));
    for (const row of await Promise.all(tasks)) sort(row, result);
    done += tasks.length;
    if (done % (8 * AT_ONCE) === 0) await progress(Math.min(1, done / Math.max(expected, done)));
  }
  return result;
}

async function openRow(row, day, openForm) {
  const submission = row.subarray(0, 16);
  const envelope = { kind: row[16], ward: (row[17] << 16) | (row[18] << 8) | row[19], day, submission };
  try {
    return { subject: toHex(submission), form: await openForm(row.subarray(ENVELOPE_BYTES), envelope) };
  } catch {
    return null;
  }
}

function sort(row, result) {
  if (!row) {
    result.unreadable += 1;
  } else if (problems(row.form).length === 0) {
    result.good.push(row);
  } else {
    result.invalid += 1;
    if (result.aside.length < MOST_ASIDE) result.aside.push(row);
  }
}

/**
 * Whom to call of doors: `{ people: [{ subject, name, phone, venue, from, until, companions }], unreadable }`. `cards` are
 * printed cards `{ calls, halves, keys, officer, secret }`, whose `people` have `card`, 'lasting' or 'single'.
 */
export function openCalls(calls, authority, key, half, cards) {
  const result = { people: [], unreadable: 0 };
  for (const { contact, venue, from, until, companions } of calls) {
    try {
      const sealed = fromBase64(contact);
      const subject = toHex(sha256(sealed).subarray(0, 16));
      result.people.push({ subject, ...openContact(sealed, key, authority, half), venue, from, until, companions });
    } catch {
      result.unreadable += 1;
    }
  }
  for (const call of cards?.calls ?? []) {
    try {
      result.people.push(openCardCall(call, authority, key.day, cards));
    } catch {
      result.unreadable += 1;
    }
  }
  result.people.sort((a, b) => a.from - b.from || (a.name < b.name ? -1 : 1));
  return result;
}

function openCardCall({ card, venue, from, until, companions }, authority, day, { halves, keys, officer, secret }) {
  const bytes = fromBase64(card);
  const read = readCard(bytes);
  const cardKey = keys.find(({ id }) => id === read.keyId);
  const sealed = halves.find(({ id }) => id === read.keyId);
  // Good in the night from its last day, as for doors.
  if (!cardKey || !sealed || !isCard(read, cardKey, day - 1)) throw new Error('this is no card of staff');
  const half = openCardHalf(fromBase64(sealed.half), officer, secret, cardKey, authority);
  const subject = toHex(sha256(bytes).subarray(0, 16));
  const number = openCard(read, half, authority);
  half.fill(0);
  // Without a name the number stands for it.
  const name = number.name || number.phone;
  return { subject, phone: number.phone, name, venue, from, until, companions, card: read.single ? 'single' : 'lasting' };
}
