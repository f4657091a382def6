//! A world with a supervised door: whose passes it scans, what its phone sends, and how its hours are opened.

use std::path::PathBuf;

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::intake::{self, KeyOrder};
use vungxanh_protocol::door::{
    SealedRecord, Shown, WarningBatchWithPasses, fill_upload, seal_check_in, seal_check_out,
};
use vungxanh_protocol::pass::{
    HolderKey, LivePass, Pass, PassKeys, PassKind, PassRequest, Presented,
};
use vungxanh_protocol::sealed_box::OpeningKey;

use super::*;

pub(super) const MINUTE: u64 = 60;

/// A world whose authority issues passes, and where the venue has a phone at its door.
pub(super) struct DoorWorld {
    pub(super) world: World,
    pub(super) folder: Folder,
    pub(super) officer: OpeningKey,
    /// When it began: a full hour.
    pub(super) start: UnixTime,
}

/// A person with a pass.
pub(super) struct Holder {
    pub(super) pass: Pass,
    pub(super) key: HolderKey,
}

impl Holder {
    pub(super) fn shown(&self, at: UnixTime) -> Shown {
        let presented = match self.pass.content().kind {
            PassKind::Live => Presented::Live(LivePass::show(&self.pass, &self.key, at).unwrap()),
            _ => Presented::Printed(self.pass),
        };
        Shown::Pass(presented)
    }
}

impl DoorWorld {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let folder = Folder::new(world.authority.dir());
        let officer = OpeningKey::generate(&mut rand::rng());
        let (key, now) = (officer.public_key(), world.now());
        intake::add_officer(&folder, "Bác sĩ Hoa", key, [0].into(), now).unwrap();
        let this = Self { world, folder, officer, start: now };
        this.make_keys();
        this
    }

    pub(super) fn make_keys(&self) {
        let (config, now) = (&self.world.authority.app.config, self.world.now());
        intake::make_keys(&self.folder, KeyOrder::new(config, 3, now), now).unwrap();
    }

    pub(super) fn at(&self, minutes: u64) -> UnixTime {
        self.start.plus(minutes * MINUTE)
    }

    pub(super) fn pass_minutes(&self, minutes: u64) {
        self.world.authority.pass(minutes * MINUTE);
    }

    pub(super) async fn pass_keys(&self) -> PassKeys {
        let signed = self.world.authority.get("v1/pass-keys", &[]).await.bytes().await.unwrap();
        let document =
            health_authority_server::authority::document::read(&self.folder).unwrap().document;
        PassKeys::read(&signed, &document.root_key().unwrap(), None).unwrap()
    }

    /// Somebody who has a pass of today.
    pub(super) async fn holder(&self, kind: PassKind) -> Holder {
        let keys = self.pass_keys().await;
        let day = keys.list().local_time.day(self.world.now());
        let key = keys.key_for(day, kind).unwrap();
        let issuer = intake::pass_issuer(&self.folder, key).unwrap().unwrap();
        let request = PassRequest::new(key, &mut rand::rng()).unwrap();
        let signature = issuer.issue(&request.blinded());
        let (pass, key) = request.finish(&signature, key).unwrap();
        Holder { pass, key }
    }

    pub(super) async fn poster_now(&self) -> Poster {
        self.world.scan(&self.world.poster().await.payload, self.world.now()).await
    }

    /// What the door seals when somebody comes at a minute and is taken to stay until another.
    pub(super) async fn check_in(
        &self,
        holder: &Holder,
        from: u64,
        until: u64,
    ) -> Vec<(Hour, SealedRecord)> {
        let poster = self.poster_now().await;
        let (from, until) = (self.at(from), self.at(until));
        let shown = holder.shown(from);
        let (slots, master) = (poster.slots(), poster.master());
        seal_check_in(slots, master, &shown, (from, until), 0, &mut rand::rng()).unwrap()
    }

    pub(super) async fn check_out(
        &self,
        holder: &Holder,
        at: u64,
        until: u64,
    ) -> Vec<(Hour, SealedRecord)> {
        let poster = self.poster_now().await;
        let (at, until) = (self.at(at), self.at(until));
        let shown = holder.shown(at);
        let (slots, master) = (poster.slots(), poster.master());
        seal_check_out(slots, master, &shown, (at, until), &mut rand::rng()).unwrap()
    }

    pub(super) async fn phone(&self) -> Browser<'_> {
        let mut manager = self.world.venue_browser().await;
        let page = manager.post("/venue/people", &[("name", "Lan")]).await;
        let code = page.is(200).body.split("secret large\">").nth(1).unwrap()[..19].to_owned();
        let mut phone = Browser::new(&self.world.authority);
        phone.post("/venue/join", &[("code", &code)]).await.leads_to("/venue");
        phone.get("/venue/scan").await.is(200);
        phone
    }

    pub(super) fn path(&self, hour: Hour) -> String {
        format!("/venue/door/{}/{}", self.world.unit, hour.number())
    }

    /// Sends the records of each hour that has any, and says whether they were late.
    pub(super) async fn send(&self, records: &[(Hour, SealedRecord)]) -> Vec<bool> {
        let mut phone = self.phone().await;
        let mut late = Vec::new();
        let hours: std::collections::BTreeSet<Hour> =
            records.iter().map(|(hour, _)| *hour).collect();
        for hour in hours {
            let got = phone.bytes(&self.path(hour), upload_of(records, hour)).await;
            let body: Value = serde_json::from_str(&got.is(200).body).unwrap();
            late.push(body["late"].as_bool().unwrap());
        }
        late
    }

    /// An officer discloses a case's stay.
    pub(super) async fn disclose(&self, from: u64, until: u64) {
        let fingerprint = PosterFingerprint::from_bytes(self.world.poster().await.fingerprint);
        let visit = DisclosedVisit::new(fingerprint, self.at(from), self.at(until)).unwrap();
        self.world.ask(&visit.to_string()).await.is(303);
    }

    /// The venue's one answer.
    pub(super) fn answer(&self, asked: &Asked) -> Value {
        let mut answer = asked.shares(&self.world.secret);
        answer["doors"] = door_shares(asked, &self.world.secret);
        answer
    }

    /// The newest batch, as a device reads it that knows version 2.
    pub(super) async fn published(&self) -> WarningBatchWithPasses {
        let files = publish(&self.world.authority).await.files;
        let name = files.iter().find(|name| name.ends_with(".vxp")).unwrap();
        self.read(name).await
    }

    pub(super) async fn read(&self, name: &str) -> WarningBatchWithPasses {
        let file = self.world.authority.get(&format!("v1/warnings/{name}"), &[]).await;
        assert_eq!(file.status(), 200, "{name}");
        let bytes = file.bytes().await.unwrap();
        let key = crate::warnings::warning_key(&self.world.authority).await;
        WarningBatchWithPasses::read(&bytes, &key, "VN").unwrap()
    }

    pub(super) async fn count(&self, sql: &'static str) -> i64 {
        let pool = crate::warnings::pool(&self.world.authority).await;
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    }
}

pub(super) fn upload_of(records: &[(Hour, SealedRecord)], hour: Hour) -> Vec<u8> {
    let of_hour = records.iter().filter(|(of, _)| *of == hour).map(|(_, record)| record.clone());
    let [upload] = &fill_upload(of_hour.collect(), &mut rand::rng())[..] else {
        panic!("one upload");
    };
    upload.iter().flat_map(|record| *record.as_bytes()).collect()
}

pub(super) fn door_shares(asked: &Asked, secret: &PartySecret) -> Value {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(asked.0["payload"].as_str().unwrap()).unwrap();
    let deriver = SlotDeriver::of_poster(&payload);
    let shares = asked.0["doors"].as_array().unwrap().iter().map(|hour| {
        let hour = Hour::new(u32::try_from(hour.as_u64().unwrap()).unwrap());
        let share = secret.door_share(&deriver.door_identity(hour)).to_bytes();
        json!({"hour": hour.number(), "share": hex::encode(share)})
    });
    shares.collect()
}

pub(super) fn error_of(got: &Got) -> (u16, String) {
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert!(body["message"].as_str().unwrap().len() > 20, "{body}");
    (got.status, body["error"].as_str().unwrap().to_owned())
}

pub(super) fn all_files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| all_files(folder)));
    files
}
