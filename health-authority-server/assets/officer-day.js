// An opened day on the screen: the list with search and filters, people to call of doors, one form with what was
// noted about it, the table for spreadsheets. The worker gives a few rows at a time.

import { CALLED, NOTE, NOT_CALLED } from '../../protocol/browser/register.js';
import { download } from './key-store.js';
import { columns, doorLines, formLines, lines, stateOf, symptomsOf, telephone } from './officer-view.js';
import { act, dateText, element, now, text, timeText } from './page.js';

const ROWS = 50;
const SEARCH_WAIT = 150;
let view = null;
let day = null;
let from = 0;
let tab = 'forms';
let shown = null;
let searching = null;

/** Brings the panels to life. */
export function startDay(given) {
  view = given;
  element('filter').addEventListener('input', () => {
    clearTimeout(searching);
    searching = setTimeout(() => view.attempt(() => showRows(0)), SEARCH_WAIT);
  });
  act(element('filter'), () => view.attempt(() => showRows(0)));
  for (const [id, step] of [['before', -ROWS], ['after', ROWS]]) {
    act(element(id), () => view.attempt(async () => {
      await showRows(from + step);
      element('rows-title').scrollIntoView({ block: 'start' });
    }));
  }
  for (const button of document.querySelectorAll('[data-tab]')) {
    act(button, () => view.attempt(() => showTab(button.dataset.tab)));
  }
  act(element('export'), () => view.attempt(exportRows));
  act(element('back'), () => view.attempt(async () => {
    await showTab(tab, from);
    view.open('day');
  }));
  act(element('called'), () => view.attempt(async () => {
    const kind = shown.about.called ? NOT_CALLED : CALLED;
    showAbout(await view.work('note', { subject: shown.subject, kind, text: '', now: now() }));
  }));
  act(element('note-form'), () => view.attempt(async () => {
    const field = element('note');
    const words = field.value.trim();
    if (!words) return;
    showAbout(await view.work('note', { subject: shown.subject, kind: NOTE, text: words, now: now() }));
    field.value = '';
  }));
}

/** Shows a day that was opened. */
export function showDay(opened) {
  day = opened;
  const { summary } = day;
  element('day-title').textContent = text('day-title', { day: view.dayName(day.day), name: view.groupName(day.group) });
  const { urgent } = summary;
  element('day-summary').textContent = text('summary', { count: summary.forms, number: urgent.now, expected: urgent.call });
  const junk = summary.unreadable + summary.callsUnreadable + summary.invalid;
  element('junk').hidden = junk === 0;
  element('junk').textContent = text('junk', { count: summary.unreadable + summary.callsUnreadable, number: summary.invalid });
  for (const [id, count] of [['forms', summary.forms], ['door', summary.calls], ['aside', summary.aside]]) {
    document.querySelector(`[data-tab="${id}"] .count`).textContent = count;
  }
  document.querySelector('[data-tab="aside"]').hidden = summary.aside === 0;
  element('notes-broken').hidden = !summary.notesBroken;
  element('filter').reset();
  return view.attempt(() => showTab('forms'));
}

/** Takes everything that was opened off the screen. */
export function clearDay() {
  clearTimeout(searching);
  [day, shown, from, tab] = [null, null, 0, 'forms'];
  element('filter').reset();
  element('note-form').reset();
  for (const id of ['rows', 'door-rows', 'person-lines', 'notes']) element(id).replaceChildren();
  for (const id of ['day-title', 'day-summary', 'junk', 'person-title', 'person-state', 'rows-count']) element(id).textContent = '';
}

async function showTab(name, at = 0) {
  tab = name;
  for (const button of document.querySelectorAll('[data-tab]')) {
    if (button.dataset.tab === tab) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
  element('door').hidden = tab !== 'door';
  element('list').hidden = tab === 'door';
  element('aside-hint').hidden = tab !== 'aside';
  if (tab === 'door') await showDoor();
  else await showRows(at);
}

function filter() {
  const { query, urgency, kind, called } = element('filter').elements;
  const chosen = { query: query.value, urgency: urgency.value, kind: kind.value, called: called.value };
  return { ...chosen, aside: tab === 'aside', door: tab === 'door' };
}

async function showRows(at) {
  from = Math.max(0, at);
  const { total, rows } = await view.work('list', { filter: filter(), from, count: ROWS });
  if (!day) return;
  element('rows').replaceChildren(...rows.map(row));
  element('rows-table').hidden = total === 0;
  element('rows-none').hidden = total > 0;
  element('rows-count').textContent = text('rows', { from: total ? from + 1 : 0, until: from + rows.length, count: total });
  element('before').disabled = from === 0;
  element('after').disabled = from + rows.length >= total;
  element('pager').hidden = total <= ROWS;
}

function row(entry) {
  const made = document.createElement('tr');
  const cell = (content, label) => {
    const one = document.createElement('td');
    one.append(...[content].flat());
    if (label) one.dataset.label = label;
    return one;
  };
  const head = document.createElement('th');
  head.scope = 'row';
  head.append(nameButton(entry.name, () => showForm(entry.subject)));
  const born = cell(String(entry.born ?? ''), text('born'));
  const noted = entry.notes ? ` · ${text('noted', { count: entry.notes })}` : '';
  made.append(
    head, cell(stateOf(entry.urgency)), born, cell(telephone(entry.phone)), cell(entry.ward), cell(symptomsOf(entry.symptoms)),
    cell(text(`kind-${entry.kind}`)), cell(`${text(entry.called ? 'is-called' : 'not-called')}${noted}`),
  );
  return made;
}

function nameButton(name, work) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'link';
  button.textContent = name || '?';
  act(button, () => view.attempt(work));
  return button;
}

async function showDoor() {
  const people = await view.work('calls');
  element('door-none').hidden = people.length > 0;
  element('door-table').hidden = people.length === 0;
  const at = (seconds) => timeText(seconds);
  element('door-rows').replaceChildren(...people.map((person) => {
    const made = document.createElement('tr');
    const head = document.createElement('th');
    head.scope = 'row';
    head.append(nameButton(person.name, () => showPerson(person.subject, person.name, doorLines(person, at), person.about)));
    const venue = person.card ? `${person.venue} (${text(`card-${person.card}`)})` : person.venue;
    const cells = [telephone(person.phone), venue, `${at(person.from)} – ${at(person.until)}`,
      text(person.about.called ? 'is-called' : 'not-called')];
    made.append(head, ...cells.map((content) => {
      const one = document.createElement('td');
      one.append(content);
      return one;
    }));
    return made;
  }));
}

async function showForm(subject) {
  const { form, ward, urgency, about, proven } = await view.work('form', { subject });
  showPerson(subject, form.name, formLines(form, ward, proven), about);
  element('person-state').replaceChildren(stateOf(urgency));
}

function showPerson(subject, name, list, about) {
  shown = { subject, about };
  element('person-title').textContent = name;
  element('person-state').replaceChildren();
  element('person-lines').replaceChildren(...lines(list));
  element('note-form').reset();
  showAbout(about);
  view.open('person');
  scrollTo(0, 0);
}

function showAbout(about) {
  if (!shown) return;
  shown.about = about;
  element('called').textContent = text(about.called ? 'unmark' : 'mark');
  element('called').classList.toggle('second', about.called);
  element('called-state').textContent = about.called
    ? text('called-by', { name: about.by, day: whenOf(about.at) }) : text('not-called');
  element('notes').replaceChildren(...about.notes.map(noteItem));
  element('notes-none').hidden = about.notes.length > 0;
}

const whenOf = (seconds) => `${timeText(seconds)}, ${dateText(seconds)}`;

function noteItem({ id, at, by, text: words, own }) {
  const item = document.createElement('li');
  const [who, what] = ['p', 'p'].map((kind) => document.createElement(kind));
  who.className = 'hint';
  who.textContent = text('note-by', { name: by, day: whenOf(at) });
  what.textContent = words;
  item.append(who, what);
  if (own) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link';
    button.textContent = text('note-drop');
    act(button, () => view.attempt(async () => {
      showAbout(await view.work('dropNote', { subject: shown.subject, note: id, now: now() }));
    }));
    item.append(button);
  }
  return item;
}

async function exportRows() {
  if (!confirm(text('export-sure'))) return;
  const table = await view.work('exportCsv', { filter: filter(), words: columns(tab === 'door') });
  const date = new Date(day.day * 86_400_000).toISOString().slice(0, 10);
  download(`${text('file')}-${date}-${day.group}.csv`, table, 'text/csv;charset=utf-8');
}
