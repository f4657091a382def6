// The check-in page for phones without the program. It keeps everything in this browser; what it
// fetches is the same for everyone. What seals comes with the worker, after the page can be used.

import { readAuthority } from '../../protocol/browser/authority.js';
import { verifyPoster } from '../../protocol/browser/poster.js';
import { payloadOfUrl } from '../../protocol/browser/poster_url.js';
import { act, data, element, focusOn, forgetKeptPage, now, showOnly, text, timeText } from './page.js';
import { storeOf } from './value-store.js';
import { alone, forget, get, put } from './visit-store.js';
import * as visits from './visits.js';
import { clearWarned, look, showWarned } from './warned.js';
import { BASE, workerOf } from './worker-run.js';

/** What the page of declarations keeps. */
const declared = storeOf('vungxanh-declare');
const PANELS = ['wait', 'poster', 'visit', 'none', 'problem', 'forgotten'];
const CLOCK_LIMIT_SECONDS = 600;
const REFRESH_MILLISECONDS = 15_000;

// Without the language that was chosen, which is no part of a poster's address.
const scanned = location.hash.length > 1 ? location.origin + location.pathname + location.hash : null;
// The address bar and a reload shall not name the place.
if (scanned) history.replaceState(null, '', location.pathname + location.search);
for (const link of document.querySelectorAll('a[hreflang]')) {
  link.addEventListener('click', () => { if (scanned) link.hash = new URL(scanned).hash; });
}

let authority;
let poster = null;
let companions = 0;

// Asked for at once: the answer comes while the rest is still being read.
const asked = fetch(new URL('v1/authority', BASE));
asked.catch(() => {});

const checkIns = workerOf({ failure: failureOf });
/** Looks for warnings to passes, where the page of declarations keeps some. */
const passes = workerOf({ path: data.passesWorker, failure: failureOf });

function failureOf(code, message) {
  return code === 'network' || code === 'authority' ? problem(`problem-${code}`, message) : new Error(message);
}

function run(task, details = {}, progress = null) {
  return checkIns.run(task, { retentionDays: authority.tracing.retention_days, ...details }, progress);
}

async function loadAuthority() {
  const pinned = await get('root');
  let signed;
  try {
    const response = await asked;
    if (!response.ok) throw new Error(`${response.status}`);
    signed = new Uint8Array(await response.arrayBuffer());
    const date = Date.parse(response.headers.get('date')) / 1000;
    element('clock').hidden = !(Math.abs(date - now()) > CLOCK_LIMIT_SECONDS);
  } catch (error) {
    signed = await get('authority');
    if (!signed) throw problem('problem-network', error);
  }
  try {
    authority = readAuthority(signed, now(), pinned);
  } catch (error) {
    throw problem('problem-authority', error);
  }
  await put({ authority: signed, root: authority.root_key });
}

function problem(id, cause) {
  return Object.assign(new Error(text(id), { cause }), { told: true });
}

function readScanned() {
  if (!scanned) return null;
  let payload;
  try {
    payload = payloadOfUrl(scanned);
    return verifyPoster(payload, authority.venue_keys ?? [], now());
  } catch (error) {
    const known = ['forged', 'expired', 'not-yet-valid', 'unknown-key', 'display-stale', 'not-a-display-code', 'display-forged', 'version'];
    throw problem(known.includes(error.code) ? `poster-${error.code}` : 'poster-malformed', error);
  }
}

/** Ends the open visit if its time is over, or in favour of what was scanned. */
async function settle() {
  const open = await get('open');
  if (!open) return null;
  if (now() >= open.until) {
    await run('seal', { visit: open, end: open.until });
    tell('ended-by-itself', { time: timeText(open.until) });
    return null;
  }
  if (!poster || !visits.isAt(open, poster)) return open;
  const longer = visits.scannedAgain(open, poster, now());
  if (!longer) {
    const next = visits.begin(poster, now(), open.companions);
    await run('seal', { visit: open, end: now(), next });
    tell('extended-to', { time: timeText(next.until) });
    return next;
  }
  if (longer.until > open.until) {
    await put({ open: longer });
    tell('extended-to', { time: timeText(longer.until) });
  } else {
    tell('still-open');
  }
  return longer;
}

function tell(id, values) {
  element('told').textContent = text(id, values);
  element('told').hidden = false;
}

function show(open) {
  if (open && !(poster && !visits.isAt(open, poster))) {
    element('visit-venue').textContent = open.poster.name;
    element('visit-unit').textContent = open.poster.unit;
    element('visit-since').textContent = text('since', { time: timeText(open.from) });
    element('visit-until').textContent = text('until', { time: timeText(open.until) });
    element('visit-companions').textContent = open.companions ? text('with', { count: open.companions }) : '';
    element('extend').hidden = !visits.isExtensible(open);
    element('scan-again').hidden = visits.isExtensible(open) || open.poster.lastHour === null;
    showOnly(PANELS, ['visit']);
  } else if (poster) {
    const { name, unit, street, defaultStayMinutes, sharesInAdvance } = poster;
    element('poster-venue').textContent = name;
    element('poster-unit').textContent = [unit, street].filter(Boolean).join(' · ');
    element('poster-stay').textContent = text('stay', { time: timeText(visits.begin(poster, now(), 0).until), minutes: defaultStayMinutes });
    element('poster-advance').hidden = !sharesInAdvance;
    element('poster-other').hidden = !open;
    if (open) element('poster-other').textContent = text('closes-other', { venue: open.poster.name });
    element('companions').textContent = companions ? text('companions', { count: companions }) : text('alone');
    element('fewer').disabled = companions === 0;
    element('more').disabled = companions === visits.MAX_COMPANIONS;
    showOnly(PANELS, ['poster']);
  } else {
    showOnly(PANELS, ['none']);
  }
}

/** An error in the reader's language; what the browser or a module says about it goes to the console. */
function said(error) {
  if (error.told) return error.message;
  console.error(error);
  return text('problem-other');
}

function fail(error) {
  element('problem-text').textContent = said(error);
  showOnly(PANELS, ['problem']);
}

/** Runs an action of the person on the open visit, then shows what is the case. */
function onVisit(id, action) {
  act(element(id), async () => {
    element('told').hidden = true;
    const before = shownPanel();
    try {
      await alone('page', async () => show(await action(await get('open'))));
    } catch (error) {
      fail(error);
    }
    if (shownPanel() !== before) focusOn(shownPanel());
  });
}

function shownPanel() {
  return PANELS.find((id) => !element(id).hidden);
}

onVisit('fewer', (open) => { companions -= 1; return open; });
onVisit('more', (open) => { companions += 1; return open; });
onVisit('check-in', async (open) => {
  const visit = visits.begin(poster, now(), companions);
  if (open) await run('seal', { visit: open, end: now(), next: visit });
  else await put({ open: visit });
  navigator.storage?.persist?.();
  run('prepare').catch(() => {});
  tell('checked-in');
  return visit;
});
onVisit('extend', async (open) => {
  if (!open) return open;
  const longer = visits.extended(open);
  await put({ open: longer });
  tell('extended-to', { time: timeText(longer.until) });
  return longer;
});
onVisit('check-out', async (open) => {
  if (open) {
    tell('sealing');
    await run('seal', { visit: open, end: now() });
    tell('checked-out');
  }
  poster = null;
  return null;
});

act(element('retry'), () => location.reload());
act(element('forget'), async () => {
  if (!confirm(text('forget-sure'))) return;
  checkIns.end();
  passes.end();
  await forget();
  await declared.putIf('sent', { findings: [] });
  element('passes-stay').hidden = !(await declared.get('sent'))?.length;
  await forgetKeptPage('v');
  element('told').hidden = true;
  clearWarned();
  showOnly(PANELS, ['forgotten']);
  focusOn('forgotten');
});

async function setAside({ venue, from, until }, aside) {
  showWarned(await passes.run('setAside', { venue, from, until, aside }), setAside);
}

/** Looks for warnings to check-ins and to passes; what is known of passes counts in what is known of check-ins. */
function checkWarnings() {
  return look(async (progress) => {
    const [book, sent] = [await get('book'), await declared.get('sent')];
    let known = null;
    if (book) {
      await run('prepare');
      known = await run('check', {}, progress);
    }
    if (!sent?.length) return known;
    const both = await passes.run('warnings', {}, progress);
    if (!known) return both;
    return { ...both, refused: both.refused + known.refused, left: both.left + known.left, failed: both.failed || known.failed };
  }, setAside, said);
}
act(element('check-again'), checkWarnings);

async function start() {
  try {
    await loadAuthority();
    await alone('page', async () => {
      let refusal = null;
      try {
        poster = readScanned();
      } catch (error) {
        refusal = error;
      }
      const open = await settle();
      if (refusal) fail(refusal);
      else show(open);
    });
  } catch (error) {
    fail(error);
    return;
  }
  document.documentElement.dataset.ready = 'yes';
  navigator.serviceWorker?.register(new URL('service-worker.js', BASE), { scope: new URL('v', BASE).pathname })
    .catch(() => {});
  if (poster) {
    try {
      await run('prove', { poster });
    } catch (error) {
      if (!error.told) fail(problem('poster-unknown-key', error));
    }
  }
  const [book, sent] = [await get('book'), await declared.get('sent')];
  if (book || sent?.length) await checkWarnings();
  if (!book && scanned && poster) await run('prepare').catch(() => {});
  setInterval(() => alone('page', async () => {
    const open = await get('open');
    if (open && now() >= open.until) show(await settle());
  }).catch(fail), REFRESH_MILLISECONDS);
}

await start();
