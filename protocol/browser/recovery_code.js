// The recovery code of a secret of 32 bytes: docs/protocol.md section 14.9. Blocks of five characters, the last of
// which checks the others and the block's place, so that a page says which one is mistyped. Codes of earlier programs,
// in groups of four without checks, are read too.

import { sha256 } from './vendor/noble/hashes/sha2.js';
import { concat, equal, utf8 } from './bytes.js';
import { KeyFileError } from './key_file_error.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MAX_TYPED = 256;
const DATA_CHARS = 4;
const BLOCK_CHARS = DATA_CHARS + 1;
/** Blocks of a code. */
export const BLOCKS = 14;
const CODE_CHARS = BLOCKS * BLOCK_CHARS;
const OLD_CODE_CHARS = 58;

/** Codes of one kind of key: `label` names it, up to the version. */
export function recoveryCodesOf({ label, publicKeyOf }) {
  const checksum = (version, secret, bytes) => sha256(concat(utf8(`${label}${version}\0`), secret)).subarray(0, bytes);

  /** The code of a secret: 14 blocks with hyphens between. */
  function recoveryCode(secret) {
    const values = valuesOf(concat(secret, checksum(2, secret, 3)));
    const blocks = [];
    for (let place = 1; place <= BLOCKS; place++) {
      const data = values.slice(DATA_CHARS * (place - 1), DATA_CHARS * place);
      blocks.push([...data, checkOf(place, data)].map((value) => ALPHABET[value]).join(''));
    }
    return blocks.join('-');
  }

  /** The secret of a typed code. */
  function secretOfRecoveryCode(typed) {
    const parts = partsOf(typed);
    const characters = parts.join('');
    for (const character of characters) {
      if (!ALPHABET.includes(plain(character))) {
        throw new KeyFileError('code-character', 'no recovery code has this character', { character });
      }
    }
    const secret = characters.length === OLD_CODE_CHARS ? ofGroups(characters) : ofBlocks(parts, characters);
    publicKeyOf(secret);
    return secret;
  }

  function ofBlocks(parts, characters) {
    const wrong = wrongBlocks(parts);
    // None is right: groups of another kind, with something missing.
    const areBlocks = parts.length === BLOCKS && (wrong.length < BLOCKS || characters.length === CODE_CHARS);
    if (wrong.length && areBlocks) throw mistyped(wrong);
    if (characters.length !== CODE_CHARS) {
      throw new KeyFileError('code-length', 'the recovery code has another length',
        { count: characters.length, expected: CODE_CHARS });
    }
    if (wrong.length) throw mistyped(wrong);
    const data = valuesOfText(characters).filter((value, index) => index % BLOCK_CHARS < DATA_CHARS);
    return checked(bytesOf(data), 3, 2);
  }

  function ofGroups(characters) {
    const values = valuesOfText(characters);
    if (values.at(-1) & 3) throw new KeyFileError('code-checksum', 'the recovery code is mistyped');
    return checked(bytesOf(values), 4, 1);
  }

  function checked(bytes, length, version) {
    const secret = bytes.slice(0, 32);
    if (!equal(bytes.subarray(32, 32 + length), checksum(version, secret, length))) {
      throw new KeyFileError('code-checksum', 'the recovery code is mistyped');
    }
    return secret;
  }

  return { recoveryCode, secretOfRecoveryCode };
}

/**
 * How far a code is typed, for a page to say while it is: `{ right, wrong, whole }`, numbers of blocks from 1; a block
 * that is not whole yet and the last one is in neither. Of a code of earlier programs `isOld` is true, and nothing can be
 * said before its end.
 */
export function typedBlocks(typed) {
  const parts = partsOf(typed);
  const isOld = parts.length > 1 && parts.slice(0, -1).every((part) => part.length === DATA_CHARS);
  if (isOld || parts.join('').length === OLD_CODE_CHARS) return { isOld: true, right: [], wrong: [], whole: false };
  const blocks = blocksOf(parts);
  const right = [];
  const wrong = [];
  blocks.forEach((block, index) => {
    if (holds(block, index + 1)) right.push(index + 1);
    else if (index + 1 < blocks.length || block.length >= BLOCK_CHARS) wrong.push(index + 1);
  });
  return { isOld: false, right, wrong, whole: right.length === BLOCKS && blocks.length === BLOCKS };
}

function mistyped(wrong) {
  return new KeyFileError('code-blocks', 'blocks of the recovery code are mistyped', { groups: wrong.join(', ') });
}

/** The numbers of the blocks whose length or check is wrong. */
function wrongBlocks(parts) {
  return blocksOf(parts).flatMap((block, index) => (holds(block, index + 1) ? [] : [index + 1]));
}

/** As they were typed where all are there, each by itself; otherwise all that was typed, in fives. */
function blocksOf(parts) {
  const characters = parts.join('');
  if (parts.length === BLOCKS && characters.length !== CODE_CHARS) return parts;
  return characters.match(/.{1,5}/gs) ?? [];
}

function holds(block, place) {
  const values = valuesOfText(block);
  return values.length === BLOCK_CHARS && !values.includes(-1)
    && values[DATA_CHARS] === checkOf(place, values.slice(0, DATA_CHARS));
}

/** What was typed between blanks and hyphens. */
function partsOf(typed) {
  return typed.slice(0, MAX_TYPED).split(/[\s-]+/).filter((part) => part);
}

function plain(character) {
  return character.toUpperCase().replace('O', '0').replace(/[IL]/, '1');
}

function valuesOfText(text) {
  return [...text].map((character) => ALPHABET.indexOf(plain(character)));
}

/** Four characters and their block's place, each times its own power of alpha, summed in GF(32). */
function checkOf(place, data) {
  return data.reduce((sum, value, index) => sum ^ alphaTimes(value, index + 1), alphaTimes(place, BLOCK_CHARS));
}

/** Multiplied by alpha as often, where alpha^5 = alpha^2 + 1. */
function alphaTimes(value, times) {
  let product = value;
  for (let i = 0; i < times; i++) product = product & 16 ? (product << 1) ^ 0x25 : product << 1;
  return product;
}

/** Five bits each; the last ones are filled up with zeros. */
function valuesOf(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.match(/.{1,5}/g).map((five) => parseInt(five.padEnd(5, '0'), 2));
}

/** Whole bytes of the values' bits. */
function bytesOf(values) {
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g), (eight) => parseInt(eight, 2));
}
