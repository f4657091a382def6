// What a door verifies with and seals to: fetched when there is a network, stored as it came, and read
// each time anew.

import { readAuthority } from '../../protocol/browser/authority.js';
import { fromBase64 } from '../../protocol/browser/bytes.js';
import { readCardKeys } from '../../protocol/browser/door.js';
import { readIntakeKeys } from '../../protocol/browser/intake.js';
import { ConflictingKeys, readPassKeys } from '../../protocol/browser/pass.js';
import { get, put } from './venue-door-store.js';

const FILES = { authority: 'v1/authority', passes: 'v1/pass-keys', intake: 'v1/intake-keys', cards: 'v1/card-keys' };
/** Files without which there is no door. */
const NEEDED = ['authority', 'passes'];

export function coded(code, cause) {
  return Object.assign(new Error(code, { cause }), { code });
}

/**
 * The keys: `{ document, rootKey, passes, intake, cards, at }`. `intake` is null where no contact can be sealed, `cards` where
 * no card can be verified. Throws with a code: network, none, authority, root, conflict, keys-expired.
 */
export async function readKeys(now) {
  const [files, root] = await Promise.all(['files', 'root'].map(get));
  if (!files) throw coded('network');
  return read(files, root, now);
}

function read(files, root, now, seen) {
  let document;
  try {
    document = readAuthority(files.authority, now);
  } catch (error) {
    throw coded(/expired/.test(error.message) ? 'keys-expired' : 'authority', error);
  }
  if (root && document.root_key !== root) throw coded('root');
  const rootKey = fromBase64(document.root_key);
  let passes;
  try {
    passes = readPassKeys(files.passes, rootKey, seen);
  } catch (error) {
    throw coded(error instanceof ConflictingKeys ? 'conflict' : 'authority', error);
  }
  // Expired, or not to be trusted: contacts and cards wait for other keys, passes are judged.
  const orNone = (file, readFile) => {
    try {
      return file ? readFile(file, rootKey, now) : null;
    } catch (error) {
      console.warn(error);
      return null;
    }
  };
  const [intake, cards] = [orNone(files.intake, readIntakeKeys), orNone(files.cards, readCardKeys)];
  return { document, rootKey, passes, intake, cards, at: files.at };
}

/** Fetches the files and stores them if all is well; the server's time (Unix seconds). */
export async function fetchKeys(base, now) {
  const names = Object.keys(FILES);
  const responses = await Promise.all(names.map((name) => request(new URL(FILES[name], base), { credentials: 'omit' })));
  const files = { at: now };
  for (const [i, name] of names.entries()) {
    const { ok, status } = responses[i];
    if (status === 404) files[name] = null;
    else if (!ok) throw coded('network', `${name}: ${status}`);
    else files[name] = new Uint8Array(await responses[i].arrayBuffer());
  }
  if (NEEDED.some((name) => !files[name])) throw coded('none');
  const [before, root] = await Promise.all(['files', 'root'].map(get));
  const date = Date.parse(responses[0].headers.get('date')) / 1000;
  const time = Number.isFinite(date) ? date : now;
  let seen;
  if (before) {
    const { root_key: own } = readAuthority(before.authority, 0);
    seen = readPassKeys(before.passes, fromBase64(own));
  }
  const { document } = read(files, root, time, seen);
  await put({ files, root: document.root_key });
  return time;
}

/** The venue, its units with their posters, and the token of the session: `{ venue, units, province, csrf }`. */
export async function fetchSetup(base, language) {
  const url = new URL('venue/door/data', base);
  url.searchParams.set('lang', language);
  const response = await request(url, { credentials: 'same-origin', redirect: 'manual' });
  if (response.type === 'opaqueredirect' || response.status === 401 || response.status === 403) throw coded('login');
  if (!response.ok) throw coded('network', `${response.status}`);
  const { csrf, ...setup } = await response.json();
  await put({ setup });
  return { csrf, ...setup };
}

export async function request(url, options) {
  try {
    return await fetch(url, { cache: 'no-store', ...options });
  } catch (error) {
    throw coded('network', error);
  }
}
