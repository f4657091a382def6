//! Codes on screens that change every hour.

use vungxanh_daemon::venue::CheckInError;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::display::{DisplaySecret, show};
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::sources::sources;
use vungxanh_protocol::venue::warning::VenueMatch;

use super::{Device, NOON, minute, times};

struct Screen {
    payload: Vec<u8>,
    key: ed25519_dalek::SigningKey,
    secret: DisplaySecret,
}

impl Screen {
    fn new(device: &Device) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&[6; 32]);
        let mut content = device.parties.content("Bệnh viện");
        content.default_stay = 24;
        content.display_key = Some(key.verifying_key());
        let payload = content.sign(&device.parties.poster_key).unwrap();
        Self { payload, key, secret: DisplaySecret::from_bytes(SecretBytes::new([8; 32])) }
    }

    fn code(&self, later: u32) -> Vec<u8> {
        show(&self.payload, &self.key, &self.secret, hour(later)).unwrap()
    }

    /// What warnings about an hour find: one for each scan that can reach it.
    fn venue_matches(&self, device: &Device, later: u32, at: u64) -> Vec<VenueMatch> {
        let hour = hour(later);
        let table = device.check_ins.cells(minute(at)).0;
        let sources = sources(&self.payload, Some(&self.secret), hour).unwrap();
        let warnings = sources.iter().map(|source| {
            device.parties.warning_of(&source.deriver, hour, hour.start(), hour.end())
        });
        warnings.flat_map(|warning| table.try_warning(&warning).unwrap()).collect()
    }
}

fn hour(later: u32) -> Hour {
    Hour::new(NOON.number() + later)
}

#[test]
fn a_stay_ends_where_the_code_does_and_goes_on_with_a_new_one() {
    let device = Device::new();
    let screen = Screen::new(&device);
    let keys = [device.parties.key()];
    let scan = |later, at| device.check_ins.check_in(&screen.code(later), None, &keys, minute(at));
    assert_eq!(scan(0, 30).unwrap().visit.until(), minute(150));
    let extended = device.check_ins.extend(None, minute(100)).unwrap();
    assert_eq!(extended.until(), minute(240), "four hours from the scan's");
    let refused = device.check_ins.extend(Some(5), minute(101));
    assert!(matches!(refused, Err(CheckInError::DisplayEnds)));
    let renewed = scan(3, 200).unwrap();
    assert!(renewed.extended && renewed.closed.is_none());
    assert_eq!((renewed.visit.since(), renewed.visit.until()), (minute(30), minute(320)));
    device.check_ins.check_out(minute(310)).unwrap();
    device.rewrite(360);
    let found: Vec<_> = (0..6)
        .map(|later| {
            screen.venue_matches(&device, later, 360).iter().map(times).collect::<Vec<_>>()
        })
        .collect();
    let hours = [(30, 60), (60, 120), (120, 180), (180, 240), (240, 300), (300, 310)];
    assert_eq!(found, hours.map(|part| vec![part]), "each moment once");
}

#[test]
fn a_double_scan_of_one_code_makes_one_visit() {
    let device = Device::new();
    let screen = Screen::new(&device);
    let keys = [device.parties.key()];
    for at in [58, 59] {
        device.check_ins.check_in(&screen.code(0), None, &keys, minute(at)).unwrap();
    }
    // The hour turns between two scans.
    let turned = device.check_ins.check_in(&screen.code(1), None, &keys, minute(61)).unwrap();
    assert!(turned.extended);
    // A picture of the earlier code, within its ten minutes.
    let earlier = device.check_ins.check_in(&screen.code(0), None, &keys, minute(62)).unwrap();
    assert!(earlier.extended);
    device.check_ins.check_out(minute(70)).unwrap();
    device.rewrite(120);
    let times_of =
        |later| screen.venue_matches(&device, later, 120).iter().map(times).collect::<Vec<_>>();
    assert_eq!((times_of(0), times_of(1)), (vec![(58, 60)], vec![(60, 70)]));
}

#[test]
fn codes_of_another_hour_are_refused() {
    let device = Device::new();
    let screen = Screen::new(&device);
    let keys = [device.parties.key()];
    for (code, at, expected) in [
        (screen.code(0), 70, VenueError::DisplayStale),
        (screen.code(2), 70, VenueError::DisplayStale),
        (screen.payload.clone(), 70, VenueError::NotADisplayCode),
    ] {
        match device.check_ins.check_in(&code, None, &keys, minute(at)) {
            Err(CheckInError::Venue(error)) => assert_eq!(error, expected),
            other => panic!("{other:?}"),
        }
    }
}
