//! An officer to whom the fixture's authority has declarations sealed; and what that officer reads of a request.

use std::collections::BTreeSet;

use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_protocol::authority::DeclarationRules;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::declaration::{DeclareRequest, Form};
use vungxanh_protocol::intake::{IntakeKey, IntakeKeyList, Officer, Roster};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{DayKey, KeyName, PassIssuer, PassKeyList, PassKind};
use vungxanh_protocol::sealed_box::OpeningKey;

use super::fixture::{Bench, DOCUMENT, document, root, sign};

const AUTHORITY: &str = "vn.example";

pub struct Intake {
    half: OpeningKey,
    keys: Vec<IntakeKey>,
}

impl Intake {
    /// The bench's authority takes declarations of today and tomorrow from now on: a test may run at midnight.
    pub fn begin(bench: &Bench) -> Self {
        let (rng, root) = (&mut rand::rng(), root(1));
        let now = SystemClock.now();
        let today = LocalTime::VIET_NAM.day(now);
        let (issued_at, expires_at) = (now.minus(3_600), now.plus(10 * 86_400));
        let half = OpeningKey::generate(rng);
        let keys = [today, today + 1]
            .map(|day| IntakeKey { id: day.into(), day, group: 0, key: half.public_key() })
            .to_vec();
        let officer = Officer {
            id: 1,
            key: half.public_key(),
            name: "Bác sĩ Hoa".into(),
            groups: BTreeSet::from([0]),
        };
        let roster = Roster { serial: 1, issued_at, officers: vec![officer] };
        let intake = IntakeKeyList {
            serial: 1,
            issued_at,
            expires_at,
            local_time: LocalTime::VIET_NAM,
            keys: keys.clone(),
        };
        let issuer = PassIssuer::generate(rng);
        let names = [today, today + 1].into_iter().flat_map(|day| {
            [PassKind::Live, PassKind::Printed].map(|kind| KeyName { day, kind, id: 0 })
        });
        let passes = PassKeyList {
            serial: 1,
            issued_at,
            expires_at,
            local_time: LocalTime::VIET_NAM,
            valid_days: 3,
            keys: names.map(|name| (name, DayKey::of(name, &issuer).unwrap())).collect(),
            revoked: BTreeSet::new(),
        };
        let rules = DeclarationRules { retention_days: 21, ..DeclarationRules::default() };
        let mut document = document(6);
        document.expires_at = UnixTime::from_secs(4_102_444_800);
        document.declarations = Some(rules);
        bench.authority.with(|content| {
            content.files.extend([
                (DOCUMENT.to_owned(), sign(&document)),
                ("/v1/officers".to_owned(), roster.to_signed(&root).unwrap()),
                ("/v1/intake-keys".to_owned(), intake.to_signed(&root).unwrap()),
                ("/v1/pass-keys".to_owned(), passes.to_signed(&root).unwrap()),
            ]);
        });
        Self { half, keys }
    }

    /// The forms that arrived, each once, as the officer reads them.
    pub fn reads(&self, bench: &Bench) -> Vec<Form> {
        let mut bodies: Vec<Vec<u8>> = Vec::new();
        // What is not answered comes again.
        for request in bench.authority.requests("/v1/declare") {
            if !bodies.contains(&request.body) {
                bodies.push(request.body);
            }
        }
        bodies.iter().map(|body| self.open(body)).collect()
    }

    fn open(&self, body: &[u8]) -> Form {
        let request: DeclareRequest = serde_json::from_slice(body).unwrap();
        let key = self.keys.iter().find(|key| key.id == request.key_id).unwrap();
        let (envelope, sealed) = (request.envelope().unwrap(), request.sealed_form().unwrap());
        sealed.open(&envelope, AUTHORITY, key, &self.half).unwrap()
    }
}
