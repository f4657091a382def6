//! The chosen adapter as it was at one moment, and what of it an advertisement depends on.

use super::bus::AdapterInfo;
use super::visibility::Visibility;
use crate::radio::RadioState;

/// What must be the same for an advertisement to be still on the air.
#[derive(PartialEq, Eq)]
pub(super) struct Epoch<'a> {
    owner: &'a str,
    adapter: Option<(&'a str, &'a str)>,
    powered: bool,
    visibility: Visibility,
    is_asleep: bool,
    /// A bluetoothd that starts shows an adapter before one can advertise on it.
    can_advertise: bool,
}

/// What was last seen of the chosen adapter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub(super) owner: String,
    /// The adapter, if it is there.
    pub(super) adapter: Option<AdapterInfo>,
    /// How others see it.
    pub(super) visibility: Visibility,
    /// The machine is about to sleep, or asleep.
    pub(super) is_asleep: bool,
}

impl Snapshot {
    pub(super) fn state(&self) -> RadioState {
        match &self.adapter {
            Some(adapter) if adapter.powered => RadioState::Ready,
            Some(_) => RadioState::SwitchedOff,
            None => RadioState::Missing,
        }
    }

    /// Whether something may be on the air now.
    pub(super) fn may_broadcast(&self) -> bool {
        self.state() == RadioState::Ready
            && self.visibility == Visibility::Hidden
            && !self.is_asleep
    }

    /// Whether `later` is of another bluetoothd than this one.
    pub(super) fn is_of_another_bluetoothd(&self, later: &Self) -> bool {
        !self.owner.is_empty() && self.owner != later.owner
    }

    pub(super) fn epoch(&self) -> Epoch<'_> {
        let adapter = self.adapter.as_ref();
        Epoch {
            owner: &self.owner,
            adapter: adapter.map(|adapter| (adapter.name.as_str(), adapter.address.as_str())),
            powered: adapter.is_some_and(|adapter| adapter.powered),
            visibility: self.visibility,
            is_asleep: self.is_asleep,
            can_advertise: adapter.is_some_and(|adapter| adapter.advertising.is_some()),
        }
    }
}
