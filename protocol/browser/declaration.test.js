// The browser's modules of declarations on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import * as declaration from './declaration.js';
import * as form from './form.js';
import { isWeak, publicKeyOf } from './hpke.js';
import * as intake from './intake.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../test-vectors/${name}`, import.meta.url)));
const vectors = read('declaration.json');
const rules = read('declaration-rules.json');
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const root = bytes(vectors.root.key);
const { authority, now } = vectors;
const keys = intake.readIntakeKeys(bytes(vectors.intake.signed), root, now);

test('the rules of forms', () => {
  for (const vector of rules.cases) {
    const filled = { ...rules.base[vector.base], ...vector.set };
    for (const field of vector.unset ?? []) delete filled[field];
    const result = form.normalised(form.fromJson(JSON.stringify(filled)));
    const expected = { ...filled, ...vector.normalised };
    for (const field of Object.keys(expected)) {
      if (expected[field] === null || expected[field] === '') delete expected[field];
    }
    if (!expected.paper) delete expected.paperKind;
    assert.deepEqual(result, expected, vector.name);
    assert.deepEqual(form.normalised(result), result, `${vector.name}: again`);
    assert.deepEqual(form.problems(result), vector.problems ?? [], vector.name);
    assert.deepEqual(form.questions(result), vector.questions ?? [], vector.name);
    assert.equal(form.urgency(result), vector.urgency ?? 'none', vector.name);
    assert.deepEqual(form.fromJson(form.toJson(result)), result, vector.name);
  }
});

test('what is no form is refused', () => {
  const [base] = Object.values(rules.base);
  for (const change of [{ kind: 'other' }, { kind: undefined }, { day: -1 }, { day: 1.5 }, { born: '1985' }, { symptoms: ['x'] },
    { symptoms: 'fever' }, { nationality: 'vn' }, { name: 5 }, { consent: 256 }, { travelled: 'no' }]) {
    assert.throws(() => form.fromJson(JSON.stringify({ ...base, ...change })), JSON.stringify(change));
  }
  for (const text of ['', '[]', 'null', '1']) assert.throws(() => form.fromJson(text));
  assert.equal(form.fromJson(JSON.stringify({ ...base, later: 1 })).later, undefined);
});

test('the roster and the spoken fingerprints', () => {
  const roster = intake.readRoster(bytes(vectors.roster.signed), root, 3);
  assert.equal(roster.serial, vectors.roster.serial);
  vectors.roster.officers.forEach((officer, i) => {
    const { id, key, name, groups } = roster.officers[i];
    assert.deepEqual([id, hex(key), name, groups], [officer.id, officer.key, officer.name, officer.groups]);
    assert.equal(hex(publicKeyOf(bytes(officer.secret))), officer.key);
    assert.equal(intake.spokenFingerprint(key), officer.spoken);
  });
  assert.throws(() => intake.readRoster(bytes(vectors.roster.signed), root, 4), /serial 3/);
  assert.throws(() => intake.readRoster(bytes(vectors.intake.signed), root), /signature/);
});

test('intake keys, by day and province', () => {
  assert.equal(intake.intakeKeyFor(keys, 20786, 79).id, 12);
  assert.equal(intake.intakeKeyFor(keys, 20786, 1).id, 11);
  assert.equal(intake.intakeKeyFor(keys, 20787, 79).id, 13);
  assert.throws(() => intake.intakeKeyFor(keys, 20788, 79));
  const signed = bytes(vectors.intake.signed);
  assert.throws(() => intake.readIntakeKeys(signed, root, vectors.intake.expires_at), /expired/);
  assert.throws(() => intake.readIntakeKeys(signed, root, now, 10), /serial 9/);
  signed[100] ^= 1;
  assert.throws(() => intake.readIntakeKeys(signed, root, now), /signature/);
  assert.ok(isWeak(new Uint8Array(32)));
});

test('a sealed half opens for its officer, key and authority alone', () => {
  const [, key] = keys.keys;
  const [other, officer] = vectors.roster.officers.map((each) => ({ ...each, key: bytes(each.key) }));
  const half = bytes(vectors.intake.keys[1].secret);
  const sealed = intake.sealHalf(half, key, officer, authority, bytes(vectors.half.ikm));
  assert.equal(hex(sealed), vectors.half.sealed);
  assert.equal(hex(intake.openHalf(sealed, 7, bytes(officer.secret), key, authority)), hex(half));
  assert.throws(() => intake.openHalf(sealed, 1, bytes(officer.secret), key, authority));
  assert.throws(() => intake.openHalf(sealed, 7, bytes(other.secret), key, authority));
  assert.throws(() => intake.openHalf(sealed, 7, bytes(officer.secret), keys.keys[0], authority));
  assert.throws(() => intake.openHalf(sealed, 7, bytes(officer.secret), key, 'vn.hue'));
  assert.throws(() => intake.sealHalf(bytes(vectors.intake.keys[0].secret), key, officer, authority), /private half/);
});

test('a declaration is sealed to the byte, and opened in its place alone', () => {
  const vector = vectors.declaration;
  const [key] = keys.keys;
  const [half, submission] = [bytes(vectors.intake.keys[0].secret), bytes(vector.submission)];
  const filled = form.normalised(vector.form);
  assert.equal(form.toJson(filled), vector.json);
  assert.deepEqual(form.problems(filled), []);
  const sealed = declaration.sealForm(filled, submission, authority, key, bytes(vector.ikm));
  assert.equal(hex(sealed), vector.sealed);
  const envelope = declaration.envelopeOf(filled, submission);
  assert.deepEqual(declaration.openForm(sealed, envelope, authority, key, half), filled);
  for (const change of [{ kind: 2 }, { ward: 5 }, { day: 20787 }, { submission: new Uint8Array(16) }]) {
    assert.throws(() => declaration.openForm(sealed, { ...envelope, ...change }, authority, key, half));
  }
  assert.throws(() => declaration.openForm(sealed, envelope, 'vn.hue', key, half));
  assert.throws(() => declaration.openForm(sealed.subarray(0, 2095), envelope, authority, key, half));
  assert.throws(() => declaration.openForm(sealed, envelope, authority, keys.keys[1], half));
  assert.throws(() => declaration.sealForm(filled, submission, authority, keys.keys[2]), /inside/);
  const receipt = declaration.makeReceipt(bytes(vectors.receipt.secret));
  assert.equal(hex(receipt.hash), vectors.receipt.hash);
  const body = declaration.requestBody({ envelope, keyId: key.id, sealed, receipt, blinded: Array(24).fill(new Uint8Array(48)), printed: 12 });
  assert.equal(body.length, declaration.REQUEST_BYTES);
  const replaces = { submission: bytes(vectors.receipt.secret), secret: bytes(vectors.receipt.secret) };
  const made = { envelope, keyId: key.id, sealed, receipt, printed: 0, replaces };
  const corrected = declaration.requestBody({ ...made, blinded: [] });
  assert.equal(corrected.length, declaration.REQUEST_BYTES);
  assert.equal(JSON.parse(corrected).receiptSecret, vectors.receipt.secret);
  assert.throws(() => declaration.requestBody({ ...made, blinded: [new Uint8Array(48)] }), /24 points/);
});

test('many are opened as one is, with the browser\'s own arithmetic and without', async () => {
  const vector = vectors.declaration;
  const [key] = keys.keys;
  const [half, submission] = [bytes(vectors.intake.keys[0].secret), bytes(vector.submission)];
  const filled = form.normalised(vector.form);
  assert.equal(form.toJson(filled), vector.json);
  assert.deepEqual(form.problems(filled), []);
  const sealed = declaration.sealForm(filled, submission, authority, key, bytes(vector.ikm));
  assert.equal(hex(sealed), vector.sealed);
  const envelope = declaration.envelopeOf(filled, submission);
  assert.deepEqual(declaration.openForm(sealed, envelope, authority, key, half), filled);
  const weak = sealed.slice();
  weak.fill(0, 0, 32);
  const { subtle } = globalThis.crypto;
  for (const own of [subtle, undefined]) {
    Object.defineProperty(globalThis.crypto, 'subtle', { value: own, configurable: true });
    try {
      const open = await declaration.formOpener(authority, key, half);
      assert.deepEqual(await open(sealed, envelope), filled);
      for (const junk of [weak, sealed.map((byte) => byte ^ 1), crypto.getRandomValues(new Uint8Array(2096)), sealed.subarray(0, 2095), new Uint8Array(2096)]) {
        await assert.rejects(open(junk, envelope));
      }
      await assert.rejects(open(sealed, { ...envelope, ward: 5 }), /inside|tag|invalid/);
    } finally {
      delete globalThis.crypto.subtle;
    }
  }
});
