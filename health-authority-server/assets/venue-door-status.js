// The numbers of a door, and how it is: clock, keys, what waits to be sent, what was refused.

import { data, element, text, timeText } from './page.js';
import { doorNow } from './venue-door-run.js';

const HOUR_SECONDS = 3600;
const OLD_KEYS_SECONDS = 24 * HOUR_SECONDS;

/** Shows what the worker says of itself. */
export function showStatus(status) {
  const present = Math.floor(doorNow() / HOUR_SECONDS);
  const none = { people: 0, scans: 0, others: 0 };
  const hours = new Map(status.hours);
  const { people, others } = hours.get(present) ?? none;
  element('inside').textContent = status.inside;
  element('came').textContent = people + others;
  element('scanned').textContent = people;
  element('share').textContent = people + others > 0 ? text('share', { number: Math.round((100 * people) / (people + others)) }) : '';
  element('contact-open').disabled = !status.takesContacts;
  element('contact-off').hidden = status.takesContacts;
  showHours(status.hours);
  showSending(status);
  showKeys(status);
}

function showHours(hours) {
  element('hour-rows').replaceChildren(...hours.toReversed().map(([hour, { people, scans, others }]) => {
    const row = document.createElement('tr');
    const from = timeText(hour * HOUR_SECONDS);
    for (const [i, value] of [`${from}–${timeText((hour + 1) * HOUR_SECONDS)}`, people + others, people, others, scans].entries()) {
      const cell = document.createElement(i === 0 ? 'th' : 'td');
      if (i === 0) cell.scope = 'row';
      else cell.dataset.label = text(`column-${i}`);
      cell.textContent = value;
      row.append(cell);
    }
    return row;
  }));
  element('hours').hidden = hours.length === 0;
}

function showSending({ link, waiting, answers }) {
  const lines = [];
  if (waiting.over > 0) lines.push(text(waiting.over === 1 ? 'waits-one' : 'waits', { count: waiting.over }));
  else lines.push(text(waiting.present ? 'waits-present' : 'waits-none'));
  element('sending').textContent = lines.join(' ');
  element('sending').dataset.waiting = waiting.over;
  element('link').textContent = link === 'online' ? '' : text(`link-${link}` in data.texts ? `link-${link}` : 'link-other');
  element('link').hidden = link === 'online';
  element('link-login').hidden = link !== 'login';
  element('refused').replaceChildren(...answers.toReversed().map(({ hour, at, message }) => {
    const item = document.createElement('li');
    const when = { day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    item.textContent = text('answer', { hour: timeText(hour * HOUR_SECONDS, when), time: timeText(at), reason: message });
    return item;
  }));
  element('refused-box').hidden = answers.length === 0;
}

function showKeys({ fetchedAt, expiresAt, isExpired }) {
  const when = { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  element('keys').textContent = text('keys', { time: timeText(fetchedAt, when), until: timeText(expiresAt, when) });
  element('keys-old').hidden = isExpired || doorNow() - fetchedAt < OLD_KEYS_SECONDS;
  element('keys-expired').hidden = !isExpired;
}
