// What the officers' worker does with a day: opened, sorted, searched, noted by several at once, as a table.

import assert from 'node:assert/strict';
import test from 'node:test';

import { random, toBase64, u32, utf8 } from '../../protocol/browser/bytes.js';
import { SEALED_BYTES, envelopeOf, sealForm } from '../../protocol/browser/declaration.js';
import { sealContact } from '../../protocol/browser/door.js';
import { normalised, problems } from '../../protocol/browser/form.js';
import { publicKeyOf } from '../../protocol/browser/hpke.js';
import { CALLED, NOTE, REGISTER_BYTES } from '../../protocol/browser/register.js';
import { Opened } from './officer-list.js';
import { Notes } from './officer-notes.js';
import { openCalls, openForms, readHead } from './officer-open.js';

const half = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
const key = { id: 11, day: 20_786, group: 0, key: publicKeyOf(half) };
const authority = 'vn.test';

function form(name, more = {}) {
  return normalised({ kind: 'daily', day: key.day, name, born: 1985, ward: 70, phone: '0912 345 678', symptoms: [], consent: 1, ...more });
}

function rowOf(filled, change = (row) => row) {
  const submission = random(16);
  const row = new Uint8Array(20 + SEALED_BYTES);
  const { kind, ward } = envelopeOf(filled, submission);
  row.set(submission);
  row.set([kind, ward >> 16, (ward >> 8) & 0xff, ward & 0xff], 16);
  row.set(sealForm(filled, submission, authority, key), 20);
  return change(row);
}

/** An answer's body that comes in pieces of a size. */
function bodyOf(head, rows, size, { breakOff = 0 } = {}) {
  const json = utf8(JSON.stringify(head));
  const whole = Buffer.concat([u32(json.length), json, ...rows]);
  const end = whole.length - breakOff;
  let at = 0;
  return {
    async read() {
      if (at >= end) return { done: true };
      const value = new Uint8Array(whole.subarray(at, Math.min(end, at + size)));
      at += size;
      return { done: false, value };
    },
  };
}

async function opened(rows, size = 1000, options = {}) {
  const { head, source } = await readHead(bodyOf({ keyId: 11, declarations: rows.length }, rows, size, options));
  return openForms(source, { authority, key, half, expected: head.declarations, progress: async () => {} });
}

const notes = () => new Notes({ path: '/register', csrf: 'x', half: half.slice(), key, authority, by: 1 });
const day = (forms, { calls = { people: [], unreadable: 0 }, of = notes() } = {}) => (
  new Opened({ forms, calls, notes: of, officers: [{ id: 1, name: 'Hoa' }, { id: 2, name: 'Mai' }], minutesAhead: 420 }));

test('what does not open or breaks the rules is counted and set aside, in pieces of any size', async () => {
  const bad = { ...form('Xấu'), phone: '123' };
  assert.notDeepEqual(problems(bad), []);
  const damaged = (row) => { row[100] ^= 1; return row; };
  const elsewhere = (row) => { row[19] ^= 1; return row; };
  const rows = [rowOf(form('An')), rowOf(form('Bình'), damaged), rowOf(bad), rowOf(form('Chi'), elsewhere), new Uint8Array(20 + SEALED_BYTES)];
  for (const size of [1, 997, 2116, 100_000]) {
    const result = await opened(rows, size);
    assert.deepEqual(result.good.map(({ form: { name } }) => name), ['An']);
    assert.deepEqual([result.unreadable, result.invalid, result.aside.length], [3, 1, 1]);
  }
  const { forms, unreadable, invalid } = day(await opened(rows)).summary();
  assert.deepEqual([forms, unreadable, invalid], [1, 3, 1]);
});

test('an answer that breaks off is no whole day', async () => {
  const rows = [rowOf(form('An')), rowOf(form('Bình'))];
  for (const breakOff of [1, 2000]) {
    await assert.rejects(opened(rows, 1000, { breakOff }), (error) => error.code === 'network');
  }
  await assert.rejects(readHead(bodyOf({}, [], 10, { breakOff: 1 })), (error) => error.code === 'network');
});

test('the urgent ones come first, then by ward, kind and name; searches need no diacritics', async () => {
  const list = day(await opened([
    form('Trần Văn An', { ward: 4, phone: '0987 654 321' }), form('Bùi Bình', { ward: 70, symptoms: ['cough'] }),
    form('Đỗ Chi', { ward: 70, symptoms: ['breathing'] }), form('Dũng', { ward: 4, symptoms: ['fever'], temperature: 385 }),
    form('Con Nhỏ', { ward: 4, born: 2015, phone: '', byName: 'Mẹ Hạnh', byPhone: '0909 123 456', byRelation: 'guardian' }),
  ].map((one) => rowOf(one))));
  list.nameWards(new Map([[4, 'Phường Ba Đình'], [70, 'Phường Hoàn Kiếm']]));
  const names = (filter = {}) => list.page(filter, 0, 50).rows.map(({ name }) => name);
  assert.deepEqual(names(), ['Đỗ Chi', 'Dũng', 'Bùi Bình', 'Con Nhỏ', 'Trần Văn An']);
  for (const [query, expected] of [
    ['do chi', ['Đỗ Chi']], ['HOAN kiem', ['Đỗ Chi', 'Bùi Bình']], ['+84 987', ['Trần Văn An']], ['0909.123', ['Con Nhỏ']],
    ['me hanh', ['Con Nhỏ']], ['an van', ['Trần Văn An']], ['', names()], ['xyz', []],
  ]) assert.deepEqual(names({ query }), expected, query);
  assert.deepEqual(names({ urgency: 'call' }), ['Dũng', 'Bùi Bình']);
  assert.equal(list.page({}, 1, 2).total, 5);
  assert.deepEqual(list.page({}, 1, 2).rows.map(({ name }) => name), ['Dũng', 'Bùi Bình']);
  const [first] = list.page({ query: 'con nho' }, 0, 1).rows;
  assert.equal(first.phone, '+84909123456');
});

/** A server that stores one register, as the real one does. */
function server() {
  const state = { version: 0, sealed: new Uint8Array(), sent: [] };
  globalThis.fetch = async (url, { method = 'GET', body } = {}) => {
    await new Promise((resolve) => { setTimeout(resolve, Math.random() * 3); });
    if (method === 'GET') {
      return new Response(state.sealed, { headers: { 'x-register-version': String(state.version) } });
    }
    state.sent.push(body);
    if (Number(new URL(url, 'http://x').searchParams.get('version')) !== state.version) {
      return Response.json({ error: 'other-version' }, { status: 409 });
    }
    [state.version, state.sealed] = [state.version + 1, body];
    return Response.json({ version: state.version });
  };
  return state;
}

test('officers who note at once lose nothing, and the server gets one size', async () => {
  const state = server();
  const subject = 'ab'.repeat(16);
  const three = [1, 2, 3].map((by) => new Notes({ path: '/register', csrf: 'x', half, key, authority, by }));
  await Promise.all(three.map((one) => one.fetch()));
  await Promise.all(three.flatMap((one) => [0, 1, 2].map((i) => (
    one.add({ subject, kind: NOTE, text: `${one.by} ${i}`, now: 100 * i + one.by })))));
  await Promise.all(three.map((one) => one.fetch()));
  const expected = ['1 0', '2 0', '3 0', '1 1', '2 1', '3 1', '1 2', '2 2', '3 2'];
  for (const one of three) assert.deepEqual(one.about(subject).notes.map(({ text }) => text), expected);
  assert.deepEqual([...new Set(state.sent.map(({ length }) => length))], [REGISTER_BYTES[0]]);
  const [{ id }] = three[0].about(subject).notes;
  await three[0].drop({ subject, id, now: 900 });
  await three[1].fetch();
  assert.equal(three[1].about(subject).notes.length, 8);
});

test('a register that was altered is not written over', async () => {
  const state = server();
  const one = notes();
  await one.fetch();
  await one.add({ subject: 'ab'.repeat(16), kind: CALLED, text: '', now: 1 });
  state.sealed = state.sealed.slice();
  state.sealed[100] ^= 1;
  const other = notes();
  await other.fetch();
  assert.equal(other.broken, true);
  await assert.rejects(other.add({ subject: 'ab'.repeat(16), kind: CALLED, text: '', now: 2 }), (error) => error.code === 'register');
  assert.equal(state.version, 1);
});

test('people of doors are opened, called and written into a table', async () => {
  server();
  const contact = (name, phone) => toBase64(sealContact({ name, phone }, key, authority));
  const at = { from: 1_795_000_000, until: 1_795_003_600, companions: 2, venue: 'Chợ Đồng Xuân' };
  const calls = openCalls([{ contact: contact('Cụ Sáu', '+84912000111'), ...at }, { contact: 'AAAA', ...at }], authority, key, half);
  assert.equal(calls.unreadable, 1);
  const list = day(await opened([rowOf(form('=An'))]), { calls });
  await list.notes.fetch();
  const [person] = list.people();
  assert.deepEqual([person.name, person.phone, person.venue, person.about.called], ['Cụ Sáu', '+84912000111', 'Chợ Đồng Xuân', false]);
  await list.notes.add({ subject: person.subject, kind: CALLED, text: '', now: 5 });
  assert.deepEqual([list.people()[0].about.called, list.people()[0].about.by], [true, 'Hoa']);
  const words = {
    columns: ['a', 'b'], yes: 'có', no: 'không', urgency: { none: 'không có' }, kind: { daily: 'ngày' }, symptoms: {},
  };
  const text = (filter) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(list.csv(filter, words));
  assert.equal(text({ door: true }), '\ufeff"a","b"\r\n"Cụ Sáu","\'+84912000111","Chợ Đồng Xuân","2026-11-18 18:06","2026-11-18 19:06","2","có",""\r\n');
  assert.match(text({}), /^\ufeff"a","b"\r\n"không có","ngày","'=An","1985","'\+84912345678","00070",/);
});
