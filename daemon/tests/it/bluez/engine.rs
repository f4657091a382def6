//! The engine with the BlueZ radio.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vungxanh_daemon::control_api::Status;
use vungxanh_daemon::engine::Engine;
use vungxanh_daemon::engine::events::{Event, EventSink};
use vungxanh_daemon::radio::RadioState;
use vungxanh_daemon::sync::{Settings, Sync as AuthoritySync};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use super::bus::on_a_private_bus;
use super::fake::FakeBlueZ;
use super::{HCI0, becomes, open};
use crate::support::fixture::{Bench, NOW};

/// A clock that runs a minute each second.
struct Hurried(Instant);

impl Clock for Hurried {
    fn now(&self) -> UnixTime {
        NOW.plus(self.0.elapsed().as_secs() * 60)
    }

    fn poll_interval(&self, _: UnixTime) -> Duration {
        Duration::from_millis(50)
    }
}

struct Deaf;

impl EventSink for Deaf {
    fn emit(&self, _: Event) {}
}

async fn status_until(engine: &Engine, wanted: impl Fn(&Status) -> bool) -> Status {
    loop {
        let status = engine.status().await.unwrap();
        if wanted(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn has(status: &Status, id: &str) -> bool {
    status.problems.iter().any(|problem| problem.id == id)
}

#[test]
#[ignore = "needs dbus-daemon"]
fn an_advertisement_that_found_no_room_is_made_up_for() {
    let name = "engine::an_advertisement_that_found_no_room_is_made_up_for";
    on_a_private_bus(name, || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        bluez.occupy("hci0");
        let radio = open("bluez");
        becomes(&radio, RadioState::Ready).await;
        let bench = Bench::enrolled().await;
        let clock = Arc::new(Hurried(Instant::now()));
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(folder.path().to_owned());
        let sync = AuthoritySync::open(bench.store.clone(), clock.clone(), settings).unwrap();
        let (store, ins) = (bench.store.clone(), bench.check_ins.clone());
        let engine = Engine::new(clock, store, radio, sync, ins, Box::new(Deaf)).unwrap();
        let engine = Arc::new(engine);
        let story = async {
            // A change waits for the window that may be under way.
            let refused = status_until(&engine, |status| {
                status.radio.last_scan.is_some() && has(status, "problem-broadcast-failed")
            });
            let refused = refused.await;
            assert!(!refused.tracing, "scanning alone is no tracing");
            bluez.vacate("hci0");
            bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
            let works = status_until(&engine, |status| status.tracing).await;
            assert!(!has(&works, "problem-broadcast-failed"), "{works:?}");

            let before = bluez.adapter("hci0").registered.len();
            let rotated = works.radio.last_rotation;
            status_until(&engine, |status| status.radio.last_rotation != rotated).await;
            bluez.until("hci0", |adapter| adapter.registered.len() > before).await;
            let registered = bluez.adapter("hci0").registered;
            let distinct: std::collections::BTreeSet<_> =
                registered.iter().map(|one| &one.service_data).collect();
            assert_eq!(distinct.len(), registered.len(), "each identifier has one address");
        };
        tokio::select! {
            () = engine.run() => {}
            () = story => {}
        }
    });
}
