// The QR code of a pass: its prefix in an alphanumeric segment, its digits in a numeric one, at level M
// (docs/protocol.md section 15.4). The vendored encoder writes one segment only; its tables and its
// drawing are used.

import { _BYTES, _ECC_BLOCKS, _WORDS_PER_BLOCK, _ALPHANUMERIC, _tests } from './vendor/qr/index.js';

const LEVEL = 'medium';
const ALPHANUMERIC_MODE = 2;
const NUMERIC_MODE = 1;
const MOST_VERSION = 26;
/** Modules of white around a code. */
const MARGIN = 4;

/** `{ size, path }`: a square of `size` modules with its margin, and the dark ones as an SVG path. */
export function pictureOf(code) {
  const matrix = matrixOf(code);
  let path = '';
  for (let y = 0; y < matrix.size; y++) {
    for (let x = 0; x < matrix.size; x++) {
      if (!_tests.matGet(matrix, x, y)) continue;
      const from = x;
      while (x + 1 < matrix.size && _tests.matGet(matrix, x + 1, y)) x += 1;
      path += `M${from + MARGIN} ${y + MARGIN}h${x + 1 - from}v1h-${x + 1 - from}z`;
    }
  }
  return { size: matrix.size + 2 * MARGIN, path };
}

function matrixOf(code) {
  const [, prefix, digits] = /^([A-Z0-9:]*:)([0-9]+)$/.exec(code) ?? [];
  if (prefix === undefined) throw new Error('this is no prefix with digits');
  for (let version = 1; version <= MOST_VERSION; version++) {
    const blocks = blocksOf(version);
    const bits = segments(prefix, digits, version);
    if (bits.length <= 8 * blocks.words) return _tests.drawSymbol(version, LEVEL, interleaved(padded(bits, blocks.words), blocks));
  }
  throw new Error('the code is too long');
}

/** How many words of data a version has, and in which blocks they stand. */
function blocksOf(version) {
  const [bytes, count, parity] = [_BYTES[version - 1], _ECC_BLOCKS[LEVEL][version - 1], _WORDS_PER_BLOCK[LEVEL][version - 1]];
  return { count, parity, words: bytes - parity * count, length: Math.floor(bytes / count) - parity, short: count - (bytes % count) };
}

function segments(prefix, digits, version) {
  const bits = [];
  const push = (value, length) => { for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  push(ALPHANUMERIC_MODE, 4);
  push(prefix.length, version < 10 ? 9 : 11);
  for (let i = 0; i < prefix.length; i += 2) {
    const [first, second] = [...prefix.slice(i, i + 2)].map((letter) => _ALPHANUMERIC.indexOf(letter));
    if (second === undefined) push(first, 6);
    else push(45 * first + second, 11);
  }
  push(NUMERIC_MODE, 4);
  push(digits.length, version < 10 ? 10 : 12);
  for (let i = 0; i < digits.length; i += 3) {
    const part = digits.slice(i, i + 3);
    push(Number(part), [0, 4, 7, 10][part.length]);
  }
  return bits;
}

function padded(bits, words) {
  const end = Math.min(bits.length + 4, 8 * words);
  const bytes = new Uint8Array(words);
  bits.forEach((bit, i) => { bytes[i >> 3] |= bit << (7 - (i & 7)); });
  for (let i = Math.ceil(end / 8), pad = 0xec; i < words; i++, pad ^= 0xec ^ 0x11) bytes[i] = pad;
  return bytes;
}

function interleaved(data, { count, parity, length, short }) {
  const blocks = [];
  for (let i = 0, at = 0; i < count; i++) {
    const end = at + length + (i < short ? 0 : 1);
    blocks.push(data.subarray(at, end));
    at = end;
  }
  const generator = generatorOf(parity);
  const checks = blocks.map((block) => _tests.rsEcc(block, generator));
  const result = [];
  for (let i = 0; i <= length; i++) for (const block of blocks) if (i < block.length) result.push(block[i]);
  for (let i = 0; i < parity; i++) for (const check of checks) result.push(check[i]);
  return Uint8Array.from(result);
}

/** The generator polynomial of so many words of parity over GF(256) with 0x11d, without its first 1. */
function generatorOf(parity) {
  let polynomial = [1];
  for (let i = 0, root = 1; i < parity; i++, root = times(root, 2)) {
    polynomial = [...polynomial, 0].map((value, k) => value ^ (k > 0 ? times(polynomial[k - 1], root) : 0));
  }
  return Uint8Array.from(polynomial.slice(1));
}

function times(a, b) {
  let product = 0;
  for (let factor = a; b > 0; b >>= 1) {
    if (b & 1) product ^= factor;
    factor = factor & 0x80 ? (factor << 1) ^ 0x11d : factor << 1;
  }
  return product;
}
