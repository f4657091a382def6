//! Own data from a file, which is believed no more than what comes over the network: everything in it
//! is parsed and bounded, or nothing of it is taken.

use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::{RollingPeriod, UnixTime, UtcDay};
use vungxanh_protocol::own_keys::OwnKey;

use super::{keyring, page_language, upkeep};
use crate::declarations;
use crate::store::{EncounterStore, Record, StoreError};
use crate::sync::{self, Named};

/// Why nothing of a file is taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Only the clock can say which days are retained.
    #[error("the clock cannot be trusted: set it, then import again")]
    ClockNotTrusted,
    /// A record that no program of ours writes.
    #[error("it holds a record that this program does not know")]
    UnknownRecord,
    /// A record that is not what its name says.
    #[error("it holds a record that cannot be read: {0}")]
    Malformed(String),
}

/// Of the records of a file those that this device takes over, as it does.
///
/// Days after tomorrow are left out, as expired ones are: a clock was wrong when they were written.
/// Own keys are for publishing only, and end now.
pub(super) fn accepted(records: Vec<Record>, now: UnixTime) -> Result<Vec<Record>, ImportError> {
    let mut taken = Vec::with_capacity(records.len());
    for record in records {
        record.check().map_err(|error| ImportError::Malformed(error.to_string()))?;
        match record {
            Record::State(name, bytes) => match named(&name, &bytes, now) {
                Named::TakenOver => taken.push(Record::State(name, bytes)),
                Named::LeftOut => {}
                Named::Malformed => return Err(ImportError::Malformed(name)),
                Named::Unknown if is_of_the_engine(&name) => {}
                Named::Unknown => return Err(ImportError::UnknownRecord),
            },
            record if record.day().is_some_and(|day| day > tomorrow(now)) => {}
            Record::OwnKeys(day, keys) => {
                let keys = keys.into_iter().filter_map(|own| for_publishing(own, now)).collect();
                taken.push(Record::OwnKeys(day, keys));
            }
            record => taken.push(record),
        }
    }
    Ok(taken)
}

/// Removes named records that no program of ours writes; earlier ones took them over from files.
pub(super) fn forget_unknown(store: &dyn EncounterStore) -> Result<(), StoreError> {
    for record in store.export_records()? {
        if let Record::State(name, bytes) = record
            && !is_of_the_engine(&name)
            && named(&name, &bytes, UnixTime::default()) == Named::Unknown
        {
            store.put_state_bytes(&name, None)?;
        }
    }
    Ok(())
}

/// What becomes of a named record of the exchange, or of declarations.
fn named(name: &str, bytes: &[u8], now: UnixTime) -> Named {
    match sync::named(name, bytes, now) {
        Named::Unknown => declarations::named(name, bytes, now),
        known => known,
    }
}

/// Records that belong to the device that wrote them.
fn is_of_the_engine(name: &str) -> bool {
    [keyring::LAST_SHOWN, page_language::PAGE_LANGUAGE, upkeep::LATEST_KNOWN].contains(&name)
}

fn tomorrow(now: UnixTime) -> UtcDay {
    now.day().plus(1)
}

/// An own key of another device, cut to what of its period has passed: this device makes one of its
/// own for the rest. `None` for one that has not begun.
fn for_publishing(own: OwnKey, now: UnixTime) -> Option<OwnKey> {
    let start = own.key.rolling_start();
    let passed = now.interval().number().saturating_sub(start.number());
    let intervals = own.key.rolling_period().intervals().min(passed);
    let period = RollingPeriod::new(intervals.into()).ok()?;
    let key = TemporaryExposureKey::new(own.key.key().clone(), start, period);
    Some(OwnKey { key, imported: true, ..own })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vungxanh_protocol::advertisement::Advertisement;
    use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
    use vungxanh_protocol::encounter::ScanInstance;
    use vungxanh_protocol::secret::SecretBytes;
    use vungxanh_protocol::venue::warning::VenueMatch;

    use super::*;
    use crate::control_api::{ForgetRequest, ImportRequest, Imported};
    use crate::engine::EngineError;
    use crate::radio::{Advertiser, RadioState};
    use crate::store::block::Block;
    use crate::store::{MemoryStore, archive};
    use crate::sync::KeyAccess;
    use crate::test_support::{EngineFixture, NOON, enrol};

    const PASSPHRASE: &str = "tre xanh 2021";

    fn bench() -> (Arc<MemoryStore>, EngineFixture) {
        let store = Arc::new(MemoryStore::new());
        enrol(store.as_ref(), NOON);
        let bench = EngineFixture::new(store.clone(), RadioState::SwitchedOff);
        (store, bench)
    }

    async fn import(bench: &EngineFixture, records: &[Record]) -> Result<Imported, EngineError> {
        let file = archive::write(records, PASSPHRASE, &mut rand::rng()).unwrap();
        bench.engine.import(ImportRequest { file, passphrase: PASSPHRASE.into() }).await
    }

    fn scans(at: UnixTime, since: u16) -> Record {
        let heard = Advertisement::from_service_data(&[7; 20]).unwrap();
        let scan = ScanInstance {
            time: at.interval().start(),
            typical_rssi: -60,
            strongest_rssi: -55,
            count: 3,
            seconds_since_last_scan: since,
            clock_trusted: true,
        };
        let mut block = Block::default();
        let _ = block.add(at.interval(), &[(heard, scan)]).unwrap();
        Record::Scans(at.interval(), block)
    }

    fn visit(until: UnixTime) -> Record {
        let from = NOON.minus(3_600);
        let venue_match = VenueMatch {
            venue: "Chợ".into(),
            companions: 0,
            visit_from: from,
            visit_until: until,
            case_from: from,
            case_until: NOON,
            report_type: ReportType::ConfirmedTest,
            infectiousness: Infectiousness::High,
            text: String::new(),
        };
        Record::VenueMatches(from.day(), vec![venue_match])
    }

    fn own_key(start: UnixTime) -> OwnKey {
        let (start, period) = (start.interval(), RollingPeriod::SIX_HOURS);
        OwnKey::new(TemporaryExposureKey::new(SecretBytes::new([9; 16]), start, period))
    }

    fn own_keys(own: OwnKey) -> Record {
        Record::OwnKeys(own.key.rolling_start().day(), vec![own])
    }

    #[tokio::test]
    async fn a_file_with_anything_that_cannot_be_changes_nothing() {
        let good = scans(NOON.minus(3_600), 120);
        let state = |name: &str, bytes: &[u8]| Record::State(name.into(), bytes.to_vec());
        let far = UnixTime::from_secs(u64::MAX);
        for bad in [
            visit(far),
            visit(NOON.minus(3_600)),
            scans(NOON, 60_000),
            state("sync-told", b"no JSON"),
            state("sync-told", b"{\"99999\":{\"level\":\"low\",\"at\":1}}"),
            state("sync-disclosed", b"[[0,18446744073709551615]]"),
            state("ballast", &vec![0; 1_000_000]),
        ] {
            let (store, bench) = bench();
            let before = store.export_records().unwrap();
            let what = format!("{bad:?}");
            let refused = import(&bench, &[good.clone(), bad]).await.unwrap_err();
            // What cannot be in an archive at all is damage.
            let expected = matches!(refused, EngineError::Import(_) | EngineError::Archive(_));
            assert!(expected, "{what}: {refused}");
            assert_eq!(store.export_records().unwrap(), before, "{what}");
        }
        // The same file without it is taken over.
        let (_, bench) = bench();
        assert_eq!(import(&bench, &[good]).await.unwrap().scan_instances, 1);
    }

    #[tokio::test]
    async fn days_after_tomorrow_are_left_out() {
        let (store, bench) = bench();
        let days = (2..420).map(|days| scans(NOON.plus(days * 86_400), 120));
        let records: Vec<_> = days.chain([scans(NOON.minus(3_600), 120)]).collect();
        let taken = import(&bench, &records).await.unwrap();
        assert_eq!(taken.scan_instances, 1);
        assert_eq!(store.scan_summary().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn whom_to_trust_is_not_taken_from_a_file() {
        let (store, bench) = bench();
        let records = store.export_records().unwrap();
        let names: Vec<_> = records.iter().filter(|r| r.day().is_none()).collect();
        assert!(!names.is_empty(), "an enrolment is among them");
        let empty = Arc::new(MemoryStore::new());
        let other = EngineFixture::new(empty.clone(), RadioState::SwitchedOff);
        import(&other, &records).await.unwrap();
        assert_eq!(empty.state_bytes("sync-enrolment").unwrap(), None);
        assert!(other.engine.sync.authority().is_none());
        drop(bench);
    }

    #[tokio::test]
    async fn own_keys_from_a_file_are_published_and_never_broadcast() {
        let (_, bench) = bench();
        let engine = &bench.engine;
        let (running, earlier) = (own_key(NOON.minus(3_600)), own_key(NOON.minus(86_400)));
        // It begins only now: nothing of it has passed, and nothing is taken of it.
        let beginning = own_key(NOON);
        let records = [&running, &earlier, &beginning].map(|own| own_keys(own.clone()));
        assert_eq!(import(&bench, &records).await.unwrap().own_keys, 2);
        let metadata = bench.radio.transmit_power();
        // The clock is set back to when the running one was on the air elsewhere.
        let mut now = NOON.minus(1_800);
        while now < NOON.plus(8 * 3_600) {
            let shown = engine.keys.step(now, metadata, RollingPeriod::SIX_HOURS).unwrap();
            if let Some(shown) = shown {
                for own in [&running, &earlier, &beginning] {
                    let derived = own.key.derive();
                    let of_key = |back: u32| {
                        derived.identifiers.identifier(now.interval().plus(1).minus(back))
                    };
                    assert!((0..=2).all(|back| of_key(back) != shown.identifier));
                }
            }
            now = now.plus(300);
        }
        let published = engine.keys.publishable(now).unwrap();
        assert!(published.iter().any(|key| key.key() == earlier.key.key()));
        // No two of them cover one interval: a server refuses such a list.
        for (place, key) in published.iter().enumerate() {
            let later = &published[..place];
            assert!(later.iter().all(|other| key.rolling_end() <= other.rolling_start()));
        }
    }

    #[tokio::test]
    async fn what_earlier_programs_took_over_goes_with_all_the_rest() {
        let (store, bench) = bench();
        store.put_state_bytes("ballast", Some(&[1; 1_000])).unwrap();
        bench.engine.forget(ForgetRequest { times: None }).await.unwrap();
        assert_eq!(store.state_bytes("ballast").unwrap(), None);
        assert!(store.state_bytes("sync-enrolment").unwrap().is_some());
    }
}
