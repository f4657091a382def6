// The slow work of the check-in page, away from it and loaded after it: making and moving on the
// cells, sealing, and trying warnings on cells. Messages: { id, task, ... }; replies: { id, progress }, { id, done }
// or { id, failed, code }.

import { readAuthority, warningKeys } from '../../protocol/browser/authority.js';
import { CellTable } from '../../protocol/browser/cells.js';
import { levels } from '../../protocol/browser/risk.js';
import { masterOf, sealStay } from '../../protocol/browser/stay.js';
import { MAX_INDEX_BYTES, exposures, readBatch, readIndex, tryWarning } from '../../protocol/browser/warnings.js';
import { alone, get, put } from './visit-store.js';
import { endOf } from './visits.js';

const HOUR_SECONDS = 3600;
const MAX_BATCH_BYTES = 640 * 1024;
const tasks = { prove, prepare, seal: sealAndRecord, check };

onmessage = async ({ data }) => {
  const { id, task, ...details } = data;
  const progress = async (part) => {
    postMessage({ id, progress: part });
    await new Promise((resolve) => { setTimeout(resolve, 0); });
  };
  try {
    postMessage({ id, done: await tasks[task](details, progress) });
  } catch (error) {
    postMessage({ id, failed: `${error?.message ?? error}`, code: error?.code });
  }
};

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
    const keys = warningKeys(document, now);
    const folder = new URL(document.warnings ?? 'v1/warnings/', base);
    const oldest = now - retentionDays * 24 * HOUR_SECONDS;
    const processed = new Set(await get('processed'));
    let matches = (await get('findings') ?? []).filter((match) => match.visitUntil > oldest);
    const batches = [];
    const listed = [];
    let refused = 0;
    for (const region of keys.length ? document.regions : []) {
      const index = await fetchText(new URL(`${region}/index.txt`, folder));
      for (const name of index === null ? [] : readIndex(index, region)) {
        listed.push(name);
        if (!processed.has(name)) batches.push({ region, name });
      }
    }
    for (const [number, { region, name }] of batches.entries()) {
      await progress(number / batches.length);
      let warnings;
      try {
        warnings = readBatch(await fetchBytes(new URL(name, folder), MAX_BATCH_BYTES), keys, region);
      } catch (error) {
        if (error.code === 'network') throw error;
        refused += 1;
        continue;
      }
      const found = await tryAll(warnings, retentionDays,
        (part) => progress((number + part) / batches.length));
      processed.add(name);
      matches = merged(matches, found);
      await put({ findings: matches, processed: listed.filter((one) => processed.has(one)) });
    }
    await put({ findings: matches, checkedAt: now });
    const found = exposures(matches, document.venues);
    const tried = batches.length - refused;
    return { exposures: levels(found, document.risk, document.venues), tried, refused };
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

async function fetched(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw Object.assign(new Error(error.message), { code: 'network' });
  }
}

async function fetchText(url) {
  const response = await fetched(url, { cache: 'no-cache', credentials: 'omit' });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the list of warnings could not be fetched (${response.status})`);
  const text = await response.text();
  if (text.length > MAX_INDEX_BYTES) throw new Error('the list of warnings is too long');
  return text;
}

async function fetchBytes(url, limit) {
  const response = await fetched(url, { credentials: 'omit' });
  if (!response.ok) throw new Error(`a file of warnings could not be fetched (${response.status})`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > limit) throw new Error('a file of warnings is too long');
  return bytes;
}

function hourOf(seconds) {
  return Math.floor(seconds / HOUR_SECONDS);
}
