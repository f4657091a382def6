//! The policy file for D-Bus, `dist/vungxanh-dbus.conf`, on a bus that lets no one else speak to BlueZ.
//!
//! The file names a group that a machine of tests does not have. Its place is taken by a group in which
//! the tests run, and by one in which they do not.

use std::time::Duration;

use dbus::nonblock::Proxy;
use vungxanh_daemon::radio::RadioState;

use super::bus::on_a_bus;
use super::doctor::doctor;
use super::fake::FakeBlueZ;
use super::{HCI0, SENDER, TIMEOUT, advertisement, becomes, heard, open, window};
use crate::support::private_bus::PrivateBus;

const POLICY: &str = include_str!("../../../dist/vungxanh-dbus.conf");

/// The system bus's own rules; then BlueZ's where they are narrow. The fake bluetoothd, which does not run as
/// root, may take its name and ask programs what they want to advertise.
const NARROW: &str = r#"<policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow own="org.bluez"/>
    <allow send_interface="org.freedesktop.DBus.Properties"/>
    <deny send_destination="org.bluez"/>
  </policy>"#;

/// A narrow bus with the policy file, which lets the group of this name speak to BlueZ.
fn bus_for_group(group: &str) -> PrivateBus {
    let named = r#"group="vungxanh""#;
    assert_eq!(POLICY.matches(named).count(), 1);
    let policy = POLICY.replace(named, &format!(r#"group="{group}""#));
    PrivateBus::start_with(NARROW, Some(&policy))
}

/// A group of this machine in which this process is, or is not.
fn group(own: bool) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let numbers = |name| status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let mine: Vec<&str> =
        ["Gid:", "Groups:"].into_iter().flat_map(|name| numbers(name).split_whitespace()).collect();
    let groups = std::fs::read_to_string("/etc/group").unwrap();
    let fields = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mut fitting = fields.filter(|fields| mine.contains(&fields[2]) == own);
    fitting.next().unwrap()[0].to_owned()
}

/// What the bus answers to a program that wants to connect to a device.
async fn connecting() -> String {
    let (resource, connection) = dbus_tokio::connection::new_system_sync().unwrap();
    let resource = tokio::spawn(resource);
    let device = "/org/bluez/hci0/dev_11_22_33_44_55_66";
    let device = Proxy::new("org.bluez", device, Duration::from_secs(20), connection);
    let answer: Result<(), _> = device.method_call("org.bluez.Device1", "Connect", ()).await;
    resource.abort();
    answer.unwrap_err().name().unwrap().to_owned()
}

async fn is_refused() {
    let _bluez = FakeBlueZ::start(&[HCI0]).await;
    let found = doctor(&[]).await;
    assert_eq!((found.exit, found.bad()), (1, vec!["denied", "daemon-stopped"]));
    let radio = open("bluez");
    radio.advertise(&advertisement(1), TIMEOUT).await.unwrap_err();
    assert_eq!(*radio.state().borrow(), RadioState::Missing);
}

#[test]
#[ignore = "needs dbus-daemon"]
fn who_is_in_its_group_can_do_what_tracing_needs_and_no_more() {
    let name = "policy::who_is_in_its_group_can_do_what_tracing_needs_and_no_more";
    let bus = || bus_for_group(&group(true));
    on_a_bus(bus, name, || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        assert_eq!(doctor(&[]).await.bad(), ["daemon-stopped"]);

        let radio = open("bluez");
        becomes(&radio, RadioState::Ready).await;
        radio.advertise(&advertisement(1), TIMEOUT).await.unwrap();
        assert_eq!(bluez.adapter("hci0").on_air[0].service_data, [1; 20]);
        let found = window(&bluez, &radio, "hci0", || bluez.hear("hci0", SENDER, &[2; 20], -60));
        assert_eq!(heard(found.await.unwrap()), [(2, -60)]);
        radio.stop_advertising().await.unwrap();
        bluez.until("hci0", |adapter| adapter.on_air.is_empty()).await;

        assert_eq!(connecting().await, "org.freedesktop.DBus.Error.AccessDenied");
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn who_is_not_in_its_group_is_refused() {
    let name = "policy::who_is_not_in_its_group_is_refused";
    let bus = || bus_for_group(&group(false));
    on_a_bus(bus, name, is_refused);
}

#[test]
#[ignore = "needs dbus-daemon"]
fn without_it_a_narrow_bus_refuses() {
    let bus = || PrivateBus::start_with(NARROW, None);
    on_a_bus(bus, "policy::without_it_a_narrow_bus_refuses", is_refused);
}
