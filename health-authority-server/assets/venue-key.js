// The venue's key page: make a key, try its recovery, and only then tell the server its public
// part; restore it; compare it with a poster's. The secret never leaves this browser.

import { equal, fromHex, toHex } from '../../protocol/browser/bytes.js';
import * as files from '../../protocol/browser/keyfile.js';
import { readPoster } from '../../protocol/browser/poster.js';
import { payloadOfUrl } from '../../protocol/browser/poster_url.js';
import { makeKeyPair, proofOfPossession, publicKeyOf } from '../../protocol/browser/venue.js';
import { readCode } from './code-pictures.js';
import { keyPage } from './key-page.js';
import { act, data, element, text } from './page.js';
import * as store from './venue-store.js';

const keys = keyPage({
  files,
  store,
  owner: data.venue,
  makeKeyPair,
  publicKeyOf,
  handedIn: (secret, publicKey) => ({ publicKey: toHex(publicKey), proof: toHex(proofOfPossession(secret)) }),
  readLine,
  shown: shortKey,
  fileName: (publicKey) => `vungxanh-venue-key-${shortKey(publicKey)}.json`,
  here(isNew) {
    element('here-new').hidden = !isNew;
    element('here-key').textContent = shortKey(fromHex(data.publicKey, 48));
    keys.open('key-here');
  },
  panels: ['key-here'],
});

act(element('here-file'), keys.saveFile);

/** What `venue keygen` prints: public key and proof. */
function readLine(line) {
  const [publicKey, proof, more] = line.split(':');
  try {
    fromHex(publicKey, 48);
    fromHex(proof, 96);
  } catch {
    return null;
  }
  return more === undefined ? { publicKey: publicKey.toLowerCase(), proof } : null;
}

// The poster is compared with the key in this browser, never with what the server says.
act(element('check-form'), () => check(() => payloadOfUrl(element('check-form').elements.url.value.trim())));
element('check-picture').addEventListener('change', (event) => check(async () => {
  const [picture] = event.target.files;
  return payloadOfUrl(await readCode(picture));
}));

async function check(payloadOf) {
  const answer = element('check-answer');
  let id;
  let values = {};
  try {
    const poster = readPoster(await payloadOf());
    const own = files.readKeyFile(store.keyFile(data.publicKey)).publicKey;
    id = equal(poster.venueKey, own) ? 'check-own' : 'check-foreign';
    values = { venue: poster.name, unit: poster.unit };
  } catch {
    id = 'check-unreadable';
  }
  answer.textContent = text(id, values);
  answer.className = id === 'check-own' ? 'good' : 'problem';
  answer.hidden = false;
}

function shortKey(publicKey) {
  return toHex(publicKey.subarray(0, 8));
}

keys.start();
