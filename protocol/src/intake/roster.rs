//! The officers to whom intake keys are sealed, in a file that the root key signs.

use std::collections::BTreeSet;

use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::IntakeError;
use crate::interval::UnixTime;
use crate::read::{FormatError, Reader, push_text};
use crate::sealed_box::SealingKey;
use crate::signed;

/// Where the file is, relative to the server's URL.
pub const OFFICERS_PATH: &str = "v1/officers";
/// What the root key's signature is for.
pub const OFFICERS_LABEL: &str = "VX-OFFICERS-1";
/// The most officers of one roster.
pub const MAX_OFFICERS: usize = 512;
/// The longest signed roster, in bytes.
pub const MAX_SIGNED_ROSTER_BYTES: usize =
    128 + MAX_OFFICERS * (2 + 32 + 1 + MAX_NAME_BYTES + 1 + MAX_GROUPS);
const VERSION: u8 = 1;
const MAX_NAME_BYTES: usize = 64;
const MAX_GROUPS: usize = 64;
const WHAT: &str = "the officers' roster";
const FINGERPRINT_LABEL: &[u8] = b"VX-OFFICER-KEY-1\0";

/// An officer who may read declarations of some groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// Names the officer in sealed halves; never given again to another.
    pub id: u16,
    /// The officer's own key, made in their browser or by a command.
    pub key: SealingKey,
    /// The name that colleagues know, 1 to 64 bytes.
    pub name: String,
    /// The groups whose declarations the officer reads, 1 to 64 of them.
    pub groups: BTreeSet<u8>,
}

/// All officers. Pages and tools seal to no one else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Counts up with every change; a reader refuses a lower one than it has seen.
    pub serial: u32,
    /// When it was signed.
    pub issued_at: UnixTime,
    /// The officers, by id.
    pub officers: Vec<Officer>,
}

impl Roster {
    /// The file as it is published. Refuses what readers would refuse.
    pub fn to_signed(&self, root: &SigningKey) -> Result<Vec<u8>, IntakeError> {
        let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
        let issued_at = u32::try_from(self.issued_at.as_secs());
        let count = u16::try_from(self.officers.len()).map_err(|_| malformed("it is too long"))?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.serial.to_be_bytes());
        bytes.extend_from_slice(
            &issued_at.map_err(|_| malformed("its time is after 2106"))?.to_be_bytes(),
        );
        bytes.extend_from_slice(&count.to_be_bytes());
        for officer in &self.officers {
            bytes.extend_from_slice(&officer.id.to_be_bytes());
            bytes.extend_from_slice(officer.key.as_bytes());
            push_text(&mut bytes, &officer.name, MAX_NAME_BYTES)
                .ok_or(malformed("a name is too long"))?;
            let groups = u8::try_from(officer.groups.len());
            bytes.push(groups.map_err(|_| malformed("an officer has too many groups"))?);
            bytes.extend(&officer.groups);
        }
        Self::parse(&bytes)?;
        Ok(signed::sign(OFFICERS_LABEL, &bytes, root))
    }

    /// Reads a roster of at most [`MAX_SIGNED_ROSTER_BYTES`] that the root key signed, with no
    /// lower serial than `seen`.
    pub fn read(signed: &[u8], root: &VerifyingKey, seen: u32) -> Result<Self, IntakeError> {
        let bytes = signed::parse(signed, MAX_SIGNED_ROSTER_BYTES)?;
        let roster = Self::parse(bytes.verify(OFFICERS_LABEL, root)?)?;
        if roster.serial < seen {
            return Err(IntakeError::RolledBack { what: WHAT, seen, found: roster.serial });
        }
        Ok(roster)
    }

    fn parse(bytes: &[u8]) -> Result<Self, IntakeError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let serial = reader.u32()?;
        let issued_at = UnixTime::from_secs(reader.u32()?.into());
        let count = usize::from(reader.u16()?);
        if count > MAX_OFFICERS {
            return Err(reader.malformed("it has more officers than a reader takes").into());
        }
        let mut officers: Vec<Officer> = Vec::new();
        for _ in 0..count {
            let officer = read_officer(&mut reader)?;
            if officers.last().is_some_and(|last| last.id >= officer.id) {
                return Err(reader.malformed("its officers are not in order, each once").into());
            }
            if officers.iter().any(|other| other.key == officer.key) {
                return Err(reader.malformed("two officers have one key").into());
            }
            officers.push(officer);
        }
        reader.end()?;
        Ok(Self { serial, issued_at, officers })
    }

    /// The officers of a group.
    pub fn of_group(&self, group: u8) -> impl Iterator<Item = &Officer> {
        self.officers.iter().filter(move |officer| officer.groups.contains(&group))
    }
}

fn read_officer(reader: &mut Reader<'_>) -> Result<Officer, IntakeError> {
    let id = reader.u16()?;
    let key = SealingKey::from_bytes(&reader.array()?)?;
    let name = reader.text(MAX_NAME_BYTES)?;
    if name.trim().is_empty() {
        return Err(reader.malformed("an officer has no name").into());
    }
    let count = usize::from(reader.byte()?);
    if count == 0 || count > MAX_GROUPS {
        return Err(reader.malformed("an officer has 1 to 64 groups").into());
    }
    let list = reader.slice(count)?;
    let groups: BTreeSet<u8> = list.iter().copied().collect();
    if groups.iter().ne(list) {
        return Err(reader.malformed("an officer's groups are not in order, each once").into());
    }
    Ok(Officer { id, key, name, groups })
}

/// An officer's key as two people compare it by voice: six groups of five digits, 99 bits.
pub fn spoken_fingerprint(key: &SealingKey) -> String {
    let digest = Sha256::new().chain_update(FINGERPRINT_LABEL).chain_update(key.as_bytes());
    let digest = digest.finalize();
    let groups = digest.chunks_exact(4).take(6).map(|part| {
        let number = part.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:05}", number % 100_000)
    });
    groups.collect::<Vec<_>>().join(" ")
}
