//! The kernel from safe crates. They choose the machine's instructions by themselves, but work
//! on one key at a time.

use aes::Aes128Enc;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use sha2::block_api::compress256;

use super::hkdf_states::{
    BITS_OF_DIGEST, BITS_OF_EXPAND, BITS_OF_KEY, EXPAND, INITIAL, INNER, OUTER,
};
use super::{BLOCK_BYTES, Block, Candidate, Task};
use crate::exposure_key::KEY_BYTES;
use crate::interval::INTERVALS_PER_DAY;
use crate::matching::index::{DayIndex, word};

pub(super) fn identifier_keys(keys: &[[u8; KEY_BYTES]], identifier_keys: &mut [Block]) {
    for (key, identifier_key) in keys.iter().zip(identifier_keys) {
        *identifier_key = derive(key);
    }
}

pub(super) fn encrypt(identifier_key: &Block, blocks: &mut [Block]) {
    let cipher = Aes128Enc::new(&Array(*identifier_key));
    cipher.encrypt_blocks(Array::cast_slice_from_core_mut(blocks));
}

pub(super) fn probe(day: &DayIndex, tasks: &[Task], candidates: &mut Vec<Candidate>) {
    let mut buffer = [[0; BLOCK_BYTES]; INTERVALS_PER_DAY as usize];
    for task in tasks {
        let segment = task.segment;
        let planned = &day.plan.blocks[usize::from(segment.from)..usize::from(segment.to)];
        let derived = &mut buffer[..planned.len()];
        derived.copy_from_slice(planned);
        encrypt(&derive(&task.key), derived);
        for (position, identifier) in (segment.from..).zip(&*derived) {
            if day.filter.first.bit(word(identifier, 0)) != 0 && day.filter.second_has(identifier) {
                candidates.push(Candidate { key: task.index, position, identifier: *identifier });
            }
        }
    }
}

/// HKDF in six compressions.
fn derive(key: &[u8; KEY_BYTES]) -> Block {
    let mut block = [0; 64];
    block[..16].copy_from_slice(key);
    block[16] = 0x80;
    block[60..].copy_from_slice(&BITS_OF_KEY.to_be_bytes());
    let digest = compressed(INNER, &block);
    let pseudorandom_key = compressed(OUTER, &block_of_digest(&digest));

    let mut message = [0; 64];
    for (bytes, word) in message.chunks_exact_mut(4).zip(EXPAND) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    message[60..].copy_from_slice(&BITS_OF_EXPAND.to_be_bytes());
    let inner = compressed(INITIAL, &pad_block(&pseudorandom_key, 0x36));
    let digest = compressed(inner, &message);
    let outer = compressed(INITIAL, &pad_block(&pseudorandom_key, 0x5c));
    let output = compressed(outer, &block_of_digest(&digest));

    let mut identifier_key = [0; BLOCK_BYTES];
    for (bytes, word) in identifier_key.chunks_exact_mut(4).zip(output) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    identifier_key
}

fn compressed(mut state: [u32; 8], block: &[u8; 64]) -> [u32; 8] {
    compress256(&mut state, std::slice::from_ref(block));
    state
}

/// The last block of a message that is a pad block and a digest.
fn block_of_digest(digest: &[u32; 8]) -> [u8; 64] {
    let mut block = [0; 64];
    for (bytes, word) in block.chunks_exact_mut(4).zip(digest) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    block[32] = 0x80;
    block[60..].copy_from_slice(&BITS_OF_DIGEST.to_be_bytes());
    block
}

/// An HMAC key of 32 bytes, filled up and mixed with `pad`.
fn pad_block(key: &[u32; 8], pad: u8) -> [u8; 64] {
    let mut block = [pad; 64];
    for (bytes, word) in block.chunks_exact_mut(4).zip(key) {
        bytes.copy_from_slice(&(word ^ u32::from_ne_bytes([pad; 4])).to_be_bytes());
    }
    block
}
