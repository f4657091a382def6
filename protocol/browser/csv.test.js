// CSV as people's programs write it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { rowsOf } from './csv.js';

const cells = (content) => rowsOf(content).map((row) => row.cells);

test('commas, semicolons and tabs separate; the mark of UTF-8 and ends of lines are no content', () => {
  const expected = [['Họ tên', 'Năm sinh'], ['An', '1990']];
  for (const content of ['Họ tên,Năm sinh\nAn,1990', '\ufeffHọ tên;Năm sinh\r\nAn;1990\r\n', 'Họ tên\tNăm sinh\nAn\t1990\n\n']) {
    assert.deepEqual(cells(content), expected);
  }
});

test('quotes hold separators, quotes and ends of lines; lines are counted where rows begin', () => {
  const rows = rowsOf('name,note\n"Lê ""Tý"", An","two\nlines"\n\nBình,x\n');
  assert.deepEqual(rows, [
    { line: 1, cells: ['name', 'note'] }, { line: 2, cells: ['Lê "Tý", An', 'two\nlines'] }, { line: 5, cells: ['Bình', 'x'] },
  ]);
});

test('empty rows are none, an open quote ends with the text', () => {
  assert.deepEqual(cells(''), []);
  assert.deepEqual(cells(' , \n;;\n'), [[';;']]);
  assert.deepEqual(cells('a,b\n"open,1\n2'), [['a', 'b'], ['open,1\n2']]);
});
