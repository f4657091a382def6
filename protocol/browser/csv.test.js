// CSV as people's programs write it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { csvLine, rowsOf } from './csv.js';

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

test('any table that a spreadsheet could write is read back', () => {
  // A fixed generator, so that a failure can be repeated.
  let state = 7;
  const next = (most) => { state = (state * 1103515245 + 12345) % 2147483648; return Math.floor((state / 2147483648) * most); };
  const letters = [...'aA1 "\n;,\tđ́😀'];
  for (let round = 0; round < 300; round++) {
    const separator = [',', ';', '\t'][round % 3];
    const head = ['họ', 'tên'];
    const table = Array.from({ length: 1 + next(5) }, () => (
      ['x', ...Array.from({ length: 1 + next(3) }, () => Array.from({ length: next(8) }, () => letters[next(letters.length)]).join(''))]));
    const content = [head, ...table].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator)).join('\r\n');
    const read = cells(content.replaceAll('"họ"', 'họ').replaceAll('"tên"', 'tên'));
    assert.deepEqual(read, [head, ...table], `round ${round}`);
  }
});

test('what strangers write stays text in a spreadsheet', () => {
  const line = csvLine(['An', 'a,b', '"x"', '=1+1', '+84912345678', '@sum', '-1', '', 'hai\ndòng', '\t=1', 7, undefined, '＝1']);
  assert.equal(line, '"An","a,b","""x""","\'=1+1","\'+84912345678","\'@sum","\'-1","","hai dòng","\' =1","7","","\'＝1"\r\n');
});
