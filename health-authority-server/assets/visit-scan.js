// The officer's camera reads the visits that a person shows on their screen. What it reads goes into the form; nothing
// of a frame is kept. Without a camera the same text is pasted.

import { closeCamera, codeOf, openCamera, watchCamera } from '../../protocol/browser/camera.js';
import { VISITS_PREFIX, visitsOfCode } from '../../protocol/browser/disclosure.js';
import { act, element, text } from './page.js';

const REST_MILLISECONDS = 60;

function say(id, values) {
  element('scan-said').textContent = id ? text(id, values) : '';
}

function show(isRunning) {
  element('scan').hidden = false;
  element('scan-video').hidden = !isRunning;
  element('scan-stop').hidden = !isRunning;
  element('scan-start').hidden = isRunning;
}

function end() {
  closeCamera(element('scan-video'));
  show(false);
}

async function begin() {
  const video = element('scan-video');
  try {
    await openCamera(video);
  } catch (error) {
    show(false);
    say(error.code ?? 'camera-none');
    return;
  }
  show(true);
  say('scanning');
  await watchCamera(video, REST_MILLISECONDS, async (frame) => {
    const code = await codeOf(frame);
    return code !== null && take(code);
  });
}

/** Whether `code` held visits: then it stands in the form, and they are shown. */
function take(code) {
  let visits;
  try {
    visits = visitsOfCode(code);
  } catch {
    say(code.trim().startsWith(VISITS_PREFIX) ? 'scanning' : 'other-code');
    return false;
  }
  end();
  const field = element('visits');
  field.value = [field.value.trim(), code.trim()].filter((line) => line !== '').join('\n');
  say('read', { count: visits.length });
  element('show').click();
  return true;
}

if (document.getElementById('scan')) {
  element('scan-start').hidden = false;
  act(element('scan-start'), begin);
  act(element('scan-stop'), async () => end());
}
document.documentElement.dataset.ready = 'yes';
