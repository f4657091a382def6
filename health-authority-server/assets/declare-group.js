// A group's people from a CSV file, read in the browser: one form a person, errors by line.

import { rowsOf } from '../../protocol/browser/csv.js';
import { CHOICES, CONTACTS, SYMPTOMS, problems, normalised } from '../../protocol/browser/form.js';
import { folded } from '../../protocol/browser/units.js';
import { answerText, labelOf, temperatureOf, wordsOf } from './declare-form.js';
import { text } from './page.js';

/** The most people in a file. */
export const MOST_PEOPLE = 100;
const MOST_BYTES = 256 * 1024;
const MOST_ERRORS = 20;

/** Columns by field, and how files may name them, folded. The first name is the Vietnamese one, the second English. */
const COLUMNS = {
  name: ['họ và tên', 'full name', 'ho ten', 'name'],
  born: ['năm sinh', 'year of birth', 'born'],
  gender: ['giới tính', 'gender', 'sex'],
  nationality: ['quốc tịch', 'nationality'],
  passport: ['số hộ chiếu', 'passport', 'ho chieu'],
  phone: ['điện thoại', 'telephone', 'so dien thoai', 'phone'],
  paper: ['số giấy tờ', 'paper', 'can cuoc', 'cccd', 'so can cuoc'],
  insurance: ['bảo hiểm y tế', 'health insurance', 'bhyt'],
  address: ['địa chỉ', 'address'],
  seat: ['số ghế', 'seat', 'ghe'],
  symptoms: ['triệu chứng', 'symptoms'],
  temperature: ['nhiệt độ', 'temperature'],
  contacts: ['tiếp xúc', 'contacts'],
  travel: ['đã đi đến', 'travelled to', 'da den', 'travel'],
  note: ['ghi chú', 'note'],
};
const REQUIRED = { daily: ['name', 'born', 'symptoms'], entry: ['name', 'born', 'gender', 'passport', 'symptoms', 'contacts'] };
const NO = ['', 'khong', 'khong co', 'khong trieu chung', 'no', 'none', '-'];

/** The fields that a file must have columns for, and those that it may have. */
function columnsOf(kind) {
  const required = REQUIRED[kind] ?? ['name', 'born', 'gender', 'symptoms', 'contacts'];
  const daily = ['name', 'born', 'phone', 'symptoms', 'temperature', 'note'];
  const possible = Object.keys(COLUMNS).filter((field) => !required.includes(field)
    && (kind === 'daily' ? daily.includes(field) : field !== 'temperature')
    && (field !== 'passport' || kind === 'entry') && (field !== 'seat' || kind === 'movement' || kind === 'entry'));
  return { required, possible };
}

/** Names of columns, for people. */
export function columnNames(kind) {
  const name = (field) => COLUMNS[field][document.documentElement.lang === 'vi' ? 0 : 1];
  const { required, possible } = columnsOf(kind);
  return { required: required.map(name), possible: possible.map(name) };
}

/**
 * The people of a file: `{ people: [{ line, form }], errors: [words] }`. `common` is the form that they share, with
 * the declarer, place and journey.
 */
export function readPeople(bytes, common) {
  if (bytes.length > MOST_BYTES) return { people: [], errors: [text('list-huge')] };
  let content;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { people: [], errors: [text('list-unreadable')] };
  }
  const rows = rowsOf(content);
  if (rows.length < 2) return { people: [], errors: [text('list-empty')] };
  const fields = rows[0].cells.map((head) => Object.keys(COLUMNS).find((field) => (
    COLUMNS[field].some((name) => folded(name) === folded(head)))));
  const missing = columnsOf(common.kind).required.filter((field) => !fields.includes(field));
  if (missing.length) {
    return { people: [], errors: missing.map((field) => text('list-column', { field: COLUMNS[field].slice(0, 2).join(' / ') })) };
  }
  if (rows.length - 1 > MOST_PEOPLE) {
    return { people: [], errors: [text('list-large', { count: rows.length - 1, limit: MOST_PEOPLE })] };
  }
  const people = [];
  const errors = [];
  for (const { line, cells } of rows.slice(1)) {
    const typed = Object.fromEntries(fields.map((field, i) => [field, (cells[i] ?? '').trim()]));
    const { form, wrong } = personOf(typed, common);
    for (const reason of wrong) errors.push(text('list-line', { line, reason }));
    people.push({ line, form });
  }
  return { people, errors: errors.slice(0, MOST_ERRORS) };
}

/** One person's form, and what is wrong with it in words. */
function personOf(typed, common) {
  const wrong = [];
  const words = (field, word) => wrong.push(text('list-word', { field: labelOf(field), name: word }));
  const one = (field, options) => {
    const found = options.find((option) => [option, folded(answerText(field, option))].includes(folded(typed[field] ?? '')));
    if (!found && typed[field]) words(field, typed[field]);
    return found ?? null;
  };
  const several = (field, options) => {
    if (typed[field] === undefined) return null;
    if (NO.includes(folded(typed[field]))) return [];
    return typed[field].split(/[,;+/]/).map((word) => word.trim()).filter(Boolean).flatMap((word) => {
      const found = options.find((option) => [option, folded(answerText(field, option))].includes(folded(word)));
      if (!found) words(field, word);
      return found ?? [];
    });
  };
  const travelled = !NO.includes(folded(typed.travel ?? ''));
  const nationality = (typed.nationality || common.nationality || 'VN').toUpperCase();
  if (!/^[A-Z]{2}$/.test(nationality)) words('nationality', nationality);
  const form = normalised({
    ...common,
    ...Object.fromEntries(['name', 'passport', 'phone', 'paper', 'insurance', 'note'].map((field) => [field, typed[field] ?? null])),
    address: typed.address || common.address,
    seat: typed.seat || common.seat,
    paperKind: paperKindOf(typed.paper ?? ''),
    born: /^\d{4}$/.test(typed.born) ? Number(typed.born) : typed.born ? 0 : null,
    gender: one('gender', CHOICES.gender),
    nationality,
    symptoms: several('symptoms', SYMPTOMS),
    contacts: several('contacts', CONTACTS),
    travelled,
    travel: travelled ? typed.travel : null,
    temperature: temperatureOf(typed.temperature),
    // Said once for all, at the end.
    consent: 1,
  });
  for (const [field, reason] of problems(form)) {
    if (reason === 'missing' && field === 'gender' && typed.gender) continue;
    wrong.push(wordsOf(field, reason));
  }
  return { form, wrong: [...new Set(wrong)] };
}

function paperKindOf(paper) {
  const digits = paper.replace(/[\s.-]/g, '');
  if (digits === '') return null;
  return /^\d{12}$/.test(digits) ? 'citizen_card' : /^\d{9}$/.test(digits) ? 'old_card' : 'other';
}
