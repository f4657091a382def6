//! Displays: which codes are refused, for which hours one counts, and the slots that a warning
//! has to be made for.

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::display::{
    DISPLAY_GRACE_SECONDS, DISPLAY_HOURS, DisplaySecret, SHOWN_BYTES, show,
};
use vungxanh_protocol::venue::poster::{
    MAX_NAME_BYTES, MAX_SHOWN_BYTES, MAX_STREET_BYTES, MAX_UNIT_BYTES, MAX_URL_BYTES,
    PosterContent, UnverifiedPoster, payload_of_url, to_url,
};
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::slot_key::SlotKey;
use vungxanh_protocol::venue::sources::sources;

use super::{HOUR, World, content, minute, rng};

const REFUSED: VenueError = VenueError::OutsideDisplayHours { hours: 4 };

fn key() -> SigningKey {
    SigningKey::from_bytes(&[6; 32])
}

pub(super) fn secret() -> DisplaySecret {
    DisplaySecret::from_bytes(SecretBytes::new([0xd7; 32]))
}

fn display(world: &World) -> PosterContent {
    PosterContent { display_key: Some(key().verifying_key()), ..content(&world.venue) }
}

/// A display's payload, before any hour.
pub(super) fn payload(world: &World) -> Vec<u8> {
    display(world).sign(&world.poster_key).unwrap()
}

/// What the display shows in `hour`.
pub(super) fn shown(world: &World, hour: Hour) -> Vec<u8> {
    show(&payload(world), &key(), &secret(), hour).unwrap()
}

fn later(hours: u32) -> Hour {
    Hour::new(HOUR.number() + hours)
}

#[test]
fn a_code_counts_in_its_hour_and_ten_minutes_after() {
    let world = World::new(1);
    let shown = shown(&world, HOUR);
    let at = |time| world.verify(&shown, time).map(|poster| poster.scan_hour());
    let grace_end = HOUR.end().plus(DISPLAY_GRACE_SECONDS);
    assert_eq!(grace_end, minute(70));
    assert_eq!(at(HOUR.start().minus(1)), Err(VenueError::DisplayStale));
    assert_eq!(at(HOUR.start()), Ok(Some(HOUR)));
    assert_eq!(at(grace_end.minus(1)), Ok(Some(HOUR)));
    assert_eq!(at(grace_end), Err(VenueError::DisplayStale));
    assert_eq!(at(later(24).start()), Err(VenueError::DisplayStale));
    let expires = world.poster.content().expires.start();
    assert_eq!(at(expires), Err(VenueError::PosterExpired));
}

#[test]
fn the_payload_of_a_display_without_an_hour_checks_nobody_in() {
    let world = World::new(1);
    let payload = payload(&world);
    let read = UnverifiedPoster::read(&payload).unwrap();
    assert_eq!(read.scan_hour(), None);
    assert!(read.unverified_content() == &display(&world));
    assert_eq!(world.verify(&payload, HOUR.start()), Err(VenueError::NotADisplayCode));
    let shown = shown(&world, HOUR);
    let read = UnverifiedPoster::read(&shown).unwrap();
    assert_eq!(read.scan_hour(), Some(HOUR));
    assert_eq!(read.payload(), payload);
}

#[test]
fn altered_hours_seeds_and_signatures_are_refused() {
    let world = World::new(1);
    let shown = shown(&world, HOUR);
    let start = payload(&world).len();
    for index in 0..shown.len() {
        let mut altered = shown.clone();
        altered[index] ^= 1;
        let refused = world.verify(&altered, HOUR.start()).unwrap_err();
        if index >= start {
            assert_eq!(refused, VenueError::DisplayForged, "byte {index}");
        }
    }
    for length in (0..shown.len()).filter(|length| *length != start) {
        assert!(UnverifiedPoster::read(&shown[..length]).is_err(), "{length} bytes");
    }
    assert!(UnverifiedPoster::read(&[&shown[..], &[0]].concat()).is_err());
    world.verify(&shown, HOUR.start()).unwrap();
}

#[test]
fn the_code_of_another_screen_or_put_after_a_printed_poster_is_refused() {
    let world = World::new(1);
    let shown = shown(&world, HOUR);
    let (_, tail) = shown.split_at(shown.len() - SHOWN_BYTES);
    let printed = [&world.payload[..], tail].concat();
    assert!(world.verify(&printed, HOUR.start()).unwrap_err().to_string().contains("follow"));

    let other = PosterContent { unit: "Tầng 3".into(), ..display(&world) };
    let other = other.sign(&world.poster_key).unwrap();
    let moved = [&other[..], tail].concat();
    assert_eq!(world.verify(&moved, HOUR.start()), Err(VenueError::DisplayForged));

    let stranger = SigningKey::from_bytes(&[8; 32]);
    let refused = show(&payload(&world), &stranger, &secret(), HOUR);
    assert_eq!(refused, Err(VenueError::DisplayForged));
    assert_eq!(show(&world.payload, &key(), &secret(), HOUR), Err(VenueError::DisplayForged));
}

#[test]
fn a_scan_seals_four_hours_and_no_others() {
    let world = World::new(1);
    let poster = world.verify(&shown(&world, HOUR), minute(30)).unwrap();
    assert_eq!(poster.last_hour(), Some(later(DISPLAY_HOURS - 1)));
    assert_eq!(world.poster.last_hour(), None);
    let seal = |from, until| {
        let sealed = poster.seal_stay(minute(from), minute(until), 0, &mut rng(1));
        sealed.map(|stay| stay.into_iter().map(|(hour, _)| hour).collect::<Vec<_>>())
    };
    assert_eq!(seal(30, 240), Ok((0..4).map(later).collect()));
    assert_eq!(seal(180, 240), Ok(vec![later(3)]));
    assert_eq!(seal(30, 241), Err(REFUSED));
    assert_eq!(seal(240, 250), Err(REFUSED));
    let before = poster.seal_stay(minute(0).minus(60), minute(10), 0, &mut rng(1));
    assert_eq!(before, Err(REFUSED));
    world.poster.seal_stay(minute(0), minute(600), 0, &mut rng(1)).unwrap();
}

#[test]
fn a_warning_of_an_hour_reaches_every_scan_that_counts_in_it_and_no_other() {
    let world = World::new(1);
    let now = later(3);
    let sources = sources(&payload(&world), Some(&secret()), now).unwrap();
    let hours: Vec<_> = sources.iter().filter_map(|source| source.scan_hour).collect();
    assert_eq!(hours, (0..4).map(later).collect::<Vec<_>>());
    let keys: Vec<_> = sources
        .iter()
        .map(|source| {
            let slot = source.deriver.identity(now);
            let (venue, authority) = (world.venue.share(&slot), world.authority.share(&slot));
            SlotKey::join(&venue, &authority, world.poster.master(), &slot).unwrap()
        })
        .collect();
    for (scanned, hour) in hours.iter().enumerate() {
        let poster = world.verify(&shown(&world, *hour), hour.start()).unwrap();
        let stay = poster.seal_stay(now.start(), now.end(), 0, &mut rng(2)).unwrap();
        let opened: Vec<_> =
            (0..keys.len()).filter(|index| stay[0].1.open(now, &keys[*index]).is_some()).collect();
        assert_eq!(opened, [scanned]);
    }
    // The slots of the same poster on paper are others.
    assert!(sources.iter().all(|source| source.deriver != *world.poster.slots()));
}

#[test]
fn sources_need_the_secret_of_a_display_and_of_nothing_else() {
    let world = World::new(1);
    let printed = sources(&world.payload, None, HOUR).unwrap();
    assert_eq!(printed.len(), 1);
    assert_eq!(printed[0].scan_hour, None);
    assert!(printed[0].deriver == *world.poster.slots());
    let mismatch = Err(VenueError::DisplaySecretMismatch);
    assert_eq!(sources(&payload(&world), None, HOUR), mismatch);
    assert_eq!(sources(&world.payload, Some(&secret()), HOUR), mismatch);
    let first = sources(&payload(&world), Some(&secret()), Hour::new(1)).unwrap();
    assert_eq!(first.len(), 2);
}

#[test]
fn seeds_of_other_hours_and_other_displays_differ() {
    assert!(secret().seed(HOUR) != secret().seed(later(1)));
    let other = DisplaySecret::generate(&mut rng(3));
    assert!(secret().seed(HOUR) != other.seed(HOUR));
    assert!(DisplaySecret::from_bytes(SecretBytes::new(*other.expose())) == other);
}

#[test]
fn the_longest_code_fits_and_a_weak_display_key_is_refused() {
    let world = World::new(1);
    let largest = PosterContent {
        name: "x".repeat(MAX_NAME_BYTES),
        unit: "x".repeat(MAX_UNIT_BYTES),
        street: "x".repeat(MAX_STREET_BYTES),
        ..display(&world)
    };
    let payload = largest.sign(&world.poster_key).unwrap();
    let shown = show(&payload, &key(), &secret(), HOUR).unwrap();
    assert_eq!(shown.len(), MAX_SHOWN_BYTES);
    let url = to_url("https://a-long-name.of-a-province.example.gov.vn", &shown);
    assert!(url.len() < MAX_URL_BYTES);
    assert_eq!(payload_of_url(&url).unwrap(), shown);
    world.verify(&shown, HOUR.start()).unwrap();

    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = ed25519_dalek::VerifyingKey::from_bytes(&identity).unwrap();
    let weak = PosterContent { display_key: Some(weak), ..display(&world) };
    let error = weak.sign(&world.poster_key).unwrap_err();
    assert!(error.to_string().contains("display key"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_after_a_payload_are_refused_without_a_crash(
        cut in 0usize..700,
        tail in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let world = World::new(1);
        let genuine = shown(&world, HOUR);
        let mut bytes = genuine.clone();
        bytes.truncate(cut);
        bytes.extend_from_slice(&tail);
        prop_assume!(bytes != genuine);
        prop_assert!(world.verify(&bytes, HOUR.start()).is_err());
    }
}
