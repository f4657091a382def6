// Recovery codes on the vectors of another implementation (test-vectors/generate_venue_key_file.py).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { fromHex } from './bytes.js';
import * as keyfile from './keyfile.js';
import * as officerKey from './officer_key.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/venue-key-file.json', import.meta.url)));
const secret = fromHex(vectors.secret, 32);
const whole = vectors.recovery_blocks;
const old = vectors.recovery_code;
const blocks = whole.split('-');
const code = (expected) => (error) => error.code === expected;
const wrong = (numbers) => (error) => error.code === 'code-blocks' && error.details.groups === numbers.join(', ');

test('the code, in whatever groups it is typed or pasted', () => {
  assert.equal(keyfile.recoveryCode(secret), whole);
  assert.equal(blocks.length, keyfile.BLOCKS);
  const characters = whole.replaceAll('-', '');
  for (const typed of [
    whole, whole.toLowerCase(), characters, whole.replaceAll('-', ' \n'), ` ${whole}\n`,
    characters.match(/.{1,4}/g).join(' '), characters.match(/.{1,7}/g).join('-'),
    whole.replaceAll('1', 'l').replaceAll('0', 'O'),
  ]) assert.deepEqual(keyfile.secretOfRecoveryCode(typed), secret, typed);
});

test('codes of earlier programs are read', () => {
  for (const typed of [old, old.toLowerCase(), old.replaceAll('-', ''), old.replaceAll('-', '\n'), old.replaceAll('1', 'i')]) {
    assert.deepEqual(keyfile.secretOfRecoveryCode(typed), secret, typed);
  }
  const characters = old.replaceAll('-', '');
  for (let index = 0; index < characters.length; index++) {
    const other = characters[index] === 'X' ? 'Y' : 'X';
    const typed = characters.slice(0, index) + other + characters.slice(index + 1);
    assert.throws(() => keyfile.secretOfRecoveryCode(typed), code('code-checksum'), `${index}`);
  }
  assert.throws(() => keyfile.secretOfRecoveryCode('Z'.repeat(58)), code('code-checksum'));
});

test('every wrong character and every swap is noticed, and in which block it is', () => {
  const characters = whole.replaceAll('-', '');
  for (let index = 0; index < characters.length; index++) {
    for (const other of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (other === characters[index]) continue;
      const typed = characters.slice(0, index) + other + characters.slice(index + 1);
      assert.throws(() => keyfile.secretOfRecoveryCode(typed), wrong([Math.floor(index / 5) + 1]));
    }
  }
  for (let first = 0; first < blocks.length; first++) {
    for (let second = first + 1; second < blocks.length; second++) {
      const swapped = [...blocks];
      [swapped[first], swapped[second]] = [blocks[second], blocks[first]];
      assert.throws(() => keyfile.secretOfRecoveryCode(swapped.join(' ')), wrong([first + 1, second + 1]));
    }
  }
});

test('a block that lacks a character, or has one too many, is named', () => {
  for (let index = 0; index < blocks.length; index++) {
    for (const block of [blocks[index].slice(1), `${blocks[index]}0`]) {
      const typed = blocks.with(index, block).join('-');
      assert.throws(() => keyfile.secretOfRecoveryCode(typed), wrong([index + 1]), typed);
    }
  }
});

test('incomplete and foreign codes say what is wrong', () => {
  const parse = (typed) => () => keyfile.secretOfRecoveryCode(typed);
  const length = (count) => (error) => error.code === 'code-length' && error.details.count === count && error.details.expected === 70;
  assert.throws(parse(''), length(0));
  assert.throws(parse(blocks.slice(1).join('-')), length(65));
  assert.throws(parse(`${whole}-0`), length(71));
  assert.throws(parse(`${old}0`), length(59));
  assert.throws(parse('0'.repeat(5000)), length(256));
  assert.throws(parse(whole.replace('7', 'ơ')), code('code-character'));
  assert.throws(parse(whole.replace('7', 'U')), code('code-character'));
  assert.throws(() => officerKey.secretOfRecoveryCode(whole), code('code-checksum'), 'a venue’s code is no officer’s');
});

test('while it is typed, each whole block is right or wrong', () => {
  const typed = (text) => keyfile.typedBlocks(text);
  assert.deepEqual(typed(''), { isOld: false, right: [], wrong: [], whole: false });
  assert.deepEqual(typed(blocks[0].slice(0, 4)).wrong, []);
  assert.deepEqual(typed(`${blocks[0]} ${blocks[1]} 7`).right, [1, 2]);
  const other = blocks.with(1, 'ZZZZZ').slice(0, 3).join(' ');
  assert.deepEqual(typed(other), { isOld: false, right: [1, 3], wrong: [2], whole: false });
  assert.deepEqual(typed(`${blocks[0]}!!!!!`).wrong, [2]);
  assert.equal(typed(whole.toLowerCase().replaceAll('-', '')).whole, true);
  assert.equal(typed(`${whole}0`).whole, false);
  assert.equal(typed(old.slice(0, 14)).isOld, true);
  assert.equal(typed(old.replaceAll('-', '')).isOld, true);
});
