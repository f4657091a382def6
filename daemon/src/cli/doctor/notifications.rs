//! Whether a person without a terminal gets notifications.

use super::{Report, Verdict};
use crate::desktop::service::{self, Presence, Service, ServiceError};
use crate::failure::Failure;

/// Looks from this session, which is not the daemon's if that runs elsewhere.
pub(super) fn examine(report: &mut Report) -> Result<(), Failure> {
    let looked = super::runtime()?.block_on(async {
        let connected = Service::connect(service::session_bus(), service::TIMEOUT);
        connected.await?.presence().await
    });
    match looked {
        Ok(Presence::Runs(name)) => report.add(Verdict::Good, "notifications", name),
        Ok(Presence::Startable) => report.add(Verdict::Good, "notifications-on-demand", ""),
        Err(ServiceError::NoBus(reason)) => report.add(Verdict::Weak, "no-session-bus", reason),
        Err(ServiceError::NoService) => report.add(Verdict::Weak, "no-notifications", ""),
        Err(ServiceError::Other(reason)) => {
            report.add(Verdict::Weak, "notifications-fail", reason);
        }
    }
    Ok(())
}
