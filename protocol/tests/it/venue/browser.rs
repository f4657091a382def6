//! The browser's modules against this crate, live: what one seals, the other opens.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use vungxanh_protocol::venue::cells::CellTable;
use vungxanh_protocol::venue::key_file::{Cost, KeyFile};
use vungxanh_protocol::venue::slot_key::SlotShare;

use super::{HOUR, World, minute, notice, rng};

/// Seals a visit into a table, makes the venue's share, opens what was sealed here, tries a
/// warning, and writes and reads key files.
const SCRIPT: &str = r"
import { CellTable } from './cells.js';
import { fromHex, toHex } from './bytes.js';
import { openKeyFile, sealKeyFile } from './keyfile.js';
import { sealStay } from './stay.js';
import { openVisit, share } from './venue.js';
import { tryWarning } from './warnings.js';
import { readFileSync } from 'node:fs';
const given = JSON.parse(readFileSync(0));
const bytes = (hex) => fromHex(hex, hex.length / 2);
const poster = { source: bytes(given.payload), master: bytes(given.master), displayKey: null, name: 'Phở Thìn' };
const table = await CellTable.create(1, given.hour + 1);
const stay = sealStay(poster, given.from, given.until, 2);
table.record(stay);
const warning = bytes(given.warning);
const secret = await openKeyFile(given.keyFile, given.passphrase);
const venueMatches = tryWarning({ hour: given.hour, slotKey: warning.subarray(4, 100), notice: warning.subarray(100) },
  table.of(given.hour));
console.log(JSON.stringify({
  table: toHex(table.toBytes().subarray(0, -24)),
  opened: toHex(openVisit(bytes(given.sealed), bytes(given.slotKey))),
  share: toHex(share(secret, poster.source, given.hour)),
  keyFile: await sealKeyFile(secret, given.passphrase, { cost: { memory_kib: 8, passes: 1 } }),
  venueMatches,
}));
";

fn node(input: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let mut child = Command::new("node")
        .args(["--input-type=module", "--eval", SCRIPT])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

#[test]
#[ignore = "needs node"]
fn the_browser_and_this_crate_open_what_the_other_sealed() {
    let world = World::new(11);
    let (from, until) = (minute(10), minute(80));
    let sealed = world.poster.seal_stay(from, until, 3, &mut rng(4)).unwrap();
    let key = world.slot_key(HOUR);
    let warning = world.warning(HOUR, &notice(0, 50));
    let passphrase = "bún chả Hàng Mành";
    let cheap = Cost::new(8, 1).unwrap();
    let file = KeyFile::seal(&world.venue, passphrase, cheap, &mut rng(5)).unwrap();
    let made = node(&json!({
        "payload": hex::encode(&world.payload), "master": hex::encode(world.poster.master().to_bytes()),
        "hour": HOUR.number(), "from": from.as_secs(), "until": until.as_secs(),
        "warning": hex::encode(warning.to_bytes()), "sealed": hex::encode(sealed[0].1.as_bytes()),
        "slotKey": hex::encode(key.to_bytes()), "keyFile": file.to_json(), "passphrase": passphrase,
    }));

    let visit = sealed[0].1.open(HOUR, &key).unwrap();
    let opened = bytes(&made["opened"]);
    assert_eq!(opened[..4], (visit.from.as_secs() as u32).to_be_bytes());
    assert_eq!(&opened[8..40], visit.notify_key.expose());
    assert_eq!(opened[40], 3);

    let table = CellTable::from_bytes(&bytes(&made["table"]), 1).unwrap();
    let found = table.try_warning(&warning).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].visit_from, found[0].visit_until), (from, HOUR.end()));
    assert_eq!((found[0].companions, found[0].venue.as_str()), (2, "Phở Thìn"));
    let theirs = &made["venueMatches"][0];
    assert_eq!(made["venueMatches"].as_array().unwrap().len(), 1);
    assert_eq!(theirs["visitFrom"], from.as_secs());
    assert_eq!(theirs["caseUntil"], minute(50).as_secs());
    assert_eq!(theirs["text"], "Gọi 1900 9095.");

    let slot = world.poster.slots().identity(HOUR);
    let share = SlotShare::from_bytes(&bytes(&made["share"]).try_into().unwrap()).unwrap();
    share.verify(&world.venue.public_key(), &slot).unwrap();
    let again = KeyFile::from_json(made["keyFile"].as_str().unwrap().as_bytes()).unwrap();
    let secret = again.open(passphrase).unwrap();
    assert_eq!(secret.to_bytes(), world.venue.to_bytes());
}
