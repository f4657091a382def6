// What a venue's own browser keeps: key files, sealed under their passphrases, and the keys of its
// screens. Nothing of it is known to the server.

import { keyStoreOf } from './key-store.js';

export { download } from './key-store.js';
export const { keyFile, keepKeyFile, begunKeyFile, beginKeyFile, dropBegun } = keyStoreOf('venue');

const displayName = (unit) => `vungxanh-display-${unit}`;

/** A screen's keys `{ signingKey, displayKey, displaySecret }` in hexadecimal, or null. */
export function display(unit) {
  try {
    return JSON.parse(localStorage.getItem(displayName(unit)));
  } catch {
    return null;
  }
}

/** Keeps a screen's keys. */
export const keepDisplay = (unit, keys) => localStorage.setItem(displayName(unit), JSON.stringify(keys));
