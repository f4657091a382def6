// A list of cases from a CSV file, read in the browser: one order a line, what is wrong by line.

import { rowsOf } from '../../protocol/browser/csv.js';
import { normalisedPhone } from '../../protocol/browser/form.js';
import { folded } from '../../protocol/browser/units.js';

/** The most lines of a list, and bytes of a file. */
export const MOST_LINES = 1000;
export const MOST_BYTES = 512 * 1024;
const DAY_MILLISECONDS = 86_400_000;

/** Columns by field, and how files may name them, folded. */
const COLUMNS = {
  phone: ['phone', 'telephone', 'telephone number', 'phone number', 'mobile', 'dien thoai', 'so dien thoai', 'sdt', 'dt'],
  testType: ['test type', 'test_type', 'testtype', 'type', 'result', 'ket qua', 'loai xet nghiem', 'loai', 'ket qua xet nghiem'],
  symptomDate: ['symptom date', 'symptom_date', 'symptomdate', 'symptoms', 'onset', 'onset of symptoms', 'ngay khoi phat',
    'khoi phat', 'ngay khoi phat trieu chung', 'ngay co trieu chung'],
  testDate: ['test date', 'test_date', 'testdate', 'day of the test', 'tested', 'ngay xet nghiem', 'ngay lay mau'],
};
const TYPES = {
  confirmed: ['', 'confirmed', 'positive', 'positive (confirmed)', 'duong tinh', 'khang dinh', 'duong tinh (khang dinh)'],
  likely: ['likely', 'suspected', 'nghi nhiem', 'nghi ngo', 'co kha nang'],
  negative: ['negative', 'am tinh'],
};

/**
 * What a file orders: `{ orders, wrong }`. An order is `{ line, phone, testType, symptomDate, testDate }`, dates as
 * YYYY-MM-DD; what is wrong is `{ line, phone, id, values }`, `line` 0 where it is the whole file. `today` is the
 * authority's day, YYYY-MM-DD.
 */
export function readList(bytes, { today, daysBack }) {
  const whole = (id, values = {}) => ({ orders: [], wrong: [{ line: 0, phone: '', id, values }] });
  if (bytes.length > MOST_BYTES) return whole('list-too-long', { limit: MOST_BYTES / 1024 });
  let content;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('list-not-utf8');
  }
  if (content.includes('\0')) return whole('list-not-utf8');
  const [head, ...rows] = rowsOf(content);
  if (!head) return whole('list-empty');
  const { places, unknown } = columnsOf(head.cells);
  if (unknown !== null) return whole('list-column', { name: unknown.slice(0, 40) });
  if (places.phone === undefined) return whole('list-no-phone');
  if (rows.length === 0) return whole('list-empty');
  if (rows.length > MOST_LINES) return whole('list-too-many', { limit: MOST_LINES });
  return readRows(rows, places, { today, daysBack });
}

function columnsOf(cells) {
  const places = {};
  for (const [place, cell] of cells.entries()) {
    const name = folded(cell.trim()).replace(/\s+/g, ' ');
    if (name === '') continue;
    const field = Object.keys(COLUMNS).find((one) => COLUMNS[one].includes(name));
    if (!field || places[field] !== undefined) return { places, unknown: cell.trim() };
    places[field] = place;
  }
  return { places, unknown: null };
}

function readRows(rows, places, rules) {
  const [orders, wrong, seen] = [[], [], new Map()];
  for (const { line, cells } of rows) {
    const cell = (field) => (cells[places[field]] ?? '').trim();
    const typed = cell('phone');
    const phone = normalisedPhone(typed);
    const type = folded(cell('testType')).replace(/\s+/g, ' ');
    const order = {
      line,
      phone,
      testType: Object.keys(TYPES).find((one) => TYPES[one].includes(type)),
      symptomDate: dateOf(cell('symptomDate'), rules),
      testDate: dateOf(cell('testDate'), rules),
    };
    const id = problemOf(order, typed, seen);
    if (id) wrong.push({ line, phone: typed, id, values: { number: seen.get(phone) ?? '', limit: rules.daysBack } });
    else orders.push(order);
    if (phone && !seen.has(phone)) seen.set(phone, line);
  }
  return { orders, wrong };
}

function problemOf({ phone, testType, symptomDate, testDate }, typed, seen) {
  if (!phone) return /^[1-9][0-9]{8}$/.test(typed) ? 'list-phone-zero' : 'list-phone';
  if (seen.has(phone)) return 'list-twice';
  if (!testType) return 'list-type';
  if (symptomDate === null) return 'list-symptom-date';
  if (testDate === null) return 'list-test-date';
  return null;
}

/** YYYY-MM-DD of a date as people and spreadsheets write it; '' for none, null for one that cannot be. */
function dateOf(text, { today, daysBack }) {
  if (text === '') return '';
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const local = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text);
  if (!iso && !local) return null;
  const [year, month, day] = (iso ? iso.slice(1) : [local[3], local[2], local[1]]).map(Number);
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const ago = (Date.parse(`${today}T00:00:00Z`) - time) / DAY_MILLISECONDS;
  return ago >= 0 && ago <= daysBack ? date.toISOString().slice(0, 10) : null;
}

/** Where sending goes on after this browser was closed. Nothing of what stands in the file is stored. */
export class Progress {
  constructor(storage, key = 'vungxanh-code-list') {
    Object.assign(this, { storage, key });
  }

  /** The line at which the same file goes on; null when nothing is known of it. */
  lineOf({ size, modified }) {
    try {
      const kept = JSON.parse(this.storage.getItem(this.key));
      return kept.size === size && kept.modified === modified && Number.isInteger(kept.next) ? kept.next : null;
    } catch {
      return null;
    }
  }

  put({ size, modified }, next) {
    this.storage.setItem(this.key, JSON.stringify({ size, modified, next }));
  }

  forget() {
    this.storage.removeItem(this.key);
  }
}

/** So many failures one after the other stop the sending: the gateway is down, more often than not. */
const FAILURES_IN_A_ROW = 3;

/**
 * Sends orders one after the other: `send(order)` gives `{ state, … }`; `done(order, result)` is told of each,
 * `isStopped()` is asked before each. Ends with `{ next, reason }`: the line to go on at, null after the last, and
 * `stopped`, `failing` or `ended`.
 */
export async function sendAll(orders, { send, done, isStopped }) {
  let failures = 0;
  let firstFailed = null;
  for (const order of orders) {
    if (isStopped()) return { next: firstFailed ?? order.line, reason: 'stopped' };
    const result = await send(order);
    done(order, result);
    if (result.state === 'ended') return { next: firstFailed ?? order.line, reason: 'ended' };
    failures = result.state === 'failed' ? failures + 1 : 0;
    if (failures === 1) firstFailed = order.line;
    if (failures === 0) firstFailed = null;
    if (failures >= FAILURES_IN_A_ROW) return { next: firstFailed, reason: 'failing' };
  }
  return { next: firstFailed, reason: null };
}
