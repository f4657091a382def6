//! What an export file comes in: a zip, or nothing at all (a bare `export.bin`).

use std::io::{Read, Seek, SeekFrom};

// The only reader of the crate that does not first index every entry, of which a hostile file
// can hold a million.
use zip::read::OwnedZipFileEntry;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

use super::error::ExportError;
use super::{EXPORT_ENTRY, EXPORT_MAGIC, Limits, SIGNATURE_ENTRY};

/// Both kinds of zip file begin so: with an entry, or (empty) with the end record.
const ZIP_MAGIC: &[u8; 2] = b"PK";

/// Where `export.bin` and `export.sig` are.
pub(super) enum Container {
    Bare,
    Zip {
        export: Box<OwnedZipFileEntry>,
        signature: Option<Box<OwnedZipFileEntry>>,
        extra: Vec<String>,
    },
}

impl Container {
    /// Finds the entries.
    pub(super) fn open(
        mut reader: &mut (impl Read + Seek),
        limits: &Limits,
    ) -> Result<Self, ExportError> {
        let length = reader.seek(SeekFrom::End(0))?;
        if length > limits.file_bytes {
            return Err(ExportError::too_many_bytes("the file", limits.file_bytes));
        }
        reader.rewind()?;
        let mut first = Vec::with_capacity(EXPORT_MAGIC.len());
        Read::take(&mut reader, EXPORT_MAGIC.len() as u64).read_to_end(&mut first)?;
        if first == EXPORT_MAGIC {
            return Ok(Self::Bare);
        }
        if first.starts_with(b"EK Export") {
            return Err(wrong_magic(&first));
        }
        if !first.starts_with(ZIP_MAGIC) {
            return Err(ExportError::NotAnExport);
        }
        Self::from_zip(reader, limits)
    }

    fn from_zip(reader: &mut (impl Read + Seek), limits: &Limits) -> Result<Self, ExportError> {
        let mut zip = ZipIterable::try_new(reader, zip::read::Config::default())?
            .enforce_header_consistency(true);
        if zip.len() > limits.zip_entries {
            let limit = limits.zip_entries as u64;
            return Err(ExportError::TooLarge { what: "the zip", limit, unit: "entries" });
        }
        let (mut export, mut signature, mut extra) = (None, None, Vec::new());
        for entry in zip.files()? {
            let entry = Box::new(OwnedZipFileEntry::from(entry?));
            let (known, name) = match entry.name_raw() {
                name if name == EXPORT_ENTRY.as_bytes() => (&mut export, EXPORT_ENTRY),
                name if name == SIGNATURE_ENTRY.as_bytes() => (&mut signature, SIGNATURE_ENTRY),
                other => {
                    extra.push(printable(other, limits.string_bytes));
                    continue;
                }
            };
            if known.is_some() {
                return Err(ExportError::DuplicateEntry(name));
            }
            check_method(&entry)?;
            *known = Some(entry);
        }
        let export = export.ok_or(ExportError::NoExportEntry)?;
        Ok(Self::Zip { export, signature, extra })
    }

    /// Names of entries that export files do not have.
    pub(super) fn extra_entries(&self) -> &[String] {
        match self {
            Self::Bare => &[],
            Self::Zip { extra, .. } => extra,
        }
    }

    /// `export.bin` as a stream.
    pub(super) fn export<'a, R: Read + Seek>(
        &'a self,
        reader: &'a mut R,
    ) -> Result<Box<dyn Read + 'a>, ExportError> {
        match self {
            Self::Bare => {
                reader.rewind()?;
                Ok(Box::new(reader))
            }
            Self::Zip { export, .. } => inflate(export, reader),
        }
    }

    /// `export.sig`; empty if there is none.
    pub(super) fn signature(
        &self,
        reader: &mut (impl Read + Seek),
        limits: &Limits,
    ) -> Result<Vec<u8>, ExportError> {
        let Self::Zip { signature: Some(entry), .. } = self else {
            return Ok(Vec::new());
        };
        let mut bytes = Vec::new();
        inflate(entry, reader)?.take(limits.signature_bytes + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limits.signature_bytes {
            return Err(ExportError::too_many_bytes(SIGNATURE_ENTRY, limits.signature_bytes));
        }
        check_size(entry, bytes.len() as u64)?;
        Ok(bytes)
    }

    /// Refuses an `export.bin` that did not have the size that the zip claims.
    pub(super) fn check_export_size(&self, bytes: u64) -> Result<(), ExportError> {
        match self {
            Self::Bare => Ok(()),
            Self::Zip { export, .. } => check_size(export, bytes),
        }
    }
}

fn check_size(entry: &OwnedZipFileEntry, bytes: u64) -> Result<(), ExportError> {
    if entry.size() == bytes {
        Ok(())
    } else {
        Err(ExportError::damaged("an entry has another size than the zip says"))
    }
}

/// An error that shows what `export.bin` begins with.
pub(super) fn wrong_magic(found: &[u8]) -> ExportError {
    ExportError::WrongMagic { found: found.escape_ascii().to_string() }
}

fn check_method(entry: &OwnedZipFileEntry) -> Result<(), ExportError> {
    if entry.encrypted() {
        return Err(ExportError::UnsupportedZip("encryption".into()));
    }
    match entry.compression() {
        CompressionMethod::Stored | CompressionMethod::Deflated => Ok(()),
        other => Err(ExportError::UnsupportedZip(format!("compression method {other}"))),
    }
}

fn inflate<'a, R: Read + Seek>(
    entry: &'a OwnedZipFileEntry,
    reader: &'a mut R,
) -> Result<Box<dyn Read + 'a>, ExportError> {
    Ok(Box::new(entry.as_ref().with_reader(reader, ZipReadOptions::new())?))
}

/// A name from outside, fit to be shown: no control characters, cut at `limit` bytes.
fn printable(name: &[u8], limit: usize) -> String {
    let name = &name[..name.len().min(limit)];
    String::from_utf8_lossy(name).chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
