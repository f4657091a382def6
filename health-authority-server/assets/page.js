// What the scripts of all pages share: the page's data, its texts, showing and hiding.

/** What the server gave the page's script. */
export const data = JSON.parse(document.getElementById('data').textContent);

/** The element of an id. */
export const element = (id) => document.getElementById(id);

/** The text of an id with `{name}` replaced by values. */
export function text(id, values = {}) {
  const template = data.texts[id] ?? id;
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Shows exactly those of `all` that are in `shown`. */
export function showOnly(all, shown) {
  for (const id of all) element(id).hidden = !shown.includes(id);
}

/** Moves the focus to the heading of a panel, named or given, so that a reader who hears or magnifies the page follows. */
export function focusOn(of) {
  const panel = typeof of === 'string' ? element(of) : of;
  const target = panel.querySelector('h1, h2, p') ?? panel;
  target.tabIndex = -1;
  target.focus();
}

/** A date or time for people in the page's language. In English, too, the day stands before the month. */
export function timeText(seconds, options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) {
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, options).format(new Date(seconds * 1000));
}

/** A day for people: 2 March 2026, 02/03/2026. */
export function dateText(seconds, options = {}) {
  const isEnglish = document.documentElement.lang === 'en';
  const day = isEnglish ? { day: 'numeric', month: 'long' } : { day: '2-digit', month: '2-digit' };
  return timeText(seconds, { ...options, ...day, year: 'numeric' });
}

/** The same with the day of the week. */
export function dayText(seconds) {
  return dateText(seconds, { weekday: 'long' });
}

/** Unix seconds. */
export function now() {
  return Math.floor(Date.now() / 1000);
}

/** Sends JSON as the page's person; throws with the server's words when it is refused. */
export async function post(path, body) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const response = await fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', 'x-csrf-token': token },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const reason = refusalOf(await response.text()) ?? text('refused', { status: response.status });
  throw Object.assign(new Error(reason), { told: true });
}

/** The words of a refusing answer: JSON with a message, or a page. */
function refusalOf(answer) {
  try {
    return JSON.parse(answer).message ?? null;
  } catch {
    const page = new DOMParser().parseFromString(answer, 'text/html');
    return page.querySelector('[role=alert]')?.textContent.trim() || null;
  }
}

/** Runs `work` when the form is sent or the button pressed, one at a time. */
export function act(target, work) {
  target.addEventListener(target.tagName === 'FORM' ? 'submit' : 'click', async (happened) => {
    happened.preventDefault();
    if (target.ariaBusy === 'true') return;
    target.ariaBusy = 'true';
    try {
      await work(happened);
    } finally {
      target.ariaBusy = null;
    }
  });
}

/** Removes what a service worker keeps of the page of that path, and the worker itself. */
export async function forgetKeptPage(path) {
  for (const one of await navigator.serviceWorker?.getRegistrations() ?? []) {
    if (one.scope.endsWith(`/${path}`)) await one.unregister();
  }
  for (const name of await globalThis.caches?.keys() ?? []) {
    if (name.startsWith(`vungxanh-${path}-`)) await caches.delete(name);
  }
}
