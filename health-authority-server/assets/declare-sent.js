// What was sent: receipts, passes, withdrawing.

import { urgency } from '../../protocol/browser/form.js';
import { downloadSheet, isOver, lastDayText, longDay, printSheet } from './declare-passes.js';
import { run } from './declare-run.js';
import * as store from './declare-store.js';
import { answerText } from './declare-form.js';
import { act, element, text } from './page.js';

const DAY_SECONDS = 86_400;

/** Fills the list; `open` shows the pass of one, `correct` its answers, `fail` what went wrong, `tell` what was done. */
export function listSent(sent, shown) {
  element('sent-list').replaceChildren(...[...sent].reverse().map((one) => cardOf(one, shown)));
}

function cardOf(one, shown) {
  const { open, correct, fail, tell } = shown;
  const card = document.createElement('li');
  const heading = add(card, 'h2', one.label);
  heading.id = `sent-${one.submission}`;
  const noon = one.day * DAY_SECONDS - one.minutesAhead * 60 + DAY_SECONDS / 2;
  add(card, 'p', `${text('sent-on', { day: longDay(noon) })} · ${answerText('kind', one.kind)}`, 'place');
  add(card, 'p', isOver(one) ? text('over') : text('valid', { day: lastDayText(one) }));
  if (one.correctedAt) add(card, 'p', text('corrected-on', { day: longDay(one.correctedAt) }));
  if (one.withdrawn) add(card, 'p', text('withdrawn'), 'todo');
  const actions = add(card, 'p', '', 'actions');
  const button = (id, kind, work) => {
    const made = add(actions, 'button', text(id), kind);
    made.type = 'button';
    made.setAttribute('aria-describedby', heading.id);
    act(made, () => work().catch(fail));
    return made;
  };
  if (!isOver(one)) {
    button('open-pass', '', () => open(one));
    button('print', 'second', () => printSheet(one, run));
    button('download', 'second', () => downloadSheet(one, run));
    if (!one.withdrawn) button('correct', 'second', () => correct(one));
  }
  const details = add(card, 'details');
  add(details, 'summary', text('receipt-show'));
  add(details, 'p', text('receipt', { code: receiptText(one) }));
  add(details, 'p', text('receipt-keep'), 'quiet');
  if (!one.withdrawn) {
    const made = add(add(details, 'p', '', 'actions'), 'button', text('withdraw'), 'danger');
    made.type = 'button';
    act(made, async () => {
      if (!confirm(text('withdraw-sure', { name: one.label }))) return;
      try {
        const known = await run('withdraw', { submission: one.submission, secret: one.secret });
        Object.assign(one, { withdrawn: true, answers: undefined });
        await replace(one);
        card.replaceWith(cardOf(one, shown));
        tell(known ? 'withdraw-done' : 'withdraw-unknown');
      } catch (error) {
        fail(error);
      }
    });
  }
  return card;
}

/** Stores one declaration that was sent in place of what was there. */
export async function replace(one) {
  const sent = await store.get('sent') ?? [];
  await store.put({ sent: sent.map((other) => (other.submission === one.submission ? one : other)) });
}

/** The receipt's code in groups, for paper. */
function receiptText({ submission, secret }) {
  return `${submission}${secret}`.match(/.{4}/g).join(' ');
}

/** Withdraws with a code that was noted down; the id of what there is to say. */
export async function withdrawWithCode(typed) {
  const digits = typed.toLowerCase().replace(/[\s-]/g, '');
  if (!/^[0-9a-f]{64}$/.test(digits)) return 'receipt-wrong';
  if (!confirm(text('withdraw-code-sure'))) return null;
  const known = await run('withdraw', { submission: digits.slice(0, 32), secret: digits.slice(32) });
  return known ? 'withdraw-done' : 'withdraw-unknown';
}

/** Shows what to do now, by the most urgent of these forms. */
export function showUrgency(place, forms) {
  const [most] = ['now', 'call'].filter((level) => forms.some((form) => urgency(form) === level));
  if (place.dataset.level === (most ?? '')) return;
  place.dataset.level = most ?? '';
  place.replaceChildren(...most ? [element(`urgent-${most}`).content.cloneNode(true)] : []);
}

function add(parent, name, words = '', kind = '') {
  const made = document.createElement(name);
  made.textContent = words;
  if (kind) made.className = kind;
  parent.append(made);
  return made;
}
