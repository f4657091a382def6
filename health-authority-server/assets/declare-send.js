// What is to be sent, of the page of declarations: stored before it is sent, sent one after the other, and a
// declaration that takes the place of an earlier one.

import { isConfirmed, spendOne, today } from './declare-code.js';
import { FIELDS, lasting } from './declare-form.js';
import { run } from './declare-run.js';
import * as store from './declare-store.js';
import { element, now, text } from './page.js';

let loading = null;

/** The authority's keys, checked; what was seen of them is remembered. */
export function load() {
  loading ??= (async () => {
    const [root, seen] = await Promise.all([store.get('root'), store.get('seen')]);
    const read = await run('load', { root, seen });
    await store.put({ root: read.root, seen: read.seen, retentionDays: read.retentionDays });
    element('clock').hidden = !read.clockIsOff;
    return read;
  })();
  loading.catch(() => { loading = null; });
  return loading;
}

/** The keys are to be fetched again. */
export function forgetKeys() {
  loading = null;
}

/**
 * Puts down what is to be sent, before anything is sent: the form, or those of `people`. `corrected` is what was sent
 * before and gives its place.
 */
export async function queue({ form, province }, answers, { people, corrected }) {
  // What waits may have arrived already, though its answer did not: it is taken back, or it would be there twice.
  for (const { pending } of await store.get('queue') ?? []) {
    if (pending) await run('withdraw', { submission: pending.submission, secret: pending.secret });
  }
  const replaces = corrected && { submission: corrected.submission, secret: corrected.secret };
  const waiting = people
    ? people.map((one) => ({ label: one.form.name, form: one.form, province, answers: answersOf(answers, one.form) }))
    : [{ label: form.name, form, province, answers, replaces }];
  const last = await store.get('last') ?? [];
  const label = answers.whom === 'self' || answers.whom === 'other' ? form.name : form.byName;
  const known = last.filter((one) => one.label !== label).slice(-9);
  await store.put({ queue: waiting, last: [...known, { at: now(), label, answers: lasting(answers) }] });
}

/** The answers of one person of a group, as if they had been typed. */
function answersOf(common, form) {
  const typed = FIELDS.person.filter((field) => form[field] !== undefined).map((field) => [field, String(form[field])]);
  const list = (answers) => answers && (answers.length ? answers : ['none']);
  return {
    ...common,
    ...Object.fromEntries(typed),
    whom: 'other',
    address: form.address,
    seat: form.seat,
    symptoms: list(form.symptoms),
    contacts: list(form.contacts),
    travelled: form.travelled === undefined ? undefined : form.travelled ? 'yes' : 'no',
    travel: form.travel,
    temperature: form.temperature && `${form.temperature / 10}`,
    note: form.note,
  };
}

/**
 * Sends what waits, one after the other; what was sent is stored at once. False where a telephone code is to be typed
 * first: `show` brings its panel, and `again` sends when it was.
 */
export async function sendQueue({ show, again }) {
  tellSending('keys');
  const { asksCode } = await load();
  const waiting = await store.get('queue') ?? [];
  if (asksCode && !(await isConfirmed(waiting, today(), show, again))) return false;
  const all = waiting.length;
  for (;;) {
    const [next, ...rest] = await store.get('queue') ?? [];
    if (!next) return true;
    await sendOne(next, rest, all - rest.length - 1, all, asksCode);
  }
}

async function sendOne(next, rest, number, all, asksCode) {
  const bar = element('sending-progress');
  const progress = (from, to) => (part) => { bar.value = (number + from + (to - from) * part) / all; };
  const { form, label, province, answers, replaces } = next;
  if (!next.pending) {
    tellSending('seal', label);
    const phone = asksCode ? await spendOne() : null;
    next.pending = await run('seal', { form, province, replaces, phone }, progress(0, 0.3));
    await store.put({ queue: [next, ...rest] });
  }
  const { pending } = next;
  tellSending('send', label);
  let passes;
  try {
    passes = await run('send', { pending }, (part) => { tellSending('passes', label); progress(0.3, 1)(part); });
  } catch (error) {
    // A declaration of yesterday, to a key of before, without a code that counts, or of one that is not there any
    // more: it is sealed again when it is sent again, then as one of its own.
    if (error.code === 'token') await store.put({ phone: undefined });
    if (['day', 'receipt', 'token'].includes(error.code)) {
      const again = error.code === 'receipt' ? undefined : replaces;
      await store.put({ queue: [{ label, form, province, answers, replaces: again }, ...rest] });
      forgetKeys();
    }
    throw error;
  }
  const { day, submission, secret, validDays, minutesAhead } = pending;
  const urgent = { symptoms: form.symptoms, temperature: form.temperature };
  const made = { label, kind: form.kind, submission, secret, urgent, answers, answeredOn: day };
  const sent = await store.get('sent') ?? [];
  const earlier = replaces && sent.find((one) => one.submission === replaces.submission);
  // Passes stay those of the first.
  const added = earlier ? { ...earlier, ...made, correctedAt: now() }
    : { ...made, day, at: now(), passes, validDays, minutesAhead, next: 0 };
  await store.put({ sent: [...sent.filter((one) => one !== earlier), added], queue: rest.length ? rest : undefined });
}

function tellSending(id, name) {
  const words = text(`sending-${id}`, { name });
  if (element('sending-text').textContent !== words) element('sending-text').textContent = words;
}
