//! An authority that takes declarations, in this process, and answers as a test wants.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::authority::{AuthorityDocument, DeclarationRules};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::declaration::{
    DECLARE_RESPONSE_BYTES, DeclareRequest, DeclareResponse, Form,
};
use vungxanh_protocol::intake::{IntakeKey, IntakeKeyList, Officer, Roster};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{DayKey, KeyName, PassIssuer, PassKeyList, PassKeys, PassKind};
use vungxanh_protocol::phone::{
    ConfirmRequest, DayPhoneKey, PHONE_RESPONSE_BYTES, PhoneIssuer, PhoneKeyList, PhoneResponse,
};
use vungxanh_protocol::sealed_box::OpeningKey;

use super::super::Declarations;
use crate::store::MemoryStore;
use crate::sync::{Settings, Sync};
use crate::test_support::{NOON, SettableClock, document, enrol_at};
use crate::venue::Runtime;

/// The local day at noon, and what the test documents call the authority.
pub(super) fn today() -> u16 {
    LocalTime::VIET_NAM.day(NOON)
}
const AUTHORITY: &str = "vn.example";
/// The code that it sends.
pub(super) const RIGHT_CODE: &str = "123456";

/// How the next request to declare or to withdraw is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// With passes.
    Passes,
    /// With passes of a key that is not published.
    OtherPasses,
    /// With an error code and a status.
    Code(&'static str, u16),
    /// With a proxy's page.
    Page(u16),
}

pub(super) struct FakeAuthority {
    root: SigningKey,
    half: OpeningKey,
    live: PassIssuer,
    printed: PassIssuer,
    phone: PhoneIssuer,
    /// Requests about codes, each with its connection, newest last.
    asked: Mutex<Vec<(SocketAddr, Bytes)>>,
    /// Connections of declarations.
    declared_by: Mutex<Vec<SocketAddr>>,
    files: Mutex<BTreeMap<&'static str, Vec<u8>>>,
    answers: Mutex<VecDeque<Answer>>,
    bodies: Mutex<Vec<Bytes>>,
}

impl FakeAuthority {
    /// With keys for today, and listening.
    pub(super) async fn start() -> (Arc<Self>, String) {
        let rng = &mut rand::rng();
        let authority = Arc::new(Self {
            root: SigningKey::from_bytes(&[1; 32]),
            half: OpeningKey::generate(rng),
            live: PassIssuer::generate(rng),
            printed: PassIssuer::generate(rng),
            phone: PhoneIssuer::generate(rng),
            asked: Mutex::default(),
            declared_by: Mutex::default(),
            files: Mutex::default(),
            answers: Mutex::default(),
            bodies: Mutex::default(),
        });
        authority.publish(1, &authority.live, &authority.root);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/officers", get(Self::officers))
            .route("/v1/intake-keys", get(Self::intake_keys))
            .route("/v1/pass-keys", get(Self::pass_keys_file))
            .route("/v1/phone-keys", get(Self::phone_keys))
            .route("/v1/authority", get(Self::document))
            .route("/v1/phone/code", post(Self::code))
            .route("/v1/phone/confirm", post(Self::confirm))
            .route("/v1/declare", post(Self::declare))
            .route("/v1/withdraw", post(Self::declare))
            .with_state(Arc::clone(&authority));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        (authority, url)
    }

    /// Publishes the three files with this serial.
    pub(super) fn publish(&self, serial: u32, live: &PassIssuer, root: &SigningKey) {
        let (issued_at, expires_at) = (NOON.minus(60), NOON.plus(10 * 86_400));
        let officer = Officer {
            id: 1,
            key: self.half.public_key(),
            name: "Bác sĩ Hoa".into(),
            groups: BTreeSet::from([0]),
        };
        let roster = Roster { serial, issued_at, officers: vec![officer] };
        let intake = IntakeKeyList {
            serial,
            issued_at,
            expires_at,
            local_time: LocalTime::VIET_NAM,
            keys: vec![self.intake_key()],
        };
        let key = |kind, issuer| {
            let name = KeyName { day: today(), kind, id: 0 };
            (name, DayKey::of(name, issuer).unwrap())
        };
        let passes = PassKeyList {
            serial,
            issued_at,
            expires_at,
            local_time: LocalTime::VIET_NAM,
            valid_days: 3,
            keys: [key(PassKind::Live, live), key(PassKind::Printed, &self.printed)].into(),
            revoked: BTreeSet::new(),
        };
        *self.files.lock().unwrap() = [
            ("officers", roster.to_signed(root).unwrap()),
            ("intake", intake.to_signed(root).unwrap()),
            ("passes", passes.to_signed(root).unwrap()),
            ("phones", self.phone_list(serial, &self.phone).to_signed(root).unwrap()),
        ]
        .into();
    }

    fn phone_list(&self, serial: u32, issuer: &PhoneIssuer) -> PhoneKeyList {
        PhoneKeyList {
            serial,
            issued_at: NOON.minus(60),
            expires_at: NOON.plus(10 * 86_400),
            local_time: LocalTime::VIET_NAM,
            keys: [((today(), 0), issuer.public(today(), 0))].into(),
        }
    }

    /// From now on its document asks for a telephone code.
    pub(super) fn will_ask_for_codes(&self) {
        let rules = DeclarationRules { retention_days: 21, phone_code: true, ..Default::default() };
        let document = AuthorityDocument { declarations: Some(rules), ..document(2, NOON) };
        let signed = document.to_signed(&self.root).unwrap();
        self.files.lock().unwrap().insert("document", signed);
    }

    /// Another key under the same name.
    pub(super) fn publish_a_phone_key_of_ones_own(&self) {
        let list = self.phone_list(2, &PhoneIssuer::generate(&mut rand::rng()));
        self.files.lock().unwrap().insert("phones", list.to_signed(&self.root).unwrap());
    }

    pub(super) fn asked(&self) -> Vec<(SocketAddr, Bytes)> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn declared_by(&self) -> Vec<SocketAddr> {
        self.declared_by.lock().unwrap().clone()
    }

    pub(super) fn phone_key(&self) -> DayPhoneKey {
        self.phone.public(today(), 0)
    }

    async fn phone_keys(State(this): State<Arc<Self>>) -> (StatusCode, Vec<u8>) {
        this.file("phones")
    }

    async fn document(State(this): State<Arc<Self>>) -> (StatusCode, Vec<u8>) {
        this.file("document")
    }

    async fn code(
        State(this): State<Arc<Self>>,
        ConnectInfo(from): ConnectInfo<SocketAddr>,
        body: Bytes,
    ) -> (StatusCode, Vec<u8>) {
        this.asked.lock().unwrap().push((from, body));
        this.phone_answer(PhoneResponse::default())
    }

    async fn confirm(
        State(this): State<Arc<Self>>,
        ConnectInfo(from): ConnectInfo<SocketAddr>,
        body: Bytes,
    ) -> (StatusCode, Vec<u8>) {
        this.asked.lock().unwrap().push((from, body.clone()));
        let request: ConfirmRequest = serde_json::from_slice(&body).unwrap();
        if request.code != RIGHT_CODE {
            this.will_answer([Answer::Code("code_wrong", 403)]);
            return this.phone_answer(PhoneResponse::default());
        }
        let tokens = request.tokens().unwrap();
        let signed: Vec<_> = tokens.iter().map(|token| this.phone.issue(token)).collect();
        let proof = this.phone.prove(request.day, &request.phone);
        this.phone_answer(PhoneResponse::confirmed(&signed, proof))
    }

    /// As the next answer says, or like this.
    fn phone_answer(&self, response: PhoneResponse) -> (StatusCode, Vec<u8>) {
        let (status, mut response) = match self.answers.lock().unwrap().pop_front() {
            None | Some(Answer::Passes) => (200, response),
            Some(Answer::Page(status)) => return (code(status), b"<html>".to_vec()),
            Some(Answer::Code(error_code, status)) => {
                (status, PhoneResponse { error_code: error_code.into(), ..Default::default() })
            }
            Some(Answer::OtherPasses) => {
                let other = PhoneIssuer::generate(&mut rand::rng());
                let proof = other.prove(today(), "+84912345678");
                (200, PhoneResponse { proof: proof.to_base64(), ..response })
            }
        };
        (code(status), to_padded_json(&mut response, PHONE_RESPONSE_BYTES).unwrap())
    }

    pub(super) fn publish_again(&self, serial: u32) {
        self.publish(serial, &self.live, &self.root);
    }

    /// The same name for a key that only this device would be shown.
    pub(super) fn publish_a_key_of_ones_own(&self) {
        self.publish(2, &PassIssuer::generate(&mut rand::rng()), &self.root);
    }

    pub(super) fn publish_by_somebody_else(&self) {
        self.publish(2, &self.live, &SigningKey::from_bytes(&[9; 32]));
    }

    pub(super) fn publish_nothing(&self) {
        self.files.lock().unwrap().clear();
    }

    pub(super) fn will_answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(super) fn bodies(&self) -> Vec<Bytes> {
        self.bodies.lock().unwrap().clone()
    }

    /// What a door knows.
    pub(super) fn pass_keys(self: &Arc<Self>) -> PassKeys {
        let file = self.files.lock().unwrap()["passes"].clone();
        PassKeys::read(&file, &self.root.verifying_key(), None).unwrap()
    }

    /// What an officer reads of a request.
    pub(super) fn open(&self, body: &[u8]) -> Form {
        let request: DeclareRequest = serde_json::from_slice(body).unwrap();
        assert_eq!(request.key_id, self.intake_key().id);
        let (envelope, sealed) = (request.envelope().unwrap(), request.sealed_form().unwrap());
        sealed.open(&envelope, AUTHORITY, &self.intake_key(), &self.half).unwrap()
    }

    fn intake_key(&self) -> IntakeKey {
        IntakeKey { id: 7, day: today(), group: 0, key: self.half.public_key() }
    }

    fn file(&self, name: &str) -> (StatusCode, Vec<u8>) {
        match self.files.lock().unwrap().get(name) {
            Some(file) => (StatusCode::OK, file.clone()),
            None => (StatusCode::NOT_FOUND, b"nothing".to_vec()),
        }
    }

    async fn officers(State(this): State<Arc<Self>>) -> (StatusCode, Vec<u8>) {
        this.file("officers")
    }

    async fn intake_keys(State(this): State<Arc<Self>>) -> (StatusCode, Vec<u8>) {
        this.file("intake")
    }

    async fn pass_keys_file(State(this): State<Arc<Self>>) -> (StatusCode, Vec<u8>) {
        this.file("passes")
    }

    async fn declare(
        State(this): State<Arc<Self>>,
        ConnectInfo(from): ConnectInfo<SocketAddr>,
        body: Bytes,
    ) -> (StatusCode, Vec<u8>) {
        this.declared_by.lock().unwrap().push(from);
        this.bodies.lock().unwrap().push(body.clone());
        let answer = this.answers.lock().unwrap().pop_front().unwrap_or(Answer::Passes);
        let (status, mut response) = match answer {
            Answer::Page(status) => return (code(status), b"<html>".to_vec()),
            Answer::Code(error_code, status) => (
                status,
                DeclareResponse { error_code: error_code.into(), ..DeclareResponse::default() },
            ),
            Answer::Passes => (200, this.signed(&this.live, &body)),
            Answer::OtherPasses => {
                (200, this.signed(&PassIssuer::generate(&mut rand::rng()), &body))
            }
        };
        (code(status), to_padded_json(&mut response, DECLARE_RESPONSE_BYTES).unwrap())
    }

    fn signed(&self, live: &PassIssuer, body: &[u8]) -> DeclareResponse {
        let request: DeclareRequest = serde_json::from_slice(body).unwrap();
        let blinded = request.blinded_passes().unwrap_or_default();
        let (of_live, of_printed) =
            blinded.split_at(blinded.len().saturating_sub(request.printed.into()));
        let signed: Vec<_> = of_live
            .iter()
            .map(|pass| live.issue(pass))
            .chain(of_printed.iter().map(|pass| self.printed.issue(pass)))
            .collect();
        DeclareResponse {
            signed: DeclareResponse::encode_signatures(&signed),
            ..DeclareResponse::default()
        }
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap()
}

/// A device that is enrolled with it.
pub(super) struct Device {
    pub(super) declarations: Declarations,
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: Arc<SettableClock>,
    folder: TempDir,
}

impl Device {
    pub(super) fn enrolled(url: &str) -> Self {
        let store = Arc::new(MemoryStore::new());
        enrol_at(url, store.as_ref(), NOON);
        let (clock, folder) = (Arc::new(SettableClock::by_hand()), tempfile::tempdir().unwrap());
        let declarations = opened(&store, &clock, &folder);
        Self { declarations, store, clock, folder }
    }

    /// The daemon was killed and started again.
    pub(super) fn restarted(self) -> Self {
        let declarations = opened(&self.store, &self.clock, &self.folder);
        Self { declarations, ..self }
    }

    pub(super) fn now(&self) -> UnixTime {
        self.clock.now()
    }
}

fn opened(store: &Arc<MemoryStore>, clock: &Arc<SettableClock>, folder: &TempDir) -> Declarations {
    let settings = Settings::new(folder.path().join("downloads"));
    let sync = Sync::open(store.clone(), clock.clone(), settings).unwrap();
    let runtime = Runtime::Folder(folder.path().join("runtime"));
    Declarations::new(store.clone(), clock.clone(), sync, runtime)
}
