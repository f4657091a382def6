//! Whether others see the adapter's own address: then nothing is broadcast beside it.
//!
//! The kernel makes every advertisement of a connectable adapter connectable, and sends it under the
//! adapter's own address (Linux 6.1, `hci_update_connectable_sync`). BlueZ makes an adapter connectable
//! when it becomes discoverable, and takes that back when somebody ends it, but not when the time for it
//! runs out (`DiscoverableTimeout`, 180 s): it then stays connectable, which newer releases show as `Connectable`
//! and older ones (5.66) not at all. Of those it is concluded from how long the adapter was
//! discoverable. A bluetoothd that starts takes it back.

use std::time::Duration;

use super::bus::AdapterInfo;

/// By how much a time limit that was reached may look like one that was not.
const SLACK: Duration = Duration::from_secs(5);

/// How others see an adapter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Visibility {
    /// Not by its own address.
    #[default]
    Hidden,
    /// They find it when they look for devices.
    Discoverable,
    /// Who knows its address can connect, and each advertisement shows the address.
    Connectable,
}

/// Follows one adapter of one bluetoothd.
#[derive(Debug, Default)]
pub(super) struct VisibilityWatch {
    is_watched: bool,
    discoverable: Option<Spell>,
    was_left_connectable: bool,
}

/// A time in which it is discoverable.
#[derive(Debug, Clone, Copy)]
struct Spell {
    /// Since when; nothing if it was so when first seen.
    since: Option<Duration>,
    /// When it ends by itself, counted from its beginning.
    limit: Option<Duration>,
}

impl Spell {
    fn ran_out(self, now: Duration) -> bool {
        match (self.since, self.limit) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(since), Some(limit)) => now.saturating_sub(since) + SLACK >= limit,
        }
    }
}

impl VisibilityWatch {
    /// How others see the adapter, which is `adapter` at `now` of the time since boot.
    pub(super) fn look(&mut self, adapter: &AdapterInfo, now: Duration) -> Visibility {
        if adapter.discoverable {
            let before = self.discoverable.and_then(|spell| spell.since);
            let since = before.or((self.is_watched && self.discoverable.is_none()).then_some(now));
            self.discoverable = Some(Spell { since, limit: adapter.discoverable_limit });
        } else if let Some(spell) = self.discoverable.take() {
            self.was_left_connectable = spell.ran_out(now);
        }
        self.is_watched = true;
        match adapter.connectable {
            _ if adapter.discoverable => Visibility::Discoverable,
            Some(true) => Visibility::Connectable,
            None if self.was_left_connectable => Visibility::Connectable,
            Some(false) | None => Visibility::Hidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radio::bluez::bus::MonitorInfo;

    const LIMIT: Option<Duration> = Some(Duration::from_secs(180));

    fn adapter(discoverable: bool, limit: Option<Duration>) -> AdapterInfo {
        AdapterInfo {
            name: "hci0".into(),
            address: "00:AA:01:00:00:00".into(),
            address_type: "public".into(),
            powered: true,
            discovering: false,
            discoverable,
            discoverable_limit: limit,
            connectable: None,
            roles: Vec::new(),
            advertising: None,
            monitors: MonitorInfo::default(),
        }
    }

    /// What is seen at the end of looks at (second, discoverable).
    fn seen(limit: Option<Duration>, looks: &[(u64, bool)]) -> Visibility {
        let mut watch = VisibilityWatch::default();
        let look = |&(second, discoverable): &(u64, bool)| {
            watch.look(&adapter(discoverable, limit), Duration::from_secs(second))
        };
        looks.iter().map(look).last().unwrap()
    }

    #[test]
    fn it_is_hidden_again_when_somebody_ends_it_and_not_when_its_time_runs_out() {
        let on = (100, true);
        assert_eq!(seen(LIMIT, &[(0, false), on]), Visibility::Discoverable);
        assert_eq!(seen(LIMIT, &[(0, false), on, (160, false)]), Visibility::Hidden);
        let ran_out = [(0, false), on, (150, true), (280, false)];
        assert_eq!(seen(LIMIT, &ran_out), Visibility::Connectable);
        assert_eq!(seen(LIMIT, &[&ran_out[..], &[(900, false)]].concat()), Visibility::Connectable);
        // Once more, and ended: that makes it right.
        let mended = [&ran_out[..], &[(900, true), (901, false)]].concat();
        assert_eq!(seen(LIMIT, &mended), Visibility::Hidden);
        assert_eq!(seen(None, &ran_out), Visibility::Hidden, "without a limit somebody ended it");
    }

    #[test]
    fn of_a_beginning_that_was_not_seen_the_worst_is_taken() {
        assert_eq!(seen(LIMIT, &[(100, true), (110, false)]), Visibility::Connectable);
        assert_eq!(seen(LIMIT, &[(100, true), (105, true), (110, false)]), Visibility::Connectable);
        assert_eq!(seen(None, &[(100, true), (110, false)]), Visibility::Hidden);
    }

    #[test]
    fn what_bluez_says_itself_counts() {
        let mut watch = VisibilityWatch::default();
        let mut one = adapter(false, LIMIT);
        one.connectable = Some(true);
        assert_eq!(watch.look(&one, Duration::ZERO), Visibility::Connectable);
        one.discoverable = true;
        assert_eq!(watch.look(&one, Duration::from_secs(1)), Visibility::Discoverable);
        one.discoverable = false;
        one.connectable = Some(false);
        assert_eq!(watch.look(&one, Duration::from_secs(900)), Visibility::Hidden);
    }
}
