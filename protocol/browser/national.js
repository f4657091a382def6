// Viet Nam's own QR texts: the personal code of 1405/QD-BTTTT (version 1.1) and the citizen card's, as
// protocol/src/national_qr.rs reads and writes them. They hold personal data in clear.

import { STEERING } from './bytes.js';
import { normalisedPhone } from './form.js';
import { folded } from './units.js';

const MAX_TEXT_BYTES = 1024;
const MAX_FIELD_BYTES = 256;
const EXTENSION = ['declarer', 'gender', 'insurance', 'phone', 'signature'];

/** What a text says: `{ kind: 'personal' | 'citizen-card', name, phone, … }`; `phone` null where it has none. */
export function readNational(text) {
  const malformed = (reason) => new Error(`the national code cannot be read: ${reason}`);
  const bytes = (value) => new TextEncoder().encode(value).length;
  if (text.length > MAX_TEXT_BYTES || bytes(text) > MAX_TEXT_BYTES) throw malformed('it is too long');
  const trimmed = text.trim();
  if (trimmed.search(STEERING) >= 0) throw malformed('it has control characters');
  const fields = trimmed.split('|');
  if (fields.some((field) => bytes(field) > MAX_FIELD_BYTES)) throw malformed('a field is too long');
  const named = (name) => { if (name.trim() === '') throw malformed('it has no name'); return name; };
  if (fields.length === 7 && /^[0-9]{12}$/.test(fields[0]) && /^[0-9]{8}$/.test(fields[3]) && /^[0-9]{8}$/.test(fields[6])) {
    const [number, oldNumber, name, born, gender, address, issued] = fields;
    return { kind: 'citizen-card', number, oldNumber, name: named(name), born, gender, address, issued, phone: null };
  }
  if (fields.length !== 5 && fields.length !== 6) throw malformed('it has another number of fields');
  const [paper, name, born, behalf, qid, rest = ''] = fields;
  if (behalf !== '0' && behalf !== '1') throw malformed('it says neither for whom it was declared');
  if (!/^[0-9]{4}(?:-[^-]{2}-[^-]{2})?$/u.test(born)) throw malformed('its birth date has another form');
  if (!/^[A-Za-z0-9]+$/.test(qid)) throw malformed('its QID is none');
  const parts = rest.split('<');
  const extension = Object.fromEntries(EXTENSION.map((field, i) => [field, parts[i] ?? '']));
  if (parts.length > EXTENSION.length || !['', '0', '1', '2'].includes(extension.gender)) {
    throw malformed('its extension has another form');
  }
  return { kind: 'personal', paper, name: named(name), born, onBehalf: behalf === '1', qid, extension, phone: normalisedPhone(extension.phone) };
}

/** The text of a personal code. Throws where a field could not be read back. */
export function writeNational(code) {
  const rest = EXTENSION.map((field) => code.extension?.[field] ?? '');
  const extension = rest.every((value) => value === '') ? '' : rest.join('<');
  const fields = [code.paper, code.name, code.born, code.onBehalf ? '1' : '0', code.qid, extension];
  if (fields.slice(0, 5).some((field) => field.includes('|')) || rest.some((value) => /[|<]/.test(value))) {
    throw new Error('a field holds what separates fields');
  }
  const text = fields.join('|');
  readNational(text);
  return text;
}

/** A name in capitals without diacritics, as 1405/QD-BTTTT has it. */
export function nationalName(name) {
  return folded(name).toUpperCase();
}
