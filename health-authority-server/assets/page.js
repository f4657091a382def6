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

/** Moves the focus to the heading of a panel, named or given, so that whoever hears or magnifies the page is taken along. */
export function focusOn(of) {
  const panel = typeof of === 'string' ? element(of) : of;
  const target = panel.querySelector('h1, h2, p') ?? panel;
  target.tabIndex = -1;
  target.focus();
}

/** A date and time for people in the page's language. */
export function timeText(seconds, options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) {
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date(seconds * 1000));
}

/** A day for people. */
export function dayText(seconds) {
  return timeText(seconds, { weekday: 'long', day: 'numeric', month: 'numeric', year: 'numeric' });
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
