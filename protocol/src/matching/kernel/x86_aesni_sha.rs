//! AES-NI and SHA-NI: four keys at once through HKDF, eight at once through the key schedule,
//! eight blocks at once through the rounds.
//!
//! A single chain of SHA instructions waits for its own results most of the time; four of them fill
//! the gaps (docs/performance.md).

use std::arch::x86_64::*;

use super::hkdf_states::{
    BITS_OF_DIGEST, BITS_OF_EXPAND, BITS_OF_KEY, EXPAND, INITIAL, INNER, OUTER, ROUND_CONSTANTS,
};
use super::{BLOCK_BYTES, Block, Candidate, GROUP, Task, sift};
use crate::exposure_key::KEY_BYTES;
use crate::matching::index::DayIndex;

/// Keys that go through the key schedule together.
pub(super) const KEYS: usize = 8;
/// Keys that go through HKDF together.
const LANES: usize = 4;
/// Blocks that go through the rounds together.
const BLOCKS: usize = 8;
/// Round keys of AES-128.
const ROUND_KEYS: usize = 11;

pub(super) type RoundKeys = [__m128i; ROUND_KEYS];

/// Whether this machine has all the instructions of this module.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("sha")
        && is_x86_feature_detected!("sse4.1")
        && is_x86_feature_detected!("ssse3")
        && is_x86_feature_detected!("aes")
        && is_x86_feature_detected!("bmi2")
}

#[target_feature(enable = "sha,sse4.1,ssse3,aes,bmi2")]
pub(super) fn probe(day: &DayIndex, tasks: &[Task], candidates: &mut Vec<Candidate>) {
    let mut derived = [[0; BLOCK_BYTES]; GROUP];
    for tasks in tasks.chunks(KEYS) {
        let schedules = schedules(tasks);
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

/// The round keys of the identifier keys of up to [`KEYS`] tasks.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3,aes")]
pub(super) fn schedules(tasks: &[Task]) -> [RoundKeys; KEYS] {
    let mut keys = [[0; KEY_BYTES]; KEYS];
    for (key, task) in keys.iter_mut().zip(tasks) {
        *key = task.key;
    }
    expand(derive_all(&keys))
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(super) fn identifier_keys(keys: &[[u8; KEY_BYTES]], identifier_keys: &mut [Block]) {
    for (keys, identifier_keys) in keys.chunks(KEYS).zip(identifier_keys.chunks_mut(KEYS)) {
        let mut padded = [[0; KEY_BYTES]; KEYS];
        padded[..keys.len()].copy_from_slice(keys);
        for (identifier_key, derived) in identifier_keys.iter_mut().zip(derive_all(&padded)) {
            store(derived, identifier_key);
        }
    }
}

/// The round keys of one identifier key.
#[target_feature(enable = "aes,ssse3")]
pub(super) fn round_keys(identifier_key: &Block) -> RoundKeys {
    let [round_keys] = expand([load(identifier_key)]);
    round_keys
}

#[target_feature(enable = "aes,ssse3")]
pub(super) fn encrypt(identifier_key: &Block, blocks: &mut [Block]) {
    let round_keys = round_keys(identifier_key);
    for blocks in blocks.chunks_mut(BLOCKS) {
        let (mut padded, mut derived) = ([[0; BLOCK_BYTES]; BLOCKS], [[0; BLOCK_BYTES]; BLOCKS]);
        padded[..blocks.len()].copy_from_slice(blocks);
        encrypt_group(&round_keys, &padded, &mut derived);
        blocks.copy_from_slice(&derived[..blocks.len()]);
    }
}

#[inline]
#[target_feature(enable = "sse2")]
fn load(block: &Block) -> __m128i {
    // SAFETY: reads the 16 bytes of the block; any alignment will do.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn store(value: __m128i, block: &mut Block) {
    // SAFETY: writes the 16 bytes of the block; any alignment will do.
    unsafe { _mm_storeu_si128(block.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "sse2")]
const fn words(words: [u32; 4]) -> __m128i {
    // SAFETY: both are 16 bytes, of which every value is valid; lane 0 is the first word.
    unsafe { std::mem::transmute::<[u32; 4], __m128i>(words) }
}

/// Reverses the bytes of each word: SHA-256 is big-endian.
#[inline]
#[target_feature(enable = "ssse3")]
fn swap_bytes(value: __m128i) -> __m128i {
    _mm_shuffle_epi8(value, _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203))
}

// SHA-256

/// A state in the order in which SHA-NI wants it.
#[derive(Clone, Copy)]
struct State {
    abef: __m128i,
    cdgh: __m128i,
}

impl State {
    #[inline]
    #[target_feature(enable = "sse4.1,ssse3")]
    fn from_words([a, b, c, d, e, f, g, h]: [u32; 8]) -> Self {
        Self { abef: words([f, e, b, a]), cdgh: words([h, g, d, c]) }
    }

    /// As the first eight words of a message.
    #[inline]
    #[target_feature(enable = "sse4.1,ssse3")]
    fn message(self) -> [__m128i; 2] {
        let abef = _mm_shuffle_epi32(self.abef, 0x1B);
        let ghcd = _mm_shuffle_epi32(self.cdgh, 0xB1);
        [_mm_blend_epi16(abef, ghcd, 0xF0), _mm_alignr_epi8(ghcd, abef, 8)]
    }
}

/// One block for each lane.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress(begin: [State; LANES], mut message: [[__m128i; 4]; LANES]) -> [State; LANES] {
    let mut state = begin;
    for round in 0..4 {
        for part in 0..4 {
            let constants = words(ROUND_CONSTANTS[4 * round + part]);
            for (state, w) in state.iter_mut().zip(&mut message) {
                if round > 0 {
                    let (w0, w1, w2, w3) =
                        (w[part], w[(part + 1) % 4], w[(part + 2) % 4], w[(part + 3) % 4]);
                    let sum =
                        _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
                    w[part] = _mm_sha256msg2_epu32(sum, w3);
                }
                let low = _mm_add_epi32(w[part], constants);
                state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, low);
                let high = _mm_shuffle_epi32(low, 0x0E);
                state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, high);
            }
        }
    }
    for (state, begin) in state.iter_mut().zip(begin) {
        state.abef = _mm_add_epi32(state.abef, begin.abef);
        state.cdgh = _mm_add_epi32(state.cdgh, begin.cdgh);
    }
    state
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn derive_all(keys: &[[u8; KEY_BYTES]; KEYS]) -> [__m128i; KEYS] {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = keys;
    let [d0, d1, d2, d3] = derive([k0, k1, k2, k3]);
    let [d4, d5, d6, d7] = derive([k4, k5, k6, k7]);
    [d0, d1, d2, d3, d4, d5, d6, d7]
}

/// HKDF in six compressions.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn derive(keys: [&[u8; KEY_BYTES]; LANES]) -> [__m128i; LANES] {
    let zero = words([0; 4]);
    let end_of_data = words([0x8000_0000, 0, 0, 0]);
    let bits = |bits| words([0, 0, 0, bits]);
    let digest_block = |state: State| {
        let [w0, w1] = state.message();
        [w0, w1, end_of_data, bits(BITS_OF_DIGEST)]
    };
    let pad_block = |state: State, pad: u8| {
        let pad = words([u32::from_ne_bytes([pad; 4]); 4]);
        let [w0, w1] = state.message();
        [_mm_xor_si128(w0, pad), _mm_xor_si128(w1, pad), pad, pad]
    };
    let inner = [State::from_words(INNER); LANES];
    let outer = [State::from_words(OUTER); LANES];
    let initial = [State::from_words(INITIAL); LANES];
    let [e0, e1, e2] = EXPAND;

    let key_blocks = keys.map(|key| [swap_bytes(load(key)), end_of_data, zero, bits(BITS_OF_KEY)]);
    let digests = compress(inner, key_blocks);
    let pseudorandom_keys = compress(outer, digests.map(digest_block));
    let inner = compress(initial, pseudorandom_keys.map(|key| pad_block(key, 0x36)));
    let expand = [words([e0, e1, e2, 0]), zero, zero, bits(BITS_OF_EXPAND)];
    let digests = compress(inner, [expand; LANES]);
    let outer = compress(initial, pseudorandom_keys.map(|key| pad_block(key, 0x5c)));
    let output = compress(outer, digests.map(digest_block));
    output.map(|state| swap_bytes(state.message()[0]))
}

// AES-128

/// The key schedules (FIPS 197, 5.2) of several keys, step by step side by side.
#[inline]
#[target_feature(enable = "aes,ssse3")]
fn expand<const N: usize>(mut keys: [__m128i; N]) -> [RoundKeys; N] {
    let mut schedules = keys.map(|key| [key; ROUND_KEYS]);
    let rotated_last_word = words([0x0c0f_0e0d; 4]);
    let mut constant = 1u32;
    for round in 1..ROUND_KEYS {
        let constants = words([constant; 4]);
        for (key, schedule) in keys.iter_mut().zip(&mut schedules) {
            // With four equal columns the last round is SubWord alone, then the constant.
            let last = _mm_shuffle_epi8(*key, rotated_last_word);
            let substituted = _mm_aesenclast_si128(last, constants);
            let sums = _mm_xor_si128(*key, _mm_slli_si128(*key, 4));
            let sums = _mm_xor_si128(sums, _mm_slli_si128(sums, 8));
            *key = _mm_xor_si128(sums, substituted);
            schedule[round] = *key;
        }
        // Doubling in the field of AES.
        constant = (constant << 1) ^ (0x11b * (constant >> 7));
    }
    schedules
}

#[inline]
#[target_feature(enable = "aes,sse2")]
fn encrypt_group(round_keys: &RoundKeys, plain: &[Block; BLOCKS], encrypted: &mut [Block; BLOCKS]) {
    let mut blocks = [_mm_setzero_si128(); BLOCKS];
    for (block, plain) in blocks.iter_mut().zip(plain) {
        *block = _mm_xor_si128(load(plain), round_keys[0]);
    }
    for round_key in &round_keys[1..ROUND_KEYS - 1] {
        for block in &mut blocks {
            *block = _mm_aesenc_si128(*block, *round_key);
        }
    }
    for (block, encrypted) in blocks.into_iter().zip(encrypted) {
        store(_mm_aesenclast_si128(block, round_keys[ROUND_KEYS - 1]), encrypted);
    }
}
