//! A day with ten thousand declarations among many more that are junk, in an officer's browser.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use rand::RngExt;
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::declaration::{Envelope, Form, FormKind, SealedForm, Symptom};
use vungxanh_protocol::intake::{IntakeKey, IntakeKeys};
use vungxanh_tests::harness::stage::DemoError;

use crate::driver::Driver;
use crate::looks::Looks;
use crate::officers::{Ministry, Reader};

const REAL: usize = 10_000;
const JUNK: usize = 20_000;
/// Names another number.
const JUNK_WANTED: &str = "VUNGXANH_JUNK";
/// Stores what comes in by standard input: submission, ward and sealed form, one after the other.
const STORE: &str = "
import os, sqlite3, sys
path, day, key, junk = sys.argv[1], *map(int, sys.argv[2:])
database = sqlite3.connect(path, timeout=60)
insert = 'INSERT INTO declarations VALUES (?, ?, 0, ?, 4, ?, ?, ?, ?)'
def real():
    while row := sys.stdin.buffer.read(16 + 4 + 2096):
        yield row[:16], day, key, int.from_bytes(row[16:20], 'big'), row[20:], bytes(32), bytes(32)
database.executemany(insert, real())
database.executemany(insert, ((os.urandom(16), day, key, 70, os.urandom(2096), bytes(32), bytes(32)) for _ in range(junk)))
database.commit()
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and python3"]
async fn ten_thousand_declarations_among_twice_as_many_of_junk_can_be_used() {
    measure().await.unwrap();
}

async fn measure() -> Result<(), DemoError> {
    let ministry = Ministry::found().await?;
    let driver = Driver::start();
    let looks = Looks::new();
    let hoa = Reader::begin(&ministry, &driver, &looks, "hoa").await?;
    hoa.open_page("vi").await;
    let (request, _) = hoa.make_key().await;
    ministry.add(&request).await?;
    ministry.make_keys().await?;
    let key = key_of_today(&ministry).await;
    let wanted = std::env::var(JUNK_WANTED).ok().and_then(|number| number.parse().ok());
    for junk in [0, wanted.unwrap_or(JUNK)] {
        store(&ministry, &key, if junk == 0 { REAL } else { 0 }, junk);
        hoa.open_page("vi").await;
        hoa.unlock().await;
        let before = renderers_kib(&driver);
        hoa.open_day().await;
        let took = hoa.browser().js("return document.documentElement.dataset.openedIn").await;
        let memory = (renderers_kib(&driver) - before) / 1_024;
        let begun = Instant::now();
        hoa.search("an 4711", &["Nguyễn Thị An 4711"]).await;
        let searched = begun.elapsed().as_millis();
        println!(
            "{REAL} among {junk} of junk: opened in {took} ms, {memory} MB more, searched in {searched} ms"
        );
        hoa.browser().fill("#query", "").await;
        let all = "return document.getElementById('rows-count').textContent.endsWith('10000')";
        hoa.browser().wait_until("all rows", all).await;
        let shown = hoa.browser().js("return document.querySelectorAll('#rows tr').length").await;
        assert_eq!(shown, 50, "few rows at a time");
        assert!(hoa.names().await[0].ends_with(" 0"), "the urgent one first");
        if junk > 0 {
            let said = hoa.browser().text("#junk").await;
            assert!(said.contains(&junk.to_string()), "{said}");
        }
    }
    assert_eq!(hoa.browser().problems().await, Vec::<String>::new());
    Ok(())
}

/// The published key of the day.
async fn key_of_today(ministry: &Ministry) -> IntakeKey {
    let get = async |file: &str| {
        let url = format!("{}/{file}", ministry.url);
        reqwest::get(url).await.unwrap().bytes().await.unwrap()
    };
    let now = ministry.stage.now();
    let document = VerifiedAuthority::first_contact(&get("v1/authority").await, now).unwrap();
    let root = document.document().root_key().unwrap();
    let keys = IntakeKeys::read(&get("v1/intake-keys").await, &root, 0, now).unwrap();
    keys.list().keys[0]
}

/// Puts declarations into the server's database, as if each had been sent.
fn store(ministry: &Ministry, key: &IntakeKey, real: usize, junk: usize) {
    let path = ministry.authority.folder().join("server.db");
    let numbers = [usize::from(key.day), key.id as usize, junk].map(|number| number.to_string());
    let mut python = Command::new("python3")
        .args(["-c", STORE])
        .arg(path)
        .args(numbers)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    for number in 0..real {
        let symptoms = if number == 0 { vec![Symptom::Breathing] } else { Vec::new() };
        let form = Form {
            name: format!("Nguyễn Thị An {number}"),
            born: Some(1985),
            phone: format!("09{:08}", 12_000_000 + number),
            ward: Some(70),
            symptoms: Some(symptoms),
            consent: Some(1),
            ..Form::new(FormKind::Daily, key.day)
        };
        let form = form.normalised();
        assert_eq!(form.problems(), []);
        let envelope = Envelope::of(&form, rand::rng().random());
        let sealed = SealedForm::seal(&form, &envelope, "vn.demo", key, &mut rand::rng()).unwrap();
        input.write_all(&envelope.submission).unwrap();
        input.write_all(&envelope.ward.to_be_bytes()).unwrap();
        input.write_all(sealed.as_bytes()).unwrap();
    }
    drop(input);
    assert!(python.wait().unwrap().success());
}

/// Memory of all pages of this driver's browsers, shared parts counted by their share.
fn renderers_kib(driver: &Driver) -> u64 {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let process: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // After the name, which ends with the last parenthesis: state and parent.
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Some((process, parent))
    });
    let processes: Vec<(u32, u32)> = processes.collect();
    let mut parents = vec![driver.process()];
    let mut total = 0;
    while let Some(parent) = parents.pop() {
        for (child, _) in processes.iter().filter(|(_, of)| *of == parent) {
            parents.push(*child);
            let command = std::fs::read_to_string(format!("/proc/{child}/cmdline"));
            if command.is_ok_and(|command| command.contains("--type=renderer")) {
                total += proportional_kib(*child);
            }
        }
    }
    total
}

fn proportional_kib(process: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"));
    let rollup = rollup.unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
