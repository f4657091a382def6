// Making, trying, restoring and replacing a key of one's own, as venues and officers do it: the panels of
// key_panels.html. The secret never leaves this browser; the server is told its public part, once its
// recovery was tried.

import { equal, toHex } from '../../protocol/browser/bytes.js';
import { closeCamera, codeOf, openCamera, watchCamera } from '../../protocol/browser/camera.js';
import { drawnCode, readCode } from './code-pictures.js';
import { act, data, dateText, element, focusOn, now, post, showOnly, text } from './page.js';
import { download } from './key-store.js';

const PANELS = ['key-make', 'key-begun', 'key-sheet', 'key-try', 'key-restore'];
const GOOD_CHARS = 20;
const GOOD_WORDS = 4;
const CAMERA_REST_MILLISECONDS = 60;

/**
 * Brings the panels to life: `files` makes and opens key files, `store` keeps them, `owner` is whose key is
 * begun here. `handedIn(secret, publicKey)` is what the server is sent, `readLine(line)` that of a key made elsewhere;
 * `shown(publicKey)` is how people compare a key; `here(isNew)` shows what comes after. `panels` are the page's further ones.
 */
export function keyPage({ files, store, owner, makeKeyPair, publicKeyOf, handedIn, readLine, shown, fileName, here, panels }) {
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
    const all = [...PANELS, ...panels];
    for (const form of ['try', 'restore']) endCamera(form);
    const isFirst = all.every((id) => element(id).hidden);
    showOnly(all, [panel]);
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
      store.beginKeyFile(owner, file);
      secret = made.secret;
      await showSheet();
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
      file = store.begunKeyFile(owner);
      secret = await files.openKeyFile(file, form.elements.passphrase.value, { progress: (part) => { bar.value = part; } });
      await showSheet();
    } catch (error) {
      wrong('begun-wrong', error);
    } finally {
      bar.hidden = true;
    }
  });

  act(element('begun-drop'), () => {
    store.dropBegun(owner);
    open('key-make');
  });

  async function showSheet() {
    const code = files.recoveryCode(secret);
    element('code').replaceChildren(...code.split('-').map((block, index) => {
      const item = document.createElement('li');
      item.textContent = block;
      item.value = index + 1;
      return item;
    }));
    element('sheet-qr').replaceChildren(await drawnCode(code));
    element('sheet-key').textContent = shown(publicKeyOf(secret));
    element('sheet-date').textContent = dateText(now());
    open('key-sheet');
  }

  act(element('sheet-print'), () => print());
  act(element('sheet-file'), () => saveFile());
  act(element('sheet-done'), () => {
    element('code').replaceChildren();
    element('sheet-qr').replaceChildren();
    open('key-try');
  });
  act(element('try-back'), showSheet);

  for (const form of ['try', 'restore']) {
    const field = element(`${form}-code`);
    field.addEventListener('input', () => sayBlocks(form, field.value));
    element(`${form}-picture`).addEventListener('change', async (event) => {
      wrong(`${form}-wrong`, null);
      try {
        field.value = await readCode(event.target.files[0]);
        sayBlocks(form, field.value);
      } catch {
        wrong(`${form}-wrong`, { code: 'code-no-picture' });
      }
      event.target.value = '';
    });
    act(element(`${form}-camera-start`), () => scan(form));
    act(element(`${form}-camera-stop`), () => endCamera(form));
  }

  /** The printed code before the camera; whole codes only, and nothing of a frame is kept. */
  async function scan(form) {
    const video = element(`${form}-video`);
    wrong(`${form}-wrong`, null);
    try {
      await openCamera(video);
    } catch (error) {
      wrong(`${form}-wrong`, { code: error.code ?? 'camera-none' });
      return;
    }
    showCamera(form, true);
    element(`${form}-camera-said`).textContent = text('camera-reading');
    await watchCamera(video, CAMERA_REST_MILLISECONDS, async (frame) => {
      const code = await codeOf(frame);
      if (code === null) return false;
      const { whole, isOld } = files.typedBlocks(code);
      if (!whole && !isOld) {
        element(`${form}-camera-said`).textContent = text('camera-other');
        return false;
      }
      element(`${form}-code`).value = code;
      sayBlocks(form, code);
      endCamera(form);
      element(`${form}-code`).focus();
      return true;
    });
  }

  function showCamera(form, isRunning) {
    element(`${form}-camera`).hidden = !isRunning;
    element(`${form}-camera-start`).hidden = isRunning;
  }

  function endCamera(form) {
    closeCamera(element(`${form}-video`));
    showCamera(form, false);
  }

  /** While a code is typed: which blocks are right, and which is not. */
  function sayBlocks(form, typed) {
    const { isOld, right, wrong: bad, whole } = files.typedBlocks(typed);
    const said = () => {
      if (isOld || !typed.trim()) return '';
      if (bad.length) return text('blocks-wrong', { groups: bad.join(', ') });
      return whole ? text('blocks-all') : text('blocks-right', { count: right.length, expected: files.BLOCKS });
    };
    const place = element(`${form}-blocks`);
    place.textContent = said();
    place.classList.toggle('error', bad.length > 0);
    place.hidden = !place.textContent;
  }

  act(element('try-form'), async () => {
    wrong('try-wrong', null);
    let restored;
    try {
      restored = files.secretOfRecoveryCode(element('try-form').elements.code.value);
      const publicKey = publicKeyOf(restored);
      if (!equal(publicKey, files.readKeyFile(file).publicKey)) {
        throw new files.KeyFileError('code-other-key', 'the code is of another key');
      }
      await post(data.keyPath, handedIn(restored, publicKey));
      data.publicKey = toHex(publicKey);
      store.keepKeyFile(data.publicKey, file);
      store.dropBegun(owner);
      forgetSecret();
      element('try-form').reset();
      sayBlocks('try', '');
      here(true);
    } catch (error) {
      wrong('try-wrong', error);
    } finally {
      restored?.fill(0);
    }
  });

  // A key made by the command line: what that printed for the server.
  act(element('foreign-form'), async () => {
    wrong('foreign-wrong', null);
    try {
      const line = readLine(element('foreign-form').elements.line.value.trim());
      if (!line) throw new files.KeyFileError('not-a-line', 'this is not the line');
      await post(data.keyPath, line);
      data.publicKey = line.publicKey;
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
    here(false);
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
      sayBlocks('restore', '');
    } catch (error) {
      wrong('restore-wrong', error);
    } finally {
      restored?.fill(0);
    }
  });

  function saveFile() {
    file = file ?? store.keyFile(data.publicKey);
    download(fileName(files.readKeyFile(file).publicKey), file);
  }

  for (const button of document.querySelectorAll('[data-remake]')) {
    act(button, () => {
      if (!confirm(text('remake-sure'))) return;
      open('key-make');
    });
  }

  addEventListener('beforeunload', (event) => {
    if (secret) event.preventDefault();
  });

  return {
    open,
    saveFile,
    /** Shows the panel that this browser is at. */
    start() {
      const isHere = data.publicKey && store.keyFile(data.publicKey);
      if (store.begunKeyFile(owner)) open('key-begun');
      else if (!data.publicKey) open('key-make');
      else if (isHere) here(false);
      else open('key-restore');
    },
  };
}
