//! Devices and a hub in one process, over a real socket.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::EncryptedMetadata;

use super::wire::{FromHub, HubAnswer, Lines, MAX_REQUEST_BYTES};
use super::*;
use crate::radio::calibration::Calibration;
use crate::radio::{self, Advertiser, Radio, RadioError, RadioState, Scanner};

const WINDOW: Duration = Duration::from_secs(4);
const TIMEOUT: Duration = Duration::from_secs(86_400);

/// 500 times as fast as real time.
struct FastClock(Instant);

impl Clock for FastClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(1_700_000_000 + (self.0.elapsed().as_millis() as u64) / 2)
    }

    fn poll_interval(&self, _until: UnixTime) -> Duration {
        Duration::from_millis(2)
    }
}

fn calibration() -> Calibration {
    Calibration::of_this_machine(Path::new("/nonexistent")).unwrap()
}

struct Bench {
    folder: TempDir,
    hub: Option<AirHub>,
    clock: Arc<FastClock>,
}

impl Bench {
    async fn new() -> Self {
        let clock = Arc::new(FastClock(Instant::now()));
        let mut bench = Self { folder: TempDir::new().unwrap(), hub: None, clock };
        bench.start_hub().await;
        bench
    }

    async fn start_hub(&mut self) {
        let settings = AirSettings { seed: 7, ..AirSettings::default() };
        let hub = AirHub::start(&self.socket(), settings, self.clock.clone()).await.unwrap();
        self.hub = Some(hub);
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("air.sock")
    }

    fn hub(&self) -> &AirHub {
        self.hub.as_ref().unwrap()
    }

    async fn device(&self, name: &str, x: f64) -> AirRadio {
        self.hub().place(name, Point { x, y: 0.0 });
        let radio = AirRadio::connect(self.socket(), name.into());
        becomes(&radio, RadioState::Ready).await;
        radio
    }

    async fn raw(&self) -> UnixStream {
        UnixStream::connect(self.socket()).await.unwrap()
    }
}

async fn becomes(radio: &AirRadio, wanted: RadioState) {
    let mut state = radio.state();
    tokio::time::timeout(Duration::from_secs(20), state.wait_for(|state| *state == wanted))
        .await
        .unwrap_or_else(|_| panic!("{} never became {wanted:?}", radio.name()))
        .unwrap();
}

fn advertisement(byte: u8) -> Advertisement {
    Advertisement {
        identifier: RollingProximityIdentifier([byte; 16]),
        metadata: EncryptedMetadata([byte; 4]),
    }
}

async fn senders(radio: &AirRadio) -> HashSet<Advertisement> {
    radio.scan(WINDOW).await.unwrap().into_iter().map(|heard| heard.advertisement).collect()
}

#[tokio::test]
async fn devices_hear_the_others_as_loudly_as_they_are_near() {
    let bench = Bench::new().await;
    let near = bench.device("near", 1.0).await;
    let far = bench.device("far", 8.0).await;
    let out_of_reach = bench.device("away", 5_000.0).await;
    let listener = bench.device("listener", 0.0).await;
    near.advertise(&advertisement(1), TIMEOUT).await.unwrap();
    far.advertise(&advertisement(2), TIMEOUT).await.unwrap();
    out_of_reach.advertise(&advertisement(3), TIMEOUT).await.unwrap();
    listener.advertise(&advertisement(4), TIMEOUT).await.unwrap();

    let heard = listener.scan(WINDOW).await.unwrap();
    let of = |byte| {
        let rssi = heard.iter().filter(move |h| h.advertisement == advertisement(byte));
        rssi.map(|h| i32::from(h.rssi)).collect::<Vec<_>>()
    };
    let mean = |rssi: Vec<i32>| rssi.iter().sum::<i32>() / rssi.len() as i32;
    assert!((8..=16).contains(&of(1).len()), "{heard:?}");
    assert!(mean(of(1)) > mean(of(2)) + 2, "{heard:?}");
    assert!(of(3).is_empty() && of(4).is_empty());
    assert_eq!(senders(&out_of_reach).await, HashSet::new());
}

#[tokio::test]
async fn the_latest_advertisement_replaces_and_stop_silences() {
    let bench = Bench::new().await;
    let (sender, listener) = (bench.device("a", 0.0).await, bench.device("b", 1.0).await);
    sender.advertise(&advertisement(1), TIMEOUT).await.unwrap();
    sender.advertise(&advertisement(2), TIMEOUT).await.unwrap();
    assert_eq!(senders(&listener).await, HashSet::from([advertisement(2)]));
    sender.stop_advertising().await.unwrap();
    assert_eq!(senders(&listener).await, HashSet::new());
}

#[tokio::test]
async fn an_advertisement_ends_at_its_timeout() {
    let bench = Bench::new().await;
    let (sender, listener) = (bench.device("a", 0.0).await, bench.device("b", 1.0).await);
    sender.advertise(&advertisement(1), Duration::from_secs(2)).await.unwrap();
    assert_eq!(senders(&listener).await, HashSet::new());
}

#[tokio::test]
async fn a_switched_off_adapter_neither_sends_nor_hears_and_resumes_by_itself() {
    let bench = Bench::new().await;
    let (sender, listener) = (bench.device("a", 0.0).await, bench.device("b", 1.0).await);
    sender.advertise(&advertisement(1), TIMEOUT).await.unwrap();
    bench.hub().switch_adapter("a", false);
    becomes(&sender, RadioState::SwitchedOff).await;
    assert!(matches!(sender.scan(WINDOW).await, Err(RadioError::SwitchedOff)));
    let refused = sender.advertise(&advertisement(2), TIMEOUT).await;
    assert!(matches!(refused, Err(RadioError::SwitchedOff)));
    assert_eq!(senders(&listener).await, HashSet::new());

    bench.hub().switch_adapter("a", true);
    becomes(&sender, RadioState::Ready).await;
    // Any request after the state was announced is served after what the radio sent by itself.
    sender.scan(WINDOW).await.unwrap();
    assert_eq!(senders(&listener).await, HashSet::from([advertisement(2)]));
}

#[tokio::test]
async fn devices_return_when_the_hub_does() {
    let mut bench = Bench::new().await;
    let (sender, listener) = (bench.device("a", 0.0).await, bench.device("b", 1.0).await);
    sender.advertise(&advertisement(1), TIMEOUT).await.unwrap();
    bench.hub = None;
    assert!(!bench.socket().exists());
    becomes(&sender, RadioState::Missing).await;
    becomes(&listener, RadioState::Missing).await;
    assert!(matches!(listener.scan(WINDOW).await, Err(RadioError::Missing(_))));
    sender.stop_advertising().await.unwrap();
    assert!(sender.advertise(&advertisement(2), TIMEOUT).await.is_err());

    bench.start_hub().await;
    becomes(&sender, RadioState::Ready).await;
    becomes(&listener, RadioState::Ready).await;
    sender.scan(WINDOW).await.unwrap();
    assert_eq!(senders(&listener).await, HashSet::from([advertisement(2)]));
}

#[tokio::test]
async fn a_radio_may_be_opened_before_its_hub_and_through_its_name() {
    let mut bench = Bench::new().await;
    bench.hub = None;
    let spec = format!("air:{}#early", bench.socket().display());
    let radio = radio::open(Some(&spec), calibration()).unwrap();
    assert_eq!(radio.name(), format!("{spec} (simulated)"));
    bench.start_hub().await;
    radio.state().wait_for(|state| *state == RadioState::Ready).await.unwrap();
    assert_eq!(bench.hub().people()[0].name, "early");
}

#[tokio::test]
async fn the_simulated_radio_is_never_chosen_silently() {
    assert!(radio::open(None, calibration()).unwrap().name().starts_with("bluez"));
    for unknown in ["", "wifi", "/tmp/air.sock#lan"] {
        assert!(matches!(
            radio::open(Some(unknown), calibration()),
            Err(RadioError::UnknownRadio(_))
        ));
    }
    for bad in [
        "bluez:eth0",
        "bluezhci0",
        "air:",
        "air:/tmp/air.sock",
        "air:#lan",
        "air:/tmp/s#",
        "air:/tmp/s#a b",
    ] {
        assert!(
            matches!(radio::open(Some(bad), calibration()), Err(RadioError::BadSpec { .. })),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn garbage_and_deaths_disturb_nobody() {
    let bench = Bench::new().await;
    let (sender, listener) = (bench.device("a", 0.0).await, bench.device("b", 1.0).await);
    sender.advertise(&advertisement(1), TIMEOUT).await.unwrap();

    let mut garbage = bench.raw().await;
    garbage.write_all(b"\n{}\nnonsense\n\xff\xfe\n{\"id\":1,\"do\":\"stop\"}\n").await.unwrap();
    garbage.write_all(b"{\"id\":2,\"do\":\"hello\",\"name\":\"a b\"}\n").await.unwrap();
    garbage
        .write_all(b"{\"id\":3,\"do\":\"place\",\"name\":\"a\",\"x\":1e300,\"y\":0}\n")
        .await
        .unwrap();
    let (reader, mut writer) = garbage.split();
    let mut lines = Lines::new(BufReader::new(reader), 4_096);
    for expected in [0, 0, 0, 0, 1, 2, 3] {
        let line = lines.next().await.unwrap().unwrap();
        let FromHub::Answer { id, answer } = serde_json::from_slice(&line).unwrap() else {
            panic!("no answer")
        };
        assert_eq!(id, expected);
        assert!(matches!(answer, HubAnswer::Refused { .. }));
    }
    writer.write_all(b"{\"id\":4,\"do\":\"hel").await.unwrap();
    drop(garbage);

    let mut endless = bench.raw().await;
    // The hub may hang up while this is being written.
    let _ = endless.write_all(&vec![b'x'; 2 * MAX_REQUEST_BYTES]).await;
    let mut said = Vec::new();
    let _ = endless.read_to_end(&mut said).await;

    let mut scanning = bench.raw().await;
    scanning
        .write_all(b"{\"id\":1,\"do\":\"hello\",\"name\":\"c\"}\n{\"id\":2,\"do\":\"scan\",\"seconds\":3600}\n")
        .await
        .unwrap();
    drop(scanning);

    assert_eq!(senders(&listener).await, HashSet::from([advertisement(1)]));
    drop(sender);
    while bench.hub().people().iter().any(|person| person.name == "a" && person.connected) {
        tokio::task::yield_now().await;
    }
    assert_eq!(senders(&listener).await, HashSet::new());
}

#[tokio::test]
async fn what_is_no_advertisement_is_not_handed_on() {
    let bench = Bench::new().await;
    let listener = bench.device("b", 1.0).await;
    let mut stranger = bench.raw().await;
    stranger
        .write_all(
            b"{\"id\":1,\"do\":\"hello\",\"name\":\"beacon\"}\n\
              {\"id\":2,\"do\":\"advertise\",\"payload\":\"0201060303aafe\",\
              \"address\":\"001122334455\",\"tx_power\":0,\"seconds\":999999}\n",
        )
        .await
        .unwrap();
    while !bench.hub().people().iter().any(|person| person.advertising) {
        tokio::task::yield_now().await;
    }
    assert_eq!(senders(&listener).await, HashSet::new());
}

#[tokio::test]
async fn the_address_changes_with_the_payload() {
    let bench = Bench::new().await;
    let sender = bench.device("a", 0.0).await;
    let stream = bench.raw().await;
    let (reader, mut writer) = stream.into_split();
    let mut lines = Lines::new(BufReader::new(reader), 65_536);
    writer.write_all(b"{\"id\":1,\"do\":\"hello\",\"name\":\"sniffer\"}\n").await.unwrap();
    let mut seen = HashSet::new();
    for byte in 0..4 {
        sender.advertise(&advertisement(byte), TIMEOUT).await.unwrap();
        writer.write_all(b"{\"id\":2,\"do\":\"scan\",\"seconds\":4}\n").await.unwrap();
        let reception = loop {
            let line = lines.next().await.unwrap().unwrap();
            if let FromHub::Answer { answer: HubAnswer::Sighting { mut receptions }, .. } =
                serde_json::from_slice(&line).unwrap()
            {
                break receptions.remove(0);
            }
        };
        assert_eq!(hex::decode(&reception.address).unwrap()[0] >> 6, 0, "non-resolvable");
        assert!(seen.insert(reception.payload));
        assert!(seen.insert(reception.address));
    }
}

#[tokio::test]
async fn one_hub_to_a_socket() {
    let bench = Bench::new().await;
    let again = |socket: PathBuf| {
        let clock = bench.clock.clone();
        async move { AirHub::start(&socket, AirSettings::default(), clock).await }
    };
    assert!(matches!(again(bench.socket()).await, Err(AirError::InUse(_))));
    let file = bench.folder.path().join("file");
    std::fs::write(&file, "precious").unwrap();
    assert!(again(file.clone()).await.is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");

    let dead = bench.folder.path().join("dead");
    drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
    assert!(Path::new(&dead).exists());
    assert!(again(dead).await.is_ok());
}
