// Batches of warnings as workers read them: what the authority lists and was not read before, within a budget,
// whatever an authority, a cache or somebody in between lists. The next look goes on where one stopped.

import { MAX_INDEX_BYTES, endOfBatch, readIndex } from '../../protocol/browser/warnings.js';

const BUDGET = { names: 10_000, bytes: 64 * 1024 * 1024, refusalsInARow: 16, refusals: 64 };

/**
 * Reads the batches whose names have `ending` and which ended after `since`, oldest first, but for those in
 * `processed`. `read(bytes, keys, region)` makes a batch; `take(batch, processed, progress)` uses and stores it.
 * Gives back `{ processed, tried, refused, left, failed }`: names that are done and still listed; numbers of batches;
 * whether the network failed.
 */
export async function readNew({ document, keys, base, ending, limit, since = 0, processed, read, take }, progress) {
  const folder = new URL(document.warnings ?? 'v1/warnings/', base);
  const done = new Set(processed);
  const result = { processed, tried: 0, refused: 0, left: 0, failed: false };
  let [bytes, inARow] = [0, 0];
  try {
    const listed = keys.length ? await listedIn(document.regions, folder, ending) : [];
    const names = () => listed.map(({ name }) => name).filter((name) => done.has(name));
    const fresh = listed.filter(({ name }) => !done.has(name) && endOfBatch(name) > since);
    result.processed = names();
    for (const [number, { region, name }] of fresh.entries()) {
      if (bytes >= BUDGET.bytes || inARow >= BUDGET.refusalsInARow || result.refused >= BUDGET.refusals) {
        result.left = fresh.length - number;
        break;
      }
      await progress(number / fresh.length);
      let batch;
      try {
        const content = await fetchBytes(new URL(name, folder), limit);
        bytes += content.length;
        batch = read(content, keys, region);
      } catch (error) {
        if (error.code === 'network') throw error;
        result.refused += 1;
        inARow += 1;
        continue;
      }
      inARow = 0;
      done.add(name);
      result.tried += 1;
      result.processed = names();
      await take(batch, result.processed, (part) => progress((number + part) / fresh.length));
    }
  } catch (error) {
    if (error.code !== 'network') throw error;
    result.failed = true;
  }
  return result;
}

async function listedIn(regions, folder, ending) {
  const listed = [];
  for (const region of regions) {
    const index = await fetchBytes(new URL(`${region}/index.txt`, folder), MAX_INDEX_BYTES, { cache: 'no-cache' });
    const names = index === null ? [] : readIndex(new TextDecoder().decode(index), region, ending);
    for (const name of names.slice(0, BUDGET.names - listed.length)) listed.push({ region, name });
  }
  return listed;
}

/** A file of at most `limit` bytes; null where there is none. Throws with the code "network" where nothing answers. */
export async function fetchBytes(url, limit, options = {}) {
  let response;
  try {
    response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', ...options });
  } catch (error) {
    throw Object.assign(new Error(error.message), { code: 'network' });
  }
  if (response.status === 404 && options.cache) return null;
  if (!response.ok) {
    const code = response.status >= 500 ? 'network' : 'refused';
    throw Object.assign(new Error(`a file could not be fetched (${response.status})`), { code });
  }
  const parts = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      throw Object.assign(new Error(error.message), { code: 'network' });
    }
    if (part.done) break;
    length += part.value.length;
    if (length > limit) {
      await reader.cancel();
      throw new Error('a file is too long');
    }
    parts.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
