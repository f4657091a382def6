// What the check-in page keeps in this browser: one table of named values in IndexedDB.
//
// open       the open visit, readable until it is sealed
// book       the cell table, see browser/cells.js (browsers hold it under this name); born: the hour in which
//            it was made
// authority  the signed document as fetched; root: its root key, base64
// processed  names of batches that have been tried; findings: matches, what they said

import { storeOf } from './value-store.js';

export const { get, put, forget } = storeOf('vungxanh');

/** Runs `work` while no other page of this browser runs one of the same name. */
export function alone(name, work) {
  return navigator.locks ? navigator.locks.request(`vungxanh-${name}`, work) : work();
}
