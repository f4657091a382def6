// The camera of a door: its frames, one after the other, to the worker, which looks for a code in them. Nothing of a
// frame is kept.

import { closeCamera, openCamera, watchCamera } from '../../protocol/browser/camera.js';
import { act, element, text } from './page.js';
import { run } from './venue-door-run.js';

const REST_MILLISECONDS = 40;

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

/** `judged` is called with what the worker said of a frame, and when that frame was there; `options` are the task's. */
export function startCamera(judged, options) {
  const video = element('video');

  async function look(frame, since) {
    const { data, width, height } = frame;
    try {
      const said = await run('frame', { data, width, height, ...options() }, [data.buffer]);
      if (said.verdict) await judged(said, since);
    } catch (error) {
      console.error(error);
    }
    return false;
  }
  act(element('camera-start'), async () => {
    wrong(null);
    try {
      await openCamera(video);
    } catch (error) {
      wrong(error.code ?? 'camera-none');
      return;
    }
    showRunning(true);
    watchCamera(video, REST_MILLISECONDS, look, () => !isWatched);
  });
  act(element('camera-stop'), async () => {
    closeCamera(video);
    showRunning(false);
  });
}

/** Frames are looked at only while the door is shown. */
export function watchWhile(isShown) {
  isWatched = isShown;
}
