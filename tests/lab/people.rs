//! What people's devices have stored, read from the profiles that a guest left behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::export::{ExportFile, Limits};
use vungxanh_protocol::exposure_key::DerivedKeys;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{Interval, UnixTime};

/// A person's device after its daemon has ended.
pub struct Person {
    /// What it may have broadcast: by identifier, the interval and the key's own derivations.
    pub own: HashMap<RollingProximityIdentifier, Own>,
    /// Everything that it has heard, by time.
    pub heard: Vec<(Advertisement, ScanInstance)>,
}

/// Where an identifier comes from.
#[derive(Clone, Copy)]
pub struct Own {
    /// The interval that it belongs to.
    pub interval: Interval,
    /// The bytes of its key.
    pub key: [u8; 16],
}

impl Person {
    /// Opens the profile in `folder`.
    pub fn open(folder: PathBuf) -> Self {
        let (store, rescue) = SledStore::open(&Profile::at(folder), UnixTime::default()).unwrap();
        assert!(rescue.is_none(), "the store was damaged");
        let keys = store.own_keys().unwrap();
        let own = keys
            .iter()
            .flat_map(|own| {
                let start = own.key.rolling_start();
                let intervals = own.key.rolling_period().intervals();
                of_key(*own.key.key().expose(), start, intervals)
            })
            .collect();
        let all = store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap();
        assert_eq!(all.unreadable_blocks, 0);
        let mut heard = all.instances;
        heard.sort_by_key(|(_, scan)| scan.time);
        Self { own, heard }
    }

    /// The scan instances in which one of `of`'s identifiers was heard.
    pub fn heard_of<'a>(
        &'a self,
        of: &'a Self,
    ) -> impl Iterator<Item = &'a (Advertisement, ScanInstance)> {
        self.heard.iter().filter(|(heard, _)| of.own.contains_key(&heard.identifier))
    }
}

/// The identifiers of a key.
fn of_key(
    key: [u8; 16],
    start: Interval,
    intervals: u32,
) -> impl Iterator<Item = (RollingProximityIdentifier, Own)> {
    let derived = DerivedKeys::from_key(&key);
    (0..intervals).map(move |passed| {
        let interval = start.plus(passed);
        (derived.identifiers.identifier(interval), Own { interval, key })
    })
}

/// All keys in the export files below `folder`.
pub fn published(folder: &Path) -> BTreeSet<[u8; 16]> {
    let mut keys = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "zip") {
            let mut file =
                ExportFile::open(File::open(&path).unwrap(), &Limits::default()).unwrap();
            let each = |entry: vungxanh_protocol::export::KeyEntry| {
                keys.insert(entry.key.key, entry.key);
            };
            file.without_verification().for_each_key(each).unwrap();
        }
    }
    keys.into_keys().collect()
}
