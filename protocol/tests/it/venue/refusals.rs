//! What neither party can do alone, and points that are refused.

use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::party::{MasterKey, Party, PartyKey, PartySecret, ProofOfPossession};
use vungxanh_protocol::venue::poster::UnverifiedPoster;
use vungxanh_protocol::venue::sealed::SealedVisit;
use vungxanh_protocol::venue::slot_key::{SlotKey, SlotShare};
use vungxanh_protocol::venue::warning::Warning;

use super::vectors::{VECTORS, hex};
use super::{HOUR, World, document_key, minute, notice, rng};

fn sealed(world: &World) -> SealedVisit {
    world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap().remove(0).1
}

/// A share taken for a whole slot key, as someone with nothing else would try.
fn as_key(share: &SlotShare) -> SlotKey {
    SlotKey::from_bytes(&share.to_bytes()).unwrap()
}

#[test]
fn both_shares_open_and_either_alone_does_not() {
    let world = World::new(1);
    let cell = sealed(&world);
    let slot = world.poster.slots().identity(HOUR);
    let (venue, authority) = (world.venue.share(&slot), world.authority.share(&slot));
    assert!(cell.open(HOUR, &world.slot_key(HOUR)).is_some());
    for alone in [&venue, &authority] {
        assert!(cell.open(HOUR, &as_key(alone)).is_none());
        assert_eq!(as_key(alone).verify(world.poster.master(), &slot), Err(VenueError::WrongShare));
        // Nor does one party's share twice, in place of the other's.
        let twice = SlotKey::join(alone, alone, world.poster.master(), &slot);
        assert_eq!(twice, Err(VenueError::WrongShare));
    }
}

#[test]
fn neither_party_forges_a_warning_alone() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap();
    let mut table = super::cells::table(&stay);
    let slot = world.poster.slots().identity(HOUR);
    let notify_key = world.poster.slots().notify_key(HOUR);
    for share in [world.venue.share(&slot), world.authority.share(&slot)] {
        // The maker of the notice holds the poster, hence the notify key.
        let key = as_key(&share);
        let forged = Warning::new(HOUR, &key, &notice(0, 60), &notify_key, &mut rng(3)).unwrap();
        assert_eq!(table.try_warning(&forged), Ok(vec![]));
    }
    assert_eq!(table.try_warning(&world.warning(HOUR, &notice(0, 60))).unwrap().len(), 1);
    table.advance(HOUR.max(table.newest()), &mut rng(4));
}

#[test]
fn the_key_of_a_neighbouring_hour_or_another_venue_does_not_open() {
    let (world, other) = (World::new(1), World::new(2));
    let cell = sealed(&world);
    for hour in [HOUR.number() - 1, HOUR.number() + 1] {
        let hour = vungxanh_protocol::venue::slot::Hour::new(hour);
        assert!(cell.open(HOUR, &world.slot_key(hour)).is_none());
        assert!(cell.open(hour, &world.slot_key(hour)).is_none());
        // The right key, and the cell moved to another hour.
        assert!(cell.open(hour, &world.slot_key(HOUR)).is_none());
    }
    assert!(cell.open(HOUR, &other.slot_key(HOUR)).is_none());
}

#[test]
fn a_rogue_key_of_either_party_is_not_proven() {
    for (index, party) in [Party::Venue, Party::Authority].into_iter().enumerate() {
        let rogue = &VECTORS["rogue"][index];
        let key = PartyKey::from_bytes(&hex(&rogue["public"])).unwrap();
        let x = PartySecret::from_bytes(&SecretBytes::new(hex(&rogue["x"]))).unwrap();
        let not_proven = |proof: &ProofOfPossession| {
            assert_eq!(key.proven(proof, party), Err(VenueError::NotProven));
        };
        not_proven(&x.prove(party));
        not_proven(&ProofOfPossession(hex(&rogue["proof_over_x"])));
        for other in VECTORS["parties"].as_array().unwrap() {
            not_proven(&ProofOfPossession(hex(&other["proof"])));
        }
        // What it would be good for: the joint key would be x * G1, and x alone would open.
        let other = &VECTORS["parties"][1 - index];
        let other_key = PartyKey::from_bytes(&hex(&other["public"])).unwrap();
        if party == Party::Venue {
            let other_proof = ProofOfPossession(hex(&other["proof"]));
            let proven = other_key.proven(&other_proof, Party::Authority).unwrap();
            let master = MasterKey::join(&key, &proven).unwrap();
            assert_eq!(master.to_bytes(), x.public_key().to_bytes());
        }
    }
}

#[test]
fn a_document_with_a_rogue_or_borrowed_authority_key_is_refused() {
    let world = World::new(1);
    let honest = document_key(&world.authority, &world.poster_key, &world.warning_key);
    honest.proven().unwrap();
    let base64 = |bytes: &[u8]| {
        use base64::Engine;
        base64::prelude::BASE64_STANDARD.encode(bytes)
    };
    let rogue = hex::<48>(&VECTORS["rogue"][1]["public"]);
    let rogue = VenueKey { sealing_key: base64(&rogue), ..honest.clone() };
    assert_eq!(rogue.proven(), Err(VenueError::NotProven));
    // A venue's own proof, presented as the authority's, and the other way round.
    let as_venue = world.authority.prove(Party::Venue);
    let borrowed = VenueKey { proof: base64(&as_venue.0), ..honest.clone() };
    assert_eq!(borrowed.proven(), Err(VenueError::NotProven));
    let key = world.authority.public_key();
    let copied = key.proven(&world.authority.prove(Party::Authority), Party::Venue);
    assert_eq!(copied, Err(VenueError::NotProven));
    for index in 0..96 {
        let mut proof = world.authority.prove(Party::Authority).0;
        proof[index] ^= 1;
        let altered = VenueKey { proof: base64(&proof), ..honest.clone() };
        assert_eq!(altered.proven(), Err(VenueError::NotProven), "byte {index}");
    }
    let short = VenueKey { sealing_key: base64(&[0; 47]), ..honest };
    assert!(matches!(short.proven(), Err(VenueError::Malformed { .. })));
}

#[test]
fn keys_that_cancel_each_other_give_no_joint_key() {
    let rogue = &VECTORS["rogue"][0];
    let cancelling = PartyKey::from_bytes(&hex(&rogue["cancelling"])).unwrap();
    let authority = &VECTORS["parties"][1];
    let key = PartyKey::from_bytes(&hex(&authority["public"])).unwrap();
    let proven =
        key.proven(&ProofOfPossession(hex(&authority["proof"])), Party::Authority).unwrap();
    assert!(matches!(MasterKey::join(&cancelling, &proven), Err(VenueError::BadPoint(_))));
}

#[test]
fn points_outside_the_subgroup_and_the_identity_are_refused() {
    let refused = &VECTORS["refused"];
    let world = World::new(1);
    let cell = sealed(&world);
    for name in ["g1_outside_subgroup", "g1_identity", "g1_not_on_curve"] {
        let point = hex::<48>(&refused[name]);
        assert!(matches!(PartyKey::from_bytes(&point), Err(VenueError::BadPoint(_))), "{name}");
        // As the venue's key on a poster that the authority signed all the same.
        let mut payload = world.payload.clone();
        payload[27..75].copy_from_slice(&point);
        let read = UnverifiedPoster::read(&payload);
        assert!(matches!(read, Err(VenueError::BadPoint(_))), "{name}");
        // As the first part of a sealed visit.
        let mut bytes = *cell.as_bytes();
        bytes[..48].copy_from_slice(&point);
        assert!(SealedVisit::from_bytes(bytes).open(HOUR, &world.slot_key(HOUR)).is_none());
    }
    for name in ["g2_outside_subgroup", "g2_identity"] {
        let point = hex::<96>(&refused[name]);
        assert!(matches!(SlotKey::from_bytes(&point), Err(VenueError::BadPoint(_))), "{name}");
        assert!(matches!(SlotShare::from_bytes(&point), Err(VenueError::BadPoint(_))), "{name}");
        let proof = ProofOfPossession(point);
        let proven = world.venue.public_key().proven(&proof, Party::Venue);
        assert_eq!(proven, Err(VenueError::NotProven), "{name}");
        let mut bytes = world.warning(HOUR, &notice(0, 60)).to_bytes();
        bytes[4..100].copy_from_slice(&point);
        let table = super::cells::table(&[(HOUR, cell.clone())]);
        let tried = table.try_warning(&Warning::from_bytes(&bytes).unwrap());
        assert!(matches!(tried, Err(VenueError::BadPoint(_))), "{name}");
    }
}

#[test]
fn scalars_outside_the_group_order_are_refused() {
    let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    for bytes in [[0; 32], [0xff; 32], crate::support::oracle::bytes(order)] {
        let secret = PartySecret::from_bytes(&SecretBytes::new(bytes));
        assert!(matches!(secret, Err(VenueError::BadScalar)));
    }
}

#[test]
fn a_share_is_told_from_another_slots_another_partys_and_an_altered_one() {
    let world = World::new(1);
    let slot = world.poster.slots().identity(HOUR);
    let next = world.poster.slots().identity(vungxanh_protocol::venue::slot::Hour::new(1));
    let share = world.venue.share(&slot);
    let key = world.venue.public_key();
    share.verify(&key, &slot).unwrap();
    assert_eq!(share.verify(&key, &next), Err(VenueError::WrongShare));
    let other = world.authority.public_key();
    assert_eq!(share.verify(&other, &slot), Err(VenueError::WrongShare));
    let mut bytes = share.to_bytes();
    bytes[95] ^= 1;
    assert!(SlotShare::from_bytes(&bytes).and_then(|s| s.verify(&key, &slot)).is_err());
}
