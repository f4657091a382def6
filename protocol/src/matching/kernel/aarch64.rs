//! The crypto extensions of ARMv8: four keys at once through HKDF, eight blocks at once through
//! the rounds.

use std::arch::aarch64::*;
use std::arch::is_aarch64_feature_detected;

use super::hkdf_states::{
    BITS_OF_DIGEST, BITS_OF_EXPAND, BITS_OF_KEY, EXPAND, INITIAL, INNER, OUTER, ROUND_CONSTANTS,
};
use super::{BLOCK_BYTES, Block, Candidate, GROUP, Task, sift};
use crate::exposure_key::KEY_BYTES;
use crate::matching::index::DayIndex;

/// Keys that go through HKDF and the key schedule together.
const KEYS: usize = 4;
/// Blocks that go through the rounds together.
const BLOCKS: usize = 8;
/// Round keys of AES-128.
const ROUND_KEYS: usize = 11;

type RoundKeys = [uint8x16_t; ROUND_KEYS];

/// Whether this machine has all the instructions of this module.
pub(super) fn is_available() -> bool {
    is_aarch64_feature_detected!("aes") && is_aarch64_feature_detected!("sha2")
}

#[target_feature(enable = "aes,sha2")]
pub(super) fn probe(day: &DayIndex, tasks: &[Task], candidates: &mut Vec<Candidate>) {
    let mut derived = [[0; BLOCK_BYTES]; GROUP];
    for tasks in tasks.chunks(KEYS) {
        let mut keys = [[0; KEY_BYTES]; KEYS];
        for (key, task) in keys.iter_mut().zip(tasks) {
            *key = task.key;
        }
        let schedules = expand(derive(&keys));
        for (task, round_keys) in tasks.iter().zip(&schedules) {
            let mut from = task.segment.from;
            while from < task.segment.to {
                let planned = &day.plan.blocks[usize::from(from)..][..GROUP];
                for (planned, derived) in
                    planned.as_chunks::<BLOCKS>().0.iter().zip(derived.as_chunks_mut().0)
                {
                    encrypt_group(round_keys, planned, derived);
                }
                sift(day, task, from, &derived, candidates);
                from += GROUP as u8;
            }
        }
    }
}

#[target_feature(enable = "aes,sha2")]
pub(super) fn identifier_keys(keys: &[[u8; KEY_BYTES]], identifier_keys: &mut [Block]) {
    for (keys, identifier_keys) in keys.chunks(KEYS).zip(identifier_keys.chunks_mut(KEYS)) {
        let mut padded = [[0; KEY_BYTES]; KEYS];
        padded[..keys.len()].copy_from_slice(keys);
        for (identifier_key, derived) in identifier_keys.iter_mut().zip(derive(&padded)) {
            store(derived, identifier_key);
        }
    }
}

#[target_feature(enable = "aes,sha2")]
pub(super) fn encrypt(identifier_key: &Block, blocks: &mut [Block]) {
    let [round_keys] = expand([load(identifier_key)]);
    for blocks in blocks.chunks_mut(BLOCKS) {
        let (mut padded, mut derived) = ([[0; BLOCK_BYTES]; BLOCKS], [[0; BLOCK_BYTES]; BLOCKS]);
        padded[..blocks.len()].copy_from_slice(blocks);
        encrypt_group(&round_keys, &padded, &mut derived);
        blocks.copy_from_slice(&derived[..blocks.len()]);
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn load(block: &Block) -> uint8x16_t {
    // SAFETY: reads the 16 bytes of the block; any alignment will do.
    unsafe { vld1q_u8(block.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(value: uint8x16_t, block: &mut Block) {
    // SAFETY: writes the 16 bytes of the block; any alignment will do.
    unsafe { vst1q_u8(block.as_mut_ptr(), value) }
}

#[inline]
#[target_feature(enable = "neon")]
fn words(words: [u32; 4]) -> uint32x4_t {
    // SAFETY: reads the four words of the array.
    unsafe { vld1q_u32(words.as_ptr()) }
}

// SHA-256

#[derive(Clone, Copy)]
struct State {
    abcd: uint32x4_t,
    efgh: uint32x4_t,
}

impl State {
    #[inline]
    #[target_feature(enable = "neon")]
    fn from_words([a, b, c, d, e, f, g, h]: [u32; 8]) -> Self {
        Self { abcd: words([a, b, c, d]), efgh: words([e, f, g, h]) }
    }
}

/// One block for each key.
#[inline]
#[target_feature(enable = "sha2")]
fn compress(begin: [State; KEYS], mut message: [[uint32x4_t; 4]; KEYS]) -> [State; KEYS] {
    let mut state = begin;
    for round in 0..4 {
        for part in 0..4 {
            let constants = words(ROUND_CONSTANTS[4 * round + part]);
            for (state, w) in state.iter_mut().zip(&mut message) {
                if round > 0 {
                    let (w0, w1, w2, w3) =
                        (w[part], w[(part + 1) % 4], w[(part + 2) % 4], w[(part + 3) % 4]);
                    w[part] = vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
                }
                let sum = vaddq_u32(w[part], constants);
                let abcd = state.abcd;
                state.abcd = vsha256hq_u32(abcd, state.efgh, sum);
                state.efgh = vsha256h2q_u32(state.efgh, abcd, sum);
            }
        }
    }
    for (state, begin) in state.iter_mut().zip(begin) {
        state.abcd = vaddq_u32(state.abcd, begin.abcd);
        state.efgh = vaddq_u32(state.efgh, begin.efgh);
    }
    state
}

/// HKDF in six compressions.
#[inline]
#[target_feature(enable = "sha2")]
fn derive(keys: &[[u8; KEY_BYTES]; KEYS]) -> [uint8x16_t; KEYS] {
    let zero = words([0; 4]);
    let end_of_data = words([0x8000_0000, 0, 0, 0]);
    let bits = |bits| words([0, 0, 0, bits]);
    let digest_block = |state: State| [state.abcd, state.efgh, end_of_data, bits(BITS_OF_DIGEST)];
    let pad_block = |state: State, pad: u8| {
        let pad = words([u32::from_ne_bytes([pad; 4]); 4]);
        [veorq_u32(state.abcd, pad), veorq_u32(state.efgh, pad), pad, pad]
    };
    let inner = [State::from_words(INNER); KEYS];
    let outer = [State::from_words(OUTER); KEYS];
    let initial = [State::from_words(INITIAL); KEYS];
    let [e0, e1, e2] = EXPAND;

    let key_blocks = std::array::from_fn(|i| {
        let key = vreinterpretq_u32_u8(vrev32q_u8(load(&keys[i])));
        [key, end_of_data, zero, bits(BITS_OF_KEY)]
    });
    let digests = compress(inner, key_blocks);
    let pseudorandom_keys = compress(outer, digests.map(digest_block));
    let inner = compress(initial, pseudorandom_keys.map(|key| pad_block(key, 0x36)));
    let expand = [words([e0, e1, e2, 0]), zero, zero, bits(BITS_OF_EXPAND)];
    let digests = compress(inner, [expand; KEYS]);
    let outer = compress(initial, pseudorandom_keys.map(|key| pad_block(key, 0x5c)));
    let output = compress(outer, digests.map(digest_block));
    output.map(|state| vrev32q_u8(vreinterpretq_u8_u32(state.abcd)))
}

// AES-128

/// The key schedules (FIPS 197, 5.2) of several keys, step by step side by side.
#[inline]
#[target_feature(enable = "aes")]
fn expand<const N: usize>(mut keys: [uint8x16_t; N]) -> [RoundKeys; N] {
    let mut schedules = keys.map(|key| [key; ROUND_KEYS]);
    let zero = vdupq_n_u8(0);
    let rotated_last_word = vreinterpretq_u8_u32(words([0x0c0f_0e0d; 4]));
    let mut constant = 1u32;
    for round in 1..ROUND_KEYS {
        let constants = vreinterpretq_u8_u32(words([constant; 4]));
        for (key, schedule) in keys.iter_mut().zip(&mut schedules) {
            // With four equal columns the instruction is SubWord alone.
            let substituted = vaeseq_u8(vqtbl1q_u8(*key, rotated_last_word), zero);
            let sums = veorq_u8(*key, vextq_u8(zero, *key, 12));
            let sums = veorq_u8(sums, vextq_u8(zero, sums, 8));
            *key = veorq_u8(sums, veorq_u8(substituted, constants));
            schedule[round] = *key;
        }
        // Doubling in the field of AES.
        constant = (constant << 1) ^ (0x11b * (constant >> 7));
    }
    schedules
}

#[inline]
#[target_feature(enable = "aes")]
fn encrypt_group(round_keys: &RoundKeys, plain: &[Block; BLOCKS], encrypted: &mut [Block; BLOCKS]) {
    let mut blocks = [vdupq_n_u8(0); BLOCKS];
    for (block, plain) in blocks.iter_mut().zip(plain) {
        *block = load(plain);
    }
    for round_key in &round_keys[..ROUND_KEYS - 2] {
        for block in &mut blocks {
            *block = vaesmcq_u8(vaeseq_u8(*block, *round_key));
        }
    }
    for (block, encrypted) in blocks.into_iter().zip(encrypted) {
        let block = vaeseq_u8(block, round_keys[ROUND_KEYS - 2]);
        store(veorq_u8(block, round_keys[ROUND_KEYS - 1]), encrypted);
    }
}
