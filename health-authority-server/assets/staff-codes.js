// Codes for a list of cases: the file is read here and never leaves the browser; its lines are sent one after the other.

import { csvLine } from '../../protocol/browser/csv.js';
import { Progress, readList, sendAll } from './code-list.js';
import { act, data, dateText, element, focusOn, text, timeText } from './page.js';

const MOST_ERRORS = 100;
const progress = new Progress(localStorage);
const csrf = document.querySelector('meta[name="csrf-token"]').content;

let file = null;
let orders = [];
let results = new Map();
let isStopped = false;

/** A day of the list, YYYY-MM-DD, for people; a dash for none. */
function dayOf(date) {
  return date === '' ? '–' : dateText(Date.parse(`${date}T00:00:00Z`) / 1000, { timeZone: 'UTC' });
}

function cell(tag, content, label, className) {
  const made = document.createElement(tag);
  if (label) made.dataset.label = label;
  if (className) made.className = className;
  made.append(content);
  return made;
}

function rowOf(...cells) {
  const row = document.createElement('tr');
  row.append(...cells);
  return row;
}

function stateMark(name, id, values) {
  const mark = document.createElement('span');
  mark.className = `state ${name}`;
  mark.textContent = text(id, values);
  return mark;
}

async function choose() {
  const [chosen] = element('list-file').files;
  if (!chosen) return;
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  const read = readList(bytes, data);
  file = { size: chosen.size, modified: chosen.lastModified };
  orders = read.orders;
  results = new Map();
  showErrors(read.wrong);
  element('preview').hidden = false;
  element('results').hidden = true;
  element('ready').textContent = text('list-ready', { count: orders.length });
  element('orders').replaceChildren(...orders.map(({ line, phone, testType, symptomDate, testDate }) => rowOf(
    cell('td', `${line}`, text('list-line-name'), 'number'),
    cell('td', phone, text('list-phone-name')),
    cell('td', data.types[testType]),
    cell('td', dayOf(symptomDate), text('list-symptom-name')),
    cell('td', dayOf(testDate), text('list-test-name')),
  )));
  element('orders-table').hidden = orders.length === 0;
  element('send-form').hidden = orders.length === 0;
  const known = progress.lineOf(file);
  element('resumed').hidden = known === null;
  if (known !== null) element('resumed').textContent = text('list-resume', { line: known });
  element('start').value = known ?? orders[0]?.line ?? 2;
  focusOn('preview');
}

function showErrors(wrong) {
  element('wrong').hidden = wrong.length === 0;
  const lines = wrong.slice(0, MOST_ERRORS).map(({ line, phone, id, values }) => {
    const item = document.createElement('li');
    const said = text(id, values);
    item.textContent = line === 0 ? said : text('list-wrong', { line, name: phone.slice(0, 24), reason: said });
    return item;
  });
  element('wrong-lines').replaceChildren(...lines);
  element('wrong-more').hidden = wrong.length <= MOST_ERRORS;
  element('wrong-more').textContent = text('list-more', { count: wrong.length - MOST_ERRORS });
}

/** One line to the server: what became of it. */
async function send({ phone, testType, symptomDate, testDate }) {
  let response;
  try {
    response = await fetch(data.path, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
      body: JSON.stringify({ phone, testType, symptomDate, testDate }),
    });
  } catch {
    return { state: 'failed', reason: text('list-no-network') };
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer ?? { state: 'failed', reason: text('list-unreadable') };
  if (answer) return { state: response.status === 503 ? 'failed' : 'refused', reason: answer.message };
  // A page in place of JSON: logged out, or another session by now.
  return { state: response.status === 503 ? 'failed' : 'ended', reason: text('list-ended') };
}

const MARKS = { sent: 'good', repeated: 'good', failed: 'refused', refused: 'refused', ended: 'refused' };

function done(order, result) {
  results.set(order.line, { order, ...result });
  const row = rowOf(
    cell('td', `${order.line}`, text('list-line-name'), 'number'),
    cell('td', order.phone, text('list-phone-name')),
    cell('td', stateMark(MARKS[result.state] ?? '', `list-state-${result.state}`)),
    cell('td', result.id ?? result.reason ?? '', result.id ? text('list-id-name') : ''),
  );
  row.id = `result-${order.line}`;
  const before = document.getElementById(row.id);
  if (before) before.replaceWith(row);
  else element('result-rows').append(row);
  if (result.state !== 'ended') progress.put(file, order.line + 1);
  say('list-progress', { count: results.size, number: orders.length });
}

function say(id, values) {
  element('said').textContent = text(id, values);
}

async function run(wanted) {
  isStopped = false;
  element('results').hidden = false;
  element('stop').hidden = false;
  for (const id of ['send', 'again', 'save']) element(id).hidden = true;
  focusOn('results');
  const { next, reason } = await sendAll(wanted, { send, done, isStopped: () => isStopped });
  element('stop').hidden = true;
  const failed = [...results.values()].filter(({ state }) => state === 'failed' || state === 'ended').length;
  if (next === null && failed === 0) progress.forget();
  else progress.put(file, next ?? Math.min(...[...results.values()].filter(({ state }) => state === 'failed').map(({ order }) => order.line)));
  const left = orders.some(({ line }) => !results.has(line) && line >= Number(element('start').value));
  for (const [id, isShown] of [['send', left || reason !== null], ['again', failed > 0], ['save', results.size > 0]]) {
    element(id).hidden = !isShown;
  }
  if (next !== null) element('start').value = next;
  say(reason === null ? 'list-done' : `list-${reason}`, { count: results.size, number: failed, line: next ?? '' });
}

function save() {
  const head = ['list-line-name', 'list-state-name', 'list-id-name', 'list-until-name', 'list-reason-name'].map((id) => text(id));
  const lines = [...results.values()].sort((a, b) => a.order.line - b.order.line).map(({ order, state, id, until, reason }) => csvLine([
    order.line, text(`list-state-${state}`), id, until ? `${timeText(until)}, ${dateText(until)}` : '', reason,
  ]));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', csvLine(head), ...lines], { type: 'text/csv' }));
  link.download = `${text('list-file-name')}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

element('list-file').addEventListener('change', () => { choose(); });
act(element('send-form'), async () => {
  const start = Number(element('start').value);
  await run(orders.filter(({ line }) => line >= start));
});
act(element('again'), async () => {
  await run([...results.values()].filter(({ state }) => state === 'failed' || state === 'ended').map(({ order }) => order));
});
act(element('save'), async () => save());
element('stop').addEventListener('click', () => {
  isStopped = true;
  say('list-stopping');
});
addEventListener('beforeunload', (leaving) => {
  if (!element('stop').hidden) leaving.preventDefault();
});
document.documentElement.dataset.ready = 'yes';
