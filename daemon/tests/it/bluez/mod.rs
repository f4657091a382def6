//! The BlueZ radio against a fake `org.bluez` on a private bus.

mod bus;
mod doctor;
mod engine;
mod fake;
mod policy;
mod silence;

use std::sync::Arc;
use std::time::Duration;

use vungxanh_daemon::radio::calibration::Calibration;
use vungxanh_daemon::radio::{self, Radio, RadioError, RadioState, Sighting};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::metadata::CalibrationConfidence;

use self::bus::{bluetoothd_was_started, on_a_private_bus};
use self::fake::{FakeAdapter, FakeBlueZ};

const HCI0: (&str, bool) = ("00:AA:01:00:00:00", true);
const HCI1: (&str, bool) = ("00:AA:01:00:00:01", true);
const SENDER: &str = "11:22:33:44:55:66";
/// Long enough that a slow machine does in it what a test wants in it.
const WINDOW: Duration = Duration::from_secs(3);
const TIMEOUT: Duration = Duration::from_secs(900);

fn open(spec: &str) -> Arc<dyn Radio> {
    let calibration = Calibration {
        model: "test".into(),
        tx_power: -20,
        rssi_correction: 3,
        confidence: CalibrationConfidence::Low,
        source: "test".into(),
    };
    radio::open(Some(spec), calibration).unwrap()
}

async fn becomes(radio: &Arc<dyn Radio>, state: RadioState) {
    let mut states = radio.state();
    let reached = tokio::time::timeout(Duration::from_secs(60), states.wait_for(|s| *s == state));
    reached.await.unwrap_or_else(|_| panic!("{} does not become {state:?}", radio.name())).unwrap();
}

/// A bluetoothd with an adapter that is switched on, and the radio that has found it.
async fn ready() -> (FakeBlueZ, Arc<dyn Radio>) {
    let bluez = FakeBlueZ::start(&[HCI0]).await;
    let radio = open("bluez");
    becomes(&radio, RadioState::Ready).await;
    (bluez, radio)
}

fn advertisement(byte: u8) -> Advertisement {
    Advertisement::from_service_data(&[byte; 20]).unwrap()
}

fn heard(mut heard: Vec<Sighting>) -> Vec<(u8, i8)> {
    heard.sort_by_key(|one| one.rssi);
    heard.iter().map(|one| (one.advertisement.service_data()[0], one.rssi)).collect()
}

/// Starts a window and lets `air` happen once BlueZ scans.
async fn window(
    bluez: &FakeBlueZ,
    radio: &Arc<dyn Radio>,
    adapter: &str,
    air: impl FnOnce(),
) -> Result<Vec<Sighting>, RadioError> {
    let scanning = radio.scan(WINDOW);
    bluez.until(adapter, |adapter| adapter.discovering).await;
    air();
    scanning.await
}

#[test]
#[ignore = "needs dbus-daemon"]
fn what_is_advertised_is_on_the_air_as_a_broadcast() {
    on_a_private_bus("what_is_advertised_is_on_the_air_as_a_broadcast", || async {
        let (bluez, radio) = ready().await;
        assert_eq!(radio.name(), "bluez:hci0 (00:AA:01:00:00:00)");
        assert_eq!(radio.transmit_power().tx_power, -20);
        assert_eq!(radio.rssi_correction(), 3);

        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        let on_air = bluez.adapter("hci0").on_air;
        assert_eq!(on_air.len(), 1);
        assert_eq!(on_air[0].kind, "broadcast", "not connectable, so under a private address");
        assert_eq!(on_air[0].services, ["0000fd6f-0000-1000-8000-00805f9b34fb"]);
        assert_eq!(on_air[0].service_data, [1; 20]);
        assert!((898..=900).contains(&on_air[0].timeout), "{}", on_air[0].timeout);

        radio.stop_advertising().await.unwrap();
        bluez.until("hci0", |adapter| adapter.on_air.is_empty()).await;
        radio.stop_advertising().await.unwrap();
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn two_identifiers_are_never_on_the_air_at_once() {
    on_a_private_bus("two_identifiers_are_never_on_the_air_at_once", || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        let radio = open("bluez:hci0");
        becomes(&radio, RadioState::Ready).await;
        for byte in 1..=8 {
            radio.advertise(&advertisement(byte), TIMEOUT).await.unwrap();
        }
        // What is on the air stays there as it is.
        radio.advertise(&advertisement(8), TIMEOUT).await.unwrap();
        let adapter = bluez.adapter("hci0");
        assert_eq!(adapter.most_on_air, 1);
        let data: Vec<_> = adapter.registered.iter().map(|one| one.service_data[0]).collect();
        assert_eq!(data, [1, 2, 3, 4, 5, 6, 7, 8]);
        let objects: std::collections::BTreeSet<_> =
            adapter.registered.iter().map(|one| &one.object).collect();
        assert_eq!(objects.len(), 8, "each is registered again, under a fresh address");
        // A scan that begins with nothing on the air has a fresh address for its requests, too.
        assert_eq!(adapter.scans, [0; 8]);
        assert!(!adapter.discovering);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_bluetoothd_that_was_stopped_is_not_started_again() {
    on_a_private_bus("a_bluetoothd_that_was_stopped_is_not_started_again", || async {
        let (bluez, radio) = ready().await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        let scanning = radio.scan(WINDOW);
        bluez.until("hci0", |adapter| adapter.discovering).await;
        bluez.stop().await;
        assert!(scanning.await.is_err());
        becomes(&radio, RadioState::Missing).await;
        assert!(radio.scan(WINDOW).await.is_err());
        assert!(radio.advertise(&advertisement(2), TIMEOUT).await.is_err());
        radio.stop_advertising().await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!bluetoothd_was_started());
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_new_connection_answers_at_once_what_bluez_asks() {
    on_a_private_bus("a_new_connection_answers_at_once_what_bluez_asks", || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        for round in 1..=40 {
            let radio = open("bluez");
            // Before the adapter was seen, so that the connection is made for it.
            let _ = radio.advertise(&advertisement(round), TIMEOUT).await;
            bluez.until("hci0", |adapter| !adapter.on_air.is_empty()).await;
            radio.stop_advertising().await.unwrap();
            bluez.until("hci0", |adapter| adapter.on_air.is_empty()).await;
            assert_eq!(bluez.adapter("hci0").unanswered, 0, "in round {round}");
        }
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_window_hears_first_sightings_repetitions_and_changes() {
    on_a_private_bus("a_window_hears_first_sightings_repetitions_and_changes", || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        bluez.remember("hci0", "66:55:44:33:22:11", &[9; 20]);
        let radio = open("bluez");
        becomes(&radio, RadioState::Ready).await;
        let scanning = radio.scan(WINDOW);
        bluez.until("hci0", |adapter| adapter.discovering).await;
        bluez.hear("hci0", SENDER, &[1; 20], -70);
        // Until btleplug has read the new device, which it does three times.
        let is_sender = |address: &&String| *address == SENDER;
        let has_read =
            |adapter: &FakeAdapter| adapter.device_reads.iter().filter(is_sender).count() >= 3;
        bluez.until("hci0", has_read).await;
        bluez.hear("hci0", SENDER, &[1; 20], -68);
        // An old controller changes the identifier but not the address.
        bluez.hear("hci0", SENDER, &[2; 20], -66);
        // Other services and lengths are not ours.
        bluez.hear("hci0", "11:22:33:44:55:77", &[3; 19], -40);
        assert_eq!(heard(scanning.await.unwrap()), [(1, -70), (1, -68), (2, -66)]);
        let adapter = bluez.adapter("hci0");
        assert_eq!(adapter.filter, ["0000fd6f-0000-1000-8000-00805f9b34fb"]);
        assert_eq!(adapter.transport, "le", "no inquiry for classic devices");
        assert!(!adapter.discovering, "scanning ends with the window");

        // The next window hears the same device again, now known to BlueZ.
        let again = window(&bluez, &radio, "hci0", || {
            bluez.hear("hci0", SENDER, &[2; 20], -60);
        });
        assert_eq!(heard(again.await.unwrap()), [(2, -60)]);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_single_first_sighting_is_not_lost() {
    on_a_private_bus("a_single_first_sighting_is_not_lost", || async {
        let (bluez, radio) = ready().await;
        let found = window(&bluez, &radio, "hci0", || {
            bluez.hear("hci0", SENDER, &[1; 20], -70);
        });
        assert_eq!(heard(found.await.unwrap()), [(1, -70)]);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_radio_that_was_switched_off_stays_off() {
    on_a_private_bus("a_radio_that_was_switched_off_stays_off", || async {
        let bluez = FakeBlueZ::start(&[(HCI0.0, false)]).await;
        let radio = open("bluez");
        becomes(&radio, RadioState::SwitchedOff).await;
        assert!(matches!(radio.scan(WINDOW).await, Err(RadioError::SwitchedOff)));
        let advertised = radio.advertise(&advertisement(1), TIMEOUT).await;
        assert!(matches!(advertised, Err(RadioError::SwitchedOff)));
        let adapter = bluez.adapter("hci0");
        assert_eq!((adapter.power_requests, adapter.scans.len()), (0, 0));

        // Switched on by the person, it takes up what is wanted by itself.
        bluez.switch("hci0", true);
        becomes(&radio, RadioState::Ready).await;
        bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
        // Off again, and on again.
        bluez.switch("hci0", false);
        becomes(&radio, RadioState::SwitchedOff).await;
        bluez.switch("hci0", true);
        bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
        assert_eq!(bluez.adapter("hci0").on_air[0].service_data, [1; 20]);
        assert_eq!(bluez.adapter("hci0").power_requests, 0);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn unplugging_plugging_and_a_restart_of_bluetoothd_are_survived() {
    on_a_private_bus("unplugging_plugging_and_a_restart_of_bluetoothd_are_survived", || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        let radio = open("bluez:00:aa:01:00:00:00");
        becomes(&radio, RadioState::Ready).await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();

        bluez.unplug("hci0");
        becomes(&radio, RadioState::Missing).await;
        assert!(matches!(radio.scan(WINDOW).await, Err(RadioError::Missing(_))));
        // It comes back under another name.
        bluez.plug("hci4", HCI0.0, true);
        becomes(&radio, RadioState::Ready).await;
        bluez.until("hci4", |adapter| adapter.on_air.len() == 1).await;

        bluez.stop().await;
        becomes(&radio, RadioState::Missing).await;
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        becomes(&radio, RadioState::Ready).await;
        bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
        let found = window(&bluez, &radio, "hci0", || {
            bluez.hear("hci0", SENDER, &[2; 20], -50);
        });
        assert_eq!(heard(found.await.unwrap()), [(2, -50)]);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn restarts_of_bluetoothd_leave_no_connections_behind() {
    on_a_private_bus("restarts_of_bluetoothd_leave_no_connections_behind", || async {
        let mut bluez = FakeBlueZ::start(&[HCI0]).await;
        let radio = open("bluez");
        becomes(&radio, RadioState::Ready).await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        for round in 2..=4 {
            bluez.stop().await;
            becomes(&radio, RadioState::Missing).await;
            bluez = FakeBlueZ::start(&[]).await;
            bluez.plug_bare("hci0", HCI0.0);
            becomes(&radio, RadioState::Ready).await;
            radio.advertise(&advertisement(round), TIMEOUT).await.unwrap_err();
            bluez.complete("hci0");
            bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
        }
        // The fake's, and the radio's to watch, to advertise, and to change the address.
        bluez.until_connections(4).await;
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn switching_off_the_adapter_in_use_does_not_move_the_broadcast_to_another() {
    let name = "switching_off_the_adapter_in_use_does_not_move_the_broadcast_to_another";
    on_a_private_bus(name, || async {
        let bluez = FakeBlueZ::start(&[HCI0, HCI1]).await;
        let radio = open("bluez");
        becomes(&radio, RadioState::Ready).await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        bluez.switch("hci0", false);
        becomes(&radio, RadioState::SwitchedOff).await;
        assert!(bluez.adapter("hci1").registered.is_empty());
        // Pulled out, it makes way for the other.
        bluez.unplug("hci0");
        bluez.until("hci1", |adapter| adapter.on_air.len() == 1).await;
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn an_adapter_on_which_one_can_advertise_only_later_is_waited_for() {
    let name = "an_adapter_on_which_one_can_advertise_only_later_is_waited_for";
    on_a_private_bus(name, || async {
        let bluez = FakeBlueZ::start(&[]).await;
        let radio = open("bluez:hci0");
        bluez.plug_bare("hci0", HCI0.0);
        becomes(&radio, RadioState::Ready).await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap_err();
        bluez.complete("hci0");
        bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn the_adapter_asked_for_is_used_and_no_other() {
    on_a_private_bus("the_adapter_asked_for_is_used_and_no_other", || async {
        let bluez = FakeBlueZ::start(&[HCI0, HCI1]).await;
        for (spec, name) in [("bluez:hci1", "hci1"), ("bluez:00:AA:01:00:00:01", "hci1")] {
            let radio = open(spec);
            becomes(&radio, RadioState::Ready).await;
            radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
            radio.scan(WINDOW).await.unwrap();
            assert!(radio.name().contains(name));
            radio.stop_advertising().await.unwrap();
        }
        let (first, second) = (bluez.adapter("hci0"), bluez.adapter("hci1"));
        assert_eq!((first.scans.len(), first.registered.len()), (0, 0));
        assert_eq!((second.scans.len(), second.registered.len()), (4, 2));
        let radio = open("bluez:hci7");
        tokio::time::sleep(WINDOW).await;
        assert_eq!(*radio.state().borrow(), RadioState::Missing);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn scanning_that_ended_by_itself_is_noticed() {
    on_a_private_bus("scanning_that_ended_by_itself_is_noticed", || async {
        let (bluez, radio) = ready().await;
        let stopped = window(&bluez, &radio, "hci0", || bluez.stop_scanning_silently("hci0"));
        assert!(matches!(stopped.await, Err(RadioError::Refused(_))));
        // A window in which no one is near is no failure.
        assert_eq!(window(&bluez, &radio, "hci0", || {}).await.unwrap(), []);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn windows_that_fail_leave_no_connections_behind() {
    on_a_private_bus("windows_that_fail_leave_no_connections_behind", || async {
        let (bluez, radio) = ready().await;
        for _ in 0..3 {
            let stopped = window(&bluez, &radio, "hci0", || bluez.stop_scanning_silently("hci0"));
            stopped.await.unwrap_err();
        }
        // The fake's, and the radio's to watch and to hear.
        bluez.until_connections(3).await;
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_caller_that_gives_up_leaves_no_scan_behind() {
    on_a_private_bus("a_caller_that_gives_up_leaves_no_scan_behind", || async {
        let (bluez, radio) = ready().await;
        let given_up = radio.scan(WINDOW);
        bluez.until("hci0", |adapter| adapter.discovering).await;
        drop(given_up);
        bluez.until("hci0", |adapter| !adapter.discovering).await;
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn windows_for_which_nobody_waits_are_not_made_up_for() {
    on_a_private_bus("windows_for_which_nobody_waits_are_not_made_up_for", || async {
        let (bluez, radio) = ready().await;
        bluez.hang("hci0", true);
        for _ in 0..4 {
            let given_up =
                tokio::time::timeout(Duration::from_millis(200), radio.scan(WINDOW)).await;
            given_up.unwrap_err();
        }
        bluez.hang("hci0", false);
        radio.scan(WINDOW).await.unwrap();
        assert!(bluez.adapter("hci0").scans.len() <= 2, "one that had begun, and the last");
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_window_is_no_change_of_the_radio() {
    on_a_private_bus("a_window_is_no_change_of_the_radio", || async {
        let (_bluez, radio) = ready().await;
        let mut states = radio.state();
        states.mark_unchanged();
        radio.scan(WINDOW).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!states.has_changed().unwrap());
    });
}
