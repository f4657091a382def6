// Codes of passes as pictures, read back by the vendored decoder.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { pictureOf } from './code_picture.js';
import decodeQR from './vendor/qr/decode.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/pass.json', import.meta.url)));
const SCALE = 4;

/** The picture as pixels. */
function pixels({ size, path }) {
  const width = size * SCALE;
  const data = new Uint8Array(4 * width * width).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = y * SCALE; row < (Number(y) + 1) * SCALE; row++) {
      for (let column = x * SCALE; column < (Number(x) + Number(length)) * SCALE; column++) {
        data.fill(0, 4 * (row * width + column), 4 * (row * width + column) + 3);
      }
    }
  }
  return { width, height: width, data };
}

test('codes of live and printed passes are of the size that the protocol says, and are read back', () => {
  const codes = JSON.stringify(vectors).match(/VXP1:[0-9]+/g);
  const sizes = new Set();
  for (const code of codes) {
    const picture = pictureOf(code);
    sizes.add(picture.size);
    assert.equal(decodeQR(pixels(picture)), code);
  }
  // Version 6 has 41 modules, version 9 has 53; the margin is four on each side.
  assert.deepEqual([...sizes].sort(), [49, 61]);
});

test('every length up to the longest is read back', () => {
  for (let length = 1; length <= 374; length += 7) {
    const code = `VXP1:${'9012345678'.repeat(38).slice(0, length)}`;
    assert.equal(decodeQR(pixels(pictureOf(code))), code, `${length}`);
  }
});

test('what is no prefix with digits is refused', () => {
  for (const code of ['', 'VXP1:', 'VXP1:12a', '12', `VXP1:${'1'.repeat(5000)}`]) assert.throws(() => pictureOf(code), code);
});
