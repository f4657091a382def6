// The officers' page: a key made here, days listed, one opened in the worker, searched, called and noted. What is
// opened is in the worker and on the screen only: locking, leaving and five minutes without use end both.

import { fromHex, toHex } from '../../protocol/browser/bytes.js';
import { spokenFingerprint } from '../../protocol/browser/intake.js';
import * as files from '../../protocol/browser/officer_key.js';
import { keyPage } from './key-page.js';
import { download, keyStoreOf } from './key-store.js';
import { startAccess } from './officer-access.js';
import { clearDay, showDay, startDay } from './officer-day.js';
import { act, data, dateText, element, text } from './page.js';
import { workerOf } from './worker-run.js';

const IDLE_MINUTES = 5;
const PANELS = ['waiting', 'unlock', 'days', 'opening', 'day', 'person'];
const OPENED = ['days', 'opening', 'day', 'person'];
const DAY_SECONDS = 86_400;
const ROOT = 'vungxanh-officer-root';
/** What waited for the worker when it was ended. */
const CLOSED = 'ended';
const store = keyStoreOf('officer');
const { run, end } = workerOf({
  known: ['network', 'authority', 'root', 'session', 'refused', 'not-an-officer', 'no-key', 'half', 'register', 'busy', 'full',
    'wrong-passphrase', 'excessive', 'closed'],
  base: new URL(data.base, location.href).href,
});
let idle = null;
let roster = [];
let opening = 0;

const details = () => ({
  paths: data.paths, publicKey: data.publicKey, units: { version: data.units, provinces: data.provinces.map(([code]) => code) },
  csrf: document.querySelector('meta[name="csrf-token"]').content,
});
/** Has the worker do something with what is open. */
const work = (task, more = {}, progress = null) => run(task, { ...details(), ...more }, progress);

const keys = keyPage({
  files,
  store,
  owner: data.account,
  makeKeyPair: files.makeKeyPair,
  publicKeyOf: files.publicKeyOf,
  handedIn: (_, publicKey) => ({ publicKey: toHex(publicKey) }),
  readLine: (line) => (/^[0-9a-fA-F]{64}$/.test(line) ? { publicKey: line.toLowerCase() } : null),
  shown: spokenFingerprint,
  fileName: (publicKey) => `vungxanh-officer-key-${toHex(publicKey.subarray(0, 4))}.json`,
  here: () => attempt(arrive),
  panels: PANELS,
});

function open(panel) {
  keys.open(panel);
  element('lock').hidden = !OPENED.includes(panel);
}

function tell(id, words) {
  element(id).textContent = words ?? '';
  element(id).hidden = !words;
}

async function attempt(doing) {
  tell('failed');
  try {
    await doing();
  } catch (error) {
    // Locked meanwhile: the page says so already.
    if (error.code === CLOSED) return;
    if (!error.told) console.error(error);
    tell('failed', error.told ? error.message : text('problem-other'));
    element('failed').scrollIntoView({ block: 'nearest' });
  }
}

// A key is here: is it an officer's?

async function arrive() {
  const fingerprint = spokenFingerprint(fromHex(data.publicKey, 32));
  for (const place of document.querySelectorAll('[data-fingerprint]')) place.textContent = fingerprint;
  element('line').value = data.publicKey;
  try {
    const { officer } = await look();
    open(officer === null ? 'waiting' : 'unlock');
  } catch (error) {
    // Unlocking looks again.
    open('unlock');
    throw error;
  }
}

/** What is published and listed, checked against what this browser knows of earlier visits. */
async function look() {
  const kept = JSON.parse(localStorage.getItem(ROOT) ?? '{}');
  const loaded = await work('load', kept);
  localStorage.setItem(ROOT, JSON.stringify({ root: loaded.root, seen: loaded.seen }));
  roster = loaded.officers;
  element('root').textContent = loaded.rootFingerprint.match(/.{8}/g).join(' ');
  const listed = await work('days');
  element('own-name').textContent = roster.find(({ id }) => id === listed.officer)?.name ?? '';
  return { ...listed, minutesAhead: loaded.minutesAhead };
}

act(element('again'), () => attempt(async () => {
  tell('told');
  await arrive();
  if (!element('waiting').hidden) tell('told', text('still-waiting'));
}));
act(element('request-file'), () => {
  const request = { format: 'VX-OFFICER-REQUEST-1', name: data.name, public_key: data.publicKey };
  download(`vungxanh-officer-${data.publicKey.slice(0, 8)}.json`, `${JSON.stringify(request, null, 2)}\n`);
});
for (const button of document.querySelectorAll('[data-key-file]')) act(button, keys.saveFile);

act(element('unlock-form'), () => attempt(async () => {
  const form = element('unlock-form');
  const bar = form.querySelector('progress');
  bar.hidden = false;
  try {
    const { passphrase } = form.elements;
    const words = passphrase.value;
    await work('unlock', { file: store.keyFile(data.publicKey), passphrase: words }, (part) => { bar.value = part; });
    passphrase.value = '';
    tell('told');
    tell('locked');
    await showDays();
    watch();
  } finally {
    bar.hidden = true;
  }
}));

// The days.

async function showDays() {
  const listed = await look();
  if (listed.officer === null) {
    lock();
    open('waiting');
    return;
  }
  const past = listed.days.filter(({ day }) => day <= listed.today).reverse();
  element('no-days').hidden = past.length > 0;
  element('days-table').hidden = past.length === 0;
  element('days-rows').replaceChildren(...past.map((one) => dayRow(one, listed.officer)));
  open('days');
}

const groupName = (group) => (group === 0 ? text('group-all') : data.provinces.find(([code]) => code === group)?.[1] ?? String(group));
const dayName = (day) => dateText(day * DAY_SECONDS, { timeZone: 'UTC' });

function dayRow({ day, group, declarations, calls, holders }, officer) {
  const row = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = dayName(day);
  const cell = (content, label) => {
    const made = document.createElement('td');
    made.append(content);
    if (label) made.dataset.label = label;
    return made;
  };
  const may = holders.includes(officer);
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'second';
  button.textContent = text('open');
  button.setAttribute('aria-label', text('open-day', { day: dayName(day), name: groupName(group) }));
  act(button, () => attempt(() => openDay({ day, group, declarations })));
  const numbers = [cell(String(declarations), text('declarations')), cell(String(calls), text('to-call'))];
  numbers.forEach((number) => { number.className = 'number'; });
  row.append(head, cell(groupName(group)), ...numbers, cell(may ? button : text('no-access')));
  return row;
}

async function openDay({ day, group, declarations }) {
  const bar = element('opening-bar');
  bar.value = 0;
  element('opening-what').textContent = text('opening', { day: dayName(day), count: declarations });
  open('opening');
  opening += 1;
  const mine = opening;
  try {
    const begun = performance.now();
    const summary = await work('open', { day, group }, (part) => { bar.value = part; });
    if (mine !== opening) return;
    // For measurements: how long it took and nothing of what it is.
    document.documentElement.dataset.openedIn = String(Math.round(performance.now() - begun));
    showDay({ day, group, summary });
    open('day');
  } catch (error) {
    if (mine === opening) open('days');
    throw error;
  }
}
act(element('opening-stop'), () => lock());

const view = { work, attempt, open, dayName, groupName, watch };
startDay(view);
startAccess(view);
for (const button of document.querySelectorAll('[data-to-days]')) {
  act(button, () => attempt(async () => {
    clearDay();
    await work('close');
    await showDays();
  }));
}

// Locking.

/** Ends the worker with all that it knows, and takes it off the screen. */
function lock(reason) {
  clearTimeout(idle);
  idle = null;
  opening += 1;
  end(CLOSED);
  tell('failed');
  tell('told');
  clearDay();
  element('days-rows').replaceChildren();
  element('receivers').replaceChildren();
  element('access').open = false;
  for (const field of document.querySelectorAll('input[type=password]')) field.value = '';
  open('unlock');
  tell('locked', reason && text(reason, { minutes: IDLE_MINUTES }));
}
act(element('lock'), () => lock('locked'));

function watch() {
  if (idle === null && OPENED.every((id) => element(id).hidden)) return;
  clearTimeout(idle);
  idle = setTimeout(() => lock('idle'), IDLE_MINUTES * 60_000);
}
for (const kind of ['pointerdown', 'keydown', 'input', 'scroll']) {
  addEventListener(kind, () => { if (idle !== null) watch(); }, { passive: true });
}
// Nothing stays in a page that the browser keeps aside.
addEventListener('pagehide', () => { if (idle !== null) lock(); });
addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload(); });

keys.start();
