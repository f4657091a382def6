//! Posters: what is signed, what is refused, and limits.

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::text::is_plain;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::poster::{
    MAX_NAME_BYTES, MAX_PAYLOAD_BYTES, MAX_SHOWN_BYTES, MAX_STREET_BYTES, MAX_UNIT_BYTES,
    MAX_URL_BYTES, PosterContent, UnverifiedPoster, payload_of_url, to_url,
};

use super::{HOUR, World, content};

#[test]
fn every_altered_byte_and_every_other_length_is_refused() {
    let world = World::new(1);
    for index in 0..world.payload.len() {
        for flip in [1, 0x80] {
            let mut payload = world.payload.clone();
            payload[index] ^= flip;
            assert!(world.verify(&payload, HOUR.start()).is_err(), "byte {index}");
        }
    }
    for length in 0..world.payload.len() {
        assert!(world.verify(&world.payload[..length], HOUR.start()).is_err());
    }
    let longer = [&world.payload[..], &[0]].concat();
    assert!(world.verify(&longer, HOUR.start()).is_err());
    world.verify(&world.payload, HOUR.start()).unwrap();
}

#[test]
fn a_poster_is_valid_on_its_days_and_while_its_authority_key_is() {
    let world = World::new(1);
    let (first, end) = (world.poster.content().not_before, world.poster.content().expires);
    let at = |time| world.verify(&world.payload, time).map(|_| ());
    assert_eq!(at(first.start()), Ok(()));
    assert_eq!(at(first.start().minus(1)), Err(VenueError::PosterNotYetValid));
    assert_eq!(at(end.start().minus(1)), Ok(()));
    assert_eq!(at(end.start()), Err(VenueError::PosterExpired));
    let key = world.keys[0];
    assert_eq!(at(key.not_before.minus(1)), Err(VenueError::UnknownKey(7)));
    assert_eq!(at(key.not_after), Err(VenueError::UnknownKey(7)));
}

#[test]
fn a_poster_of_another_signer_or_key_id_is_refused() {
    let world = World::new(1);
    let forged = content(&world.venue).sign(&SigningKey::from_bytes(&[9; 32])).unwrap();
    assert_eq!(world.verify(&forged, HOUR.start()), Err(VenueError::PosterForged));
    // The key for batches of warnings signs no posters.
    let forged = content(&world.venue).sign(&world.warning_key).unwrap();
    assert_eq!(world.verify(&forged, HOUR.start()), Err(VenueError::PosterForged));
    let unknown = PosterContent { authority_key_id: 8, ..content(&world.venue) };
    let unknown = unknown.sign(&world.poster_key).unwrap();
    assert_eq!(world.verify(&unknown, HOUR.start()), Err(VenueError::UnknownKey(8)));
}

#[test]
fn slots_of_posters_that_differ_in_anything_differ() {
    let world = World::new(1);
    let other = PosterContent { seed: [6; 16], ..content(&world.venue) };
    let other = world.verify(&other.sign(&world.poster_key).unwrap(), HOUR.start()).unwrap();
    let (one, two) = (world.poster.slots(), other.slots());
    assert!(one.identity(HOUR) != two.identity(HOUR));
    assert!(one.notify_key(HOUR) != two.notify_key(HOUR));
}

#[test]
fn what_readers_refuse_is_not_signed() {
    let world = World::new(1);
    let refused = |change: fn(&mut PosterContent), reason: &str| {
        let mut content = content(&world.venue);
        change(&mut content);
        let error = content.sign(&world.poster_key).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    };
    refused(|c| c.name.clear(), "no name");
    refused(|c| c.name = " ".into(), "no name");
    refused(|c| c.name = "x".repeat(MAX_NAME_BYTES + 1), "too long");
    refused(|c| c.unit = "x".repeat(MAX_UNIT_BYTES + 1), "too long");
    refused(|c| c.street = "x".repeat(MAX_STREET_BYTES + 1), "too long");
    refused(|c| c.street = "x".repeat(256), "too long");
    refused(|c| c.name = "a\nb".into(), "control");
    refused(|c| c.name = "Chợ \u{9b}2J".into(), "control");
    refused(|c| c.unit = "\u{202e}1 gnầT".into(), "marks of direction");
    refused(|c| c.street = "1\u{2028}2".into(), "marks of direction");
    refused(|c| c.default_stay = 0, "zero");
    refused(|c| c.ward = 1 << 24, "24 bits");
    refused(|c| c.expires = c.not_before, "expires before");
    refused(|c| c.expires = UtcDay::new(65_536), "2149");
    let largest = PosterContent {
        name: "x".repeat(MAX_NAME_BYTES),
        unit: "x".repeat(MAX_UNIT_BYTES),
        street: "x".repeat(MAX_STREET_BYTES),
        ..content(&world.venue)
    };
    let payload = largest.sign(&world.poster_key).unwrap();
    assert_eq!(payload.len(), MAX_PAYLOAD_BYTES);
    assert!(to_url("https://a-long-name.of-a-province.example.gov.vn", &payload).len() < 620);
    let too_long = vec![1; MAX_SHOWN_BYTES + 1];
    assert!(matches!(UnverifiedPoster::read(&too_long), Err(VenueError::Length { .. })));
}

#[test]
fn unknown_versions_and_flags_are_refused_by_name() {
    let world = World::new(1);
    let read = |index: usize, value: u8| {
        let mut payload = world.payload.clone();
        payload[index] = value;
        UnverifiedPoster::read(&payload).unwrap_err().to_string()
    };
    assert_eq!(
        read(0, 2),
        "the poster has version 2; this program reads version 1: use a newer program"
    );
    assert!(read(1, 4).contains("flags"));
}

#[test]
fn urls_that_are_none() {
    for url in ["", "https://a/v", "https://a/w#AAAA", "https://a/v#A*", "https://a/v#AAAA="] {
        assert!(payload_of_url(url).is_err(), "{url}");
    }
    let long = format!("https://a/v#{}", "A".repeat(MAX_URL_BYTES));
    assert!(matches!(payload_of_url(&long), Err(VenueError::Length { .. })));
    assert_eq!(payload_of_url("https://a/v#AAAA").unwrap(), [0, 0, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn content_round_trip(
        shares_in_advance: bool,
        default_stay in 1u8..,
        ward in 0u32..1 << 24,
        seed: [u8; 16],
        name in "[^\\pC]{1,24}",
        unit in "[^\\pC]{0,16}",
        street in "[^\\pC]{0,24}",
    ) {
        prop_assume!(!name.trim().is_empty());
        prop_assume!([&name, &unit, &street].iter().all(|text| is_plain(text)));
        let world = World::new(1);
        let content = PosterContent {
            shares_in_advance, default_stay, ward, seed, name, unit, street,
            ..content(&world.venue)
        };
        let payload = content.sign(&world.poster_key).unwrap();
        let url = to_url("https://a.vn", &payload);
        let read = payload_of_url(&url).unwrap();
        prop_assert!(world.verify(&read, HOUR.start()).unwrap().content() == &content);
    }

    #[test]
    fn any_bytes_are_refused_without_a_crash(
        head in prop::collection::vec(any::<u8>(), 0..500),
        at in 0usize..400,
        text in "\\PC{0,300}",
    ) {
        let world = World::new(1);
        prop_assert!(UnverifiedPoster::read(&head).is_err());
        let mut payload = world.payload.clone();
        payload.truncate(at.min(payload.len()));
        payload.extend_from_slice(&head);
        prop_assume!(payload != world.payload);
        prop_assert!(world.verify(&payload, HOUR.start()).is_err());
        let _ = payload_of_url(&text);
    }
}
