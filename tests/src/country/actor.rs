//! One client: performs acts, request by request, and keeps a tally.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rand::RngExt;
use vungxanh_protocol::api::{
    CERTIFICATE_PATH, CertificateResponse, EXPORTS_PATH, ISSUE_PATH, IssueResponse, PUBLISH_PATH,
    PublishResponse, VERIFY_PATH, VerifyResponse, WARNINGS_PATH,
};
use vungxanh_protocol::authority::{AuthorityDocument, DOCUMENT_PATH};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::declaration::DECLARE_PATH;

use super::bodies::{self, Origin, Upload, cookie_line};
use super::pages;
use super::schedule::{Act, Event};
use super::servers::REGION;
use super::tally::{Request, Tally};
use super::wire::{Answer, Wire, WireError};
use crate::harness::browser::between;

/// One browser in so many has none of the check-in page's files yet.
const NEW_BROWSERS: u64 = 5;
/// What browsers say of themselves.
const BROWSER: &str = "accept-language: vi-VN,vi;q=0.9\r\naccept-encoding: gzip, deflate, br\r\n";

/// What all clients know.
pub(super) struct Scene {
    pub(super) servers: Arc<[SocketAddr]>,
    pub(super) origin: Origin,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) document: AuthorityDocument,
    pub(super) staff_key: String,
    /// Login and password of an account of staff.
    pub(super) staff: (String, String),
    /// Files of the check-in page.
    pub(super) files: Vec<String>,
    /// Declarations that were made before, so that making them takes no time now.
    pub(super) declarations: Mutex<VecDeque<Vec<u8>>>,
    pub(super) caches: Vec<tokio::sync::Mutex<Cache>>,
    /// Where messages to telephones go.
    pub(super) logs: Vec<PathBuf>,
    pub(super) seed: u64,
}

/// What a cache holds.
#[derive(Debug, Default)]
pub(super) struct Cache {
    tags: BTreeMap<String, String>,
    files: BTreeSet<String>,
}

/// The act could not be performed; why is in the tally.
pub(super) struct Failed;

pub(super) struct Actor {
    scene: Arc<Scene>,
    wire: Wire,
    pub(super) tally: Tally,
}

impl Actor {
    pub(super) fn new(scene: &Arc<Scene>, number: usize) -> Result<Self, WireError> {
        let wire = Wire::new(&scene.servers, number)?;
        Ok(Self { scene: Arc::clone(scene), wire, tally: Tally::default() })
    }

    /// `from` is when the act should have begun.
    pub(super) async fn perform(&mut self, event: Event, from: Instant) -> Result<(), Failed> {
        self.tally.acts += 1;
        match event.act {
            Act::Case => self.case(event.number, from).await,
            Act::LookAlike => self.dummy_upload(event.number, from).await,
            Act::CacheRefresh => self.refresh_cache(event.number, from).await,
            Act::DeviceFetch => self.fetch(from).await,
            Act::CheckIn => self.check_in(event.number, from).await,
            Act::Declaration => self.declare(from).await,
            Act::Registration => self.register(event.number, from).await,
            Act::Login => self.log_in(from).await,
        }
    }

    /// Sends a request and notes what comes. An answer that refuses is a failure.
    async fn ask(
        &mut self,
        request: Request,
        message: &[u8],
        from: Instant,
    ) -> Result<Answer, Failed> {
        let answer = self.wire.exchange(message).await;
        let outcome = match &answer {
            Ok(answer) => Ok((answer.status, answer.body.len())),
            Err(error) => Err(error.label()),
        };
        self.tally.answered(request, from.elapsed(), outcome, message.len());
        answer.ok().filter(|answer| answer.status < 400).ok_or(Failed)
    }

    async fn case(&mut self, number: u64, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        let headers = format!("x-api-key: {}\r\n", scene.staff_key);
        let order = scene.origin.post(ISSUE_PATH, &headers, &bodies::code_order());
        let answer = self.ask(Request::IssueCode, &order, from).await?;
        let issued: IssueResponse = read(&answer)?;
        self.tally.done.codes_issued += 1;

        let rng = &mut Act::Case.rng(scene.seed, 1, number);
        let upload = Upload::new(&scene.document, scene.clock.now(), false, rng);
        let verify = scene.origin.post_json(VERIFY_PATH, &upload.verify(&issued.code));
        let answer = self.ask(Request::Verify, &verify, Instant::now()).await?;
        let verified: VerifyResponse = read(&answer)?;
        self.tally.done.codes_redeemed += 1;

        let certificate = upload.certificate(&verified.token);
        let certificate = scene.origin.post_json(CERTIFICATE_PATH, &certificate);
        let answer = self.ask(Request::Certificate, &certificate, Instant::now()).await?;
        let certified: CertificateResponse = read(&answer)?;
        self.tally.done.certificates += 1;

        let keys = upload.keys();
        let publish = scene.origin.post_json(PUBLISH_PATH, &upload.publish(certified.certificate));
        let answer = self.ask(Request::Publish, &publish, Instant::now()).await?;
        let published: PublishResponse = read(&answer)?;
        self.tally.done.publications += 1;
        self.tally.done.keys_received += u64::from(published.inserted_exposures);
        if u64::from(published.inserted_exposures) == keys { Ok(()) } else { Err(Failed) }
    }

    async fn dummy_upload(&mut self, number: u64, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        let rng = &mut Act::LookAlike.rng(scene.seed, 1, number);
        let upload = Upload::new(&scene.document, scene.clock.now(), true, rng);
        let code = format!("{:08}", rng.random_range(0..100_000_000));
        let verify = scene.origin.post_json(VERIFY_PATH, &upload.verify(&code));
        let answer = self.ask(Request::DummyVerify, &verify, from).await?;
        let verified: VerifyResponse = read(&answer)?;
        self.tally.done.dummy_requests += 1;

        let certificate = upload.certificate(&verified.token);
        let certificate = scene.origin.post_json(CERTIFICATE_PATH, &certificate);
        let answer = self.ask(Request::DummyCertificate, &certificate, Instant::now()).await?;
        let certified: CertificateResponse = read(&answer)?;
        self.tally.done.dummy_requests += 1;

        let publish = scene.origin.post_json(PUBLISH_PATH, &upload.publish(certified.certificate));
        self.ask(Request::DummyPublish, &publish, Instant::now()).await?;
        self.tally.done.dummy_requests += 1;
        self.tally.done.dummy_publications += 1;
        Ok(())
    }

    /// Asks for what has grown old by its tag, and for each new file once.
    async fn refresh_cache(&mut self, number: u64, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        let index = usize::try_from(number).unwrap_or_default() % scene.caches.len().max(1);
        let Some(cache) = scene.caches.get(index) else { return Ok(()) };
        let mut cache = cache.lock().await;
        let mut from = Some(from);
        self.revalidate(&mut cache, Request::Document, DOCUMENT_PATH, &mut from).await?;
        for folder in [EXPORTS_PATH, WARNINGS_PATH] {
            let path = list_path(folder);
            let Some(list) = self.revalidate(&mut cache, Request::List, &path, &mut from).await?
            else {
                continue;
            };
            for file in listed(folder, &list) {
                if !cache.files.contains(&file) {
                    let message = scene.origin.get(&file, "");
                    self.ask(Request::File, &message, Instant::now()).await?;
                    cache.files.insert(file);
                }
            }
        }
        Ok(())
    }

    /// What has changed since the last time; none where nothing has.
    async fn revalidate(
        &mut self,
        cache: &mut Cache,
        request: Request,
        path: &str,
        from: &mut Option<Instant>,
    ) -> Result<Option<Vec<u8>>, Failed> {
        let known = cache.tags.get(path).map(|tag| format!("if-none-match: {tag}\r\n"));
        let message = self.scene.origin.get(path, &known.unwrap_or_default());
        let from = from.take().unwrap_or_else(Instant::now);
        let answer = self.ask(request, &message, from).await?;
        if answer.status == 304 {
            return Ok(None);
        }
        if let Some(tag) = answer.tag {
            cache.tags.insert(path.to_owned(), tag);
        }
        Ok(Some(answer.body))
    }

    /// Document and lists in full, as devices ask for them, and the files that came since the last time on
    /// average: a batch of keys in an hour, one of warnings in two.
    async fn fetch(&mut self, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        let message = scene.origin.get(DOCUMENT_PATH, "");
        self.ask(Request::Document, &message, from).await?;
        let minutes = scene.document.tracing.sync_mean_minutes as usize;
        for (folder, new) in [(EXPORTS_PATH, minutes / 60), (WARNINGS_PATH, minutes / 120)] {
            let message = scene.origin.get(&list_path(folder), "");
            let list = self.ask(Request::List, &message, Instant::now()).await?;
            for file in listed(folder, &list.body).into_iter().rev().take(new) {
                let message = scene.origin.get(&file, "");
                self.ask(Request::File, &message, Instant::now()).await?;
            }
        }
        Ok(())
    }

    async fn check_in(&mut self, number: u64, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        self.ask(Request::CheckInPage, &scene.origin.get("v", BROWSER), from).await?;
        if number.is_multiple_of(NEW_BROWSERS) {
            for file in scene.files.iter().map(String::as_str).chain(["service-worker.js"]) {
                let message = scene.origin.get(file, BROWSER);
                self.ask(Request::Asset, &message, Instant::now()).await?;
            }
        }
        Ok(())
    }

    async fn declare(&mut self, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        self.ask(Request::DeclarePage, &scene.origin.get("declare", BROWSER), from).await?;
        let body = scene.declarations.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let message = scene.origin.post_json(DECLARE_PATH, &body.ok_or(Failed)?);
        self.ask(Request::Declare, &message, Instant::now()).await?;
        self.tally.done.declarations += 1;
        Ok(())
    }

    async fn register(&mut self, number: u64, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        let rng = &mut Act::Registration.rng(scene.seed, 1, number);
        let phone = format!("09{:08}", rng.random_range(0..100_000_000));
        let password = format!("cau dong {:016x}", rng.random::<u64>());
        self.ask(Request::RegisterPage, &scene.origin.get("venue/register", BROWSER), from).await?;
        let form = pages::registration(&phone, &password);
        let message = scene.origin.post_form("venue/register", "", &form);
        let answer = self.ask(Request::Register, &message, Instant::now()).await?;
        let page = String::from_utf8_lossy(&answer.body).into_owned();
        let pending = between(&page, "name=\"pending\" value=\"", "\"").ok_or(Failed)?;
        let code = pages::code_for(&phone, &scene.logs).ok_or(Failed)?;
        let form = pages::form(&[("pending", pending), ("code", &code)].into());
        let message = scene.origin.post_form("venue/confirm", "", &form);
        let answer = self.ask(Request::Confirm, &message, Instant::now()).await?;
        // Whoever is registered is logged in.
        answer.cookie.map(drop).ok_or(Failed)
    }

    async fn log_in(&mut self, from: Instant) -> Result<(), Failed> {
        let scene = Arc::clone(&self.scene);
        self.ask(Request::LoginPage, &scene.origin.get("staff/login", BROWSER), from).await?;
        let (login, password) = &scene.staff;
        let form = pages::form(&[("login", login.as_str()), ("password", password)].into());
        let message = scene.origin.post_form("staff/login", "", &form);
        let answer = self.ask(Request::LogIn, &message, Instant::now()).await?;
        let cookie = answer.cookie.ok_or(Failed)?;
        let headers = format!("{BROWSER}{}", cookie_line(&cookie));
        let message = scene.origin.get("staff/venues", &headers);
        let answer = self.ask(Request::StaffPage, &message, Instant::now()).await?;
        let page = String::from_utf8_lossy(&answer.body).into_owned();
        let token = between(&page, "name=\"csrf-token\" content=\"", "\"").ok_or(Failed)?;
        let form = pages::form(&[("csrf", token)].into());
        let message = scene.origin.post_form("staff/logout", &cookie, &form);
        self.ask(Request::LogOut, &message, Instant::now()).await.map(drop)
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Failed> {
    serde_json::from_slice(&answer.body).map_err(|_| Failed)
}

pub(super) fn list_path(folder: &str) -> String {
    format!("{folder}{REGION}/index.txt")
}

/// The paths of the files of a list, oldest first.
pub(super) fn listed(folder: &str, list: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(list);
    let names = text.lines().map(str::trim_end).filter(|name| !name.is_empty());
    names
        .map(|name| match name.strip_prefix(REGION).is_some_and(|rest| rest.starts_with('/')) {
            true => format!("{folder}{name}"),
            false => format!("{folder}{REGION}/{name}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_in_which_lists_name_files() {
        let list = b"VN/1-2-00001.zip\n2-3-00001.zip\n\n";
        let paths = listed(EXPORTS_PATH, list);
        assert_eq!(paths, ["v1/exports/VN/1-2-00001.zip", "v1/exports/VN/2-3-00001.zip"]);
    }
}
