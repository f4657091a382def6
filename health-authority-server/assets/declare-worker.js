// The slow work of the page of declarations, away from it and loaded after it: keys, sealing, asking
// for passes, sending, finishing passes, and their codes. It stores nothing but what warnings say (pass-warnings.js).

import { readAuthority } from '../../protocol/browser/authority.js';
import { fromBase64, fromHex, random, toHex, utf8 } from '../../protocol/browser/bytes.js';
import { pictureOf } from '../../protocol/browser/code_picture.js';
import {
  REQUEST_BYTES, answersOf, envelopeOf, makeReceipt, requestBody, sealForm,
} from '../../protocol/browser/declaration.js';
import { normalised, problems } from '../../protocol/browser/form.js';
import { intakeKeyFor, readIntakeKeys, readRoster } from '../../protocol/browser/intake.js';
import {
  BUNDLE_PASSES, ConflictingKeys, LIVE, PRINTED, codeOf, finishPass, keyFor, localDay, readPassKeys, requestPass, showLive,
} from '../../protocol/browser/pass.js';
import {
  ConflictingPhoneKeys, TOKENS_EACH, codeBody, confirmBody, confirmed, fillerPoint, finishToken, phoneKeyFor, readPhoneKeys,
  requestToken,
} from '../../protocol/browser/phone.js';
import { lookForWarnings, setAside } from './pass-warnings.js';
import { answer } from './worker-loop.js';

const CLOCK_LIMIT_SECONDS = 600;
/** Of a bundle's passes, the last so many are for paper. */
const PRINTED_PASSES = 12;
let keys = null;

answer({ load, code, blind, confirm, seal, send, withdraw, show, sheet, warnings: lookForWarnings, setAside });

/**
 * Fetches what is published and checks it against the root key of earlier visits. `seen` are keys of passes that
 * were read before, by name. Gives back what is to be remembered, and who can open declarations.
 */
async function load({ base, now, root, seen = {} }) {
  const files = ['v1/authority', 'v1/intake-keys', 'v1/pass-keys', 'v1/officers'];
  const responses = await Promise.all(files.map((file) => request(new URL(file, base), { cache: 'no-cache' })));
  if (responses.some((response) => response.status === 404)) throw coded('keys');
  if (responses.some((response) => !response.ok)) throw coded('network');
  const [authority, intake, passes, officers] = await Promise.all(
    responses.map(async (response) => new Uint8Array(await response.arrayBuffer())));
  const document = checked(() => readAuthority(authority, now));
  if (root && document.root_key !== root) throw coded('root');
  const rootKey = fromBase64(document.root_key);
  const asksCode = document.declarations?.phone_code === true;
  const read = {
    authority: document.id,
    phones: asksCode ? await loadPhoneKeys(base, rootKey, seen.phones) : null,
    intake: checked(() => readIntakeKeys(intake, rootKey, now, seen.intake)),
    passes: checked(() => readPassKeys(passes, rootKey, seen.passes && {
      serial: seen.passes.serial,
      keys: new Map(Object.entries(seen.passes.keys).map(([name, key]) => [name, { key: fromHex(key, 96) }])),
    })),
    roster: checked(() => readRoster(officers, rootKey, seen.roster)),
  };
  keys = read;
  const known = { ...seen.passes?.keys };
  for (const [name, { key }] of read.passes.keys) known[name] = toHex(key);
  const phones = { serial: read.phones?.serial ?? seen.phones?.serial ?? 0, keys: { ...seen.phones?.keys } };
  for (const [name, { token, proof }] of read.phones?.keys ?? []) phones.keys[name] = { token: toHex(token), proof: toHex(proof) };
  const date = Date.parse(responses[0].headers.get('date')) / 1000;
  return {
    root: document.root_key,
    seen: { intake: read.intake.serial, roster: read.roster.serial, passes: { serial: read.passes.serial, keys: known }, phones },
    asksCode,
    officers: read.roster.officers.map(({ name }) => name),
    clockIsOff: Math.abs(date - now) > CLOCK_LIMIT_SECONDS,
    retentionDays: document.tracing.retention_days,
  };
}

async function loadPhoneKeys(base, rootKey, seen) {
  const response = await request(new URL('v1/phone-keys', base), { cache: 'no-cache' });
  if (response.status === 404) throw coded('keys');
  if (!response.ok) throw coded('network');
  const signed = new Uint8Array(await response.arrayBuffer());
  return checked(() => readPhoneKeys(signed, rootKey, seen && {
    serial: seen.serial,
    keys: new Map(Object.entries(seen.keys).map(([name, { token, proof }]) => [
      name, { token: fromHex(token, 96), proof: fromHex(proof, 32) },
    ])),
  }));
}

/** Asks for a message to the telephone. */
async function code({ base, number, session, language }) {
  await post(new URL('v1/phone/code', base), codeBody({ phone: number, session, language }));
}

/** Blinded tokens of a day: `count` of them, filled up, so that nobody learns how many. */
async function blind({ day, count }, progress) {
  const requests = [];
  const blinded = [];
  for (let i = 0; i < TOKENS_EACH; i++) {
    if (i < count) {
      const made = requestToken(day);
      requests.push({ content: made.content, r: made.r });
      blinded.push(made.blinded);
    } else {
      blinded.push(fillerPoint());
    }
    if (i % 10 === 9) await progress((i + 1) / TOKENS_EACH);
  }
  return { requests, blinded };
}

/** Sends the code that was typed: the proof, verified, and what tokens are made of. */
async function confirm({ base, number, session, code: typed, day, blinded }) {
  const body = confirmBody({ phone: number, session, code: typed, day, blinded });
  const answer = await post(new URL('v1/phone/confirm', base), body);
  try {
    return confirmed(answer, number, phoneKeyFor(keys.phones, day));
  } catch (error) {
    throw Object.assign(error, { code: 'authority' });
  }
}

/** The token of an answer; what the published key has not signed is none. */
function tokenOf({ request: made, answer }, day) {
  try {
    return finishToken(made, answer, phoneKeyFor(keys.phones, day));
  } catch (error) {
    throw Object.assign(error, { code: 'authority' });
  }
}

/** What a reader throws about a file is told as what it is: two keys of one name, or nothing to be trusted. */
function checked(read) {
  try {
    return read();
  } catch (error) {
    throw Object.assign(error, { code: error instanceof ConflictingKeys || error instanceof ConflictingPhoneKeys ? 'conflict' : 'authority' });
  }
}

/**
 * Seals a form to the key of today, and asks blindly for passes: what is to be sent, and kept until the answer is there.
 * In place of `replaces` (submission and secret, in hexadecimal digits) it asks for none.
 */
async function seal({ form: filled, province, replaces, phone, now }, progress) {
  const { authority, intake, passes } = keys;
  const day = localDay(intake.minutesAhead, now);
  const form = normalised({ ...filled, day, phoneProof: phone?.proof });
  const token = phone && tokenOf(phone, day);
  const [wrong] = problems(form);
  if (wrong) throw new Error(`the form has a problem: ${wrong.join(' ')}`);
  const published = (find) => {
    try {
      return find();
    } catch (error) {
      throw Object.assign(error, { code: 'keys' });
    }
  };
  const key = published(() => intakeKeyFor(intake, day, form.ward ? province : 0));
  const passKeys = [LIVE, PRINTED].map((kind) => published(() => keyFor(passes, day, kind)));
  const submission = random(16);
  const receipt = makeReceipt();
  const sealed = sealForm(form, submission, authority, key);
  const requests = [];
  for (let i = 0; i < (replaces ? 0 : BUNDLE_PASSES); i++) {
    requests.push({ ...requestPass(passKeys[i < BUNDLE_PASSES - PRINTED_PASSES ? 0 : 1]) });
    await progress((i + 1) / BUNDLE_PASSES);
  }
  const body = requestBody({
    envelope: envelopeOf(form, submission), keyId: key.id, sealed, receipt,
    blinded: requests.map(({ blinded }) => blinded), printed: replaces ? 0 : PRINTED_PASSES,
    replaces: replaces && { submission: fromHex(replaces.submission, 16), secret: fromHex(replaces.secret, 16) },
    token,
  });
  return {
    body, day, submission: toHex(submission), secret: toHex(receipt.secret),
    requests: requests.map(({ holderSeed, r, content }) => ({ holderSeed, r, content })),
    passKeys: passKeys.map((one) => one.key), validDays: passes.validDays, minutesAhead: intake.minutesAhead,
  };
}

/** Sends what `seal` made, which may have been sent before; the passes, each checked. */
async function send({ base, pending }, progress) {
  const said = await post(new URL('v1/declare', base), pending.body);
  if (pending.requests.length === 0) return [];
  const answers = answersOf(said);
  const passes = [];
  for (const [i, made] of pending.requests.entries()) {
    const key = pending.passKeys[made.content[1] === LIVE ? 0 : 1];
    try {
      passes.push({ kind: made.content[1], pass: finishPass(made, answers[i], { key }), seed: made.holderSeed });
    } catch (error) {
      throw Object.assign(error, { code: 'authority' });
    }
    await progress((i + 1) / pending.requests.length);
  }
  return passes;
}

/** Has the server delete a declaration; false where it has none of that receipt. */
async function withdraw({ base, submission, secret }) {
  const body = { submission, receiptSecret: secret, padding: '' };
  body.padding = '0'.repeat(REQUEST_BYTES - utf8(JSON.stringify(body)).length);
  try {
    await post(new URL('v1/withdraw', base), JSON.stringify(body));
    return true;
  } catch (error) {
    if (error.reason === 'receipt_unknown') return false;
    throw error;
  }
}

/** The picture of a live pass at a moment. */
function show({ pass, seed, now }) {
  return pictureOf(codeOf(showLive(pass, seed, now)));
}

/** Pictures of printed passes. */
async function sheet({ passes }, progress) {
  const pictures = [];
  for (const pass of passes) {
    pictures.push(pictureOf(codeOf(pass)));
    await progress(pictures.length / passes.length);
  }
  return pictures;
}

async function request(url, options) {
  try {
    return await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', ...options });
  } catch (error) {
    throw Object.assign(new Error(error.message), { code: 'network' });
  }
}

const CODES = {
  wrong_day: 'day', quota_exceeded: 'quota', busy: 'quota', no_keys: 'keys', receipt_unknown: 'receipt', code_wrong: 'code', invalid_phone: 'country',
  country_not_served: 'country', sms_failure: 'sms', phone_code_needed: 'token', token_refused: 'token', token_spent: 'token',
};

async function post(url, body) {
  const response = await request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    // What stands between us and the server has answered, or the connection broke.
    throw Object.assign(coded('network'), { status: response.status });
  }
  if (response.ok) return answer;
  const reason = answer.errorCode;
  throw Object.assign(coded(CODES[reason] ?? 'refused'), { status: `${response.status} ${reason}`, reason });
}

function coded(code) {
  return Object.assign(new Error(code), { code });
}
