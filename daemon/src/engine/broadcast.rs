//! The broadcast loop: advertises the current identifier, again until the radio has it on the
//! air, and changes it when its time has come.

use std::sync::Arc;
use std::time::Duration;

use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::authority::TracingParameters;

use super::problems::ProblemKind;
use super::{Engine, OnAir, RADIO_TIMEOUT};
use crate::radio::{RadioError, RadioState};

/// An advertisement outlives its planned change by this much, so that a stalled host falls silent
/// instead of repeating one identifier for hours.
const SILENCE_AFTER: Duration = Duration::from_secs(300);

pub(super) async fn run(engine: &Engine) {
    let mut state = engine.radio.state();
    loop {
        let has_reported = state.has_changed().unwrap_or_default();
        let seen = *state.borrow_and_update();
        // Without an authority too: a person who sets the program up learns all that is missing.
        note_state(engine, seen);
        if let Some(parameters) = engine.parameters() {
            broadcast(engine, &parameters, has_reported).await;
        } else {
            engine.keys.pause();
            engine.runtime_state().on_air = None;
            report(engine, ProblemKind::BroadcastFailed, engine.radio.stop_advertising().await);
        }
        let next = engine.keys.next_change();
        let retry = engine.clock.now().plus(super::RETRY_SECONDS);
        tokio::select! {
            () = engine.wait_until(next.map_or(retry, |next| next.min(retry))) => {}
            () = engine.keys.changed() => {}
            _ = state.changed() => state.mark_changed(),
        }
    }
}

/// Has the radio broadcast what should be on the air now: what has changed, what the radio did not
/// take, and everything when the radio has reported its state by itself, as it may have lost it.
async fn broadcast(engine: &Engine, parameters: &TracingParameters, has_reported: bool) {
    let state = *engine.radio.state().borrow();
    note_state(engine, state);
    let now = engine.clock.now();
    let (metadata, period) = (engine.radio.transmit_power(), parameters.rolling_period);
    let keys = Arc::clone(&engine.keys);
    let changed = match engine.on_store(move |_| keys.step(now, metadata, period)).await {
        Ok(changed) => changed.is_some(),
        Err(error) => return engine.problem(ProblemKind::Store, error),
    };
    let (wanted, until) = (engine.keys.advertisement(), engine.keys.next_change());
    let (Some(wanted), Some(until)) = (wanted, until) else { return };
    if changed {
        engine.runtime_state().last_rotation = Some(now);
    } else if state != RadioState::Ready {
        // It knows what is wanted and takes it up once it is ready; then it is asked again.
        engine.runtime_state().on_air = None;
        return;
    } else if !has_reported && is_on_air(engine, wanted) {
        return;
    }
    let timeout = Duration::from_secs(until.since(now)) + SILENCE_AFTER;
    let advertising = engine.radio.advertise(&wanted, timeout);
    let advertised = tokio::time::timeout(RADIO_TIMEOUT, advertising)
        .await
        .unwrap_or_else(|_| Err(RadioError::Refused("the radio does not answer".into())));
    let until = engine.clock.uptime() + timeout;
    engine.runtime_state().on_air =
        advertised.is_ok().then_some(OnAir { advertisement: wanted, until });
    report(engine, ProblemKind::BroadcastFailed, advertised);
}

/// Whether the radio still broadcasts it. An identifier outlives that when the clock is set back.
fn is_on_air(engine: &Engine, wanted: Advertisement) -> bool {
    let now = engine.clock.uptime();
    let on_air = engine.runtime_state().on_air;
    on_air.is_some_and(|on_air| on_air.advertisement == wanted && now < on_air.until)
}

fn note_state(engine: &Engine, state: RadioState) {
    match state {
        RadioState::Ready => {
            engine.resolved(ProblemKind::RadioOff);
            engine.resolved(ProblemKind::RadioMissing);
        }
        RadioState::SwitchedOff => {
            engine.resolved(ProblemKind::RadioMissing);
            engine.problem(ProblemKind::RadioOff, "");
        }
        RadioState::Missing => {
            engine.resolved(ProblemKind::RadioOff);
            engine.problem(ProblemKind::RadioMissing, engine.radio.name());
        }
    }
}

/// Turns what a radio answered into problems, a refusal into one of `kind`.
pub(super) fn report(engine: &Engine, kind: ProblemKind, result: Result<(), RadioError>) {
    match result {
        Ok(()) => engine.resolved(kind),
        Err(RadioError::SwitchedOff) => note_state(engine, RadioState::SwitchedOff),
        Err(RadioError::Missing(_)) => note_state(engine, RadioState::Missing),
        Err(error) => engine.problem(kind, error),
    }
}

#[cfg(test)]
mod tests;
