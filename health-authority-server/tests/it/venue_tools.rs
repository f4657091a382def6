//! A venue's own tools on its own computer: the real program.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use vungxanh_protocol::door::DoorShare;
use vungxanh_protocol::venue::party::{Party, PartyKey, ProofOfPossession};
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_protocol::venue::slot_key::SlotShare;

use crate::program::{PROGRAM, code, json, run};

fn vectors(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/test-vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn bytes<const N: usize>(hexadecimal: &str) -> [u8; N] {
    hex::decode(hexadecimal).unwrap().try_into().unwrap()
}

fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Runs `venue keygen`, and answers its question for the code with what `typed` makes of the one
/// that it shows.
fn keygen(out: &Path, passphrase: &Path, typed: impl Fn(&str) -> String) -> (Vec<String>, Output) {
    let mut child = Command::new(PROGRAM)
        .args(["venue", "keygen", "--out"])
        .arg(out)
        .arg("--passphrase-file")
        .arg(passphrase)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let shown = lines.find(|line| line.trim().len() == 83).unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", typed(shown.trim())).unwrap();
    (lines.collect(), child.wait_with_output().unwrap())
}

#[test]
fn a_key_is_kept_only_after_its_code_was_typed_back() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let passphrase = file(folder.path(), "passphrase", "con mèo xanh ăn phở\n");
    let out = folder.path().join("key.json");
    let wrong =
        |shown: &str| format!("{}{}", if shown.starts_with('7') { '8' } else { '7' }, &shown[1..]);
    let (_, refused) = keygen(&out, &passphrase, wrong);
    code(&refused, 3);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("mistyped"));
    assert!(!out.exists());

    let (said, made) = keygen(&out, &passphrase, str::to_lowercase);
    code(&made, 0);
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    let (key, proof) = said.last().unwrap().trim().split_once(':').unwrap();
    let key = PartyKey::from_bytes(&bytes(key)).unwrap();
    assert!(key.proven(&ProofOfPossession(bytes(proof)), Party::Venue).is_ok());
    let written: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(text(&written["public_key"]), hex::encode(key.to_bytes()));

    let again = run(&["venue", "keygen", "--out", out.to_str().unwrap()]);
    code(&again, 3);
    assert!(String::from_utf8_lossy(&again.stderr).contains("already exists"));
}

#[test]
fn a_poster_of_the_own_key_is_told_from_a_foreign_one() {
    let folder = tempfile::tempdir().unwrap();
    let [posters, keys] = ["venue.json", "venue-key-file.json"].map(vectors);
    let url = text(&posters["poster"]["url"]);
    let own = file(folder.path(), "own.json", &keys["file"].to_string());
    let yes = run(&["venue", "check", "--key", own.to_str().unwrap(), url]);
    code(&yes, 0);
    assert!(String::from_utf8_lossy(&yes.stdout).contains("Chợ Đồng Xuân"));
    let mut other = keys["file"].clone();
    other["public_key"] = posters["parties"][1]["public"].clone();
    let other = file(folder.path(), "other.json", &other.to_string());
    let no = run(&["venue", "check", "--key", other.to_str().unwrap(), url]);
    code(&no, 1);
    assert!(String::from_utf8_lossy(&no.stderr).contains("NO:"));
    code(&run(&["venue", "check", "--key", own.to_str().unwrap(), "https://a/v#AAAA"]), 3);
    let huge = file(folder.path(), "huge.json", &" ".repeat(10_000));
    code(&run(&["venue", "check", "--key", huge.to_str().unwrap(), url]), 3);
}

#[test]
fn shares_are_made_for_the_named_slots_of_the_own_poster_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [posters, keys] = ["venue.json", "venue-key-file.json"].map(vectors);
    let key = file(folder.path(), "key.json", &keys["file"].to_string());
    let passphrase = file(folder.path(), "passphrase", text(&keys["passphrase"]));
    let payload = hex::decode(text(&posters["poster"]["payload"])).unwrap();
    let encode = |payload: &[u8]| {
        use base64::Engine;
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(payload)
    };
    let slot = &posters["slots"][0];
    let seed = "ab".repeat(16);
    let hour = slot["hour"].as_u64().unwrap();
    let requests = |payload: &[u8]| {
        json!({ "format": "VX-SHARE-REQUESTS-1", "requests": [{ "id": 12, "payload": encode(payload),
            "unit": "", "slots": [{ "hour": hour, "scanHour": null, "seed": null },
                { "hour": hour, "scanHour": hour - 1, "seed": seed }],
            "doors": [hour] }] })
    };
    let share = |requests: &Value, passphrase: &Path| {
        let requests = file(folder.path(), "requests.json", &requests.to_string());
        run(&[
            "venue",
            "share",
            "--key",
            key.to_str().unwrap(),
            "--requests",
            requests.to_str().unwrap(),
            "--passphrase-file",
            passphrase.to_str().unwrap(),
        ])
    };
    let made = share(&requests(&payload), &passphrase);
    code(&made, 0);
    let made = json(&made);
    assert_eq!((&made["format"], &made["answers"][0]["id"]), (&json!("VX-SHARES-1"), &json!(12)));
    let shares = made["answers"][0]["shares"].as_array().unwrap();
    assert_eq!(shares.len(), 2);
    assert_eq!(shares[0]["share"], slot["venue_share"]);
    let seed = vungxanh_protocol::secret::SecretBytes::new(bytes(&seed));
    let scan_hour = Hour::new(u32::try_from(hour - 1).unwrap());
    let display = SlotDeriver::of_display(&payload, scan_hour, &seed);
    let identity = display.identity(Hour::new(u32::try_from(hour).unwrap()));
    let venue = PartyKey::from_bytes(&bytes(text(&posters["parties"][0]["public"]))).unwrap();
    let second = SlotShare::from_bytes(&bytes(text(&shares[1]["share"]))).unwrap();
    second.verify(&venue, &identity).unwrap();
    // The door has a share of its own, also at a display: of the payload alone.
    let door = &made["answers"][0]["doors"][0];
    assert_eq!(door["hour"], hour);
    let share_of_door = DoorShare::from_bytes(&bytes(text(&door["share"]))).unwrap();
    let hour_of_door = Hour::new(u32::try_from(hour).unwrap());
    let identity = SlotDeriver::of_poster(&payload).door_identity(hour_of_door);
    share_of_door.verify(&venue, &identity).unwrap();
    assert_ne!(door["share"], shares[0]["share"]);

    let wrong = file(folder.path(), "wrong", "phở gà");
    code(&share(&requests(&payload), &wrong), 3);
    let mut foreign = payload;
    foreign[27..75].copy_from_slice(&bytes::<48>(text(&posters["parties"][1]["public"])));
    code(&share(&requests(&foreign), &passphrase), 3);
    code(&share(&json!({ "format": "VX-SHARE-REQUESTS-2", "requests": [] }), &passphrase), 3);
    code(&share(&json!([]), &passphrase), 3);
}
