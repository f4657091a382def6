use std::sync::atomic::Ordering;

use super::*;
use crate::engine::events::Event;
use crate::engine::scanning;
use crate::store::{EncounterStore, MemoryStore};
use crate::test_support::{EngineFixture, NOON, SettableClock, TRACING};

struct Fixture(EngineFixture);

impl Fixture {
    /// A minute before an interval begins: what is first broadcast there stays for five minutes at least. The radio
    /// refuses so many times.
    fn refusing(times: u64) -> Self {
        let clock = SettableClock::by_hand();
        clock.set(-60);
        let store = Arc::new(MemoryStore::new());
        let _ = store.begin_day(NOON.day(), 14).unwrap();
        let fixture = EngineFixture::by_clock(clock, store, RadioState::Ready);
        fixture.radio.refusals.store(times, Ordering::SeqCst);
        Self(fixture)
    }

    /// The loop's work, once a minute.
    async fn minutes(&self, count: u64) {
        for _ in 0..count {
            self.0.clock.pass(60);
            broadcast(&self.0.engine, &TRACING, false).await;
        }
    }

    fn scan(&self) {
        scanning::note_scan(&self.0.engine, self.0.engine.clock.now(), &[]);
    }

    fn asked(&self) -> Vec<(Advertisement, Duration)> {
        self.0.radio.asked.lock().unwrap().clone()
    }

    /// Whether tracing works, and the problems.
    async fn status(&self) -> (bool, Vec<String>) {
        let status = self.0.engine.status().await.unwrap();
        (status.tracing, status.problems.into_iter().map(|problem| problem.id).collect())
    }
}

#[tokio::test]
async fn what_the_radio_refused_is_tried_again_until_it_is_on_the_air() {
    let fixture = Fixture::refusing(3);
    let refused = vec!["problem-broadcast-failed".to_owned()];
    for _ in 0..3 {
        fixture.minutes(1).await;
        fixture.scan();
        assert_eq!(fixture.status().await, (false, refused.clone()), "scanning mends it not");
    }
    fixture.minutes(1).await;
    fixture.scan();
    assert_eq!(fixture.status().await, (true, Vec::new()));
    fixture.minutes(1).await;
    let asked = fixture.asked();
    assert_eq!(asked.len(), 4, "what is on the air is left alone");
    let first = asked[0];
    for (minute, again) in (0u64..).zip(&asked) {
        assert_eq!(again.0, first.0, "the identifier stays until its time has passed");
        assert_eq!(again.1, first.1 - Duration::from_secs(60 * minute), "and is silent in time");
    }
    let told = fixture.0.events.list();
    let kind = ProblemKind::BroadcastFailed;
    let detail = "the radio refused: Maximum advertisements reached".to_owned();
    let problem = Event::Problem { kind, detail: detail.clone() };
    assert_eq!(told, [problem, Event::Resolved { kind, detail }, Event::Tracing]);
}

#[tokio::test]
async fn an_identifier_that_stays_because_the_clock_was_set_back_stays_on_the_air() {
    let fixture = Fixture::refusing(0);
    fixture.minutes(1).await;
    let (first, lasts) = fixture.asked()[0];
    for _ in 0..lasts.as_secs() / 60 + 1 {
        fixture.0.clock.set(-60);
        fixture.minutes(1).await;
    }
    let identifiers: Vec<_> = fixture.asked().iter().map(|(asked, _)| asked.identifier).collect();
    assert_eq!(identifiers, [first.identifier; 2], "asked again when the first time was over");
}

#[tokio::test]
async fn a_refused_identifier_is_not_tried_beyond_its_time() {
    let fixture = Fixture::refusing(u64::MAX);
    fixture.minutes(120).await;
    let asked = fixture.asked();
    assert_eq!(asked.len(), 120);
    let mut identifiers: Vec<_> = asked.iter().map(|(asked, _)| asked.identifier).collect();
    identifiers.dedup();
    // One for each ten minutes, as if the radio took them.
    assert!((12..=13).contains(&identifiers.len()), "{}", identifiers.len());
    assert!(asked.iter().all(|(_, timeout)| *timeout > SILENCE_AFTER));
    fixture.scan();
    assert!(!fixture.status().await.0);
}

#[tokio::test]
async fn a_radio_that_was_off_is_asked_again_when_it_is_on() {
    let fixture = Fixture::refusing(0);
    fixture.0.radio.state.send_replace(RadioState::SwitchedOff);
    fixture.minutes(3).await;
    fixture.scan();
    assert_eq!(fixture.asked().len(), 1, "it knows what is wanted");
    assert_eq!(fixture.status().await, (false, vec!["problem-radio-off".to_owned()]));
    fixture.0.radio.refusals.store(1, Ordering::SeqCst);
    fixture.0.radio.state.send_replace(RadioState::Ready);
    fixture.minutes(1).await;
    assert_eq!(fixture.status().await, (false, vec!["problem-broadcast-failed".to_owned()]));
    fixture.minutes(1).await;
    assert_eq!(fixture.status().await, (true, Vec::new()));
    // bluetoothd was restarted: what was on the air may be lost.
    fixture.0.radio.refusals.store(1, Ordering::SeqCst);
    broadcast(&fixture.0.engine, &TRACING, true).await;
    assert!(!fixture.status().await.0);
    fixture.minutes(1).await;
    assert!(fixture.status().await.0);
}
