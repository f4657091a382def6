//! Commands of the W3C WebDriver protocol over HTTP, and what the driver answers.

use std::time::Duration;

use serde_json::Value;

/// Real time for an answer of the driver: more than it grants to a script, or to a page that loads.
const DRIVER_TIMEOUT: Duration = Duration::from_secs(400);

/// The same as [`try_call`], of a command that must not be refused.
pub async fn call(
    http: &reqwest::Client,
    base: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Value {
    let shown = format!("{method} {path} {body:?}");
    try_call(http, base, method, path, body)
        .await
        .unwrap_or_else(|message| panic!("{shown}: {message}"))
}

/// What the driver answers; its message where it refuses.
pub async fn try_call(
    http: &reqwest::Client,
    base: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Result<Value, String> {
    let request = http.request(method.parse().unwrap(), format!("{base}{path}"));
    let request = match &body {
        Some(body) => request.json(body),
        None => request,
    };
    let response = request.timeout(DRIVER_TIMEOUT).send().await.unwrap();
    let ok = response.status().is_success();
    let mut answer: Value = response.json().await.unwrap();
    if ok { Ok(answer["value"].take()) } else { Err(answer["value"]["message"].to_string()) }
}
