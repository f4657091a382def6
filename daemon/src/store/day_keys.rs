//! Day keys: destroying one erases that day, whatever the database still holds of it.
//!
//! The file `day-keys` holds the key of each living day and the key of the named records, sealed
//! under the wrapping key. Every change makes a new wrapping key (`rekeyed`), so that an
//! old copy of the file opens with nothing that still exists.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rand::CryptoRng;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::seal::SealKey;
use zeroize::Zeroizing;

use super::rekeyed::{Header, Loaded, RekeyedFile};
use super::wrapping_key::WrappingKeySource;
use super::{MAX_DAYS, StoreError};

const HEADER: &Header = b"VXdays\x00\x01";
const LABEL: &str = "VX-DAY-KEYS-1";
const KEY_BYTES: usize = 32;
const ENTRY_BYTES: usize = 4 + KEY_BYTES;
/// More than [`MAX_DAYS`] entries take.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The living day keys and the key of the named records.
pub struct DayKeys {
    set: KeySet,
    file: RekeyedFile,
}

#[derive(Clone, PartialEq, Eq)]
struct KeySet {
    state: SealKey,
    days: BTreeMap<UtcDay, SealKey>,
}

impl DayKeys {
    /// Opens the day keys at `path`; where there are none, makes the first.
    pub fn open(
        path: PathBuf,
        wrapping: Box<dyn WrappingKeySource>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, StoreError> {
        let file = RekeyedFile::new(path, wrapping, HEADER, LABEL, MAX_FILE_BYTES);
        match load(&file)? {
            Some(set) => Ok(Self { set, file }),
            None => {
                let set = KeySet { state: SealKey::generate(rng), days: BTreeMap::new() };
                let mut keys = Self { set: set.clone(), file };
                keys.save(set, rng)?;
                Ok(keys)
            }
        }
    }

    /// The key of `day`, if that day lives.
    pub fn get(&self, day: UtcDay) -> Option<&SealKey> {
        self.set.days.get(&day)
    }

    /// The key of the named records.
    pub const fn state_key(&self) -> &SealKey {
        &self.set.state
    }

    /// The days that have a key.
    #[cfg(test)]
    pub fn days(&self) -> impl Iterator<Item = UtcDay> + '_ {
        self.set.days.keys().copied()
    }

    /// Makes keys for those of `days` that have none.
    pub fn make(
        &mut self,
        days: impl IntoIterator<Item = UtcDay>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), StoreError> {
        let mut set = self.set.clone();
        for day in days {
            set.days.entry(day).or_insert_with(|| SealKey::generate(rng));
        }
        if set.days.len() > MAX_DAYS {
            return Err(StoreError::TooManyDays(set.days.len()));
        }
        if set == self.set { Ok(()) } else { self.save(set, rng) }
    }

    /// Makes the key of `today` and destroys the keys of the days before `oldest`, under a new
    /// wrapping key. Returns the days whose keys are gone.
    pub fn begin_day(
        &mut self,
        today: UtcDay,
        oldest: UtcDay,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<UtcDay>, StoreError> {
        let mut set = self.set.clone();
        let expired = set.destroy(|day| day < oldest);
        let new_day = !set.days.contains_key(&today);
        if new_day {
            set.days.insert(today, SealKey::generate(rng));
        }
        if set.days.len() > MAX_DAYS {
            return Err(StoreError::TooManyDays(set.days.len()));
        }
        if new_day || !expired.is_empty() {
            self.save(set, rng)?;
        }
        Ok(expired)
    }

    /// Destroys the keys of the days that `forgotten` picks, and with `state` the key of the named
    /// records, in whose place a fresh one comes.
    pub fn forget(
        &mut self,
        forgotten: impl Fn(UtcDay) -> bool,
        state: bool,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<UtcDay>, StoreError> {
        let mut set = self.set.clone();
        let destroyed = set.destroy(forgotten);
        if state {
            set.state = SealKey::generate(rng);
        }
        if state || !destroyed.is_empty() {
            self.save(set, rng)?;
        }
        Ok(destroyed)
    }

    /// Makes `set` the one that counts, on disk and here. When that fails, what counts on disk
    /// counts here too.
    fn save(&mut self, set: KeySet, rng: &mut impl CryptoRng) -> Result<(), StoreError> {
        let saved = self.replace(&set, rng);
        if saved.is_ok() {
            self.set = set;
        } else if let Ok(Some(on_disk)) = load(&self.file) {
            self.set = on_disk;
        }
        saved
    }

    fn replace(&self, set: &KeySet, rng: &mut impl CryptoRng) -> Result<(), StoreError> {
        // Keys that cannot be read are not written over.
        load(&self.file)?;
        self.file.replace(&set.to_bytes(), rng)
    }
}

/// Reads the state that counts. `None`: none was ever completed.
fn load(file: &RekeyedFile) -> Result<Option<KeySet>, StoreError> {
    let unreadable = || StoreError::DayKeysUnreadable { keys: file.path().to_owned() };
    match file.load()? {
        Loaded::Nothing => Ok(None),
        Loaded::Content(content) => KeySet::from_bytes(&content).map(Some).ok_or_else(unreadable),
        Loaded::KeyMissing => Err(StoreError::WrappingKeyMissing {
            place: file.key_place(),
            keys: file.path().to_owned(),
        }),
        Loaded::Unreadable => Err(unreadable()),
    }
}

impl KeySet {
    fn destroy(&mut self, forgotten: impl Fn(UtcDay) -> bool) -> Vec<UtcDay> {
        self.days.extract_if(.., |day, _| forgotten(*day)).map(|(day, _)| day).collect()
    }

    /// state key (32) || for each day: day u32 LE, key (32)
    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length = KEY_BYTES + self.days.len() * ENTRY_BYTES;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.extend(self.state.expose());
        for (day, key) in &self.days {
            bytes.extend(day.number().to_le_bytes());
            bytes.extend(key.expose());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (state, entries) = bytes.split_first_chunk::<KEY_BYTES>()?;
        let (entries, rest) = entries.as_chunks::<ENTRY_BYTES>();
        if !rest.is_empty() || entries.len() > MAX_DAYS {
            return None;
        }
        let mut days = BTreeMap::new();
        for entry in entries {
            let (day, key) = entry.split_first_chunk::<4>()?;
            days.insert(UtcDay::new(u32::from_le_bytes(*day)), SealKey::from_slice(key)?);
        }
        Some(Self { state: SealKey::new(*state), days })
    }
}

impl std::fmt::Debug for DayKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DayKeys").field("days", &self.set.days.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::super::wrapping_key::WrappingKeyFile;
    use super::*;
    use crate::platform::atomic_file::injected::crash_after;

    const TODAY: UtcDay = UtcDay::new(20_000);

    fn open(folder: &Path) -> Result<DayKeys, StoreError> {
        let wrapping = WrappingKeyFile::new(folder.join("wrapping-key"));
        let rng = &mut StdRng::from_rng(&mut rand::rng());
        DayKeys::open(folder.join("day-keys"), Box::new(wrapping), rng)
    }

    fn rng() -> StdRng {
        StdRng::from_rng(&mut rand::rng())
    }

    #[test]
    fn keys_survive_a_restart_and_expire() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = open(folder.path()).unwrap();
        keys.begin_day(TODAY, TODAY.minus(14), &mut rng()).unwrap();
        let first = keys.get(TODAY).unwrap().clone();
        let state = keys.state_key().clone();
        drop(keys);
        let mut keys = open(folder.path()).unwrap();
        assert!(*keys.get(TODAY).unwrap() == first && *keys.state_key() == state);
        let next = TODAY.plus(15);
        let expired = keys.begin_day(next, next.minus(14), &mut rng()).unwrap();
        assert_eq!(expired, [TODAY]);
        assert!(open(folder.path()).unwrap().get(TODAY).is_none());
        let expired = keys.begin_day(TODAY, TODAY.minus(14), &mut rng()).unwrap();
        assert_eq!(expired, [], "a clock set back destroys nothing");
        assert!(keys.get(next).is_some());
    }

    /// Every change under every crash: what opens afterwards is the old or the new state, whole,
    /// and further changes work.
    #[test]
    fn a_crash_at_any_step_leaves_the_old_or_the_new_state() {
        let mut outcomes = [0, 0];
        for crash in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let mut keys = open(folder.path()).unwrap();
            keys.begin_day(TODAY, TODAY.minus(14), &mut rng()).unwrap();
            let old_key = keys.get(TODAY).unwrap().clone();
            let tomorrow = TODAY.plus(1);
            let (result, cut) =
                crash_after(crash, || keys.begin_day(tomorrow, tomorrow, &mut rng()));
            assert_eq!(result.is_err(), cut);
            let in_memory = keys.set.clone();
            drop(keys);
            let mut keys = open(folder.path()).unwrap();
            assert!(keys.set == in_memory || cut, "step {crash}");
            let is_new = match (keys.get(TODAY), keys.get(tomorrow)) {
                (Some(key), None) => {
                    assert!(*key == old_key);
                    false
                }
                (None, Some(_)) => true,
                _ => panic!("step {crash}: neither the old nor the new state"),
            };
            outcomes[usize::from(is_new)] += 1;
            // A second crash at each step, while the traces of the first are still there.
            for again in 0..20 {
                let _ = crash_after(again, || keys.make([TODAY.plus(again + 5)], &mut rng()));
                let reopened = open(folder.path()).unwrap();
                assert_eq!(reopened.get(tomorrow).is_some(), is_new, "step {crash}, {again}");
            }
            if !cut {
                break;
            }
        }
        assert!(outcomes[0] > 3 && outcomes[1] > 2, "{outcomes:?}");
    }

    #[test]
    fn a_crash_while_the_first_keys_are_made_does_no_harm() {
        for crash in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let (_, cut) = crash_after(crash, || open(folder.path()).is_ok());
            open(folder.path()).unwrap();
            if !cut {
                break;
            }
        }
    }

    #[test]
    fn an_old_copy_of_the_file_opens_with_no_later_wrapping_key() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = open(folder.path()).unwrap();
        keys.begin_day(TODAY, TODAY.minus(14), &mut rng()).unwrap();
        let path = folder.path().join("day-keys");
        let old = fs::read(&path).unwrap();
        keys.begin_day(TODAY.plus(1), TODAY.minus(13), &mut rng()).unwrap();
        fs::write(&path, old).unwrap();
        assert!(matches!(open(folder.path()), Err(StoreError::DayKeysUnreadable { .. })));
    }

    #[test]
    fn missing_and_damaged_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let wrapping = folder.path().join("wrapping-key");
        let kept = fs::read(&wrapping).unwrap();
        fs::remove_file(&wrapping).unwrap();
        assert!(matches!(open(folder.path()), Err(StoreError::WrappingKeyMissing { .. })));
        fs::write(&wrapping, &kept[1..]).unwrap();
        assert!(open(folder.path()).unwrap_err().to_string().contains("31 bytes instead of 32"));
        fs::write(&wrapping, [0; 32]).unwrap();
        assert!(matches!(open(folder.path()), Err(StoreError::DayKeysUnreadable { .. })));
        fs::write(&wrapping, &kept).unwrap();
        open(folder.path()).unwrap();
        // What the messages advise.
        fs::remove_file(&wrapping).unwrap();
        fs::remove_file(folder.path().join("day-keys")).unwrap();
        open(folder.path()).unwrap();
        fs::remove_file(folder.path().join("day-keys")).unwrap();
        open(folder.path()).unwrap();
    }

    #[test]
    fn files_are_private_and_hold_no_key_in_the_open() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = open(folder.path()).unwrap();
        keys.begin_day(TODAY, TODAY, &mut rng()).unwrap();
        for name in ["day-keys", "wrapping-key"] {
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let file = fs::read(folder.path().join("day-keys")).unwrap();
        let shows = |key: &SealKey| file.windows(16).any(|part| part == &key.expose()[..16]);
        assert!(!shows(keys.get(TODAY).unwrap()) && !shows(keys.state_key()));
        assert_eq!(format!("{keys:?}"), "DayKeys { days: 1, .. }");
    }

    #[test]
    fn a_jumping_clock_cannot_pile_up_days_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = open(folder.path()).unwrap();
        keys.make((0..MAX_DAYS as u32).map(UtcDay::new), &mut rng()).unwrap();
        let error = keys.make([UtcDay::new(99_999)], &mut rng()).unwrap_err();
        assert!(matches!(error, StoreError::TooManyDays(_)));
        assert_eq!(open(folder.path()).unwrap().days().count(), MAX_DAYS);
    }
}
