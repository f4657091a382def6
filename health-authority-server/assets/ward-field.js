// The field for a ward: names of the province that is chosen, found without diacritics; by old names where today's
// lead nowhere. What is typed counts as it is until a name is chosen, and while names are not loaded. Without this
// script the field is one for text.

import { addOldNames, namedWard, readUnits, searchWards } from '../../protocol/browser/units.js';
import { data, element, text } from './page.js';

const MOST_SHOWN = 8;

/**
 * Makes the field with the id `ward` one for wards of the province in the field `province`. `folder` is where names
 * are; `changed` is called when the person has chosen. Gives back `{ load, named }`.
 */
export function wardField({ ward, province, folder, changed = () => {} }) {
  const field = element(ward);
  const loaded = new Map();
  let active = -1;
  let isPressed = false;

  const list = made('ul', { id: `${ward}-list`, role: 'listbox', hidden: true, ariaLabel: labelOf(field) });
  const count = made('p', { id: `${ward}-count`, role: 'status', className: 'hidden', ariaLive: 'polite' });
  field.closest('.field').classList.add('picker');
  field.after(list, count);
  for (const [name, value] of [['role', 'combobox'], ['aria-expanded', 'false'], ['aria-controls', list.id], ['aria-autocomplete', 'list'], ['autocomplete', 'off']]) {
    field.setAttribute(name, value);
  }
  element(province).addEventListener('change', () => load().then(suggest));
  field.addEventListener('input', suggest);
  field.addEventListener('keydown', onKey);
  field.addEventListener('blur', () => {
    // What is being pressed must not move away from under the pointer: then nothing would be pressed.
    if (isPressed) addEventListener('pointerup', () => setTimeout(closeUnlessThere, 50), { once: true });
    else close();
  });
  addEventListener('pointerdown', () => { isPressed = true; }, true);
  for (const kind of ['pointerup', 'pointercancel']) addEventListener(kind, () => { isPressed = false; }, true);
  field.addEventListener('focus', load);

  function code() {
    return Number(element(province).value) || null;
  }

  /** Loads the names of the province that is chosen. */
  async function load() {
    const chosen = code();
    if (!chosen || loaded.has(chosen)) return;
    const content = await fetchText(folder, `${two(chosen)}-${data.units}.tsv`);
    if (content !== null) loaded.set(chosen, { units: readUnits(content), hasOld: false });
  }

  async function loadOld(chosen) {
    const entry = loaded.get(chosen);
    entry.hasOld = true;
    const content = await fetchText(folder, `${two(chosen)}-old-${data.units}.tsv`);
    if (content !== null) addOldNames(entry.units, content);
  }

  /** `{ ward, province }` of what stands in the field: the ward's code where one was chosen or is named. */
  function named() {
    const chosen = code();
    const units = loaded.get(chosen)?.units;
    return { ward: (units && namedWard(units, field.value, chosen)?.code) ?? null, province: chosen };
  }

  function suggest() {
    const chosen = code();
    const entry = loaded.get(chosen);
    if (!entry || document.activeElement !== field) return;
    const found = searchWards(entry.units, field.value, chosen, MOST_SHOWN);
    if (!found.length && field.value.trim() !== '' && !entry.hasOld) loadOld(chosen).then(suggest);
    else show(found);
  }

  function show(found) {
    list.replaceChildren(...found.map(({ name }, i) => {
      const option = made('li', { id: `${ward}-option-${i}`, role: 'option', ariaSelected: 'false', textContent: name });
      option.addEventListener('pointerdown', (event) => { event.preventDefault(); choose(name); });
      return option;
    }));
    active = -1;
    list.hidden = found.length === 0;
    field.setAttribute('aria-expanded', String(found.length > 0));
    field.removeAttribute('aria-activedescendant');
    const said = found.length ? text('ward-count', { count: found.length }) : text('ward-none');
    count.textContent = field.value.trim() === '' ? '' : said;
  }

  function choose(name) {
    field.value = name;
    close();
    changed();
  }

  function close() {
    list.hidden = true;
    field.setAttribute('aria-expanded', 'false');
    field.removeAttribute('aria-activedescendant');
    active = -1;
  }

  function closeUnlessThere() {
    if (document.activeElement !== field) close();
  }

  function onKey(event) {
    const options = [...list.children];
    if (list.hidden || options.length === 0) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const [first, step] = event.key === 'ArrowDown' ? [-1, 1] : [options.length, -1];
      active = ((active < 0 ? first : active) + step + options.length) % options.length;
      options.forEach((option, i) => { option.ariaSelected = String(i === active); });
      field.setAttribute('aria-activedescendant', options[active].id);
      options[active].scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      choose(options[active].textContent);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      close();
    }
  }

  return { load, named };
}

/** The file's text; null without network: the field takes free text. */
async function fetchText(folder, file) {
  try {
    const response = await fetch(new URL(file, folder), { credentials: 'omit' });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function two(code) {
  return String(code).padStart(2, '0');
}

function labelOf(field) {
  return field.labels[0].textContent.trim();
}

function made(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
