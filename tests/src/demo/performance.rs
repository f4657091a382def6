//! The story, act by act, on real processes. Every step is printed as it happens; what was found is
//! returned, to be held against what was expected.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Deserialize;
use vungxanh_daemon::control_api::{Exposures, Reported, Status};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use super::company::Company;
use super::door_act::{
    OfficersList, add_secrets, admit_officer, declare_and_print, open_door, read_list, send_records,
};
use super::story::{
    BEGINNING, CASE, CAST, Character, DECLARANT, EVERYTHING_RELEASED, LEFT_OUT_HOUR, MARKET_VISITS,
    Outcome, RESULT, SCENES,
};
use super::teller::Teller;
use super::venue_act::{open_market, play_stays, warn};
use crate::harness::authority::{Authority, LOG, Pace};
use crate::harness::moment::FIRST_DATE;
use crate::harness::person::Person;
use crate::harness::process::Program;
use crate::harness::search::Needles;
use crate::harness::stage::{DemoError, WAITING};

/// The pace of this story: short, so that it does not take days.
const PACE: Pace = Pace { sync_minutes: 30, look_alike_hours: 2 };
/// Real time for something that must come while hours pass: far more than a slow machine needs.
const TIMEOUT: Duration = Duration::from_secs(900);
/// Real time for look-alikes on their way.
const COUNTING_TIMEOUT: Duration = Duration::from_secs(300);
const HOUR: u64 = 3_600;
/// Short enough to report things one after the other.
const MOMENT: u64 = 300;

#[derive(Debug)]
pub struct Findings {
    /// By person: days with an exposure.
    pub exposures: BTreeMap<&'static str, Exposures>,
    /// By person: notices that the daemon gave.
    pub notices: BTreeMap<&'static str, Vec<RiskLevel>>,
    /// By person: what the device says of itself at the end.
    pub statuses: BTreeMap<&'static str, Status>,
    /// What the case published.
    pub reported: Reported,
    /// The server's counters at the end.
    pub statistics: BTreeMap<String, u64>,
    /// What `keys verify` says of all batches.
    pub verified: Verified,
    /// Different identifiers heard on the air.
    pub identifiers: usize,
    /// The longest that one was heard, in seconds.
    pub longest_shown: u64,
    /// What the officer for declarations reads.
    pub officers_list: OfficersList,
    /// Secrets searched for in what the authority keeps.
    pub searched: usize,
    pub leaked: usize,
    /// Whether the same search finds what must be there.
    pub search_works: bool,
}

/// What `keys verify --json` prints, as far as we care.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Verified {
    /// Files whose signature is good.
    pub verified: u64,
    /// Files whose signature is not.
    pub failed: u64,
    /// Keys in all of them.
    pub keys: u64,
}

/// Plays the story from beginning to end.
pub async fn perform(company: &mut Company, teller: &Teller) -> Result<Findings, DemoError> {
    company.stage.act()?;
    found_authority(company, teller).await?;
    start_devices(company, teller).await?;
    open_market(company, teller).await?;
    admit_officer(company, teller).await?;
    declare_and_print(company, teller).await?;
    open_door(company, teller).await?;
    let mut before = BEGINNING;
    for scene in &SCENES {
        play_stays(company, teller, before, scene.begins).await?;
        before = scene.ends;
        company.stage.pass_until(scene.begins.time(), WAITING).await?;
        company.place(scene);
        teller.step(company.stage.now(), scene.text, &[]);
        company.stage.pass_until(scene.ends.time(), scene.rate).await?;
        company.everyone_home();
    }
    company.stage.pass_until(RESULT.time(), WAITING).await?;
    company.stage.act()?;
    send_records(company, teller).await?;
    let (code, reported) = report(company, teller).await?;
    warn(company, teller).await?;
    await_notices(company, teller).await?;
    let officers_list = read_list(company, teller).await?;
    await_all_batches(company, teller).await?;
    let (statuses, statistics) = count_look_alikes(company, teller).await?;
    let verified = verify_batches(company, teller).await?;
    let mut findings = Findings {
        exposures: BTreeMap::new(),
        notices: BTreeMap::new(),
        statuses,
        reported,
        statistics,
        verified,
        identifiers: company.eavesdropper.identifiers().len(),
        longest_shown: company.eavesdropper.longest_shown(),
        officers_list,
        searched: 0,
        leaked: 0,
        search_works: false,
    };
    search(company, &code, &mut findings).await?;
    for (character, person) in CAST.iter().zip(&company.people) {
        findings.exposures.insert(character.id, person.exposures().await?);
        let levels = person.events().into_iter().filter(|event| event.event == "exposure");
        findings.notices.insert(character.id, levels.filter_map(|event| event.level).collect());
    }
    Ok(findings)
}

async fn found_authority(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let folder = company.stage.folder().join("authority");
    let authority = Authority::found(company.stage.host(), &folder, PACE).await?;
    teller.step(
        company.stage.now(),
        "step-authority",
        &[
            ("url", authority.url().to_owned().into()),
            ("fingerprint", authority.founded().fingerprint[..16].to_owned().into()),
        ],
    );
    company.authority = Some(authority);
    Ok(())
}

async fn start_devices(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let enrolment = company.authority()?.founded().enrolment.clone();
    let (folder, socket) = (company.stage.folder().join("people"), company.stage.socket());
    let host = company.stage.host().clone();
    for (number, character) in CAST.iter().enumerate() {
        let mut person = Person::new(&host, &folder, &socket, character.id);
        let enrolment = enrolment.clone();
        company.starting.spawn(async move {
            person.enroll(&enrolment).await?;
            person.start().await?;
            person.await_tracing().await?;
            Ok((number, person))
        });
    }
    let mut started = Vec::new();
    while let Some(result) = company.starting.join_next().await {
        let stopped = |error: tokio::task::JoinError| DemoError::InVain(error.to_string());
        started.push(result.map_err(stopped)??);
    }
    started.sort_by_key(|(number, _)| *number);
    company.people = started.into_iter().map(|(_, person)| person).collect();
    let names = CAST.map(|character| character.name).join(", ");
    teller.step(company.stage.now(), "step-devices", &[("names", names.into())]);
    Ok(())
}

/// The case gets a code and publishes, without the afternoon.
async fn report(company: &Company, teller: &Teller) -> Result<(String, Reported), DemoError> {
    let issued = company.authority()?.issue_code(FIRST_DATE).await?;
    teller.step(company.stage.now(), "step-code", &[("code", issued.code.clone().into())]);
    let leave_out = format!("{FIRST_DATE}T{LEFT_OUT_HOUR}");
    let case = company.person(CASE)?;
    let reported = case.report(&issued.code, &[&leave_out]).await?;
    teller.step(
        company.stage.now(),
        "step-report",
        &[("periods", reported.published.into()), ("left", reported.left_out.into())],
    );
    Ok((issued.code, reported))
}

/// Hours pass until everyone who has to be notified has been.
async fn await_notices(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let before = company.authority()?.batches()?.len();
    let deadline = Instant::now() + TIMEOUT;
    let mut batch_told = false;
    let mut waiting: Vec<&Character> =
        CAST.iter().filter(|one| matches!(one.outcome, Outcome::IsTold(_))).collect();
    // After the deadline the table will say who was not notified.
    while !waiting.is_empty() && Instant::now() < deadline {
        pass(company, MOMENT).await?;
        let batches = company.authority()?.batches()?;
        if !batch_told && let Some(new) = batches.get(before..).and_then(|new| new.first()) {
            batch_told = true;
            let file = new.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let cut = end_of(&file).unwrap_or(company.stage.now());
            teller.step(cut, "step-batch", &[("file", file.into())]);
        }
        let mut still_waiting = Vec::new();
        for character in waiting {
            let mut events = company.person(character.id)?.events().into_iter();
            let Some(event) = events.find(|event| event.event == "exposure") else {
                still_waiting.push(character);
                continue;
            };
            let level = teller.level(event.level.unwrap_or(RiskLevel::None));
            let at = event.at.unwrap_or(company.stage.now());
            let visited = MARKET_VISITS.iter().any(|stay| stay.who == character.id);
            let text = match (visited, character.id) {
                (true, _) => "step-told-of-visit",
                (false, DECLARANT) => "step-told-of-pass",
                (false, _) => "step-told",
            };
            let name = ("name", character.name.into());
            teller.step(at, text, &[name, ("level", level.into())]);
        }
        waiting = still_waiting;
    }
    Ok(())
}

/// The end of a batch's period from its file name: `START-END-NUMBER.zip`, in Unix seconds.
fn end_of(file: &str) -> Option<UnixTime> {
    file.split('-').nth(1)?.parse().ok().map(UnixTime::from_secs)
}

/// Hours pass until the embargo of the running key has ended and everyone has seen every batch
/// until then: anyone not notified by now will not be.
async fn await_all_batches(company: &mut Company, teller: &Teller) -> Result<(), DemoError> {
    let released = EVERYTHING_RELEASED.time().plus(HOUR + 60);
    if company.stage.now() < released {
        company.stage.pass_until(released, WAITING).await?;
    }
    let batches = company.authority()?.batches()?.len() as u64;
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let statuses = statuses(company).await?;
        if statuses.values().all(|status| status.sync.batches >= batches) {
            let count = [("count", batches.into())];
            teller.step(company.stage.now(), "step-everyone-looked", &count);
            return Ok(());
        }
        if Instant::now() > deadline {
            let late: Vec<&str> = statuses
                .iter()
                .filter(|(_, status)| status.sync.batches < batches)
                .map(|(id, _)| *id)
                .collect();
            return Err(DemoError::InVain(format!("{} to fetch every batch", late.join(", "))));
        }
        pass(company, HOUR).await?;
    }
}

/// Hours pass until every device has sent a look-alike; then time stands still, and both sides
/// are counted.
async fn count_look_alikes(
    company: &mut Company,
    teller: &Teller,
) -> Result<(BTreeMap<&'static str, Status>, BTreeMap<String, u64>), DemoError> {
    let deadline = Instant::now() + TIMEOUT;
    let sent = |person: &Person| person.events().iter().any(|event| event.event == "look_alike");
    while !company.people.iter().all(sent) && Instant::now() < deadline {
        pass(company, HOUR).await?;
    }
    let deadline = Instant::now() + COUNTING_TIMEOUT;
    loop {
        let statuses = statuses(company).await?;
        let statistics = company.authority()?.statistics().await?;
        let sent: u64 = statuses.values().map(|status| status.sync.dummy_uploads).sum();
        let answered = statistics.get("look_alike_publications").copied().unwrap_or(0);
        if sent == answered || Instant::now() > deadline {
            let count = [("count", sent.into())];
            teller.step(company.stage.now(), "step-look-alikes", &count);
            return Ok((statuses, statistics));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn verify_batches(company: &Company, teller: &Teller) -> Result<Verified, DemoError> {
    let authority = company.authority()?;
    let key: PathBuf = company.stage.folder().join("authority.pem");
    authority.write_public_key(&key).await?;
    let (folder, key) = (authority.exports(), key);
    let args = [
        "keys".as_ref(),
        "verify".as_ref(),
        folder.as_os_str(),
        "--public-key".as_ref(),
        key.as_os_str(),
        "--json".as_ref(),
    ];
    let verified: Verified = company.stage.host().run(Program::Daemon, &args).await?.json()?;
    let count = [("files", verified.verified.into()), ("keys", verified.keys.into())];
    teller.step(company.stage.now(), "step-verified", &count);
    Ok(verified)
}

/// Searches what the authority keeps for what it must not know: every identifier that anybody
/// broadcast, the code that staff gave to the case, the market's key and what its visitors' hours
/// derive from, every field of the declaration, the holder keys of its passes, the cards' numbers.
async fn search(
    company: &mut Company,
    code: &str,
    findings: &mut Findings,
) -> Result<(), DemoError> {
    let mut needles = Needles::default();
    let market = company.market()?;
    for stay in &MARKET_VISITS {
        market.add_secrets(stay.from.time(), stay.until.time(), &mut needles);
    }
    for identifier in company.eavesdropper.identifiers() {
        needles.add_bytes(&identifier);
    }
    needles.add_text(code);
    company.stage.act()?;
    add_secrets(company, &mut needles).await?;
    findings.searched = needles.len();
    let authority = company.authority()?;
    let cannot = || DemoError::files("cannot search what the authority keeps");
    let mut leaked = needles.found_under(authority.folder()).map_err(cannot())?;
    let log = company.stage.host().logs.join(LOG);
    leaked.extend(needles.found_in(&std::fs::read(log).map_err(cannot())?));
    findings.leaked = leaked.len();
    // What is certainly there must be found, or the search itself is broken.
    let mut present = Needles::default();
    present.add_text("rolling_period");
    findings.search_works = present.found_under(authority.folder()).map_err(cannot())?.len() == 1;
    Ok(())
}

async fn pass(company: &mut Company, seconds: u64) -> Result<(), DemoError> {
    for person in &mut company.people {
        if let Some(daemon) = person.daemon() {
            daemon.require_alive()?;
        }
    }
    let until = company.stage.now().plus(seconds);
    company.stage.pass_until(until, WAITING).await
}

async fn statuses(company: &Company) -> Result<BTreeMap<&'static str, Status>, DemoError> {
    let mut statuses = BTreeMap::new();
    for (character, person) in CAST.iter().zip(&company.people) {
        statuses.insert(character.id, person.status().await?);
    }
    Ok(statuses)
}
