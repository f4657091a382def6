//! Many at once.

use serde_json::json;

use crate::support::at_once::at_once;
use crate::support::authority::{Authority, Person};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_wins_a_code_and_one_a_token() {
    let authority = Authority::start().await;
    let code = json!({"code": authority.code("confirmed").await});
    let replies = at_once((0..16).map(|_| authority.post("api/verify", &code))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [&[200][..], &[400; 15]].concat());
    let winner = replies.iter().find(|reply| reply.status == 200).unwrap();

    // Each with a key list of its own: the same list may be asked for again.
    let replies = at_once((0..16).map(|_| async {
        let person = Person::new(authority.now(), 2);
        let ask = json!({"token": winner.body["token"], "ekeyhmac": person.hmac()});
        authority.post("api/certificate", &ask).await
    }))
    .await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publications_and_batches_at_once_lose_nothing() {
    let authority = Authority::start().await;
    let people: Vec<Person> = (0..8).map(|_| Person::new(authority.now(), 8)).collect();
    let mut publications = Vec::new();
    for person in &people {
        let certificate = authority.certificate("confirmed", person).await;
        publications.push(person.publication(&certificate));
    }
    let publish = async {
        for publication in &publications {
            assert_eq!(authority.post("v1/publish", publication).await.status, 200);
        }
    };
    let batches = async {
        for _ in 0..4 {
            authority.pass(30);
            let _ = tokio::join!(authority.batch(), authority.batch());
        }
    };
    tokio::join!(publish, batches);
    authority.pass(8 * 3_600);
    authority.batch().await;
    let mut published: Vec<_> =
        authority.published().await.iter().map(|entry| entry.key.key).collect();
    published.sort();
    let mut expected: Vec<_> = people.iter().flat_map(Person::key_bytes).collect();
    expected.sort();
    assert_eq!(published, expected, "each key once");
}
