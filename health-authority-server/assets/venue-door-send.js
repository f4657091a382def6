// What a door sends: an hour's sealed records after its end, filled up with decoys, at a random time within the hour
// that follows, the same bytes again until they are answered.

import { concat, random, toHex } from '../../protocol/browser/bytes.js';
import { fillUploads } from '../../protocol/browser/door.js';
import { coded, fetchSetup, request } from './venue-door-keys.js';
import { entries, get, put } from './venue-door-store.js';

const HOUR_SECONDS = 3600;
/** Of the hour that follows: the rest of it is for a second try. */
const LAST_SECOND = 3000;
/** Where that time is over already: soon. */
const SOON_SECONDS = 60;
const LONGEST_WAIT_SECONDS = HOUR_SECONDS;
/** Refusals after which the same upload would be refused again. */
const FINAL = ['not-records', 'not-found', 'hour-too-old', 'hour-full'];
const MOST_ANSWERS = 10;

/** A random name of something stored. */
export function randomName() {
  return toHex(random(8));
}

/** Whole numbers below `limit`. */
function draw(limit) {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return number % limit;
}

/** Makes the uploads of hours that are over. `pause` is awaited between decoys. */
export async function prepare(now, pause) {
  const hours = new Map();
  for (const [key, record] of await entries('record-')) {
    const [, venue, unit, hour] = key.split('-');
    const place = `${venue}-${unit}-${hour}`;
    if ((Number(hour) + 1) * HOUR_SECONDS > now) continue;
    const found = hours.get(place) ?? { end: (Number(hour) + 1) * HOUR_SECONDS, keys: [], records: [] };
    hours.set(place, found);
    found.keys.push(key);
    found.records.push(record);
  }
  for (const [place, { end, keys, records }] of hours) {
    const values = Object.fromEntries(keys.map((key) => [key, undefined]));
    for (const upload of await fillUploads(records, pause)) {
      const planned = end + draw(LAST_SECOND);
      const due = planned > now ? planned : now + draw(SOON_SECONDS);
      values[`upload-${place}-${randomName()}`] = { bytes: concat(...upload), due, tries: 0 };
    }
    // Records and uploads change places in one step.
    await put(values);
  }
}

/**
 * Sends what is due; with `isEager` also what was tried before. Throws with a code when it cannot go on: network,
 * login.
 */
export async function send(base, language, now, isEager) {
  const due = (await entries('upload-')).filter(([, upload]) => upload.due <= now || (isEager && upload.tries > 0));
  if (due.length === 0) return;
  const { csrf, venue } = await fetchSetup(base, language);
  for (const [key, upload] of due) {
    const [, owner, unit, hour] = key.split('-');
    // Of another venue, whose staff used this phone before: it waits for them.
    if (Number(owner) !== venue.id) continue;
    const url = new URL(`venue/door/${unit}/${hour}`, base);
    url.searchParams.set('lang', language);
    let answer;
    try {
      answer = await post(url, csrf, upload.bytes);
    } catch (error) {
      await later(key, upload, now);
      throw error;
    }
    const said = { unit: Number(unit), hour: Number(hour), at: now, error: answer.error ?? 'late', message: answer.message };
    if (!answer.error || FINAL.includes(answer.error)) await put({ [key]: undefined });
    else await later(key, upload, now);
    if (answer.error || answer.late) await note(said);
  }
}

async function post(url, csrf, body) {
  const headers = { 'content-type': 'application/octet-stream', 'x-csrf-token': csrf };
  const response = await request(url, { method: 'POST', credentials: 'same-origin', redirect: 'manual', headers, body });
  if (response.type === 'opaqueredirect' || response.status === 401 || response.status === 403) throw coded('login');
  try {
    return await response.json();
  } catch (error) {
    // Not our server's answer, but what stands before it.
    throw coded('network', error);
  }
}

function later(key, upload, now) {
  const tries = upload.tries + 1;
  const wait = Math.min(60 * 2 ** tries, LONGEST_WAIT_SECONDS);
  return put({ [key]: { ...upload, tries, due: now + wait / 2 + draw(wait / 2) } });
}

async function note(said) {
  const answers = (await get('answers') ?? []).filter(({ unit, hour }) => unit !== said.unit || hour !== said.hour);
  await put({ answers: [...answers, said].slice(-MOST_ANSWERS) });
}

/** How many hours wait to be sent, and whether the present one has records. */
export async function waiting(now) {
  const places = new Map();
  for (const prefix of ['record-', 'upload-']) {
    for (const [key] of await entries(prefix)) {
      const [, venue, unit, hour] = key.split('-');
      places.set(`${venue}-${unit}-${hour}`, Number(hour));
    }
  }
  const present = Math.floor(now / HOUR_SECONDS);
  const hours = [...places.values()];
  return { over: hours.filter((hour) => hour < present).length, present: hours.includes(present) };
}
