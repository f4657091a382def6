// What an officer's page knows in the clear: the officer's key, the halves of days, opened declarations, notes. It
// lives in this worker alone and ends with it; nothing of it is stored or sent.

import { sha256 } from '../../protocol/browser/vendor/noble/hashes/sha2.js';
import { readAuthority } from '../../protocol/browser/authority.js';
import { fromBase64, fromUtf8, toBase64, toHex } from '../../protocol/browser/bytes.js';
import { numberProven, readPhoneKeys } from '../../protocol/browser/declaration.js';
import { readCardKeys } from '../../protocol/browser/door.js';
import { openHalf, readIntakeKeys, readRoster, sealHalf, spokenFingerprint } from '../../protocol/browser/intake.js';
import { openKeyFile } from '../../protocol/browser/officer_key.js';
import { readUnits } from '../../protocol/browser/units.js';
import { openCalls, openForms, readHead } from './officer-open.js';
import { Opened } from './officer-list.js';
import { Notes } from './officer-notes.js';
import { coded, get, post, stream } from './officer-requests.js';
import { answer } from './worker-loop.js';

let secret = null;
let published = null;
let officer = null;
let opened = null;

answer({ unlock, load, days, open, close, list, form, calls, note, dropNote, exportCsv, receivers, giveAccess });

/** Opens the officer's key. */
async function unlock({ file, passphrase }, progress) {
  secret = await openKeyFile(file, passphrase, { progress });
}

/** What is published, checked against the root key of earlier visits; gives back what is to be remembered. */
async function load({ base, now, root, seen = {} }) {
  const files = ['v1/authority', 'v1/officers', 'v1/intake-keys', 'v1/phone-keys', 'v1/card-keys'];
  const fetched = files.map((file) => get(new URL(file, base), { open: true }));
  const [document, officers, keys, phones, cardKeys] = await Promise.all(fetched);
  if (!document) throw coded('network');
  const checked = (read) => {
    try {
      return read();
    } catch (error) {
      throw Object.assign(error, { code: 'authority' });
    }
  };
  const authority = checked(() => readAuthority(document, now));
  if (root && authority.root_key !== root) throw coded('root');
  const rootKey = fromBase64(authority.root_key);
  published = {
    authority: authority.id,
    roster: officers ? checked(() => readRoster(officers, rootKey, seen.roster)) : { serial: 0, officers: [] },
    // None where the keys were made by an earlier program.
    phones: phones ? checked(() => readPhoneKeys(phones, rootKey)) : null,
    // Days that are over are opened also when no one has made keys for those to come.
    cards: cardKeys ? checked(() => readCardKeys(cardKeys, rootKey, 0, seen.cards)) : { serial: 0, keys: [] },
    intake: keys ? checked(() => readIntakeKeys(keys, rootKey, 0, seen.intake)) : { serial: 0, minutesAhead: 0, keys: [] },
  };
  return {
    root: authority.root_key,
    rootFingerprint: toHex(sha256(rootKey)),
    seen: { roster: published.roster.serial, intake: published.intake.serial, cards: published.cards.serial },
    minutesAhead: published.intake.minutesAhead,
    officers: published.roster.officers.map(({ id, name, key }) => ({ id, name, key: toHex(key), fingerprint: spokenFingerprint(key) })),
  };
}

/** The days and groups of this officer, as the server lists them, with keys that the root key signed. */
async function days({ paths, publicKey }) {
  const answer = await get(`${paths}/days`, { json: true });
  officer = published.roster.officers.find(({ key }) => toHex(key) === publicKey) ?? null;
  const known = (listed) => published.intake.keys.some(({ id, day, group }) => id === listed.keyId && day === listed.day && group === listed.group);
  const isKnown = officer !== null && answer.officer === officer.id;
  const listed = isKnown ? answer.days.filter(known) : [];
  return { officer: isKnown ? officer.id : null, today: answer.today, days: listed, retentionDays: answer.retentionDays };
}

function keyOf(day, group) {
  const key = published.intake.keys.find((one) => one.day === day && one.group === group);
  if (!key) throw coded('no-key');
  return key;
}

/** The private half of a key, from what was sealed to this officer. */
function halfOf(sealed, key) {
  try {
    return openHalf(sealed, officer.id, secret, key, published.authority);
  } catch (error) {
    throw Object.assign(error, { code: 'half' });
  }
}

/** Fetches and opens a day and group, whole. */
async function open({ base, paths, units, day, group, csrf }, progress) {
  close();
  const key = keyOf(day, group);
  const body = await stream(`${paths}/days/${day}/${group}`);
  const { head, source } = await readHead(body);
  if (head.keyId !== key.id) throw coded('authority');
  const half = halfOf(fromBase64(head.half), key);
  const forms = await openForms(source, { authority: published.authority, key, half, expected: head.declarations, progress });
  const notes = new Notes({ path: `${paths}/days/${day}/${group}/register`, csrf, half, key, authority: published.authority, by: officer.id });
  await notes.fetch();
  const cards = { calls: head.cards, halves: head.cardHalves, keys: published.cards.keys, officer: officer.id, secret };
  const people = openCalls(head.calls, published.authority, key, half, cards);
  opened = new Opened({ forms, calls: people, notes, officers: published.roster.officers, minutesAhead: published.intake.minutesAhead });
  opened.nameWards(await wardNames(base, units));
  return opened.summary();
}

/** Names of wards by code; without network codes are shown. */
async function wardNames(base, { version, provinces }) {
  const files = provinces.map((code) => get(new URL(`units/${String(code).padStart(2, '0')}-${version}.tsv`, base), { cached: true }));
  const read = (await Promise.allSettled(files)).filter(({ value }) => value).map(({ value }) => readUnits(fromUtf8(value)));
  return new Map(read.flatMap(({ wards }) => wards.map(({ code, name }) => [code, name])));
}

/** Forgets the day that is open. */
function close() {
  opened?.wipe();
  opened = null;
}

function here() {
  if (!opened) throw coded('closed');
  return opened;
}

function list({ filter, from, count }) {
  return here().page(filter, from, count);
}

function form({ subject }) {
  const shown = here().form(subject);
  const asked = shown.form.phoneProof !== undefined;
  return { ...shown, proven: asked ? numberProven(shown.form, published.phones) : null };
}

function calls() {
  return here().people();
}

function exportCsv({ filter, words }) {
  return here().csv(filter, words);
}

/** Notes something about somebody; stored when it answers. */
async function note({ subject, kind, text, now }) {
  await here().notes.add({ subject, kind, text, now });
  return here().about(subject);
}

async function dropNote({ subject, note: id, now }) {
  await here().notes.drop({ subject, id, now });
  return here().about(subject);
}

/** Officers of the roster who cannot open everything that this one can, with how many days are missing. */
async function receivers({ paths }) {
  const answer = await get(`${paths}/days`, { json: true });
  return published.roster.officers.filter(({ id }) => id !== officer.id).map(({ id, name, key, groups }) => ({
    id, name, fingerprint: spokenFingerprint(key), missing: missingOf(answer.days, id, groups).length,
  })).filter(({ missing }) => missing > 0);
}

function missingOf(listed, id, groups) {
  return listed.filter(({ holders, group }) => holders.includes(officer.id) && !holders.includes(id) && groups.includes(group));
}

/** Seals the halves that another officer lacks to that officer's key in the roster. */
async function giveAccess({ paths, csrf, receiver, fingerprint }, progress) {
  const to = published.roster.officers.find(({ id }) => id === receiver);
  // What was compared by voice is what is sealed to.
  if (!to || spokenFingerprint(to.key) !== fingerprint) throw coded('authority');
  const answer = await get(`${paths}/days`, { json: true });
  const missing = missingOf(answer.days, to.id, to.groups);
  const halves = [];
  for (const { day, group, half: sealed } of missing) {
    const key = keyOf(day, group);
    const half = halfOf(fromBase64(sealed), key);
    halves.push({ day, group, keyId: key.id, half: toBase64(sealHalf(half, key, to, published.authority)) });
    half.fill(0);
    await progress(halves.length / missing.length);
  }
  const { given } = await post(`${paths}/access`, csrf, JSON.stringify({ officer: to.id, halves }), 'application/json');
  return { given, name: to.name };
}
