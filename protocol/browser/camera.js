// The camera of a page: square frames from the middle of its picture, one after the other. Nothing of a frame is kept.

/** Pixels of a frame's side. */
const SIDE = 720;
/** What reads codes misses some at some angles: of three frames two are turned before it sees them. */
const TURNS = [0, Math.PI / 6, Math.PI / 3];

/** The longer side of a picture that is looked at, in pixels. */
const MOST_PICTURE_SIDE = 1600;

/** `code` is `camera-none` or `camera-denied`. */
export class CameraError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Shows the camera that looks away from the person in `video`. */
export async function openCamera(video) {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('camera-none');
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    throw new CameraError(error.name === 'NotAllowedError' ? 'camera-denied' : 'camera-none');
  }
  closeCamera(video);
  video.srcObject = stream;
  await video.play();
}

export function closeCamera(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/**
 * Gives frames to `look`, each with when it was there, and `rest` milliseconds between, until it answers true or the
 * camera is closed; none while `isPaused()` or the page is not seen.
 */
export async function watchCamera(video, rest, look, isPaused = () => false) {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const stream = video.srcObject;
  for (let number = 0; stream && video.srcObject === stream; number++) {
    if (!isPaused() && !document.hidden && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const since = performance.now();
      if (await look(frameOf(video, canvas, pen, TURNS[number % TURNS.length]), since)) return;
    }
    await new Promise((resolve) => { setTimeout(resolve, rest); });
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

/** The text of the code in a frame; null for most frames. What reads it is loaded when it is needed. */
export async function codeOf(frame) {
  const { default: decodeQR } = await import('./vendor/qr/decode.js');
  try {
    return decodeQR(frame);
  } catch {
    return null;
  }
}

/** The text of the code in a picture; null where there is none. Throws for a file that is no picture. */
export async function codeOfPicture(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MOST_PICTURE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return codeOf(pen.getImageData(0, 0, canvas.width, canvas.height));
}
