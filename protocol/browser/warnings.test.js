// Documents, cells, batches and exposures, on the vectors of the Rust crate where there are any.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { ed25519 } from './vendor/noble/curves/ed25519.js';
import { readAuthority, warningKeys } from './authority.js';
import { concat, fromBase64, fromHex, toBase64, toHex, u32, utf8 } from './bytes.js';
import { CellTable, decoy } from './cells.js';
import { parseSigned } from './signed.js';
import { openVisit } from './venue.js';
import * as warnings from './warnings.js';
import { levels } from './risk.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/venue.json', import.meta.url)));
const hex = (text) => fromHex(text, text.length / 2);
const warningKey = hex(vectors.batch.signing_key);
const HOUR = vectors.warning.hour;
const rules = { lingering_minutes: 15, minimum_overlap_minutes: 5 };

function batchBytes(count = 32, region = vectors.batch.region) {
  const head = concat([1, region.length], utf8(region), u32(HOUR * 3600), u32(HOUR * 3600 + 86400),
    [count >> 8, count & 255]);
  return concat(head, ...Array(count).fill(hex(vectors.warning.bytes)));
}

function signed(label, bytes, seed) {
  const signature = ed25519.sign(concat(utf8(`${label}\0`), bytes), seed);
  return concat(utf8(`${toBase64(signature)}\n`), bytes);
}

const batch = (bytes, label = 'VX-WARNINGS-1') => signed(label, bytes, hex(vectors.batch.signing_seed));
const read = (bytes, keys = [warningKey]) => warnings.readBatch(bytes, keys, vectors.batch.region);

test('the batch of the vectors: signature, warnings, notice', () => {
  const file = batch(batchBytes());
  assert.equal(toBase64(parseSigned(file, 1e6).signature), vectors.batch.signature);
  const found = read(file, [new Uint8Array(32).fill(9), warningKey]);
  assert.equal(found.length, 32);
  const notice = warnings.openNotice(found[31], hex(vectors.slots[0].notify_key));
  assert.deepEqual(notice, {
    from: vectors.warning.from, until: vectors.warning.until, reportType: vectors.warning.report_type,
    infectiousness: vectors.warning.infectiousness, text: vectors.warning.text,
  });
  assert.equal(warnings.openNotice(found[0], hex(vectors.slots[1].notify_key)), null);
});

test('a batch altered anywhere, or of another signer, purpose, region or size is refused', () => {
  const file = batch(batchBytes());
  for (let index = 0; index < file.length; index += 97) {
    const altered = file.slice();
    altered[index] ^= 1;
    assert.throws(() => read(altered), `${index}`);
  }
  for (const length of [0, 88, 89, 90, 120, file.length - 1]) assert.throws(() => read(file.subarray(0, length)));
  assert.throws(() => read(file, [fromBase64(toBase64(new Uint8Array(32)))]), /signature/);
  assert.throws(() => read(batch(batchBytes(), 'VX-POSTER-1')), /signature/);
  assert.throws(() => read(batch(batchBytes(32, 'VN-SG'))), /region/);
  assert.throws(() => read(batch(batchBytes(33))), /sizes/);
  assert.throws(() => read(batch(concat(batchBytes(), [0]))), /length/);
  assert.throws(() => read(batch(batchBytes().subarray(0, 9))), /early/);
  assert.throws(() => read(new Uint8Array(600_000)), /bytes/);
});

test('a warning opens the visit of its slot alone, among decoys', () => {
  const [warning] = read(batch(batchBytes()));
  const cells = [decoy(), hex(vectors.visits[0].sealed), decoy(), hex(vectors.visits[1].sealed)];
  const found = warnings.tryWarning(warning, cells);
  assert.deepEqual(found, [{
    venue: vectors.visits[0].venue, companions: vectors.visits[0].companions,
    visitFrom: vectors.visits[0].from, visitUntil: vectors.visits[0].until,
    caseFrom: vectors.warning.from, caseUntil: vectors.warning.until,
    reportType: vectors.warning.report_type, infectiousness: vectors.warning.infectiousness,
    text: vectors.warning.text,
  }]);
  assert.deepEqual(warnings.tryWarning(warning, [cells[0], cells[3]]), []);
  const otherNotice = { ...warning, notice: warning.notice.slice() };
  otherNotice.notice[100] ^= 1;
  assert.deepEqual(warnings.tryWarning(otherNotice, cells), []);
  assert.deepEqual(warnings.tryWarning({ ...warning, slotKey: new Uint8Array(96) }, cells), []);
});

test('the list names batches of its region only', () => {
  const names = ['VN/1-2-00001.vxw', 'VN/2-3-00002.vxw'];
  assert.deepEqual(warnings.readIndex(`${names.join('\n')}\n`, 'VN'), names);
  const odd = ['VN/../x.vxw', 'SG/1-2-00001.vxw', 'VN/1-2-1.zip', 'VN/1-2-00001.vxp', 'https://evil/VN/1-2-00001.vxw', 'VN/a b.vxw'];
  assert.deepEqual(warnings.readIndex(odd.join('\n'), 'VN'), []);
  assert.throws(() => warnings.readIndex('x'.repeat(2 ** 20 + 1), 'VN'));
  const both = ['VN/1-7200-00001.vxp', 'VN/1-7200-00001.vxw'];
  assert.deepEqual(['.vxp', '.vxw'].map((ending) => warnings.readIndex(both.join('\n'), 'VN', ending)), [[both[0]], [both[1]]]);
  assert.equal(warnings.endOfBatch(both[0]), 7200);
});

test('overlaps: lingering, the minimum, joining, midnight', () => {
  const at = (minutes) => 20_000 * 86_400 + minutes * 60;
  const match = (visit, presence, more = {}) => ({
    venue: 'Quán', companions: 0, visitFrom: at(visit[0]), visitUntil: at(visit[1]),
    caseFrom: at(presence[0]), caseUntil: at(presence[1]), reportType: 1, infectiousness: 2, text: 'Gọi', ...more,
  });
  const times = (matches) => warnings.exposures(matches, rules)
    .map(({ from, until }) => [(from - at(0)) / 60, (until - at(0)) / 60]);
  assert.deepEqual(times([match([600, 660], [630, 700])]), [[630, 660]]);
  assert.deepEqual(times([match([660, 690], [600, 650])]), [[660, 665]], 'lingering reaches 665');
  assert.deepEqual(times([match([661, 690], [600, 650])]), [], 'under the minimum');
  assert.deepEqual(times([match([665, 690], [600, 650])]), []);
  assert.deepEqual(times([match([600, 660], [580, 800]), match([660, 720], [580, 800])]), [[600, 720]]);
  assert.deepEqual(times([match([600, 660], [580, 800]), match([600, 660], [580, 800])]), [[600, 660]]);
  assert.deepEqual(times([match([1380, 1500], [1380, 1500])]), [[1380, 1440], [1440, 1500]]);
  const texts = warnings.exposures([match([600, 660], [600, 660]),
    match([600, 660], [600, 660], { text: 'Ở nhà' })], rules);
  assert.deepEqual(texts.map((exposure) => exposure.texts), [['Gọi', 'Ở nhà']]);
  const apart = [match([600, 660], [600, 660]), match([600, 660], [600, 660], { venue: 'Chợ' })];
  assert.equal(warnings.exposures(apart, rules).length, 2);
  const people = (...matches) => warnings.exposures(matches, rules).map((one) => [one.people, one.checkedIn]);
  const scanned = (person) => match([600, 660], [600, 660], { person });
  assert.deepEqual(people(scanned('Lan'), scanned('Bé'), scanned('Lan')), [[['Lan', 'Bé'], false]], 'counts once');
  assert.deepEqual(people(scanned('Lan'), match([600, 660], [600, 660])), [[['Lan'], true]]);
});

test('the table of cells: one size, one hour moved on at a time, visits where they belong', async () => {
  const table = await CellTable.create(1, HOUR);
  assert.equal(table.toBytes().length, 5 + 24 * 4 * 192 + 24);
  const before = table.toBytes();
  const sealed = hex(vectors.visits[0].sealed);
  table.record([{ hour: HOUR, sealed }]);
  const changed = before.filter((byte, index) => byte !== table.toBytes()[index]).length;
  assert.ok(changed > 100 && changed <= 193, `${changed}`);
  const again = CellTable.fromBytes(table.toBytes(), 1);
  assert.equal(again.of(HOUR).filter((cell) => toHex(cell) === toHex(sealed)).length, 1);
  await again.advance(HOUR + 2);
  assert.equal(again.newest, HOUR + 2);
  assert.equal(again.of(HOUR).filter((cell) => toHex(cell) === toHex(sealed)).length, 1);
  assert.deepEqual(again.of(HOUR - 22), []);
  await again.advance(HOUR - 5);
  assert.equal(again.newest, HOUR + 2, 'a clock set back changes nothing');
  await again.advance(HOUR + 500);
  assert.equal(new Set(again.cells.join().match(/(\d+,){191}\d+/g)).size, 96, 'all decoys, all different');
  assert.deepEqual(again.of(HOUR), []);
  assert.throws(() => again.record([{ hour: HOUR + 500, sealed }, { hour: HOUR, sealed }]), /kept/);
  assert.ok(again.of(HOUR + 500).every((cell) => toHex(cell) !== toHex(sealed)), 'all or nothing');
  assert.throws(() => CellTable.fromBytes(table.toBytes(), 2));
  assert.throws(() => CellTable.fromBytes(table.toBytes().subarray(1), 1));
});

test('four visits of one hour are all kept', async () => {
  const table = await CellTable.create(1, HOUR);
  for (const fill of [1, 2, 3, 4]) table.record([{ hour: HOUR, sealed: new Uint8Array(192).fill(fill) }]);
  assert.deepEqual(table.of(HOUR).map((cell) => cell[0]).sort(), [1, 2, 3, 4]);
});

test('decoys are readable points and differ', () => {
  const [one, two] = [decoy(), decoy()];
  assert.notDeepEqual(one, two);
  assert.equal(openVisit(one, hex(vectors.slots[0].key)), null);
});

test('the authority document: signature, pinned root, expiry, keys of batches', () => {
  const seed = new Uint8Array(32).fill(7);
  const [, authority] = vectors.parties;
  const key = {
    id: 7, sealing_key: toBase64(hex(authority.public)), proof: toBase64(hex(authority.proof)),
    poster_key: toBase64(hex(vectors.poster.signing_key)), warning_key: toBase64(warningKey),
    not_before: 100, not_after: 200,
  };
  const root = toBase64(ed25519.getPublicKey(seed));
  const document = { format: 1, root_key: root, expires_at: 1000, venue_keys: [key] };
  const sign = (content, by = seed) => signed('VX-AUTHORITY-1', utf8(JSON.stringify(content)), by);
  const file = sign(document);
  assert.deepEqual(readAuthority(file, 999), document);
  assert.deepEqual(readAuthority(file, 999, root), document);
  assert.throws(() => readAuthority(file, 1000), /expired/);
  assert.throws(() => readAuthority(file, 999, toBase64(warningKey)), /root key/);
  assert.throws(() => readAuthority(sign(document, new Uint8Array(32).fill(8)), 999), /signature/);
  assert.throws(() => readAuthority(sign({ ...document, format: 2 }), 999), /format/);
  assert.deepEqual(warningKeys(document, 100), [warningKey]);
  assert.deepEqual([...warningKeys(document, 99), ...warningKeys(document, 200)], []);
  assert.deepEqual(warningKeys({}, 100), []);
  assert.throws(() => warningKeys({ venue_keys: Array(17).fill(key) }, 100), /too many/);
});

test('the level of a day is that of all its exposures', () => {
  const risk = { report_type_weights: { confirmed_test: 100, clinical_diagnosis: 70 },
    standard_infectiousness_weight: 30, high_infectiousness_weight: 100, minimum_window_score: 100,
    low_from_daily_score: 300, high_from_daily_score: 900 };
  const exposure = (day, minutes, reportType = 1, infectiousness = 2) => ({
    from: day * 86_400, until: day * 86_400 + minutes * 60, reportType, infectiousness });
  const of = (all, rules = {}) => levels(all, risk, rules).map(({ level }) => level);
  assert.deepEqual(of([exposure(1, 30), exposure(2, 10), exposure(3, 3), exposure(4, 35, 3)]),
    ['high', 'low', 'none', 'none']);
  assert.deepEqual(of([exposure(1, 15), exposure(1, 15)]), ['high', 'high']);
  assert.deepEqual(of([exposure(1, 30, 2)]), ['low']);
  assert.deepEqual(of([exposure(1, 30, 1, 1)]), ['none']);
  assert.deepEqual(of([exposure(1, 30)], { time_weight: 10 }), ['none']);
});
