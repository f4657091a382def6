//! Which of the notices that wait go into a batch's section for passes.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use vungxanh_protocol::door::{NOTICES_PER_PASS, PassNotice, SIZE_CLASSES};
use vungxanh_protocol::seal::SealKey;

use crate::authority::door_keys::read_door_key;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::domain::door_secrets::{NoticeId, open_notice};
use crate::storage::doors::SealedNotice;

/// The most notices of a batch.
const MAX_NOTICES: usize = SIZE_CLASSES[SIZE_CLASSES.len() - 1];
/// How many are drawn: more than fit, because of those that one pass has beyond its share.
pub(super) const DRAWN: usize = MAX_NOTICES + MAX_NOTICES / 4;

/// Notices of a batch, opened.
#[derive(Default)]
pub(super) struct ChosenNotices {
    pub(super) ids: Vec<NoticeId>,
    pub(super) notices: Vec<(VerifyingKey, PassNotice)>,
}

/// The first of `drawn` that fit; the others wait. What cannot be opened any more waits until it
/// expires.
pub(super) fn choose(
    folder: &Folder,
    drawn: Vec<SealedNotice>,
) -> Result<ChosenNotices, FileError> {
    let mut keys: BTreeMap<u16, Option<SealKey>> = BTreeMap::new();
    let mut of_pass: BTreeMap<[u8; 32], u8> = BTreeMap::new();
    let mut chosen = ChosenNotices::default();
    for due in drawn {
        if chosen.ids.len() == MAX_NOTICES {
            break;
        }
        let key = match keys.entry(due.day) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(read_door_key(folder, due.day)?)
            }
        };
        let opened = key.as_ref().and_then(|key| open_notice(key, &due.id, &due.sealed).ok());
        let Some(notice) = opened else {
            tracing::error!("a notice to a pass cannot be read: its day has another key or none");
            continue;
        };
        let count = of_pass.entry(notice.0.to_bytes()).or_default();
        if *count < NOTICES_PER_PASS {
            *count += 1;
            chosen.ids.push(due.id);
            chosen.notices.push(notice);
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
    use vungxanh_protocol::interval::UnixTime;

    use super::*;
    use crate::authority::door_keys::door_key;
    use crate::domain::door_secrets::seal_notice;

    fn due(key: &SealKey, number: u32, holder: &VerifyingKey) -> SealedNotice {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let notice = PassNotice {
            from: UnixTime::from_secs(1_000),
            until: UnixTime::from_secs(2_000),
            report_type: ReportType::ConfirmedTest,
            infectiousness: Infectiousness::High,
            venue: String::new(),
            words: String::new(),
        };
        let sealed = seal_notice(key, &id, &(*holder, notice), &mut rand::rng()).unwrap();
        SealedNotice { id, day: 7, sealed }
    }

    #[test]
    fn a_batch_takes_no_more_than_fit_in_all_and_of_one_pass() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        let key = door_key(&folder, 7, &mut rand::rng()).unwrap();
        let holder = |number: u32| {
            let mut seed = [5; 32];
            seed[..4].copy_from_slice(&number.to_be_bytes());
            ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key()
        };
        let one = holder(9_999);
        let mut drawn: Vec<_> = (0..6).map(|number| due(&key, number, &one)).collect();
        drawn.extend((6..2_100).map(|number| due(&key, number, &holder(number))));
        // One of a day whose key is gone.
        drawn.insert(0, SealedNotice { day: 6, ..due(&key, 3_000, &one) });
        let chosen = choose(&folder, drawn).unwrap();
        assert_eq!((chosen.ids.len(), chosen.notices.len()), (2_048, 2_048));
        assert_eq!(chosen.notices.iter().filter(|(to, _)| *to == one).count(), 4);
    }
}
