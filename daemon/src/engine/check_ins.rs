//! Check-ins as time passes: reminders, automatic check-outs, and the file of sealed check-ins,
//! rewritten every hour whether anybody checked in or not.

use vungxanh_protocol::interval::UnixTime;

use super::Engine;
use super::events::Event;
use super::problems::ProblemKind;
use crate::venue::{CheckInError, ClosedVisit, OpenReport, TimedEvent};

pub(super) async fn run(engine: &Engine) {
    loop {
        let now = engine.clock.now();
        let passed = pass_time(engine, now).await;
        let written = if passed.is_ok() && engine.check_ins.is_due(now) {
            rewrite(engine, false).await
        } else {
            passed
        };
        if let Err(error) = written {
            engine.problem(ProblemKind::CheckIns, error);
            engine.wait_to_retry().await;
            continue;
        }
        engine.resolved(ProblemKind::CheckIns);
        let next = engine.check_ins.next_moment(now);
        tokio::select! {
            () = engine.wait_until(next) => {}
            () = engine.check_ins.changed() => {}
        }
    }
}

async fn pass_time(engine: &Engine, now: UnixTime) -> Result<(), CheckInError> {
    for happened in engine.on_check_ins(move |check_ins| check_ins.pass_time(now)).await? {
        engine.emit(match happened {
            TimedEvent::EndsSoon { until } => Event::VisitEndsSoon { until },
            TimedEvent::CheckedOut(closed) => {
                engine.stay_is_over();
                checked_out(closed)
            }
        });
    }
    Ok(())
}

/// Writes the file. At the `end` of the daemon with the running hour. Under an untrusted clock no
/// hour is dropped, see [`super::upkeep::begin_day`].
pub(super) async fn rewrite(engine: &Engine, end: bool) -> Result<(), CheckInError> {
    let now = engine.look_at_clock();
    let retention = engine.clock_is_trusted().then(|| engine.retention_days());
    engine.on_check_ins(move |check_ins| check_ins.rewrite(now, retention, end)).await
}

pub(super) fn checked_out(closed: ClosedVisit) -> Event {
    Event::CheckedOut { until: closed.until, automatic: closed.automatic }
}

impl Engine {
    /// Reports what was found when check-ins were opened.
    pub(crate) fn note_check_ins(&self, found: &OpenReport) {
        if let Some(damaged) = &found.damaged {
            self.problem(ProblemKind::CheckInsDamaged, damaged.moved_to.display());
        }
        if let Some(damaged) = &found.damaged_diary {
            self.problem(ProblemKind::DiaryDamaged, damaged.moved_to.display());
        }
        let venues = self.sync.authority().is_some_and(|enrolled| {
            let document = enrolled.authority.document();
            !document.venue_keys.is_empty()
        });
        // What is left does not say whether a visit was open, so every person gets the notice.
        if found.began_anew && venues {
            self.emit(Event::CheckInsBeganAnew);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use ed25519_dalek::SigningKey;
    use vungxanh_protocol::clock::Clock;
    use vungxanh_protocol::interval::UtcDay;
    use vungxanh_protocol::venue::keys::VenueKey;
    use vungxanh_protocol::venue::party::{Party, PartySecret};
    use vungxanh_protocol::venue::poster::PosterContent;
    use vungxanh_protocol::venue::slot::Hour;

    use tokio::time::timeout;

    use super::*;
    use crate::radio::RadioState;
    use crate::store::MemoryStore;
    use crate::test_support::{EngineFixture, NOON, SettableClock};

    /// A poster with a stay of an hour, and the key that vouches for it.
    fn poster() -> (Vec<u8>, VenueKey) {
        let rng = &mut rand::rng();
        let (venue, authority) = (PartySecret::generate(rng), PartySecret::generate(rng));
        let signer = SigningKey::from_bytes(&[3; 32]);
        let signer_text = BASE64_STANDARD.encode(signer.verifying_key().as_bytes());
        let key = VenueKey {
            id: 1,
            sealing_key: BASE64_STANDARD.encode(authority.public_key().to_bytes()),
            proof: BASE64_STANDARD.encode(authority.prove(Party::Authority).0),
            poster_key: signer_text.clone(),
            warning_key: signer_text,
            not_before: UnixTime::default(),
            not_after: NOON.plus(86_400),
        };
        let content = PosterContent {
            shares_in_advance: false,
            default_stay: 12,
            authority_key_id: 1,
            not_before: UtcDay::new(0),
            expires: NOON.day().plus(2),
            ward: 4,
            seed: [5; 16],
            venue_key: venue.public_key(),
            name: "Phở Thìn".into(),
            unit: String::new(),
            street: String::new(),
            display_key: None,
        };
        (content.sign(&signer).unwrap(), key)
    }

    #[tokio::test]
    async fn time_reminds_checks_out_and_writes_the_hours() {
        let clock = SettableClock::default();
        clock.pass(600);
        let fixture =
            EngineFixture::by_clock(clock, Arc::new(MemoryStore::new()), RadioState::SwitchedOff);
        let (engine, clock) = (&fixture.engine, &fixture.clock);
        let check_ins = &engine.check_ins;
        let (code, key) = poster();
        check_ins.check_in(&code, None, &[key], clock.now()).unwrap();
        let passed = || clock.now() > NOON.plus(4 * 3_600) && fixture.events.list().len() > 1;
        tokio::select! {
            () = run(engine) => {}
            () = async { while !passed() { tokio::task::yield_now().await } } => {}
        }
        let newest = check_ins.cells(clock.now()).0.newest();
        assert!(newest >= Hour::at(NOON.plus(2 * 3_600)), "every hour is written when it is over");
        let until = NOON.plus(4_200);
        let expected =
            [Event::VisitEndsSoon { until }, Event::CheckedOut { until, automatic: true }];
        assert_eq!(fixture.events.list(), expected);
        let before = fs::read(fixture.profile.check_ins_file()).unwrap();
        engine.stop().await;
        assert_ne!(fs::read(fixture.profile.check_ins_file()).unwrap(), before, "at the end, too");
        assert_eq!(check_ins.cells(clock.now()).0.newest(), Hour::at(clock.now()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_radio_that_does_not_fall_silent_costs_no_visit() {
        let bench = EngineFixture::new(Arc::new(MemoryStore::new()), RadioState::Ready);
        let engine = &bench.engine;
        bench.radio.hangs.store(true, Ordering::SeqCst);
        let newest = || engine.check_ins.cells(engine.clock.now()).0.newest();
        let this_hour = Hour::at(engine.clock.now());
        assert!(newest() < this_hour);
        // systemd kills it after 20 s.
        assert!(timeout(Duration::from_secs(15), engine.stop()).await.is_ok());
        assert_eq!(newest(), this_hour);
    }
}
