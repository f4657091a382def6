// The slow work of the check-in page, away from it and loaded after it: making and moving on the
// cells, sealing, and trying warnings on cells.

import { readAuthority, warningKeys } from '../../protocol/browser/authority.js';
import { CellTable } from '../../protocol/browser/cells.js';
import { levels } from '../../protocol/browser/risk.js';
import { masterOf, sealStay } from '../../protocol/browser/stay.js';
import { MAX_BATCH_BYTES, exposures, readBatch, tryWarning } from '../../protocol/browser/warnings.js';
import { readNew } from './batches.js';
import { alone, get, put } from './visit-store.js';
import { endOf } from './visits.js';
import { answer } from './worker-loop.js';

const HOUR_SECONDS = 3600;

answer({ prove, prepare, seal: sealAndRecord, check });

/** Whether the authority holds the key to which visits at a poster are sealed; throws if not. */
function prove({ poster }) {
  masterOf(poster);
}

/** Makes the cells, or moves them on to the present hour. */
function prepare({ now, retentionDays }, progress) {
  return alone('book', async () => {
    const { isNew, table } = await tableAt(now, retentionDays, progress);
    await put(isNew ? { book: table.toBytes(), born: hourOf(now) } : { book: table.toBytes() });
  });
}

/** Seals a visit that ends at `end`, and forgets it. Both happen, or neither. */
function sealAndRecord({ visit, end, now, retentionDays, next }, progress) {
  return alone('book', async () => {
    const { isNew, table } = await tableAt(Math.max(now, end), retentionDays, progress);
    const stay = sealStay(visit.poster, visit.from, endOf(visit, end), visit.companions);
    const records = stay.filter(({ hour }) => table.keeps(hour));
    table.record(records);
    const made = { book: table.toBytes(), open: next };
    if (isNew) made.born = hourOf(visit.from);
    else made.born = Math.min(await get('born'), hourOf(visit.from));
    await put(made);
  });
}

async function tableAt(now, retentionDays, progress) {
  const kept = await get('book');
  if (!kept) return { isNew: true, table: await CellTable.create(retentionDays, hourOf(now), progress) };
  const table = CellTable.fromBytes(kept, retentionDays);
  await table.advance(hourOf(now), progress);
  return { isNew: false, table };
}

/** Tries the batches that have come since; all exposures that are known afterwards. */
function check({ now, base, retentionDays }, progress) {
  return alone('check', async () => {
    const document = readAuthority(await get('authority'), now, await get('root'));
    const oldest = now - retentionDays * 24 * HOUR_SECONDS;
    let matches = (await get('findings') ?? []).filter((match) => match.visitUntil > oldest);
    const result = await readNew({
      document,
      keys: warningKeys(document, now),
      base,
      ending: '.vxw',
      limit: MAX_BATCH_BYTES,
      processed: await get('processed') ?? [],
      read: readBatch,
      take: async (warnings, processed, part) => {
        matches = merged(matches, await tryAll(warnings, retentionDays, part));
        await put({ findings: matches, processed });
      },
    }, progress);
    await put({ findings: matches, processed: result.processed, checkedAt: now });
    const { risk, venues, advice } = document;
    return { ...result, exposures: levels(exposures(matches, venues), risk, venues), setAside: [], advice };
  });
}

// Hours before the cells were made hold decoys only.
async function tryAll(warnings, retentionDays, progress) {
  const [kept, born] = [await get('book'), await get('born')];
  const table = kept && CellTable.fromBytes(kept, retentionDays);
  const found = [];
  for (const [number, warning] of warnings.entries()) {
    if (!table || warning.hour < born) continue;
    const cells = table.of(warning.hour);
    if (cells.length === 0) continue;
    await progress(number / warnings.length);
    found.push(...tryWarning(warning, cells));
  }
  return found;
}

function merged(matches, found) {
  const known = new Set(matches.map((match) => JSON.stringify(match)));
  return [...matches, ...found.filter((match) => !known.has(JSON.stringify(match)))];
}

function hourOf(seconds) {
  return Math.floor(seconds / HOUR_SECONDS);
}
