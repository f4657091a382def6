//! The issuer's transcript and the door's. For every request and every pass there is exactly one r
//! that turns the one into the other, since H(m) generates the group and r is uniform in it; so no
//! test can find a link in the points, and these look for what else could be sent.

use vungxanh_protocol::pass::{PassKind, PassRequest};

use super::{DAY, Office, rng};

#[test]
fn nothing_of_a_pass_stands_in_what_its_issuer_saw() {
    let office = Office::new(1);
    let key = office.keys.key_for(DAY, PassKind::Live).unwrap();
    for seed in 0..8 {
        let request = PassRequest::new(key, &mut rng(seed)).unwrap();
        let sent = request.blinded().to_bytes();
        let answer = office.live.issue(&request.blinded());
        let (pass, _) = request.finish(&answer, key).unwrap();
        // Three bytes in a row at a time: of the holder key and of the signature.
        for window in pass.to_bytes()[5..].windows(3) {
            assert!(!sent.windows(3).any(|part| part == window));
            assert!(!answer.to_bytes().windows(3).any(|part| part == window));
        }
    }
}

/// A guesser that joins the nearest bytes of 1,000 requests, answers and passes does no better than
/// chance: the expected number of right pairs of a random assignment is 1.
#[test]
fn a_thousand_passes_cannot_be_told_apart_by_their_requests() {
    let office = Office::new(1);
    let key = office.keys.key_for(DAY, PassKind::Live).unwrap();
    let mut rng = rng(11);
    let pairs: Vec<([u8; 48], [u8; 48], [u8; 85])> = (0..1_000)
        .map(|_| {
            let request = PassRequest::new(key, &mut rng).unwrap();
            let blinded = request.blinded();
            let answer = office.live.issue(&blinded);
            let (pass, _) = request.finish(&answer, key).unwrap();
            (blinded.to_bytes(), answer.to_bytes(), pass.to_bytes())
        })
        .collect();
    let distance = |seen: &[u8; 48], shown: &[u8]| -> u32 {
        seen.iter().zip(shown).map(|(a, b)| (a ^ b).count_ones()).sum()
    };
    for guesser in [0, 1, 2, 3] {
        let right = (0..pairs.len()).filter(|shown| {
            let pass = &pairs[*shown].2;
            let of = |seen: &([u8; 48], [u8; 48], [u8; 85])| match guesser {
                0 => distance(&seen.0, &pass[37..]),
                1 => distance(&seen.1, &pass[37..]),
                2 => distance(&seen.0, &pass[5..37]),
                _ => distance(&seen.1, &pass[5..37]),
            };
            (0..pairs.len()).min_by_key(|seen| of(&pairs[*seen])) == Some(*shown)
        });
        // Poisson with mean 1: more than 8 has probability 1e-6.
        let right = right.count();
        assert!(right <= 8, "guesser {guesser} was right {right} times");
    }
}
