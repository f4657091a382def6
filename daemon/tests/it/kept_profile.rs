//! Profiles that earlier programs have made still open, with everything in them. Those in `fixtures/kept-profiles` were
//! made by the demo of November 2026: Minh met a case, has not looked at it, and keeps a diary with one visit;
//! Bình was at a market with the case.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use vungxanh_daemon::control_api::ExposureNotice;
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_daemon::sync::{Settings, Sync};
use vungxanh_daemon::venue::{CheckIns, Runtime};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};
use vungxanh_protocol::risk::RiskLevel;
use vungxanh_protocol::venue::slot::Hour;

/// Soon after the profiles were left, 2026-03-02T22:10:00Z.
const LEFT: UnixTime = UnixTime::from_secs(1_772_489_400);
const DAY: UtcDay = UtcDay::new(20_514);
const ROOT_KEY: &str = "82863e108969a7e9b365c67a522dd6f701f7c0a810ff6de0aeb30b16c5a6fa38";
const PASSPHRASE: &str = "một cụm mật khẩu dài";

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> UnixTime {
        LEFT
    }

    fn poll_interval(&self, _: UnixTime) -> Duration {
        Duration::ZERO
    }
}

struct Kept {
    store: Arc<SledStore>,
    sync: Sync,
    profile: Profile,
    _folder: TempDir,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn open(name: &str) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kept-profiles");
    let root = folder.path().join("profile");
    copy(&fixtures.join(name), &root);
    let profile = Profile::at(root);
    let (store, recovered) = SledStore::open(&profile, LEFT).unwrap();
    assert!(recovered.is_none(), "nothing is damaged");
    let store = Arc::new(store);
    let settings = Settings::new(profile.downloads());
    let sync = Sync::open(store.clone(), Arc::new(Stopped), settings).unwrap();
    Kept { store, sync, profile, _folder: folder }
}

#[tokio::test]
async fn a_kept_profile_still_has_its_authority_sightings_keys_and_exposures() {
    let kept = open("minh");
    let enrolled = kept.sync.authority().unwrap();
    assert_eq!(enrolled.authority.fingerprint(), ROOT_KEY);
    assert_eq!(enrolled.authority.document().serial, 2);
    let scans = kept.store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap();
    assert_eq!((scans.instances.len(), scans.unreadable_blocks), (63, 0));
    assert_eq!(kept.store.own_keys().unwrap().iter().count(), 4);
    let status = kept.sync.status();
    assert_eq!((status.batches, status.keys, status.warning_batches), (10, 3_528, 9));
    assert_eq!(status.last_success, Some(UnixTime::from_secs(1_772_485_805)));

    let days = kept.sync.exposures().await.unwrap();
    let [day] = &days[..] else { panic!("{days:?}") };
    assert_eq!((day.summary.day, day.summary.level, day.windows), (DAY, RiskLevel::High, 2));
    assert_eq!(day.summary.total.score_sum, 4_371.5);
    assert_eq!(day.notified_at, UnixTime::from_secs(1_772_474_398));
    let notice = ExposureNotice { day: DAY, level: RiskLevel::High };
    assert_eq!(kept.sync.notices().unacknowledged().await.unwrap(), [notice]);
}

#[test]
fn a_kept_profile_still_has_its_sealed_visit_and_its_diary() {
    let kept = open("minh");
    let (check_ins, found) = CheckIns::open(&kept.profile, Runtime::Memory, LEFT).unwrap();
    assert!(found.damaged.is_none() && found.damaged_diary.is_none());
    assert_eq!(check_ins.cells(LEFT).0.newest(), Hour::at(LEFT));
    assert_eq!(check_ins.diary(), (true, true));
    let entries = check_ins.read_diary(PASSPHRASE).unwrap();
    let [entry] = &entries[..] else { panic!("{} visits", entries.len()) };
    assert_eq!((entry.venue.as_str(), entry.unit.as_str()), ("Chợ Đồng Xuân", "Tầng 2"));
    assert_eq!(entry.from, UnixTime::from_secs(1_772_489_125));
    assert_eq!(entry.until, UnixTime::from_secs(1_772_489_129));
}

#[tokio::test]
async fn a_kept_profile_still_has_what_a_warning_said() {
    let kept = open("binh");
    let days = kept.sync.exposures().await.unwrap();
    let [day] = &days[..] else { panic!("{days:?}") };
    assert_eq!((day.summary.level, day.summary.venue_seconds), (RiskLevel::Low, 980));
    let [time] = &day.venues[..] else { panic!("{:?}", day.venues) };
    assert_eq!(time.venue, "Chợ Đồng Xuân");
    assert_eq!(time.from, UnixTime::from_secs(1_772_423_623));
    assert_eq!(time.until, UnixTime::from_secs(1_772_424_603));
}
