// The worker of the page of declarations, as a function.

import { workerOf } from './worker-run.js';

export { BASE } from './worker-run.js';
const worker = workerOf({ known: ['network', 'authority', 'root', 'conflict', 'keys', 'day', 'quota', 'refused'] });
export const { run } = worker;

/** Ends the worker, and what it holds in memory. */
export const endWorker = () => worker.end();
