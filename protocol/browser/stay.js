// Sealing a stay at a verified poster (poster.js): what needs the pairing, and is loaded after the
// check-in page can be used. docs/protocol.md sections 14.3 and 14.4.

import { PosterError } from './poster.js';
import { isProven, joinKeys, sealVisit } from './venue.js';

const MAX_STAY_SECONDS = 24 * 3600;
const HOUR_SECONDS = 3600;

/**
 * What visits at a verified poster are sealed to: the joint key of venue and authority. Throws
 * when the authority has not proven to hold its key.
 */
export function masterOf(poster) {
  // Visits that began with an earlier version of the page have it already.
  if (poster.master) return poster.master;
  if (!isProven(poster.sealingKey, poster.sealingProof, 'authority')) {
    throw new PosterError('unknown-key', "the authority's venue key is not proven");
  }
  return joinKeys(poster.venueKey, poster.sealingKey);
}

/**
 * Seals a stay at a verified poster: `[{ hour, sealed }]`, one record for each hour that it touches.
 * Times are Unix seconds, at most 24 hours apart.
 */
export function sealStay(poster, from, until, companions = 0) {
  if (!(from < until) || until - from > MAX_STAY_SECONDS) {
    throw new PosterError('times', 'the times are reversed or more than a day apart');
  }
  const [first, last] = [Math.floor(from / HOUR_SECONDS), Math.floor((until - 1) / HOUR_SECONDS)];
  if (poster.displayKey && (first < poster.scanHour || last > poster.lastHour)) {
    throw new PosterError('outside-display-hours', 'a scan of a screen counts for 4 hours: scan it again');
  }
  const master = masterOf(poster);
  const records = [];
  for (let hour = first; hour <= last; hour++) {
    const visit = { companions, venue: poster.name, from: Math.max(from, hour * HOUR_SECONDS),
      until: Math.min(until, (hour + 1) * HOUR_SECONDS) };
    records.push({ hour, sealed: sealVisit(visit, poster.source, master) });
  }
  return records;
}
