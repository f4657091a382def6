//! What venues cost a device: `cargo bench -p vungxanh-protocol --bench venue`. Prints the median of
//! each, in processor time of one core, so that a busy machine disturbs little;
//! `docs/performance.md` holds figures and bars.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rustix::time::{ClockId, clock_gettime};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::batch::{HourHistogram, WarningBatch};
use vungxanh_protocol::venue::cells::CellTable;
use vungxanh_protocol::venue::party::{MasterKey, Party, PartySecret};
use vungxanh_protocol::venue::sealed::{SealedVisit, SlotVisit};
use vungxanh_protocol::venue::slot::{Hour, SlotIdentity};
use vungxanh_protocol::venue::slot_key::SlotKey;

const NOW: Hour = Hour::new(495_600);
const RETENTION_DAYS: u32 = 14;
/// Slot keys that one day may bring a device.
const DAILY_WARNINGS: usize = 450;
const MEASURED: Duration = Duration::from_secs(1);

fn main() -> Result<(), VenueError> {
    let mut rng = StdRng::seed_from_u64(1);
    let (venue, authority) = (PartySecret::generate(&mut rng), PartySecret::generate(&mut rng));
    let proof = authority.prove(Party::Authority);
    let proven = authority.public_key().proven(&proof, Party::Authority)?;
    let master = MasterKey::join(&venue.public_key(), &proven)?;
    let slots = vungxanh_protocol::venue::slot::SlotDeriver::of_poster(b"the payload of a poster");
    let visit = SlotVisit {
        from: NOW.start(),
        until: NOW.end(),
        notify_key: slots.notify_key(NOW),
        companions: 0,
        venue: "Chợ Đồng Xuân".into(),
    };
    let slot = slots.identity(NOW);
    let share = |slot: &SlotIdentity| (venue.share(slot), authority.share(slot));
    let key_of = |hour| {
        let slot = slots.identity(hour);
        let (venue, authority) = share(&slot);
        SlotKey::join(&venue, &authority, &master, &slot)
    };
    let sealed = SealedVisit::seal(&visit, NOW, &slot, &master, &mut rng)?;
    let (right, wrong) = (key_of(NOW)?, key_of(Hour::new(1))?);

    measure("sealing a visit", || SealedVisit::seal(&visit, NOW, &slot, &master, &mut rng));
    measure("failed opening", || sealed.open(NOW, &wrong));
    measure("successful opening", || sealed.open(NOW, &right));
    measure("one party's share", || venue.share(&slot));
    measure("joining and verifying a slot key", || key_of(NOW));
    measure("proof of possession, verified", || {
        authority.public_key().proven(&proof, Party::Authority)
    });
    measure("decoy of a cell", || SealedVisit::decoy(&mut rng));

    let start = processor_time();
    let table = CellTable::new(RETENTION_DAYS, NOW, &mut rng);
    report("new table of cells, 14 days", processor_time() - start);

    // Decoys cost what real warnings cost; all fall in hours that are stored.
    let hours = (0..RETENTION_DAYS * 24).map(|age| (Hour::new(NOW.number() - age), 1));
    let hours = HourHistogram::new(hours.collect::<BTreeMap<_, _>>())?;
    let period = UnixTime::from_secs(0);
    let batch = WarningBatch::assemble("VN", period, period, vec![], &hours, &mut rng)?;
    let mut warnings = batch.warnings().to_vec();
    while warnings.len() < DAILY_WARNINGS {
        let batch = WarningBatch::assemble("VN", period, period, vec![], &hours, &mut rng)?;
        warnings.extend_from_slice(batch.warnings());
    }
    warnings.truncate(DAILY_WARNINGS);
    let start = processor_time();
    for warning in &warnings {
        black_box(table.try_warning(warning)?);
    }
    report("450 slot keys against a full store", processor_time() - start);
    Ok(())
}

fn measure<T>(name: &str, mut work: impl FnMut() -> T) {
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < MEASURED {
        let begin = processor_time();
        black_box(work());
        times.push(processor_time() - begin);
    }
    times.sort();
    report(name, times[times.len() / 2]);
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn report(name: &str, time: Duration) {
    println!("{name:40} {:10.3} ms", time.as_secs_f64() * 1e3);
}
