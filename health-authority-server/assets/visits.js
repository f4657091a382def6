// Open visits: the part of the check-in page that knows time but no page.

import { equal } from '../../protocol/browser/bytes.js';

const HOUR_SECONDS = 3600;
const MAX_STAY_SECONDS = 24 * HOUR_SECONDS;
/** The most other persons for whom one checks in. */
export const MAX_COMPANIONS = 20;

/** A visit that begins `now` at a verified poster, and ends by itself after the poster's stay. */
export function begin(poster, now, companions) {
  const visit = { poster, from: now, companions };
  return { ...visit, until: latest(visit, now + stayOf(visit)) };
}

/** Whether `poster` is the one of the open visit; for a screen, whichever code it shows. */
export function isAt(visit, poster) {
  return equal(visit.poster.payload, poster.payload);
}

/**
 * The visit when its poster is scanned again: it lasts at least the usual stay from now on. Null
 * when a screen's newer code is needed to stay that long: then the visit ends and another begins.
 */
export function scannedAgain(visit, poster, now) {
  if (poster.scanHour !== visit.poster.scanHour) return null;
  return { ...visit, until: Math.max(visit.until, latest(visit, now + stayOf(visit))) };
}

/** The visit made longer by an hour, as far as it may be. */
export function extended(visit) {
  return { ...visit, until: latest(visit, visit.until + HOUR_SECONDS) };
}

/** When a visit that is ended at `end` ends: after its beginning, and not after its own end. */
export function endOf(visit, end) {
  return Math.min(Math.max(end, visit.from + 1), visit.until);
}

/** Whether it can be made longer. */
export function isExtensible(visit) {
  return extended(visit).until > visit.until;
}

function stayOf(visit) {
  return visit.poster.defaultStayMinutes * 60;
}

function latest(visit, until) {
  const { lastHour } = visit.poster;
  const shown = lastHour === null ? Infinity : (lastHour + 1) * HOUR_SECONDS;
  return Math.min(until, visit.from + MAX_STAY_SECONDS, shown);
}
