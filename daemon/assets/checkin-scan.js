// The camera of the person's own page: reads the code of a poster or a screen at a door, puts its text into the form, and
// sends the form. Without it, the text is pasted.

import { CameraError, closeCamera, codeOf, codeOfPicture, openCamera, watchCamera } from '../../protocol/browser/camera.js';
import { payloadOfUrl } from '../../protocol/browser/poster_url.js';

const REST_MILLISECONDS = 60;

const scan = document.getElementById('scan');
const field = document.getElementById('poster');
const video = document.getElementById('scan-video');
const start = document.getElementById('scan-start');
const stop = document.getElementById('scan-stop');
const picture = document.getElementById('scan-picture');

/** Says one of the texts that the page carries; none: says nothing. */
function say(name) {
  const said = document.getElementById('scan-said');
  said.textContent = name ? scan.dataset[name] : '';
  said.className = ['aim', 'read'].includes(name) ? '' : 'error';
}

function show(isOn) {
  video.hidden = stop.hidden = !isOn;
  start.hidden = isOn;
}

/** Whether `code` is that of a poster or a screen: then the form is sent. Whether it is true, the daemon decides. */
function take(code) {
  try {
    payloadOfUrl(code.trim());
  } catch {
    say('other');
    return false;
  }
  end();
  field.value = code.trim();
  say('read');
  field.form.requestSubmit();
  return true;
}

function end() {
  closeCamera(video);
  show(false);
}

async function begin() {
  start.disabled = true;
  try {
    await openCamera(video);
  } catch (error) {
    end();
    say(error instanceof CameraError && error.code === 'camera-denied' ? 'denied' : 'none');
    return;
  } finally {
    start.disabled = false;
  }
  show(true);
  say('aim');
  stop.focus();
  await watchCamera(video, REST_MILLISECONDS, async (frame) => {
    const code = await codeOf(frame);
    return code !== null && take(code);
  });
}

async function read() {
  const [file] = picture.files;
  if (!file) return;
  end();
  say('');
  let code = null;
  try {
    code = await codeOfPicture(file);
  } catch {
    say('noPicture');
    return;
  }
  if (code === null) say('noCode');
  else take(code);
}

start.addEventListener('click', begin);
stop.addEventListener('click', () => {
  end();
  say('');
  start.focus();
});
picture.addEventListener('change', read);
// Another page, and back again: the camera is off.
globalThis.addEventListener('pagehide', end);
scan.hidden = false;
document.documentElement.dataset.ready = 'yes';
