//! Exchange with the authority: new batches and what they mean for the person; look-alikes.

use super::Engine;
use super::events::Event;
use super::problems::Kind;
use crate::clock::sleep_until;

pub(super) async fn run(engine: &Engine) {
    loop {
        if engine.sync.authority().is_none() {
            engine.wait_to_retry().await;
            continue;
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
    let outcome = engine.sync.run_due(engine.radio.rssi_correction()).await;
    let now = engine.clock.now();
    if let Some(authority_time) = outcome.authority_time {
        let fault = {
            let mut live = engine.live();
            live.clock_watch.compare(now, authority_time);
            live.clock_watch.fault()
        };
        engine.note_clock(fault);
    }
    for notice in &outcome.notices {
        engine.tell(Event::Exposure { day: notice.day, level: notice.level, at: now });
    }
    if let Err(error) = engine.sync.told(&outcome.notices).await {
        engine.problem(Kind::Store, error);
    }
    match outcome.error {
        None => engine.mended(Kind::Sync),
        Some(error) => engine.problem(Kind::Sync, error),
    }
}

pub(super) async fn run_look_alikes(engine: &Engine) {
    loop {
        let due = engine.sync.next_look_alike();
        let Some(due) = due.filter(|_| engine.parameters().is_some()) else {
            engine.wait_to_retry().await;
            continue;
        };
        sleep_until(engine.clock.as_ref(), due).await;
        match engine.sync.look_alike().await {
            Ok(()) => engine.tell(Event::LookAlike),
            Err(error) => tracing::info!(%error, "a look-alike publication did not go through"),
        }
    }
}
