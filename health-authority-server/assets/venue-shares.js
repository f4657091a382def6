// The venue's shares, for requests or in advance: made here from its key file and passphrase. What
// is sent opens the hours that are named, nothing else. Shares of doors are for requests only.

import { concat, fromHex, toHex, u32 } from '../../protocol/browser/bytes.js';
import { doorShare } from '../../protocol/browser/door.js';
import { openKeyFile } from '../../protocol/browser/keyfile.js';
import { share } from '../../protocol/browser/venue.js';
import { act, data, element, focusOn, post, text } from './page.js';
import { download, keyFile } from './venue-store.js';

const PAUSE_EVERY = 8;

const orders = (data.requests ?? [{ ...data, venueKey: data.publicKey, id: null }]).filter(({ payload }) => payload).map((order) => ({
  ...order,
  path: order.id === null ? location.pathname : `${location.pathname.replace(/\/$/, '')}/${order.id}/shares`,
}));

function make(tag, properties = {}, ...content) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...content);
  return made;
}

const wrong = make('p', { className: 'problem', role: 'alert', hidden: true });
const bar = make('progress', { max: 1, value: 0, hidden: true });
const field = make('input', { type: 'password', name: 'passphrase', id: 'share-passphrase', autocomplete: 'off', required: true });
const form = make('form', { id: 'share-form', autocomplete: 'off' },
  make('label', { htmlFor: field.id }, text('passphrase')),
  make('p', { className: 'hint' }, text('hint')),
  field,
  make('button', {}, text(data.requests ? 'approve' : 'hand-over')), bar, wrong);

function answerOf(order) {
  return document.querySelector(`[data-answer="${order.id}"]`) ?? element('approve');
}

function tell(order, id, className, values) {
  answerOf(order).replaceChildren(make('p', { className, role: 'status' }, text(id, values)));
}

/** Bytes of unpadded base64url. */
function fromBase64Url(encoded) {
  return Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

async function sharesOf(order, secret, progress) {
  const payload = fromBase64Url(order.payload);
  const [shares, doors] = [[], []];
  const all = order.slots.length + (order.doors?.length ?? 0);
  const pause = async () => {
    const made = shares.length + doors.length;
    if (made % PAUSE_EVERY !== 0) return;
    progress(made / all);
    await new Promise((resolve) => { setTimeout(resolve, 0); });
  };
  for (const { hour, scanHour, seed } of order.slots) {
    const source = scanHour === null ? payload : concat(payload, u32(scanHour), fromHex(seed, 16));
    shares.push({ hour, scanHour, share: toHex(share(secret, source, hour)) });
    await pause();
  }
  for (const hour of order.doors ?? []) {
    doors.push({ hour, share: toHex(doorShare(secret, payload, hour)) });
    await pause();
  }
  return { shares, doors };
}

async function give(order) {
  const secret = await openKeyFile(keyFile(order.venueKey), field.value, { progress: (part) => { bar.value = part / 2; } });
  try {
    await post(order.path, await sharesOf(order, secret, (part) => { bar.value = (1 + part) / 2; }));
  } finally {
    secret.fill(0);
  }
  order.given = true;
  if (order.id === null) location.reload();
  else answered(order);
}

/** A request that was answered cannot be refused any more, and waits no more. */
function answered(order) {
  tell(order, 'done', 'notice');
  answerOf(order).parentElement.querySelector('form')?.remove();
  if (!orders.every(({ given }) => given)) return;
  for (const count of document.querySelectorAll('.menu .count, .menu .count + .hidden')) count.remove();
}

act(form, async () => {
  wrong.hidden = true;
  const chosen = orders.filter((order) => !order.given && (order.id === null || order.tick?.checked));
  if (chosen.length === 0) return refuse('none-ticked');
  bar.hidden = false;
  try {
    for (const order of chosen) await give(order);
    field.value = '';
  } catch (error) {
    if (error.code === 'wrong-passphrase') refuse('wrong-passphrase');
    else if (error.told) refuse('failed', { reason: error.message });
    else {
      console.error(error);
      refuse('failed', { reason: text('unexpected') });
    }
  } finally {
    bar.hidden = true;
    form.hidden = orders.every((order) => order.given);
    const first = chosen.find((order) => order.given && order.id !== null);
    if (first && wrong.hidden) focusOn(answerOf(first));
  }
});

function refuse(id, values) {
  wrong.textContent = text(id, values);
  wrong.hidden = false;
}

/** Requests for the command line, and its answer. */
function withoutThisPage() {
  const file = make('input', { type: 'file', accept: '.json,application/json', id: 'share-file' });
  const save = make('button', { type: 'button', className: 'second' }, text('save-requests'));
  const said = make('p', { role: 'status', hidden: true });
  act(save, () => {
    const requests = data.requests.map(({ id, unit, payload, slots, doors, from, until, reason }) => ({ id, unit, payload, slots, doors, from, until, reason }));
    download('vungxanh-requests.json', JSON.stringify({ format: 'VX-SHARE-REQUESTS-1', requests }, null, 1));
  });
  file.addEventListener('change', async () => {
    try {
      const sent = JSON.parse(await file.files[0].text());
      if (sent.format !== 'VX-SHARES-1') throw new Error(text('not-shares'));
      for (const { id, shares, doors } of sent.answers) {
        const order = orders.find((one) => one.id === id);
        if (!order) continue;
        await post(order.path, { shares, doors: doors ?? [] });
        order.given = true;
        answered(order);
      }
      said.hidden = true;
    } catch (error) {
      said.className = 'problem';
      said.textContent = error instanceof SyntaxError ? text('not-shares') : error.message;
      said.hidden = false;
    }
  });
  return make('details', {}, make('summary', {}, text('command-line')), make('p', {}, save),
    make('label', { htmlFor: file.id }, text('send-shares')), file, said);
}

function start() {
  if (!element('approve')) return;
  const possible = orders.filter((order) => keyFile(order.venueKey));
  for (const order of orders) {
    if (!keyFile(order.venueKey)) tell(order, 'no-key', 'problem');
    else if (order.wait) answerOf(order).replaceChildren(make('p', { className: 'hint' }, order.wait));
    else if (order.id !== null) {
      order.tick = make('input', { type: 'checkbox' });
      answerOf(order).replaceChildren(make('label', { className: 'tick' }, order.tick, text('tick')));
    }
  }
  if (possible.length) element('approve').prepend(form);
  if (data.requests?.length) element('approve').append(withoutThisPage());
}
start();
