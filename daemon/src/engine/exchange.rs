//! Exchange with the authority: new batches and what they mean for the person; dummy uploads.

use super::Engine;
use super::clock_watch::time_and_uptime;
use super::events::Event;
use super::problems::ProblemKind;
use crate::platform::clock::sleep_until;

pub(super) async fn run(engine: &Engine) {
    if let Some(refused) = engine.sync.still_refused() {
        engine.problem(ProblemKind::Sync, refused);
    }
    loop {
        engine.look_at_clock();
        let unasked = engine.runtime_state().clock_watch.take_pending_confirmation();
        if engine.sync.authority().is_none() {
            engine.wait_to_retry().await;
            continue;
        }
        if unasked && let Err(error) = engine.sync.confirm_clock_soon().await {
            engine.problem(ProblemKind::Store, error);
        }
        let next = engine.sync.next_due();
        if engine.clock.now() < next {
            engine.wait_until(next).await;
            continue;
        }
        exchange(engine).await;
    }
}

/// One fetch, now: at its time, or because the person asked.
pub(super) async fn exchange(engine: &Engine) {
    let outcome = engine.sync.run_due().await;
    let (now, uptime) = time_and_uptime(engine.clock.as_ref());
    if let Some(heard) = outcome.authority_time {
        let fault = {
            let mut runtime_state = engine.runtime_state();
            runtime_state.clock_watch.compare(now, heard.at(uptime));
            runtime_state.clock_watch.fault()
        };
        engine.note_clock(fault);
    }
    let days = engine.sync.exposures().await.unwrap_or_default();
    for notice in &outcome.notices {
        // None, if the person has had it forgotten meanwhile.
        if let Some(of_day) = days.iter().find(|of_day| of_day.summary.day == notice.day) {
            let times = of_day.times;
            engine.emit(Event::Exposure { day: notice.day, level: notice.level, times, at: now });
        }
    }
    if let Err(error) = engine.sync.notices().mark_notified(&outcome.notices).await {
        engine.problem(ProblemKind::Store, error);
    }
    // A file that was refused is not tried at every fetch: that it was not tried mends nothing.
    match outcome.error.or_else(|| engine.sync.still_refused()) {
        None => engine.resolved(ProblemKind::Sync),
        Some(error) => engine.problem(ProblemKind::Sync, error),
    }
}

pub(super) async fn run_dummy_uploads(engine: &Engine) {
    loop {
        let due = engine.sync.next_dummy_upload();
        let Some(due) = due.filter(|_| engine.parameters().is_some()) else {
            engine.wait_to_retry().await;
            continue;
        };
        if engine.clock.now() < due {
            // Afterwards everything may be different: the machine slept, the document expired.
            sleep_until(engine.clock.as_ref(), due).await;
            continue;
        }
        match engine.sync.dummy_upload().await {
            Ok(()) => engine.emit(Event::DummyUploadSent),
            Err(error) => tracing::info!(%error, "a dummy upload did not go through"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::net::TcpListener;
    use vungxanh_protocol::authority::DOCUMENT_PATH;
    use vungxanh_protocol::clock::Clock;

    use super::*;
    use crate::engine::clock_watch::ClockFault;
    use crate::radio::RadioState;
    use crate::store::MemoryStore;
    use crate::test_support::{EngineFixture, NOON, answer, enrol, enrol_at};

    /// What is found wrong with the clock by an exchange with an authority whose time is `ahead`, and whose
    /// answer takes so many seconds, by path.
    async fn fault_after(ahead: u64, takes: impl Fn(&str) -> u64) -> Option<ClockFault> {
        let store = Arc::new(MemoryStore::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let document = enrol_at(&url, store.as_ref(), NOON);
        let bench = EngineFixture::new(store, RadioState::SwitchedOff);
        bench.engine.look_at_clock();
        let clock = &bench.clock;
        let pass = |path: &str| clock.suspend(takes(path));
        let files = [(DOCUMENT_PATH, document.as_slice())];
        tokio::select! {
            () = answer(&listener, &files, || clock.now().plus(ahead), pass) => {}
            () = exchange(&bench.engine) => {}
        }
        bench.engine.look_at_clock();
        let runtime_state = bench.engine.runtime_state();
        runtime_state.clock_watch.fault()
    }

    #[tokio::test]
    async fn a_clock_is_not_off_by_the_time_that_an_exchange_takes() {
        let slow_after_the_document = |path: &str| if path == DOCUMENT_PATH { 0 } else { 3_600 };
        let slow_document = |path: &str| if path == DOCUMENT_PATH { 3_600 } else { 0 };
        assert_eq!(fault_after(0, slow_after_the_document).await, None);
        assert_eq!(fault_after(0, slow_document).await, None);
        for slow in [0, 3_600] {
            let takes = |path: &str| if path == DOCUMENT_PATH { 0 } else { slow };
            assert_eq!(fault_after(301, takes).await, Some(ClockFault::OffBy(301)), "{slow}");
        }
    }

    /// What `status` says of the exchange with the authority.
    fn said(bench: &EngineFixture) -> Option<String> {
        let problems = bench.engine.problems.list().into_iter();
        problems.filter(|problem| problem.id == ProblemKind::Sync.id()).map(|p| p.detail).next()
    }

    #[tokio::test]
    async fn a_refused_file_is_a_problem_of_status_until_it_is_listed_no_more() {
        let store = Arc::new(MemoryStore::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let document = enrol_at(&url, store.as_ref(), NOON);
        let list = |index: &'static [u8]| {
            let listed: [(&str, &[u8]); 3] = [
                (DOCUMENT_PATH, &document),
                ("v1/exports/VN/index.txt", index),
                ("v1/exports/VN/1.zip", b"signed by nobody"),
            ];
            listed
        };
        let exchange_with = async |bench: &EngineFixture, files: &[(&str, &[u8])]| {
            tokio::select! {
                () = answer(&listener, files, || bench.clock.now(), |_| {}) => {}
                () = exchange(&bench.engine) => {}
            }
        };
        let is_said = |bench: &EngineFixture| said(bench).is_some_and(|it| it.contains("VN/1.zip"));
        let bench = EngineFixture::new(store.clone(), RadioState::SwitchedOff);
        // Only the first one tries it.
        for time in 1..4 {
            exchange_with(&bench, &list(b"1.zip")).await;
            assert!(is_said(&bench), "exchange {time}: {:?}", said(&bench));
        }
        let resolved = |event: &Event| matches!(event, Event::Resolved { .. });
        assert!(!bench.events.list().iter().any(resolved));

        let bench = EngineFixture::new(store, RadioState::SwitchedOff);
        bench.run_until(run(&bench.engine), is_said).await;
        exchange_with(&bench, &list(b"")).await;
        assert_eq!(said(&bench), None);
        assert!(bench.events.list().iter().any(resolved));
    }

    #[tokio::test]
    async fn a_dummy_upload_that_was_missed_in_a_sleep_is_not_sent_after_it() {
        // For how long the machine sleeps beyond the time, and whether the dummy upload is tried then.
        for (overdue, tried) in [(600, true), (8 * 3_600, false)] {
            let store = Arc::new(MemoryStore::new());
            enrol(store.as_ref(), NOON);
            let bench = EngineFixture::new(store, RadioState::SwitchedOff);
            let sync = &bench.engine.sync;
            sync.dummy_upload_in(600);
            let planned = sync.planned_dummy_upload();
            let night = async {
                while bench.clock.up() < 60 {
                    tokio::task::yield_now().await;
                }
                bench.clock.suspend(540 + overdue);
            };
            let planned_anew = |_: &EngineFixture| sync.planned_dummy_upload() != planned;
            let dummy_uploads = bench.run_until(run_dummy_uploads(&bench.engine), planned_anew);
            tokio::join!(night, dummy_uploads);
            assert_eq!(sync.dummy_upload_failures() > 0, tried, "{overdue}");
        }
    }

    #[tokio::test]
    async fn after_the_clock_was_set_the_authority_is_asked_within_minutes() {
        for set in [-7 * 3_600, 20 * 86_400] {
            let store = Arc::new(MemoryStore::new());
            enrol(store.as_ref(), NOON);
            let bench = EngineFixture::new(store, RadioState::SwitchedOff);
            let engine = &bench.engine;
            let tried = |bench: &EngineFixture| bench.engine.sync.status().last_error.is_some();
            bench.run_until(run(engine), tried).await;
            // As after a success: the next one is hours away.
            engine.sync.next_in(4 * 3_600);
            let (failures, up) = (engine.sync.fetch_failures(), bench.clock.up());
            bench.clock.set(set);
            engine.look_at_clock();
            let confirming = |bench: &EngineFixture| {
                let (now, next) = (bench.engine.clock.now(), bench.engine.sync.next_due());
                now <= next && next <= now.plus(300)
            };
            bench.run_until(run(engine), confirming).await;
            assert!(bench.clock.up() - up <= 60, "that is decided at once");
            assert_eq!(engine.sync.fetch_failures(), failures, "not asked at once");
            assert!(!engine.clock_is_trusted());
        }
    }
}
