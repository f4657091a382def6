// The cells in which a browser keeps sealed visits: docs/protocol.md section 14.5.

import { bls12_381 } from './vendor/noble/curves/bls12-381.js';
import { concat, random, readU32, u32 } from './bytes.js';

const SEALED_BYTES = 192;
const CELLS_PER_HOUR = 4;
const VERSION = 1;
const HEADER_BYTES = 5;
const MAX_RETENTION_DAYS = 21;
const G1 = bls12_381.G1.Point;
const ORDER = bls12_381.fields.Fr.ORDER;

/** A random point and random bytes: what a sealed visit looks like. */
export function decoy() {
  const wide = random(48).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const point = G1.BASE.multiply((wide % (ORDER - 1n)) + 1n);
  return concat(point.toBytes(), random(SEALED_BYTES - 48));
}

/**
 * All cells of the retention period. A browser has no memory that outlasts a page, so which cells
 * of an hour are taken cannot be known there without being stored. Instead each hour has its next
 * cell, at first a random one, which moves on by one with each visit: it tells nothing about how
 * many there were. A fifth visit of one hour takes the place of the first.
 */
export class CellTable {
  constructor(newest, cells, next) {
    this.newest = newest;
    this.cells = cells;
    this.next = next;
  }

  /** Decoys for so many days up to the hour `newest`. `pause` is awaited now and then. */
  static async create(retentionDays, newest, pause = async () => {}) {
    const hours = hoursOf(retentionDays);
    const table = new CellTable(newest, new Uint8Array(hours * CELLS_PER_HOUR * SEALED_BYTES),
      new Uint8Array(hours));
    for (let index = 0; index < hours; index++) {
      table.fill(index);
      if (index % 4 === 3) await pause((index + 1) / hours);
    }
    return table;
  }

  /** What is stored: the file of section 14.5, then the next cell of each hour. */
  toBytes() {
    return concat([VERSION], u32(this.newest), this.cells, this.next);
  }

  /** Reads what `toBytes` made for that retention period; throws otherwise. */
  static fromBytes(bytes, retentionDays) {
    const hours = hoursOf(retentionDays);
    const end = HEADER_BYTES + hours * CELLS_PER_HOUR * SEALED_BYTES;
    if (bytes.length !== end + hours || bytes[0] !== VERSION) {
      throw new Error('the file of check-ins is damaged or of another version');
    }
    const next = bytes.slice(end).map((cell) => cell % CELLS_PER_HOUR);
    return new CellTable(readU32(bytes, 1), bytes.slice(HEADER_BYTES, end), next);
  }

  /** Drops the hours that have expired at the hour `now`, and adds decoys up to it. */
  async advance(now, pause = async () => {}) {
    const hours = this.next.length;
    const passed = Math.min(Math.max(now - this.newest, 0), hours);
    this.cells.copyWithin(0, passed * CELLS_PER_HOUR * SEALED_BYTES);
    this.next.copyWithin(0, passed);
    for (let index = hours - passed; index < hours; index++) {
      this.fill(index);
      if (index % 4 === 3) await pause((index - hours + passed + 1) / passed);
    }
    this.newest = Math.max(this.newest, now);
  }

  /** Puts `[{ hour, sealed }]` in place of decoys. Nothing is changed when the table has no cells for an hour. */
  record(stay) {
    for (const { hour } of stay) this.index(hour);
    for (const { hour, sealed } of stay) {
      const index = this.index(hour);
      this.cell(index, this.next[index]).set(sealed);
      this.next[index] = (this.next[index] + 1) % CELLS_PER_HOUR;
    }
  }

  /** The four cells of an hour; none when the table has none. */
  of(hour) {
    if (!this.keeps(hour)) return [];
    return [0, 1, 2, 3].map((number) => this.cell(this.index(hour), number));
  }

  /** Whether it has cells for an hour. */
  keeps(hour) {
    return hour <= this.newest && hour > this.newest - this.next.length;
  }

  index(hour) {
    if (!this.keeps(hour)) throw new Error('that hour is outside the time for which check-ins are kept');
    return this.next.length - 1 - (this.newest - hour);
  }

  cell(index, number) {
    const at = (index * CELLS_PER_HOUR + number) * SEALED_BYTES;
    return this.cells.subarray(at, at + SEALED_BYTES);
  }

  fill(index) {
    for (let number = 0; number < CELLS_PER_HOUR; number++) this.cell(index, number).set(decoy());
    this.next[index] = random(1)[0] % CELLS_PER_HOUR;
  }
}

function hoursOf(retentionDays) {
  return Math.min(Math.max(retentionDays, 1), MAX_RETENTION_DAYS) * 24;
}
