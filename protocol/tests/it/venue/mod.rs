//! Venues: what neither party can do alone, what is refused, and the vectors of an independent
//! implementation.

mod batches;
mod browser;
mod cells;
mod disclosures;
mod displays;
mod exposures;
mod key_files;
mod posters;
mod printing;
mod refusals;
mod sealing;
mod vectors;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::keys::{ProvenVenueKey, VenueKey};
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::poster::{Poster, PosterContent, UnverifiedPoster};
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::slot_key::SlotKey;
use vungxanh_protocol::venue::warning::{Notice, Warning};

/// 2026-07-16T00:00Z.
const HOUR: Hour = Hour::new(495_600);

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Minutes after the beginning of [`HOUR`].
fn minute(minutes: u64) -> UnixTime {
    HOUR.start().plus(minutes * 60)
}

/// A venue, the authority, and the poster that they made together.
struct World {
    venue: PartySecret,
    authority: PartySecret,
    poster_key: SigningKey,
    warning_key: SigningKey,
    keys: Vec<ProvenVenueKey>,
    payload: Vec<u8>,
    poster: Poster,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = rng(seed);
        let venue = PartySecret::generate(&mut rng);
        let authority = PartySecret::generate(&mut rng);
        let poster_key = SigningKey::from_bytes(&[3; 32]);
        let warning_key = SigningKey::from_bytes(&[4; 32]);
        let key = document_key(&authority, &poster_key, &warning_key);
        let keys = vec![key.proven().unwrap()];
        let payload = content(&venue).sign(&poster_key).unwrap();
        let poster = UnverifiedPoster::read(&payload).unwrap().verify(&keys, HOUR.start()).unwrap();
        Self { venue, authority, poster_key, warning_key, keys, payload, poster }
    }

    fn verify(&self, payload: &[u8], now: UnixTime) -> Result<Poster, VenueError> {
        UnverifiedPoster::read(payload)?.verify(&self.keys, now)
    }

    fn slot_key(&self, hour: Hour) -> SlotKey {
        let slot = self.poster.slots().identity(hour);
        let (venue, authority) = (self.venue.share(&slot), self.authority.share(&slot));
        SlotKey::join(&venue, &authority, self.poster.master(), &slot).unwrap()
    }

    fn warning(&self, hour: Hour, notice: &Notice) -> Warning {
        let notify_key = self.poster.slots().notify_key(hour);
        Warning::new(hour, &self.slot_key(hour), notice, &notify_key, &mut rng(9)).unwrap()
    }
}

fn document_key(
    authority: &PartySecret,
    poster_key: &SigningKey,
    warning_key: &SigningKey,
) -> VenueKey {
    VenueKey {
        id: 7,
        sealing_key: BASE64_STANDARD.encode(authority.public_key().to_bytes()),
        proof: BASE64_STANDARD.encode(authority.prove(Party::Authority).0),
        poster_key: BASE64_STANDARD.encode(poster_key.verifying_key().as_bytes()),
        warning_key: BASE64_STANDARD.encode(warning_key.verifying_key().as_bytes()),
        not_before: HOUR.start().minus(30 * 86_400),
        not_after: HOUR.start().plus(700 * 86_400),
    }
}

fn content(venue: &PartySecret) -> PosterContent {
    let day = HOUR.start().day();
    PosterContent {
        shares_in_advance: false,
        default_stay: 24,
        authority_key_id: 7,
        not_before: day.minus(10),
        expires: UtcDay::new(day.number() + 355),
        ward: 4,
        seed: [5; 16],
        venue_key: venue.public_key(),
        name: "Phở Thìn".into(),
        unit: "Tầng 2".into(),
        street: "13 Lò Đúc".into(),
        display_key: None,
    }
}

/// A case that was there from `from` to `until` minutes after the beginning of [`HOUR`].
fn notice(from: u64, until: u64) -> Notice {
    Notice {
        from: minute(from),
        until: minute(until),
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        text: "Gọi 1900 9095.".into(),
    }
}
