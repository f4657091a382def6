// A worker as a function: with words of the page for what is known, or an error of the page's own.

import assert from 'node:assert/strict';
import test from 'node:test';

const texts = { 'problem-known': 'words {status}', 'problem-other': 'other words' };
globalThis.document = { getElementById: () => ({ textContent: JSON.stringify({ texts, worker: 'worker.js' }) }), documentElement: { lang: 'en' } };
globalThis.location = { href: 'https://a.vn/page' };
let worker = null;
globalThis.Worker = class {
  constructor() { worker = this; }

  postMessage(message) { this.message = message; }

  terminate() { this.ended = true; }
};
const { workerOf } = await import('./worker-run.js');
const answer = (more) => worker.onmessage({ data: { id: worker.message.id, ...more } });

test('failures have words, known ones their own', async (context) => {
  context.mock.method(console, 'error', () => {});
  const { run } = workerOf({ known: ['known'] });
  for (const [code, words] of [['known', 'words 5'], ['unknown', 'other words']]) {
    const failed = run('task');
    answer({ failed: 'cause', code, name: 5 });
    await assert.rejects(failed, (error) => error.message === words && error.told && error.code === code);
  }
  const done = run('task', { more: 1 });
  assert.deepEqual([worker.message.task, worker.message.more], ['task', 1]);
  answer({ done: 7 });
  assert.equal(await done, 7);
});

test('a page may have errors of its own', async () => {
  const { run } = workerOf({ failure: (code) => new Error(`own ${code}`) });
  const failed = run('task');
  answer({ failed: 'cause', code: 'x' });
  await assert.rejects(failed, /own x/);
});

test('what waits when the worker is ended fails with the reason', async () => {
  const { run, end } = workerOf({ known: [] });
  const failed = run('task');
  end('ended');
  await assert.rejects(failed, (error) => error.code === 'ended');
  assert.equal(worker.ended, true);
});
