// What an own browser keeps of a person's keys: key files, sealed under their passphrases. Nothing of it is
// known to the server.

/** The key files of one kind of key, `venue` or `officer`; public keys in hexadecimal. */
export function keyStoreOf(kind) {
  const keyName = (publicKey) => `vungxanh-${kind}-key-${publicKey}`;
  const begunName = (owner) => `vungxanh-${kind}-key-begun-${owner}`;
  return {
    /** The text of the key file of a public key, or null. */
    keyFile: (publicKey) => localStorage.getItem(keyName(publicKey)),
    /** Keeps the key file of a public key. Those of earlier keys stay: what was sealed to them counts. */
    keepKeyFile: (publicKey, text) => localStorage.setItem(keyName(publicKey), text),
    /** The text of a key file whose recovery was not tried yet, or null. */
    begunKeyFile: (owner) => localStorage.getItem(begunName(owner)),
    /** Keeps a key file whose recovery is still to be tried. */
    beginKeyFile: (owner, text) => localStorage.setItem(begunName(owner), text),
    /** Ends what was begun: it is finished, or given up. */
    dropBegun: (owner) => localStorage.removeItem(begunName(owner)),
  };
}

/** Offers a text or bytes as a file to keep. */
export function download(name, content, type = 'application/json') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
