// A declaration in words: labels and answers as the form has them.

import { CHOICES, SYMPTOMS } from '../../protocol/browser/form.js';
import { data, text, timeText } from './page.js';

/** Labels stand over fields; what they say about filling in is left out. */
const label = (field) => (field === 'symptoms' ? text('symptoms') : data.form[`label-${field}`] ?? field).replace(/ \([^()]*\)$/, '');
const answer = (field, value) => data.form[`${field}-${value}`] ?? String(value);
const DECLARER = ['byName', 'byPhone', 'byRelation'];
const HIDDEN = ['day', 'kind', 'consent', 'ward', 'phoneProof'];

/** A state with a word; colour says nothing alone. */
export function stateOf(urgency) {
  const made = document.createElement('span');
  made.className = `state ${{ now: 'expired', call: 'pending' }[urgency] ?? ''}`;
  made.textContent = text(`urgency-${urgency}`);
  return made;
}

/** A number that the officer's telephone program can dial; nothing where it is none. */
export function telephone(number) {
  if (!/^\+?[0-9]{3,17}$/.test(number ?? '')) return number ?? '';
  const link = document.createElement('a');
  link.href = `tel:${number}`;
  link.textContent = number.startsWith('+84') ? `0${number.slice(3, 6)} ${number.slice(6, 9)} ${number.slice(9)}` : number;
  return link;
}

/** Symptoms as words. */
export function symptomsOf(symptoms) {
  return symptoms.length ? symptoms.map((one) => answer('symptoms', one)).join(', ') : answer('symptoms', 'none');
}

/** A form as `[label, value]`, in the order of its fields. */
export function formLines(form, ward, proven) {
  const shown = [[text('kind'), text(`kind-${form.kind}`)]];
  if (form.ward) shown.push([label('ward'), ward]);
  for (const [field, value] of Object.entries(form)) {
    if (!HIDDEN.includes(field)) shown.push([label(field), valueOf(field, value)]);
  }
  if (DECLARER.some((field) => form[field])) shown.push([text('by'), text('by-another')]);
  if (proven !== null) shown.push([text('proven'), text(proven ? 'proven-yes' : 'proven-no')]);
  return shown;
}

function valueOf(field, value) {
  if (CHOICES[field]) return answer(field, value);
  if (field === 'symptoms') return symptomsOf(value);
  if (field === 'contacts') return value.length ? value.map((one) => answer(field, one)).join(', ') : answer(field, 'none');
  if (field === 'travelled') return answer(field, value ? 'yes' : 'no');
  if (field === 'phone' || field === 'byPhone') return telephone(value);
  if (field === 'nationality' || field === 'fromCountry') return country(value);
  if (field === 'fromProvince' || field === 'toProvince') return data.provinces.find(([code]) => code === value)?.[1] ?? String(value);
  if (field === 'temperature') return `${value / 10} °C`;
  if (field === 'start') return timeText(value, { dateStyle: 'medium', timeStyle: 'short' });
  return String(value);
}

function country(code) {
  try {
    return new Intl.DisplayNames([document.documentElement.lang], { type: 'region' }).of(code);
  } catch {
    return code;
  }
}

/** Somebody of a door as `[label, value]`. */
export function doorLines({ phone, venue, from, until, companions }, at) {
  return [
    [label('phone'), telephone(phone)], [text('venue'), venue], [text('together'), `${at(from)} – ${at(until)}`],
    [text('companions'), String(companions)],
  ];
}

/** Lines of a description list. */
export function lines(list) {
  return list.map(([name, value]) => {
    const line = document.createElement('div');
    const [term, content] = ['dt', 'dd'].map((kind) => document.createElement(kind));
    term.textContent = name;
    content.append(value);
    line.append(term, content);
    return line;
  });
}

/** The words of a table for spreadsheets. */
export function columns(ofDoor) {
  const named = ofDoor
    ? [label('name'), label('phone'), text('venue'), text('from'), text('until'), text('companions')]
    : [text('urgency'), text('kind'), label('name'), label('born'), label('phone'), label('ward'), label('address'), label('symptoms'),
      label('temperature'), label('note'), label('byName')];
  const of = (known, word) => Object.fromEntries(known.map((one) => [one, word(one)]));
  return {
    columns: [...named, text('called'), text('notes')],
    yes: text('is-called'),
    no: text('not-called'),
    urgency: of(['now', 'call', 'none'], (one) => text(`urgency-${one}`)),
    kind: of(CHOICES.kind, (one) => text(`kind-${one}`)),
    symptoms: of(SYMPTOMS, (one) => answer('symptoms', one)),
  };
}
