// The worker of the page of declarations, as a function.

import { data, now, text } from './page.js';

export const BASE = new URL('.', location.href);

/** Failures that the page has words for. */
const KNOWN = ['network', 'authority', 'root', 'conflict', 'keys', 'day', 'quota', 'refused'];
const waiting = new Map();
let started = null;

/** Has the worker do a task; throws with words for the person. */
export function run(task, details = {}, progress = null) {
  const id = crypto.getRandomValues(new Uint32Array(2)).join();
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, progress });
    worker().postMessage({ id, task, now: now(), base: BASE.href, ...details });
  });
}

function worker() {
  if (started) return started;
  started = new Worker(new URL(data.worker, BASE), { type: 'module' });
  started.onmessage = ({ data: { id, progress, done, failed, code, name } }) => {
    const task = waiting.get(id);
    if (!task) return;
    if (progress !== undefined) task.progress?.(progress);
    else {
      waiting.delete(id);
      if (failed === undefined) task.resolve(done);
      else task.reject(problem(code, failed, name));
    }
  };
  started.onerror = () => {
    for (const task of waiting.values()) task.reject(problem('network', 'the worker could not be loaded'));
    waiting.clear();
    started = null;
  };
  return started;
}

/** Ends the worker, and what it holds in memory. */
export function endWorker() {
  started?.terminate();
  started = null;
  waiting.clear();
}

function problem(code, cause, name) {
  if (!KNOWN.includes(code)) console.error(cause);
  const id = KNOWN.includes(code) ? `problem-${code}` : 'problem-other';
  return Object.assign(new Error(text(id, { name, status: name })), { told: true, code, cause });
}
