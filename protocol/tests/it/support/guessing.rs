//! Whether anything in what two parties saw says which belongs together: guessers by statistics of the bytes,
//! and how often one that knows nothing is right.

use rand::RngExt;
use rand::seq::SliceRandom;

/// The probability with which a test of this kind fails where nothing can be found out.
const FALSE_ALARM: f64 = 1e-12;

type Statistic = fn(&[u8]) -> u64;

/// Numbers that a text of bytes has, by which what belongs together could be joined.
const STATISTICS: [(&str, Statistic); 7] = [
    ("sum", |bytes| bytes.iter().map(|byte| u64::from(*byte)).sum()),
    ("ones", |bytes| bytes.iter().map(|byte| u64::from(byte.count_ones())).sum()),
    ("beginning", |bytes| number(&bytes[..8])),
    ("end", |bytes| number(&bytes[bytes.len() - 8..])),
    ("largest", |bytes| u64::from(bytes.iter().copied().max().unwrap_or(0))),
    ("changes", |bytes| bytes.windows(2).map(|two| u64::from(two[0].abs_diff(two[1]))).sum()),
    ("parity", |bytes| u64::from(bytes.iter().fold(0, |all, byte| all ^ byte))),
];

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks(8).map(number).collect()
}

fn bits_apart(one: &[u64], other: &[u64]) -> u64 {
    one.iter().zip(other).map(|(a, b)| u64::from((a ^ b).count_ones())).sum()
}

/// An order drawn anew, in which `count` things are shown: what stands at a place was the how-manieth.
pub fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut rand::rng());
    order
}

/// How often each guesser is right, by name: `seen` in the order of the transcript, `shown[place]` belongs to
/// `seen[order[place]]`.
pub fn right_guesses(seen: &[&[u8]], shown: &[&[u8]], order: &[usize]) -> Vec<(String, usize)> {
    let count_right = |guess: &dyn Fn(usize) -> usize| {
        (0..shown.len()).filter(|place| guess(*place) == order[*place]).count()
    };
    let nearest = |distance: &dyn Fn(usize) -> u64| {
        // Of those that are as near one is drawn, so that an order among equals gives nothing away.
        let distances: Vec<u64> = (0..seen.len()).map(distance).collect();
        let least = distances.iter().min().unwrap();
        let all = distances.iter().enumerate().filter(|(_, one)| *one == least);
        let all: Vec<usize> = all.map(|(index, _)| index).collect();
        all[rand::rng().random_range(0..all.len())]
    };
    let [seen_words, shown_words] =
        [seen, shown].map(|all| all.iter().map(|bytes| words(bytes)).collect::<Vec<_>>());
    let of_bits =
        |place: usize| nearest(&|index| bits_apart(&seen_words[index], &shown_words[place]));
    let mut right = vec![
        ("place".to_owned(), count_right(&|place| place)),
        ("bits".to_owned(), count_right(&of_bits)),
    ];
    for (name, statistic) in STATISTICS {
        let [of_seen, of_shown] =
            [seen, shown].map(|all| all.iter().map(|bytes| statistic(bytes)).collect::<Vec<_>>());
        let near = |place: usize| nearest(&|index| of_seen[index].abs_diff(of_shown[place]));
        right.push((format!("{name}, nearest"), count_right(&near)));
        let ranked = |numbers: &[u64]| {
            let mut places = shuffled(numbers.len());
            places.sort_by_key(|place| numbers[*place]);
            places
        };
        let mut guesses = vec![0; shown.len()];
        let ranks = ranked(&of_shown).into_iter().zip(ranked(&of_seen));
        ranks.for_each(|(place, guess)| guesses[place] = guess);
        right.push((format!("{name}, by rank"), count_right(&|place| guesses[place])));
    }
    right
}

/// The least number of right guesses that says something. Where nothing is given away, the order is uniform and
/// independent of what a guesser sees, so that a set of t places is right with probability (n - t)!/n! at most; over all
/// sets that is 1/t!, whatever n and the guesser are. This is the least t with `guessers`/t! below [`FALSE_ALARM`].
pub fn too_many(guessers: usize) -> usize {
    let (mut least, mut factorial) = (1, 1.0);
    while guessers as f64 / factorial > FALSE_ALARM {
        least += 1;
        factorial *= least as f64;
    }
    least
}

/// Fails if a guesser is right more often than chance allows.
pub fn assert_nothing_found(what: &str, seen: &[&[u8]], shown: &[&[u8]], order: &[usize]) {
    let right = right_guesses(seen, shown, order);
    let bound = too_many(right.len());
    for (guesser, right) in right {
        assert!(right < bound, "{what}: by {guesser} {right} of {} are right", shown.len());
    }
}

/// The guessers do find what is there to be found: a byte string that both saw.
#[test]
fn guessers_find_what_belongs_together_where_it_can_be_seen() {
    let drawn: Vec<[u8; 48]> = (0..200).map(|_| rand::rng().random()).collect();
    let order = shuffled(drawn.len());
    let seen: Vec<&[u8]> = drawn.iter().map(|bytes| &bytes[..]).collect();
    let shown: Vec<&[u8]> = order.iter().map(|index| &drawn[*index][..]).collect();
    let right = right_guesses(&seen, &shown, &order);
    let of = |name: &str| right.iter().find(|(guesser, _)| guesser == name).unwrap().1;
    for name in ["bits", "beginning, nearest", "end, by rank"] {
        assert_eq!(of(name), 200, "{name}");
    }
    assert!(of("sum, by rank") >= too_many(right.len()) && of("place") < too_many(right.len()));
    // A third of the bytes is enough.
    let part = |index: &usize| {
        let mut bytes: [u8; 48] = rand::rng().random();
        bytes[..16].copy_from_slice(&drawn[*index][..16]);
        bytes
    };
    let blurred: Vec<[u8; 48]> = order.iter().map(part).collect();
    let shown: Vec<&[u8]> = blurred.iter().map(|bytes| &bytes[..]).collect();
    let right = right_guesses(&seen, &shown, &order);
    assert!(right.iter().find(|(name, _)| name == "bits").unwrap().1 >= 100);
}
