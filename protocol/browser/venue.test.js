// `node --test protocol/browser/*.test.js` (Node 20 or later): the browser's modules on the vectors of the Rust crate.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import * as venue from './venue.js';

const vectors = JSON.parse(readFileSync(new URL('../test-vectors/venue.json', import.meta.url)));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const payload = bytes(vectors.poster.payload);
const master = bytes(vectors.master);

test('the pairing is serialised as the protocol pins it', () => {
  const { G1, G2 } = bls12_381;
  for (const { p, q, gt } of vectors.pairings) {
    const value = bls12_381.pairing(G1.Point.fromHex(p), G2.Point.fromHex(q));
    assert.equal(hex(venue.serialiseGt(value)), gt);
  }
});

test('public key, proof of possession and joint key', () => {
  const [party, authority] = vectors.parties;
  assert.equal(hex(venue.publicKeyOf(bytes(party.secret))), party.public);
  assert.equal(hex(venue.proofOfPossession(bytes(party.secret))), party.proof);
  assert.equal(hex(venue.joinKeys(bytes(party.public), bytes(authority.public))), vectors.master);
});

test('slots, and the share of the venue', () => {
  for (const slot of vectors.slots) {
    const { identity, notifyKey } = venue.slotOf(payload, slot.hour);
    assert.equal(hex(identity), slot.identity);
    assert.equal(hex(notifyKey), slot.notify_key);
    const share = venue.share(bytes(vectors.parties[0].secret), payload, slot.hour);
    assert.equal(hex(share), slot.venue_share);
  }
});

test('a share is not made for the poster of another venue', () => {
  const other = bytes(vectors.parties[1].secret);
  assert.throws(() => venue.share(other, payload, vectors.slots[0].hour), /key of this venue/);
});

test('visits are sealed to the byte, and opened by their slot key alone', () => {
  vectors.visits.forEach((visit, index) => {
    const sealed = venue.sealVisit(visit, payload, master, bytes(visit.x));
    assert.equal(hex(sealed), visit.sealed);
    assert.equal(hex(venue.openVisit(sealed, bytes(vectors.slots[index].key))), visit.plain);
    const closed = [vectors.slots[1 - index].key, vectors.slots[index].venue_share,
      vectors.slots[index].authority_share, vectors.refused.g2_identity];
    for (const key of closed) assert.equal(venue.openVisit(sealed, bytes(key)), null);
    const again = venue.sealVisit(visit, payload, master);
    assert.notDeepEqual(again, sealed);
    assert.equal(hex(venue.openVisit(again, bytes(vectors.slots[index].key))), visit.plain);
  });
});

test('an altered record stays closed', () => {
  const [visit] = vectors.visits;
  for (const index of [0, 40, 47, 48, 79, 80, 150, 191]) {
    const altered = bytes(visit.sealed);
    altered[index] ^= 1;
    assert.equal(venue.openVisit(altered, bytes(vectors.slots[0].key)), null, `byte ${index}`);
  }
});

test('fresh keys differ and are proven', () => {
  const [one, two] = [venue.makeKeyPair(), venue.makeKeyPair()];
  assert.notDeepEqual(one.secret, two.secret);
  assert.deepEqual(one.publicKey, venue.publicKeyOf(one.secret));
  assert.deepEqual(one.proof, venue.proofOfPossession(one.secret));
});

test('points outside the subgroup, the identity and bad scalars are refused', () => {
  const { g1_outside_subgroup, g1_identity, g1_not_on_curve } = vectors.refused;
  for (const point of [g1_outside_subgroup, g1_identity, g1_not_on_curve, vectors.rogue[0].cancelling]) {
    assert.throws(() => venue.joinKeys(bytes(point), bytes(vectors.parties[1].public)));
  }
  for (const scalar of ['00'.repeat(32), 'ff'.repeat(32), '01']) {
    assert.throws(() => venue.publicKeyOf(bytes(scalar)));
  }
});

test('times outside one hour are not sealed', () => {
  const [visit] = vectors.visits;
  const seal = (change) => venue.sealVisit({ ...visit, ...change }, payload, master);
  assert.throws(() => seal({ until: visit.from }));
  assert.throws(() => seal({ until: visit.until + 1 }));
});
