// The officer's camera reads the visits that a person shows on their screen. What it reads goes into the form; nothing
// of a frame is kept. Without a camera the same text is pasted.

import { VISITS_PREFIX, visitsOfCode } from '../../protocol/browser/disclosure.js';
import { act, element, text } from './page.js';

/** The middle of the picture is looked at, as a square of so many pixels. */
const SIDE = 720;
const REST_MILLISECONDS = 60;
/** What reads codes misses some at some angles. */
const TURNS = [0, Math.PI / 6, Math.PI / 3];

let stream = null;

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
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  element('scan-video').srcObject = null;
  show(false);
}

async function begin() {
  if (!navigator.mediaDevices?.getUserMedia) {
    show(false);
    say('camera-none');
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    show(false);
    say(error.name === 'NotAllowedError' ? 'camera-denied' : 'camera-none');
    return;
  }
  const video = element('scan-video');
  video.srcObject = stream;
  show(true);
  say('scanning');
  await video.play();
  await watch(video);
}

async function watch(video) {
  const { default: decodeQR } = await import('../../protocol/browser/vendor/qr/decode.js');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  for (let number = 0; stream; number++) {
    if (!document.hidden && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const frame = frameOf(video, canvas, pen, TURNS[number % TURNS.length]);
      let code = null;
      try {
        code = decodeQR(frame);
      } catch {
        // Most frames hold no code.
      }
      if (code !== null && take(code)) return;
    }
    await new Promise((resolve) => { setTimeout(resolve, REST_MILLISECONDS); });
  }
}

function frameOf(video, canvas, pen, turn) {
  const square = Math.min(video.videoWidth, video.videoHeight);
  const side = Math.min(SIDE, square);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const half = side / 2;
  pen.setTransform(1, 0, 0, 1, half, half);
  pen.rotate(turn);
  pen.drawImage(video, (video.videoWidth - square) / 2, (video.videoHeight - square) / 2, square, square, -half, -half, side, side);
  return pen.getImageData(0, 0, side, side);
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
