//! A run from the founding of the authority to the report.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::api::EXPORTS_PATH;
use vungxanh_protocol::authority::{DOCUMENT_PATH, VerifiedAuthority};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::intake::{INTAKE_KEYS_PATH, IntakeKey, IntakeKeys, WHOLE_AUTHORITY};
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{DayKey, PASS_KEYS_PATH, PassKeys, PassKind};

use super::actor::{Actor, Cache, Scene, list_path};
use super::bodies::{Origin, declaration};
use super::cost::{Cost, load};
use super::error::CountryError;
use super::pages::files_of;
use super::plan::{Measured, Play};
use super::player::play;
use super::report::{Check, Report};
use super::schedule::{Act, Event, day, steady};
use super::servers::{Servers, Settings};
use super::wire::Wire;

/// Cases before the day, so that there is a batch from its beginning on.
const CASES_BEFORE: u64 = 3;
/// How long after its last case everything of it is published: the running key's period of at most
/// six hours, and the readers' tolerance.
const UNTIL_PUBLISHED: u64 = 8 * 3_600;

/// An authority whose servers run, ready to be asked.
pub struct Session {
    scene: Arc<Scene>,
    servers: Servers,
    counts: Vec<(Act, u64)>,
    keys: (u16, IntakeKey, DayKey),
    settings: Settings,
    play: Play,
}

impl Session {
    /// Founds the authority, starts its servers, and waits until the first batch is there.
    pub async fn begin(settings: &Settings, play: Play) -> Result<Self, CountryError> {
        let mut rng = StdRng::seed_from_u64(play.seed);
        let servers = Servers::start(settings, &mut rng).await?;
        let wire = &mut Wire::new(&servers.addresses, 0)?;
        let origin = Origin { url: servers.url() };
        let now = servers.time.clock.now();
        let document = get(wire, &origin, DOCUMENT_PATH, "").await?;
        let authority = VerifiedAuthority::first_contact(&document, now)
            .map_err(|_| CountryError::Silent(DOCUMENT_PATH))?;
        let root = authority.root_key();
        let today = LocalTime::VIET_NAM.day(servers.time.day);
        let intake = get(wire, &origin, INTAKE_KEYS_PATH, "").await?;
        let intake = IntakeKeys::read(&intake, root, 0, now).ok();
        let intake = intake.and_then(|keys| keys.key_for(today, WHOLE_AUTHORITY).ok().cloned());
        let passes = get(wire, &origin, PASS_KEYS_PATH, "").await?;
        let passes = PassKeys::read(&passes, root, None).ok();
        let pass = passes.and_then(|keys| keys.key_for(today, PassKind::Live).ok().copied());
        let keys = (
            today,
            intake.ok_or(CountryError::Silent(INTAKE_KEYS_PATH))?,
            pass.ok_or(CountryError::Silent(PASS_KEYS_PATH))?,
        );
        let worker = get(wire, &origin, "service-worker.js", "").await?;
        let mut counts = play.country.day(&authority.document().tracing);
        counts.retain(|(act, _)| play.only.is_empty() || play.only.contains(act));
        let caches = (0..play.country.cache_nodes()).map(|_| tokio::sync::Mutex::default());
        let scene = Scene {
            servers: Arc::clone(&servers.addresses),
            origin,
            clock: servers.time.clock.clone(),
            document: authority.document().clone(),
            staff_key: servers.staff_key.clone(),
            staff: servers.staff().await?,
            files: files_of(&String::from_utf8_lossy(&worker)),
            declarations: Mutex::new(VecDeque::new()),
            caches: caches.collect::<Vec<tokio::sync::Mutex<Cache>>>(),
            logs: servers.logs(),
            seed: play.seed,
        };
        let mut session = Self {
            scene: Arc::new(scene),
            servers,
            counts,
            keys,
            settings: settings.clone(),
            play,
        };
        session.publish_first_batch().await?;
        Ok(session)
    }

    async fn publish_first_batch(&mut self) -> Result<(), CountryError> {
        let mut actor = Actor::new(&self.scene, 0)?;
        for number in 0..CASES_BEFORE {
            // Numbers that the day itself does not reach.
            let event = Event { due: Duration::ZERO, act: Act::Case, number: u64::MAX - number };
            let published = actor.perform(event, std::time::Instant::now()).await;
            published.map_err(|_| CountryError::InVain("the first cases to be published"))?;
        }
        let day = self.servers.time.day;
        self.servers.time.pass_until(day).await?;
        let (servers, origin) = (Arc::clone(&self.scene.servers), self.scene.origin.clone());
        Servers::eventually("the first batch", async || {
            let wire = &mut Wire::new(&servers, 0)?;
            let list = get(wire, &origin, &list_path(EXPORTS_PATH), "").await;
            Ok::<_, CountryError>(list.ok().filter(|list| !list.is_empty()).map(drop))
        })
        .await
    }

    /// Plays the day, waits until all of it is published, and compares what was done with what the server
    /// has counted.
    pub async fn play_day(mut self) -> Result<Report, CountryError> {
        let length = self.play.length();
        self.play.bounds.check(&self.counts, length)?;
        let counted_before = self.statistics().await?;
        self.prepare(&self.counts)?;
        let events = day(&self.counts, length, self.play.seed);
        self.servers.time.run_at(self.play.clock_speed)?;
        let measured = self.measure(events).await?;
        let over = self.servers.time.clock.now();
        self.servers.time.pass_until(over.plus(UNTIL_PUBLISHED)).await?;
        let published = self.await_publication().await?;
        let counted = self.statistics().await?;
        let mut checks: Vec<Check> = measured
            .played
            .tally
            .done
            .by_name()
            .into_iter()
            .map(|(name, done)| {
                let of = |statistics: &BTreeMap<String, u64>| statistics.get(name).copied();
                let counted =
                    of(&counted).unwrap_or_default() - of(&counted_before).unwrap_or_default();
                Check { what: name, done, counted }
            })
            .collect();
        checks.push(published);
        let report = self.report(measured, checks)?;
        self.servers.stop().await?;
        Ok(report)
    }

    /// Plays the acts at `per_second` in all, evenly, for `length`.
    pub(super) async fn play_steadily(
        &mut self,
        per_second: f64,
        length: Duration,
        step: u64,
    ) -> Result<Measured, CountryError> {
        let all: u64 = self.counts.iter().map(|(_, count)| count).sum();
        let share = per_second * length.as_secs_f64() / all.max(1) as f64;
        let counts: Vec<(Act, u64)> = self
            .counts
            .iter()
            .map(|(act, count)| (*act, (*count as f64 * share).round() as u64))
            .collect();
        self.play.bounds.check(&counts, length)?;
        self.reseed(self.play.seed.wrapping_add(1 + step));
        self.prepare(&counts)?;
        let events = steady(&counts, length, self.scene.seed);
        self.measure(events).await
    }

    /// Other keys and telephones than before.
    fn reseed(&mut self, seed: u64) {
        if let Some(scene) = Arc::get_mut(&mut self.scene) {
            scene.seed = seed;
        }
    }

    /// Makes the declarations that will be sent.
    fn prepare(&self, counts: &[(Act, u64)]) -> Result<(), CountryError> {
        let wanted = counts.iter().find(|(act, _)| *act == Act::Declaration);
        let (day, key, pass_key) = &self.keys;
        let rng = &mut Act::Declaration.rng(self.scene.seed, 1, 0);
        let mut made = self.scene.declarations.lock().unwrap_or_else(PoisonError::into_inner);
        made.clear();
        for _ in 0..wanted.map_or(0, |(_, count)| *count) {
            let body = declaration(&self.scene.document.id, (*day, key), pass_key, rng);
            made.push_back(body.ok_or(CountryError::Silent("the keys of declarations"))?);
        }
        Ok(())
    }

    async fn measure(&self, events: Vec<Event>) -> Result<Measured, CountryError> {
        let own = || Cost::of_this().map_err(CountryError::files("this process's figures"));
        let (before, own_before) = (self.servers.cost()?, own()?);
        let database_before = self.servers.database_cost()?;
        let played = play(&self.scene, events, self.play.bounds).await?;
        let servers = self.servers.cost()? - before;
        let database = self.servers.database_cost()?.zip(database_before);
        let database = database.map(|(after, before)| after - before);
        Ok(Measured { played, servers, database, generator: own()? - own_before, load: load() })
    }

    /// Waits until the lists name as many keys as the server has received.
    async fn await_publication(&self) -> Result<Check, CountryError> {
        let received = |statistics: &BTreeMap<String, u64>| {
            let of = |name| statistics.get(name).copied().unwrap_or_default();
            Check {
                what: "keys published",
                done: of("keys_received"),
                counted: of("keys_published"),
            }
        };
        let published = Servers::eventually("the keys of the day to be published", async || {
            let check = received(&self.statistics().await?);
            Ok::<_, CountryError>((check.counted >= check.done).then_some(check))
        });
        match published.await {
            // The report shows it.
            Err(CountryError::InVain(_)) => Ok(received(&self.statistics().await?)),
            published => published,
        }
    }

    /// The server's own totals.
    async fn statistics(&self) -> Result<BTreeMap<String, u64>, CountryError> {
        let wire = &mut Wire::new(&self.scene.servers, 0)?;
        let headers = format!("x-api-key: {}\r\n", self.scene.staff_key);
        let totals = get(wire, &self.scene.origin, "v1/statistics", &headers).await?;
        serde_json::from_slice(&totals).map_err(|_| CountryError::Silent("v1/statistics"))
    }

    fn report(&self, measured: Measured, checks: Vec<Check>) -> Result<Report, CountryError> {
        let stored = self.servers.stored_bytes()?;
        Ok(Report::new(&self.settings, &self.play, &self.counts, measured, checks, stored))
    }

    /// Ends the servers.
    pub(super) async fn end(self) -> Result<(), CountryError> {
        Ok(self.servers.stop().await?)
    }

    /// Lets real time pass at its own pace.
    pub(super) fn real_time(&mut self) -> Result<(), CountryError> {
        self.servers.time.run_at(1)
    }
}

async fn get(
    wire: &mut Wire,
    origin: &Origin,
    path: &str,
    headers: &str,
) -> Result<Vec<u8>, CountryError> {
    let answer = wire.exchange(&origin.get(path, headers)).await?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(CountryError::Refused { path: path.to_owned(), status }),
    }
}
