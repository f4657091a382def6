// An opened day in the worker: sorted, searched, and given to the page a few rows at a time.

import { csvLine } from '../../protocol/browser/csv.js';
import { KINDS, urgency } from '../../protocol/browser/form.js';
import { folded } from '../../protocol/browser/units.js';

const URGENCIES = ['now', 'call', 'none'];
const WARD_DIGITS = 5;

export class Opened {
  constructor({ forms, calls, notes, officers, minutesAhead }) {
    this.unreadable = forms.unreadable;
    this.invalid = forms.invalid;
    this.good = forms.good.map(rowOf).sort(byUrgency);
    this.aside = forms.aside.map(rowOf);
    this.calls = calls;
    this.notes = notes;
    this.names = new Map(officers.map(({ id, name }) => [id, name]));
    this.minutesAhead = minutesAhead;
    this.wards = new Map();
    this.last = null;
  }

  summary() {
    const urgent = Object.fromEntries(URGENCIES.map((one) => [one, 0]));
    for (const row of this.good) urgent[row.urgency] += 1;
    return {
      forms: this.good.length, unreadable: this.unreadable, invalid: this.invalid, aside: this.aside.length, urgent,
      calls: this.calls.people.length, callsUnreadable: this.calls.unreadable, notesBroken: this.notes.broken,
    };
  }

  /** Names of wards by code, for showing and searching. */
  nameWards(names) {
    this.wards = names;
    for (const row of [...this.good, ...this.aside]) row.text = textOf(row.form, names);
    this.last = null;
  }

  /** Rows `from` to `from + count` of those that a filter leaves, and how many those are. */
  page(filter, from, count) {
    const rows = this.rows(filter);
    return { total: rows.length, rows: rows.slice(from, from + count).map((row) => this.shown(row)) };
  }

  rows(filter) {
    const name = JSON.stringify(filter);
    // "Called" changes under the same filter.
    if (this.last?.name === name && !filter.called) return this.last.rows;
    const { query = '', kind = '', called = '', aside = false } = filter;
    const fits = matcher(query);
    const rows = (aside ? this.aside : this.good).filter((row) => (
      (!filter.urgency || row.urgency === filter.urgency) && (!kind || row.form.kind === kind) && fits(row)
      && (!called || this.notes.about(row.subject).called === (called === 'yes'))));
    this.last = { name, rows };
    return rows;
  }

  shown({ subject, form, urgency: urgent }) {
    const { called, notes } = this.notes.about(subject);
    const { name, born, kind, symptoms = [] } = form;
    return { subject, name, born, kind, symptoms, urgency: urgent, phone: phoneOf(form), ward: this.place(form), called, notes: notes.length };
  }

  place({ ward, place }) {
    return this.wards.get(ward) ?? place ?? (ward ? String(ward).padStart(WARD_DIGITS, '0') : '');
  }

  /** A whole form, with what was noted about it. */
  form(subject) {
    const row = this.good.find((one) => one.subject === subject) ?? this.aside.find((one) => one.subject === subject);
    if (!row) throw new Error('there is no such declaration');
    return { form: row.form, ward: this.place(row.form), urgency: row.urgency, about: this.about(subject) };
  }

  about(subject) {
    const { called, at, by, notes } = this.notes.about(subject);
    const named = (id) => this.names.get(id) ?? String(id);
    return { called, at, by: by ? named(by) : '', notes: notes.map((note) => ({ ...note, own: note.by === this.notes.by, by: named(note.by) })) };
  }

  people() {
    return this.calls.people.map((person) => ({ ...person, about: this.about(person.subject) }));
  }

  /** A table for spreadsheets of what a filter leaves, with a mark by which they know UTF-8. */
  csv(filter, words) {
    const { columns } = words;
    const lines = [csvLine(columns)];
    const noted = (subject) => {
      const { called, notes } = this.notes.about(subject);
      return [called ? words.yes : words.no, notes.map(({ text }) => text).join(' / ')];
    };
    if (filter.door) {
      for (const { subject, name, phone, venue, from, until, companions } of this.calls.people) {
        lines.push(csvLine([name, phone, venue, this.local(from), this.local(until), companions, ...noted(subject)]));
      }
    } else {
      for (const { subject, form, urgency: urgent } of this.rows(filter)) {
        const symptoms = (form.symptoms ?? []).map((one) => words.symptoms[one]).join(', ');
        lines.push(csvLine([words.urgency[urgent], words.kind[form.kind], form.name, form.born, phoneOf(form), this.place(form),
          form.address, symptoms, form.temperature ? form.temperature / 10 : '', form.note, form.byName, ...noted(subject)]));
      }
    }
    return new TextEncoder().encode(`\ufeff${lines.join('')}`);
  }

  /** A time in the authority's zone, as spreadsheets read it. */
  local(seconds) {
    return new Date((seconds + this.minutesAhead * 60) * 1000).toISOString().slice(0, 16).replace('T', ' ');
  }

  wipe() {
    this.notes.wipe();
    this.good = [];
    this.aside = [];
    this.calls = { people: [], unreadable: 0 };
  }
}

function rowOf({ subject, form }) {
  return { subject, form, urgency: urgency(form), text: textOf(form, new Map()), digits: digitsOf(form) };
}

/** What a search looks through: name, ward, who declared. */
function textOf(form, names) {
  return folded([form.name, names.get(form.ward), form.place, form.byName].filter(Boolean).join(' '));
}

function digitsOf({ phone = '', byPhone = '' }) {
  return [phone, byPhone].map((number) => number.replace(/^\+84/, '').replace(/[^0-9]/g, '')).join(' ');
}

/** Whom to call: who declared for another has the number. */
function phoneOf({ phone, byPhone }) {
  return phone || byPhone || '';
}

function byUrgency(a, b) {
  const key = ({ urgency: urgent, form }) => [URGENCIES.indexOf(urgent), form.ward ?? Number.MAX_SAFE_INTEGER, KINDS[form.kind]];
  const [one, other] = [key(a), key(b)];
  for (const [i, value] of one.entries()) if (value !== other[i]) return value - other[i];
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

/** Whether a row has every word of a query, without diacritics, or a telephone number's digits. */
function matcher(query) {
  const digits = query.replace(/[\s.()-]/g, '').replace(/^(\+84|0)/, '');
  if (/^[0-9]{3,}$/.test(digits)) return (row) => row.digits.includes(digits) || row.text.includes(digits);
  const words = folded(query).split(' ').filter((word) => word !== '');
  return (row) => words.every((word) => row.text.includes(word));
}
