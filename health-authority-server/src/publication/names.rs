//! Names of published files: `REGION/START-END-NNNNN.EXTENSION`, as exposure-notifications-server
//! makes them.
//!
//! What is in the folder counts, not what the database remembers of it: a database that was restored
//! from a backup must neither take a file out of the list that devices may have missed, nor give a
//! name to other bytes that a device or a cache may have seen.

use std::io;

use vungxanh_protocol::interval::UnixTime;

use super::object_store::{ObjectStore, Put};
use crate::storage::batches::Batch;

/// The largest number that fits the names.
const MAX_NUMBER: u32 = 99_999;

/// How often the list is worked out again because another server wrote it meanwhile.
const INDEX_ATTEMPTS: usize = 8;

/// One kind of file of one region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series<'a> {
    pub(super) files: &'a ObjectStore,
    pub(super) region: &'a str,
    /// The endings of a batch's files: a batch may have one of each.
    pub(super) extensions: &'static [&'static str],
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    pub(super) end: UnixTime,
    pub(super) number: u32,
    pub(super) start: UnixTime,
    pub(super) name: String,
}

/// The name of a batch's file, relative to the exports' or the warnings' URL.
pub fn file_name(batch: &Batch, extension: &str) -> String {
    let Batch { region, start, end, file_number, .. } = batch;
    format!("{region}/{start}-{end}-{file_number:05}.{extension}")
}

impl Series<'_> {
    fn read(&self, name: String) -> Option<Listed> {
        let rest = name.strip_prefix(self.region)?.strip_prefix('/')?;
        let (stem, extension) = rest.split_once('.')?;
        let mut parts = self.extensions.contains(&extension).then(|| stem.split('-'))?;
        let (start, end) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let number = parts.next().filter(|number| number.len() == 5)?.parse().ok()?;
        if parts.next().is_some() {
            return None;
        }
        let (start, end) = (UnixTime::from_secs(start), UnixTime::from_secs(end));
        Some(Listed { end, number, start, name })
    }

    /// The files that are there, oldest first.
    pub(super) async fn listed(&self) -> io::Result<Vec<Listed>> {
        let names = self.files.names(self.region).await?;
        let mut listed: Vec<Listed> =
            names.into_iter().filter_map(|name| self.read(name)).collect();
        listed.sort();
        Ok(listed)
    }

    /// Writes a batch's files, each with its ending, and says under which number: its own, unless
    /// other bytes have one of the names already. Numbers up to `last` of its period belong to other
    /// batches.
    pub(super) async fn place(
        &self,
        batch: &Batch,
        contents: &[(&'static str, Vec<u8>)],
        last: u32,
    ) -> io::Result<u32> {
        let mut batch = batch.clone();
        while !self.put_all(&batch, contents).await? {
            if batch.file_number >= MAX_NUMBER {
                return Err(io::Error::other("no name is left for a batch of this period"));
            }
            batch.file_number = batch.file_number.max(last) + 1;
        }
        Ok(batch.file_number)
    }

    async fn put_all(
        &self,
        batch: &Batch,
        contents: &[(&'static str, Vec<u8>)],
    ) -> io::Result<bool> {
        for (extension, bytes) in contents {
            match self.files.put_new(&file_name(batch, extension), bytes.clone()).await? {
                Put::Written | Put::SameThere => {}
                Put::OtherThere => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Writes `<region>/index.txt`, the list of the files from `oldest` on, oldest first, joined by line
    /// feeds as exposure-notifications-server does; then deletes older files, which it no longer names.
    /// There is a list before the first file.
    ///
    /// Another server may write the list meanwhile. What was worked out before that may lack its files,
    /// so everything is looked at again.
    pub(super) async fn write_index(&self, oldest: UnixTime) -> io::Result<()> {
        for _ in 0..INDEX_ATTEMPTS {
            // Before the files: every file that this list names is among them.
            let seen = self.files.index(self.region).await?;
            let (old, listed): (Vec<_>, Vec<_>) =
                self.listed().await?.into_iter().partition(|file| file.end < oldest);
            let names: Vec<String> = listed.into_iter().map(|file| file.name).collect();
            let index = names.join("\n").into_bytes();
            if seen.content.as_ref() == Some(&index)
                || self.files.replace_index(self.region, &seen, index).await?
            {
                for file in old {
                    self.files.delete(&file.name).await?;
                }
                return Ok(());
            }
        }
        Err(io::Error::other("other servers write the list all the time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(start: u64, end: u64, file_number: u32) -> Batch {
        let [start, end] = [start, end].map(UnixTime::from_secs);
        Batch { id: 1, region: "VN".into(), start, end, file_number }
    }

    #[tokio::test]
    async fn a_name_is_never_given_to_other_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectStore::in_folder(folder.path()).unwrap();
        let series = Series { files: &files, region: "VN", extensions: &["zip"] };
        let first = batch(3_600, 7_200, 1);
        assert_eq!(series.place(&first, &[("zip", b"a".to_vec())], 1).await.unwrap(), 1);
        assert_eq!(
            series.place(&first, &[("zip", b"a".to_vec())], 1).await.unwrap(),
            1,
            "finished twice"
        );
        assert_eq!(
            series.place(&first, &[("zip", b"b".to_vec())], 3).await.unwrap(),
            4,
            "after all others"
        );
        let names: Vec<String> =
            series.listed().await.unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["VN/3600-7200-00001.zip", "VN/3600-7200-00004.zip"]);
        assert_eq!(files.get(&names[0]).await.unwrap().unwrap(), b"a");
    }

    #[tokio::test]
    async fn the_list_is_what_is_there_and_old_files_go() {
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectStore::in_folder(folder.path()).unwrap();
        let series = Series { files: &files, region: "VN", extensions: &["zip"] };
        for name in ["100-200-00001.zip", "200-300-00002.zip", "200-300-00001.zip", "200-300-1.zip"]
        {
            files.put_new(&format!("VN/{name}"), b"x".to_vec()).await.unwrap();
        }
        files.put_new("VN/200-300-00001.vxw", b"another kind".to_vec()).await.unwrap();
        files.put_new("VN-2/200-300-00001.zip", b"another region".to_vec()).await.unwrap();
        series.write_index(UnixTime::from_secs(300)).await.unwrap();
        let index = String::from_utf8(files.get("VN/index.txt").await.unwrap().unwrap()).unwrap();
        assert_eq!(index, "VN/200-300-00001.zip\nVN/200-300-00002.zip");
        assert_eq!(files.get("VN/100-200-00001.zip").await.unwrap(), None);
        assert!(files.get("VN/200-300-1.zip").await.unwrap().is_some(), "not ours, not touched");
    }
}
