// Compares what can read codes from a camera's frames: the vendored `qr` and, where it is installed, zxing-wasm
// (`npm install --no-save zxing-wasm` in the folder that VUNGXANH_ZXING names). Frames of live and printed passes are
// drawn here: small, blurred, dark, tilted, and all at once. Prints how many of each were read and how long a frame took.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { toCode } from '../code.js';
import encodeQR from '../vendor/qr/index.js';
import decodeQR from '../vendor/qr/decode.js';

const SIDE = 720;
const EACH = 40;
const QUIET = 4;
/** Bytes of a live pass as it is shown, and of a printed one. */
const KINDS = { live: 153, printed: 85 };
/** Pixels a module, blur (sigma in pixels), light, noise, tilt (degrees), turn (degrees). */
const CONDITIONS = {
  plain: { module: 7, blur: 0.6, light: 1, noise: 4, tilt: 0, turn: 0 },
  turned: { module: 7, blur: 0.6, light: 1, noise: 4, tilt: 0, turn: 180 },
  small: { module: 2.6, blur: 0.5, light: 1, noise: 4, tilt: 0, turn: 15 },
  'very small': { module: 2, blur: 0.5, light: 1, noise: 4, tilt: 0, turn: 15 },
  blurred: { module: 7, blur: 3, light: 1, noise: 4, tilt: 0, turn: 10 },
  'very blurred': { module: 7, blur: 3.5, light: 1, noise: 4, tilt: 0, turn: 10 },
  dark: { module: 6, blur: 0.8, light: 0.15, noise: 8, tilt: 0, turn: 10 },
  'very dark': { module: 6, blur: 0.8, light: 0.11, noise: 8, tilt: 0, turn: 10 },
  tilted: { module: 7, blur: 0.8, light: 1, noise: 4, tilt: 35, turn: 20 },
  'much tilted': { module: 7, blur: 0.8, light: 1, noise: 4, tilt: 50, turn: 20 },
  'all a little': { module: 5, blur: 1.2, light: 0.4, noise: 8, tilt: 25, turn: 25 },
  'in a hand': null,
};

/** As people hold a code before a camera: anything of it. */
function held(next) {
  const between = (low, high) => low + (high - low) * next();
  return { module: between(3, 8), blur: between(0.5, 2), light: between(0.25, 1), noise: between(2, 8), tilt: between(0, 35), turn: between(0, 360) };
}

/** Numbers in 0..1 from a seed (mulberry32), so that each run draws the same frames. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A frame: the code on grey paper before a wall with edges, seen by a camera of 60 degrees. */
function draw(code, { module, blur, light, noise, tilt, turn }, next) {
  const rows = encodeQR(code, 'raw', { ecc: 'medium', border: QUIET });
  const size = rows.length * module;
  const [a, b] = [((tilt + (next() - 0.5) * 4) * Math.PI) / 180, ((turn + (next() - 0.5) * 8) * Math.PI) / 180];
  const distance = SIDE;
  const [left, top] = [SIDE / 2 + (next() - 0.5) * 60, SIDE / 2 + (next() - 0.5) * 60];
  const gray = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      // From the picture back to the sheet, which is turned, then tilted about a horizontal line.
      const [u, v] = [x - left, y - top];
      const depth = distance / (distance * Math.cos(a) - v * Math.sin(a));
      const [px, py] = [u * (1 + (v * depth * Math.sin(a)) / distance), v * depth];
      const [sx, sy] = [px * Math.cos(b) + py * Math.sin(b) + size / 2, -px * Math.sin(b) + py * Math.cos(b) + size / 2];
      const [column, row] = [Math.floor(sx / module), Math.floor(sy / module)];
      const inside = row >= 0 && column >= 0 && row < rows.length && column < rows.length;
      if (inside) gray[y * SIDE + x] = rows[row][column] ? 25 : 230;
      else gray[y * SIDE + x] = 90 + 60 * (((x >> 6) + (y >> 5)) & 1);
    }
  }
  const soft = blurred(blurred(gray, blur, 1), blur, SIDE);
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let i = 0; i < soft.length; i++) {
    const shade = 0.75 + 0.25 * ((i % SIDE) / SIDE);
    const value = soft[i] * light * shade + (next() + next() + next() - 1.5) * noise;
    data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = value;
    data[4 * i + 3] = 255;
  }
  return { data, width: SIDE, height: SIDE };
}

function blurred(from, sigma, step) {
  const reach = Math.ceil(sigma * 3);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((all, one) => all + one, 0);
  const to = new Float32Array(from.length);
  for (let i = 0; i < from.length; i++) {
    const place = step === 1 ? i % SIDE : Math.floor(i / SIDE);
    let value = 0;
    for (let k = -reach; k <= reach; k++) value += weights[k + reach] * from[i + (Math.max(0, Math.min(SIDE - 1, place + k)) - place) * step];
    to[i] = value / sum;
  }
  return to;
}

const own = (options) => async (frame) => {
  try {
    return decodeQR(frame, options);
  } catch {
    return null;
  }
};
/** The page turns every second and third frame while it draws it: a code at an angle that is missed is read in the next. */
const inTurn = async (frame) => await own({})(frame) ?? await own({})(turned(frame, 30)) ?? own({})(turned(frame, 60));
const readers = { qr: own({}), 'qr, of three frames, two of them turned': inTurn };

function turned({ data, width, height }, degrees) {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const to = new Uint8ClampedArray(data.length).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x - width / 2, y - height / 2];
      const [sx, sy] = [u * cosine + v * sine + width / 2, v * cosine - u * sine + height / 2];
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
      const at = (column, row) => data[4 * ((top + row) * width + left + column)];
      const [right, down] = [sx - left, sy - top];
      const value = (at(0, 0) * (1 - right) + at(1, 0) * right) * (1 - down) + (at(0, 1) * (1 - right) + at(1, 1) * right) * down;
      const place = 4 * (y * width + x);
      to[place] = to[place + 1] = to[place + 2] = value;
    }
  }
  return { data: to, width, height };
}
if (process.env.VUNGXANH_ZXING) {
  const folder = join(process.env.VUNGXANH_ZXING, 'node_modules/zxing-wasm/dist');
  const { prepareZXingModule, readBarcodes } = await import(pathToFileURL(join(folder, 'es/reader/index.js')));
  await prepareZXingModule({ overrides: { wasmBinary: await readFile(join(folder, 'reader/zxing_reader.wasm')) }, fireImmediately: true });
  readers['zxing-wasm'] = async (frame) => {
    const [found] = await readBarcodes(frame, { formats: ['QRCode'], tryHarder: true, tryInvert: false, maxNumberOfSymbols: 1 });
    return found?.text ?? null;
  };
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const empty = { milliseconds: Object.fromEntries(Object.keys(readers).map((name) => [name, []])) };
for (const [kind, length] of Object.entries(KINDS)) {
  for (const [condition, values] of Object.entries(CONDITIONS)) {
    const next = random(length * 1000 + condition.length);
    const counts = Object.fromEntries(Object.keys(readers).map((name) => [name, { read: 0, wrong: 0, took: [] }]));
    for (let i = 0; i < EACH; i++) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at === 0 ? 1 : Math.floor(next() * 256)));
      const code = toCode('VXP1:', bytes);
      const shown = values ?? held(next);
      const frame = draw(code, shown, next);
      const nothing = i % 8 === 0 ? draw('1', { ...shown, module: 0.01 }, next) : null;
      for (const [name, read] of Object.entries(readers)) {
        const start = performance.now();
        const text = await read(frame);
        counts[name].took.push(performance.now() - start);
        if (text === code) counts[name].read += 1;
        else if (text) counts[name].wrong += 1;
        if (nothing) {
          const begin = performance.now();
          await read(nothing);
          empty.milliseconds[name].push(performance.now() - begin);
        }
      }
    }
    for (const [name, { read, wrong, took }] of Object.entries(counts)) {
      took.sort((one, other) => one - other);
      console.log(`${kind}, ${condition}: ${name} read ${read} of ${EACH}${wrong ? `, ${wrong} wrong` : ''}; ${quantile(took, 0.5).toFixed(1)} ms, at most ${took.at(-1).toFixed(1)} ms`);
    }
  }
}
for (const [name, took] of Object.entries(empty.milliseconds)) {
  took.sort((one, other) => one - other);
  console.log(`no code: ${name} ${quantile(took, 0.5).toFixed(1)} ms, at most ${took.at(-1).toFixed(1)} ms`);
}
