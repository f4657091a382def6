// A list of cases: what is read of it, what is wrong by line, and how its lines are sent.

import assert from 'node:assert/strict';
import test from 'node:test';

import { MOST_BYTES, MOST_LINES, Progress, readList, sendAll } from './code-list.js';

const rules = { today: '2026-11-30', daysBack: 28 };
const read = (content) => readList(new TextEncoder().encode(content), rules);
const problems = ({ wrong }) => wrong.map(({ line, id }) => [line, id]);

test('headings in both languages, in any order, with dates as people write them', () => {
  const expected = [{ line: 2, phone: '+84912345678', testType: 'confirmed', symptomDate: '2026-11-20', testDate: '2026-11-28' }];
  for (const content of [
    'phone,test type,symptom date,test date\n0912 345 678,confirmed,2026-11-20,2026-11-28',
    '\ufeffSố điện thoại;Kết quả;Ngày khởi phát;Ngày xét nghiệm\r\n+84912345678;Dương tính (khẳng định);20/11/2026;28/11/2026\r\n',
    'Ngày  xét nghiệm\tĐiện thoại\tNGÀY KHỞI PHÁT\n28.11.2026\t84912345678\t20-11-2026',
  ]) assert.deepEqual(read(content), { orders: expected, wrong: [] });
  const [one, two] = read('sdt,loại\n0912345678,nghi nhiễm\n0912345679,Âm tính').orders;
  assert.deepEqual([one.testType, one.symptomDate, two.testType], ['likely', '', 'negative']);
});

test('what is wrong is said by line, and the other lines stay', () => {
  const content = ['phone,type,onset,tested', '0912345678,,,', '912345678,,,', '0912,,,', '0912 345 678,,,', '0912345670,maybe,,',
    '0912345671,,2026-12-01,', '0912345672,,,2026-11-01', '0912345673,,31/02/2026,', '=1+1,,,', '+1 415 555 2671,,2026-11-30,2026-11-02'].join('\n');
  const list = read(content);
  assert.deepEqual(problems(list), [[3, 'list-phone-zero'], [4, 'list-phone'], [5, 'list-twice'], [6, 'list-type'],
    [7, 'list-symptom-date'], [8, 'list-test-date'], [9, 'list-symptom-date'], [10, 'list-phone']]);
  assert.equal(list.wrong[2].values.number, 2, 'where the telephone stands first');
  assert.deepEqual(list.orders.map(({ line }) => line), [2, 11]);
});

test('a file that is no such list is refused as a whole', () => {
  const line = (count) => `phone\n${Array.from({ length: count }, (_, i) => `09123${`${i}`.padStart(5, '0')}`).join('\n')}`;
  for (const [content, id] of [['', 'list-empty'], ['phone\n', 'list-empty'], ['test date\n2026-11-20', 'list-no-phone'],
    ['phone,name\n0912345678,An', 'list-column'], ['phone,phone\n1,2', 'list-column'], ['0912345678,confirmed', 'list-column'],
    [line(MOST_LINES + 1), 'list-too-many'], ['phone\n\0', 'list-not-utf8'], ['x'.repeat(MOST_BYTES + 1), 'list-too-long']]) {
    assert.deepEqual(problems(read(content)), [[0, id]]);
  }
  assert.equal(read(line(MOST_LINES)).orders.length, MOST_LINES);
  assert.deepEqual(problems(readList(Uint8Array.of(0x50, 0xff), rules)), [[0, 'list-not-utf8']]);
});

class Store extends Map {
  getItem(key) { return this.get(key) ?? null; }

  setItem(key, value) { this.set(key, value); }

  removeItem(key) { this.delete(key); }
}

test('what the browser keeps names the file by its size and time, and nothing in it', () => {
  const store = new Store();
  const progress = new Progress(store);
  const file = { size: 120, modified: 1_700_000_000_000 };
  assert.equal(progress.lineOf(file), null);
  progress.put(file, 57);
  assert.deepEqual([...store.values()], ['{"size":120,"modified":1700000000000,"next":57}']);
  assert.equal(new Progress(store).lineOf(file), 57);
  assert.equal(progress.lineOf({ ...file, size: 121 }), null);
  assert.equal(progress.lineOf({ ...file, modified: 5 }), null);
  progress.forget();
  assert.equal(progress.lineOf(file), null);
  store.set('vungxanh-code-list', '{broken');
  assert.equal(progress.lineOf(file), null);
});

const orders = [2, 3, 4, 5, 6, 7].map((line) => ({ line }));

async function sent(states, stopAfter = Infinity) {
  const seen = [];
  const end = await sendAll(orders, {
    send: async ({ line }) => ({ state: states[line] ?? 'sent' }),
    done: ({ line }, { state }) => seen.push([line, state]),
    isStopped: () => seen.length >= stopAfter,
  });
  return { seen, end };
}

test('lines are sent one after the other, stopped and gone on with', async () => {
  assert.deepEqual((await sent({})).end, { next: null, reason: null });
  const { seen, end } = await sent({ 3: 'repeated' }, 3);
  assert.deepEqual(seen, [[2, 'sent'], [3, 'repeated'], [4, 'sent']]);
  assert.deepEqual(end, { next: 5, reason: 'stopped' });
});

test('single failures are passed over, several in a row stop at the first of them', async () => {
  assert.deepEqual((await sent({ 3: 'failed', 4: 'failed' })).end, { next: null, reason: null });
  const { seen, end } = await sent({ 3: 'failed', 4: 'sent', 5: 'failed', 6: 'failed', 7: 'failed' });
  assert.equal(seen.length, 6);
  assert.deepEqual(end, { next: 5, reason: 'failing' });
  assert.deepEqual((await sent({ 7: 'failed' })).end, { next: 7, reason: null });
});

test('after the end of the session nothing more is sent', async () => {
  const { seen, end } = await sent({ 4: 'ended' });
  assert.deepEqual(seen.map(([line]) => line), [2, 3, 4]);
  assert.deepEqual(end, { next: 4, reason: 'ended' });
});
