// Reading binary fields one after the other, never beyond the end, as the Rust crate does.

import { STEERING, fromUtf8, readU32 } from './bytes.js';

/** Reads `bytes`; `what` is named in errors. */
export class Reader {
  constructor(what, bytes) {
    this.what = what;
    this.bytes = bytes;
    this.at = 0;
  }

  malformed(reason) {
    return new Error(`${this.what} cannot be read: ${reason}`);
  }

  take(length) {
    if (this.bytes.length - this.at < length) throw this.malformed('it ends too early');
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }

  byte() {
    return this.take(1)[0];
  }

  u16() {
    const [high, low] = this.take(2);
    return (high << 8) | low;
  }

  u32() {
    return readU32(this.take(4));
  }

  version(known) {
    const found = this.byte();
    if (found !== known) {
      throw new Error(`${this.what} has version ${found}; this program reads version ${known}: use a newer program`);
    }
  }

  /** One byte of length, then that many bytes of printable UTF-8. */
  text(limit) {
    const length = this.byte();
    if (length > limit) throw this.malformed('a text is too long');
    let text;
    try {
      text = fromUtf8(this.take(length));
    } catch {
      throw this.malformed('a text is not UTF-8');
    }
    if (text.search(STEERING) >= 0) throw this.malformed('a text has control characters or marks of direction');
    return text;
  }

  /** A text in a field of `limit` bytes, filled up with zeros. */
  paddedText(limit) {
    const start = this.at;
    const text = this.text(limit);
    if (this.take(limit + 1 - (this.at - start)).some((byte) => byte !== 0)) {
      throw this.malformed('the filling of a text is not zero');
    }
    return text;
  }

  end() {
    if (this.at !== this.bytes.length) throw this.malformed('bytes follow its end');
  }
}
