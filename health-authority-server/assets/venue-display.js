// A screen at the entrance: its keys are made and stored in this browser, its code changes every
// hour. Once the page is loaded it needs no network.

import encodeQR from '../../protocol/browser/vendor/qr/index.js';
import { fromHex, toHex } from '../../protocol/browser/bytes.js';
import { makeDisplay, readPoster, showCode } from '../../protocol/browser/poster.js';
import { urlOf } from '../../protocol/browser/poster_url.js';
import { act, data, element, focusOn, now, post, showOnly, text, timeText } from './page.js';
import { display, keepDisplay } from './venue-store.js';

const PANELS = ['display-set-up', 'display-waiting', 'display-ready'];
const QUIET_MODULES = 4;
const DAY_SECONDS = 86_400;
const TICK_MILLISECONDS = 1000;
/** For how long the button that leaves is shown after a touch. */
const LEAVE_MILLISECONDS = 4000;
const SVG = 'http://www.w3.org/2000/svg';

let shownHour = null;
let wakeLock = null;
let ticking = null;
let hiding = null;

function own() {
  const kept = display(data.unit);
  return kept && kept.displayKey === data.displayKey ? kept : null;
}

function wrong(message) {
  element('display-wrong').textContent = message ?? '';
  element('display-wrong').hidden = !message;
}

async function setUp() {
  wrong();
  try {
    const made = makeDisplay();
    const keys = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, toHex(bytes)]));
    await post(data.path, { displayKey: keys.displayKey, displaySecret: keys.displaySecret });
    keepDisplay(data.unit, keys);
    // The poster that names this screen comes with the page.
    location.reload();
  } catch (error) {
    wrong(error.message);
  }
}

act(element('set-up'), setUp);
act(element('display-again'), async () => {
  if (confirm(text('again-sure'))) await setUp();
});

act(element('display-start'), async () => {
  element('screen').hidden = false;
  try {
    await element('screen').requestFullscreen();
  } catch {
    // Not every browser has it; the code fills the page all the same.
  }
  await stayAwake();
  shownHour = null;
  tick();
  ticking ??= setInterval(tick, TICK_MILLISECONDS);
  showLeave();
  element('screen').focus();
});

/** The button that leaves is there after a touch or a key, and not in the way of the code. */
function showLeave() {
  element('screen').classList.add('touched');
  clearTimeout(hiding);
  hiding = setTimeout(() => element('screen').classList.remove('touched'), LEAVE_MILLISECONDS);
}

async function leave() {
  if (element('screen').hidden) return;
  element('screen').hidden = true;
  clearInterval(ticking);
  ticking = null;
  wakeLock?.release();
  wakeLock = null;
  // What is behind a screen that is filled takes the focus only when it is filled no more.
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => {});
  focusOn('display-ready');
}

act(element('screen-leave'), leave);
for (const kind of ['pointerdown', 'pointermove', 'keydown']) element('screen').addEventListener(kind, showLeave);
addEventListener('keydown', ({ key }) => { if (key === 'Escape') leave(); });
document.addEventListener('fullscreenchange', () => { if (!document.fullscreenElement) leave(); });

async function stayAwake() {
  try {
    wakeLock = await navigator.wakeLock?.request('screen') ?? null;
  } catch {
    wakeLock = null;
  }
}
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && wakeLock?.released && !element('screen').hidden) stayAwake();
});

function tick() {
  element('screen-clock').textContent = timeText(now());
  const hour = Math.floor(now() / 3600);
  if (hour === shownHour) return;
  shownHour = hour;
  const payload = fromHex(data.payload, data.payload.length / 2);
  if (Math.floor(now() / DAY_SECONDS) >= readPoster(payload).expires) {
    element('screen-picture').textContent = text('expired');
    return;
  }
  const keys = own();
  const code = showCode(payload, fromHex(keys.signingKey, 32), fromHex(keys.displaySecret, 32), hour);
  element('screen-picture').replaceChildren(picture(urlOf(data.authority, code)));
}

function picture(address) {
  const rows = encodeQR(address, 'raw', { ecc: 'medium', border: QUIET_MODULES });
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const modules = document.createElementNS(SVG, 'path');
  modules.setAttribute('d', path);
  svg.append(modules);
  return svg;
}

function start() {
  element('display-elsewhere').hidden = !data.displayKey || Boolean(own());
  if (!own()) showOnly(PANELS, ['display-set-up']);
  else showOnly(PANELS, [data.payload ? 'display-ready' : 'display-waiting']);
}
start();
