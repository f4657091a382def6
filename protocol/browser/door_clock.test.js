// The clock of a door.

import assert from 'node:assert/strict';
import test from 'node:test';

import { DoorClock } from './door_clock.js';

test("a door's clock is the server's, and goes on without it", () => {
  const clock = new DoorClock();
  clock.confirm(10_000, 9_400);
  assert.equal(clock.now(9_401, 1), 10_001);
  assert.equal(clock.now(9_460, 60), 10_060);
  assert.equal(new DoorClock(clock.offset).now(9_500, 3), 10_100);
});

test("a phone's clock that is set does not move it", () => {
  for (const set of [-3_600, 3_600]) {
    const clock = new DoorClock();
    clock.now(1_000, 1);
    assert.equal(clock.now(1_001 + set, 2), 1_001);
    assert.equal(clock.now(1_002 + set, 3), 1_002);
  }
});

test('a phone that was asleep is believed, one that woke up earlier than it fell asleep is not', () => {
  const clock = new DoorClock();
  clock.now(1_000, 1);
  assert.equal(clock.now(4_600, 2, true), 4_600);
  assert.equal(clock.now(1_000, 3, true), 4_601);
});
