//! The market's door: staff with a phone who scan passes and cards. It is a part of this harness, and acts
//! over HTTP as the page for staff phones does: it fetches keys, judges what it scans, seals it at once,
//! and sends the records of each hour when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::door::{
    CARD_KEYS_PATH, Card, CardKeys, DoorDay, Scan, SealedRecord, Shown, fill_upload, seal_check_in,
    seal_check_out,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{PASS_KEYS_PATH, PassKeys, Verdict, read_code};
use vungxanh_protocol::venue::poster::{Poster, UnverifiedPoster, payload_of_url};
use vungxanh_protocol::venue::slot::Hour;

use crate::harness::browser::Browser;
use crate::harness::code_picture::read_qr;
use crate::harness::stage::DemoError;

/// A phone of the venue's staff.
#[derive(Debug)]
pub struct Door {
    browser: Browser,
    unit: u64,
    poster: Poster,
    passes: PassKeys,
    cards: CardKeys,
    day: DoorDay,
    records: Vec<(Hour, SealedRecord)>,
}

/// What is known of the declarant and the cards, to be searched for at the authority.
#[derive(Debug, Default)]
pub struct DoorSecrets {
    /// The answers of the declaration.
    pub(super) form: serde_json::Value,
    /// The cards that were printed.
    pub(super) cards: Vec<Card>,
}

fn failed(what: &'static str) -> impl Fn() -> DemoError {
    move || DemoError::InVain(what.into())
}

impl Door {
    /// The phone of somebody whom the venue has admitted, in front of the unit's poster.
    pub async fn open(
        mut browser: Browser,
        unit: u64,
        poster: &Path,
        now: UnixTime,
    ) -> Result<Self, DemoError> {
        let document = browser.file("/v1/authority").await?;
        let document = VerifiedAuthority::first_contact(&document, now);
        let document = document.map_err(|_| failed("a document for the door")())?;
        let root = *document.root_key();
        let passes = browser.file(&format!("/{PASS_KEYS_PATH}")).await?;
        let passes = PassKeys::read(&passes, &root, None).ok();
        let cards = browser.file(&format!("/{CARD_KEYS_PATH}")).await?;
        let cards = CardKeys::read(&cards, &root, 0, now).ok();
        let keys = document.document().proven_venue_keys().ok();
        let payload = payload_of_url(&read_qr(poster)?).ok();
        let poster = payload.zip(keys).and_then(|(payload, keys)| {
            UnverifiedPoster::read(&payload).ok()?.verify(&keys, now).ok()
        });
        Ok(Self {
            browser,
            unit,
            poster: poster.ok_or_else(failed("a poster for the door"))?,
            passes: passes.ok_or_else(failed("keys of passes for the door"))?,
            cards: cards.ok_or_else(failed("keys of cards for the door"))?,
            day: DoorDay::new(&mut rand::rng()),
            records: Vec::new(),
        })
    }

    /// Scans a code: the first time somebody comes, the second time they leave.
    pub fn scan(&mut self, code: &str, now: UnixTime) -> Result<Scan, DemoError> {
        let shown = self.judged(code, now).ok_or_else(failed("a code that the door takes"))?;
        let stay = u64::from(self.poster.content().default_stay_minutes()) * 60;
        let (slots, master) = (self.poster.slots(), self.poster.master());
        let until = now.plus(stay);
        let scan = self.day.scan(&shown, now, until, 0);
        let rng = &mut rand::rng();
        let sealed = match scan {
            Scan::In => seal_check_in(slots, master, &shown, (now, until), 0, rng),
            Scan::Out(until) => seal_check_out(slots, master, &shown, (now, until), rng),
            Scan::UsedHere => Ok(Vec::new()),
        };
        self.records.extend(sealed.map_err(|_| failed("a record that is sealed")())?);
        Ok(scan)
    }

    fn judged(&self, code: &str, now: UnixTime) -> Option<Shown> {
        if let Ok(card) = Card::read_code(code) {
            let today = self.cards.list().local_time.day(now);
            return self.cards.verify(&card, today).ok().map(|()| Shown::Card(card));
        }
        let presented = read_code(code).ok()?;
        matches!(self.passes.judge(&presented, now), Verdict::Valid(_))
            .then_some(Shown::Pass(presented))
    }

    /// Sends the records of every hour, all of which are over: of how many hours.
    pub async fn send(&mut self) -> Result<usize, DemoError> {
        let hours: BTreeSet<Hour> = self.records.iter().map(|(hour, _)| *hour).collect();
        let mut of_hours: BTreeMap<Hour, Vec<SealedRecord>> = BTreeMap::new();
        for (hour, record) in self.records.drain(..) {
            of_hours.entry(hour).or_default().push(record);
        }
        for (hour, records) in of_hours {
            for upload in fill_upload(records, &mut rand::rng()) {
                let body = upload.iter().flat_map(|record| *record.as_bytes()).collect();
                let path = format!("/venue/door/{}/{}", self.unit, hour.number());
                self.browser.send_bytes(&path, body).await?;
            }
        }
        Ok(hours.len())
    }
}
