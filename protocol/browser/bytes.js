// Bytes, hexadecimal, base64 and secrets: what the browser's modules share.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Characters that steer instead of being read: controls, separators of lines, marks of direction. */
export const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** UTF-8 of a text. */
export function utf8(text) {
  return encoder.encode(text);
}

/** Text of UTF-8; throws when it is none. */
export function fromUtf8(bytes) {
  return decoder.decode(bytes);
}

/** All parts one after the other. */
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether both are the same bytes. Not for comparing secrets. */
export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** `length` bytes from the browser's cryptographic generator. */
export function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Four bytes, big-endian. */
export function u32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** The big-endian number in four bytes. */
export function readU32(bytes, at = 0) {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

/** Lower-case hexadecimal. */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes of exactly `length` from hexadecimal; throws otherwise. */
export function fromHex(text, length) {
  if (typeof text !== 'string' || text.length !== 2 * length || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new Error(`this is no hexadecimal of ${length} bytes`);
  }
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Standard base64, padded. */
export function toBase64(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Bytes of canonical standard base64; throws otherwise. */
export function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new Error('this is no canonical base64');
  return bytes;
}

/** Two bytes, big-endian. */
export function u16(number) {
  return Uint8Array.of(number >> 8, number & 0xff);
}

/** The number in `bytes`, big-endian, of any length. */
export function toNumber(bytes) {
  return BigInt(`0x${toHex(bytes) || '0'}`);
}

/** `length` bytes, big-endian, of a number that fits. */
export function ofNumber(number, length) {
  return fromHex(number.toString(16).padStart(2 * length, '0'), length);
}
