// Visits that a person chose to disclose, as a QR code (docs/protocol.md section 14.8). A visit is
// { poster, from, until }: the fingerprint of its poster in hexadecimal digits, and Unix seconds.

import { concat, fromHex, toHex, u32 } from './bytes.js';
import { fromCode, toCode } from './code.js';
import { Reader } from './reader.js';

/** What the code of visits begins with. */
export const VISITS_PREFIX = 'VXV1:';
/** Visits in one code, at most. */
export const MAX_CODE_VISITS = 10;
const VISIT_BYTES = 24;
const HEAD_BYTES = 2;
const VERSION = 1;
const DAY_SECONDS = 86400;
const WHAT = 'the code of visits';

/** The code of 1 to MAX_CODE_VISITS visits, in their order. */
export function codeOfVisits(visits) {
  if (visits.length < 1 || visits.length > MAX_CODE_VISITS) throw new Error(`${WHAT} holds 1 to ${MAX_CODE_VISITS} visits`);
  const parts = visits.map((visit) => {
    const { poster, from, until } = checked(visit);
    return concat(fromHex(poster, 16), u32(from), u32(until));
  });
  return toCode(VISITS_PREFIX, concat(Uint8Array.of(VERSION, visits.length), ...parts));
}

/** The visits of a code. */
export function visitsOfCode(code) {
  const bytes = fromCode(WHAT, VISITS_PREFIX, code, HEAD_BYTES + MAX_CODE_VISITS * VISIT_BYTES);
  const reader = new Reader(WHAT, bytes);
  reader.version(VERSION);
  const count = reader.byte();
  if (count < 1 || count > MAX_CODE_VISITS) throw reader.malformed('it has another number of visits');
  const visits = Array.from({ length: count }, () => (
    checked({ poster: toHex(reader.take(16)), from: reader.u32(), until: reader.u32() })));
  reader.end();
  return visits;
}

/** The line of a visit, as it is read out or pasted. */
export function lineOfVisit({ poster, from, until }) {
  return `vx-visit:1:${poster}:${from}:${until}`;
}

function checked(visit) {
  const { from, until } = visit;
  if (![from, until].every((time) => Number.isInteger(time) && time >= 0 && time < 2 ** 32)) throw new Error('a time is after 2106');
  if (from >= until) throw new Error('a visit ends before it begins');
  if (until - from > DAY_SECONDS) throw new Error('a visit is longer than a day');
  return visit;
}
