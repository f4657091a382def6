//! A running server and a newer document: it works by it without being started again, and no request fails meanwhile.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use health_authority_server::platform::clock::SystemClock;
use vungxanh_protocol::authority::{AuthorityDocument, VerifiedAuthority};
use vungxanh_protocol::clock::Clock;

use crate::program::{PROGRAM, code, init, run, url_of};
use crate::support::authority::local_client;

const LIMIT: Duration = Duration::from_secs(120);

/// A server whose log is read.
struct Server {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
            .arg(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let url = url_of(&mut child);
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push_str(&line);
            }
        });
        Self { child, url, log }
    }

    fn logged(&self, text: &str) -> bool {
        self.log.lock().unwrap().contains(text)
    }

    async fn front_page(&self) -> reqwest::Result<String> {
        let page = local_client().get(&self.url).header("Accept-Language", "en").send().await?;
        page.error_for_status()?.text().await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Names the authority anew and signs its document.
fn rename(dir: &Path, from: &str, to: &str) {
    let config = dir.join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains(from));
    std::fs::write(&config, text.replace(from, to)).unwrap();
    code(&run(&["resign", "--dir", dir.to_str().unwrap()]), 0);
}

/// Signs a newer document, which is valid for `days` more.
fn expire_in(dir: &Path, days: u64) {
    let (file, now) = (dir.join("authority.signed"), SystemClock.now());
    let signed = std::fs::read(&file).unwrap();
    let document = VerifiedAuthority::first_contact(&signed, now).unwrap().document().clone();
    let document = AuthorityDocument {
        serial: document.serial + 1,
        expires_at: now.plus(days * 86_400 + 3_600),
        ..document
    };
    let (json, out) = (dir.join("draft.json"), dir.join("draft.signed"));
    std::fs::write(&json, document.to_json().unwrap()).unwrap();
    let key = dir.join("keys/root.key");
    let [key, json, newer] = [&key, &json, &out].map(|path| path.to_str().unwrap());
    code(&run(&["sign-document", "--document", json, "--root-key", key, "--out", newer]), 0);
    std::fs::rename(out, file).unwrap();
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(LIMIT, waiting).await.is_ok(), "no {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_takes_over_a_newer_document_and_answers_meanwhile() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&init(&dir), 0);
    let mut server = Server::start(&dir);
    assert!(server.front_page().await.unwrap().contains("Hanoi"));

    let (asked, is_over) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, over, url) = (Arc::clone(&asked), Arc::clone(&is_over), server.url.clone());
    let asking = tokio::spawn(async move {
        let mut refused = Vec::new();
        while !over.load(Ordering::Relaxed) {
            // A connection of its own for each.
            let answer = local_client().get(format!("{url}/health")).send().await;
            match answer.and_then(reqwest::Response::error_for_status) {
                Ok(_) => counted.fetch_add(1, Ordering::Relaxed),
                Err(error) => {
                    refused.push(error.to_string());
                    0
                }
            };
        }
        refused
    });
    rename(&dir, "Hanoi", "Red River Delta");
    let renamed = async || server.front_page().await.unwrap().contains("Red River Delta");
    until("page with the new name", renamed).await;
    let before = asked.load(Ordering::Relaxed);
    until("answer of the server that began again", async || asked.load(Ordering::Relaxed) > before)
        .await;

    // A folder that cannot be opened ends nothing.
    let (key, away) = (dir.join("keys/server.key"), dir.join("keys/server.key.away"));
    std::fs::rename(&key, &away).unwrap();
    rename(&dir, "Red River Delta", "Mekong Delta");
    let said = "going on without the newer document";
    until("word of the folder", async || server.logged(said)).await;
    assert!(server.front_page().await.unwrap().contains("Red River Delta"));
    std::fs::rename(&away, &key).unwrap();
    let renamed = async || server.front_page().await.unwrap().contains("Mekong Delta");
    until("page with the newest name", renamed).await;

    // What is said of a document at the first start is said of a newer one, too.
    let said = "the authority document expires soon";
    assert!(!server.logged(said), "not of those before");
    expire_in(&dir, 5);
    until("word of the expiry", async || server.logged(said)).await;

    is_over.store(true, Ordering::Relaxed);
    assert_eq!(asking.await.unwrap(), Vec::<String>::new());
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
