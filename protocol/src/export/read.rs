//! Reading: open (pass 1), verify, keys (pass 2).

use std::fmt;
use std::io::{Read, Seek};

use super::container::{Container, wrong_magic};
use super::error::ExportError;
use super::header::{ExportHeader, HeaderBuilder, RawBatch};
use super::key_entry::{self, InvalidKeys, KeyDefect, KeyEntry};
use super::signature::{self, ExportSignature, SignedBy, VerificationKey};
use super::source::{Digests, Source};
use super::wire::{Value, WireType};
use super::{EXPORT_ENTRY, EXPORT_MAGIC, Limits};

/// The longest entry of a key that is looked at, in bytes. A usual one has about 30.
const MAX_KEY_ENTRY_BYTES: u64 = 1_024;
/// The longest value of the header that is looked at, in bytes.
const MAX_HEADER_VALUE_BYTES: u64 = 8_192;

/// Something about a file that does not stop a reader, but that a person may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportWarning {
    /// The zip has an entry that export files do not have. It was ignored.
    ExtraEntry(String),
    /// `export.sig` names another key or algorithm than the signed header does.
    SignatureInfoDiffers,
    /// `export.sig` does not say which chunk it is for, although `export.bin` does.
    SignatureWithoutChunk,
}

impl fmt::Display for ExportWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExtraEntry(name) => write!(f, "ignored the extra zip entry \"{name}\""),
            Self::SignatureInfoDiffers => {
                f.write_str("export.sig names another key than export.bin")
            }
            Self::SignatureWithoutChunk => {
                f.write_str("export.sig does not say for which chunk it is")
            }
        }
    }
}

/// An export file whose structure has been walked and hashed; its signature has not been checked.
pub struct ExportFile<R> {
    reader: R,
    limits: Limits,
    container: Container,
    header: ExportHeader,
    batch: RawBatch,
    signatures: Vec<ExportSignature>,
    digests: Digests,
    key_entries: u64,
    revised_entries: u64,
    kept: Option<Kept>,
}

impl<R> fmt::Debug for ExportFile<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportFile").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The keys of an export file, ready to be read.
#[derive(Debug)]
pub struct Keys<'a, R> {
    file: &'a mut ExportFile<R>,
    signed_by: Option<SignedBy>,
}

/// What a file held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Keys handed out that are new.
    pub keys: u64,
    /// Keys handed out that revise earlier ones.
    pub revised: u64,
    /// Entries that were skipped.
    pub invalid: InvalidKeys,
}

impl<R: Read + Seek> ExportFile<R> {
    /// Reads the whole file once. Of its keys it keeps at most [`Limits::kept_entries`], and hands
    /// none out.
    pub fn open(mut reader: R, limits: &Limits) -> Result<Self, ExportError> {
        let container = Container::open(&mut reader, limits)?;
        let signatures =
            ExportSignature::decode_list(&container.signature(&mut reader, limits)?, limits)?;
        let with_sha512 = signatures.iter().any(ExportSignature::uses_sha512);
        let mut first_pass = FirstPass::keeping(limits.kept_entries);
        let digests = walk(&mut reader, &container, limits, with_sha512, &mut first_pass)?;
        let FirstPass { header, key_entries, revised_entries, kept, .. } = first_pass;
        Ok(Self {
            reader,
            limits: *limits,
            container,
            batch: header.batch,
            header: header.finish()?,
            signatures,
            digests,
            key_entries,
            revised_entries,
            kept,
        })
    }

    /// The header. Only what [`ExportFile::verify`] has accepted is true.
    pub const fn header(&self) -> &ExportHeader {
        &self.header
    }

    /// Entries for new keys, damaged ones included.
    pub const fn key_entries(&self) -> u64 {
        self.key_entries
    }

    /// Entries for revised keys, damaged ones included.
    pub const fn revised_entries(&self) -> u64 {
        self.revised_entries
    }

    /// Names of zip entries beside the two that belong there. They are ignored.
    pub fn extra_entries(&self) -> &[String] {
        self.container.extra_entries()
    }

    /// Whether there is any signature; nothing is said about its being right.
    pub const fn has_signature(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// SHA-256 of `export.bin`.
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.digests.sha256
    }

    /// What a person may want to know.
    pub fn warnings(&self) -> Vec<ExportWarning> {
        let extra = self.extra_entries().iter().cloned().map(ExportWarning::ExtraEntry);
        let mut warnings: Vec<_> = extra.collect();
        let infos = &self.header.signature_infos;
        if self.signatures.iter().any(|signature| !infos.contains(&signature.info)) {
            warnings.push(ExportWarning::SignatureInfoDiffers);
        }
        let lacks_chunk = |batch: &RawBatch| {
            (batch.num.is_none() && self.batch.num.is_some())
                || (batch.size.is_none() && self.batch.size.is_some())
        };
        if self.signatures.iter().any(|signature| lacks_chunk(&signature.batch)) {
            warnings.push(ExportWarning::SignatureWithoutChunk);
        }
        warnings
    }

    /// Checks the signatures: as many as the header names, at least one, for this chunk, and one
    /// of them right under one of `keys`.
    pub fn verify(&mut self, keys: &[VerificationKey]) -> Result<Keys<'_, R>, ExportError> {
        let signed_by = self.check_signatures(keys)?;
        Ok(Keys { file: self, signed_by: Some(signed_by) })
    }

    /// Gives access to the keys of a file that no one vouches for.
    pub fn without_verification(&mut self) -> Keys<'_, R> {
        Keys { file: self, signed_by: None }
    }

    fn check_signatures(&self, keys: &[VerificationKey]) -> Result<SignedBy, ExportError> {
        if self.signatures.is_empty() {
            return Err(ExportError::NotSigned);
        }
        let infos = self.header.signature_infos.len();
        if self.signatures.len() != infos {
            return Err(ExportError::SignatureCount { signatures: self.signatures.len(), infos });
        }
        let (chunk, chunks) = (self.header.batch_num.into(), self.header.batch_size.into());
        for signature in &self.signatures {
            let num = signature.batch.num.map_or(chunk, i64::from);
            let size = signature.batch.size.map_or(chunks, i64::from);
            if (num, size) != (chunk, chunks) {
                return Err(ExportError::SignatureForOtherChunk { num, size });
            }
        }
        signature::verify(&self.signatures, &self.digests, keys)
    }
}

impl<R: Read + Seek> Keys<'_, R> {
    /// Whose signature vouches for the keys; `None` without verification.
    pub const fn signed_by(&self) -> Option<&SignedBy> {
        self.signed_by.as_ref()
    }

    /// Hands out every key in the order of the file, new ones before revised ones in files of the
    /// usual layout. Damaged entries are skipped and counted.
    ///
    /// If this fails, the bytes were not those that were verified, or cannot be read any more:
    /// what was handed out must be discarded.
    pub fn for_each_key(self, mut each: impl FnMut(KeyEntry)) -> Result<KeyCounts, ExportError> {
        let file = self.file;
        if let Some(kept) = &file.kept {
            kept.entries.iter().copied().for_each(&mut each);
            return Ok(kept.counts);
        }
        let mut second_pass = SecondPass { each, counts: KeyCounts::default() };
        let with_sha512 = file.digests.sha512.is_some();
        let digests =
            walk(&mut file.reader, &file.container, &file.limits, with_sha512, &mut second_pass)?;
        if digests != file.digests {
            return Err(ExportError::ChangedWhileReading);
        }
        Ok(second_pass.counts)
    }
}

impl KeyCounts {
    /// Decodes and counts an entry; `None` for a damaged one.
    fn take(&mut self, message: Option<&[u8]>, revised: bool) -> Option<KeyEntry> {
        match message.ok_or(KeyDefect::Malformed).and_then(key_entry::decode) {
            Ok(key) => {
                *if revised { &mut self.revised } else { &mut self.keys } += 1;
                Some(KeyEntry { key, revised })
            }
            Err(defect) => {
                self.invalid.add(defect);
                None
            }
        }
    }
}

/// What a pass over `export.bin` does with what it finds.
trait Visitor {
    fn header_field(
        &mut self,
        field: u32,
        value: Value<'_>,
        limits: &Limits,
    ) -> Result<(), ExportError>;

    /// An entry of a key; `None` if it is too long to be one.
    fn key(&mut self, message: Option<&[u8]>, revised: bool);
}

struct FirstPass {
    header: HeaderBuilder,
    key_entries: u64,
    revised_entries: u64,
    /// `None` once the file has more keys than are held.
    kept: Option<Kept>,
    keep_at_most: usize,
}

/// The keys of a file as the first pass found them, with what [`KeyCounts`] says of them.
#[derive(Default)]
struct Kept {
    entries: Vec<KeyEntry>,
    counts: KeyCounts,
}

impl FirstPass {
    fn keeping(keep_at_most: usize) -> Self {
        Self {
            header: HeaderBuilder::default(),
            key_entries: 0,
            revised_entries: 0,
            kept: Some(Kept::default()),
            keep_at_most,
        }
    }
}

impl Visitor for FirstPass {
    fn header_field(
        &mut self,
        field: u32,
        value: Value<'_>,
        limits: &Limits,
    ) -> Result<(), ExportError> {
        self.header.field(field, value, limits)
    }

    fn key(&mut self, message: Option<&[u8]>, revised: bool) {
        *if revised { &mut self.revised_entries } else { &mut self.key_entries } += 1;
        if self.key_entries + self.revised_entries > self.keep_at_most as u64 {
            self.kept = None;
        }
        if let Some(kept) = &mut self.kept {
            kept.entries.extend(kept.counts.take(message, revised));
        }
    }
}

struct SecondPass<F> {
    each: F,
    counts: KeyCounts,
}

impl<F: FnMut(KeyEntry)> Visitor for SecondPass<F> {
    fn header_field(&mut self, _: u32, _: Value<'_>, _: &Limits) -> Result<(), ExportError> {
        Ok(())
    }

    fn key(&mut self, message: Option<&[u8]>, revised: bool) {
        if let Some(entry) = self.counts.take(message, revised) {
            (self.each)(entry);
        }
    }
}

/// One pass over `export.bin`, to its end.
fn walk<R: Read + Seek>(
    reader: &mut R,
    container: &Container,
    limits: &Limits,
    with_sha512: bool,
    visitor: &mut impl Visitor,
) -> Result<Digests, ExportError> {
    let stream = container.export(reader)?;
    let mut source = Source::new(stream, EXPORT_ENTRY, limits.export_bytes, with_sha512);
    let magic = source.bytes(EXPORT_MAGIC.len())?;
    if magic != EXPORT_MAGIC {
        return Err(wrong_magic(magic));
    }
    let mut keys = 0;
    while let Some(tag) = source.tag()? {
        match (tag.field, tag.wire_type) {
            (7 | 8, WireType::Length) => {
                keys += 1;
                if keys > limits.keys {
                    let limit = limits.keys;
                    return Err(ExportError::TooLarge { what: EXPORT_ENTRY, limit, unit: "keys" });
                }
                let length = source.varint()?;
                if length > MAX_KEY_ENTRY_BYTES {
                    source.skip(length)?;
                    visitor.key(None, tag.field == 8);
                } else {
                    visitor.key(Some(source.bytes(length as usize)?), tag.field == 8);
                }
            }
            (3 | 6, WireType::Length) => {
                let length = source.varint()?;
                if length > MAX_HEADER_VALUE_BYTES {
                    let what = "a value of the header";
                    return Err(ExportError::too_many_bytes(what, MAX_HEADER_VALUE_BYTES));
                }
                let value = Value::Bytes(source.bytes(length as usize)?);
                visitor.header_field(tag.field, value, limits)?;
            }
            (1 | 2, WireType::Fixed64) => {
                let value = Value::Fixed64(source.fixed64()?);
                visitor.header_field(tag.field, value, limits)?;
            }
            (4 | 5, WireType::Varint) => {
                let value = Value::Varint(source.varint()?);
                visitor.header_field(tag.field, value, limits)?;
            }
            _ => source.skip_field(tag)?,
        }
    }
    container.check_export_size(source.bytes_read())?;
    Ok(source.digests())
}
