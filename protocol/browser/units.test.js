// Provinces and wards, by the files of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { addOldNames, folded, namedWard, readUnits, searchWards } from './units.js';

const read = (name) => readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8');
const units = readUnits(read('vn-units.tsv'));
const names = (text, province = null) => searchWards(units, text, province, 5).map(({ name }) => name);

test('wards are found without diacritics, with either tone, and in their province', () => {
  assert.deepEqual([units.provinces.length, units.wards.length], [34, 3321]);
  for (const text of ['hoan kiem', 'Hoàn Kiếm', 'HOAN  KIEM', 'phuong hoan kiem']) {
    assert.equal(names(text)[0], 'Phường Hoàn Kiếm', text);
  }
  assert.equal(folded('Hoà'), folded('Hòa'));
  assert.equal(folded('Thuỷ  Đông '), 'thuy dong');
  assert.ok(searchWards(units, 'tan', 79, 100).every(({ province }) => province === 79));
  for (const text of ['', ' ', 'xyzzy', 'đ'.repeat(1_000_000)]) assert.deepEqual(names(text), []);
});

test('a ward is named by what leads to it alone', () => {
  const named = (text, province) => namedWard(units, text, province)?.code ?? null;
  for (const text of ['Phường Hoàn Kiếm', ' hoàn  kiếm ', 'phuong hoan kiem', 'hoa\u0300n kiê\u0301m']) assert.equal(named(text, 1), 70, text);
  for (const [text, province] of [['Hoàn Kiếm', 79], ['Hoàn', 1], ['Đồng Xuân', 1], ['', 1], ['70', 1], ['xã ba to', 51]]) {
    assert.equal(named(text, province), null, text);
  }
  for (const { name, province, code } of units.wards) assert.equal(named(name, province), code, name);
});

test('old names are found once they are loaded', () => {
  assert.ok(!names('Hàng Bạc', 1).includes('Phường Hoàn Kiếm'));
  addOldNames(units, read('vn-old-names.tsv'));
  for (const text of ['Hàng Bạc', 'phường Hàng Bạc', 'hang bac']) assert.ok(names(text, 1).includes('Phường Hoàn Kiếm'), text);
});
