//! The broadcast loop: advertises the current identifier and changes it when its time has come.

use std::time::Duration;

use super::problems::Kind;
use super::{Engine, RADIO_PATIENCE};
use crate::radio::{RadioError, RadioState};

/// An advertisement outlives its planned change by this much, so that a stalled host falls silent
/// instead of repeating one identifier for hours.
const SILENCE_AFTER: Duration = Duration::from_secs(300);

pub(super) async fn run(engine: &Engine) {
    let mut state = engine.radio.state();
    loop {
        if let Some(parameters) = engine.parameters() {
            broadcast(engine, &parameters).await;
        } else {
            engine.keys.pause();
            report(engine, engine.radio.stop_advertising().await);
        }
        let next = engine.keys.next_change();
        let retry = engine.clock.now().plus(super::RETRY_SECONDS);
        tokio::select! {
            () = engine.wait_until(next.map_or(retry, |next| next.min(retry))) => {}
            () = engine.keys.changed() => {}
            _ = state.changed() => note_state(engine, *state.borrow_and_update()),
        }
    }
}

async fn broadcast(engine: &Engine, parameters: &vungxanh_protocol::authority::TracingParameters) {
    note_state(engine, *engine.radio.state().borrow());
    let now = engine.clock.now();
    let metadata = engine.radio.transmit_power();
    let changed = match engine.keys.step(now, metadata, parameters.rolling_period) {
        Ok(changed) => changed,
        Err(error) => return engine.problem(Kind::Store, error),
    };
    let Some(advertisement) = changed else { return };
    engine.live().last_rotation = Some(now);
    let until = engine.keys.next_change().unwrap_or(now);
    let timeout = Duration::from_secs(until.since(now)) + SILENCE_AFTER;
    let advertised =
        tokio::time::timeout(RADIO_PATIENCE, engine.radio.advertise(&advertisement, timeout)).await;
    match advertised {
        Ok(result) => report(engine, result),
        Err(_) => engine.problem(Kind::RadioFailed, "the radio does not answer"),
    }
}

fn note_state(engine: &Engine, state: RadioState) {
    match state {
        RadioState::Ready => {
            engine.mended(Kind::RadioOff);
            engine.mended(Kind::RadioMissing);
        }
        RadioState::SwitchedOff => {
            engine.mended(Kind::RadioMissing);
            engine.problem(Kind::RadioOff, "");
        }
        RadioState::Missing => {
            engine.mended(Kind::RadioOff);
            engine.problem(Kind::RadioMissing, engine.radio.name());
        }
    }
}

/// Turns what a radio answered into problems.
pub(super) fn report(engine: &Engine, result: Result<(), RadioError>) {
    match result {
        Ok(()) => engine.mended(Kind::RadioFailed),
        Err(RadioError::SwitchedOff) => note_state(engine, RadioState::SwitchedOff),
        Err(RadioError::Missing(_)) => note_state(engine, RadioState::Missing),
        Err(error) => engine.problem(Kind::RadioFailed, error),
    }
}
