// The text of QR codes that hold bytes: a prefix and decimal digits (docs/protocol.md section 15.4).

import { ofNumber, toNumber } from './bytes.js';

/** `prefix` and the digits of the bytes as one number. The first byte is not zero. */
export function toCode(prefix, bytes) {
  return prefix + toNumber(bytes).toString();
}

/** The bytes of a code with that prefix, at most `limit`; blanks around it are taken. */
export function fromCode(what, prefix, code, limit) {
  const malformed = (reason) => new Error(`${what} cannot be read: ${reason}`);
  const text = code.trim();
  if (!text.startsWith(prefix)) throw malformed('its code begins with something else');
  const digits = text.slice(prefix.length);
  if (digits.length > Math.floor((limit * 10) / 4)) throw malformed('its code has another number of digits');
  if (!/^[1-9][0-9]*$/.test(digits)) throw malformed('its code has something else than digits');
  const number = BigInt(digits);
  const length = Math.ceil(number.toString(16).length / 2);
  if (length > limit) throw malformed('its code is too long');
  return ofNumber(number, length);
}
