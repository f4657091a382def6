// A hand-held reader types what it reads and ends with Enter, wherever the focus is. Its keys press no button.

const LONGEST_PAUSE_MILLISECONDS = 500;
const MOST_CHARACTERS = 16_384;

/** Calls `read` with what was typed outside of fields. */
export function listenToReader(read) {
  let typed = '';
  let last = -Infinity;
  addEventListener('keydown', (event) => {
    const { key, target, timeStamp, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey || target.closest?.('input:not([type=checkbox]), textarea, select')) return;
    if (timeStamp - last > LONGEST_PAUSE_MILLISECONDS) typed = '';
    if (key === 'Enter' && typed.length > 1) {
      event.preventDefault();
      event.stopPropagation();
      const text = typed;
      typed = '';
      read(text);
    } else if (key.length === 1) {
      // The first key may be a person's: a blank that presses a button.
      if (typed !== '') event.preventDefault();
      if (typed.length < MOST_CHARACTERS) typed += key;
      last = timeStamp;
    }
  }, true);
  // A button is pressed when a blank goes up.
  addEventListener('keyup', (event) => {
    if (event.key === ' ' && typed.length > 1) event.preventDefault();
  }, true);
}

/** Whether a text in a field is a code that a reader typed there. */
export function isCode(text) {
  return /^\s*VX[PC]1:\d/.test(text) || text.split('|').length >= 5;
}
