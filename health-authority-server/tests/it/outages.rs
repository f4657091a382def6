//! What the real program does while what it needs is away, and once it is back: devices are asked to come
//! again, those who run it see why, nothing that was acknowledged is lost.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use vungxanh_protocol::clock::Clock;

use crate::operations::{Served, once, ready};
use crate::postgres;
use crate::program::{init, json as json_of, run};
use crate::support::authority::{Person, local_client};
use crate::support::postgres::Cluster;
use health_authority_server::platform::clock::SystemClock;

/// So many uploads at a time.
const FLOOD: usize = 900;
/// The most memory that the program may have resident meanwhile.
const MOST_MIB: u64 = 300;

/// What a person with a code sends last.
async fn publication(served: &Served, dir: &Path, person: &Person) -> Value {
    let dir = dir.to_str().unwrap().to_owned();
    let issued = tokio::task::spawn_blocking(move || {
        json_of(&run(&["issue-code", "--long", "--json", "--dir", &dir]))
    });
    let code = issued.await.unwrap()["code"].clone();
    let post = async |path: &str, body: Value| -> Value {
        let request = local_client().post(format!("{}/{path}", served.url)).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    };
    let token = post("api/verify", json!({"code": code})).await["token"].clone();
    let ask = json!({"token": token, "ekeyhmac": person.hmac()});
    let certificate = post("api/certificate", ask).await["certificate"].clone();
    person.publication(certificate.as_str().unwrap())
}

/// Status, and when to come again.
async fn publish(served: &Served, publication: &Value) -> (u16, Option<String>) {
    let url = format!("{}/v1/publish", served.url);
    let answer = local_client().post(url).json(publication).send().await.unwrap();
    let later = answer.headers().get("retry-after").map(|after| after.to_str().unwrap().to_owned());
    (answer.status().as_u16(), later)
}

fn totals(dir: &Path) -> Value {
    json_of(&run(&["statistics", "--json", "--dir", dir.to_str().unwrap()]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_program_holds_the_database_everyone_is_asked_to_come_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    assert!(init(&dir).status.success());
    let served = Served::start(&dir, &[], &[("MALLOC_ARENA_MAX", "64")]);
    let now = SystemClock.now();
    let person = Person::new(now, 56);
    let real = publication(&served, &dir, &person).await;
    let mut dummy = Person::new(now, 56).publication("a.b.c");
    dummy["lookAlike"] = true.into();

    sqlx::any::install_default_drivers();
    let path = format!("sqlite://{}", dir.join("server.db").display());
    let other = sqlx::AnyPool::connect(&path).await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let mut flood = tokio::task::JoinSet::new();
    let (url, http) = (format!("{}/v1/publish", served.url), local_client());
    for n in 0..FLOOD {
        let request = http.post(&url).json(if n % 50 == 0 { &real } else { &dummy });
        flood.spawn(async move {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
        });
    }
    let (status, body) = once(&served.ops, "database", "down").await;
    assert_eq!(status, 503);
    assert!(body["checks"]["database"]["en"].as_str().unwrap().contains("does not take a write"));
    let answers = flood.join_all().await;
    assert!(answers.iter().all(|answer| *answer == (503, true)), "{answers:?}");
    held.rollback().await.unwrap();

    once(&served.ops, "database", "ok").await;
    assert_eq!(publish(&served, &real).await, (200, None));
    // Uploads whose transaction had begun may have been stored after their answer, as the same one again.
    assert_eq!(totals(&dir)["keys_received"], 56);
    let log = served.log();
    assert!(log.contains("does not work check=\"database\""), "{log}");
    assert!(log.contains("works again check=\"database\""), "{log}");
    let peak = served.peak_mib();
    println!("peak resident memory: {peak} MiB");
    assert!(peak < MOST_MIB, "{peak} MiB");
}

/// As after a power cut of the database's machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn while_postgresql_is_gone_everyone_is_asked_to_come_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cluster = Cluster::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    let url = cluster.url(&cluster.database().unwrap());
    assert!(postgres::init(&dir, &url).status.success());
    let served = Served::start(&dir, &[], &[]);
    let now = SystemClock.now();
    let before = publication(&served, &dir, &Person::new(now, 56)).await;
    let during = publication(&served, &dir, &Person::new(now, 56)).await;
    assert_eq!(publish(&served, &before).await, (200, None));

    cluster.control(&["stop", "-m", "immediate"]).unwrap();
    let (status, later) = publish(&served, &during).await;
    assert_eq!((status, later.as_deref()), (503, Some("30")));
    let (status, _) = once(&served.ops, "database", "down").await;
    assert_eq!(status, 503);
    cluster.restart_with_own_settings().unwrap();
    once(&served.ops, "database", "ok").await;
    assert_eq!(publish(&served, &during).await, (200, None));
    assert_eq!(publish(&served, &before).await, (200, None), "what was acknowledged is there");
    assert_eq!(totals(&dir)["keys_received"], 2 * 56);
}

struct Mounted(PathBuf);

impl Mounted {
    fn tmpfs(at: PathBuf, size: &str) -> Self {
        std::fs::create_dir(&at).unwrap();
        let option = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&at);
        assert!(mount.status().unwrap().success(), "mount failed");
        Self(at)
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = std::fs::File::create(&path).unwrap();
        for piece in [1 << 20, 4 << 10, 1] {
            while file.write_all(&vec![1; piece]).is_ok() {}
        }
        path
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
#[ignore = "needs root to mount a tmpfs"]
async fn on_a_full_tmpfs_nothing_acknowledged_is_lost_and_it_goes_on_by_itself() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let mounted = Mounted::tmpfs(folder.path().join("small"), "32m");
    let dir = mounted.0.join("authority");
    let dir_text = dir.to_str().unwrap();
    assert!(init(&dir).status.success());
    let served = Served::start(&dir, &[], &[]);
    let mut waiting = Vec::new();
    for _ in 0..12 {
        let person = Person::new(SystemClock.now(), 56);
        waiting.push(publication(&served, &dir, &person).await);
    }
    let mut taken = 0;
    let mut retried = Vec::new();
    assert_eq!(publish(&served, &waiting[0]).await.0, 200);
    taken += 1;

    let ballast = mounted.fill();
    let (status, body) = once(&served.ops, "disk", "down").await;
    assert_eq!(status, 503, "{body}");
    for publication in &waiting[1..] {
        match publish(&served, publication).await {
            (200, _) => taken += 1,
            (503, Some(_)) => retried.push(publication),
            other => panic!("{other:?}"),
        }
    }
    assert!(!retried.is_empty(), "the disk was not full");
    let batch = run(&["publish-batch", "--json", "--dir", dir_text]);
    assert_eq!(batch.status.code(), Some(6), "{}", String::from_utf8_lossy(&batch.stderr));

    std::fs::remove_file(ballast).unwrap();
    once(&served.ops, "disk", "ok").await;
    once(&served.ops, "database", "ok").await;
    for publication in retried {
        assert_eq!(publish(&served, publication).await.0, 200);
        taken += 1;
    }
    assert_eq!(taken, 12);
    let totals = totals(&dir);
    assert_eq!(
        (&totals["publications"], &totals["keys_received"]),
        (&12.into(), &(12 * 56).into())
    );
    assert!(run(&["publish-batch", "--json", "--dir", dir_text]).status.success());
    assert_eq!(ready(&served.ops, "").await.0, 200);
    let log = served.log();
    assert!(log.contains("does not work check=\"disk\""), "{log}");
    assert!(log.contains("works again check=\"disk\""), "{log}");
}
