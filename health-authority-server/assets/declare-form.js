// The fields of the page of declarations: what they hold, as a form of the protocol, and what is wrong with it.

import { normalised, problems } from '../../protocol/browser/form.js';
import { data, element, now, text, timeText } from './page.js';
import { wardField } from './ward-field.js';

const CONSENT_VERSION = 1;
const DAY_SECONDS = 86_400;
const LISTS = ['symptoms', 'contacts'];
/** Fields of each step. */
export const FIELDS = {
  start: ['kind', 'whom', 'device'],
  declarer: ['byName', 'byPhone', 'byRelation', 'consentHeldBy'],
  person: ['name', 'born', 'gender', 'nationality', 'passport', 'paperKind', 'paper', 'phone', 'email', 'insurance'],
  place: ['province', 'ward', 'place', 'address'],
  journey: ['vehicle', 'number', 'seat', 'fromCountry', 'fromProvince', 'fromGate', 'toProvince', 'toGate', 'start'],
  health: ['symptoms', 'temperature', 'contacts', 'travelled', 'travel', 'note'],
  list: [],
  check: ['consent'],
};
/** Answers that are not those of last time. */
const OF_THE_DAY = [...FIELDS.health, ...FIELDS.journey, 'consent', 'whom', 'device'];
/** Where a problem is shown that belongs to no field of its own. */
const SHOWN_AT = { ward: 'ward-name', place: 'ward-name' };
const WORDED = ['phone', 'byPhone', 'paper', 'insurance', 'born', 'temperature', 'consent'];
const COUNTRIES = 'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'.split(' ');

let wards = null;

/** Starts the field for the ward; `changed` is called when the person has chosen. */
export function startWards(folder, changed) {
  wards = wardField({ ward: 'ward-name', province: 'province', folder, changed });
}

/** Loads the names for what was filled in before. */
export const loadWards = () => wards.load();

/** Fills the lists of countries, in the page's language. */
export function fillCountries() {
  const names = new Intl.DisplayNames([document.documentElement.lang], { type: 'region' });
  const named = COUNTRIES.map((code) => [code, names.of(code)]);
  named.sort(([, a], [, b]) => a.localeCompare(b, document.documentElement.lang));
  for (const list of document.querySelectorAll('[data-countries]')) {
    const first = list.id === 'nationality' ? [['VN', names.of('VN')]] : [['', element('province').options[0].textContent]];
    list.replaceChildren(...[...first, ...named].map(([code, name]) => new Option(name, code)));
  }
}

/** What the fields hold, by their names. */
export function readAnswers() {
  const answers = {};
  for (const field of element('form').elements) {
    const { name, type, value } = field;
    if (!name || type === 'file') continue;
    if (type === 'radio') {
      if (field.checked) answers[name] = value;
    } else if (type === 'checkbox') {
      if (name === 'consent') answers.consent = field.checked;
      else if (field.checked) (answers[name] ??= []).push(value);
    } else if (value !== '') {
      answers[name] = value;
    }
  }
  return answers;
}

/** Fills the fields; what is not given is emptied. */
export function writeAnswers(answers) {
  for (const field of element('form').elements) {
    const { name, type, value } = field;
    if (!name || type === 'file') continue;
    const answer = answers[name];
    if (type === 'radio') field.checked = answer === value;
    else if (type === 'checkbox') field.checked = name === 'consent' ? answer === true : (answer ?? []).includes(value);
    else field.value = answer ?? (name === 'nationality' ? 'VN' : '');
  }
}

/** What may be filled in again as last time. */
export function lasting(answers) {
  return Object.fromEntries(Object.entries(answers).filter(([name]) => !OF_THE_DAY.includes(name)));
}

/** The local day by the device's clock. */
export function today() {
  return Math.floor((now() + data.minutesAhead * 60) / DAY_SECONDS);
}

/** The normalised form that answers make, with its ward's province beside: `{ form, province }`. */
export function formOf(answers) {
  const { ward, province } = wards.named();
  const typed = answers['ward-name'] ?? '';
  const provinceName = province ? element('province').selectedOptions[0].textContent : '';
  const another = answers.whom !== 'self';
  const list = (name) => answers[name]?.filter((answer) => answer !== 'none') ?? null;
  const form = normalised({
    ...answers,
    day: today(),
    born: wholeOf(answers.born, /^\d{4}$/),
    ward,
    place: ward || typed === '' ? null : [typed, provinceName].filter(Boolean).join(', '),
    symptoms: list('symptoms'),
    contacts: list('contacts'),
    travelled: answers.travelled === undefined ? null : answers.travelled === 'yes',
    temperature: temperatureOf(answers.temperature),
    fromProvince: wholeOf(answers.fromProvince, /^\d+$/),
    toProvince: wholeOf(answers.toProvince, /^\d+$/),
    start: startOf(answers.start),
    byName: another ? answers.byName : null,
    byPhone: another ? answers.byPhone : null,
    byRelation: another ? answers.byRelation : null,
    consentHeldBy: another ? answers.consentHeldBy : null,
    consent: answers.consent ? CONSENT_VERSION : null,
  });
  return { form, province };
}

/** A number; null where nothing was typed, 0 where it is none. */
function wholeOf(typed, pattern) {
  if (typed === undefined || typed.trim() === '') return null;
  return pattern.test(typed.trim()) ? Number(typed) : 0;
}

/** Tenths of a degree: with a comma or a point. */
export function temperatureOf(typed) {
  if (typed === undefined || typed.trim() === '') return null;
  const [, whole, tenths = '0'] = /^(\d{2})(?:[.,](\d))?$/.exec(typed.trim()) ?? [null, 0];
  return Number(whole) * 10 + Number(tenths);
}

function startOf(typed) {
  const time = Date.parse(typed ?? '');
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}

/** What is wrong with the answers to `fields`: `[{ id, words }]`. */
export function wrongOf(answers, fields) {
  if (fields === FIELDS.start) {
    return fields.filter((field) => !answers[field]).map((id) => ({ id, words: wordsOf(id, 'missing') }));
  }
  const { form } = formOf(answers);
  const found = problems(form);
  const group = answers.whom === 'group';
  const wrong = [];
  for (const [field, reason] of found) {
    // Whether the person is a child is known with the year of birth.
    const guardian = reason === 'guardian_needed' || field === 'consentHeldBy';
    // Of a group the list says who the people are.
    if (guardian ? !fields.includes('born') || group : !fields.includes(field)) continue;
    const id = guardian ? 'born' : SHOWN_AT[field] ?? field;
    if (!wrong.some((one) => one.id === id)) wrong.push({ id, words: wordsOf(field, reason, id) });
  }
  return wrong;
}

/** What is wrong with an answer, in words. */
export function wordsOf(field, reason, id = SHOWN_AT[field] ?? field) {
  if (reason === 'guardian_needed') return text('error-guardian_needed');
  if (field === 'consentHeldBy' && reason === 'missing') return text('error-consentHeldBy');
  if (field === 'consent') return text('error-consent');
  if (reason !== 'missing' && reason !== 'too_long' && WORDED.includes(field)) {
    return text(`error-${field === 'byPhone' ? 'phone' : field}`);
  }
  return text(`error-${reason}`, { field: labelOf(id) });
}

/** Some fields are called otherwise in the form of one kind. */
export function nameFields(kind) {
  labelElement('start').textContent = kind === 'entry' ? text('label-start-entry') : text('label-start');
  labelElement('symptoms').textContent = kind === 'daily' ? text('label-symptoms-daily') : text('label-symptoms');
}

function labelElement(id) {
  return document.querySelector(`label[for="${id}"], fieldset[id="${id}"] > legend`);
}

/** How a field is called on the page. */
export function labelOf(id) {
  return labelElement(id).textContent.trim().replace(/ \((?:không bắt buộc|optional)\)$/, '');
}

/** Shows what is wrong, at the top with links and at each field. */
export function showWrong(wrong) {
  clearWrong();
  element('summary-list').replaceChildren(...wrong.map(({ id, words }) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = `#${id}`;
    link.textContent = words;
    link.addEventListener('click', (event) => { event.preventDefault(); inputOf(id).focus(); });
    item.append(link);
    return item;
  }));
  for (const { id, words } of wrong) mark(id, words);
  element('summary').hidden = wrong.length === 0;
  if (wrong.length === 0) return;
  document.title = text('title-problem') + document.title;
  element('summary').focus();
}

/** Takes what was wrong off the page. */
export function clearWrong() {
  const prefix = text('title-problem');
  if (document.title.startsWith(prefix)) document.title = document.title.slice(prefix.length);
  element('summary').hidden = true;
  for (const error of document.querySelectorAll('.field .error')) error.remove();
  for (const field of document.querySelectorAll('.field.wrong')) field.classList.remove('wrong');
  for (const input of document.querySelectorAll('.field [aria-describedby*="-error"]')) {
    input.removeAttribute('aria-invalid');
    describe(input, (ids) => ids.filter((one) => !one.endsWith('-error')));
  }
}

function mark(id, words) {
  if (element(`${id}-error`)) return;
  const input = inputOf(id);
  const field = input.closest('.field');
  const error = document.createElement('p');
  error.className = 'error';
  error.id = `${id}-error`;
  error.textContent = words;
  field.classList.add('wrong');
  const place = field.tagName === 'FIELDSET' ? field.querySelector('label') : field.querySelector('input, select');
  if (field.id === 'consent-field') field.prepend(error);
  else place.before(error);
  for (const one of field.tagName === 'FIELDSET' ? field.querySelectorAll('input') : [input]) {
    // A radio button cannot be invalid by itself (WAI-ARIA 1.2).
    if (one.type !== 'radio') one.setAttribute('aria-invalid', 'true');
    describe(one, (ids) => [error.id, ...ids]);
  }
}

function describe(input, change) {
  const ids = change((input.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean));
  if (ids.length) input.setAttribute('aria-describedby', ids.join(' '));
  else input.removeAttribute('aria-describedby');
}

function inputOf(id) {
  const found = element(id);
  return found.tagName === 'FIELDSET' ? found.querySelector('input') : found;
}

/** The answers for reading over: `[[label, answer]]`. */
export function readable(answers, fields) {
  const lines = [];
  for (const field of fields) {
    const id = field === 'ward' ? 'ward-name' : field;
    if (field === 'place' || field === 'consent' || answers[id] === undefined) continue;
    if (isLeftOut(id)) continue;
    lines.push([labelOf(id), spoken(id, answers[id])]);
  }
  return lines;
}

/** Whether a field is not asked for this kind. */
function isLeftOut(id) {
  return Boolean(element(id).closest('[data-only][hidden], [data-not][hidden], #travel-field[hidden], #consent-held-field[hidden]'));
}

function spoken(id, answer) {
  if (LISTS.includes(id)) return answer.map((one) => answerText(id, one)).join(', ');
  const found = element(id);
  if (found.tagName === 'FIELDSET') return answerText(id, answer);
  if (found.tagName === 'SELECT') return found.selectedOptions[0]?.textContent ?? answer;
  if (found.type === 'datetime-local') return timeText(Date.parse(answer) / 1000, { dateStyle: 'long', timeStyle: 'short' });
  return answer;
}

/** The words of an answer that is offered. */
export function answerText(field, answer) {
  return document.querySelector(`#${field} input[value="${answer}"] + span`)?.textContent ?? answer;
}
