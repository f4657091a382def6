//! What a store that speaks S3 knows this server by.

use zeroize::Zeroizing;

use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::read_text;

/// Of the authority's keys: the access key's id and the secret key, a line each.
const CREDENTIALS: &str = "s3-credentials";
const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

pub struct Credentials {
    pub key_id: String,
    pub secret_key: Zeroizing<String>,
    /// Of credentials that end.
    pub session_token: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    /// Those of the environment, or those of the authority's keys.
    pub fn read(folder: &Folder) -> Result<Self, FileError> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let (Some(key_id), Some(secret_key)) = (variable(KEY_ID), variable(SECRET_KEY)) {
            let session_token = variable(SESSION_TOKEN).map(Zeroizing::new);
            return Ok(Self { key_id, secret_key: secret_key.into(), session_token });
        }
        let path = folder.keys().join(CREDENTIALS);
        let text = match read_text(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let reason = Text::ours("error-s3-credentials").with("id", KEY_ID);
                return Err(FileError::Content { path, reason: reason.with("secret", SECRET_KEY) });
            }
            Err(error) => return Err(FileError::io(path)(error)),
        };
        Self::parse(&text).ok_or_else(|| {
            let reason = Text::ours("error-s3-credentials").with("id", KEY_ID);
            FileError::Content { path, reason: reason.with("secret", SECRET_KEY) }
        })
    }

    /// Two lines, or three with a session token.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let key_id = lines.next()?.to_owned();
        let secret_key = Zeroizing::new(lines.next()?.to_owned());
        let session_token = lines.next().map(|line| Zeroizing::new(line.to_owned()));
        lines.next().is_none().then_some(Self { key_id, secret_key, session_token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_two_or_three_lines_and_are_not_printed() {
        let read = Credentials::parse("id\r\n  secret \n\n").unwrap();
        assert_eq!((read.key_id.as_str(), read.secret_key.as_str()), ("id", "secret"));
        assert!(read.session_token.is_none());
        assert!(!format!("{read:?}").contains("secret"));
        assert_eq!(*Credentials::parse("a\nb\nc").unwrap().session_token.unwrap(), "c");
        for wrong in ["", "id", "a\nb\nc\nd"] {
            assert!(Credentials::parse(wrong).is_none(), "{wrong}");
        }
    }
}
