//! Reads a block's bytes piece by piece.

use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::interval::{INTERVAL_SECONDS, Interval};

use super::{BlockError, MAX_BLOCK_BYTES, VERSION};

pub(super) struct Window {
    pub(super) offset: u16,
    pub(super) seconds_since_last_scan: u16,
    pub(super) clock_trusted: bool,
}

pub(super) struct Reader<'a>(&'a [u8]);

const CUT_SHORT: BlockError = BlockError::Malformed("cut short");

impl<'a> Reader<'a> {
    pub(super) fn begin(bytes: &'a [u8]) -> Result<(Self, Vec<Window>), BlockError> {
        if bytes.len() > MAX_BLOCK_BYTES {
            return Err(BlockError::Malformed("too long"));
        }
        let mut reader = Self(bytes);
        match reader.byte()? {
            VERSION => {}
            other => return Err(BlockError::Version(other)),
        }
        let windows = reader.list(|reader| reader.window())?;
        Ok((reader, windows))
    }

    /// Whether nothing is left.
    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], BlockError> {
        let (array, rest) = self.0.split_first_chunk::<N>().ok_or(CUT_SHORT)?;
        self.0 = rest;
        Ok(*array)
    }

    fn byte(&mut self) -> Result<u8, BlockError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A varint of at most 21 bits, enough for every number here.
    pub(super) fn varint(&mut self) -> Result<usize, BlockError> {
        let mut value = 0;
        for shift in [0, 7, 14] {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(BlockError::Malformed("number too large"))
    }

    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, BlockError>,
    ) -> Result<Vec<T>, BlockError> {
        let count = self.varint()?;
        // Every item takes at least one byte.
        if count > self.0.len() {
            return Err(CUT_SHORT);
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn window(&mut self) -> Result<Window, BlockError> {
        let window = Window {
            offset: u16::from_le_bytes(self.array()?),
            seconds_since_last_scan: u16::from_le_bytes(self.array()?),
            clock_trusted: self.byte()? != 0,
        };
        if u64::from(window.offset) >= INTERVAL_SECONDS {
            return Err(BlockError::Malformed("a scan outside the interval"));
        }
        Ok(window)
    }

    pub(super) fn scan(
        &mut self,
        interval: Interval,
        windows: &[Window],
    ) -> Result<(u16, ScanInstance), BlockError> {
        let index = self.varint()?;
        let window = windows.get(index).ok_or(BlockError::Malformed("no such window"))?;
        let [typical_rssi] = self.array()?.map(u8::cast_signed);
        let [strongest_rssi] = self.array()?.map(u8::cast_signed);
        let count = u16::try_from(self.varint()?);
        let scan = ScanInstance {
            time: interval.start().plus(u64::from(window.offset)),
            typical_rssi,
            strongest_rssi,
            count: count.map_err(|_| BlockError::Malformed("count too large"))?,
            seconds_since_last_scan: window.seconds_since_last_scan,
            clock_trusted: window.clock_trusted,
        };
        Ok((window.offset, scan))
    }
}

pub(super) fn put_varint(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
