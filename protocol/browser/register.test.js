// Registers of officers' notes: sealed and opened again, joined, refused.

import assert from 'node:assert/strict';
import test from 'node:test';

import { publicKeyOf } from './hpke.js';
import {
  CALLED, GONE, NOTE, NOT_CALLED, REGISTER_BYTES, bySubject, entryOf, merged, openRegister, sealRegister,
} from './register.js';

const half = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const key = { id: 11, day: 20_786, group: 1, key: publicKeyOf(half) };
const authority = 'vn.test';
const subject = 'ab'.repeat(16);
const note = (id, at, text, more = {}) => entryOf({ id: id.repeat(8), subject, kind: NOTE, at, by: 1, text, ...more });
const shuffled = (list) => list.map((one) => [Math.random(), one]).sort(([a], [b]) => a - b).map(([, one]) => one);

test('what is sealed opens again, in one of few sizes', () => {
  for (const count of [0, 1, 100, 2_000]) {
    const entries = Array.from({ length: count }, (_, i) => entryOf({ subject, kind: NOTE, at: i, by: 2, text: 'ghi chú "x" '.repeat(5) }));
    const sealed = sealRegister(entries, half, key, authority);
    assert.ok(REGISTER_BYTES.includes(sealed.length));
    assert.deepEqual(openRegister(sealed, half, key, authority), entries);
  }
  assert.equal(sealRegister([], half, key, authority).length, sealRegister([note('01', 1, 'x')], half, key, authority).length);
});

test('only who holds the half of that key, day and group opens it', () => {
  const sealed = sealRegister([note('01', 1, 'An')], half, key, authority);
  const other = half.map((byte) => byte ^ 1);
  for (const [wrongHalf, wrongKey, wrongAuthority] of [
    [other, key, authority], [half, { ...key, id: 12 }, authority], [half, { ...key, day: 1 }, authority],
    [half, { ...key, group: 0 }, authority], [half, key, 'vn.other'],
  ]) assert.throws(() => openRegister(sealed, wrongHalf, wrongKey, wrongAuthority));
  for (const at of [0, 30, sealed.length - 1]) {
    const altered = sealed.slice();
    altered[at] ^= 1;
    assert.throws(() => openRegister(altered, half, key, authority), `${at}`);
  }
  for (const length of [0, 40, sealed.length - 1]) assert.throws(() => openRegister(sealed.slice(0, length), half, key, authority));
});

test('a register that is full is refused, and nothing is cut off', () => {
  const text = 'ờ'.repeat(500);
  const entries = Array.from({ length: 3_000 }, (_, i) => entryOf({ subject, kind: NOTE, at: i, by: 1, text }));
  assert.throws(() => sealRegister(entries, half, key, authority), (error) => error.code === 'full');
});

test('entries that no page makes are refused', () => {
  const bad = [
    { ...note('01', 1, 'x'), id: 'x' }, { ...note('01', 1, 'x'), subject: 'ab' }, { ...note('01', 1, 'x'), kind: 9 },
    { ...note('01', 1, 'x'), at: -1 }, { ...note('01', 1, 'x'), by: 70_000 }, { ...note('01', 1, 'x'), text: 7 },
    { ...note('01', 1, 'x'), text: 'x'.repeat(2_001) },
  ];
  for (const entry of bad) {
    const sealed = sealRegister([entry], half, key, authority);
    assert.throws(() => openRegister(sealed, half, key, authority), JSON.stringify(entry));
  }
});

test('joining loses nothing, in whatever order lists are joined', () => {
  const entries = [note('01', 5, 'first'), note('02', 5, 'second'), note('03', 2, 'third'), note('04', 9, 'fourth')];
  const gone = entryOf({ id: '02'.repeat(8), subject, kind: GONE, at: 7, by: 1 });
  const whole = merged(entries, [gone]);
  assert.deepEqual(whole.map(({ text }) => text), ['third', 'first', '', 'fourth']);
  for (let i = 0; i < 50; i++) {
    const [a, b] = [shuffled([...entries, gone]).slice(0, 3), shuffled([...entries, gone])];
    assert.deepEqual(merged(a, b), whole);
    assert.deepEqual(merged(b, a), whole);
    assert.deepEqual(merged(whole, merged(a, b)), whole);
  }
});

test('the last word on a call counts, and notes stay side by side', () => {
  const called = entryOf({ subject, kind: CALLED, at: 3, by: 1 });
  const not = entryOf({ subject, kind: NOT_CALLED, at: 5, by: 2 });
  const about = (entries) => bySubject(merged(entries)).get(subject);
  assert.equal(about([called]).called, true);
  assert.equal(about([not, called]).called, false);
  assert.equal(about([not, called, entryOf({ subject, kind: CALLED, at: 6, by: 2 })]).by, 2);
  assert.deepEqual(about([note('02', 2, 'b'), note('01', 1, 'a')]).notes.map(({ text }) => text), ['a', 'b']);
});
