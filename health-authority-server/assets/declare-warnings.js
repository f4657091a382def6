// Warnings to passes on the page of declarations: looked for when it is opened, shown on its first step and beside
// the passes; from other steps a line leads there. Beside a pass that is shown there is none: staff look at it.

import { run } from './declare-run.js';
import * as store from './declare-store.js';
import { act, element } from './page.js';
import { clearWarned, look, showWarned } from './warned.js';

let place = {};
let found = false;
let isRead = false;

/** Looks for warnings, where passes are kept. */
export async function lookForWarnings() {
  if (!store.isKept() || !(await store.get('sent'))?.length) return;
  found = await look((progress) => run('warnings', {}, progress), setAside, (error) => error.message);
  putInPlace();
}

async function setAside({ venue, from, until }, aside) {
  showWarned(await run('setAside', { venue, from, until, aside }), setAside);
}

/** Where the person is: `{ reads }`, where warnings are shown, or `{ writes }`, where a line leads there. */
export function placeWarnings(where) {
  place = where;
  putInPlace();
}

function putInPlace() {
  const isKept = store.isKept();
  isRead ||= found && Boolean(place.reads);
  for (const id of ['warned', 'warned-how']) element(id).hidden = !isKept || !place.reads;
  element('warned-line').hidden = !isKept || !place.writes || !found || isRead;
}

/** Nothing was found. */
export function forgetWarnings() {
  clearWarned();
  [found, isRead] = [false, false];
  putInPlace();
}

/** Starts what leads to warnings; `showSent` shows the panel of passes. */
export function startWarnings(showSent) {
  act(element('warned-read'), showSent);
  act(element('check-again'), lookForWarnings);
}
