// The camera of a door: its frames, one after the other, to the worker, which looks for a code in them. Nothing of a
// frame is kept.

import { act, element, text } from './page.js';
import { run } from './venue-door-run.js';

/** The middle of the picture is looked at, as a square of so many pixels. */
const SIDE = 720;
const REST_MILLISECONDS = 40;
/** What reads codes misses some at some angles: of three frames two are turned before it sees them. */
const TURNS = [0, Math.PI / 6, Math.PI / 3];

let stream = null;
let isWatched = false;

function wrong(id) {
  element('camera-wrong').textContent = id ? text(id) : '';
  element('camera-wrong').hidden = !id;
}

function showRunning(isRunning) {
  element('video').hidden = !isRunning;
  element('camera-stop').hidden = !isRunning;
  element('camera-start').hidden = isRunning;
}

async function begin() {
  wrong(null);
  if (!navigator.mediaDevices?.getUserMedia) {
    wrong('camera-none');
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    wrong(error.name === 'NotAllowedError' ? 'camera-denied' : 'camera-none');
    return;
  }
  const video = element('video');
  video.srcObject = stream;
  showRunning(true);
  await video.play();
}

function end() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  element('video').srcObject = null;
  showRunning(false);
}

/** `judged` is called with what the worker said of a frame, and when that frame was there; `options` are the task's. */
export function startCamera(judged, options) {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const video = element('video');
  const rest = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

  async function watch() {
    for (let number = 0; stream; number++) {
      if (isWatched && !document.hidden && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
        const since = performance.now();
        const square = Math.min(video.videoWidth, video.videoHeight);
        const side = Math.min(SIDE, square);
        if (canvas.width !== side) canvas.width = canvas.height = side;
        pen.setTransform(1, 0, 0, 1, side / 2, side / 2);
        pen.rotate(TURNS[number % TURNS.length]);
        const half = side / 2;
        pen.drawImage(video, (video.videoWidth - square) / 2, (video.videoHeight - square) / 2, square, square, -half, -half, side, side);
        const { data, width, height } = pen.getImageData(0, 0, side, side);
        try {
          const said = await run('frame', { data, width, height, ...options() }, [data.buffer]);
          if (said.verdict) await judged(said, since);
        } catch (error) {
          console.error(error);
        }
      }
      await rest(REST_MILLISECONDS);
    }
  }
  act(element('camera-start'), async () => {
    await begin();
    if (stream) watch();
  });
  act(element('camera-stop'), async () => end());
}

/** Frames are looked at only while the door is shown. */
export function watchWhile(isShown) {
  isWatched = isShown;
}
