//! What declarations, passes and doors cost: `cargo bench -p vungxanh-protocol --bench declaration`.
//! Prints the median of each, in processor time of one core; `docs/performance.md` holds figures.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rustix::time::{ClockId, clock_gettime};
use vungxanh_protocol::declaration::{Envelope, Form, FormKind, SealedForm};
use vungxanh_protocol::diagnosis_key::Infectiousness;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::door::{
    DoorKey, PassNotice, PassWarnings, SealedRecord, Shown, seal_check_in,
};
use vungxanh_protocol::intake::IntakeKey;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{
    BUNDLE_PASSES, BlindedPass, DayKey, HolderKey, KeyName, LivePass, Pass, PassError, PassIssuer,
    PassKeyList, PassKeys, PassKind, PassRequest, Presented, read_code,
};
use vungxanh_protocol::sealed_box::OpeningKey;
use vungxanh_protocol::venue::party::{MasterKey, Party, PartySecret};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};

const DAY: u16 = 20_786;
const NOW: UnixTime = UnixTime::from_secs(DAY as u64 * 86_400 + 3 * 3_600);
const MEASURED: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rng = StdRng::seed_from_u64(1);
    passes(&mut rng)?;
    declarations(&mut rng)?;
    doors(&mut rng)
}

fn declarations(rng: &mut StdRng) -> Result<(), Box<dyn std::error::Error>> {
    let half = OpeningKey::generate(rng);
    let key = IntakeKey { id: 1, day: DAY, group: 0, key: half.public_key() };
    let mut form = Form::new(FormKind::Population, DAY);
    form.name = "Nguyễn Thị Lan".into();
    form.address = "13 Lò Đúc".into();
    form.ward = Some(4);
    let envelope = Envelope::of(&form, [1; 16]);
    measure("checking and sealing a declaration", || {
        let form = form.normalised();
        black_box(form.problems());
        SealedForm::seal(&form, &envelope, "vn.hanoi", &key, rng)
    });
    let sealed = SealedForm::seal(&form, &envelope, "vn.hanoi", &key, rng)?;
    measure("opening a declaration", || sealed.open(&envelope, "vn.hanoi", &key, &half));
    Ok(())
}

fn doors(rng: &mut StdRng) -> Result<(), Box<dyn std::error::Error>> {
    let (venue, authority) = (PartySecret::generate(rng), PartySecret::generate(rng));
    let proof = authority.prove(Party::Authority);
    let proven = authority.public_key().proven(&proof, Party::Authority)?;
    let master = MasterKey::join(&venue.public_key(), &proven)?;
    let deriver = SlotDeriver::of_poster(b"the payload of a poster");
    let (hour, holder) = (Hour::at(NOW), HolderKey::generate(rng));
    let shown = Shown::Pass(Presented::Printed(Pass::specimen(false, DAY, &holder)?));
    let stay = (hour.start(), hour.end());
    measure("sealing a scan for one hour", || {
        seal_check_in(&deriver, &master, &shown, stay, 0, rng)
    });
    let door = deriver.door_identity(hour);
    let key =
        DoorKey::join(&venue.door_share(&door), &authority.door_share(&door), &master, &door)?;
    let records = seal_check_in(&deriver, &master, &shown, stay, 0, rng)?;
    measure("opening a record", || records[0].1.open(hour, &key));
    let decoy = SealedRecord::decoy(rng);
    measure("failing to open one", || decoy.open(hour, &key));
    let notice = PassNotice {
        from: hour.start(),
        until: hour.end(),
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        venue: "Chợ Đồng Xuân".into(),
        words: String::new(),
    };
    let notices: Vec<_> =
        (0..256).map(|_| (HolderKey::generate(rng).public_key(), notice.clone())).collect();
    measure("256 pass warnings", || PassWarnings::assemble(&notices, rng));
    let warnings = PassWarnings::assemble(&notices, rng)?;
    measure("one pass against 256 warnings", || warnings.notices_to(&holder));
    Ok(())
}

fn passes(rng: &mut StdRng) -> Result<(), PassError> {
    let issuer = PassIssuer::generate(rng);
    let name = KeyName { day: DAY, kind: PassKind::Live, id: 0 };
    let key = DayKey::of(name, &issuer)?;
    let request = PassRequest::new(&key, rng)?;
    let blinded = request.blinded();
    let answer = issuer.issue(&blinded);
    let (pass, holder) = request.clone().finish(&answer, &key)?;

    measure("asking for a pass", || PassRequest::new(&key, rng).map(|request| request.blinded()));
    let received: Vec<_> = (0..BUNDLE_PASSES).map(|_| blinded.to_bytes()).collect();
    measure("issuing 24 passes, points checked", || {
        received
            .iter()
            .map(|bytes| {
                BlindedPass::from_bytes(bytes).map(|point| issuer.issue(&point).to_bytes())
            })
            .collect::<Result<Vec<_>, _>>()
    });
    measure("unblinding and verifying one", || request.clone().finish(&answer, &key));

    let root = SigningKey::from_bytes(&[1; 32]);
    let list = PassKeyList {
        serial: 1,
        issued_at: NOW,
        expires_at: NOW.plus(86_400),
        local_time: LocalTime::VIET_NAM,
        valid_days: 3,
        keys: BTreeMap::from([(name, key)]),
        revoked: BTreeSet::new(),
    };
    let keys = PassKeys::read(&list.to_signed(&root)?, &root.verifying_key(), None)?;
    measure("showing a live pass", || LivePass::show(&pass, &holder, NOW).map(|live| live.code()));
    let code = LivePass::show(&pass, &holder, NOW)?.code();
    measure("a door's verdict, from code to word", || {
        read_code(&code).map(|presented: Presented| keys.judge(&presented, NOW))
    });
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
    println!("{name:40} {:10.3} ms", times[times.len() / 2].as_secs_f64() * 1e3);
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
