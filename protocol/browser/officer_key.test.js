// An officer's key file, as `health-authority-server intake keygen` wrote it, and its recovery code.

import assert from 'node:assert/strict';
import test from 'node:test';

import { toHex } from './bytes.js';
import { spokenFingerprint } from './intake.js';
import * as venues from './keyfile.js';
import * as officers from './officer_key.js';

const PASSPHRASE = 'bốn con trâu qua cầu tre';
const PUBLIC = '474818a9269993dbf0c74fb8d7b45546e2b9ae00fb41ff274abbb3810d3cba69';
const FILE = JSON.stringify({
  format: 'VX-OFFICER-KEY-FILE-1',
  public_key: PUBLIC,
  kdf: { algorithm: 'argon2id', memory_kib: 65536, passes: 3, salt: '9b913bfb1c03511a1d5fbe2a1402f0ce' },
  sealed: 'eacfd7c8e7e4f241a3f7812c8dd6e730a070d146a6495982059bb63483f9177bcffd568c2fdd33b09111e322aa1122622a3eed43e9c50c2e79246f192784a392543b62aadb7ebd0c',
});
const cheap = { cost: { memory_kib: 8, passes: 1 } };
const code = (expected) => (error) => error.code === expected;

test('the file of the program opens, and shows the fingerprint that the program shows', async () => {
  const secret = await officers.openKeyFile(FILE, PASSPHRASE.normalize('NFD'));
  const publicKey = officers.publicKeyOf(secret);
  assert.equal(toHex(publicKey), PUBLIC);
  assert.equal(spokenFingerprint(publicKey), '42512 56996 64809 45948 25677 50158');
  await assert.rejects(officers.openKeyFile(FILE, 'bốn con bò qua cầu tre'), code('wrong-passphrase'));
});

test('what is written is read back', async () => {
  const { secret, publicKey } = officers.makeKeyPair();
  const written = await officers.sealKeyFile(secret, PASSPHRASE, cheap);
  assert.deepEqual(await officers.openKeyFile(written, PASSPHRASE), secret);
  assert.deepEqual(officers.readKeyFile(written).publicKey, publicKey);
});

test('keys of officers and venues are not taken for each other', async () => {
  const { secret } = officers.makeKeyPair();
  // Below the order of the venue's group.
  secret[0] = 1;
  const written = await officers.sealKeyFile(secret, PASSPHRASE, cheap);
  assert.throws(() => venues.readKeyFile(written), code('not-a-key-file'));
  assert.throws(() => officers.readKeyFile(JSON.stringify({ ...JSON.parse(written), format: 'VX-VENUE-KEY-FILE-1' })), code('not-a-key-file'));
  assert.throws(() => officers.readKeyFile(JSON.stringify({ ...JSON.parse(written), format: 'VX-OFFICER-KEY-FILE-2' })), code('newer'));
  const typed = officers.recoveryCode(secret);
  assert.deepEqual(officers.secretOfRecoveryCode(typed.toLowerCase()), secret);
  assert.throws(() => venues.secretOfRecoveryCode(typed), code('code-checksum'));
});
