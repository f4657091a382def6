//! A device's end of the simulated radio. Reconnects by itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rand::RngExt;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use vungxanh_protocol::advertisement::{ADVERTISEMENT_BYTES, Advertisement};
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};

use super::space::AirSighting;
use super::wire::{Command, FromHub, HubAnswer, Lines, MAX_ANSWER_BYTES, Request, to_line};
use crate::platform::threads::lock;
use crate::radio::{Advertiser, Radio, RadioError, RadioFuture, RadioState, Scanner, Sighting};

/// Real time between two attempts to reach the hub.
const RETRY: Duration = Duration::from_millis(200);
/// Requests that wait to be sent.
const QUEUE: usize = 16;
/// Radiated power in dBm.
const TX_POWER: i8 = 0;

/// The simulated radio of one device.
#[derive(Debug)]
pub struct AirRadio {
    name: String,
    requests: mpsc::Sender<Asked>,
    state: watch::Receiver<RadioState>,
    wanted: Arc<Wanted>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Asked {
    wish: Command,
    answer: oneshot::Sender<HubAnswer>,
}

/// What should be on the air whenever the radio is ready.
#[derive(Debug, Default)]
struct Wanted(Mutex<Option<Broadcast>>);

#[derive(Debug, Clone, Copy)]
struct Broadcast {
    payload: [u8; ADVERTISEMENT_BYTES],
    address: [u8; 6],
    timeout: Duration,
}

impl Wanted {
    fn lock(&self) -> MutexGuard<'_, Option<Broadcast>> {
        lock(&self.0)
    }

    /// Wants another payload, under a fresh address, or the same one for longer.
    fn want(&self, payload: [u8; ADVERTISEMENT_BYTES], timeout: Duration) {
        let mut wanted = self.lock();
        let same = wanted.filter(|before| before.payload == payload);
        let address = same.map_or_else(fresh_address, |before| before.address);
        *wanted = Some(Broadcast { payload, address, timeout });
    }

    fn wish(&self) -> Option<Command> {
        self.lock().map(|wanted| Command::Advertise {
            payload: hex::encode(wanted.payload),
            address: hex::encode(wanted.address),
            tx_power: TX_POWER,
            seconds: wanted.timeout.as_secs(),
        })
    }
}

/// A random non-resolvable private address: the two highest bits are 0 (Bluetooth Core, Vol 6,
/// Part B, 1.3.2.2).
fn fresh_address() -> [u8; 6] {
    let mut address: [u8; 6] = rand::rng().random();
    address[0] &= 0b0011_1111;
    address
}

impl AirRadio {
    /// The device `device` of the hub at `socket`, which may come later. Call within a tokio
    /// runtime.
    pub fn connect(socket: PathBuf, device: String) -> Self {
        let name = format!("air:{}#{device} (simulated)", socket.display());
        let (requests, asked) = mpsc::channel(QUEUE);
        let (state_sender, state) = watch::channel(RadioState::Missing);
        let wanted = Arc::new(Wanted::default());
        let link = HubLink { socket, device, asked, state: state_sender, wanted: wanted.clone() };
        let task = tokio::spawn(link.run());
        Self { name, requests, state, wanted, task }
    }

    async fn ask(&self, wish: Command) -> Result<HubAnswer, RadioError> {
        let missing = || RadioError::Missing(self.name.clone());
        let (answer, answered) = oneshot::channel();
        self.requests.send(Asked { wish, answer }).await.map_err(|_| missing())?;
        match answered.await.map_err(|_| missing())? {
            HubAnswer::SwitchedOff => Err(RadioError::SwitchedOff),
            HubAnswer::Refused { reason } => Err(RadioError::Refused(reason)),
            answer => Ok(answer),
        }
    }
}

impl Drop for AirRadio {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Advertiser for AirRadio {
    fn transmit_power(&self) -> Metadata {
        Metadata { confidence: CalibrationConfidence::High, tx_power: TX_POWER }
    }

    fn advertise(&self, advertisement: &Advertisement, timeout: Duration) -> RadioFuture<'_, ()> {
        self.wanted.want(advertisement.to_bytes(), timeout);
        Box::pin(async move {
            if let Some(wish) = self.wanted.wish() {
                self.ask(wish).await?;
            }
            Ok(())
        })
    }

    fn stop_advertising(&self) -> RadioFuture<'_, ()> {
        *self.wanted.lock() = None;
        Box::pin(async move {
            match self.ask(Command::Stop).await {
                // Nothing is on the air from a radio that is off or absent.
                Ok(_) | Err(RadioError::SwitchedOff | RadioError::Missing(_)) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }
}

impl Scanner for AirRadio {
    fn rssi_correction(&self) -> i8 {
        0
    }

    fn scan(&self, window: Duration) -> RadioFuture<'_, Vec<Sighting>> {
        Box::pin(async move {
            let seconds = window.as_millis().div_ceil(1_000).max(1) as u64;
            match self.ask(Command::Scan { seconds }).await? {
                HubAnswer::Sighting { receptions } => {
                    Ok(receptions.iter().flat_map(heard).collect())
                }
                _ => Err(RadioError::Refused("the hub answered something else".into())),
            }
        })
    }
}

impl Radio for AirRadio {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn state(&self) -> watch::Receiver<RadioState> {
        self.state.clone()
    }
}

/// The receptions of one sender; none if what it sends is no advertisement of ours.
fn heard(reception: &AirSighting) -> Vec<Sighting> {
    let advertisement =
        hex::decode(&reception.payload).ok().and_then(|raw| Advertisement::from_bytes(&raw).ok());
    let Some(advertisement) = advertisement else { return Vec::new() };
    reception.rssi.iter().map(|&rssi| Sighting { advertisement, rssi }).collect()
}

/// The background task that keeps the connection.
struct HubLink {
    socket: PathBuf,
    device: String,
    asked: mpsc::Receiver<Asked>,
    state: watch::Sender<RadioState>,
    wanted: Arc<Wanted>,
}

impl HubLink {
    async fn run(mut self) {
        loop {
            if let Ok(stream) = UnixStream::connect(&self.socket).await
                && let Err(error) = self.converse(stream).await
            {
                tracing::debug!(%error, "air: connection to the hub lost");
            }
            self.set_state(RadioState::Missing);
            if !self.turn_requests_away(RETRY).await {
                return;
            }
        }
    }

    fn set_state(&self, state: RadioState) {
        self.state.send_if_modified(|before| std::mem::replace(before, state) != state);
    }

    /// For `pause`, every request fails at once. False when the radio was dropped.
    async fn turn_requests_away(&mut self, pause: Duration) -> bool {
        let pause = tokio::time::sleep(pause);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => return true,
                asked = self.asked.recv() => if asked.is_none() { return false },
            }
        }
    }

    async fn converse(&mut self, stream: UnixStream) -> std::io::Result<()> {
        let (reader, writer) = stream.into_split();
        let mut lines: Lines<BufReader<OwnedReadHalf>> =
            Lines::new(BufReader::new(reader), MAX_ANSWER_BYTES);
        let mut requests = Requests { writer, next_id: 0, pending: HashMap::new() };
        requests.send(Command::Hello { name: self.device.clone() }, None).await?;
        loop {
            tokio::select! {
                asked = self.asked.recv() => match asked {
                    Some(Asked { wish, answer }) => requests.send(wish, Some(answer)).await?,
                    None => return Ok(()),
                },
                line = lines.next() => {
                    let Some(line) = line? else { return Ok(()) };
                    match serde_json::from_slice(&line)? {
                        FromHub::State { state } => {
                            self.set_state(state);
                            if state == RadioState::Ready
                                && let Some(wish) = self.wanted.wish()
                            {
                                requests.send(wish, None).await?;
                            }
                        }
                        FromHub::Answer { id, answer } => requests.answered(id, answer),
                    }
                }
            }
        }
    }
}

/// Requests on one connection. Dropping it fails those that wait for an answer.
struct Requests {
    writer: OwnedWriteHalf,
    next_id: u64,
    pending: HashMap<u64, oneshot::Sender<HubAnswer>>,
}

impl Requests {
    async fn send(
        &mut self,
        wish: Command,
        answer: Option<oneshot::Sender<HubAnswer>>,
    ) -> std::io::Result<()> {
        self.next_id += 1;
        if let Some(answer) = answer {
            self.pending.insert(self.next_id, answer);
        }
        self.writer.write_all(&to_line(&Request { id: self.next_id, wish })).await
    }

    fn answered(&mut self, id: u64, answer: HubAnswer) {
        match self.pending.remove(&id) {
            // The caller may have stopped waiting.
            Some(waiting) => drop(waiting.send(answer)),
            None => {
                if let HubAnswer::Refused { reason } = answer {
                    tracing::warn!(reason, "air: the hub refused");
                }
            }
        }
    }
}
