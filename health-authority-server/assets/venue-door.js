// The page of a supervised door: choosing the unit, showing verdicts, counting, people without a phone. What
// verifies, seals, stores and sends is in the worker.

import { act, data, element, focusOn, showOnly, text, timeText } from './page.js';
import { startCamera, watchWhile } from './venue-door-camera.js';
import { isCode, listenToReader } from './venue-door-reader.js';
import { doorNow, listen, run, setClock, startClock, BASE } from './venue-door-run.js';
import { allowSound, sound } from './venue-door-sound.js';
import { showStatus } from './venue-door-status.js';

const PANELS = ['wait', 'problem', 'choose', 'desk', 'contact'];
const TICK_MILLISECONDS = 15_000;
const RELOAD_MILLISECONDS = 3_000;
const MUTED = 'vungxanh-door-muted';
const MOST_COMPANIONS = 99;
/** Of each verdict: its colour, its sign, its sound, and whether a word beside it says which way. */
const LOOKS = {
  in: ['in', '→', 'in'], out: ['out', '←', 'out'], 'used-here': ['no', '✕', 'no'], unreadable: ['no', '✕', 'no'],
  'not-a-pass': ['no', '✕', 'no'], 'unknown-key': ['no', '✕', 'no'], 'wrong-day': ['no', '✕', 'no'], 'too-early': ['no', '✕', 'no'],
  'too-old': ['no', '✕', 'no'], 'keys-expired': ['no', '✕', 'no'], poster: ['no', '✕', 'no'], lost: ['no', '!', 'no'],
  'in-card': ['in', '→', 'in'], 'in-contact': ['in', '→', 'in'],
  'card-unknown-key': ['no', '✕', 'no'], 'not-a-card': ['no', '✕', 'no'], 'card-expired': ['no', '✕', 'no'],
  'clocks-differ': ['clock', '!', 'no'], specimen: ['specimen', '?', 'no'],
};

/** Verdicts with which somebody comes in. */
const WAYS = ['in', 'in-card', 'in-contact'];
/** So long a verdict is shown: later somebody could take it for the next person's. */
const VERDICT_SECONDS = 8;

/** Problems of one unit: another one can be chosen. */
const UNIT_PROBLEMS = ['no-poster', 'poster'];

let setup;
let companions = 0;
let wakeLock = null;

function show(panel) {
  showOnly(PANELS, [panel]);
  watchWhile(panel === 'desk');
}

/** Words for what went wrong. */
function fail(error) {
  const known = `problem-${error.code}` in data.texts;
  if (!known) console.error(error);
  element('problem-text').textContent = text(known ? `problem-${error.code}` : 'problem-other');
  element('problem-login').hidden = error.code !== 'login';
  if (UNIT_PROBLEMS.includes(error.code)) showUnits();
  else show('problem');
  element('problem').hidden = false;
  focusOn('problem');
}

function unitName({ name }) {
  return name || text('whole');
}

function showUnits() {
  element('unit-list').replaceChildren(...setup.units.map((unit) => {
    const [item, button] = [document.createElement('li'), document.createElement('button')];
    button.type = 'button';
    button.textContent = unitName(unit);
    button.className = 'button';
    button.dataset.unit = unit.unit;
    act(button, () => choose(unit.unit).catch(fail));
    item.append(button);
    return item;
  }));
  element('no-units').hidden = setup.units.length > 0;
  show('choose');
}

async function choose(unit) {
  allowSound();
  const { status } = await run('choose', { unit });
  element('desk-unit').textContent = unitName(status);
  element('desk-venue').textContent = setup.venue.name;
  clearVerdict();
  show('desk');
  render(status);
  focusOn('desk');
  await stayAwake();
}

function render(status) {
  if (status.unit !== undefined) showStatus(status);
}

let toldAt = null;

function clearVerdict() {
  toldAt = null;
  const place = element('verdict');
  place.className = 'verdict';
  element('verdict-sign').textContent = '';
  element('verdict-way').textContent = '';
  element('verdict-word').textContent = text('ready');
  element('verdict-text').textContent = text('ready-text');
}

/** Shows a verdict, and sounds; `since` is when the frame or the text was there. */
function tell(said, since) {
  const [look, sign, tone] = LOOKS[said.verdict];
  const clockText = (seconds) => timeText(seconds, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const day = (seconds) => timeText(seconds, { day: 'numeric', month: 'long', year: 'numeric' });
  const place = element('verdict');
  place.className = `verdict ${look}`;
  // Again, also where the words are those of before.
  place.dataset.number = Number(place.dataset.number ?? 0) + 1;
  place.dataset.verdict = said.verdict;
  toldAt = doorNow();
  element('verdict-sign').textContent = sign;
  element('verdict-word').textContent = text(`verdict-${said.verdict}`);
  element('verdict-way').textContent = WAYS.includes(said.verdict) ? text('way-in') : '';
  const words = [text(`because-${said.verdict}`, {
    time: said.shownAt && clockText(said.shownAt), until: said.now && clockText(said.now), minutes: said.seconds && Math.floor(said.seconds / 60),
    from: said.first && day(said.first), day: said.last && day(said.last),
  })];
  if (said.companions) words.push(text('and-companions', { count: said.companions }));
  element('verdict-text').textContent = words.join(' ');
  if (!element('mute').checked) sound(tone);
  requestAnimationFrame(() => { place.dataset.milliseconds = Math.round(performance.now() - since); });
}

/** Judges a text; a code that was not taken away says nothing again. */
async function read(typed, since = performance.now()) {
  if (element('desk').hidden && element('contact').hidden) return;
  await judged(await run('scan', { text: typed, companions }), since);
}

async function judged(said, since) {
  if (said.repeated) return;
  if (said.verdict === 'contact') {
    openContact(said);
    return;
  }
  if (!element('contact').hidden) show('desk');
  tell(said, since);
  if (WAYS.includes(said.verdict)) setCompanions(0);
}

function setCompanions(number) {
  companions = Math.max(0, Math.min(MOST_COMPANIONS, number));
  for (const name of ['companions', 'contact-companions']) element(name).textContent = companions ? text('companions', { count: companions }) : text('alone');
  for (const name of ['fewer', 'contact-fewer']) element(name).disabled = companions === 0;
}

function openContact({ name = '', phone = '' } = {}) {
  element('contact-name').value = name;
  element('contact-phone').value = phone;
  element('contact-from').hidden = name === '';
  showWrong({});
  show('contact');
  const empty = ['contact-name', 'contact-phone'].find((id) => element(id).value === '');
  if (empty) element(empty).focus();
  else element('contact-send').focus();
}

function showWrong(wrong) {
  for (const name of ['name', 'phone', 'other']) {
    const place = element(`contact-${name}-wrong`);
    place.textContent = wrong[name] ?? '';
    place.hidden = !wrong[name];
    element(`contact-${name}`)?.setAttribute('aria-invalid', String(Boolean(wrong[name])));
  }
}

act(element('contact-form'), async () => {
  const since = performance.now();
  const [name, phone] = ['contact-name', 'contact-phone'].map((id) => element(id).value);
  const code = [name, phone].find(isCode);
  if (code) {
    // A reader has typed into the form.
    element('contact-name').value = '';
    element('contact-phone').value = '';
    await read(code, since);
    return;
  }
  try {
    const said = await run('contact', { name, phone, companions });
    element('contact-name').value = '';
    element('contact-phone').value = '';
    show('desk');
    tell(said.verdict === 'in' ? { ...said, verdict: 'in-contact' } : said, since);
    setCompanions(0);
    focusOn('desk');
  } catch (error) {
    const field = ['name', 'phone'].includes(error.code) ? error.code : 'other';
    showWrong({ [field]: text(`contact-wrong-${['name', 'phone', 'no-intake'].includes(error.code) ? error.code : 'other'}`) });
    element(field === 'other' ? 'contact-send' : `contact-${field}`).focus();
  }
});

act(element('contact-open'), async () => openContact());
act(element('contact-back'), async () => { show('desk'); focusOn('desk'); });
for (const prefix of ['', 'contact-']) {
  act(element(`${prefix}fewer`), async () => setCompanions(companions - 1));
  act(element(`${prefix}more`), async () => setCompanions(companions + 1));
}
act(element('unscanned'), async () => {
  allowSound();
  await run('count', { people: 1 });
  element('told').textContent = text('counted');
});
act(element('typed-form'), async () => {
  const typed = element('typed').value;
  element('typed').value = '';
  if (typed.trim() !== '') await read(typed);
});
act(element('other-unit'), async () => {
  await run('choose', { unit: null });
  wakeLock?.release();
  wakeLock = null;
  showUnits();
  focusOn('choose');
});
act(element('refused-seen'), async () => {
  render((await run('seen')).status);
  focusOn('desk');
});
act(element('retry'), () => location.reload());
element('mute').checked = localStorage.getItem(MUTED) === 'yes';
element('mute').addEventListener('change', () => localStorage.setItem(MUTED, element('mute').checked ? 'yes' : 'no'));
addEventListener('pointerdown', allowSound);
addEventListener('keydown', allowSound);
listenToReader((typed) => read(typed).catch(fail));
startCamera(judged, () => ({ companions }));

async function stayAwake() {
  try {
    wakeLock = await navigator.wakeLock?.request('screen') ?? null;
  } catch {
    wakeLock = null;
  }
}
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && wakeLock?.released && !element('desk').hidden) stayAwake();
});

async function tick(isEager = false) {
  const { time, status } = await run('tick', { isEager });
  setClock(time);
  render(status);
}

function showClock() {
  if (toldAt !== null && Math.abs(doorNow() - toldAt) >= VERDICT_SECONDS) clearVerdict();
  element('door-clock').textContent = timeText(doorNow(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}

async function start() {
  try {
    const opened = await run('open');
    ({ setup } = opened);
    startClock(opened.offset);
    setClock(opened.time);
    showClock();
    setInterval(showClock, 1000);
    listen({ status: render, lost: (cause) => { console.error(cause); tell({ verdict: 'lost' }, performance.now()); } });
    setCompanions(0);
    const [only, ...others] = setup.units;
    const known = setup.units.find(({ unit }) => unit === opened.unit) ?? (others.length === 0 ? only : null);
    if (known) await choose(known.unit);
    else showUnits();
    navigator.storage?.persist?.();
    navigator.serviceWorker?.register(new URL('door-service-worker.js', BASE), { scope: new URL('venue/door', BASE).pathname })
      .catch(console.error);
    setInterval(() => tick().catch(console.error), TICK_MILLISECONDS);
    addEventListener('online', () => tick(true).catch(console.error));
    await tick(opened.link !== 'online');
  } catch (error) {
    fail(error);
  }
  document.documentElement.dataset.ready = 'yes';
}

// Two pages of one door would not know what the other has scanned. The page of which this one is a reload goes a
// moment later than this one comes.
if (navigator.locks) {
  let isMine = false;
  navigator.locks.request('vungxanh-door', { signal: AbortSignal.timeout(RELOAD_MILLISECONDS) }, async () => {
    isMine = true;
    await start();
    await new Promise(() => {});
  }).catch((error) => {
    if (isMine) throw error;
    fail({ code: 'elsewhere' });
    document.documentElement.dataset.ready = 'yes';
  });
} else {
  start();
}
