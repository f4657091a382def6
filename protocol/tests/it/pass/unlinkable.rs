//! The issuer's transcript and the door's. For every request and every pass there is exactly one r
//! that turns the one into the other, since H(m) generates the group and r is uniform in it; so no
//! test can find a link in the points, and these look for what else could be sent.

use vungxanh_protocol::pass::{PassKind, PassRequest};

use super::{DAY, Office, rng};
use crate::support::guessing::{assert_nothing_found, right_guesses, shuffled};

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

/// 1,000 passes of one day, asked for one after the other and shown in another order: no guesser is right more often
/// than chance allows. Where what is asked for is not blinded, the same guessers find all.
#[test]
fn a_thousand_passes_cannot_be_distinguished_by_what_their_issuer_saw() {
    let office = Office::new(1);
    let key = office.keys.key_for(DAY, PassKind::Live).unwrap();
    let transcript: Vec<([u8; 48], [u8; 48], [u8; 85])> = (0..1_000)
        .map(|_| {
            let request = PassRequest::new(key, &mut rand::rng()).unwrap();
            let blinded = request.blinded();
            let answer = office.live.issue(&blinded);
            let (pass, _) = request.finish(&answer, key).unwrap();
            (blinded.to_bytes(), answer.to_bytes(), pass.to_bytes())
        })
        .collect();
    let order = shuffled(transcript.len());
    let shown: Vec<&[u8; 85]> = order.iter().map(|index| &transcript[*index].2).collect();
    // Of all passes of a day the time says the same: day, kind and key.
    assert!(shown.iter().all(|pass| pass[..5] == shown[0][..5]));
    let blinded: Vec<&[u8]> = transcript.iter().map(|(blinded, ..)| &blinded[..]).collect();
    let answers: Vec<&[u8]> = transcript.iter().map(|(_, answer, _)| &answer[..]).collect();
    let holders: Vec<&[u8]> = shown.iter().map(|pass| &pass[5..37]).collect();
    let signatures: Vec<&[u8]> = shown.iter().map(|pass| &pass[37..]).collect();
    for (what, seen, shown) in [
        ("requests and holders", &blinded, &holders),
        ("requests and signatures", &blinded, &signatures),
        ("answers and holders", &answers, &holders),
        ("answers and signatures", &answers, &signatures),
    ] {
        assert_nothing_found(what, seen, shown, &order);
    }
    // As if r were 1.
    let unblinded: Vec<&[u8]> = transcript.iter().map(|(.., pass)| &pass[37..]).collect();
    let found = right_guesses(&unblinded, &signatures, &order);
    assert!(found.contains(&("bits".to_owned(), 1_000)), "{found:?}");
}
