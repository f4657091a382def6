//! How fast keys are matched, against three stores, on every kernel that this machine has and on
//! the plain matcher, in the same run.
//!
//! `cargo bench -p vungxanh-protocol --bench matching`, about half a minute. Each figure is the
//! median of rounds in which all contenders take turns, so that a busy machine slows all of them.
//! Arguments choose stores by parts of their names.

#![allow(clippy::unwrap_used)]

mod memory;
mod plain;
mod stores;
mod timing;

use std::hint::black_box;
use std::num::NonZero;

use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::matching::{Assessor, Kernel, Match, Matcher};

use self::plain::PlainMatcher;
use self::stores::{Store, TOLERANCE};
use self::timing::{Clock, Contender, median_seconds};

/// As many keys at once as the assessor hands to the matcher.
const BATCH: usize = 8_192;
const KEYS: usize = 3 * BATCH;
const PERIODS: [u32; 2] = [144, 36];

fn main() {
    let clock = Clock::calibrate();
    let ones = [NonZero::<usize>::MIN, NonZero::new(2).unwrap()];
    println!(
        "{KEYS} keys of 14 days, tolerance {TOLERANCE}; {:.2} cycles a nanosecond (time x the \
         clock rate seen in a chain of dependent multiplications)",
        clock.cycles_per_nanosecond
    );
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let chosen = |store: &Store| {
        arguments.is_empty() || arguments.iter().any(|part| store.name.contains(part.as_str()))
    };
    for store in stores::all().iter().filter(|store| chosen(store)) {
        println!("\n{}", store.name);
        for period in PERIODS {
            let keys = store.keys(KEYS, period);
            compare(store, period, &keys, ones, &clock);
        }
    }
}

fn compare(
    store: &Store,
    period: u32,
    keys: &[DiagnosisKey],
    [one, two]: [NonZero<usize>; 2],
    clock: &Clock,
) {
    let plain = PlainMatcher::new(store.sightings(), TOLERANCE);
    let kernels = Kernel::available();
    let matchers: Vec<_> = (kernels.iter())
        .map(|kernel| Matcher::new(store.sightings(), TOLERANCE).with_kernel(*kernel))
        .collect();
    let expected = plain.matches(keys);
    assert!(!expected.is_empty(), "some of the keys were heard");
    for matcher in &matchers {
        assert_eq!(fast_matches(matcher, keys, one), expected);
        assert_eq!(fast_matches(matcher, keys, two), expected);
    }

    let planned: Vec<usize> = keys.iter().map(|key| store.planned(key)).collect();
    let planned = planned.as_slice();
    let one_thread = |work| Contender::OneThread(work);
    let mut contenders = vec![one_thread(Box::new(|| {
        black_box(plain.matches(keys));
    }))];
    for (matcher, kernel) in matchers.iter().zip(&kernels) {
        let whole = move |threads| {
            Box::new(move || {
                black_box(fast_matches(matcher, keys, threads));
            })
        };
        contenders.extend([
            one_thread(whole(one)),
            Contender::Threads(whole(one)),
            Contender::Threads(whole(two)),
            one_thread(Box::new(move || derive_keys(*kernel, keys))),
            one_thread(Box::new(move || encrypt_planned(*kernel, planned, keys))),
        ]);
    }
    let seconds = median_seconds(&mut contenders);
    let per_key = |seconds: f64| seconds * 1e9 / keys.len() as f64;
    let rate = |seconds: f64| keys.len() as f64 / seconds;
    println!(
        "  period {period:>3}  {:<14} {:>9.0} keys/s   1.0x  {:>6.0} cycles a key",
        "plain",
        rate(seconds[0]),
        clock.cycles(per_key(seconds[0])),
    );
    for (kernel, times) in kernels.iter().zip(seconds[1..].chunks(5)) {
        let &[whole, one_on_the_wall, two_threads, hkdf, aes] = times else { continue };
        let lookup = (whole - hkdf - aes).max(0.0);
        let percent = |part: f64| 100.0 * part / whole;
        println!(
            "              {:<14} {:>9.0} keys/s {:>5.1}x  {:>6.0} cycles a key: HKDF {:.0}%, \
             AES {:.0}%, lookup and the rest {:.0}%; two threads {:.2}x; peak {:.1} MiB",
            kernel.name(),
            rate(whole),
            seconds[0] / whole,
            clock.cycles(per_key(whole)),
            percent(hkdf),
            percent(aes),
            percent(lookup),
            one_on_the_wall / two_threads,
            peak_mebibytes(store, keys),
        );
    }
}

fn fast_matches(
    matcher: &Matcher,
    keys: &[DiagnosisKey],
    threads: NonZero<usize>,
) -> Vec<(usize, Match)> {
    let mut found = Vec::new();
    for (batch, keys) in keys.chunks(BATCH * threads.get()).enumerate() {
        let before = batch * BATCH * threads.get();
        matcher.match_batch(keys, threads, |key, matched| found.push((before + key, matched)));
    }
    found
}

/// The HKDF part alone, of the keys near which something was heard (here: all).
fn derive_keys(kernel: Kernel, keys: &[DiagnosisKey]) {
    let mut derived = [[0; 16]; 256];
    for piece in keys.chunks(256) {
        let mut bytes = [[0; 16]; 256];
        for (bytes, key) in bytes.iter_mut().zip(piece) {
            *bytes = key.key;
        }
        kernel.identifier_keys(&bytes[..piece.len()], &mut derived);
        black_box(&derived);
    }
}

/// The AES part alone: key schedule and the intervals that have to be derived.
fn encrypt_planned(kernel: Kernel, planned: &[usize], keys: &[DiagnosisKey]) {
    let mut blocks = [[0; 16]; 144];
    for (key, count) in keys.iter().zip(planned) {
        kernel.encrypt(&key.key, &mut blocks[..*count]);
        black_box(&blocks);
    }
}

/// What the whole assessment allocates beyond the encounters.
fn peak_mebibytes(store: &Store, keys: &[DiagnosisKey]) -> f64 {
    let encounters = store.encounters();
    let peak = memory::peak_of(|| {
        let mut assessor = Assessor::new(&encounters, TOLERANCE, true);
        keys.iter().for_each(|key| {
            assessor.take(key);
        });
        black_box(assessor.finish());
    });
    peak as f64 / f64::from(1 << 20)
}
