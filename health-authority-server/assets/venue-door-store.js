// What a door keeps in this browser: one table of named values in IndexedDB. No pass, card, name or number is in it
// in the clear.
//
// files    { authority, passes, intake, at }: signed files as fetched, and when; root: the root key, base64
// setup    { venue, units, province }: the venue and its units with their posters; unit: the chosen one
// offset   by how much the server's clock is ahead of the phone's
// day-UNIT             { day, key }: the key by which codes are known again, until the local day ends
// seen-UNIT-TAG        { until, companions }, or { gone }: under that key
// hours-UNIT-HOUR      counts
// record-VENUE-UNIT-HOUR-RANDOM   a sealed record
// upload-VENUE-UNIT-HOUR-RANDOM   { bytes, due, tries }: what is sent as it is until it is answered
// answers  the last refusals: [{ unit, hour, at, error, message }]

import { storeOf } from './value-store.js';

export const { get, entries, put, forget } = storeOf('vungxanh-door');

/** `undefined` for each key that begins with one of these, which removes it. */
export async function removalOf(prefixes) {
  const found = await Promise.all(prefixes.map((prefix) => entries(prefix)));
  return Object.fromEntries(found.flat().map(([key]) => [key, undefined]));
}
