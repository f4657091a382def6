// Batches of warnings, and what they open: docs/protocol.md sections 14.6 and 14.7.

import { xchacha20poly1305 } from './vendor/noble/ciphers/chacha.js';
import { STEERING, concat, fromUtf8, readU32, u32, utf8 } from './bytes.js';
import { openSigned } from './signed.js';
import { slotOpener } from './venue.js';

const BATCH_LABEL = 'VX-WARNINGS-1';
const NOTICE_LABEL = utf8('VX-VENUE-NOTICE-1\0');
const SIZE_CLASSES = [32, 128, 512, 2000];
const WARNING_BYTES = 268;
const MAX_REGION_BYTES = 64;
/** Bytes of the longest batch, signed. */
export const MAX_BATCH_BYTES = 128 + 12 + MAX_REGION_BYTES + 2000 * WARNING_BYTES;
const MAX_STAY_SECONDS = 24 * 3600;
const DAY_SECONDS = 86_400;
const VISIT_TEXT_AT = 41;
const VISIT_TEXT_BYTES = 54;
const NOTICE_TEXT_AT = 10;
const NOTICE_TEXT_BYTES = 117;

/** The longest index and how many files it names at most. */
export const MAX_INDEX_BYTES = 1024 * 1024;
const MAX_INDEX_LINES = 10_000;

const BATCH_NAME = /^[A-Za-z0-9._+-]+\/[0-9]{1,12}-[0-9]{1,12}-[0-9]{1,12}(\.[a-z]+)$/;

/** The names in an index that are batches of `region` with that ending: `.vxw`, or `.vxp` for those with passes. */
export function readIndex(text, region, ending = '.vxw') {
  if (text.length > MAX_INDEX_BYTES) throw new Error('the list of warnings is too long');
  const names = text.split('\n').slice(0, MAX_INDEX_LINES);
  return names.filter((name) => name.startsWith(`${region}/`) && BATCH_NAME.exec(name)?.[1] === ending);
}

/** When the period of a batch ended, by its name (Unix seconds). */
export function endOfBatch(name) {
  return Number(name.slice(name.lastIndexOf('/') + 1).split('-')[1]);
}

/** The warnings of a signed batch for `region`: `[{ hour, slotKey, notice }]`. */
export function readBatch(signed, warningKeys, region) {
  const bytes = openSigned(BATCH_LABEL, signed, MAX_BATCH_BYTES, warningKeys);
  const malformed = (reason) => new Error(`the batch of warnings cannot be read: ${reason}`);
  if (bytes[0] !== 1) throw malformed(`it has version ${bytes[0]}`);
  const start = 2 + bytes[1];
  if (bytes[1] > MAX_REGION_BYTES || bytes.length < start + 10) throw malformed('it ends too early');
  if (fromUtf8(bytes.subarray(2, start)) !== region) throw malformed("it is another region's");
  const count = (bytes[start + 8] << 8) | bytes[start + 9];
  if (!SIZE_CLASSES.includes(count)) throw malformed('it has none of the sizes of a batch');
  if (bytes.length !== start + 10 + count * WARNING_BYTES) throw malformed('it has another length');
  return Array.from({ length: count }, (_, number) => {
    const warning = bytes.subarray(start + 10 + number * WARNING_BYTES).subarray(0, WARNING_BYTES);
    return { hour: readU32(warning), slotKey: warning.subarray(4, 100), notice: warning.subarray(100) };
  });
}

/** What a warning opens and says about the cells of its hour: matches, usually none. */
export function tryWarning(warning, cells) {
  const matches = [];
  const open = slotOpener(warning.slotKey);
  for (const cell of cells) {
    const visit = readVisit(open(cell), warning.hour);
    const notice = visit && openNotice(warning, visit.notifyKey);
    if (notice) {
      matches.push({
        venue: visit.venue, companions: visit.companions, visitFrom: visit.from, visitUntil: visit.until,
        caseFrom: notice.from, caseUntil: notice.until, reportType: notice.reportType,
        infectiousness: notice.infectiousness, text: notice.text,
      });
    }
  }
  return matches;
}

/** The content of an opened visit, or null. */
export function readVisit(plain, hour) {
  if (!plain) return null;
  const [from, until] = [readU32(plain), readU32(plain, 4)];
  const venue = paddedText(plain, VISIT_TEXT_AT, VISIT_TEXT_BYTES);
  const inside = hour * 3600 <= from && from < until && until <= (hour + 1) * 3600;
  if (!inside || venue === null) return null;
  return { from, until, notifyKey: plain.slice(8, 40), companions: plain[40], venue };
}

/** The notice of a warning, or null for anyone who was not there. */
export function openNotice(warning, notifyKey) {
  let plain;
  try {
    const aad = concat(NOTICE_LABEL, u32(warning.hour), warning.slotKey);
    const cipher = xchacha20poly1305(notifyKey, warning.notice.subarray(0, 24), aad);
    plain = cipher.decrypt(warning.notice.subarray(24));
  } catch {
    return null;
  }
  const [from, until, reportType, infectiousness] = [readU32(plain), readU32(plain, 4), plain[8], plain[9]];
  const text = paddedText(plain, NOTICE_TEXT_AT, NOTICE_TEXT_BYTES);
  const times = from < until && until - from <= MAX_STAY_SECONDS;
  const known = reportType >= 1 && reportType <= 4 && (infectiousness === 1 || infectiousness === 2);
  return times && known && text !== null ? { from, until, reportType, infectiousness, text } : null;
}

/**
 * The exposures that all matches add up to under the document's rules for venues, by time:
 * `[{ venue, from, until, reportType, infectiousness, texts, people, checkedIn }]`, split at UTC midnight. `people` are
 * those of matches that have a `person`, whose pass was scanned; of other matches the device checked in itself.
 */
export function exposures(matches, rules) {
  const groups = new Map();
  for (const match of matches) {
    const from = Math.max(match.visitFrom, match.caseFrom);
    const until = Math.min(match.visitUntil, match.caseUntil + rules.lingering_minutes * 60);
    if (from >= until) continue;
    const { venue, reportType, infectiousness } = match;
    const group = JSON.stringify([venue, reportType, infectiousness]);
    const texts = match.text ? [match.text] : [];
    const people = match.person === undefined ? [] : [match.person];
    const part = { venue, from, until, reportType, infectiousness, texts, people, checkedIn: people.length === 0 };
    groups.set(group, [...groups.get(group) ?? [], part]);
  }
  return [...groups.values()].flatMap(join)
    .filter(({ from, until }) => until - from >= rules.minimum_overlap_minutes * 60)
    .flatMap(splitAtMidnight)
    .sort(byTime);
}

function join(parts) {
  const joined = [];
  for (const part of parts.sort(byTime)) {
    const last = joined.at(-1);
    if (last && part.from <= last.until) {
      last.until = Math.max(last.until, part.until);
      last.texts = [...new Set([...last.texts, ...part.texts])];
      last.people = [...new Set([...last.people, ...part.people])];
      last.checkedIn ||= part.checkedIn;
    } else {
      joined.push({ ...part });
    }
  }
  return joined;
}

function splitAtMidnight(exposure) {
  const parts = [];
  let { from } = exposure;
  for (let midnight = (Math.floor(from / DAY_SECONDS) + 1) * DAY_SECONDS; midnight < exposure.until;
    midnight += DAY_SECONDS) {
    parts.push({ ...exposure, from, until: midnight });
    from = midnight;
  }
  return [...parts, { ...exposure, from }];
}

function byTime(a, b) {
  return a.from - b.from || a.until - b.until || (a.venue < b.venue ? -1 : 1);
}

// One byte of length, text, zeros.
function paddedText(bytes, at, limit) {
  const length = bytes[at];
  const field = bytes.subarray(at + 1, at + 1 + limit);
  if (length > limit || field.subarray(length).some((byte) => byte !== 0)) return null;
  try {
    const text = fromUtf8(field.subarray(0, length));
    return text.search(STEERING) >= 0 ? null : text;
  } catch {
    return null;
  }
}
