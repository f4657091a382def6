// What a door sounds like: two tones up for in, two down for out, a long low one for no.

const SOUNDS = {
  in: [[880, 0, 0.12], [1320, 0.13, 0.22]],
  out: [[1320, 0, 0.12], [880, 0.13, 0.22]],
  no: [[196, 0, 0.55]],
};
const SHAKES = { in: [60], out: [60, 60, 60], no: [400] };
const VOLUME = 0.4;
let context = null;

/** Browsers let a page sound after somebody has touched it. */
export function allowSound() {
  if (!globalThis.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === 'suspended') context.resume().catch(() => {});
}

/** `kind`: in, out, no. */
export function sound(kind) {
  navigator.vibrate?.(SHAKES[kind]);
  if (context?.state !== 'running') return;
  for (const [frequency, after, seconds] of SOUNDS[kind]) {
    const [tone, loudness] = [context.createOscillator(), context.createGain()];
    tone.type = kind === 'no' ? 'square' : 'sine';
    tone.frequency.value = frequency;
    const [start, end] = [context.currentTime + after, context.currentTime + after + seconds];
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(VOLUME, start + 0.01);
    loudness.gain.setValueAtTime(VOLUME, end - 0.03);
    loudness.gain.linearRampToValueAtTime(0, end);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(end);
  }
}
