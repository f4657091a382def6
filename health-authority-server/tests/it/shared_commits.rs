//! Requests at the same time share a commit; each is taken or refused by itself.

use std::time::Duration;

use serde_json::json;

use crate::support::at_once::at_once;
use crate::support::authority::Authority;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_refused_takes_nothing_with_it() {
    let authority = Authority::start().await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(authority.code("confirmed").await);
    }
    // Each code twice, and as many that are not valid.
    let unknown = (0..12).map(|number| format!("{number:016}abcd"));
    let asked: Vec<_> = codes
        .iter()
        .flat_map(|code| [code.clone(), code.clone()])
        .chain(unknown)
        .map(|code| json!({"code": code}))
        .collect();
    let replies = at_once(asked.iter().map(|ask| authority.post("api/verify", ask))).await;
    let taken: Vec<_> =
        replies[..24].chunks(2).map(|pair| (pair[0].status, pair[1].status)).collect();
    assert!(taken.iter().all(|pair| matches!(pair, (200, 400) | (400, 200))), "{taken:?}");
    assert!(replies[24..].iter().all(|reply| reply.status == 400));
    assert_eq!(authority.total("codes_redeemed").await, 12);
    let tokens: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM tokens")
        .fetch_one(&authority.database().await)
        .await
        .unwrap();
    assert_eq!(tokens, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_goes_away_takes_nothing_with_him() {
    let authority = Authority::start().await;
    let codes = |count: usize| {
        let authority = &authority;
        async move {
            let mut codes = Vec::new();
            for _ in 0..count {
                codes.push(json!({"code": authority.code("confirmed").await}));
            }
            codes
        }
    };
    let (staying, leaving) = (codes(16).await, codes(16).await);
    let leave = leaving.iter().zip(0_u64..).map(|(ask, number)| {
        tokio::time::timeout(Duration::from_micros(400 * number), authority.post("api/verify", ask))
    });
    let stay = staying.iter().map(|ask| authority.post("api/verify", ask));
    let (replies, _) = tokio::join!(at_once(stay), at_once(leave));
    assert!(replies.iter().all(|reply| reply.status == 200));
    // Nothing is left half done that stops the next one.
    let redeemed = authority.total("codes_redeemed").await;
    assert!((16..=32).contains(&redeemed), "{redeemed}");
    let next = json!({"code": authority.code("confirmed").await});
    assert_eq!(authority.post("api/verify", &next).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_statement_that_fails_ends_with_its_cause() {
    let authority = Authority::start().await;
    let mut asks = Vec::new();
    for _ in 0..8 {
        asks.push(json!({"code": authority.code("confirmed").await}));
    }
    let pool = authority.database().await;
    sqlx::query("ALTER TABLE tokens RENAME TO hidden").execute(&pool).await.unwrap();
    let replies = at_once(asks.iter().map(|ask| authority.post("api/verify", ask))).await;
    assert!(replies.iter().all(|reply| reply.status == 500));
    sqlx::query("ALTER TABLE hidden RENAME TO tokens").execute(&pool).await.unwrap();
    let replies = at_once(asks.iter().map(|ask| authority.post("api/verify", ask))).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "no code was used up");
}
