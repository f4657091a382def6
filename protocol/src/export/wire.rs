//! The protobuf wire format (protobuf.dev, "Encoding"): fields of a message that lies in memory,
//! and writing. Streaming is in `source`.

use super::error::ExportError;

/// Groups inside groups, at most: they are obsolete and only ever skipped.
pub(super) const MAX_GROUP_DEPTH: usize = 16;
/// Bytes of the longest varint.
const MAX_VARINT_BYTES: usize = 10;

/// How a field's value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireType {
    Varint,
    Fixed64,
    Length,
    StartGroup,
    EndGroup,
    Fixed32,
}

/// The number and layout of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) field: u32,
    pub(super) wire_type: WireType,
}

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    #[error("a message ends in the middle of a field")]
    Truncated,
    #[error("a number has more than 64 bits")]
    LongVarint,
    #[error("a field has an impossible tag")]
    BadTag,
    #[error("groups do not end where they should")]
    BadGroup,
}

impl From<WireError> for ExportError {
    fn from(error: WireError) -> Self {
        Self::damaged(error)
    }
}

impl Tag {
    /// From the varint before a field. Wire types 6 and 7 do not exist, so what follows cannot
    /// even be skipped.
    pub(super) fn from_varint(varint: u64) -> Result<Self, WireError> {
        let field = u32::try_from(varint >> 3).map_err(|_| WireError::BadTag)?;
        if field == 0 || field > 0x1fff_ffff {
            return Err(WireError::BadTag);
        }
        let wire_type = match varint & 7 {
            0 => WireType::Varint,
            1 => WireType::Fixed64,
            2 => WireType::Length,
            3 => WireType::StartGroup,
            4 => WireType::EndGroup,
            5 => WireType::Fixed32,
            _ => return Err(WireError::BadTag),
        };
        Ok(Self { field, wire_type })
    }
}

/// Puts a varint together byte by byte.
#[derive(Debug, Default)]
pub(super) struct VarintBuilder {
    value: u64,
    bytes: usize,
}

impl VarintBuilder {
    /// Takes the next byte; the finished number with the last one.
    #[inline]
    pub(super) fn push(&mut self, byte: u8) -> Result<Option<u64>, WireError> {
        if self.bytes == MAX_VARINT_BYTES - 1 && byte > 1 {
            return Err(WireError::LongVarint);
        }
        self.value |= u64::from(byte & 0x7f) << (7 * self.bytes);
        self.bytes += 1;
        Ok((byte < 0x80).then_some(self.value))
    }
}

/// The fields of a message. Groups are skipped.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) const fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// The next field, `None` at the end of the message.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, WireError> {
        while !self.0.is_empty() {
            let tag = self.tag()?;
            if tag.wire_type == WireType::StartGroup {
                self.skip_group(tag.field)?;
                continue;
            }
            return Ok(Some((tag.field, self.value(tag.wire_type)?)));
        }
        Ok(None)
    }

    fn tag(&mut self) -> Result<Tag, WireError> {
        Tag::from_varint(self.varint()?)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, WireError> {
        let mut builder = VarintBuilder::default();
        loop {
            let (&byte, rest) = self.0.split_first().ok_or(WireError::Truncated)?;
            self.0 = rest;
            if let Some(value) = builder.push(byte)? {
                return Ok(value);
            }
        }
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(WireError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    #[inline]
    fn value(&mut self, wire_type: WireType) -> Result<Value<'a>, WireError> {
        Ok(match wire_type {
            WireType::Varint => Value::Varint(self.varint()?),
            WireType::Fixed64 => {
                let bytes = self.take(8)?.try_into().map_err(|_| WireError::Truncated)?;
                Value::Fixed64(u64::from_le_bytes(bytes))
            }
            WireType::Length => {
                let length = usize::try_from(self.varint()?).map_err(|_| WireError::Truncated)?;
                Value::Bytes(self.take(length)?)
            }
            WireType::Fixed32 => {
                self.take(4)?;
                Value::Fixed32
            }
            WireType::StartGroup | WireType::EndGroup => return Err(WireError::BadGroup),
        })
    }

    fn skip_group(&mut self, field: u32) -> Result<(), WireError> {
        let mut open = GroupStack::opened(field);
        while !open.is_closed() {
            let tag = self.tag()?;
            if !open.enter_or_leave(tag)? {
                self.value(tag.wire_type)?;
            }
        }
        Ok(())
    }
}

/// The groups that are open while one is skipped.
#[derive(Debug)]
pub(super) struct GroupStack(Vec<u32>);

impl GroupStack {
    pub(super) fn opened(field: u32) -> Self {
        Self(vec![field])
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a tag inside the group; `false` if it is an ordinary field, whose value follows.
    pub(super) fn enter_or_leave(&mut self, tag: Tag) -> Result<bool, WireError> {
        match tag.wire_type {
            WireType::StartGroup if self.0.len() == MAX_GROUP_DEPTH => Err(WireError::BadGroup),
            WireType::StartGroup => {
                self.0.push(tag.field);
                Ok(true)
            }
            WireType::EndGroup if self.0.pop() == Some(tag.field) => Ok(true),
            WireType::EndGroup => Err(WireError::BadGroup),
            _ => Ok(false),
        }
    }
}

/// An int32 or enum from its varint: protobuf keeps the low 32 bits.
#[inline]
pub(super) const fn int32(varint: u64) -> i32 {
    varint as i32
}

/// A sint32 from its varint ("zigzag").
#[inline]
pub(super) const fn sint32(varint: u64) -> i32 {
    let bits = varint as u32;
    (bits >> 1) as i32 ^ -((bits & 1) as i32)
}

/// Appends fields to a message.
#[derive(Debug, Default)]
pub(super) struct MessageWriter(Vec<u8>);

impl MessageWriter {
    pub(super) fn with_prefix(prefix: &[u8], capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(prefix.len() + capacity);
        bytes.extend_from_slice(prefix);
        Self(bytes)
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn tag(&mut self, field: u32, wire_type: u64) {
        self.raw_varint(u64::from(field) << 3 | wire_type);
    }

    /// An int32, or an enum. Negative numbers take ten bytes.
    pub(super) fn int32(&mut self, field: u32, value: i32) {
        self.tag(field, 0);
        self.raw_varint(i64::from(value) as u64);
    }

    pub(super) fn sint32(&mut self, field: u32, value: i32) {
        self.tag(field, 0);
        self.raw_varint(u64::from((value << 1 ^ value >> 31) as u32));
    }

    pub(super) fn fixed64(&mut self, field: u32, value: u64) {
        self.tag(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, field: u32, value: &[u8]) {
        self.tag(field, 2);
        self.raw_varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
