//! Nothing about a visit or a key is printed.

use insta::assert_snapshot;
use vungxanh_protocol::venue::cells::{CellTable, TakenCells};
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};
use vungxanh_protocol::venue::exposure::exposures;
use vungxanh_protocol::venue::poster::UnverifiedPoster;
use vungxanh_protocol::venue::sources::sources;

use super::{HOUR, World, displays, minute, notice, rng};

/// The printed form, after a search for the secrets of `world` in any usual form; four bytes in a
/// row are enough to be found.
fn printed(world: &World, value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}").to_lowercase();
    let slot = world.poster.slots().identity(HOUR);
    let secrets = [
        world.venue.to_bytes().expose().to_vec(),
        world.authority.to_bytes().expose().to_vec(),
        slot.expose().to_vec(),
        world.poster.slots().notify_key(HOUR).expose().to_vec(),
        world.venue.share(&slot).to_bytes().to_vec(),
        world.slot_key(HOUR).to_bytes().to_vec(),
        world.payload.clone(),
        displays::secret().expose().to_vec(),
        displays::secret().seed(HOUR).expose().to_vec(),
    ];
    for part in secrets.iter().flat_map(|secret| secret.windows(4)) {
        let decimal: Vec<String> = part.iter().map(u8::to_string).collect();
        assert!(!text.contains(&hex::encode(part)), "{text}");
        assert!(!text.contains(&decimal.join(", ")), "{text}");
    }
    assert!(!text.contains("phở"), "{text}");
    format!("{value:?}")
}

#[test]
fn secrets_and_visits_do_not_print() {
    let world = World::new(1);
    let slots = world.poster.slots();
    let slot = slots.identity(HOUR);
    let stay = world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap();
    let warning = world.warning(HOUR, &notice(0, 60));
    let mut taken = TakenCells::default();
    let mut table = CellTable::new(1, HOUR, &mut rng(1));
    table.record(&stay, &mut taken, &mut rng(1)).unwrap();
    let venue_matches = table.try_warning(&warning).unwrap();
    let rules = vungxanh_protocol::venue::rules::VenueRules {
        lingering_minutes: 0,
        minimum_overlap_minutes: 0,
        time_weight: 50,
    };
    let exposures = exposures(&venue_matches, &rules);
    let visit = stay[0].1.open(HOUR, &world.slot_key(HOUR)).unwrap();
    let unverified = UnverifiedPoster::read(&world.payload).unwrap();
    let fingerprint = PosterFingerprint::of_payload(&world.payload);
    let disclosed = DisclosedVisit::new(fingerprint, minute(5), minute(50)).unwrap();

    let shown = displays::shown(&world, HOUR);
    let shown = UnverifiedPoster::read(&shown).unwrap();
    let of_display = world.verify(&displays::shown(&world, HOUR), HOUR.start()).unwrap();
    let payload = displays::payload(&world);
    let sources = sources(&payload, Some(&displays::secret()), HOUR).unwrap();

    assert_snapshot!(printed(&world, &displays::secret()), @"DisplaySecret(..)");
    assert_snapshot!(printed(&world, &displays::secret().seed(HOUR)), @"SecretBytes<16>(..)");
    assert_snapshot!(printed(&world, &shown), @"UnverifiedPoster(..)");
    assert_snapshot!(printed(&world, &of_display), @"Poster(..)");
    assert_snapshot!(
        printed(&world, &sources[3]),
        @"SlotSource { scan_hour: Some(Hour(495600)), deriver: SlotDeriver(..) }"
    );
    assert_snapshot!(printed(&world, &world.venue), @"PartySecret(..)");
    assert_snapshot!(printed(&world, &slot), @"SlotIdentity(..)");
    assert_snapshot!(printed(&world, slots), @"SlotDeriver(..)");
    assert_snapshot!(printed(&world, &slots.notify_key(HOUR)), @"SecretBytes<32>(..)");
    assert_snapshot!(printed(&world, &world.venue.share(&slot)), @"SlotShare(..)");
    assert_snapshot!(printed(&world, &world.slot_key(HOUR)), @"SlotKey(..)");
    assert_snapshot!(printed(&world, &visit), @"SlotVisit(..)");
    assert_snapshot!(printed(&world, &stay[0].1), @"SealedVisit(..)");
    assert_snapshot!(printed(&world, &warning), @"Warning { hour: Hour(495600), .. }");
    assert_snapshot!(printed(&world, &venue_matches), @"[VenueMatch(..)]");
    assert_snapshot!(printed(&world, &exposures), @"[VenueExposure(..)]");
    assert_snapshot!(printed(&world, &world.poster), @"Poster(..)");
    assert_snapshot!(printed(&world, world.poster.content()), @"PosterContent(..)");
    assert_snapshot!(printed(&world, &unverified), @"UnverifiedPoster(..)");
    assert_snapshot!(printed(&world, &fingerprint), @"PosterFingerprint(..)");
    assert_snapshot!(printed(&world, &disclosed), @"DisclosedVisit(..)");
    assert_snapshot!(printed(&world, &taken), @"TakenCells(..)");
    assert_snapshot!(printed(&world, &table), @"CellTable { newest: Hour(495600), hours: 24 }");
}

/// Compiles only while the library wipes its secret keys and the cipher its key.
#[test]
fn keys_are_wiped_when_dropped() {
    fn wiped<T: zeroize::Zeroize>() {}
    fn wiped_on_drop<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<blst::min_pk::SecretKey>();
    assert!(std::mem::needs_drop::<blst::min_pk::SecretKey>());
    wiped_on_drop::<chacha20poly1305::ChaCha20Poly1305>();
}
