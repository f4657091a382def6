// What a venue's own browser keeps: key files, sealed under their passphrases, and the keys of its
// screens. Nothing of it is known to the server.

const keyName = (publicKey) => `vungxanh-venue-key-${publicKey}`;
const begunName = (venue) => `vungxanh-venue-key-begun-${venue}`;
const displayName = (unit) => `vungxanh-display-${unit}`;

/** The text of the key file of a public key (hexadecimal), or null. */
export const keyFile = (publicKey) => localStorage.getItem(keyName(publicKey));

/** Keeps the key file of a public key. Those of earlier keys stay: visits made under them count. */
export const keepKeyFile = (publicKey, text) => localStorage.setItem(keyName(publicKey), text);

/** The text of a key file whose recovery was not tried yet, or null. */
export const begunKeyFile = (venue) => localStorage.getItem(begunName(venue));

/** Keeps a key file whose recovery is still to be tried. */
export const beginKeyFile = (venue, text) => localStorage.setItem(begunName(venue), text);

/** Ends what was begun: it is finished, or given up. */
export const dropBegun = (venue) => localStorage.removeItem(begunName(venue));

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

/** Offers a text as a file to keep. */
export function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
