//! The engine's answers to `status`, `history` and `exposures`.

use vungxanh_protocol::risk::RiskLevel;

use super::{Engine, EngineError, RuntimeState};
use crate::control_api::{AuthorityStatus, RadioStatus, Status, StoreStatus};
use crate::radio::RadioState;

impl Engine {
    /// Whether tracing works, and what is known of every part.
    pub async fn status(&self) -> Result<Status, EngineError> {
        let counts = self.on_store(|store| store.scan_summary()).await?;
        let bytes = self.on_store(|store| Ok(store.size_on_disk())).await?;
        let exposures = self.sync.exposures().await?;
        let level = exposures.iter().map(|day| day.summary.level).max().unwrap_or(RiskLevel::None);
        let radio_state = *self.radio.state().borrow();
        let power = self.radio.transmit_power();
        let runtime_state = self.runtime_state();
        Ok(Status {
            tracing: self.is_tracing(&runtime_state),
            problems: self.problems.list(),
            version: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            now: self.clock.now(),
            authority: self.authority_status(),
            radio: RadioStatus {
                name: self.radio.name(),
                state: match radio_state {
                    RadioState::Ready => "ready",
                    RadioState::SwitchedOff => "switched_off",
                    RadioState::Missing => "missing",
                }
                .into(),
                last_scan: runtime_state.last_scan,
                heard_in_last_scan: runtime_state.heard_in_last_scan,
                last_rotation: runtime_state.last_rotation,
                scan_restarts: runtime_state.watchdog.total_restarts(),
                tx_power: power.tx_power,
                rssi_correction: self.radio.rssi_correction(),
                confidence: Some(power.confidence),
            },
            store: StoreStatus {
                oldest_day: counts.iter().map(|count| count.day).min(),
                scan_instances: counts.iter().map(|count| count.scan_instances as u64).sum(),
                bytes,
                damaged: counts.iter().map(|count| count.unreadable_blocks as u64).sum(),
            },
            sync: self.sync.status(),
            visit: self.check_ins.open_visit(self.clock.now()).map(|open| open.status()),
            level,
        })
    }

    /// Whether identifiers are being exchanged right now.
    pub(super) fn is_tracing(&self, runtime_state: &RuntimeState) -> bool {
        !self.problems.stop_tracing()
            && *self.radio.state().borrow() == RadioState::Ready
            && runtime_state.on_air.is_some()
            && runtime_state.last_scan.is_some()
    }

    fn authority_status(&self) -> Option<AuthorityStatus> {
        let enrolled = self.sync.authority()?;
        let document = enrolled.authority.document();
        let name = |tag: &str| document.name.get(tag).cloned().unwrap_or_default();
        Some(AuthorityStatus {
            id: document.id.clone(),
            name_vi: name("vi"),
            name_en: name("en"),
            url: enrolled.url.to_string(),
            fingerprint: enrolled.authority.fingerprint(),
            serial: document.serial,
            expires_at: document.expires_at,
        })
    }
}
