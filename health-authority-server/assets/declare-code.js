// The code of a message to the declarer's telephone, where the authority asks for one: asked for, typed, and answered
// with a proof for officers and tokens, of which each declaration spends one.

import { normalisedPhone } from '../../protocol/browser/form.js';
import { clearWrong, showWrong } from './declare-form.js';
import { run } from './declare-run.js';
import * as store from './declare-store.js';
import { act, data, element, focusOn, now, text } from './page.js';

const CODE_SECONDS = 600;
const MOST_TRIES = 5;
const TOKENS_EACH = 100;
/** After so long another message can be asked for. */
const PATIENCE_SECONDS = 60;
/** Tokens beyond those that are needed at once, for declarations later that day. */
const SPARE_TOKENS = 8;

let resume = null;
let ticking = null;
let making = null;

/** The number of who declares what waits. */
function numberOf([first]) {
  return normalisedPhone(first.form.byPhone || first.form.phone) ?? '';
}

/**
 * Whether the number of who declares these is confirmed for `day`, with tokens for all. If not, a code is asked
 * for, `show` brings its panel, and `then` goes on when it was typed.
 */
export async function isConfirmed(waiting, day, show, then) {
  const needed = waiting.filter(({ pending }) => !pending).length;
  if (needed === 0) return true;
  const number = numberOf(waiting.filter(({ pending }) => !pending));
  const phone = await store.get('phone');
  const same = phone?.number === number && phone.day === day;
  if (same && phone.proof && phone.requests.length >= needed) return true;
  resume = then;
  const waits = same && !phone.proof && now() - phone.at < CODE_SECONDS && phone.tries < MOST_TRIES;
  if (!waits) await ask(number, day, needed);
  await open(show);
  return false;
}

/** What one declaration spends: the proof, and a token to be made from request and answer. */
export async function spendOne() {
  const phone = await store.get('phone');
  const request = phone.requests.pop();
  const answer = phone.answers.pop();
  await store.put({ phone });
  return { proof: phone.proof, request, answer };
}

/** Asks for a message. What its answer is made of comes after it: the person waits for the message anyway. */
async function ask(number, day, needed) {
  const session = crypto.getRandomValues(new Uint8Array(16));
  const phone = { number, day, needed, session, at: now(), tries: 0 };
  await run('code', { number, session, language: document.documentElement.lang });
  await store.put({ phone });
}

/** Blinded tokens, made once: the same request again gets the same answer. */
function makeRequests() {
  making ??= (async () => {
    for (;;) {
      const { day, needed, session, requests } = await store.get('phone');
      if (requests) return;
      const made = await run('blind', { day, count: Math.min(TOKENS_EACH, needed + SPARE_TOKENS) });
      const phone = await store.get('phone');
      // Meanwhile another message may have been asked for.
      if (`${phone.session}` === `${session}`) await store.put({ phone: { ...phone, ...made } });
    }
  })().finally(() => { making = null; });
  return making;
}

async function open(show) {
  const phone = await store.get('phone');
  clearWrong();
  element('code').value = '';
  element('code-sent').textContent = text('code-sent', { number: readable(phone.number) });
  show('code-panel');
  focusOn('code-panel');
  tick();
  makeRequests().catch(() => {});
}

/** The button of another message can be pressed after a while; until then it says when. */
async function tick() {
  clearTimeout(ticking);
  const left = PATIENCE_SECONDS - (now() - ((await store.get('phone'))?.at ?? 0));
  const button = element('code-again');
  button.disabled = left > 0;
  button.textContent = left > 0 ? text('code-again-in', { count: left }) : text('code-again');
  if (left > 0 && !element('code-panel').hidden) ticking = setTimeout(tick, 1000);
}

function readable(number) {
  const national = /^\+84(\d{2,3})(\d{3})(\d{4})$/.exec(number);
  return national ? `0${national.slice(1).join(' ')}` : number;
}

/** Connects the panel: `show` another panel, `fail` what went wrong, `tell` what was done. */
export function startCode({ show, fail, tell }) {
  act(element('code-form'), async () => {
    const code = element('code').value.replace(/[\s.-]/g, '');
    clearWrong();
    if (!/^\d{6}$/.test(code)) return showWrong([{ id: 'code', words: text('code-digits') }]);
    const phone = await store.get('phone');
    if (phone.tries >= MOST_TRIES) return showWrong([{ id: 'code', words: text('code-used-up') }]);
    try {
      await makeRequests();
      const { blinded, requests } = await store.get('phone');
      const { proof, answers } = await run('confirm', { number: phone.number, session: phone.session, code, day: phone.day, blinded });
      await store.put({ phone: { ...phone, proof, requests, answers: answers.slice(0, requests.length) } });
      clearTimeout(ticking);
      return await resume?.();
    } catch (error) {
      if (error.code !== 'code') return fail(error);
      phone.tries += 1;
      await store.put({ phone: { ...await store.get('phone'), tries: phone.tries } });
      const left = MOST_TRIES - phone.tries;
      return showWrong([{ id: 'code', words: left ? text('code-wrong', { count: left }) : text('code-used-up') }]);
    }
  });
  act(element('code-again'), async () => {
    try {
      const { number, day, needed } = await store.get('phone');
      await ask(number, day, needed);
      await open(show);
      tell('code-again-sent');
    } catch (error) {
      fail(error);
    }
  });
}

/** Nothing goes on any more, and what was typed is gone. */
export function endCode() {
  clearTimeout(ticking);
  [making, resume] = [null, null];
  element('code').value = '';
}

/** The local day now, where the authority is. */
export function today() {
  return Math.floor((now() + data.minutesAhead * 60) / 86_400);
}
