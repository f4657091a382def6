//! What a person does on the server's pages, with a browser that runs no scripts: it keeps the
//! session's cookie, and sends forms with the token of the pages that it has seen.

use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use vungxanh_daemon::platform::http_client::local_client;

/// Where a page has the token that its forms carry.
const TOKEN: &str = "<meta name=\"csrf-token\" content=\"";
/// Where a page has what its scripts work on.
const DATA: &str = "<script type=\"application/json\" id=\"data\">";

/// Why a page did not come, or did not take what was sent.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The server cannot be reached.
    #[error("{path}: {source}")]
    Network { path: String, source: reqwest::Error },
    #[error("{path} was refused with status {status}")]
    Refused { path: String, status: u16 },
    /// A page without something that belongs on it.
    #[error("{path} has no {missing}")]
    Missing { path: String, missing: &'static str },
}

/// A browser with one session at most.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    url: String,
    language: &'static str,
    cookie: String,
    token: String,
}

impl Browser {
    /// Opened at the server at `url`.
    pub fn open(url: &str, language: &'static str) -> Result<Self, BrowserError> {
        let failed = |source| BrowserError::Network { path: url.into(), source };
        let client = local_client().build().map_err(failed)?;
        let (cookie, token) = (String::new(), String::new());
        Ok(Self { client, url: url.trim_end_matches('/').into(), language, cookie, token })
    }

    /// A page; its token is stored.
    pub async fn page(&mut self, path: &str) -> Result<String, BrowserError> {
        let bytes = self.file(path).await?;
        let page = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(token) = between(&page, TOKEN, "\"") {
            self.token = token.to_owned();
        }
        Ok(page)
    }

    /// Whatever is at `path`.
    pub async fn file(&mut self, path: &str) -> Result<Vec<u8>, BrowserError> {
        let request = self.client.get(format!("{}{path}", self.url));
        let response = self.send(path, request).await?;
        if response.status().is_redirection() {
            // To the form for logging in.
            let status = response.status().as_u16();
            return Err(BrowserError::Refused { path: path.into(), status });
        }
        let failed = |source| BrowserError::Network { path: path.into(), source };
        Ok(response.bytes().await.map_err(failed)?.to_vec())
    }

    /// What the scripts of the page at `path` are given.
    pub async fn data(&mut self, path: &str) -> Result<serde_json::Value, BrowserError> {
        let page = self.page(path).await?;
        let data =
            between(&page, DATA, "</script>").and_then(|json| serde_json::from_str(json).ok());
        data.ok_or(BrowserError::Missing { path: path.into(), missing: "data for scripts" })
    }

    /// Sends a form; the page that answers.
    pub async fn send_form(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<String, BrowserError> {
        let token = [("csrf", self.token.as_str())];
        let body = form_body(token.iter().chain(fields));
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let response = self.send(path, request).await?;
        let failed = |source| BrowserError::Network { path: path.into(), source };
        response.text().await.map_err(failed)
    }

    /// Sends what a script of a page would send.
    pub async fn send_json(
        &mut self,
        path: &str,
        value: &serde_json::Value,
    ) -> Result<(), BrowserError> {
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header("x-csrf-token", &self.token)
            .json(value);
        self.send(path, request).await.map(drop)
    }

    /// Sends bytes, as a script of a page would.
    pub async fn send_bytes(&mut self, path: &str, body: Vec<u8>) -> Result<(), BrowserError> {
        let request = self.client.post(format!("{}{path}", self.url)).body(body);
        let request = request.header("x-csrf-token", &self.token);
        self.send(path, request).await.map(drop)
    }

    async fn send(
        &mut self,
        path: &str,
        request: RequestBuilder,
    ) -> Result<Response, BrowserError> {
        let request = request
            .header(ORIGIN, &self.url)
            .header(ACCEPT_LANGUAGE, self.language)
            .header(COOKIE, &self.cookie);
        let failed = |source| BrowserError::Network { path: path.into(), source };
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        if !(status.is_success() || status.is_redirection()) {
            return Err(BrowserError::Refused { path: path.into(), status: status.as_u16() });
        }
        let set = response.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
        if let Some((pair, _)) = set.and_then(|value| value.split_once(';')) {
            self.cookie = pair.to_owned();
        }
        Ok(response)
    }
}

/// What stands between `start` and the next `end`.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// `application/x-www-form-urlencoded`, everything but letters and digits escaped.
pub(crate) fn form_body<'a>(fields: impl Iterator<Item = &'a (&'a str, &'a str)>) -> String {
    let escaped = |text: &str| {
        text.bytes().fold(String::new(), |mut escaped, byte| {
            if byte.is_ascii_alphanumeric() {
                escaped.push(char::from(byte));
            } else {
                escaped.push_str(&format!("%{byte:02X}"));
            }
            escaped
        })
    };
    let pairs = fields.map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_escaped() {
        let fields = [("name", "Chợ"), ("a b", "1&2=3")];
        assert_eq!(form_body(fields.iter()), "name=Ch%E1%BB%A3&a%20b=1%262%3D3");
    }

    #[test]
    fn finds_what_stands_between() {
        assert_eq!(between("<a href=\"/x/7\">", "/x/", "\""), Some("7"));
        assert_eq!(between("<a>", "/x/", "\""), None);
        assert_eq!(between("/x/7", "/x/", "\""), None);
    }
}
