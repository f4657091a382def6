//! VAES on 256 bits: two blocks an instruction. Keys as in `x86_aesni_sha`.

use std::arch::x86_64::*;

use super::x86_aesni_sha::{self, KEYS, RoundKeys, schedules};
use super::{BLOCK_BYTES, Block, Candidate, GROUP, Task, sift};
use crate::matching::index::DayIndex;

/// Two blocks each.
const PAIRS: usize = GROUP / 2;

/// Whether this machine has all the instructions of this module.
pub(super) fn is_available() -> bool {
    x86_aesni_sha::is_available()
        && is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("vaes")
}

#[target_feature(enable = "vaes,avx2,sha,sse4.1,ssse3,aes,bmi2")]
pub(super) fn probe(day: &DayIndex, tasks: &[Task], candidates: &mut Vec<Candidate>) {
    let mut derived = [[0; BLOCK_BYTES]; GROUP];
    for tasks in tasks.chunks(KEYS) {
        let schedules = schedules(tasks);
        for (task, round_keys) in tasks.iter().zip(&schedules) {
            let round_keys = round_keys.map(|key| _mm256_broadcastsi128_si256(key));
            let mut from = task.segment.from;
            while from < task.segment.to {
                let planned = &day.plan.blocks[usize::from(from)..];
                if let Some(planned) = planned.first_chunk() {
                    encrypt_group(&round_keys, planned, &mut derived);
                }
                sift(day, task, from, &derived, candidates);
                from += GROUP as u8;
            }
        }
    }
}

pub(super) use super::x86_aesni_sha::identifier_keys;

#[target_feature(enable = "vaes,avx2,aes,ssse3")]
pub(super) fn encrypt(identifier_key: &Block, blocks: &mut [Block]) {
    let round_keys: RoundKeys = x86_aesni_sha::round_keys(identifier_key);
    let round_keys = round_keys.map(|key| _mm256_broadcastsi128_si256(key));
    for blocks in blocks.chunks_mut(GROUP) {
        let (mut padded, mut derived) = ([[0; BLOCK_BYTES]; GROUP], [[0; BLOCK_BYTES]; GROUP]);
        padded[..blocks.len()].copy_from_slice(blocks);
        encrypt_group(&round_keys, &padded, &mut derived);
        blocks.copy_from_slice(&derived[..blocks.len()]);
    }
}

#[inline]
#[target_feature(enable = "vaes,avx2")]
fn encrypt_group(
    round_keys: &[__m256i; 11],
    plain: &[Block; GROUP],
    encrypted: &mut [Block; GROUP],
) {
    let mut pairs = [_mm256_setzero_si256(); PAIRS];
    for (pair, plain) in pairs.iter_mut().zip(plain.as_chunks::<2>().0) {
        // SAFETY: reads the 32 bytes of two blocks; any alignment will do.
        let plain = unsafe { _mm256_loadu_si256(plain.as_ptr().cast()) };
        *pair = _mm256_xor_si256(plain, round_keys[0]);
    }
    for round_key in &round_keys[1..10] {
        for pair in &mut pairs {
            *pair = _mm256_aesenc_epi128(*pair, *round_key);
        }
    }
    for (pair, encrypted) in pairs.into_iter().zip(encrypted.as_chunks_mut::<2>().0) {
        let pair = _mm256_aesenclast_epi128(pair, round_keys[10]);
        // SAFETY: writes the 32 bytes of two blocks; any alignment will do.
        unsafe { _mm256_storeu_si256(encrypted.as_mut_ptr().cast(), pair) };
    }
}
