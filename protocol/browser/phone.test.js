// The browser's module of telephone codes on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { numberProven } from './declaration.js';
import * as phone from './phone.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/phone.json', import.meta.url)));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const { day } = vectors;
const root = bytes(vectors.keys.root);
const keys = phone.readPhoneKeys(bytes(vectors.keys.signed), root);
const key = phone.phoneKeyFor(keys, day);

test('the file of keys', () => {
  assert.deepEqual([keys.serial, keys.issuedAt, keys.expiresAt, keys.minutesAhead, keys.keys.size],
    [7, vectors.keys.issued_at, vectors.keys.expires_at, 420, 2]);
  vectors.issuers.forEach((issuer) => {
    const found = phone.phoneKeyFor(keys, issuer.day);
    assert.deepEqual([hex(found.token), hex(found.proof)], [issuer.token_key, issuer.proof_key]);
  });
  assert.throws(() => phone.phoneKeyFor(keys, day + 2));
  assert.deepEqual(phone.readPhoneKeys(bytes(vectors.keys.signed), root, keys), keys);
});

test('an altered file, an older one and another key for a day that was seen are refused', () => {
  const signed = bytes(vectors.keys.signed);
  for (const at of [0, 88, 90, 110, signed.length - 1]) {
    const altered = signed.slice();
    altered[at] ^= 1;
    assert.throws(() => phone.readPhoneKeys(altered, root), `byte ${at}`);
  }
  assert.throws(() => phone.readPhoneKeys(new Uint8Array(10_000_000), root), /more than/);
  assert.throws(() => phone.readPhoneKeys(signed, root, { ...keys, serial: 8 }), /serial 7/);
  const swapped = new Map([[`${day}-0`, { ...key, proof: phone.phoneKeyFor(keys, day + 1).proof }]]);
  assert.throws(() => phone.readPhoneKeys(signed, root, { ...keys, keys: swapped }), phone.ConflictingPhoneKeys);
});

test('blinding and finishing', () => {
  for (const vector of vectors.tokens) {
    const request = phone.requestToken(day, { nonce: bytes(vector.nonce), blinding: bytes(vector.blinding_seed) });
    assert.equal(request.r.toString(16).padStart(64, '0'), vector.r);
    assert.equal(hex(request.blinded), vector.blinded);
    const token = phone.finishToken(request, bytes(vector.answer), key);
    assert.equal(hex(token), vector.token);
    assert.equal(hex(phone.spentHash(token)), vector.spent);
    const other = vectors.tokens.find((each) => each !== vector);
    assert.throws(() => phone.finishToken(request, bytes(other.answer), key), /not issued/);
    assert.throws(() => phone.finishToken(request, bytes(vector.answer), phone.phoneKeyFor(keys, day + 1)), /not issued/);
    const fresh = phone.requestToken(day);
    assert.notEqual(hex(fresh.blinded), vector.blinded);
    assert.throws(() => phone.finishToken(fresh, bytes(vector.answer), key), /not issued/);
    for (const at of [0, 1, 2, 3, 34, 35, 82]) {
      const altered = token.slice();
      altered[at] ^= 1;
      assert.equal(phone.isIssued(altered, key), false, `byte ${at}`);
    }
  }
});

test('points off the subgroup, of small order or the identity are refused', () => {
  const { refused } = vectors;
  for (const name of ['g1_outside_subgroup', 'g1_identity', 'g1_order_three']) {
    assert.throws(() => phone.finishToken(phone.requestToken(day), bytes(refused[name]), key), /no valid point/, name);
  }
  assert.equal(phone.isIssued(bytes(refused.token_plus_order_three), key), false);
  assert.equal(phone.isIssued(bytes(refused.token_negated), key), false);
});

test('a proof is for one number and one day', () => {
  const { number, base64 } = vectors.proof;
  const form = { kind: 'daily', day, phone: number, phoneProof: base64 };
  assert.equal(numberProven(form, keys), true);
  assert.equal(numberProven({ ...form, phone: '+84987654321', byPhone: number }, keys), true);
  for (const change of [{ phone: '+84912345679' }, { byPhone: '+84987654321' }, { day: day + 1 }, { day: day + 2 },
    { phoneProof: undefined }, { phoneProof: '?' }, { phoneProof: base64.slice(4) }, { phone: undefined }]) {
    assert.equal(numberProven({ ...form, ...change }, keys), false, JSON.stringify(change));
  }
  assert.equal(numberProven(form, undefined), false);
  // A key that was replaced that day proves what it proved before.
  const replaced = { ...keys, keys: new Map([...keys.keys, [`${day}-1`, { ...phone.phoneKeyFor(keys, day + 1), day, id: 1 }]]) };
  assert.equal(numberProven(form, replaced), true);
  assert.equal(phone.phoneKeyFor(replaced, day).id, 1);
});

test('requests have one size, and answers are checked', () => {
  const session = new Uint8Array(16).fill(7);
  const asked = phone.codeBody({ phone: '+84912345678', language: 'vi', session });
  const blinded = Array.from({ length: phone.TOKENS_EACH }, (_, i) => (i === 0 ? phone.requestToken(day).blinded : phone.fillerPoint()));
  const body = phone.confirmBody({ phone: '+123456789012345', session, code: '123456', day, blinded });
  assert.deepEqual([asked.length, body.length], [phone.PHONE_BYTES, phone.PHONE_BYTES]);
  assert.equal(JSON.parse(body).session, '07'.repeat(16));
  assert.throws(() => phone.confirmBody({ session, blinded: blinded.slice(1) }), /100 points/);
  const { number, base64 } = vectors.proof;
  const signed = Buffer.concat(blinded).toString('base64');
  assert.equal(phone.confirmed({ signed, proof: base64 }, number, key).answers.length, 100);
  assert.throws(() => phone.confirmed({ signed, proof: base64 }, '+84912345679', key), /not proven/);
  assert.throws(() => phone.confirmed({ signed: signed.slice(64), proof: base64 }, number, key), /100 points/);
});
