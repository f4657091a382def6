//! What a browser stores when a person saves a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::driver::Browser;

const POLL: Duration = Duration::from_millis(50);
/// How often it is looked for, half a minute in all.
const MOST_POLLS: u32 = 600;

impl Browser {
    /// Stores what is downloaded in a folder, without asking.
    pub async fn save_downloads(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        let allow = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", allow).await;
    }

    /// The file of this name in that folder, when it is whole.
    pub async fn downloaded(&self, folder: &Path, name: &str) -> PathBuf {
        let file = folder.join(name);
        for _ in 0..MOST_POLLS {
            if file.exists() {
                return file;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("{name} was not saved: {:?}", std::fs::read_dir(folder).unwrap());
    }
}
