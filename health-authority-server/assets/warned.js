// What warnings say, on the check-in page and on the page of declarations: exposures, what the person has set aside,
// and how the search for warnings went.

import { act, dayText, element, focusOn, now, text, timeText } from './page.js';

/** Shows what is known. `setAside(exposure, aside)` is called when the person was not there, or was after all. */
export function showWarned({ exposures, setAside: past, advice }, setAside) {
  const { lang } = document.documentElement;
  element('advice').textContent = advice?.[lang] ?? advice?.vi ?? '';
  element('exposure-list').replaceChildren(...exposures.map((one) => itemOf(one, setAside)));
  element('exposures').hidden = exposures.length === 0;
  element('set-aside-list').replaceChildren(...past.map((one) => {
    const item = document.createElement('li');
    item.append(text('set-aside', { venue: one.venue, day: dayText(one.from) }), ' ', button('was-there', 'link', () => setAside(one, false)));
    return item;
  }));
  element('set-aside').hidden = past.length === 0;
}

function itemOf(exposure, setAside) {
  const item = document.createElement('li');
  const venue = document.createElement('strong');
  venue.textContent = exposure.venue;
  const minutes = Math.round((exposure.until - exposure.from) / 60);
  const level = document.createElement('span');
  level.className = `state level-${exposure.level}`;
  level.textContent = text(`level-${exposure.level}`);
  item.append(venue, ' ', level, document.createElement('br'),
    text('overlap', { day: dayText(exposure.from), from: timeText(exposure.from), until: timeText(exposure.until), minutes }));
  const paragraph = (words) => {
    const said = document.createElement('p');
    said.textContent = words;
    item.append(said);
    return said;
  };
  if (exposure.people.length) paragraph(text('by-pass', { list: exposure.people.join(', ') }));
  exposure.texts.forEach(paragraph);
  // Who checked in on this device was there: both keys of the slot say so.
  if (!exposure.checkedIn) paragraph('').append(button('was-not-there', 'second', () => setAside(exposure, true)));
  return item;
}

function button(id, kind, work) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = kind;
  made.textContent = text(id);
  act(made, async () => {
    await work();
    focusOn('warnings');
  });
  return made;
}

/**
 * Looks for warnings and shows how that goes. `search(progress)` gives what is known and how it went; `setAside` as
 * above; `said(error)` is an error in words. Whether a warning was found.
 */
export async function look(search, setAside, said) {
  const [line, bar] = [element('warnings-text'), element('warnings-progress')];
  element('warnings').hidden = false;
  element('warnings').dataset.state = 'looking';
  element('check-again').hidden = true;
  line.textContent = text('warnings-checking');
  bar.hidden = false;
  try {
    const known = await search((part) => { bar.value = part; });
    showWarned(known, setAside);
    const { exposures, refused, left, failed } = known;
    const words = [text(failed ? 'warnings-offline' : exposures.length ? 'warnings-found' : 'warnings-none', { time: timeText(now()) })];
    if (refused) words.push(text('warnings-refused', { count: refused }));
    if (left) words.push(text('warnings-left', { count: left }));
    line.textContent = words.join(' ');
    element('warnings').dataset.state = failed ? 'failed' : 'done';
    element('check-again').hidden = !failed && !left;
    return exposures.length > 0;
  } catch (error) {
    line.textContent = text('warnings-failed', { reason: said(error) });
    element('warnings').dataset.state = 'failed';
    element('check-again').hidden = false;
    return false;
  } finally {
    bar.hidden = true;
  }
}

/** Takes everything off the page. */
export function clearWarned() {
  for (const id of ['exposures', 'set-aside', 'warnings']) element(id).hidden = true;
  for (const id of ['exposure-list', 'set-aside-list', 'advice', 'warnings-text']) element(id).replaceChildren();
}

