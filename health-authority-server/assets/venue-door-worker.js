// The slow work of a door, away from its page: keys, decoding, verdicts, sealing, storing, sending. Messages:
// { id, task, now, … }; replies: { id, done } or { id, failed, code }; without an id: { status }, { lost }.

import decodeQR from '../../protocol/browser/vendor/qr/decode.js';
import { fetchKeys, fetchSetup, readKeys } from './venue-door-keys.js';
import { Desk, companionsOf } from './venue-door-desk.js';
import { prepare, send, waiting } from './venue-door-send.js';
import { get, put } from './venue-door-store.js';

const REFRESH_SECONDS = 1800;

const tasks = { open, choose, scan, frame, contact, count, clock, seen, tick };
let desk = null;
let link = 'offline';
let problem = null;
let triedAt = 0;
let isSending = false;
let queue = Promise.resolve();

onmessage = ({ data: { id, task, ...details } }) => {
  queue = queue.then(async () => {
    try {
      const { store, ...done } = await tasks[task](details) ?? {};
      postMessage({ id, done });
      if (store) {
        try {
          await store();
        } catch (error) {
          postMessage({ lost: `${error}` });
        }
        postMessage({ status: await status(details.now) });
      }
    } catch (error) {
      postMessage({ id, failed: `${error?.message ?? error}: ${error?.cause ?? ''}`, code: error?.code });
    }
  });
};

/** Begins: with fresh keys if there is a network, with stored ones otherwise. `{ setup, unit, time, status }`. */
async function open({ base, language, now }) {
  const offset = await get('offset') ?? 0;
  const time = await refresh(base, language, now);
  const setup = await get('setup');
  if (!setup) throw Object.assign(new Error('no setup'), { code: problem ?? 'network' });
  if (problem === 'root' || problem === 'conflict' || problem === 'none') throw Object.assign(new Error(problem), { code: problem });
  await readKeys(time ?? now + offset);
  return { setup, unit: await get('unit'), offset, time, link };
}

/** Fetches keys and the venue's units; the server's time, or null where it does not answer. */
async function refresh(base, language, now) {
  triedAt = now;
  problem = null;
  let time = null;
  try {
    time = await fetchKeys(base, now);
    await fetchSetup(base, language);
    link = 'online';
  } catch (error) {
    problem = error.code ?? 'authority';
    link = problem === 'network' ? 'offline' : problem;
    console.warn(error, error.cause);
  }
  return time;
}

/** A unit's door. */
async function choose({ unit, now }) {
  desk = null;
  if (unit === null) {
    await put({ unit: undefined });
    return {};
  }
  desk = await Desk.open(unit, await get('setup'), await readKeys(now), now);
  await put({ unit });
  return { status: await status(now) };
}

async function scan({ text, companions, now }) {
  await desk.beginDay(now);
  return desk.scan(text, now, companionsOf(companions), performance.now());
}

/** What a code in a picture means; nothing where there is none. */
async function frame({ data, width, height, ...details }) {
  let text;
  try {
    text = decodeQR({ data, width, height });
  } catch {
    return {};
  }
  return scan({ text, ...details });
}

async function contact({ name, phone, companions, now }) {
  await desk.beginDay(now);
  return desk.contact({ name, phone }, now, companionsOf(companions));
}

async function count({ people, now }) {
  await desk.beginDay(now);
  return desk.count(now, people);
}

/** By how much the server's clock is ahead, for a start without network. */
async function clock({ offset }) {
  await put({ offset });
}

/** What the server answered was read. */
async function seen({ now }) {
  await put({ answers: undefined });
  return { status: await status(now) };
}

/** From time to time: fresh keys, what is due to be sent. Sending goes on beside scanning. */
async function tick({ base, language, now, isEager = false }) {
  let time = null;
  if (isEager || now - triedAt >= REFRESH_SECONDS) {
    time = await refresh(base, language, now);
    if (desk) desk.keys = await readKeys(now).catch(() => desk.keys);
  }
  if (desk) await desk.beginDay(now);
  sendOn(base, language, now, isEager);
  return { time, status: await status(now) };
}

async function sendOn(base, language, now, isEager) {
  if (isSending) return;
  isSending = true;
  try {
    await prepare(now, () => new Promise((resolve) => { setTimeout(resolve, 0); }));
    await send(base, language, now, isEager);
  } catch (error) {
    if (error.code === 'login' || error.code === 'network') link = error.code === 'network' ? 'offline' : 'login';
    console.warn(error, error.cause);
  } finally {
    isSending = false;
    postMessage({ status: await status(now) });
  }
}

async function status(now) {
  return { ...desk?.status(now), link, problem, waiting: await waiting(now), answers: await get('answers') ?? [] };
}
