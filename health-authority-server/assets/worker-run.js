// A page's worker as a function, started by its first task; worker-loop.js is the other end.

import { data, now, text } from './page.js';

/** What paths of workers are relative to: the folder of the page. */
export const BASE = new URL('.', location.href);

/**
 * `{ run, end }` of the page's worker, or of the one at `path`. `known` are the failures that the page has words for, as
 * `problem-NAME`, or `failure(code, message, name)` makes the error; `base` is sent along.
 */
export function workerOf({ path = data.worker, known = [], failure = null, base = BASE.href }) {
  const errorOf = failure ?? problem;
  const waiting = new Map();
  let started = null;

  /** Has the worker do a task; throws with words for the person. */
  function run(task, details = {}, progress = null) {
    const id = crypto.getRandomValues(new Uint32Array(2)).join();
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, progress });
      worker().postMessage({ id, task, now: now(), base, ...details });
    });
  }

  function worker() {
    if (started) return started;
    started = new Worker(new URL(path, BASE), { type: 'module' });
    started.onmessage = ({ data: { id, progress, done, failed, code, name } }) => {
      const task = waiting.get(id);
      if (!task) return;
      if (progress !== undefined) task.progress?.(progress);
      else {
        waiting.delete(id);
        if (failed === undefined) task.resolve(done);
        else task.reject(errorOf(code, failed, name));
      }
    };
    started.onerror = () => {
      for (const task of waiting.values()) task.reject(errorOf('network', 'the worker could not be loaded'));
      waiting.clear();
      started = null;
    };
    return started;
  }

  /** Ends the worker, and what it holds in memory. With a `reason`, what waits for it fails with that as its code. */
  function end(reason) {
    started?.terminate();
    started = null;
    const left = [...waiting.values()];
    waiting.clear();
    if (reason) for (const task of left) task.reject(Object.assign(new Error(reason), { told: true, code: reason }));
  }

  function problem(code, cause, name) {
    if (!known.includes(code)) console.error(cause);
    const id = known.includes(code) ? `problem-${code}` : 'problem-other';
    return Object.assign(new Error(text(id, { name, status: name })), { told: true, code, cause });
  }

  return { run, end };
}
