//! The hub of the simulated radio: listens on a Unix socket and serves any number of devices.
//!
//! Whatever a client sends, or however it dies, concerns its own connection only.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use vungxanh_protocol::advertisement::ADVERTISEMENT_BYTES;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use super::channel::Channel;
use super::space::{Activity, Person, Point, Space, Transmission, Wall};
use super::wire::{
    Command, FromHub, HubAnswer, Lines, MAX_REQUEST_BYTES, Request, is_valid_name, to_line,
};
use crate::platform::threads::lock;
use crate::radio::RadioState;

/// How many clients and how many devices a hub serves.
const MAX_DEVICES: usize = 1_024;
/// How many walls stand.
const MAX_WALLS: usize = 1_024;
/// How many requests of one client are served at a time: scans take long.
const MAX_PENDING: usize = 8;
/// How many messages wait for a client that does not read.
const OUTBOX: usize = 64;
/// The longest scan, in seconds.
const MAX_SCAN_SECONDS: u64 = 3_600;
/// The farthest place, in metres.
const MAX_COORDINATE_M: f64 = 1e6;

/// What a hub simulates.
#[derive(Debug, Clone, Copy, Default)]
pub struct AirSettings {
    /// All chance comes from here.
    pub seed: u64,
    pub channel: Channel,
}

/// Why a hub did not start.
#[derive(Debug, thiserror::Error)]
pub enum AirError {
    /// The socket belongs to a living hub or program.
    #[error("{0} is in use by another process; choose another socket")]
    InUse(PathBuf),
    /// The socket could not be made.
    #[error("cannot listen on {path}: {source}")]
    Listen { path: PathBuf, source: io::Error },
}

/// A running hub. Dropping it disconnects everyone and removes the socket.
#[derive(Debug)]
pub struct AirHub {
    shared: Arc<HubState>,
    accepting: JoinHandle<()>,
    socket: PathBuf,
}

impl AirHub {
    /// Listens on `socket` (a new file, or one that a dead hub left). Scan windows and timeouts
    /// are counted by `clock`. Call within a tokio runtime.
    pub async fn start(
        socket: &Path,
        settings: AirSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AirError> {
        let failed = |source| AirError::Listen { path: socket.into(), source };
        remove_dead(socket).await?;
        let listener = UnixListener::bind(socket).map_err(failed)?;
        std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let shared = Arc::new(HubState {
            space: Mutex::new(Space::new(settings.seed, settings.channel)),
            outboxes: Mutex::new(HashMap::new()),
            clock,
            connections: AtomicU64::new(0),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { shared, accepting, socket: socket.into() })
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Places or moves a device, whether it is connected already or not.
    pub fn place(&self, name: &str, place: Point) {
        self.shared.space().place(name, place);
    }

    /// Puts up these walls in place of those before.
    pub fn set_walls(&self, walls: Vec<Wall>) {
        self.shared.space().set_walls(walls);
    }

    /// Switches a device's adapter on or off and notifies its client.
    pub fn switch_adapter(&self, name: &str, on: bool) {
        self.shared.switch_adapter(name, on);
    }

    pub fn people(&self) -> Vec<Person> {
        self.shared.people()
    }

    /// A view on what the devices do that outlives no hub.
    pub fn watcher(&self) -> AirWatcher {
        AirWatcher(Arc::downgrade(&self.shared))
    }
}

/// Looks at what devices do on the air, from any thread.
#[derive(Debug, Clone)]
pub struct AirWatcher(Weak<HubState>);

impl AirWatcher {
    /// What each connected device with its adapter on has done last; nothing once the hub is gone.
    pub fn activity(&self) -> Vec<Activity> {
        let activity = |shared: Arc<HubState>| shared.space().activity(shared.clock.now());
        self.0.upgrade().map(activity).unwrap_or_default()
    }
}

impl Drop for AirHub {
    fn drop(&mut self) {
        self.accepting.abort();
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Removes a socket on which no one listens any more; leaves everything that is not a socket.
async fn remove_dead(socket: &Path) -> Result<(), AirError> {
    let is_socket =
        std::fs::symlink_metadata(socket).is_ok_and(|found| found.file_type().is_socket());
    if !is_socket {
        return Ok(());
    }
    match UnixStream::connect(socket).await {
        Ok(_) => Err(AirError::InUse(socket.into())),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(socket)
                .map_err(|source| AirError::Listen { path: socket.into(), source })
        }
        Err(_) => Ok(()),
    }
}

struct HubState {
    space: Mutex<Space>,
    outboxes: Mutex<HashMap<u64, mpsc::Sender<FromHub>>>,
    clock: Arc<dyn Clock>,
    connections: AtomicU64,
}

impl std::fmt::Debug for HubState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubState").finish_non_exhaustive()
    }
}

impl HubState {
    fn space(&self) -> MutexGuard<'_, Space> {
        lock(&self.space)
    }

    fn outboxes(&self) -> MutexGuard<'_, HashMap<u64, mpsc::Sender<FromHub>>> {
        lock(&self.outboxes)
    }

    fn people(&self) -> Vec<Person> {
        self.space().people(self.clock.now())
    }

    fn switch_adapter(&self, name: &str, on: bool) {
        let connection = {
            let mut space = self.space();
            space.switch_adapter(name, on);
            space.connection_of(name)
        };
        let outbox = connection.and_then(|id| self.outboxes().get(&id).cloned());
        if let Some(outbox) = outbox {
            // A client that does not read misses it, and sees at its next request.
            let _ = outbox.try_send(FromHub::State { state: adapter_state(on) });
        }
    }

    async fn wait_until(&self, until: UnixTime) {
        while self.clock.now() < until {
            tokio::time::sleep(self.clock.poll_interval(until)).await;
        }
    }
}

fn adapter_state(on: bool) -> RadioState {
    if on { RadioState::Ready } else { RadioState::SwitchedOff }
}

async fn accept(listener: UnixListener, shared: Arc<HubState>) {
    let mut clients = JoinSet::new();
    loop {
        while clients.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) if clients.len() < MAX_DEVICES => {
                let id = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
                clients.spawn(Connection::new(id, shared.clone()).run(stream));
            }
            Ok(_) => tracing::warn!("air: too many clients, one was turned away"),
            Err(error) => {
                tracing::warn!(%error, "air: cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

struct Connection {
    id: u64,
    shared: Arc<HubState>,
    /// The device that it speaks for, once it has said so.
    name: Option<String>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.outboxes().remove(&self.id);
        if let Some(name) = &self.name {
            self.shared.space().disconnect(name, self.id);
        }
    }
}

impl Connection {
    fn new(id: u64, shared: Arc<HubState>) -> Self {
        Self { id, shared, name: None }
    }

    async fn run(mut self, stream: UnixStream) {
        let (reader, writer) = stream.into_split();
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        self.shared.outboxes().insert(self.id, outbox.clone());
        let mut lines = Lines::new(BufReader::new(reader), MAX_REQUEST_BYTES);
        // In sets, so that they end with this connection however it ends.
        let mut writing = JoinSet::new();
        writing.spawn(write_out(writer, inbox));
        let mut scans = JoinSet::new();
        loop {
            let line = match lines.next().await {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    let answer = refused(&format!("disconnected: {error}"));
                    let _ = outbox.try_send(FromHub::Answer { id: 0, answer });
                    break;
                }
            };
            while scans.try_join_next().is_some() {}
            if !self.serve(&line, &outbox, &mut scans).await {
                break;
            }
        }
        // Let what was said be written, but wait for no one who does not read.
        self.shared.outboxes().remove(&self.id);
        drop((outbox, scans));
        let _ = tokio::time::timeout(Duration::from_secs(1), writing.join_next()).await;
    }

    /// Serves one line. False when the client does not take the answer.
    async fn serve(
        &mut self,
        line: &[u8],
        outbox: &mpsc::Sender<FromHub>,
        scans: &mut JoinSet<()>,
    ) -> bool {
        let Ok(Request { id, wish }) = serde_json::from_slice(line) else {
            let answer = refused("not a request of the simulated radio");
            return outbox.send(FromHub::Answer { id: 0, answer }).await.is_ok();
        };
        let says_hello = matches!(wish, Command::Hello { .. });
        let answer = match wish {
            Command::Scan { seconds } => match self.scan(id, seconds, outbox, scans) {
                Ok(()) => return true,
                Err(answer) => answer,
            },
            wish => self.grant(wish).unwrap_or_else(|answer| answer),
        };
        let accepted = answer == HubAnswer::Done;
        if outbox.send(FromHub::Answer { id, answer }).await.is_err() {
            return false;
        }
        if says_hello
            && accepted
            && let Some(name) = &self.name
        {
            let state = adapter_state(self.shared.space().adapter_is_on(name));
            return outbox.send(FromHub::State { state }).await.is_ok();
        }
        true
    }

    /// Everything but scans. Both sides are answers; `Err` is for early returns.
    fn grant(&mut self, wish: Command) -> Result<HubAnswer, HubAnswer> {
        match wish {
            Command::Hello { name } => self.hello(name)?,
            Command::Advertise { payload, address, tx_power, seconds } => {
                let name = self.device()?;
                check_hex(&payload, 1..=ADVERTISEMENT_BYTES, "payload")?;
                check_hex(&address, 6..=6, "address")?;
                let since = self.shared.clock.now();
                let until = since.plus(seconds);
                let transmission = Transmission { payload, address, tx_power, since, until };
                self.shared.space().transmit(name, Some(transmission));
            }
            Command::Stop => {
                let name = self.device()?;
                self.shared.space().transmit(name, None);
            }
            Command::Place { name, place } => {
                self.check_name(&name)?;
                check_place(place)?;
                self.shared.space().place(&name, place);
            }
            Command::Walls { walls } => {
                if walls.len() > MAX_WALLS {
                    return Err(refused("too many walls"));
                }
                for wall in &walls {
                    check_place(wall.from)?;
                    check_place(wall.to)?;
                }
                self.shared.space().set_walls(walls);
            }
            Command::Adapter { name, on } => {
                self.check_name(&name)?;
                self.shared.switch_adapter(&name, on);
            }
            Command::People => return Ok(HubAnswer::People { people: self.shared.people() }),
            Command::Scan { .. } => return Err(refused("scans are served elsewhere")),
        }
        Ok(HubAnswer::Done)
    }

    fn hello(&mut self, name: String) -> Result<(), HubAnswer> {
        if self.name.is_some() {
            return Err(refused("hello was said before"));
        }
        self.check_name(&name)?;
        self.shared.space().connect(&name, self.id);
        self.name = Some(name);
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<(), HubAnswer> {
        if !is_valid_name(name) {
            return Err(refused("a name has 1 to 64 letters, digits or - _ ."));
        }
        let mut space = self.shared.space();
        if space.len() >= MAX_DEVICES && !space.contains(name) {
            space.drop_unconnected();
        }
        if space.len() >= MAX_DEVICES && !space.contains(name) {
            return Err(refused("too many devices"));
        }
        Ok(())
    }

    /// The device for which this connection speaks, its adapter on.
    fn device(&self) -> Result<&str, HubAnswer> {
        let name = self.name.as_deref().ok_or_else(|| refused("say hello first"))?;
        let space = self.shared.space();
        if !space.speaks_for(name, self.id) {
            return Err(refused("another client has taken this device's name"));
        }
        if !space.adapter_is_on(name) {
            return Err(HubAnswer::SwitchedOff);
        }
        Ok(name)
    }

    /// Begins a scan; its answer comes when the window is over.
    fn scan(
        &self,
        id: u64,
        seconds: u64,
        outbox: &mpsc::Sender<FromHub>,
        scans: &mut JoinSet<()>,
    ) -> Result<(), HubAnswer> {
        let name = self.device()?.to_owned();
        if !(1..=MAX_SCAN_SECONDS).contains(&seconds) {
            return Err(refused("a scan lasts 1 to 3600 seconds"));
        }
        if scans.len() >= MAX_PENDING {
            return Err(refused("too many scans at a time"));
        }
        let begun = self.shared.clock.now();
        self.shared.space().begins_scan(&name, begun);
        let (shared, outbox) = (self.shared.clone(), outbox.clone());
        scans.spawn(async move {
            shared.wait_until(begun.plus(seconds)).await;
            let answer = shared.heard_by(&name, seconds);
            let _ = outbox.send(FromHub::Answer { id, answer }).await;
        });
        Ok(())
    }
}

impl HubState {
    fn heard_by(&self, name: &str, seconds: u64) -> HubAnswer {
        let mut space = self.space();
        if !space.adapter_is_on(name) {
            return HubAnswer::SwitchedOff;
        }
        let window = Duration::from_secs(seconds);
        HubAnswer::Sighting { receptions: space.receptions(name, window, self.clock.now()) }
    }
}

async fn write_out(mut writer: OwnedWriteHalf, mut inbox: mpsc::Receiver<FromHub>) {
    while let Some(message) = inbox.recv().await {
        if writer.write_all(&to_line(&message)).await.is_err() {
            return;
        }
    }
}

fn refused(reason: &str) -> HubAnswer {
    HubAnswer::Refused { reason: reason.into() }
}

fn check_place(place: Point) -> Result<(), HubAnswer> {
    let sane = |coordinate: f64| coordinate.abs() <= MAX_COORDINATE_M;
    if sane(place.x) && sane(place.y) { Ok(()) } else { Err(refused("that place is too far away")) }
}

fn check_hex(
    text: &str,
    bytes: std::ops::RangeInclusive<usize>,
    what: &str,
) -> Result<(), HubAnswer> {
    match hex::decode(text) {
        Ok(decoded) if bytes.contains(&decoded.len()) => Ok(()),
        _ => Err(refused(&format!(
            "the {what} must be {} to {} bytes in hex",
            bytes.start(),
            bytes.end()
        ))),
    }
}
