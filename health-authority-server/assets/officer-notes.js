// What officers noted about a day and group: fetched, joined, sealed and stored as one opaque row. Two officers at
// once lose nothing: who is refused because the other was quicker joins both lists and stores them again.

import { GONE, bySubject, entryOf, merged, openRegister, sealRegister } from '../../protocol/browser/register.js';
import { coded, get, post } from './officer-requests.js';

const MOST_TRIES = 12;

export class Notes {
  constructor(details) {
    Object.assign(this, details, { entries: [], version: 0, broken: false });
    this.index = new Map();
    this.writing = Promise.resolve();
  }

  /** Joins what the server has with what is here. */
  async fetch() {
    const { bytes, version } = await get(this.path, { version: true });
    if (version > 0) {
      try {
        this.put(merged(this.entries, openRegister(bytes, this.half, this.key, this.authority)));
      } catch {
        // Nothing is written over what someone may still be able to read.
        this.broken = true;
      }
    }
    this.version = version;
  }

  put(entries) {
    this.entries = entries;
    this.index = bySubject(entries);
  }

  about(subject) {
    return this.index.get(subject) ?? { called: false, at: 0, by: 0, notes: [] };
  }

  add({ subject, kind, text, now }) {
    return this.store(entryOf({ subject, kind, text, at: now, by: this.by }));
  }

  /** Takes an own note back. */
  drop({ subject, id, now }) {
    return this.store(entryOf({ subject, kind: GONE, id, at: now, by: this.by }));
  }

  /** One after the other, so that of two quick ones neither is lost. */
  store(entry) {
    const stored = this.writing.then(() => this.storeNow(entry));
    this.writing = stored.catch(() => {});
    return stored;
  }

  async storeNow(entry) {
    if (this.broken) throw coded('register');
    for (let tried = 0; tried < MOST_TRIES; tried++) {
      const entries = merged(this.entries, [entry]);
      const sealed = sealRegister(entries, this.half, this.key, this.authority);
      try {
        const answer = await post(`${this.path}?version=${this.version}`, this.csrf, sealed, 'application/octet-stream');
        this.version = answer.version;
        this.put(entries);
        return;
      } catch (error) {
        if (error.code !== 'other-version') throw error;
      }
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * 50 * tried); });
      await this.fetch();
      if (this.broken) throw coded('register');
    }
    throw coded('busy');
  }

  wipe() {
    this.half.fill(0);
    this.put([]);
  }
}
