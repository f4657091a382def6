// Codes of visits on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { pictureOf } from './code_picture.js';
import { codeOfVisits, lineOfVisit, visitsOfCode } from './disclosure.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/disclosure.json', import.meta.url)));

const visitOf = (line) => {
  const [, , poster, from, until] = line.split(':');
  return { poster, from: Number(from), until: Number(until) };
};

test('codes of visits are those of the vectors, and say the same visits', () => {
  assert.equal(vectors.codes.length, 3);
  for (const { code, lines } of vectors.codes) {
    const visits = lines.map(visitOf);
    assert.equal(codeOfVisits(visits), code);
    assert.deepEqual(visitsOfCode(` ${code}\n`), visits);
    assert.deepEqual(visits.map(lineOfVisit), lines);
    assert.ok(pictureOf(code).size < 80, 'a camera reads it from a screen');
  }
});

test('everything else is refused', () => {
  for (const [what, code] of Object.entries(vectors.refused)) assert.throws(() => visitsOfCode(code), what);
  const visit = visitOf(vectors.codes[0].lines[0]);
  for (const wrong of [[], Array(11).fill(visit), [{ ...visit, until: visit.from }], [{ ...visit, until: visit.from + 86401 }],
    [{ ...visit, until: 2 ** 32 }], [{ ...visit, from: -1 }], [{ ...visit, poster: 'abc' }]]) {
    assert.throws(() => codeOfVisits(wrong));
  }
});
