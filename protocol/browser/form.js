// The rules of declarations' forms: docs/protocol.md section 17.2, on the cases of
// declaration-rules.json. A form is an object with the fields of FIELDS; null or '' is no answer.

import { STEERING } from './bytes.js';

const FIELDS = ['kind', 'day', 'name', 'born', 'gender', 'nationality', 'paperKind', 'paper', 'ward', 'place', 'address',
  'phone', 'email', 'insurance', 'travelled', 'travel', 'symptoms', 'temperature', 'contacts', 'vehicle', 'number', 'seat',
  'fromCountry', 'fromProvince', 'fromGate', 'toProvince', 'toGate', 'start', 'passport', 'note', 'byName', 'byPhone',
  'byRelation', 'consentHeldBy', 'consent', 'phoneProof'];
const TEXTS = ['name', 'place', 'address', 'phone', 'email', 'travel', 'seat', 'fromGate', 'toGate', 'note', 'byName', 'byPhone',
  'consentHeldBy'];
const NUMBERS = ['paper', 'insurance', 'number', 'passport'];
const JOURNEY = ['vehicle', 'number', 'seat', 'fromGate', 'toGate', 'start'];
const DAILY = ['kind', 'day', 'name', 'born', 'ward', 'place', 'phone', 'symptoms', 'temperature', 'note', 'byName', 'byPhone', 'byRelation',
  'consentHeldBy', 'consent', 'phoneProof'];
const ADULT_FROM_AGE = 16;
const MAX_WARD = 99_999;
const DAY_SECONDS = 86_400;

/** Kinds of forms, by the number that stands outside of the sealed form. */
export const KINDS = { population: 1, movement: 2, entry: 3, daily: 4 };
/** Answers that a list may hold, in order. */
export const SYMPTOMS = ['fever', 'cough', 'breathing', 'pneumonia', 'sore_throat', 'fatigue', 'nausea', 'diarrhoea'];
export const CONTACTS = ['case', 'affected_country', 'symptomatic', 'animals'];
/** Answers of which one is chosen. */
export const CHOICES = {
  kind: Object.keys(KINDS),
  gender: ['male', 'female', 'other'],
  paperKind: ['citizen_card', 'old_card', 'passport', 'other'],
  vehicle: ['aeroplane', 'train', 'car', 'waterway', 'personal'],
  byRelation: ['guardian', 'family', 'staff', 'other'],
};
/** The most bytes of each text in JSON, where a quotation mark and a backslash take two. */
export const LIMITS = {
  name: 100, place: 120, address: 120, email: 80, travel: 200, seat: 8, fromGate: 60, toGate: 60, note: 200, byName: 100,
  consentHeldBy: 60,
};

/** The form as it is checked and sealed. */
export function normalised(form) {
  const given = (field) => form[field] ?? null;
  const result = Object.fromEntries(FIELDS.map((field) => [field, given(field)]));
  for (const field of TEXTS) result[field] = normalisedText(result[field] ?? '');
  for (const field of NUMBERS) result[field] = normalisedNumber(result[field] ?? '');
  for (const field of ['phone', 'byPhone']) result[field] = normalisedPhone(result[field]) ?? result[field];
  result.symptoms &&= SYMPTOMS.filter((symptom) => form.symptoms.includes(symptom));
  result.contacts &&= CONTACTS.filter((contact) => form.contacts.includes(contact));
  dropWhatIsNotAsked(result);
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== null && value !== ''));
}

function dropWhatIsNotAsked(form) {
  const drop = (...fields) => fields.forEach((field) => { form[field] = null; });
  if (!hasJourney(form)) drop(...JOURNEY);
  if (form.kind !== 'movement') drop('fromProvince', 'toProvince');
  if (form.kind !== 'entry') drop('fromCountry', 'passport');
  if (form.kind === 'daily') drop(...FIELDS.filter((field) => !DAILY.includes(field)));
  else drop('temperature');
  if (!form.paper) drop('paperKind');
  if (form.travelled !== true) drop('travel');
  if (!form.byName && !form.byPhone) drop('byRelation');
  if (!isOfChild(form) || form.byRelation !== 'staff') drop('consentHeldBy');
}

/** Whether the person is under 16, counted in years. */
export function isOfChild({ born, day }) {
  return typeof born === 'number' && yearOf(day) - born < ADULT_FROM_AGE;
}

/** What keeps a normalised form from being sent: `[[field, reason]]`, in the order of its fields. */
export function problems(form) {
  const found = [];
  const add = (field, reason) => found.push([field, reason]);
  const given = (field) => form[field] !== undefined && form[field] !== null && form[field] !== '';
  const required = (field) => { if (!given(field)) add(field, 'missing'); };
  const text = (field) => {
    const value = form[field] ?? '';
    if (value.search(STEERING) >= 0) add(field, 'malformed');
    else if (jsonBytes(value) > LIMITS[field]) add(field, 'too_long');
  };
  const requiredText = (field) => { text(field); required(field); };
  const number = (field, right) => {
    if (given(field) && !(/^[A-Za-z0-9]*$/.test(form[field]) && right(form[field]))) add(field, 'malformed');
  };
  const phone = (field, needed) => {
    if (!given(field)) { if (needed) add(field, 'missing'); }
    else if (normalisedPhone(form[field]) !== form[field]) add(field, 'malformed');
  };
  const daily = form.kind === 'daily';
  const year = yearOf(form.day);

  requiredText('name');
  if (!given('born')) add('born', 'missing');
  else if (form.born < 1900 || form.born > year) add('born', 'out_of_range');
  if (!daily) {
    required('gender');
    required('nationality');
    if (given('paper')) {
      if (!given('paperKind')) add('paperKind', 'missing');
      else number('paper', PAPERS[form.paperKind]);
    }
  }
  if (given('ward') ? form.ward < 1 || form.ward > MAX_WARD : !given('place')) add('ward', given('ward') ? 'out_of_range' : 'missing');
  text('place');
  if (!daily) requiredText('address');
  phone('phone', !given('byPhone'));
  text('email');
  if (given('email') && !isEmail(form.email)) add('email', 'malformed');
  number('insurance', isInsuranceNumber);
  if (!daily) {
    required('travelled');
    if (form.travelled === true) requiredText('travel');
  }
  required('symptoms');
  if (given('temperature') && (form.temperature < 340 || form.temperature > 430)) add('temperature', 'out_of_range');
  if (!daily) required('contacts');
  if (hasJourney(form)) journey(form, { add, given, required, text, requiredText, number });
  text('note');
  declarer(form, { add, given, required, requiredText, phone });
  if (!(form.consent > 0)) add('consent', 'missing');
  if (given('phoneProof') && !isProof(form.phoneProof)) add('phoneProof', 'malformed');
  return found;
}

function journey(form, { add, given, required, text, requiredText, number }) {
  const entry = form.kind === 'entry';
  const province = (field) => {
    if (!given(field)) add(field, 'missing');
    else if (form[field] < 1 || form[field] > 99) add(field, 'out_of_range');
  };
  required('vehicle');
  if (given('vehicle') && form.vehicle !== 'personal') required('number');
  number('number', (value) => value.length <= 20);
  text('seat');
  if (entry) required('fromCountry');
  else province('fromProvince');
  text('fromGate');
  if (entry) {
    requiredText('toGate');
  } else {
    province('toProvince');
    text('toGate');
  }
  if (!given('start')) add('start', 'missing');
  else if (Math.abs(form.day - Math.floor(form.start / DAY_SECONDS)) > 31) add('start', 'out_of_range');
  if (entry) {
    required('passport');
    number('passport', PAPERS.passport);
  }
}

function declarer(form, { add, given, required, requiredText, phone }) {
  const another = given('byName') || given('byPhone');
  const child = isOfChild(form);
  if (child && !(another && ['guardian', 'staff'].includes(form.byRelation))) add('byName', 'guardian_needed');
  else if (another) requiredText('byName');
  if (another) {
    phone('byPhone', true);
    required('byRelation');
    if (child && form.byRelation === 'staff') requiredText('consentHeldBy');
  }
}

/** What a normalised form should be asked about once more: year_differs, sex_differs. */
export function questions(form) {
  if (form.paperKind !== 'citizen_card' || !/^[0-9]{12}$/.test(form.paper ?? '')) return [];
  const century = Number(form.paper[3]);
  const born = 1900 + Math.floor(century / 2) * 100 + Number(form.paper.slice(4, 6));
  const gender = century % 2 === 0 ? 'male' : 'female';
  const asked = [];
  if (form.born !== undefined && form.born !== born) asked.push('year_differs');
  if (['male', 'female'].includes(form.gender) && form.gender !== gender) asked.push('sex_differs');
  return asked;
}

/** How soon somebody with these answers should call: none, call, now. */
export function urgency(form) {
  const felt = (symptom) => form.symptoms?.includes(symptom) ?? false;
  if (felt('breathing') || felt('pneumonia')) return 'now';
  return form.temperature >= 380 || felt('fever') || felt('cough') ? 'call' : 'none';
}

/** The JSON of a normalised form: its fields in order, empty ones left out. */
export function toJson(form) {
  const given = FIELDS.filter((field) => form[field] !== undefined && form[field] !== null && form[field] !== '');
  return JSON.stringify(Object.fromEntries(given.map((field) => [field, form[field]])));
}

/** A form from JSON; throws where a field is of another type, or an answer is none that is known. */
export function fromJson(text) {
  const form = JSON.parse(text);
  const refuse = (field) => { throw new Error(`the form cannot be read: ${field}`); };
  if (form === null || typeof form !== 'object' || Array.isArray(form)) refuse('it is no object');
  const whole = (most) => (value) => Number.isInteger(value) && value >= 0 && value <= most;
  const listOf = (known) => (value) => Array.isArray(value) && value.every((entry) => known.includes(entry));
  const country = (value) => typeof value === 'string' && /^[A-Z]{2}$/.test(value);
  const right = {
    day: whole(0xffff), born: whole(0xffff), ward: whole(0xffffffff), temperature: whole(0xffff), start: whole(0xffffffff),
    fromProvince: whole(255), toProvince: whole(255), consent: whole(255), travelled: (value) => typeof value === 'boolean',
    symptoms: listOf(SYMPTOMS), contacts: listOf(CONTACTS), nationality: country, fromCountry: country,
  };
  for (const field of ['kind', 'day']) if (form[field] === undefined) refuse(field);
  for (const field of FIELDS.filter((name) => form[name] !== undefined)) {
    const known = CHOICES[field] && ((value) => CHOICES[field].includes(value));
    const fits = right[field] ?? known ?? ((value) => typeof value === 'string');
    if (!fits(form[field])) refuse(field);
  }
  return Object.fromEntries(FIELDS.filter((field) => form[field] !== undefined).map((field) => [field, form[field]]));
}

/** A telephone number with the country's in front; null where it is none that can be called. */
export function normalisedPhone(text) {
  if (/[^0-9+\-.() \t\n\r\u00a0\u2000-\u200a\u202f\u3000]/.test(text)) return null;
  const digits = text.replace(/[^0-9+]/g, '');
  if (digits.length > 18 || digits.lastIndexOf('+') > 0) return null;
  const national = /^\+84(.*)$/.exec(digits) ?? /^0084(.*)$/.exec(digits) ?? /^0((?!0).*)$/.exec(digits)
    ?? /^84([0-9]{9,10})$/.exec(digits);
  if (national) {
    const number = national[1].replace(/^0/, '');
    return VIETNAMESE.test(number) ? `+84${number}` : null;
  }
  const abroad = /^(?:\+|00)([1-9][0-9]{6,14})$/.exec(digits);
  return abroad ? `+${abroad[1]}` : null;
}

// libphonenumber 9.0: mobile numbers have nine digits, those of a place ten.
const VIETNAMESE = /^(?:(?:(?:3\d|7[06-9])\d|5(?:[1689]\d|2[238]|59)|8(?:[1-8]\d|9[6-9])|9(?:[0-8]\d|9[013-9]))\d{6}|2\d{9})$/;

const PAPERS = {
  citizen_card: (number) => /^[0-9]{12}$/.test(number),
  old_card: (number) => /^[0-9]{9}$/.test(number),
  passport: (number) => number.length >= 5 && number.length <= 20,
  other: (number) => number.length <= 24,
};

function isInsuranceNumber(number) {
  return /^(?:[0-9]{10}|[A-Z]{2}[1-5][0-9]{12})$/.test(number);
}

function isEmail(text) {
  return /^[^@ ]+@[^@. ]+(?:\.[^@. ]+)+$/.test(text);
}

// Base64 of 64 bytes: of the last character's bits, four are zero.
function isProof(text) {
  return /^[A-Za-z0-9+/]{85}[AQgw]==$/.test(text);
}

function hasJourney({ kind }) {
  return kind === 'movement' || kind === 'entry';
}

function yearOf(day) {
  return new Date(day * DAY_SECONDS * 1000).getUTCFullYear();
}

function normalisedText(text) {
  return text.normalize('NFC').split(BLANKS).filter((word) => word !== '').join(' ');
}

function normalisedNumber(text) {
  // Composed after blanks are gone: what they separated could be one letter then.
  return text.replace(BLANKS, '').replace(/[-.]/g, '').normalize('NFC').replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

const BLANKS = /[ \t\n\r\u00a0\u2000-\u200a\u202f\u3000]+/gu;

function jsonBytes(text) {
  return new TextEncoder().encode(text).length + (text.match(/["\\]/g) ?? []).length;
}
