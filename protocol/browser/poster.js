// Posters and displays in the browser: docs/protocol.md sections 14.2 and 14.10. Errors have a `code`,
// by which pages choose their words.

import { ed25519 } from './vendor/noble/curves/ed25519.js';
import { expand, extract } from './vendor/noble/hashes/hkdf.js';
import { sha256 } from './vendor/noble/hashes/sha2.js';
import {
  STEERING, concat, equal, fromBase64, fromUtf8, random, readU32, u32, utf8,
} from './bytes.js';

/** For how many hours a scan of a display counts, that of the scan included. */
export const DISPLAY_HOURS = 4;
/** How long after its hour the code of a display is still accepted, in seconds. */
export const DISPLAY_GRACE_SECONDS = 600;
/** The longest code of a display, in bytes. */
export const MAX_SHOWN_BYTES = 514;
const MAX_NAME_BYTES = 96;
const MAX_UNIT_BYTES = 64;
const MAX_STREET_BYTES = 96;
const SHARES_IN_ADVANCE = 1;
const DISPLAY = 2;
const STAY_UNIT_MINUTES = 5;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const VERSION = 1;
const POSTER_LABEL = utf8('VX-POSTER-1\0');
const DISPLAY_LABEL = utf8('VX-DISPLAY-1\0');

/** What is wrong with a poster; `code` says it to programs. */
export class PosterError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * What a poster's payload or a display's code says, with nothing verified: `{ sharesInAdvance,
 * defaultStayMinutes, authorityKeyId, notBefore, expires (days), ward, venueKey, name, unit, street,
 * displayKey, payload, scanHour, source }`. `source` is that from which slots derive: null for the
 * payload of a display without a code. `displayKey` and `scanHour` are null for a printed poster.
 */
export function readPoster(bytes) {
  if (bytes.length > MAX_SHOWN_BYTES) throw malformed('it is too long');
  const reader = new Reader(bytes);
  const [version, flags, defaultStay, authorityKeyId] = reader.take(4);
  if (version !== VERSION) {
    throw new PosterError('version', `the poster has version ${version}; this page reads ${VERSION}`);
  }
  if (flags & ~(SHARES_IN_ADVANCE | DISPLAY)) throw malformed('it has unknown flags');
  const [notBefore, expires] = [reader.number(2), reader.number(2)];
  const ward = reader.number(3);
  reader.take(16);
  const venueKey = reader.take(48);
  const name = reader.text(MAX_NAME_BYTES);
  const unit = reader.text(MAX_UNIT_BYTES);
  const street = reader.text(MAX_STREET_BYTES);
  const displayKey = flags & DISPLAY ? reader.take(32) : null;
  if (defaultStay === 0) throw malformed('its default stay is zero');
  if (/^\p{White_Space}*$/u.test(name)) throw malformed('it has no name');
  if (notBefore >= expires) throw malformed('it expires before it is valid');
  if (displayKey && !isStrongKey(displayKey)) throw malformed('its display key is none');
  reader.take(64);
  const payload = bytes.slice(0, reader.at);
  const code = { scanHour: null, source: displayKey ? null : payload };
  if (displayKey && reader.at < bytes.length) {
    code.scanHour = reader.number(4);
    reader.take(16);
    code.source = bytes.slice(0, reader.at);
    reader.take(64);
  }
  if (reader.at !== bytes.length) throw malformed('bytes follow its end');
  const defaultStayMinutes = defaultStay * STAY_UNIT_MINUTES;
  return { sharesInAdvance: Boolean(flags & SHARES_IN_ADVANCE), defaultStayMinutes, authorityKeyId,
    notBefore, expires, ward, venueKey, name, unit, street, displayKey, payload, ...code };
}

/**
 * The poster, as `readPoster` gives it and with `lastHour` (null without a display) and the
 * authority's `sealingKey` with its `sealingProof`, if one of the authority's keys signed it and it
 * counts at `now` (Unix seconds). `venueKeys` are the document's `venue_keys`. The proof is looked
 * at before anything is sealed (stay.js), because that takes long to load and to work out.
 */
export function verifyPoster(bytes, venueKeys, now) {
  const poster = verifyPayload(bytes, venueKeys, now);
  if (poster.displayKey) verifyCode(poster, bytes, now);
  const lastHour = poster.displayKey ? poster.scanHour + DISPLAY_HOURS - 1 : null;
  return { ...poster, lastHour };
}

/** The same without the code of a display: of a door it is the payload that counts (section 18.1). */
export function verifyPayload(bytes, venueKeys, now) {
  const poster = readPoster(bytes);
  const key = venueKeys.find((one) => one.id === poster.authorityKeyId
    && one.not_before <= now && now < one.not_after);
  if (!key) {
    throw new PosterError('unknown-key', `the authority has no venue key ${poster.authorityKeyId} now`);
  }
  if (!isSigned(poster.payload, fromBase64(key.poster_key), POSTER_LABEL)) {
    throw new PosterError('forged', 'the poster was altered, or another authority signed it');
  }
  const day = Math.floor(now / DAY_SECONDS);
  if (day < poster.notBefore) throw new PosterError('not-yet-valid', 'the poster is not valid yet');
  if (day >= poster.expires) throw new PosterError('expired', 'the poster has expired');
  return { ...poster, sealingKey: fromBase64(key.sealing_key), sealingProof: fromBase64(key.proof) };
}

function verifyCode(poster, bytes, now) {
  if (!poster.source) {
    throw new PosterError('not-a-display-code', "this is a screen's poster without its code of the hour");
  }
  if (!isSigned(bytes, poster.displayKey, DISPLAY_LABEL)) {
    throw new PosterError('display-forged', 'the code on the screen was altered, or is not its own');
  }
  const start = poster.scanHour * HOUR_SECONDS;
  if (now < start || now >= start + HOUR_SECONDS + DISPLAY_GRACE_SECONDS) {
    throw new PosterError('display-stale', 'the code is not the one that the screen shows now');
  }
}

/** A display's fresh keys, 32 bytes each: `{ signingKey, displayKey, displaySecret }`. */
export function makeDisplay() {
  const signingKey = random(32);
  return { signingKey, displayKey: ed25519.getPublicKey(signingKey), displaySecret: random(32) };
}

/** What a display shows in `hour`: the bytes of its code. Throws for the poster of another key. */
export function showCode(payload, signingKey, displaySecret, hour) {
  const { displayKey } = readPoster(payload);
  if (!displayKey || !equal(displayKey, ed25519.getPublicKey(signingKey))) {
    throw new PosterError('display-forged', 'this poster names another display');
  }
  const source = sourceOf(payload, displaySecret, hour);
  return concat(source, ed25519.sign(concat(DISPLAY_LABEL, source), signingKey));
}

/**
 * All sources of slots of `hour`, for each of which a warning is due: `[{ scanHour, source }]`, one
 * of a printed poster (`displaySecret` null), four of a display.
 */
export function sources(payload, displaySecret, hour) {
  const { displayKey } = readPoster(payload);
  if (Boolean(displayKey) !== Boolean(displaySecret)) {
    throw new PosterError('display-secret', "a display's secret is needed for its poster and no other");
  }
  if (!displaySecret) return [{ scanHour: null, source: payload }];
  const found = [];
  for (let scanHour = Math.max(0, hour - DISPLAY_HOURS + 1); scanHour <= hour; scanHour++) {
    found.push({ scanHour, source: sourceOf(payload, displaySecret, scanHour) });
  }
  return found;
}

function sourceOf(payload, displaySecret, hour) {
  const key = extract(sha256, displaySecret, undefined);
  const seed = expand(sha256, key, concat(utf8('display-seed'), u32(hour)), 16);
  return concat(payload, u32(hour), seed);
}

function isSigned(bytes, key, label) {
  const signature = bytes.subarray(bytes.length - 64);
  const message = concat(label, bytes.subarray(0, bytes.length - 64));
  return isStrongKey(signature.subarray(0, 32))
    && ed25519.verify(signature, message, key, { zip215: false });
}

function isStrongKey(bytes) {
  try {
    return !ed25519.Point.fromBytes(bytes).isSmallOrder();
  } catch {
    return false;
  }
}

function malformed(reason) {
  return new PosterError('malformed', `the poster cannot be read: ${reason}`);
}

class Reader {
  at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw malformed('it ends too early');
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }

  number(length) {
    return readU32(concat(new Uint8Array(4 - length), this.take(length)));
  }

  text(limit) {
    const [length] = this.take(1);
    if (length > limit) throw malformed('a text is too long');
    const bytes = this.take(length);
    let text;
    try {
      text = fromUtf8(bytes);
    } catch {
      throw malformed('a text is not UTF-8');
    }
    if (text.search(STEERING) >= 0) {
      throw malformed('a text has control characters or marks of direction');
    }
    return text;
  }
}
