// `node --test protocol/browser/*.test.js`: posters and displays on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import * as poster from './poster.js';
import { toCode } from './code.js';
import * as stay from './stay.js';
import * as url from './poster_url.js';
import * as venue from './venue.js';
import { equal } from './bytes.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/venue.json', import.meta.url)));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const base64 = (text) => Buffer.from(text, 'hex').toString('base64');
const [, authority] = vectors.parties;
const { display } = vectors;
const signingKey = bytes(display.signing_seed);
const secret = bytes(display.secret);
const [code] = display.codes;
const start = code.scan_hour * 3600;
const keys = [{ id: 7, sealing_key: base64(authority.public), proof: base64(authority.proof),
  poster_key: base64(vectors.poster.signing_key), not_before: 0, not_after: 2 ** 32 }];
const refused = (data, now, expected, venueKeys = keys) => assert.throws(
  () => poster.verifyPoster(data, venueKeys, now), { name: 'Error', code: expected });
const flipped = (data, index) => data.map((byte, i) => (i === index ? byte ^ 1 : byte));

test('a poster is read, verified and valid on its days', () => {
  const payload = bytes(vectors.poster.payload);
  const read = poster.verifyPoster(payload, keys, start);
  const { name, unit, street, ward, expires } = vectors.poster;
  assert.deepEqual({ name: read.name, unit: read.unit, street: read.street, ward: read.ward,
    expires: read.expires }, { name, unit, street, ward, expires });
  assert.equal(read.notBefore, vectors.poster.not_before);
  assert.equal(read.sharesInAdvance, true);
  assert.equal(read.defaultStayMinutes, 120);
  assert.equal(hex(read.venueKey), vectors.parties[0].public);
  assert.equal(hex(stay.masterOf(read)), vectors.master);
  assert.equal(hex(read.source), vectors.poster.payload);
  assert.deepEqual([read.displayKey, read.scanHour, read.lastHour], [null, null, null]);
  assert.equal(url.urlOf('https://yte.example.vn/', payload), vectors.poster.url);
  const day = 86_400;
  refused(payload, read.notBefore * day - 1, 'not-yet-valid');
  refused(payload, read.expires * day, 'expired');
  poster.verifyPoster(payload, keys, read.expires * day - 1);
});

test('altered, cut and foreign posters are refused', () => {
  const payload = bytes(vectors.poster.payload);
  for (let index = 0; index < payload.length; index += 3) {
    assert.throws(() => poster.verifyPoster(flipped(payload, index), keys, start), poster.PosterError);
    assert.throws(() => poster.readPoster(payload.subarray(0, index)), poster.PosterError);
  }
  assert.throws(() => poster.readPoster(new Uint8Array([...payload, 0])), /follow/);
  assert.throws(() => poster.readPoster(new Uint8Array(poster.MAX_SHOWN_BYTES + 1)), /too long/);
  refused(payload, start, 'unknown-key', []);
  refused(payload, start, 'unknown-key', [{ ...keys[0], not_after: start }]);
  refused(payload, start, 'forged', [{ ...keys[0], poster_key: base64(display.display_key) }]);
});

test('proofs of possession count for their key and role', () => {
  for (const party of vectors.parties) {
    assert.equal(venue.isProven(bytes(party.public), bytes(party.proof), party.party), true);
    const other = party.party === 'venue' ? 'authority' : 'venue';
    assert.equal(venue.isProven(bytes(party.public), bytes(party.proof), other), false);
  }
  for (const rogue of vectors.rogue) {
    assert.equal(venue.isProven(bytes(rogue.public), bytes(rogue.proof_over_x), rogue.party), false);
  }
});

test('a display shows the codes of the vectors', () => {
  for (const { scan_hour: hour, shown, url: address } of display.codes) {
    const made = poster.showCode(bytes(display.payload), signingKey, secret, hour);
    assert.equal(hex(made), shown);
    assert.equal(url.urlOf('https://yte.example.vn', made), address);
    assert.equal(hex(url.payloadOfUrl(address)), shown);
    const read = poster.verifyPoster(made, keys, hour * 3600);
    assert.deepEqual([read.scanHour, read.lastHour], [hour, hour + 3]);
    assert.equal(hex(read.displayKey), display.display_key);
    assert.equal(hex(read.payload), display.payload);
  }
  assert.throws(() => poster.showCode(bytes(display.payload), bytes('05'.repeat(32)), secret, 1),
    { code: 'display-forged' });
  assert.throws(() => poster.showCode(bytes(vectors.poster.payload), signingKey, secret, 1),
    { code: 'display-forged' });
});

test('stale, altered and missing codes are refused', () => {
  const shown = bytes(code.shown);
  refused(shown, start - 1, 'display-stale');
  refused(shown, start + 4200, 'display-stale');
  poster.verifyPoster(shown, keys, start + 4199);
  const payload = bytes(display.payload);
  refused(payload, start, 'not-a-display-code');
  for (let index = payload.length; index < shown.length; index += 5) {
    refused(flipped(shown, index), start, 'display-forged');
  }
  refused(new Uint8Array([...bytes(vectors.poster.payload), ...shown.subarray(payload.length)]), start,
    'malformed');
  refused(shown.subarray(0, shown.length - 1), start, 'malformed');
});

test('slots and shares of a display, from every scan that counts', () => {
  for (const slot of display.slots) {
    const found = poster.sources(bytes(display.payload), secret, slot.hour);
    assert.deepEqual(found.map(({ scanHour }) => slot.hour - scanHour), [3, 2, 1, 0]);
    const { source } = found.find(({ scanHour }) => scanHour === slot.scan_hour);
    const { identity, notifyKey } = venue.slotOf(source, slot.hour);
    assert.equal(hex(identity), slot.identity);
    assert.equal(hex(notifyKey), slot.notify_key);
    const share = venue.share(bytes(vectors.parties[0].secret), source, slot.hour);
    assert.equal(hex(share), slot.venue_share);
  }
  const payload = bytes(vectors.poster.payload);
  assert.deepEqual(poster.sources(payload, null, 5), [{ scanHour: null, source: payload }]);
  assert.throws(() => poster.sources(payload, secret, 5), { code: 'display-secret' });
  assert.throws(() => poster.sources(bytes(display.payload), null, 5), { code: 'display-secret' });
});

test('a visit at a display is sealed to the byte, and for four hours only', () => {
  const read = poster.verifyPoster(bytes(code.shown), keys, start);
  const { visit, slots } = display;
  assert.equal(hex(venue.sealVisit(visit, read.source, stay.masterOf(read), bytes(visit.x))), visit.sealed);
  const sealed = stay.sealStay(read, start + 1800, visit.until, 1);
  assert.deepEqual(sealed.map(({ hour }) => hour - read.scanHour), [0, 1, 2, 3]);
  const opened = venue.openVisit(sealed[3].sealed, bytes(slots[1].key));
  // Of that hour its part alone, from its beginning.
  assert.equal(hex(opened.subarray(4)), hex(bytes(visit.plain).subarray(4)));
  assert.equal(venue.openVisit(sealed[1].sealed, bytes(slots[2].key)), null);
  assert.ok(equal(venue.openVisit(sealed[1].sealed, bytes(slots[0].key)).subarray(8, 40),
    bytes(slots[0].notify_key)));
  const outside = { code: 'outside-display-hours' };
  assert.throws(() => stay.sealStay(read, start, start + 4 * 3600 + 1), outside);
  assert.throws(() => stay.sealStay(read, start - 60, start + 60), outside);
  assert.throws(() => stay.sealStay(read, start, start), { code: 'times' });
  assert.throws(() => stay.sealStay(read, start, start + 86_401), { code: 'times' });
});

test('nothing is sealed to an authority that has not proven to hold its key', () => {
  const unproven = [{ ...keys[0], proof: base64(vectors.parties[0].proof) }];
  const read = poster.verifyPoster(bytes(vectors.poster.payload), unproven, start);
  assert.throws(() => stay.sealStay(read, start, start + 60), { code: 'unknown-key' });
});

test('fresh displays differ', () => {
  const [one, two] = [poster.makeDisplay(), poster.makeDisplay()];
  assert.equal(one.displayKey.length, 32);
  for (const part of ['signingKey', 'displayKey', 'displaySecret']) {
    assert.notDeepEqual(one[part], two[part]);
  }
});

test('an address holds its payload as base64url or as digits', () => {
  const payload = bytes(vectors.poster.payload);
  assert.equal(hex(url.payloadOfUrl(vectors.poster.url)), vectors.poster.payload);
  assert.equal(hex(url.payloadOfUrl(`https://a.vn/v#${toCode('', payload)}`)), vectors.poster.payload);
  for (const address of ['', 'https://a/v', 'https://a/w#AAAA', 'https://a/v#A*', 'https://a/v#AAAA',
    'https://a/v#1', 'https://a/v#99999999999999999', `https://a/v#${'0'.repeat(340)}`]) {
    assert.throws(() => url.payloadOfUrl(address), address);
  }
});
