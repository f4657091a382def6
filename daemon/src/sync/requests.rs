//! Requests of other parts of the daemon to the enrolled authority.

use super::{Enrolled, Sync, SyncError};

impl Sync {
    /// Takes a newer document, if the authority has one and can be reached; otherwise the known one stays.
    pub(crate) async fn renew_document(&self) {
        if let (_, Err(error)) = self.update_document().await {
            tracing::debug!(%error, "the document could not be renewed");
        }
    }

    /// As [`Sync::post`], on a connection of its own that is used for nothing else.
    pub(crate) async fn post_apart(
        &self,
        enrolled: &Enrolled,
        path: &str,
        what: &str,
        json: Vec<u8>,
        limit: usize,
    ) -> Result<(u16, Vec<u8>), SyncError> {
        let url = enrolled.url.join(path)?;
        let (status, body) = self.shared.http.apart().post(url, what, json, limit).await?;
        Ok((status.as_u16(), body))
    }

    /// `GET` of a path of the authority's: at most `limit` bytes, or none where it has nothing there.
    pub(crate) async fn get(
        &self,
        enrolled: &Enrolled,
        path: &str,
        what: &str,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, SyncError> {
        let url = enrolled.url.join(path)?;
        let fetched = self.shared.http.get_if_there(url, what, limit).await?;
        Ok(fetched.map(|fetched| fetched.bytes))
    }

    /// `POST` to a path of the authority's: status and body.
    pub(crate) async fn post(
        &self,
        enrolled: &Enrolled,
        path: &str,
        what: &str,
        json: Vec<u8>,
        limit: usize,
    ) -> Result<(u16, Vec<u8>), SyncError> {
        let url = enrolled.url.join(path)?;
        let (status, body) = self.shared.http.post(url, what, json, limit).await?;
        Ok((status.as_u16(), body))
    }
}
