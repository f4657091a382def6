//! Check-ins at venues: what is stored, what is not, and what a seized device shows.

mod check_ins;
mod command;
mod diary;
mod displays;
mod matching;
mod seized;

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::venue::{CheckIns, OpenReport, Runtime};
use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::party::{MasterKey, Party, PartySecret};
use vungxanh_protocol::venue::poster::{PosterContent, to_url};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_protocol::venue::slot_key::SlotKey;
use vungxanh_protocol::venue::warning::{Notice, VenueMatch, Warning};

use crate::support::fixture::NOW;

/// The hour in which everything begins: 12:00.
pub const NOON: Hour = Hour::new((NOW.as_secs() / 3_600) as u32);

/// Minutes after [`NOON`].
pub fn minute(minutes: u64) -> UnixTime {
    NOON.start().plus(minutes * 60)
}

/// An authority's key for venues, with the secrets of both parties.
pub struct Parties {
    pub venue: PartySecret,
    pub authority: PartySecret,
    pub poster_key: SigningKey,
    pub warning_key: SigningKey,
}

impl Parties {
    pub fn new() -> Self {
        let rng = &mut StdRng::seed_from_u64(1);
        Self {
            venue: PartySecret::generate(rng),
            authority: PartySecret::generate(rng),
            poster_key: SigningKey::from_bytes(&[3; 32]),
            warning_key: SigningKey::from_bytes(&[4; 32]),
        }
    }

    /// As the authority's document names it.
    pub fn key(&self) -> VenueKey {
        VenueKey {
            id: 7,
            sealing_key: BASE64_STANDARD.encode(self.authority.public_key().to_bytes()),
            proof: BASE64_STANDARD.encode(self.authority.prove(Party::Authority).0),
            poster_key: BASE64_STANDARD.encode(self.poster_key.verifying_key().as_bytes()),
            warning_key: BASE64_STANDARD.encode(self.warning_key.verifying_key().as_bytes()),
            not_before: UnixTime::default(),
            not_after: UnixTime::from_secs(4_102_444_800),
        }
    }

    /// What a poster with this name and a stay of an hour says.
    pub fn content(&self, name: &str) -> PosterContent {
        PosterContent {
            shares_in_advance: false,
            default_stay: 12,
            authority_key_id: 7,
            not_before: UnixTime::default().day(),
            expires: UnixTime::from_secs(4_102_444_800).day(),
            ward: 4,
            seed: [5; 16],
            venue_key: self.venue.public_key(),
            name: name.into(),
            unit: "Tầng 2".into(),
            street: "13 Lò Đúc".into(),
            display_key: None,
        }
    }

    pub fn poster(&self, name: &str) -> Vec<u8> {
        self.content(name).sign(&self.poster_key).unwrap()
    }

    /// A warning about a poster's slot, by both parties together.
    pub fn warning(&self, poster: &[u8], hour: Hour, from: UnixTime, until: UnixTime) -> Warning {
        self.warning_of(&SlotDeriver::of_poster(poster), hour, from, until)
    }

    pub fn warning_of(
        &self,
        slots: &SlotDeriver,
        hour: Hour,
        from: UnixTime,
        until: UnixTime,
    ) -> Warning {
        let identity = slots.identity(hour);
        let master =
            MasterKey::join(&self.venue.public_key(), &self.key().proven().unwrap().sealing_key);
        let (venue, authority) = (self.venue.share(&identity), self.authority.share(&identity));
        let key = SlotKey::join(&venue, &authority, &master.unwrap(), &identity).unwrap();
        warning_with(slots, hour, &key, from, until)
    }
}

/// A warning with any key, as a forger would make it.
pub fn warning_with(
    slots: &SlotDeriver,
    hour: Hour,
    key: &SlotKey,
    from: UnixTime,
    until: UnixTime,
) -> Warning {
    let notice = Notice {
        from,
        until,
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        text: "Gọi 1900 9095.".into(),
    };
    Warning::new(hour, key, &notice, &slots.notify_key(hour), &mut rand::rng()).unwrap()
}

/// A profile with its check-ins, and the runtime folder that a reboot empties.
pub struct Device {
    pub parties: Parties,
    pub folder: tempfile::TempDir,
    pub check_ins: CheckIns,
}

impl Device {
    /// At noon, with the file as the daemon's start writes it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (check_ins, found) = open(folder.path(), minute(0));
        assert!(!found.began_anew && found.damaged.is_none(), "there is nothing to lose yet");
        let device = Self { parties: Parties::new(), folder, check_ins };
        device.rewrite(0);
        device
    }

    /// As after a kill; everything in the daemon's memory is gone.
    pub fn restart(&mut self, minutes: u64) -> OpenReport {
        let (check_ins, found) = open(self.folder.path(), minute(minutes));
        self.check_ins = check_ins;
        found
    }

    /// A reboot: what is in memory only is gone.
    pub fn reboot(&mut self, minutes: u64) -> OpenReport {
        std::fs::remove_dir_all(self.folder.path().join("runtime")).unwrap();
        self.restart(minutes)
    }

    pub fn profile(&self) -> Profile {
        profile(self.folder.path())
    }

    /// Checks in at a poster of that name.
    pub fn scan(&self, name: &str, minutes: u64) -> vungxanh_daemon::venue::CheckedIn {
        self.try_scan(name, minutes).unwrap()
    }

    pub fn try_scan(
        &self,
        name: &str,
        minutes: u64,
    ) -> Result<vungxanh_daemon::venue::CheckedIn, vungxanh_daemon::venue::CheckInError> {
        let keys = [self.parties.key()];
        self.check_ins.check_in(&self.parties.poster(name), None, &keys, minute(minutes))
    }

    /// The rewrite of that moment, under a trusted clock.
    pub fn rewrite(&self, minutes: u64) {
        self.check_ins.rewrite(minute(minutes), Some(14), false).unwrap();
    }

    /// What a warning about all of an hour says of the visits that are stored.
    pub fn venue_matches(&self, name: &str, hour: Hour, minutes: u64) -> Vec<VenueMatch> {
        let poster = self.parties.poster(name);
        let warning = self.parties.warning(&poster, hour, hour.start(), hour.end());
        self.check_ins.cells(minute(minutes)).0.try_warning(&warning).unwrap()
    }
}

pub fn profile(folder: &Path) -> Profile {
    let profile = Profile::at(folder.join("profile"));
    // Without a store beside it, what is opened again is no profile yet.
    if !profile.root().exists() {
        profile.create().unwrap();
    }
    profile
}

pub fn open(folder: &Path, now: UnixTime) -> (CheckIns, OpenReport) {
    CheckIns::open(&profile(folder), Runtime::Folder(folder.join("runtime")), now).unwrap()
}

/// Start and end of a match's part of the visit, in minutes after noon.
pub fn times(venue_match: &VenueMatch) -> (u64, u64) {
    let minutes = |time: UnixTime| time.since(NOON.start()) / 60;
    (minutes(venue_match.visit_from), minutes(venue_match.visit_until))
}

pub fn url(payload: &[u8]) -> String {
    to_url("https://vx.example.vn", payload)
}

/// The UTC day around a time.
fn day_of(time: UnixTime) -> std::ops::Range<UnixTime> {
    time.day().start()..time.day().plus(1).start()
}
