// Provinces and wards, by the files of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { addOldNames, folded, readUnits, searchWards } from './units.js';

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

test('old names are found once they are loaded', () => {
  assert.ok(!names('Hàng Bạc', 1).includes('Phường Hoàn Kiếm'));
  addOldNames(units, read('vn-old-names.tsv'));
  for (const text of ['Hàng Bạc', 'phường Hàng Bạc', 'hang bac']) assert.ok(names(text, 1).includes('Phường Hoàn Kiếm'), text);
});
