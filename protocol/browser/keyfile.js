// A venue's secret key under a passphrase, and its recovery code: docs/protocol.md section 14.9.

import { keyFilesOf } from './passphrase_file.js';
import { publicKeyOf } from './venue.js';

export { KeyFileError } from './key_file_error.js';
export { COST, MIN_PASSPHRASE_CHARS } from './passphrase_file.js';
export { BLOCKS, typedBlocks } from './recovery_code.js';
export const { sealKeyFile, readKeyFile, openKeyFile, recoveryCode, secretOfRecoveryCode } = keyFilesOf({
  formatStem: 'VX-VENUE-KEY-FILE-', sealLabel: 'VX-VENUE-KEYFILE-1', recoveryLabel: 'VX-VENUE-RECOVERY-',
  publicKeyBytes: 48, publicKeyOf,
});
