// Warnings to the passes that this browser keeps, looked for in a worker: of the page of declarations, and of the
// check-in page where there are passes. What is found counts once with what check-ins here have found.

import { readAuthority, warningKeys } from '../../protocol/browser/authority.js';
import { MAX_BATCH_BYTES, holderKeys, passMatches, readBatchWithPasses } from '../../protocol/browser/door.js';
import { levels } from '../../protocol/browser/risk.js';
import { exposures } from '../../protocol/browser/warnings.js';
import { fetchBytes, readNew } from './batches.js';
import { passesAt } from './declare-store.js';
import { storeOf } from './value-store.js';
import * as visits from './visit-store.js';

const DAY_SECONDS = 86_400;
const MAX_DOCUMENT_BYTES = 256 * 1024;
const RETENTION_DAYS = 14;
const store = storeOf('vungxanh-declare');
const NOTHING = { exposures: [], setAside: [], tried: 0, refused: 0, left: 0, failed: false };

/** Tries the batches that have come since; what is known afterwards. Each is tried once. */
export function lookForWarnings({ now, base }, progress) {
  return visits.alone('pass-warnings', async () => {
    const sent = await store.get('sent') ?? [];
    if (sent.length === 0) return NOTHING;
    const document = await documentAt(now, base);
    const oldest = now - document.tracing.retention_days * DAY_SECONDS;
    let found = (await store.get('findings') ?? []).filter(({ visitUntil }) => visitUntil > oldest);
    const held = sent.map((one) => ({ ...passesAt(one), person: one.label, seeds: one.passes.map(({ seed }) => seed) }));
    const keysOf = new Map();
    const result = await readNew({
      document,
      keys: warningKeys(document, now),
      base,
      ending: '.vxp',
      limit: MAX_BATCH_BYTES,
      // Before that there was no pass that could have been shown.
      since: Math.max(oldest, Math.min(...held.map(({ validFrom }) => validFrom))),
      processed: await store.get('processed') ?? [],
      read: readBatchWithPasses,
      take: async (batch, processed, part) => {
        // A clock that is behind makes nothing of what is published a time to come.
        const at = Math.max(now, batch.until);
        for (const [number, { seeds, ...pass }] of held.entries()) {
          const keys = keysOf.get(number) ?? seeds.map(holderKeys);
          keysOf.set(number, keys);
          found = merged(found, passMatches(batch.passes, keys.map((one) => ({ ...pass, keys: one })), at));
          await part(number / held.length);
        }
        // Another page may have deleted everything meanwhile.
        if (!await store.putIf('sent', { findings: found, processed })) throw new Error('the passes were deleted');
      },
    }, progress);
    await store.putIf('sent', { findings: found, processed: result.processed });
    return { ...result, ...await known(document) };
  });
}

/** The person says that they were not at a place, or takes that back; what is known afterwards. */
export function setAside({ now, base, venue, from, until, aside }) {
  return visits.alone('pass-warnings', async () => {
    const document = await documentAt(now, base);
    const findings = (await store.get('findings') ?? []).map((match) => (
      match.venue === venue && match.visitFrom < until && from < match.visitUntil ? { ...match, aside } : match));
    await store.putIf('sent', { findings });
    return { ...NOTHING, ...await known(document) };
  });
}

/** The authority's document: as it is now, or without a network as it was. */
async function documentAt(now, base) {
  const [root, kept] = await Promise.all(['root', 'authority'].map(store.get));
  let signed;
  try {
    signed = await fetchBytes(new URL('v1/authority', base), MAX_DOCUMENT_BYTES);
  } catch (error) {
    if (!kept || error.code !== 'network') throw error;
    signed = kept;
  }
  try {
    const document = readAuthority(signed, now, root);
    await store.putIf('sent', { authority: signed, retentionDays: document.tracing.retention_days ?? RETENTION_DAYS });
    return document;
  } catch (error) {
    throw Object.assign(error, { code: 'authority' });
  }
}

async function known({ risk, venues, advice }) {
  const [findings = [], own = []] = [await store.get('findings'), await visits.get('findings')];
  const count = (matches) => levels(exposures(matches, venues), risk, venues);
  return {
    advice,
    exposures: count([...own, ...findings.filter(({ aside }) => !aside)]),
    setAside: count(findings.filter(({ aside }) => aside)),
  };
}

function merged(known, found) {
  const name = ({ aside, ...match }) => JSON.stringify(match);
  const names = new Set(known.map(name));
  return [...known, ...found.filter((match) => !names.has(name(match)))];
}
