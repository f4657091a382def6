// The page of declarations: one group of questions at a time, a draft after every change, sending, passes. What
// seals and asks for passes comes with the worker, after the page can be used.

import { questions } from '../../protocol/browser/form.js';
import {
  FIELDS, clearWrong, fillCountries, formOf, loadWards, nameFields, readAnswers, readable, showWrong, startWards,
  writeAnswers, wrongOf,
} from './declare-form.js';
import { endCode, startCode } from './declare-code.js';
import { MOST_PEOPLE, columnNames, readPeople } from './declare-group.js';
import { hidePass, save, showPass } from './declare-passes.js';
import { BASE, endWorker, run } from './declare-run.js';
import { forgetKeys, load, queue, sendQueue } from './declare-send.js';
import { listSent, replace, showUrgency, withdrawWithCode } from './declare-sent.js';
import * as store from './declare-store.js';
import { forgetWarnings, lookForWarnings, placeWarnings, startWarnings } from './declare-warnings.js';
import { act, data, element, focusOn, forgetKeptPage, now, showOnly, text } from './page.js';

const PANELS = ['wait', 'form', 'code-panel', 'sending', 'problem', 'sent', 'pass', 'forgotten'];
const STEPS = ['start', 'declarer', 'person', 'place', 'journey', 'health', 'list', 'check'];
const HANDED_OVER = 'declare-language';
const IDLE_MINUTES = 5;

let step = 'start';
let asked = '';
let people = null;
/** What was sent before and is being corrected. */
let corrected = null;
let shownPass = null;
let idle = null;
let writing = Promise.resolve();
let unwritten = null;

/** The steps of what is being filled in. */
function steps({ kind, whom }) {
  const journey = kind === 'movement' || kind === 'entry';
  const own = { start: !corrected, declarer: whom !== 'self', person: whom !== 'group', health: whom !== 'group', list: whom === 'group', journey };
  return STEPS.filter((one) => own[one] ?? true);
}

function show(panel) {
  showOnly(PANELS, [panel]);
  element('here').hidden = panel !== 'form' || step !== 'start' || !element('here').dataset.any;
  element('withdraw-code').hidden = panel !== 'sent' && (panel !== 'form' || step !== 'start');
  const reads = panel === 'sent' || (panel === 'form' && step === 'start');
  placeWarnings({ reads, writes: !reads && ['form', 'problem'].includes(panel) });
}

function showStep(next, { push = true } = {}) {
  clearWrong();
  const answers = readAnswers();
  const all = steps(answers);
  step = all.includes(next) ? next : all[0];
  for (const one of STEPS) element(`step-${one}`).hidden = one !== step;
  element('progress').textContent = text('progress', { number: all.indexOf(step) + 1, count: all.length });
  element('back').hidden = step === all[0];
  element('leave').hidden = step === 'start';
  element('correcting').hidden = !corrected;
  element('correcting').textContent = corrected ? text('correcting', { name: corrected.label }) : '';
  element('next').textContent = step !== 'check' ? text('next')
    : people ? text('send-group', { count: people.length }) : text('send');
  showAsked(answers);
  if (step === 'list') showListHelp(answers.kind);
  if (step === 'check') showAnswers(answers);
  show('form');
  if (push) history.pushState({ step }, '');
  focusOn(`step-${step}`);
  scrollTo(0, 0);
}

/** Shows what this kind of form asks. */
function showAsked(answers) {
  const { kind, whom, travelled, byRelation } = answers;
  for (const part of document.querySelectorAll('[data-only]')) part.hidden = part.dataset.only !== kind;
  for (const part of document.querySelectorAll('[data-not]')) part.hidden = part.dataset.not === kind;
  nameFields(kind);
  element('travel-field').hidden = travelled !== 'yes';
  element('consent-held-field').hidden = byRelation !== 'staff';
  if (whom !== 'self') for (const field of ['name', 'born', 'phone', 'email']) element(field).autocomplete = 'off';
  showUrgency(element('urgent'), step === 'health' ? [formOf(answers).form] : []);
}

function showAnswers(answers) {
  const all = steps(answers).flatMap((one) => FIELDS[one]).filter((field) => field !== 'device');
  const lines = readable(answers, all);
  if (people) lines.push([text('people'), String(people.length)]);
  element('answers').replaceChildren(...lines.map(([label, answer]) => {
    const line = document.createElement('div');
    const [term, value] = ['dt', 'dd'].map((name) => document.createElement(name));
    term.textContent = label;
    value.textContent = answer;
    line.append(term, value);
    return line;
  }));
  load().then(({ officers }) => {
    element('officers').textContent = text('officers', { count: officers.length, list: officers.slice(0, 10).join(', ') });
  }).catch(() => {});
}

function showListHelp(kind) {
  const { required, possible } = columnNames(kind);
  element('list-intro').textContent = text('list-intro', { limit: MOST_PEOPLE });
  element('list-columns').textContent = text('list-columns', { list: required.join(', '), reason: possible.join(', ') });
  element('list-example').textContent = `${required.join(';')}\n`;
}

// Drafts: after every change, so that a reload, a closed tab or an empty battery loses nothing. Of the changes that
// come while one is written only the last is written: letters typed quickly do not wait for each other on a slow disk.

function keepDraft() {
  if (!unwritten) {
    writing = writing.then(() => {
      const draft = unwritten;
      unwritten = null;
      return store.put({ draft });
    }).catch((error) => {
      console.error(error);
      tell('problem-storage');
    });
  }
  unwritten = { at: now(), answers: readAnswers(), step, corrected: corrected?.submission };
  return writing;
}

function changed(event) {
  const { target } = event;
  if (target.type === 'checkbox' && target.name !== 'consent') exclude(target);
  if (target.name === 'device') chooseDevice(target.value);
  if (['kind', 'whom'].includes(target.name)) people = null;
  showAsked(readAnswers());
  keepDraft();
}

/** "None" and an answer exclude each other. */
function exclude(box) {
  if (!box.checked) return;
  for (const other of document.querySelectorAll(`input[name="${box.name}"]`)) {
    if (other !== box && (box.value === 'none' || other.value === 'none')) other.checked = false;
  }
}

async function chooseDevice(device) {
  if (device === 'shared') {
    // At once: a draft that waits to be written is written nowhere.
    store.keepNothing();
    element('form').autocomplete = 'off';
    element('here').dataset.any = '';
    element('here').hidden = true;
    element('again').hidden = true;
    forgetWarnings();
    watchIdle();
  } else if (!store.isKept()) {
    clearTimeout(idle);
    await store.keep();
  }
}

function watchIdle() {
  clearTimeout(idle);
  if (store.isKept()) return;
  idle = setTimeout(async () => {
    await forgetAll();
    tell('idle', { minutes: IDLE_MINUTES });
  }, IDLE_MINUTES * 60_000);
}
for (const kind of ['pointerdown', 'keydown', 'input']) addEventListener(kind, watchIdle, { passive: true });
// A page that the browser kept aside shows nothing of the person before.
addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload(); });

function tell(id, values) {
  element('told').textContent = text(id, values);
  element('told').hidden = false;
}

function fail(error) {
  if (!error.told) console.error(error);
  element('problem-text').textContent = error.told ? error.message : text('problem-other');
  show('problem');
  focusOn('problem');
}

// From step to step.

act(element('form'), async () => {
  element('told').hidden = true;
  const answers = readAnswers();
  const wrong = step === 'list' ? await wrongList(answers) : wrongOf(answers, FIELDS[step]);
  if (wrong.length) {
    showWrong(wrong);
    return;
  }
  clearWrong();
  if (step === 'person' && !isAskedOnce(formOf(answers).form)) return;
  if (step === 'check') {
    try {
      await queue(formOf(answers), answers, { people, corrected });
      await sendAll();
    } catch (error) {
      fail(error);
    }
    return;
  }
  const all = steps(answers);
  showStep(all[all.indexOf(step) + 1]);
  // Not waited for: who goes on quickly is not to press in vain.
  keepDraft();
});

/** A number that contradicts the answers is asked about once, not refused. */
function isAskedOnce(form) {
  const found = questions(form);
  const key = JSON.stringify([found, form.paper, form.born, form.gender]);
  element('question').textContent = found.map((one) => text(`question-${one}`)).join(' ');
  element('question').hidden = found.length === 0 || asked === key;
  if (found.length === 0 || asked === key) return true;
  asked = key;
  return false;
}

async function wrongList(answers) {
  const [file] = element('list').files;
  if (!file && people) return [];
  people = null;
  element('list-read').hidden = true;
  if (!file) return [{ id: 'list', words: text('list-missing') }];
  const { form } = formOf(answers);
  const common = { ...form, consentHeldBy: answers.consentHeldBy };
  const read = readPeople(new Uint8Array(await file.arrayBuffer()), common);
  if (read.errors.length) return read.errors.map((words) => ({ id: 'list', words }));
  people = read.people;
  element('list-read').textContent = text('list-read', { count: people.length });
  element('list-read').hidden = false;
  return [];
}

act(element('back'), () => history.back());
addEventListener('popstate', ({ state }) => {
  if (!element('form').hidden && state?.step) showStep(state.step, { push: false });
  else if (!element('pass').hidden) closePass();
});
for (const id of ['leave', 'discard']) {
  act(element(id), async () => {
    if (!confirm(text('leave-sure'))) return;
    await writing;
    await store.put({ draft: undefined });
    begin({});
  });
}
act(element('list-template'), () => {
  const { required, possible } = columnNames(readAnswers().kind);
  save(new Blob([`\ufeff${[...required, ...possible].join(';')}\r\n`], { type: 'text/csv' }), 'vung-xanh.csv');
});

/** Begins a declaration with these answers; `earlier` is the one that it corrects. */
function begin(answers, earlier = null) {
  people = null;
  corrected = earlier;
  asked = '';
  writeAnswers(answers);
  element('list').value = '';
  element('restored').hidden = true;
  loadWards();
  showStep('start', { push: false });
}

// Sending.

/** Sends what waits, and shows what was sent. */
async function sendAll() {
  show('sending');
  focusOn('sending');
  try {
    if (!(await sendQueue({ show, again: sendAll }))) return;
    await writing;
    await store.put({ queue: undefined, draft: undefined });
    const wasCorrected = corrected !== null;
    [people, corrected] = [null, null];
    await showSent();
    if (wasCorrected) tell('corrected');
  } catch (error) {
    fail(error);
  }
}

act(element('retry'), async () => {
  if ((await store.get('queue') ?? []).length) await sendAll();
  else location.reload();
});
for (const id of ['change', 'code-change']) act(element(id), () => showStep(step));
startCode({ show, fail, tell });

// What was sent.

async function showSent() {
  const sent = await store.get('sent') ?? [];
  listSent(sent, { open: openPass, correct, fail, tell });
  showUrgency(element('sent-urgent'), sent.slice(-1).map(({ urgent }) => urgent ?? {}));
  if (!store.isKept()) tell('shared-sheet');
  show('sent');
  focusOn('sent');
  if (store.isKept()) {
    navigator.storage?.persist?.();
    navigator.serviceWorker?.register(new URL('declare-service-worker.js', BASE), { scope: new URL('declare', BASE).pathname })
      .catch(() => {});
  }
}

/** Fills in what was sent, to be changed; what is not known any more is as last time. */
async function correct(sent) {
  element('told').hidden = true;
  const last = (await store.get('last') ?? []).find(({ label }) => label === sent.label);
  const { device } = readAnswers();
  const answers = sent.answers ?? { ...last?.answers, kind: sent.kind, whom: last?.answers.byName ? 'other' : 'self' };
  begin({ ...answers, device: device ?? (store.isKept() ? 'own' : 'shared'), consent: undefined }, sent);
}

async function openPass(sent) {
  shownPass = sent;
  await showPass(sent, run);
  show('pass');
  focusOn('pass');
  history.pushState({ pass: true }, '');
}

function closePass() {
  hidePass();
  shownPass = null;
  return showSent();
}

act(element('pass-next'), async () => {
  shownPass.next += 1;
  await replace(shownPass);
  await showPass(shownPass, run);
});
act(element('pass-back'), () => history.back());
act(element('open-sent'), showSent);
act(element('another'), async () => {
  element('told').hidden = true;
  const { kind, device, whom, ...rest } = readAnswers();
  const shared = ['byName', 'byPhone', 'byRelation', 'consentHeldBy', 'province', 'ward-name', 'address', ...FIELDS.journey];
  const common = Object.fromEntries(Object.entries(rest).filter(([name]) => shared.includes(name)));
  const self = whom === 'self' ? { byName: rest.name, byPhone: rest.phone } : {};
  begin({ kind, device, whom: 'other', ...common, ...self });
});

async function forgetAll() {
  hidePass();
  endCode();
  endWorker();
  forgetKeys();
  const kept = store.isKept();
  await writing;
  await store.forget();
  if (kept) await forgetKeptPage('declare');
  writeAnswers({});
  element('sent-list').replaceChildren();
  element('answers').replaceChildren();
  element('sheet').replaceChildren();
  for (const id of ['urgent', 'sent-urgent']) showUrgency(element(id), []);
  element('here').dataset.any = '';
  forgetWarnings();
  people = null;
  step = 'start';
  element('told').hidden = true;
  show('forgotten');
  focusOn('forgotten');
}
for (const id of ['finish', 'forget']) {
  act(element(id), async () => {
    if (confirm(text('forget-sure'))) await forgetAll();
  });
}
act(element('fresh'), () => location.reload());
act(element('withdraw-form'), async () => {
  try {
    const said = await withdrawWithCode(element('receipt').value);
    if (said) tell(said);
    scrollTo(0, 0);
  } catch (error) {
    fail(error);
  }
});

// The other language: what was typed goes along, also where nothing is stored.
for (const link of document.querySelectorAll('a[hreflang]')) {
  link.addEventListener('click', () => {
    if (!store.isKept()) sessionStorage.setItem(HANDED_OVER, JSON.stringify({ answers: readAnswers(), step }));
  });
}

async function start() {
  element('form').reset();
  fillCountries();
  startWards(new URL('units/', BASE), keepDraft);
  element('form').addEventListener('input', changed);
  const handed = sessionStorage.getItem(HANDED_OVER);
  sessionStorage.removeItem(HANDED_OVER);
  if (handed) {
    store.keepNothing();
    watchIdle();
    const { answers, step: at } = JSON.parse(handed);
    begin(answers);
    if (at !== 'start') showStep(at);
    return;
  }
  await store.expire(now());
  const [draft, last, sent, waiting] = await Promise.all(['draft', 'last', 'sent', 'queue'].map(store.get));
  element('here').dataset.any = sent?.length ? 'yes' : '';
  offerLast(last ?? []);
  begin(draft?.answers ?? (sent?.length ? { device: 'own' } : {}), sent?.find((one) => one.submission === draft?.corrected));
  element('restored').hidden = !draft;
  if (waiting?.length) {
    step = draft?.step ?? step;
    fail(Object.assign(new Error(text('waiting', { count: waiting.length })), { told: true }));
  } else if (draft && draft.step !== 'start') {
    tell('restored');
    showStep(draft.step);
  }
}

function offerLast(last) {
  element('again').hidden = last.length === 0;
  const list = element('last');
  list.replaceChildren(new Option(element('province').options[0].textContent, ''), ...last.map(({ label }, i) => new Option(label, i)));
  list.addEventListener('change', () => {
    const chosen = last[Number(list.value)];
    if (list.value === '' || !chosen) return;
    const { kind, whom, device } = readAnswers();
    writeAnswers({ whom, ...chosen.answers, kind: kind ?? chosen.answers.kind, device: device ?? 'own' });
    loadWards();
    keepDraft();
  });
}

startWarnings(showSent);
history.replaceState({ step: 'start' }, '');
await start().catch((error) => {
  // Without storage, as in some private windows: everything works, nothing is kept.
  console.error(error);
  store.keepNothing();
  begin({});
  tell('problem-storage');
});
document.documentElement.dataset.ready = 'yes';
await lookForWarnings();
