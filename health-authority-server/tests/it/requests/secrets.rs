//! What the server's disk and log show after a warning was published.

use std::process::Stdio;

use base64::prelude::BASE64_STANDARD;
use vungxanh_protocol::venue::slot::NotifyKey;

use super::*;
use crate::privacy::{contains, files_below};
use crate::support::authority::local_client;

/// In the forms in which bytes are usually written.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    vec![
        secret.to_vec(),
        hex::encode(secret).into_bytes(),
        BASE64_STANDARD.encode(secret).trim_end_matches('=').as_bytes().to_vec(),
        BASE64_URL_SAFE_NO_PAD.encode(secret).into_bytes(),
    ]
}

#[tokio::test]
async fn neither_notify_key_nor_identity_nor_share_is_on_disk() {
    let world = World::new().await;
    let mut venue = world.venue_browser().await;
    venue.post(&format!("/venue/advance/{}/on", world.unit), &[]).await.is(303);
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    let visit = world.visit(&row, 90, 40);
    // One request that shares in advance answer, one that the venue answers.
    let mut venue = world.venue_browser().await;
    let path = format!("/venue/advance/{}", world.unit);
    let data = data_of(&venue.get(&path).await);
    let slots = data["slots"].as_array().unwrap();
    let in_advance = shares_of(&data["payload"], slots, &world.secret);
    venue.json(&path, &in_advance).await.is(200);
    world.ask(&visit.to_string()).await.is(303);
    for asked in world.asked().await {
        world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    }
    publish(&world.authority).await;

    let mut secrets: Vec<Vec<u8>> = vec![world.secret.to_bytes().expose().to_vec()];
    for row in world.posters().await {
        let deriver = SlotDeriver::of_poster(&row.payload);
        for hour in Hour::touched(visit.from(), visit.until().plus(3_600)) {
            let identity = deriver.identity(hour);
            let notify: NotifyKey = deriver.notify_key(hour);
            let own = &world.authority.app.venue_keys.newest(world.now()).unwrap().sealing;
            secrets.push(identity.expose().to_vec());
            secrets.push(notify.expose().to_vec());
            secrets.push(world.secret.share(&identity).to_bytes().to_vec());
            secrets.push(own.share(&identity).to_bytes().to_vec());
        }
    }
    for share in in_advance["shares"].as_array().unwrap().iter().take(20) {
        secrets.push(hex::decode(share["share"].as_str().unwrap()).unwrap());
    }
    let mut files = Vec::new();
    files_below(&world.authority.dir(), &mut files);
    let found = |needle: &[u8]| files.iter().filter(|(_, file)| contains(file, needle)).count();
    assert!(found(&row.payload) > 0, "the search finds what is there");
    for secret in secrets {
        for form in forms(&secret) {
            assert_eq!(found(&form), 0, "{}", hex::encode(&secret[..8]));
        }
    }
    // Nor the case's visit, in any form that a column could have.
    for time in [visit.from(), visit.until()] {
        let number = i64::try_from(time.as_secs()).unwrap();
        let pool = crate::warnings::pool(&world.authority).await;
        let sql = "SELECT COUNT(*) FROM share_requests WHERE from_at = $1 OR until_at = $1";
        let left: i64 = sqlx::query_scalar(sql).bind(number).fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0);
        assert_eq!(found(number.to_string().as_bytes()), 0);
    }
}

/// The real program with its most talkative log.
#[tokio::test]
async fn the_log_tells_of_no_visit_and_no_share() {
    let world = World::new().await;
    let log = world.authority.folder.path().join("log");
    let visit = world.visit(&world.poster().await, 90, 40).to_string();
    let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_health-authority-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(world.authority.dir())
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let url = crate::program::url_of(&mut server);
    let http = local_client();
    let share = hex::encode([0xab; 96]);
    for (path, body) in [
        ("venue/requests/1/shares", json!({"shares": [{"hour": 1, "share": share}]}).to_string()),
        ("staff/warnings", format!("visits={visit}&reason=none")),
    ] {
        let request = http.post(format!("{url}/{path}")).body(body);
        let sent = request.header("origin", crate::support::browser::ORIGIN).send().await.unwrap();
        assert!(sent.status().is_client_error(), "{}", sent.status());
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(!log.is_empty());
    for private in [visit.as_str(), &visit[11..43], &share[..24]] {
        assert!(!log.contains(private), "{private} in:\n{log}");
    }
}
