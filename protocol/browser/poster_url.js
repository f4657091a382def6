// The address that a poster's code holds: docs/protocol.md section 14.2.

import { toBase64 } from './bytes.js';
import { fromCode } from './code.js';

/** The longest address of a poster, in characters. */
export const MAX_URL_CHARACTERS = 1536;
const LEAST_PAYLOAD_BYTES = 139;
const VERSION = 1;
const MAX_SHOWN_BYTES = 514;

/** The URL of a poster's payload or a display's code, in base64url: for links. */
export function urlOf(authorityUrl, bytes) {
  const fragment = toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${authorityUrl.replace(/\/+$/, '')}/v#${fragment}`;
}

/** The payload in a poster's URL. Its signature is checked at check-in. */
export function payloadOfUrl(url) {
  const [base, fragment] = url.split('#');
  if (url.length > MAX_URL_CHARACTERS || !fragment || !base.endsWith('/v')) {
    throw new Error('this is no URL of a poster');
  }
  const payload = /^[0-9]+$/.test(fragment) ? fromCode('the poster', '', fragment, MAX_SHOWN_BYTES) : fromBase64Url(fragment);
  if (payload.length < LEAST_PAYLOAD_BYTES || payload[0] !== VERSION) {
    throw new Error('this program does not know this kind of poster');
  }
  return payload;
}

function fromBase64Url(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Error('this is no URL of a poster');
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')),
    (character) => character.charCodeAt(0));
}
