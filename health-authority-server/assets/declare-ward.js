// The field for a ward: names of the province that is chosen, found without diacritics; by old names where today's
// lead nowhere. What is typed counts as it is until a name is chosen, and while names are not loaded.

import { addOldNames, folded, readUnits, searchWards } from '../../protocol/browser/units.js';
import { data, element, text } from './page.js';

const MOST_SHOWN = 8;
const loaded = new Map();
let active = -1;
let chosen = null;
let onChange = () => {};

/** Starts the field; `changed` is called when the person has chosen. */
export function startWards(base, changed) {
  onChange = changed;
  const field = element('ward-name');
  element('province').addEventListener('change', () => { chosen = null; load(base, province()).then(suggest); });
  field.addEventListener('input', () => { chosen = null; suggest(); });
  field.addEventListener('keydown', onKey);
  field.addEventListener('blur', () => setTimeout(close, 200));
  field.addEventListener('focus', () => load(base, province()));

  function suggest() {
    const units = loaded.get(province())?.units;
    if (!units || document.activeElement !== field) return;
    const found = searchWards(units, field.value, province(), MOST_SHOWN);
    if (!found.length && field.value.trim() !== '' && !loaded.get(province()).hasOld) {
      loadOld(base, province()).then(suggest);
      return;
    }
    show(found, field.value);
  }
}

/** `{ ward, province }` of what stands in the field: the ward's code where one was chosen or named exactly. */
export function wardOf() {
  const typed = element('ward-name').value;
  const units = loaded.get(province())?.units;
  if (chosen && chosen.name === typed) return { ward: chosen.code, province: province() };
  const same = units?.wards.filter(({ name, folded: plain }) => (
    name === typed.trim() || plain === folded(typed) || plain.replace(/^(phuong|xa|dac khu) /, '') === folded(typed)));
  return { ward: same?.length === 1 ? same[0].code : null, province: province() };
}

/** Loads the names for what was filled in before. */
export async function loadWards(base) {
  if (province()) await load(base, province());
}

function province() {
  return Number(element('province').value) || null;
}

async function load(base, code) {
  if (!code || loaded.has(code)) return;
  const content = await fetchText(base, `${name(code)}-${data.units}.tsv`);
  if (content !== null) loaded.set(code, { units: readUnits(content), hasOld: false });
}

async function loadOld(base, code) {
  const entry = loaded.get(code);
  entry.hasOld = true;
  const content = await fetchText(base, `${name(code)}-old-${data.units}.tsv`);
  if (content !== null) addOldNames(entry.units, content);
}

/** The file's text; null without network: the field takes free text. */
async function fetchText(base, file) {
  try {
    const response = await fetch(new URL(`units/${file}`, base), { credentials: 'omit' });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function name(code) {
  return String(code).padStart(2, '0');
}

function show(found, typed) {
  const list = element('ward-list');
  list.replaceChildren(...found.map((ward, i) => {
    const option = document.createElement('li');
    option.id = `ward-option-${i}`;
    option.role = 'option';
    option.ariaSelected = 'false';
    option.textContent = ward.name;
    option.addEventListener('pointerdown', (event) => { event.preventDefault(); choose(ward); });
    option.choose = () => choose(ward);
    return option;
  }));
  active = -1;
  list.hidden = found.length === 0;
  const field = element('ward-name');
  field.setAttribute('aria-expanded', String(found.length > 0));
  field.removeAttribute('aria-activedescendant');
  const said = found.length ? text('ward-count', { count: found.length }) : text('ward-none');
  element('ward-count').textContent = typed.trim() === '' ? '' : said;
}

function choose(ward) {
  chosen = ward;
  element('ward-name').value = ward.name;
  close();
  onChange();
}

function close() {
  element('ward-list').hidden = true;
  element('ward-name').setAttribute('aria-expanded', 'false');
  element('ward-name').removeAttribute('aria-activedescendant');
  active = -1;
}

function onKey(event) {
  const options = [...element('ward-list').children];
  if (element('ward-list').hidden || options.length === 0) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    active = (active + (event.key === 'ArrowDown' ? 1 : -1) + options.length) % options.length;
    options.forEach((option, i) => { option.ariaSelected = String(i === active); });
    element('ward-name').setAttribute('aria-activedescendant', options[active].id);
    options[active].scrollIntoView({ block: 'nearest' });
  } else if (event.key === 'Enter' && active >= 0) {
    event.preventDefault();
    options[active].choose();
  } else if (event.key === 'Escape') {
    event.preventDefault();
    close();
  }
}
