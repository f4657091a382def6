// Giving another officer access to days before: halves sealed again in this browser to the key that the roster names,
// after both have compared it by voice.

import { act, element, text } from './page.js';

/** Brings the part of the page to life. */
export function startAccess({ work, attempt }) {
  element('access').addEventListener('toggle', () => {
    if (element('access').open) attempt(show);
  });

  async function show() {
    const receivers = await work('receivers');
    element('no-receivers').hidden = receivers.length > 0;
    element('receivers').replaceChildren(...receivers.map(card));
  }

  function card({ id, name, fingerprint, missing }) {
    const item = document.createElement('li');
    const make = (kind, words, className = '') => {
      const made = document.createElement(kind);
      made.textContent = words;
      made.className = className;
      return made;
    };
    const tick = make('label', '', 'tick');
    const box = document.createElement('input');
    box.type = 'checkbox';
    tick.append(box, make('span', text('compared', { name })));
    const button = make('button', text('give', { name }));
    button.type = 'button';
    const wrong = make('p', text('compare-first'), 'error');
    wrong.hidden = true;
    wrong.setAttribute('role', 'alert');
    act(button, () => attempt(async () => {
      wrong.hidden = box.checked;
      if (!box.checked) return;
      const { given } = await work('giveAccess', { receiver: id, fingerprint });
      await show();
      element('given').textContent = text('given', { name, count: given });
      element('given').hidden = false;
    }));
    item.append(make('h3', name), make('p', text('missing', { count: missing })), make('p', fingerprint, 'secret large'), tick, wrong, button);
    return item;
  }
}
