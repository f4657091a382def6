// What the page of declarations keeps: in this browser on the person's own device, in memory only on any other.
//
// draft    { at, answers, step }: what is being filled in
// last     answers of earlier declarations, by the person's name
// queue    [{ label, form, province, answers, replaces?, pending? }]: what is to be sent; pending: sealed, perhaps sent
//          already; replaces: submission and secret of the one in whose place it comes
// sent     [{ label, kind, day, at, submission, secret, passes, validDays, minutesAhead, next, withdrawn?, correctedAt?,
//          answers?, answeredOn }]: answers are kept on the local day of which they are (answeredOn), to be corrected
// phone    { number, day, at, session, tries, ... }: the declarer's number, confirmed or on its way
// root     the authority's root key, base64; seen: what was published before; retentionDays: its document's
// findings, processed, authority: what warnings said to passes, see pass-warnings.js

import { storeOf } from './value-store.js';

const DAY_SECONDS = 86_400;
const DRAFT_DAYS = 7;
const LAST_DAYS = 60;
const browser = storeOf('vungxanh-declare');
let memory = null;

/** Whether what is put is kept beyond this page. */
export const isKept = () => memory === null;

/** From now on nothing is stored, and the draft that was is removed. */
export function keepNothing() {
  memory ??= new Map();
  return browser.put({ draft: undefined }).catch(console.error);
}

/** From now on it is stored, with what was put before. */
export async function keep() {
  const before = memory;
  memory = null;
  if (before) await browser.put(Object.fromEntries(before));
}

export async function get(key) {
  return memory ? memory.get(key) : browser.get(key);
}

export async function put(values) {
  if (!memory) return browser.put(values);
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) memory.delete(key);
    else memory.set(key, value);
  }
}

/** Removes everything of this page; what the device's owner keeps stays when nothing is kept. */
export async function forget() {
  if (memory) memory.clear();
  else await browser.forget();
}

/** When the passes of a declaration are valid, in Unix seconds. */
export function passesAt({ day, validDays, minutesAhead }) {
  const validFrom = day * DAY_SECONDS - minutesAhead * 60;
  return { validFrom, validUntil: validFrom + validDays * DAY_SECONDS };
}

function isOfToday({ answeredOn, minutesAhead }, now) {
  return Math.floor((now + minutesAhead * 60) / DAY_SECONDS) === answeredOn;
}

/** Removes what is over: old drafts, and passes whose warnings cannot come any more. */
export async function expire(now) {
  const names = ['draft', 'last', 'sent', 'findings', 'phone', 'retentionDays'];
  const [draft, last, sent, findings, phone, retentionDays = 14] = await Promise.all(names.map(get));
  const younger = (days) => ({ at }) => now - at < days * DAY_SECONDS;
  const left = sent?.filter((one) => now < passesAt(one).validUntil + retentionDays * DAY_SECONDS)
    .map(({ answers, ...one }) => (isOfToday(one, now) ? { ...one, answers } : one));
  const values = {
    draft: draft && younger(DRAFT_DAYS)(draft) ? draft : undefined,
    phone: phone && younger(1)(phone) ? phone : undefined,
    last: last?.filter(younger(LAST_DAYS)),
    sent: left?.length ? left : undefined,
    findings: findings?.filter(({ visitUntil }) => now - visitUntil < retentionDays * DAY_SECONDS),
  };
  if (!values.sent) Object.assign(values, { findings: undefined, processed: undefined, authority: undefined });
  await put(values);
}
