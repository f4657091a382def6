// The key file and the recovery code on the vectors of other libraries.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { fromHex, toHex } from './bytes.js';
import * as keyfile from './keyfile.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/venue-key-file.json', import.meta.url)));
const secret = fromHex(vectors.secret, 32);
const file = JSON.stringify(vectors.file);
const cheap = { cost: { memory_kib: 8, passes: 1 } };
const code = (expected) => (error) => error.code === expected;
const altered = (change) => {
  const copy = structuredClone(vectors.file);
  change(copy);
  return JSON.stringify(copy);
};

test('the file of other libraries opens however the keyboard composes', async () => {
  for (const passphrase of [vectors.passphrase, vectors.passphrase_decomposed]) {
    assert.deepEqual(await keyfile.openKeyFile(file, passphrase), secret);
  }
});

test('what is written is read back, and differs each time', async () => {
  const written = await keyfile.sealKeyFile(secret, 'mười chữ cái', cheap);
  assert.notEqual(written, await keyfile.sealKeyFile(secret, 'mười chữ cái', cheap));
  assert.deepEqual(await keyfile.openKeyFile(written, 'mười chữ cái'), secret);
  assert.doesNotMatch(written, new RegExp(toHex(secret)));
});

test('a wrong passphrase and altered fields stay closed', async () => {
  const wrong = code('wrong-passphrase');
  await assert.rejects(keyfile.openKeyFile(file, 'phở gà, bún chả, chả cá'), wrong);
  for (const change of [
    (f) => { f.kdf.passes = 3; }, (f) => { f.kdf.salt = 'ff'.repeat(16); },
    (f) => { f.sealed = '00'.repeat(72); }, (f) => { f.kdf.memory_kib = 264; },
  ]) await assert.rejects(keyfile.openKeyFile(altered(change), vectors.passphrase), wrong);
  await assert.rejects(keyfile.openKeyFile(file, 'x'.repeat(1025)), code('long-passphrase'));
});

test('short passphrases are counted as people count', async () => {
  for (const short of ['', '123456789', 'ở ở ở ở ở', 'ở ở ở ở ở'.normalize('NFD')]) {
    await assert.rejects(keyfile.sealKeyFile(secret, short, cheap), code('short-passphrase'));
  }
});

test('files that are none are refused with a reason', () => {
  const read = (text) => () => keyfile.readKeyFile(text);
  for (const cut of ['', '{', '[]', 'null', '7', file.slice(0, -1), file.slice(0, 99)]) {
    assert.throws(read(cut), code('not-a-key-file'), cut);
  }
  assert.throws(read(' '.repeat(4097)), code('too-long'));
  assert.throws(read(altered((f) => { f.kdf.memory_kib = 262145; })), code('excessive'));
  assert.throws(read(altered((f) => { f.kdf.passes = 17; })), code('excessive'));
  assert.throws(read(altered((f) => { f.format = 'VX-VENUE-KEY-FILE-2'; })), code('newer'));
  assert.throws(read(altered((f) => { f.kdf.algorithm = 'argon3'; })), code('newer'));
  for (const change of [
    (f) => { f.format = 'PNG'; }, (f) => { f.kdf.memory_kib = 7; }, (f) => { f.kdf.passes = 0.5; },
    (f) => { f.kdf.salt = '00'; }, (f) => { f.sealed = '0g'.repeat(72); }, (f) => { f.public_key = 1; },
  ]) assert.throws(read(altered(change)), code('not-a-key-file'), change.toString());
});
