// The browser's module of passes on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import { ed25519 } from './vendor/noble/curves/ed25519.js';
import * as pass from './pass.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/pass.json', import.meta.url)));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const { now } = vectors;
const root = bytes(vectors.keys.root);
const keys = pass.readPassKeys(bytes(vectors.keys.signed), root);
const [live, printed, specimen] = vectors.passes;

test('the file of keys, and the one key of a day and kind', () => {
  assert.deepEqual([keys.serial, keys.minutesAhead, keys.validDays, keys.keys.size], [5, 420, 3, 3]);
  assert.equal(pass.keyFor(keys, live.day, pass.LIVE).id, 0);
  assert.equal(pass.keyFor(keys, live.day, pass.PRINTED).id, 1);
  assert.throws(() => pass.keyFor(keys, live.day + 1, pass.LIVE));
  assert.deepEqual(pass.readPassKeys(bytes(vectors.keys.signed), root, keys), keys);
});

test('an altered file, an older one and another key under a name that was seen are refused', () => {
  const signed = bytes(vectors.keys.signed);
  for (const at of [0, 88, 90, 200, signed.length - 1]) {
    const altered = signed.slice();
    altered[at] ^= 1;
    assert.throws(() => pass.readPassKeys(altered, root), `byte ${at}`);
  }
  assert.throws(() => pass.readPassKeys(signed, root, { ...keys, serial: 6 }), /serial 5/);
  const [name, key] = [...keys.keys][0];
  const swapped = new Map([[name, { ...key, key: [...keys.keys][1][1].key }]]);
  assert.throws(() => pass.readPassKeys(signed, root, { ...keys, keys: swapped }), pass.ConflictingKeys);
});

test('every pass fits every request: what the issuer saw excludes none', () => {
  const { G1, G2 } = bls12_381;
  const secret = bls12_381.fields.Fr.create(0x1234567890abcdefn);
  const key = { day: live.day, kind: pass.LIVE, id: 0, key: G2.Point.BASE.multiply(secret).toBytes() };
  const point = (data) => G1.Point.fromBytes(data);
  const e = (one, two) => JSON.stringify(bls12_381.fields.Fp12.toBytes(bls12_381.pairing(one, two)));
  const issue = (blinded, k = secret) => point(blinded).multiply(k).toBytes();
  const hashed = (content) => bls12_381.shortSignatures.hash(content, Buffer.from('VX-PASS-1_BLS12381G1_XMD:SHA-256_SSWU_RO_'));
  const seen = Array.from({ length: 4 }, () => {
    const request = pass.requestPass(key);
    const answer = issue(request.blinded);
    return { request, answer, made: pass.finishPass(request, answer, key) };
  });
  // The logarithm r of B to the base H(m) exists for each pair, since both generate the group; the pass is that of
  // this pair if the answer is r times its signature. With S = k H(m) and S' = k B it always is: both are checked.
  const fits = ({ request, answer }, { request: { content }, made }) => (
    e(point(answer), G2.Point.BASE) === e(point(request.blinded), G2.Point.fromBytes(key.key))
    && e(point(made.subarray(37)), G2.Point.BASE) === e(hashed(content), G2.Point.fromBytes(key.key)));
  for (const one of seen) for (const other of seen) assert.ok(fits(one, other));
  // An issuer that answers one person under a key of its own would find them again: the person notices.
  const { request } = seen[0];
  const marked = issue(request.blinded, secret + 1n);
  assert.ok(!fits({ request, answer: marked }, seen[1]));
  assert.throws(() => pass.finishPass(request, marked, key), /not issued/);
});

test('blinding and finishing', () => {
  for (const vector of [live, printed]) {
    const key = pass.keyFor(keys, vector.day, vector.kind);
    const seeds = { holder: bytes(vector.holder_seed), blinding: bytes(vector.blinding_seed) };
    const request = pass.requestPass(key, seeds);
    assert.equal(request.r.toString(16).padStart(64, '0'), vector.r);
    assert.equal(hex(request.content), vector.content);
    assert.equal(hex(request.blinded), vector.blinded);
    assert.equal(hex(pass.finishPass(request, bytes(vector.answer), key)), vector.pass);
    const other = vector === live ? printed : live;
    assert.throws(() => pass.finishPass(request, bytes(other.answer), key), /not issued/);
    const fresh = pass.requestPass(key);
    assert.notEqual(hex(fresh.blinded), vector.blinded);
    assert.throws(() => pass.finishPass(fresh, bytes(vector.answer), key), /not issued/);
  }
});

test('codes are written, read and judged', () => {
  const shown = pass.showLive(bytes(live.pass), bytes(live.holder_seed), live.live.time);
  assert.equal(hex(shown), live.live.bytes);
  assert.equal(pass.codeOf(shown), live.live.code);
  assert.equal(pass.codeOf(bytes(printed.pass)), printed.code);
  const verdict = (code, at = now) => pass.judge(keys, pass.readCode(code), at).verdict;
  assert.equal(verdict(live.live.code), 'valid');
  assert.equal(verdict(` ${printed.code}\n`), 'valid');
  assert.equal(verdict(specimen.live.code), 'specimen');
  for (const away of [181, -181, 3600]) assert.equal(verdict(live.live.code, now + away), 'clocks-differ');
  assert.equal(verdict(live.live.code, now + 3601), 'too-old');
  assert.equal(verdict(printed.code, now + 3601), 'valid');
  assert.equal(verdict(printed.code, now - 86_400), 'wrong-day');
  assert.equal(verdict(printed.code, now + 3 * 86_400), 'wrong-day');
  assert.equal(verdict(printed.code, keys.expiresAt), 'keys-expired');
  const revoked = { ...keys, revoked: new Set([...keys.keys.keys()]) };
  assert.equal(pass.judge(revoked, pass.readCode(printed.code), now).verdict, 'unknown-key');
});

test('no altered code is valid', () => {
  for (const vector of [bytes(live.live.bytes), bytes(printed.pass)]) {
    for (const at of [0, 1, 2, 4, 5, 36, 37, 84, vector.length - 1]) {
      const altered = vector.slice();
      altered[at] ^= 1;
      let verdict = 'refused';
      try {
        verdict = pass.judge(keys, pass.readPresented(altered), now).verdict;
      } catch {
        // As it should be.
      }
      assert.notEqual(verdict, 'valid', `byte ${at}`);
    }
  }
  const prefix = printed.code.slice(0, 5);
  const digits = printed.code.slice(5);
  for (const code of ['', prefix, digits, `${prefix}0${digits}`, `${prefix}+${digits}`, prefix + '9'.repeat(1_000_000), live.code]) {
    assert.throws(() => pass.readCode(code), code.slice(0, 20));
  }
});

test('points off the subgroup, of small order, not canonical or the identity are refused', () => {
  const { refused } = vectors;
  for (const name of ['g1_outside_subgroup', 'g1_identity', 'g1_not_on_curve', 'g1_order_three', 'g1_not_canonical']) {
    const forged = bytes(printed.content + refused[name]);
    assert.throws(() => pass.readPresented(forged), /no valid point/, name);
    const key = pass.keyFor(keys, printed.day, pass.PRINTED);
    assert.throws(() => pass.finishPass(pass.requestPass(key), bytes(refused[name]), key), /no valid point/, name);
  }
  assert.throws(() => pass.readPresented(bytes(refused.pass_plus_order_three)), /no valid point/);
  const negated = pass.readPresented(bytes(refused.pass_negated));
  assert.equal(pass.judge(keys, negated, now).verdict, 'not-a-pass');
});

test('weak and second encodings of holder keys are refused', () => {
  const identity = new Uint8Array(32);
  identity[0] = 1;
  const second = new Uint8Array(32).fill(0xff);
  [second[0], second[31]] = [0xf0, 0x7f];
  for (const holder of [identity, second]) {
    const forged = bytes(printed.pass);
    forged.set(holder, 5);
    assert.throws(() => pass.readPresented(forged), /Ed25519/);
  }
  assert.equal(hex(ed25519.utils.toMontgomery(bytes(live.holder))), live.agreement_key);
});
