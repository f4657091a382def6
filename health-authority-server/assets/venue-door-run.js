// The worker of a door, as a function, and its clock.

import { DoorClock } from '../../protocol/browser/door_clock.js';
import { data } from './page.js';

/** The server's address: the page is two levels below. */
export const BASE = new URL('../', location.href);
const waiting = new Map();
const listeners = { status: () => {}, lost: () => {} };
let clock = new DoorClock();
let mayHaveSlept = false;
document.addEventListener('visibilitychange', () => { mayHaveSlept = true; });

const worker = new Worker(new URL(data.worker, BASE), { type: 'module' });
worker.onmessage = ({ data: { id, done, failed, code, ...said } }) => {
  for (const [name, value] of Object.entries(said)) listeners[name]?.(value);
  const task = waiting.get(id);
  if (!task) return;
  waiting.delete(id);
  if (failed === undefined) task.resolve(done);
  else task.reject(Object.assign(new Error(failed), { code }));
};
worker.onerror = (error) => {
  for (const task of waiting.values()) task.reject(Object.assign(new Error(`the worker: ${error.message}`), { code: 'network' }));
  waiting.clear();
};

/** What the worker says by itself: `status`, or `lost` when something could not be stored. */
export function listen(own) {
  Object.assign(listeners, own);
}

/** Has the worker do a task at the door's time; `transfer` is handed over. */
export function run(task, details = {}, transfer = []) {
  const id = crypto.getRandomValues(new Uint32Array(2)).join();
  const language = document.documentElement.lang;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, task, now: doorNow(), base: BASE.href, language, ...details }, transfer);
  });
}

const wall = () => Date.now() / 1000;

/** The door's time, Unix seconds. */
export function doorNow() {
  const time = clock.now(wall(), performance.now() / 1000, mayHaveSlept || document.hidden);
  mayHaveSlept = false;
  return time;
}

/** Begins with what is known of the server's clock. */
export function startClock(offset) {
  clock = new DoorClock(offset);
}

/** The server has answered with its time. */
export function setClock(time) {
  if (time === null || time === undefined) return;
  clock.confirm(time, wall());
  run('clock', { offset: clock.offset }).catch(console.error);
}
