//! A message as a stream: fixed buffer, hashed as it is read, never longer than allowed.

use std::io::Read;

use sha2::{Digest, Sha256, Sha512};

use super::error::ExportError;
use super::wire::{GroupStack, Tag, VarintBuilder, WireError, WireType};

/// Bytes of the buffer. No single value that is looked at may be longer.
const BUFFER_BYTES: usize = 64 * 1024;

/// Hashes of a whole stream. SHA-512 only where a signature asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digests {
    pub(super) sha256: [u8; 32],
    pub(super) sha512: Option<[u8; 64]>,
}

/// A stream that is read once, from beginning to end.
pub(super) struct Source<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// The unread part of the buffer.
    start: usize,
    end: usize,
    ended: bool,
    bytes_read: u64,
    /// What the stream is, and how long it may be.
    what: &'static str,
    limit: u64,
    sha256: Sha256,
    sha512: Option<Sha512>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R, what: &'static str, limit: u64, with_sha512: bool) -> Self {
        Self {
            reader,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            ended: false,
            bytes_read: 0,
            what,
            limit,
            sha256: Sha256::new(),
            sha512: with_sha512.then(Sha512::new),
        }
    }

    /// Reads until `wanted` bytes are buffered; `false` if the stream ends before.
    fn fill(&mut self, wanted: usize) -> Result<bool, ExportError> {
        if wanted > BUFFER_BYTES {
            return Err(ExportError::too_many_bytes("a field", BUFFER_BYTES as u64));
        }
        while self.end - self.start < wanted {
            if self.ended {
                return Ok(false);
            }
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            let read = loop {
                match self.reader.read(&mut self.buffer[self.end..]) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    result => break result?,
                }
            };
            let fresh = &self.buffer[self.end..self.end + read];
            self.sha256.update(fresh);
            if let Some(sha512) = &mut self.sha512 {
                sha512.update(fresh);
            }
            self.end += read;
            self.bytes_read += read as u64;
            if self.bytes_read > self.limit {
                return Err(ExportError::too_many_bytes(self.what, self.limit));
            }
            self.ended = read == 0;
        }
        Ok(true)
    }

    /// The next tag, `None` at the end of the stream.
    pub(super) fn tag(&mut self) -> Result<Option<Tag>, ExportError> {
        if self.start == self.end && !self.fill(1)? {
            return Ok(None);
        }
        Ok(Some(Tag::from_varint(self.varint()?)?))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, ExportError> {
        let mut builder = VarintBuilder::default();
        loop {
            if self.start == self.end && !self.fill(1)? {
                return Err(WireError::Truncated.into());
            }
            let byte = self.buffer[self.start];
            self.start += 1;
            if let Some(value) = builder.push(byte)? {
                return Ok(value);
            }
        }
    }

    pub(super) fn fixed64(&mut self) -> Result<u64, ExportError> {
        let bytes = self.bytes(8)?.try_into().map_err(|_| WireError::Truncated)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// The next `length` bytes, which must fit the buffer.
    #[inline]
    pub(super) fn bytes(&mut self, length: usize) -> Result<&[u8], ExportError> {
        if self.end - self.start < length && !self.fill(length)? {
            return Err(WireError::Truncated.into());
        }
        let taken = &self.buffer[self.start..self.start + length];
        self.start += length;
        Ok(taken)
    }

    /// Passes over `length` bytes, however many.
    pub(super) fn skip(&mut self, mut length: u64) -> Result<(), ExportError> {
        loop {
            let step = length.min((self.end - self.start) as u64);
            self.start += step as usize;
            length -= step;
            if length == 0 {
                return Ok(());
            }
            if !self.fill(1)? {
                return Err(WireError::Truncated.into());
            }
        }
    }

    /// Passes over the value of a field that is not looked at.
    pub(super) fn skip_field(&mut self, tag: Tag) -> Result<(), ExportError> {
        if tag.wire_type != WireType::StartGroup {
            return self.skip_value(tag.wire_type);
        }
        let mut open = GroupStack::opened(tag.field);
        while !open.is_closed() {
            let tag = self.tag()?.ok_or(WireError::Truncated)?;
            if !open.enter_or_leave(tag)? {
                self.skip_value(tag.wire_type)?;
            }
        }
        Ok(())
    }

    fn skip_value(&mut self, wire_type: WireType) -> Result<(), ExportError> {
        match wire_type {
            WireType::Varint => self.varint().map(drop),
            WireType::Fixed64 => self.skip(8),
            WireType::Fixed32 => self.skip(4),
            WireType::Length => {
                let length = self.varint()?;
                self.skip(length)
            }
            WireType::StartGroup | WireType::EndGroup => Err(WireError::BadGroup.into()),
        }
    }

    /// Bytes read so far.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The hashes of everything read.
    pub(super) fn digests(self) -> Digests {
        Digests {
            sha256: self.sha256.finalize().into(),
            sha512: self.sha512.map(|hash| hash.finalize().into()),
        }
    }
}
