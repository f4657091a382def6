// The signed authority document (docs/protocol.md section 12), as far as venues need it.

import { fromBase64, fromUtf8 } from './bytes.js';
import { openSigned, parseSigned } from './signed.js';

const LABEL = 'VX-AUTHORITY-1';
const MAX_BYTES = 256 * 1024;
const MAX_VENUE_KEYS = 16;

/**
 * The document if the root key that it names signed it, it is the one in `pinned` (base64) if that
 * is given, and it has not expired at `now` (Unix seconds).
 */
export function readAuthority(signed, now, pinned) {
  const named = JSON.parse(fromUtf8(parseSigned(signed, MAX_BYTES).bytes));
  if (named.format !== 1) throw new Error(`the authority document has format ${named.format}`);
  if (pinned && named.root_key !== pinned) throw new Error('the authority has another root key than before');
  const bytes = openSigned(LABEL, signed, MAX_BYTES, [fromBase64(named.root_key)]);
  const document = JSON.parse(fromUtf8(bytes));
  if (now >= document.expires_at) throw new Error('the authority document has expired');
  return document;
}

/** The keys that may have signed batches of warnings that are read at `now` (Unix seconds). */
export function warningKeys(document, now) {
  const keys = document.venue_keys ?? [];
  if (keys.length > MAX_VENUE_KEYS) throw new Error('the document names too many venue keys');
  return keys.filter((key) => key.not_before <= now && now < key.not_after)
    .map((key) => fromBase64(key.warning_key));
}
