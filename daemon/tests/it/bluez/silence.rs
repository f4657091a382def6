//! When nothing is on the air, and what then follows.

use vungxanh_daemon::radio::RadioError;

use super::bus::on_a_private_bus;
use super::fake::login::{FakeLogin, released};
use super::{SENDER, TIMEOUT, WINDOW, advertisement, heard, ready, window};

#[test]
#[ignore = "needs dbus-daemon"]
fn a_change_waits_for_the_window_and_silence_does_not() {
    on_a_private_bus("silence::a_change_waits_for_the_window_and_silence_does_not", || async {
        let (bluez, radio) = ready().await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        let scanning = radio.scan(WINDOW);
        bluez.until("hci0", |adapter| adapter.discovering).await;
        radio.advertise(&advertisement(2), TIMEOUT).await.unwrap();
        let adapter = bluez.adapter("hci0");
        assert_eq!(adapter.scans, [0, 1, 0], "the address changes after the window, not within it");
        assert_eq!(adapter.on_air[0].service_data, [2; 20]);
        scanning.await.unwrap();

        let scanning = radio.scan(4 * WINDOW);
        bluez.until("hci0", |adapter| adapter.discovering).await;
        radio.stop_advertising().await.unwrap();
        let adapter = bluez.adapter("hci0");
        assert!(adapter.on_air.is_empty() && adapter.discovering, "silent within the window");
        scanning.await.unwrap();
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn nothing_is_broadcast_while_others_can_find_the_adapter() {
    on_a_private_bus("silence::nothing_is_broadcast_while_others_can_find_the_adapter", || async {
        let (bluez, radio) = ready().await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        bluez.let_others_find("hci0", true);
        bluez.until("hci0", |adapter| adapter.on_air.is_empty()).await;
        let refused = radio.advertise(&advertisement(2), TIMEOUT).await;
        assert!(matches!(refused, Err(RadioError::Discoverable)), "{refused:?}");
        // Listening goes on.
        let heard_one = window(&bluez, &radio, "hci0", || {
            bluez.hear("hci0", SENDER, &[3; 20], -60);
        });
        assert_eq!(heard(heard_one.await.unwrap()), [(3, -60)]);
        assert_eq!(bluez.adapter("hci0").registered.len(), 1);
        bluez.let_others_find("hci0", false);
        bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
        assert_eq!(bluez.adapter("hci0").on_air[0].service_data, [2; 20], "what was wanted last");
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn an_adapter_that_becomes_visible_falls_silent_even_while_a_change_waits() {
    let name = "silence::an_adapter_that_becomes_visible_falls_silent_even_while_a_change_waits";
    on_a_private_bus(name, || async {
        let (bluez, radio) = ready().await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        let scanning = radio.scan(4 * WINDOW);
        bluez.until("hci0", |adapter| adapter.discovering).await;
        let next = advertisement(2);
        let change = radio.advertise(&next, TIMEOUT);
        bluez.let_others_find("hci0", true);
        bluez.until("hci0", |adapter| adapter.on_air.is_empty()).await;
        assert!(bluez.adapter("hci0").discovering, "within the window");
        let refused = change.await;
        assert!(matches!(refused, Err(RadioError::Discoverable)), "{refused:?}");
        scanning.await.unwrap();
        assert_eq!(bluez.adapter("hci0").registered.len(), 1);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn an_adapter_whose_time_of_being_found_ran_out_stays_silent() {
    on_a_private_bus(
        "silence::an_adapter_whose_time_of_being_found_ran_out_stays_silent",
        || async {
            let (bluez, radio) = ready().await;
            bluez.limit_finding("hci0", 1);
            radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
            let mut states = radio.state();
            for found in [true, false] {
                states.mark_unchanged();
                bluez.let_others_find("hci0", found);
                states.changed().await.unwrap();
            }
            let refused = radio.advertise(&advertisement(2), TIMEOUT).await;
            assert!(matches!(refused, Err(RadioError::Connectable)), "{refused:?}");
            assert!(bluez.adapter("hci0").on_air.is_empty());
            // Once more, and ended by hand.
            bluez.limit_finding("hci0", 180);
            for found in [true, false] {
                states.mark_unchanged();
                bluez.let_others_find("hci0", found);
                states.changed().await.unwrap();
            }
            bluez.until("hci0", |adapter| adapter.on_air.len() == 1).await;
            assert_eq!(bluez.adapter("hci0").on_air[0].service_data, [2; 20]);
        },
    );
}

#[test]
#[ignore = "needs dbus-daemon"]
fn nothing_is_on_the_air_of_a_machine_that_sleeps_or_just_woke_up() {
    on_a_private_bus(
        "silence::nothing_is_on_the_air_of_a_machine_that_sleeps_or_just_woke_up",
        || async {
            let login = FakeLogin::start().await;
            let (bluez, radio) = ready().await;
            radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
            let lock = login.lock().await;

            login.prepare_for_sleep(true);
            released(lock).await;
            assert!(bluez.adapter("hci0").on_air.is_empty(), "silent before the machine sleeps");
            radio.advertise(&advertisement(2), TIMEOUT).await.unwrap_err();

            let mut states = radio.state();
            states.mark_unchanged();
            login.prepare_for_sleep(false);
            states.changed().await.unwrap();
            // What was wanted before may be of another place.
            assert_eq!(bluez.adapter("hci0").registered.len(), 1);
            radio.advertise(&advertisement(3), TIMEOUT).await.unwrap();
            assert_eq!(bluez.adapter("hci0").on_air[0].service_data, [3; 20]);
            // For the next sleep.
            drop(login.lock().await);
        },
    );
}
