// The worker of the page of declarations, as a function that throws with words for the person.

import { workerOf } from './worker-run.js';

export { BASE } from './worker-run.js';
const known = ['network', 'authority', 'root', 'conflict', 'keys', 'day', 'quota', 'refused', 'receipt', 'token', 'country', 'sms', 'code'];
export const { run, end: endWorker } = workerOf({ known });
