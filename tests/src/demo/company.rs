//! Everything that runs for the demo, and how it ends: nothing of it stays behind.

use std::path::PathBuf;

use tokio::task::JoinSet;
use vungxanh_daemon::radio::air::Point;

use super::door::{Door, DoorSecrets};
use super::eavesdropper::Eavesdropper;
use super::market::Market;
use super::story::{BEGINNING, CAST, Scene, WALLS};
use crate::harness::authority::Authority;
use crate::harness::person::Person;
use crate::harness::process::{ProcessError, Running, STOP_TIMEOUT, is_alive};
use crate::harness::stage::{DemoError, Stage};

/// The authority, the people and the stage. Dropping it kills and removes everything.
#[derive(Debug)]
pub struct Company {
    // Dropped in this order: the folder goes last.
    /// The person who is just being started, with the place in the cast.
    pub starting: JoinSet<Result<(usize, Person), ProcessError>>,
    /// In the order of the cast.
    pub people: Vec<Person>,
    /// Once it is founded.
    pub authority: Option<Authority>,
    /// Once it has its poster.
    pub market: Option<Market>,
    /// Once its staff have a phone.
    pub door: Option<Door>,
    /// Of the declaration and the cards.
    pub secrets: DoorSecrets,
    /// Who records everything on the air.
    pub eavesdropper: Eavesdropper,
    /// Where it all takes place.
    pub stage: Stage,
}

/// What was left after everything was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// Programs that had to be killed because they did not stop when asked to.
    pub killed: Vec<String>,
    /// Processes that are still there.
    pub processes: Vec<u32>,
    /// The folder, if it is still there.
    pub folder: Option<PathBuf>,
}

impl Remains {
    /// Whether nothing is left and every program stopped when asked to.
    pub fn are_none(&self) -> bool {
        self.killed.is_empty() && self.processes.is_empty() && self.folder.is_none()
    }
}

impl Company {
    /// An empty stage: everyone at home, nothing running yet.
    pub async fn gather(seed: u64, language: &'static str) -> Result<Self, DemoError> {
        let executable = std::env::current_exe()
            .map_err(DemoError::files("cannot tell where this program is"))?;
        let stage = Stage::set_up(executable, BEGINNING.time(), seed, language).await?;
        stage.hub().set_walls(WALLS.to_vec());
        let ids = CAST.map(|character| character.id);
        let eavesdropper = Eavesdropper::start(&stage.socket(), &ids, &stage.clock());
        let (starting, people, authority, market) = (JoinSet::new(), Vec::new(), None, None);
        let (door, secrets) = (None, DoorSecrets::default());
        let company =
            Self { starting, people, authority, market, door, secrets, eavesdropper, stage };
        company.everyone_home();
        Ok(company)
    }

    /// Puts everyone where the scene wants them. Time should stand still meanwhile.
    pub fn place(&self, scene: &Scene) {
        for character in &CAST {
            let place = scene.places.iter().find(|(id, _)| *id == character.id);
            self.put(character.id, place.map_or(character.home, |(_, place)| *place));
        }
    }

    pub fn everyone_home(&self) {
        for character in &CAST {
            self.put(character.id, character.home);
        }
    }

    /// Puts one person somewhere.
    pub fn put(&self, id: &str, place: Point) {
        self.stage.hub().place(id, place);
        Eavesdropper::follow(self.stage.hub(), id, place);
    }

    pub fn authority(&self) -> Result<&Authority, DemoError> {
        self.authority.as_ref().ok_or_else(|| DemoError::InVain("an authority".into()))
    }

    pub fn market(&mut self) -> Result<&mut Market, DemoError> {
        self.market.as_mut().ok_or_else(|| DemoError::InVain("a market".into()))
    }

    pub fn door(&mut self) -> Result<&mut Door, DemoError> {
        self.door.as_mut().ok_or_else(|| DemoError::InVain("a door".into()))
    }

    /// The person of this id.
    pub fn person(&self, id: &str) -> Result<&Person, DemoError> {
        let missing = || DemoError::InVain(format!("a person called {id}"));
        self.people.iter().find(|person| person.id() == id).ok_or_else(missing)
    }

    /// Stops all programs and removes everything.
    pub async fn tear_down(mut self) -> Remains {
        // Once they have gone nothing of them writes into the folder that is about to be removed.
        self.starting.shutdown().await;
        let mut running: Vec<Running> =
            self.people.iter_mut().filter_map(Person::take_daemon).collect();
        running.extend(self.authority.as_mut().and_then(Authority::take_server));
        let pids: Vec<u32> = running.iter().map(Running::pid).collect();
        for program in &mut running {
            program.tell_to_stop();
        }
        let mut killed = Vec::new();
        for mut program in running {
            if let Err(ProcessError::Late { name, .. }) = program.ended(STOP_TIMEOUT).await {
                killed.push(name);
            }
        }
        let folder = self.stage.folder().to_owned();
        drop(self);
        Remains {
            killed,
            processes: pids.into_iter().filter(|pid| is_alive(*pid)).collect(),
            folder: folder.exists().then_some(folder),
        }
    }
}
