// The venue's key page: make a key, try its recovery, and only then tell the server its public
// part; restore it; compare it with a poster's. The secret never leaves this browser.

import { equal, fromHex, toHex } from '../../protocol/browser/bytes.js';
import * as files from '../../protocol/browser/keyfile.js';
import { readPoster } from '../../protocol/browser/poster.js';
import { payloadOfUrl } from '../../protocol/browser/poster_url.js';
import { makeKeyPair, proofOfPossession, publicKeyOf } from '../../protocol/browser/venue.js';
import { act, data, dateText, element, focusOn, now, post, showOnly, text } from './page.js';
import * as store from './venue-store.js';

const PANELS = ['key-make', 'key-begun', 'key-sheet', 'key-try', 'key-here', 'key-restore'];
const GOOD_CHARS = 20;
const GOOD_WORDS = 4;
const MAX_PICTURE_SIDE = 1600;

let secret = null;
let file = null;

function forgetSecret() {
  secret?.fill(0);
  secret = null;
  element('code').textContent = '';
  for (const field of document.querySelectorAll('input[type=password]')) field.value = '';
}

function wrong(id, error) {
  const place = element(id);
  place.hidden = !error;
  if (error) place.textContent = error.code ? text(error.code, error.details) : error.message;
}

function open(panel) {
  const isFirst = PANELS.every((id) => element(id).hidden);
  showOnly(PANELS, [panel]);
  document.body.classList.toggle('printable', panel === 'key-sheet');
  element(panel).scrollIntoView({ block: 'start' });
  if (!isFirst) focusOn(panel);
}

/** A form's two passphrases, if they are the same. */
function newPassphrase(form) {
  const { passphrase, again } = form.elements;
  if (passphrase.value.normalize('NFC') !== again.value.normalize('NFC')) {
    throw new files.KeyFileError('passphrases-differ', 'the passphrases differ');
  }
  return passphrase.value;
}

async function sealed(form, bytes) {
  const bar = form.querySelector('progress');
  bar.hidden = false;
  try {
    return await files.sealKeyFile(bytes, newPassphrase(form), { progress: (part) => { bar.value = part; } });
  } finally {
    bar.hidden = true;
  }
}

function strength(value) {
  const characters = [...value.normalize('NFC')].length;
  const words = value.trim().split(/[\s,.;-]+/).filter((word) => word.length > 1).length;
  if (characters < files.MIN_PASSPHRASE_CHARS) return { level: 0, id: 'strength-short' };
  const repeated = new Set(value.toLowerCase()).size < 8;
  if (repeated || characters < GOOD_CHARS || words < GOOD_WORDS) return { level: 1, id: 'strength-weak' };
  return { level: 2, id: 'strength-good' };
}

for (const form of document.querySelectorAll('form[data-new-passphrase]')) {
  form.elements.passphrase.addEventListener('input', () => {
    const { level, id } = strength(form.elements.passphrase.value);
    form.querySelector('meter').value = level;
    form.querySelector('.strength').textContent = text(id, { count: files.MIN_PASSPHRASE_CHARS });
  });
}

act(element('make-form'), async () => {
  wrong('make-wrong', null);
  try {
    const made = makeKeyPair();
    file = await sealed(element('make-form'), made.secret);
    store.beginKeyFile(data.venue, file);
    secret = made.secret;
    showSheet();
  } catch (error) {
    wrong('make-wrong', error);
  }
});

act(element('begun-form'), async () => {
  const form = element('begun-form');
  const bar = form.querySelector('progress');
  wrong('begun-wrong', null);
  bar.hidden = false;
  try {
    file = store.begunKeyFile(data.venue);
    secret = await files.openKeyFile(file, form.elements.passphrase.value, { progress: (part) => { bar.value = part; } });
    showSheet();
  } catch (error) {
    wrong('begun-wrong', error);
  } finally {
    bar.hidden = true;
  }
});

act(element('begun-drop'), () => {
  store.dropBegun(data.venue);
  open('key-make');
});

function showSheet() {
  const groups = files.recoveryCode(secret).split('-');
  element('code').replaceChildren(...groups.map((group, index) => {
    const item = document.createElement('li');
    item.textContent = group;
    item.value = index + 1;
    return item;
  }));
  element('sheet-key').textContent = shortKey(publicKeyOf(secret));
  element('sheet-date').textContent = dateText(now());
  open('key-sheet');
}

act(element('sheet-print'), () => print());
act(element('sheet-file'), () => store.download(fileName(), file));
act(element('sheet-done'), () => {
  element('code').replaceChildren();
  open('key-try');
});
act(element('try-back'), showSheet);

act(element('try-form'), async () => {
  const typed = element('try-form').elements.code.value;
  wrong('try-wrong', null);
  let restored;
  try {
    restored = files.secretOfRecoveryCode(typed);
  } catch (error) {
    const groups = secret ? files.differingGroups(typed, files.recoveryCode(secret)) : [];
    wrong('try-wrong', error.code === 'code-checksum' && groups.length
      ? { code: 'code-groups', details: { groups: groups.join(', ') } } : error);
    return;
  }
  try {
    const publicKey = publicKeyOf(restored);
    if (!equal(publicKey, files.readKeyFile(file).publicKey)) {
      throw new files.KeyFileError('code-other-key', 'the code is of another key');
    }
    await post(data.keyPath, { publicKey: toHex(publicKey), proof: toHex(proofOfPossession(restored)) });
    data.publicKey = toHex(publicKey);
    store.keepKeyFile(data.publicKey, file);
    store.dropBegun(data.venue);
    forgetSecret();
    element('try-form').reset();
    showHere(true);
  } catch (error) {
    wrong('try-wrong', error);
  } finally {
    restored.fill(0);
  }
});

// A key made by the command line: its public part and proof, as `venue keygen` prints them.
act(element('foreign-form'), async () => {
  wrong('foreign-wrong', null);
  try {
    const [publicKey, proof, more] = element('foreign-form').elements.line.value.trim().split(':');
    try {
      fromHex(publicKey, 48);
      fromHex(proof, 96);
    } catch {
      throw new files.KeyFileError('not-a-line', 'this is not the line');
    }
    if (more !== undefined) throw new files.KeyFileError('not-a-line', 'this is not the line');
    await post(data.keyPath, { publicKey, proof });
    data.publicKey = publicKey.toLowerCase();
    open('key-restore');
  } catch (error) {
    wrong('foreign-wrong', error);
  }
});

/** Keeps a key file here if it is of the registered key. */
function take(textOfFile) {
  if (toHex(files.readKeyFile(textOfFile).publicKey) !== data.publicKey) {
    throw new files.KeyFileError('code-other-key', 'the file is of another key');
  }
  store.keepKeyFile(data.publicKey, textOfFile);
  showHere(false);
}

element('restore-file').addEventListener('change', async (event) => {
  wrong('restore-wrong', null);
  try {
    const [chosen] = event.target.files;
    if (chosen.size > 65_536) throw new files.KeyFileError('too-long', 'the file is too long');
    take(await chosen.text());
  } catch (error) {
    wrong('restore-wrong', error);
  }
});

act(element('restore-form'), async () => {
  wrong('restore-wrong', null);
  let restored;
  try {
    restored = files.secretOfRecoveryCode(element('restore-form').elements.code.value);
    if (toHex(publicKeyOf(restored)) !== data.publicKey) {
      throw new files.KeyFileError('code-other-key', 'the code is of another key');
    }
    take(await sealed(element('restore-form'), restored));
    element('restore-form').reset();
  } catch (error) {
    wrong('restore-wrong', error);
  } finally {
    restored?.fill(0);
  }
});

function showHere(isNew) {
  element('here-new').hidden = !isNew;
  element('here-key').textContent = shortKey(fromHex(data.publicKey, 48));
  open('key-here');
}

act(element('here-file'), () => {
  file = store.keyFile(data.publicKey);
  store.download(fileName(), file);
});

for (const button of document.querySelectorAll('[data-remake]')) {
  act(button, () => {
    if (!confirm(text('remake-sure'))) return;
    open('key-make');
  });
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

async function readCode(picture) {
  const bitmap = await createImageBitmap(picture);
  if ('BarcodeDetector' in globalThis) {
    try {
      const found = await new BarcodeDetector({ formats: ['qr_code'] }).detect(bitmap);
      if (found.length) return found[0].rawValue;
    } catch {
      // Not every browser that has it can read these codes.
    }
  }
  const scale = Math.min(1, MAX_PICTURE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const drawing = canvas.getContext('2d');
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { default: decodeQR } = await import('../../protocol/browser/vendor/qr/decode.js');
  return decodeQR(drawing.getImageData(0, 0, canvas.width, canvas.height));
}

function shortKey(publicKey) {
  return toHex(publicKey.subarray(0, 8));
}

function fileName() {
  const { publicKey } = files.readKeyFile(file ?? store.keyFile(data.publicKey));
  return `vungxanh-venue-key-${shortKey(publicKey)}.json`;
}

function start() {
  const isHere = data.publicKey && store.keyFile(data.publicKey);
  if (store.begunKeyFile(data.venue)) open('key-begun');
  else if (!data.publicKey) open('key-make');
  else if (isHere) showHere(false);
  else open('key-restore');
}

addEventListener('beforeunload', (event) => {
  if (secret) event.preventDefault();
});
start();
