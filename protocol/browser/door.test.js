// The browser's module of doors on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import * as door from './door.js';
import { publicKeyOf } from './hpke.js';
import { readPassKeys, readPresented } from './pass.js';
import { Reader } from './reader.js';
import { keyGen } from './venue.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../test-vectors/${name}`, import.meta.url)));
const [vectors, venue, passes] = ['door.json', 'venue.json', 'pass.json'].map(read);
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const { hour, authority } = vectors;
const payload = bytes(vectors.payload);
const master = bytes(venue.master);
const identity = bytes(vectors.identity);
const key = door.joinDoorKey(bytes(vectors.venue_share), bytes(vectors.authority_share), master, identity);
const passKeys = readPassKeys(bytes(passes.keys.signed), bytes(passes.keys.root));
const signedCardKeys = bytes(vectors.card_keys.signed);
const readKeys = (signed = signedCardKeys, now = hour * 3600, seen = 0) => door.readCardKeys(signed, bytes(vectors.card_keys.root), now, seen);
const cardKeys = readKeys().keys;
const records = vectors.records.map(({ sealed }) => bytes(sealed));
const start = hour * 3600;

test('identities, shares and the key of a door', () => {
  assert.equal(hex(door.doorIdentity(payload, hour)), vectors.identity);
  assert.equal(hex(door.doorShare(bytes(venue.parties[0].secret), payload, hour)), vectors.venue_share);
  const [own, other] = [bytes(vectors.venue_share), bytes(vectors.authority_share)];
  assert.throws(() => door.joinDoorKey(own, own, master, identity), /share/);
  assert.throws(() => door.joinDoorKey(own, other, master, door.doorIdentity(payload, hour + 1)), /share/);
});

test('records are sealed to the byte, and opened by the key of their hour alone', () => {
  const live = bytes(passes.passes[0].live.bytes);
  const bodies = { pass: [door.PASS, live], card: [door.CARD, bytes(vectors.card.card)], contact: [door.CONTACT, bytes(vectors.contact.sealed)] };
  for (const vector of vectors.records) {
    const [kind, body] = bodies[vector.shown];
    const stay = { event: vector.event, shown: { kind, bytes: body }, from: vector.from, until: vector.until, companions: vector.companions };
    const [{ record }] = door.sealStay(payload, master, stay, [bytes(vector.x)]);
    assert.equal(hex(record), vector.sealed);
    const opened = door.openRecord(record, hour, key);
    assert.deepEqual([opened.kind, opened.event, opened.from, opened.until, opened.companions], [kind, vector.event, vector.from, vector.until, vector.companions]);
    assert.equal(door.openRecord(record, hour + 1, key), null);
    record[200] ^= 1;
    assert.equal(door.openRecord(record, hour, key), null);
  }
  assert.equal(door.openRecord(door.decoyRecord(), hour, key), null);
});

test('a stay makes a record for each hour', () => {
  const shown = { kind: door.CARD, bytes: bytes(vectors.card.card) };
  const stay = (from, until) => door.sealStay(payload, master, { event: door.IN, shown, from, until }).map((each) => each.hour - hour);
  assert.deepEqual(stay(start + 60, start + 7300), [0, 1, 2]);
  assert.deepEqual(stay(start, start + 3600), [0]);
  assert.throws(() => stay(start, start));
  assert.throws(() => stay(start, start + 86_401));
});

test('an opened hour has who was there with the case, and nobody else', () => {
  const kase = { from: start + 600, until: start + 1800 };
  const [came, card, contact, left] = records;
  const open = (list, during = kase, keys = passKeys) => door.openHour(list, hour, key, during, keys, cardKeys);
  const { visits, refused } = open([came, card, contact, came, door.decoyRecord()]);
  assert.deepEqual([visits.length, refused], [3, 0]);
  for (const visit of visits) assert.deepEqual([visit.from, visit.until], [kase.from, kase.until]);
  // Gone at the beginning.
  assert.equal(open([came, left]).visits.length, 0);
  assert.equal(open([left]).visits.length, 0);
  assert.equal(open([came], { from: start, until: start + 60 }).visits.length, 0);
  assert.equal(open([came], kase, { ...passKeys, keys: new Map() }).refused, 1);
  assert.equal(open([card], kase, passKeys).visits[0].shown.keyId, 4);
});

test('card keys are those that the root key signed', () => {
  const vector = vectors.card_keys;
  const { serial, issuedAt, expiresAt, minutesAhead, keys } = readKeys();
  assert.deepEqual([serial, issuedAt, expiresAt, minutesAhead], [vector.serial, vector.issued_at, vector.expires_at, vector.minutes_ahead]);
  assert.deepEqual(
    keys.map((each) => ({ id: each.id, first_day: each.firstDay, last_day: each.lastDay, sealing_key: hex(each.sealing), signing_key: hex(each.signing) })),
    vector.keys,
  );
  assert.throws(() => readKeys(signedCardKeys, start, serial + 1), /serial/);
  assert.throws(() => readKeys(signedCardKeys, expiresAt), /expired/);
  assert.throws(() => readKeys(new Uint8Array(10_000_000).fill(65)));
  for (let at = 0; at < signedCardKeys.length; at++) {
    const altered = signedCardKeys.slice();
    altered[at] ^= 1;
    assert.throws(() => readKeys(altered), `byte ${at}`);
  }
});

test('a half of a card key opens for its officer, key and authority', () => {
  const vector = vectors.card_keys.half;
  const [own, other] = cardKeys;
  const secret = bytes(vector.officer_secret);
  const officer = { id: vector.officer, key: publicKeyOf(secret) };
  const half = bytes(vectors.card.sealing_secret);
  const sealed = door.sealCardHalf(half, own, officer, authority, bytes(vector.ikm));
  assert.equal(hex(sealed), vector.sealed);
  assert.equal(hex(door.openCardHalf(sealed, officer.id, secret, own, authority)), vectors.card.sealing_secret);
  assert.throws(() => door.openCardHalf(sealed, 1, secret, own, authority));
  assert.throws(() => door.openCardHalf(sealed, officer.id, half, own, authority));
  assert.throws(() => door.openCardHalf(sealed, officer.id, secret, own, 'vn.hue'));
  assert.throws(() => door.openCardHalf(sealed, officer.id, secret, { ...own, sealing: other.sealing }, authority));
  assert.throws(() => door.sealCardHalf(half, other, officer, authority));
});

test('a card is made by staff, read by doors, and opened by officers', () => {
  const vector = vectors.card;
  const issuer = keyGen(bytes(vector.issuer_seed), 'VX-CARD-KEY-1');
  const made = door.makeCard(issuer, cardKeys[0], { lastDay: vector.last_day, phone: vector.phone, name: vector.name }, authority, bytes(vector.ikm));
  assert.equal(hex(made), vector.card);
  assert.equal(door.cardCode(made), vector.code);
  const card = door.readCardCode(vector.code);
  assert.ok(door.isCard(card, cardKeys[0], vector.last_day));
  assert.ok(!door.isCard(card, cardKeys[0], vector.last_day + 1));
  assert.ok(!door.isCard(card, { ...cardKeys[0], id: 5 }, vector.last_day));
  assert.ok(!door.isCard(card, { ...cardKeys[0], lastDay: vector.last_day - 1 }, vector.last_day - 1));
  assert.deepEqual(door.openCard(card, bytes(vector.sealing_secret), authority), { phone: vector.phone, name: vector.name });
  assert.throws(() => door.openCard(card, bytes(vector.sealing_secret), 'vn.hue'));
  for (const at of [0, 1, 2, 4, 5, 116, 117, 164]) {
    const altered = made.slice();
    altered[at] ^= 1;
    let good = false;
    try {
      good = door.isCard(door.readCard(altered), cardKeys[0], vector.last_day);
    } catch {
      // Refused when it is read.
    }
    assert.ok(!good, `byte ${at}`);
  }
  assert.throws(() => door.makeCard(issuer, cardKeys[0], { lastDay: 1, phone: '', name: '' }, authority));
});

test('a contact opens with the key of its day', () => {
  const vector = vectors.contact;
  const day = { id: vector.key_id, day: vector.day, key: bytes(vector.key) };
  const sealed = door.sealContact(vector, day, authority, bytes(vector.ikm));
  assert.equal(hex(sealed), vector.sealed);
  assert.deepEqual(door.openContact(sealed, day, authority, bytes(vector.secret)), { name: vector.name, phone: vector.phone });
  assert.throws(() => door.openContact(sealed, { ...day, day: day.day + 1 }, authority, bytes(vector.secret)));
  assert.throws(() => door.openContact(sealed, day, 'vn.hue', bytes(vector.secret)));
});

test('warnings open for the pass that was warned', () => {
  const vector = vectors.warnings;
  const section = door.readSection(new Reader('x', bytes(vectors.batch.section)));
  const notices = door.noticesTo(section, bytes(vector.entries[0].holder_seed));
  assert.equal(notices.length, 2);
  assert.deepEqual(notices[0], {
    from: vector.from, until: vector.until, reportType: vector.report_type, infectiousness: vector.infectiousness,
    venue: vector.venue, words: vector.words,
  });
  assert.deepEqual(door.noticesTo(section, bytes(passes.passes[1].holder_seed)), []);
  const keys = door.holderKeys(bytes(vector.entries[0].holder_seed));
  const says = (validFrom, validUntil, now) => (
    door.passMatches(section, [{ keys, person: 'Lan', validFrom, validUntil }], now).length);
  const [match] = door.passMatches(section, [{ keys, person: 'Lan', validFrom: 0, validUntil: vector.until }], vector.until);
  assert.deepEqual(match, {
    venue: vector.venue, person: 'Lan', companions: 0, visitFrom: vector.from, visitUntil: vector.until,
    caseFrom: vector.from, caseUntil: vector.until, reportType: vector.report_type,
    infectiousness: vector.infectiousness, text: vector.words,
  });
  const last = Math.max(...notices.map(({ until }) => until));
  const first = Math.min(...notices.map(({ from }) => from));
  assert.equal(says(0, last, last), 2);
  assert.equal(says(0, last, first - 1), 0, 'a time to come');
  assert.equal(says(0, first, last), 0, 'the pass was over');
  assert.equal(says(last, last + 1, last), 0, 'the pass was not valid yet');
  section.entries[0][100] ^= 1;
  assert.equal(door.noticesTo(section, bytes(vector.entries[0].holder_seed)).length, 1);
  assert.deepEqual(door.noticesTo({ ...section, ephemeral: new Uint8Array(32) }, bytes(vector.entries[0].holder_seed)), []);
});

test('a batch of both kinds is read', () => {
  const body = new Uint8Array(Buffer.concat([
    Buffer.from(`${vectors.batch.signature}\n`), Buffer.from([2, 5]), Buffer.from('VN-HN'),
    Buffer.from(new Uint32Array([start, start + 86_400]).buffer).swap32(), Buffer.from([0, 32]),
    ...Array(32).fill(Buffer.from(venue.warning.bytes, 'hex')), Buffer.from(vectors.batch.section, 'hex'),
  ]));
  const batch = door.readBatchWithPasses(body, [bytes(vectors.batch.signing_key)], 'VN-HN');
  assert.deepEqual([batch.slots.length, batch.passes.entries.length, batch.until], [32, 32, start + 86_400]);
  assert.throws(() => door.readBatchWithPasses(body, [bytes(vectors.batch.signing_key)], 'VN-SG'), /region/);
  body[5000] ^= 1;
  assert.throws(() => door.readBatchWithPasses(body, [bytes(vectors.batch.signing_key)], 'VN-HN'), /signature/);
});

test("a door's day: in, out, used here", () => {
  const day = new door.DoorDay();
  const [live, printed] = passes.passes.map((each) => bytes(each.pass));
  assert.deepEqual(day.scan(live, start, start + 7200, 2), { scan: 'in' });
  assert.deepEqual(day.scan(printed, start, start + 7200), { scan: 'in' });
  assert.equal(day.inside(start + 1), 4);
  assert.deepEqual(day.scan(live, start + 60, start + 7200), { scan: 'out', until: start + 7200 });
  assert.deepEqual(day.scan(live, start + 61, start + 7200), { scan: 'used-here' });
  assert.equal(day.inside(start + 62), 1);
  assert.equal(day.inside(start + 7200), 0);
  assert.deepEqual(day.hours.get(hour), { people: 4, scans: 4, others: 0 });
  // Who is not scanned counts, too.
  day.count(start + 70, start + 7200, 2);
  assert.deepEqual([day.inside(start + 71), day.countsOf(start + 72).others], [3, 2]);
  // What was stored is the same day: a code that was used is known again.
  const again = new door.DoorDay({ key: day.key, seen: [...day.seen], hours: [...day.hours] });
  assert.deepEqual(again.scan(live, start + 80, start + 7200), { scan: 'used-here' });
  assert.deepEqual(again.scan(printed, start + 80, start + 7200), { scan: 'out', until: start + 7200 });
  assert.deepEqual(new door.DoorDay().scan(live, start + 80, start + 7200), { scan: 'in' });
  assert.ok(readPresented(bytes(passes.passes[1].pass)));
});

test('uploads have one of the sizes, hold each record once, and are otherwise decoys', async () => {
  let pauses = 0;
  const uploads = await door.fillUploads(records, () => { pauses += 1; });
  assert.deepEqual([uploads.length, uploads[0].length, pauses], [1, 64, 64 - records.length]);
  for (const record of records) assert.equal(uploads[0].filter((each) => hex(each) === hex(record)).length, 1);
  assert.ok(uploads[0].every((each) => each.length === door.RECORD_BYTES));
  const many = Array.from({ length: 70 }, () => records[0]);
  assert.deepEqual((await door.fillUploads(many)).map(({ length }) => length), [512]);
  assert.deepEqual((await door.fillUploads([])).map(({ length }) => length), [64]);
});
