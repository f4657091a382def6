// An officer's key for reading declarations, under a passphrase, and its recovery code: docs/protocol.md
// section 16.1.

import { random } from './bytes.js';
import { publicKeyOf } from './hpke.js';
import { keyFilesOf } from './passphrase_file.js';

export { KeyFileError } from './key_file_error.js';
export { COST, MIN_PASSPHRASE_CHARS } from './passphrase_file.js';
export { BLOCKS, typedBlocks } from './recovery_code.js';
export { publicKeyOf };
export const { sealKeyFile, readKeyFile, openKeyFile, recoveryCode, secretOfRecoveryCode } = keyFilesOf({
  formatStem: 'VX-OFFICER-KEY-FILE-', sealLabel: 'VX-OFFICER-KEYFILE-1', recoveryLabel: 'VX-OFFICER-RECOVERY-',
  publicKeyBytes: 32, publicKeyOf,
});

/** A new key: `{ secret, publicKey }`. */
export function makeKeyPair() {
  const secret = random(32);
  return { secret, publicKey: publicKeyOf(secret) };
}
