//! One interval's scan instances as compact bytes, the plain text of a sealed block.
//!
//! Layout of version 1, integers little-endian, `varint` as in Protocol Buffers:
//!
//! ```text
//! version u8 = 1
//! windows varint, each: offset u16 (seconds from the interval's start),
//!                       seconds_since_last_scan u16, clock_trusted u8 (0 or 1)
//! advertisements varint, each: 20 bytes (identifier, metadata), scans varint,
//!                       each: window varint, typical i8, strongest i8, count varint
//! ```
//!
//! A window stands once however many neighbours it heard: about 29 bytes for a neighbour heard in
//! two windows.

mod reader;

use std::collections::BTreeMap;

use vungxanh_protocol::advertisement::{Advertisement, SERVICE_DATA_BYTES};
use vungxanh_protocol::encounter::{ScanInstance, sampled};
use vungxanh_protocol::interval::Interval;

use self::reader::{Reader, put_varint};
use super::StoreError;

/// Scan instances that one block holds at most; which of more are left out is drawn at random, as how
/// often and how loudly a thing is heard is its sender's choice. About 30 times the densest crowd that
/// one radio can follow.
pub const MAX_INSTANCES: usize = 16_384;
/// Of these, room for advertisements that several windows of the interval heard.
const ROOM_FOR_REPEATED: usize = MAX_INSTANCES / 4 * 3;
/// Bytes that a block has at most.
pub const MAX_BLOCK_BYTES: usize = 1024 * 1024;
const VERSION: u8 = 1;

/// The scan instances of one interval, one for each advertisement and moment. Does not print them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Block {
    heard: BTreeMap<[u8; SERVICE_DATA_BYTES], BTreeMap<u16, ScanInstance>>,
}

/// Bytes that are no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Written by a newer version of the program.
    #[error("unknown block version {0}")]
    Version(u8),
    /// Cut short, too long, or inconsistent.
    #[error("malformed block: {0}")]
    Malformed(&'static str),
}

impl Block {
    /// Adds scan instances, which must lie in `interval`; one of the same advertisement and moment
    /// replaces the earlier. Returns how many instances a full block had to leave out.
    pub fn add(
        &mut self,
        interval: Interval,
        scan: &[(Advertisement, ScanInstance)],
    ) -> Result<usize, StoreError> {
        if let Some((_, outside)) = scan.iter().find(|(_, scan)| scan.time.interval() != interval) {
            return Err(StoreError::WrongInterval { interval, time: outside.time });
        }
        for (heard, instance) in scan {
            let offset = instance.time.since(interval.start()) as u16;
            self.heard.entry(heard.service_data()).or_default().insert(offset, *instance);
        }
        Ok(self.drop_excess())
    }

    /// Adds everything that `other` holds.
    pub fn merge(&mut self, other: Self) -> usize {
        for (heard, scans) in other.heard {
            self.heard.entry(heard).or_default().extend(scans);
        }
        self.drop_excess()
    }

    /// How many scan instances there are.
    pub fn len(&self) -> usize {
        self.heard.values().map(BTreeMap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }

    /// All scan instances, by advertisement and time.
    pub fn instances(&self) -> impl Iterator<Item = (Advertisement, ScanInstance)> + '_ {
        self.heard.iter().flat_map(|(heard, scans)| {
            let advertisement = Advertisement::from_service_data(heard).ok();
            scans.values().filter_map(move |scan| Some((advertisement?, *scan)))
        })
    }

    /// Reads what [`Block::encode`] wrote straight into a list, as [`Block::decode`] and
    /// [`Block::instances`] would, in a tenth of the time. Leaves the list as it was if this fails.
    pub fn load(
        interval: Interval,
        bytes: &[u8],
        instances: &mut Vec<(Advertisement, ScanInstance)>,
    ) -> Result<(), BlockError> {
        let before = instances.len();
        if Self::append(interval, bytes, instances).is_ok_and(|in_order| in_order)
            && instances.len() - before <= MAX_INSTANCES
        {
            return Ok(());
        }
        instances.truncate(before);
        instances.extend(Self::decode(interval, bytes)?.instances());
        Ok(())
    }

    /// Whether advertisements and their scans were in order, and so none stood twice.
    fn append(
        interval: Interval,
        bytes: &[u8],
        instances: &mut Vec<(Advertisement, ScanInstance)>,
    ) -> Result<bool, BlockError> {
        let (mut reader, windows) = Reader::begin(bytes)?;
        let mut before: Option<[u8; SERVICE_DATA_BYTES]> = None;
        for _ in 0..reader.varint()? {
            let heard = reader.array::<SERVICE_DATA_BYTES>()?;
            let scans = reader.varint()?;
            let Ok(advertisement) = Advertisement::from_service_data(&heard) else {
                return Ok(false);
            };
            if scans == 0 || before.replace(heard).is_some_and(|before| before >= heard) {
                return Ok(false);
            }
            let mut earlier = None;
            for _ in 0..scans {
                let (offset, scan) = reader.scan(interval, &windows)?;
                if earlier.replace(offset).is_some_and(|earlier| earlier >= offset) {
                    return Ok(false);
                }
                instances.push((advertisement, scan));
            }
        }
        Ok(reader.is_at_end())
    }

    fn drop_excess(&mut self) -> usize {
        let excess = self.len().saturating_sub(MAX_INSTANCES);
        if excess > 0 {
            let (mut repeated, mut once) = (Vec::new(), Vec::new());
            for (heard, scans) in std::mem::take(&mut self.heard) {
                let group = if scans.len() > 1 { &mut repeated } else { &mut once };
                group.extend(scans.into_iter().map(|(offset, scan)| (heard, offset, scan)));
            }
            let room = (ROOM_FOR_REPEATED, MAX_INSTANCES);
            for (heard, offset, scan) in sampled(repeated, once, room, &mut rand::rng()) {
                self.heard.entry(heard).or_default().insert(offset, scan);
            }
        }
        excess
    }

    /// The bytes to seal.
    pub fn encode(&self) -> Vec<u8> {
        let mut windows = BTreeMap::new();
        for (offset, scan) in self.heard.values().flatten() {
            windows.insert((*offset, scan.seconds_since_last_scan, scan.clock_trusted), 0);
        }
        let mut bytes = vec![VERSION];
        put_varint(&mut bytes, windows.len());
        for (index, ((offset, since, trusted), place)) in windows.iter_mut().enumerate() {
            *place = index;
            bytes.extend(offset.to_le_bytes());
            bytes.extend(since.to_le_bytes());
            bytes.push(u8::from(*trusted));
        }
        put_varint(&mut bytes, self.heard.len());
        for (heard, scans) in &self.heard {
            bytes.extend(heard);
            put_varint(&mut bytes, scans.len());
            for (offset, scan) in scans {
                let window = (*offset, scan.seconds_since_last_scan, scan.clock_trusted);
                put_varint(&mut bytes, windows.get(&window).copied().unwrap_or_default());
                bytes.extend(scan.typical_rssi.to_le_bytes());
                bytes.extend(scan.strongest_rssi.to_le_bytes());
                put_varint(&mut bytes, usize::from(scan.count));
            }
        }
        bytes
    }

    /// Reads what [`Block::encode`] wrote for `interval`. Safe on any bytes: never panics, and
    /// takes memory in proportion to their length.
    pub fn decode(interval: Interval, bytes: &[u8]) -> Result<Self, BlockError> {
        let (mut reader, windows) = Reader::begin(bytes)?;
        let mut block = Self::default();
        for _ in 0..reader.varint()? {
            let heard = reader.array::<SERVICE_DATA_BYTES>()?;
            let scans = reader.list(|reader| reader.scan(interval, &windows))?;
            if scans.is_empty() {
                return Err(BlockError::Malformed("an advertisement without scans"));
            }
            if block.heard.insert(heard, scans.into_iter().collect()).is_some() {
                return Err(BlockError::Malformed("an advertisement stands twice"));
            }
        }
        match (reader.is_at_end(), block.len()) {
            (true, ..=MAX_INSTANCES) => Ok(block),
            (true, _) => Err(BlockError::Malformed("too many scan instances")),
            (false, _) => Err(BlockError::Malformed("bytes after the end")),
        }
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({} scan instances)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vungxanh_protocol::interval::UnixTime;

    use super::*;

    const INTERVAL: Interval = Interval::new(2_642_976);

    fn any_scan() -> impl Strategy<Value = (Advertisement, ScanInstance)> {
        (any::<[u8; 3]>(), 0u64..600, any::<(i8, i8, u16, u16, bool)>()).prop_map(
            |(bytes, offset, (typical_rssi, strongest_rssi, count, since, clock_trusted))| {
                let mut data = [0; SERVICE_DATA_BYTES];
                data[..3].copy_from_slice(&bytes.map(|byte| byte % 3));
                let scan = ScanInstance {
                    time: INTERVAL.start().plus(offset),
                    typical_rssi,
                    strongest_rssi,
                    count,
                    seconds_since_last_scan: since,
                    clock_trusted,
                };
                (Advertisement::from_service_data(&data).unwrap(), scan)
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_added_is_read_back(scan in prop::collection::vec(any_scan(), 0..60)) {
            let mut block = Block::default();
            prop_assert_eq!(block.add(INTERVAL, &scan).unwrap(), 0);
            let read = Block::decode(INTERVAL, &block.encode()).unwrap();
            prop_assert_eq!(&read, &block);
            prop_assert_eq!(loaded(&block.encode()).unwrap(), read.instances().collect::<Vec<_>>());
            let mut expected = BTreeMap::new();
            for (heard, scan) in scan {
                expected.insert((heard.service_data(), scan.time), scan);
            }
            let found: BTreeMap<_, _> = (read.instances())
                .map(|(heard, scan)| ((heard.service_data(), scan.time), scan))
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_bytes_are_a_block_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(loads_what_it_decodes(&bytes));
            if let Ok(block) = Block::decode(INTERVAL, &bytes) {
                prop_assert_eq!(Block::decode(INTERVAL, &block.encode()).unwrap(), block);
            }
        }

        #[test]
        fn altered_and_cut_blocks_do_no_harm(
            scan in prop::collection::vec(any_scan(), 1..20),
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mut block = Block::default();
            block.add(INTERVAL, &scan).unwrap();
            let mut bytes = block.encode();
            prop_assert!(Block::decode(INTERVAL, &bytes[..place.index(bytes.len())]).is_err());
            let at = place.index(bytes.len());
            bytes[at] = byte;
            prop_assert!(loads_what_it_decodes(&bytes));
        }
    }

    fn loaded(bytes: &[u8]) -> Result<Vec<(Advertisement, ScanInstance)>, BlockError> {
        let mut instances = Vec::new();
        Block::load(INTERVAL, bytes, &mut instances)?;
        Ok(instances)
    }

    fn loads_what_it_decodes(bytes: &[u8]) -> bool {
        let decoded = Block::decode(INTERVAL, bytes).map(|block| block.instances().collect());
        loaded(bytes) == decoded
    }

    /// Never written so, but not refused either.
    #[test]
    fn advertisements_out_of_order_are_read_all_the_same() {
        let mut bytes = vec![1, 1, 0, 0, 0, 0, 1, 2];
        for number in [9, 7] {
            bytes.extend(advertisement(number).service_data());
            bytes.extend([2, 0, 1, 1, 1, 0, 2, 2, 2]);
        }
        assert_eq!(loaded(&bytes).unwrap().len(), 2);
        assert!(loads_what_it_decodes(&bytes));
    }

    fn instance(time: UnixTime, count: u16) -> ScanInstance {
        ScanInstance {
            time,
            typical_rssi: -70,
            strongest_rssi: -60,
            count,
            seconds_since_last_scan: 300,
            clock_trusted: true,
        }
    }

    fn advertisement(number: u32) -> Advertisement {
        let mut data = [0; SERVICE_DATA_BYTES];
        data[..4].copy_from_slice(&number.to_be_bytes());
        Advertisement::from_service_data(&data).unwrap()
    }

    #[test]
    fn the_layout_is_as_documented() {
        let mut block = Block::default();
        let scan = instance(INTERVAL.start().plus(0x0102), 300);
        block.add(INTERVAL, &[(advertisement(7), scan)]).unwrap();
        let mut expected = vec![1, 1, 0x02, 0x01, 0x2C, 0x01, 1, 1];
        expected.extend(advertisement(7).service_data());
        expected.extend([1, 0, (-70i8) as u8, (-60i8) as u8, 0xAC, 0x02]);
        assert_eq!(block.encode(), expected);
    }

    #[test]
    fn a_neighbour_in_two_windows_takes_29_bytes() {
        let mut block = Block::default();
        for offset in [0, 300] {
            let scan = instance(INTERVAL.start().plus(offset), 10);
            let heard: Vec<_> = (0..100).map(|n| (advertisement(n), scan)).collect();
            block.add(INTERVAL, &heard).unwrap();
        }
        assert_eq!(block.encode().len(), 2_913);
    }

    fn spray(offset: u64, range: std::ops::Range<u32>) -> Vec<(Advertisement, ScanInstance)> {
        let loud = instance(INTERVAL.start().plus(offset), 200);
        range.map(|n| (advertisement(n), loud)).collect()
    }

    #[test]
    fn loud_identifiers_do_not_displace_those_heard_in_several_windows() {
        let mut block = Block::default();
        let honest = u32::MAX - 100..u32::MAX;
        for offset in [0, 120] {
            let scan = instance(INTERVAL.start().plus(offset), 9);
            let heard: Vec<_> = honest.clone().map(|n| (advertisement(n), scan)).collect();
            block.add(INTERVAL, &heard).unwrap();
        }
        assert_eq!(block.add(INTERVAL, &spray(240, 0..17_000)).unwrap(), 816);
        assert_eq!(block.len(), MAX_INSTANCES);
        for number in honest {
            let kept = block.instances().filter(|(heard, _)| *heard == advertisement(number));
            assert_eq!(kept.count(), 2);
        }
        let bytes = block.encode();
        assert!(bytes.len() < MAX_BLOCK_BYTES);
        assert_eq!(Block::decode(INTERVAL, &bytes).unwrap(), block);
    }

    #[test]
    fn who_was_heard_once_stays_with_the_odds_of_anybody_else() {
        let mut block = Block::default();
        let honest = 50_000..52_000;
        let quiet = instance(INTERVAL.start(), 1);
        let heard: Vec<_> = honest.clone().map(|n| (advertisement(n), quiet)).collect();
        block.add(INTERVAL, &heard).unwrap();
        // Some are repeated in every window, to take the room of those.
        block.add(INTERVAL, &spray(120, 0..10_000)).unwrap();
        let left_out = block.add(INTERVAL, &spray(240, 0..10_000)).unwrap();
        assert_eq!((left_out, block.len()), (5_616, MAX_INSTANCES));
        let quiet = block.instances().filter(|(_, scan)| scan.count == 1).count();
        assert_eq!(quiet, 2_000, "they are fewer than the room that is theirs");
        block.add(INTERVAL, &spray(360, 20_000..30_000)).unwrap();
        let quiet = block.instances().filter(|(_, scan)| scan.count == 1).count();
        assert!((400..1_200).contains(&quiet), "of 12,000 in room for 4,096, 2,000 kept {quiet}");
    }

    #[test]
    fn a_scan_of_another_interval_is_refused() {
        let mut block = Block::default();
        let scan = instance(INTERVAL.end(), 1);
        assert!(matches!(
            block.add(INTERVAL, &[(advertisement(1), scan)]),
            Err(StoreError::WrongInterval { .. })
        ));
        assert!(block.is_empty());
    }
}
