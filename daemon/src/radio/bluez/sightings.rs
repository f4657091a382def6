//! From the events of one scan window to receptions.
//!
//! BlueZ reports RSSI and service data of one reception as two events, RSSI first; a first sighting
//! comes with neither, and both must be read from the device's properties.

use std::collections::HashMap;
use std::hash::Hash;

use vungxanh_protocol::advertisement::Advertisement;

use crate::radio::Sighting;

/// Devices that one window takes in: a sprayer of addresses cannot fill the memory.
const MOST_DEVICES: usize = 4_096;
/// Receptions that one window takes in.
const MOST_RECEPTIONS: usize = 65_536;

/// Collects the receptions of one window; `D` names a device for the window's duration.
#[derive(Debug)]
pub(super) struct Sightings<D> {
    devices: HashMap<D, Device>,
    heard: Vec<Sighting>,
}

#[derive(Debug, Default)]
struct Device {
    advertisement: Option<Advertisement>,
    rssi: Option<i8>,
    /// Whether `rssi` still waits for the service data received with it.
    waits: bool,
}

impl<D: Eq + Hash> Sightings<D> {
    pub(super) fn new() -> Self {
        Self { devices: HashMap::new(), heard: Vec::new() }
    }

    /// A device's properties as they are now. One that BlueZ remembers from before has no RSSI:
    /// it was not heard in this window.
    pub(super) fn discovered(&mut self, device: D, service_data: Option<&[u8]>, rssi: Option<i16>) {
        let Some(advertisement) = service_data.and_then(read) else { return };
        let Some(known) = self.device(device) else { return };
        known.advertisement = Some(advertisement);
        known.waits = false;
        if let Some(rssi) = rssi.and_then(dbm) {
            known.rssi = Some(rssi);
            self.push(advertisement, rssi);
        }
    }

    /// A new RSSI. It belongs to the service data that follows; where none follows, to what the
    /// device sent before.
    pub(super) fn rssi(&mut self, device: D, rssi: i16) {
        let Some(rssi) = dbm(rssi) else { return };
        let Some(known) = self.device(device) else { return };
        let unpaired = known.unpaired();
        known.rssi = Some(rssi);
        known.waits = true;
        if let Some((advertisement, rssi)) = unpaired {
            self.push(advertisement, rssi);
        }
    }

    /// New service data, received with the RSSI announced just before.
    pub(super) fn service_data(&mut self, device: D, data: &[u8]) {
        let Some(advertisement) = read(data) else { return };
        let Some(known) = self.device(device) else { return };
        known.advertisement = Some(advertisement);
        known.waits = false;
        if let Some(rssi) = known.rssi {
            self.push(advertisement, rssi);
        }
    }

    pub(super) fn close(mut self) -> Vec<Sighting> {
        let unpaired: Vec<_> = self.devices.values().filter_map(Device::unpaired).collect();
        for (advertisement, rssi) in unpaired {
            self.push(advertisement, rssi);
        }
        self.heard
    }

    /// Whether anything was heard so far.
    pub(super) fn is_empty(&self) -> bool {
        self.heard.is_empty() && self.devices.values().all(|device| device.unpaired().is_none())
    }

    fn device(&mut self, device: D) -> Option<&mut Device> {
        if self.devices.len() >= MOST_DEVICES && !self.devices.contains_key(&device) {
            return None;
        }
        Some(self.devices.entry(device).or_default())
    }

    fn push(&mut self, advertisement: Advertisement, rssi: i8) {
        if self.heard.len() < MOST_RECEPTIONS {
            self.heard.push(Sighting { advertisement, rssi });
        }
    }
}

impl Device {
    fn unpaired(&self) -> Option<(Advertisement, i8)> {
        self.waits.then_some(self.advertisement.zip(self.rssi)).flatten()
    }
}

/// Service data of another length than ours under the same service is somebody else's.
fn read(data: &[u8]) -> Option<Advertisement> {
    Advertisement::from_service_data(data).ok()
}

/// BlueZ's RSSI as dBm; 127 and 0 mean unknown.
fn dbm(rssi: i16) -> Option<i8> {
    i8::try_from(rssi).ok().filter(|rssi| *rssi != 127 && *rssi != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [u8; 20] = [0xA1; 20];
    const B: [u8; 20] = [0xB2; 20];

    fn heard(sightings: Sightings<u8>) -> Vec<(u8, i8)> {
        let heard = sightings.close();
        heard.iter().map(|one| (one.advertisement.service_data()[0], one.rssi)).collect()
    }

    #[test]
    fn the_first_sighting_counts() {
        let mut sightings = Sightings::new();
        sightings.discovered(1, Some(&A), Some(-60));
        assert_eq!(heard(sightings), [(0xA1, -60)]);
    }

    #[test]
    fn a_remembered_device_counts_only_when_heard_again() {
        let mut sightings = Sightings::new();
        sightings.discovered(1, Some(&A), None);
        assert!(sightings.is_empty());
        sightings.rssi(1, -70);
        assert_eq!(heard(sightings), [(0xA1, -70)]);
    }

    #[test]
    fn an_rssi_belongs_to_the_data_received_with_it() {
        let mut sightings = Sightings::new();
        sightings.discovered(1, Some(&A), Some(-60));
        // The device changes its identifier but, on an old controller, not its address.
        sightings.rssi(1, -50);
        sightings.service_data(1, &B);
        sightings.rssi(1, -51);
        sightings.service_data(1, &B);
        assert_eq!(heard(sightings), [(0xA1, -60), (0xB2, -50), (0xB2, -51)]);
    }

    #[test]
    fn rssi_without_new_data_is_of_the_old() {
        let mut sightings = Sightings::new();
        sightings.discovered(1, Some(&A), Some(-60));
        for rssi in [-61, -62, -63] {
            sightings.rssi(1, rssi);
        }
        assert_eq!(heard(sightings), [(0xA1, -60), (0xA1, -61), (0xA1, -62), (0xA1, -63)]);
    }

    #[test]
    fn what_is_not_ours_is_left_out() {
        let mut sightings = Sightings::new();
        sightings.discovered(1, None, Some(-60));
        sightings.discovered(2, Some(&A[..19]), Some(-60));
        sightings.rssi(3, -40);
        sightings.discovered(4, Some(&A), Some(127));
        sightings.rssi(4, 0);
        assert_eq!(heard(sightings), []);
    }

    #[test]
    fn a_flood_of_devices_is_bounded() {
        let mut sightings = Sightings::new();
        for device in 0..10_000_u32 {
            sightings.discovered(device, Some(&A), Some(-60));
        }
        assert_eq!(sightings.close().len(), MOST_DEVICES);
    }
}
