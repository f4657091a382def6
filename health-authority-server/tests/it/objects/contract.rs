//! What every store of published files does.

use std::io::Read;

use health_authority_server::services::app::App;

use crate::support::authority::Authority;

/// The whole contract, on a store that has no files yet. Names of other regions are another server's.
pub(super) async fn holds(app: &App) {
    files_never_change(app).await;
    an_older_list_never_replaces_a_newer_one(app).await;
    a_file_is_given_out_whole_with_a_tag_of_its_content(app).await;
    names_stay_inside(app).await;
}

pub(super) async fn files_never_change(app: &App) {
    use_put(app, "VN/1-2-00001.zip", b"first", "Written").await;
    use_put(app, "VN/1-2-00001.zip", b"other", "OtherThere").await;
    use_put(app, "VN/1-2-00001.zip", b"longer than the first", "OtherThere").await;
    use_put(app, "VN/1-2-00001.zip", b"firs", "OtherThere").await;
    use_put(app, "VN/1-2-00001.zip", b"first", "SameThere").await;
    assert_eq!(app.files.get("VN/1-2-00001.zip").await.unwrap().unwrap(), b"first");
    use_put(app, "VN/1-2-00002.zip", b"", "Written").await;
    use_put(app, "VN-2/1-2-00001.zip", b"another region", "Written").await;
    let mut names = app.files.names("VN").await.unwrap();
    names.sort();
    assert_eq!(names, ["VN/1-2-00001.zip", "VN/1-2-00002.zip"]);
    assert_eq!(app.files.names("V").await.unwrap(), [""; 0]);
    let mut all = app.files.all_names().await.unwrap();
    all.sort();
    assert_eq!(all, ["VN-2/1-2-00001.zip", "VN/1-2-00001.zip", "VN/1-2-00002.zip"]);
    app.files.delete("VN/1-2-00002.zip").await.unwrap();
    app.files.delete("VN/1-2-00002.zip").await.unwrap();
    assert_eq!(app.files.get("VN/1-2-00002.zip").await.unwrap(), None);
    assert_eq!(app.files.names("VN").await.unwrap(), ["VN/1-2-00001.zip"]);
}

async fn use_put(app: &App, name: &str, content: &[u8], expected: &str) {
    let put = app.files.put_new(name, content.to_vec()).await.unwrap();
    assert_eq!(format!("{put:?}"), expected, "{name}");
}

async fn an_older_list_never_replaces_a_newer_one(app: &App) {
    let replace = async |seen: &_, text: &[u8]| {
        app.files.replace_index("VN", seen, text.to_vec()).await.unwrap()
    };
    let none = app.files.index("VN").await.unwrap();
    assert_eq!(none.content, None);
    assert!(replace(&none, b"VN/1-2-00001.zip").await);
    assert!(!replace(&none, b"written by who saw none").await);
    let first = app.files.index("VN").await.unwrap();
    assert!(replace(&first, b"VN/1-2-00001.zip\nVN/2-3-00001.zip").await);
    assert!(!replace(&first, b"VN/1-2-00001.zip\nVN/1-2-00009.zip").await);
    let now = app.files.index("VN").await.unwrap();
    assert_eq!(now.content.as_deref(), Some(&b"VN/1-2-00001.zip\nVN/2-3-00001.zip"[..]));
    assert!(replace(&now, b"VN/1-2-00001.zip").await);
}

async fn a_file_is_given_out_whole_with_a_tag_of_its_content(app: &App) {
    let open = async |name: &str| {
        let mut opened = app.files.open_published(name).await.unwrap()?;
        let mut content = Vec::new();
        opened.file.read_to_end(&mut content).unwrap();
        assert_eq!(opened.length, content.len() as u64);
        Some((content, opened.tag))
    };
    // The first 16 bytes of the SHA-256 of "first", by coreutils.
    let tag = "\"a7937b64b8caa58f03721bb6bacf5c78\"";
    let file = open("VN/1-2-00001.zip").await.unwrap();
    assert_eq!(file, (b"first".to_vec(), tag.to_owned()));
    assert_eq!(open("VN/1-2-00001.zip").await.unwrap(), file);
    let index = open("VN/index.txt").await.unwrap();
    assert_eq!(index.0, b"VN/1-2-00001.zip");
    let seen = app.files.index("VN").await.unwrap();
    assert!(app.files.replace_index("VN", &seen, Vec::new()).await.unwrap());
    let emptied = open("VN/index.txt").await.unwrap();
    assert!(emptied.0.is_empty() && emptied.1 != index.1, "{emptied:?}");
    assert_eq!(open("VN/none.zip").await, None);
    app.files.delete("VN/1-2-00001.zip").await.unwrap();
    assert_eq!(open("VN/1-2-00001.zip").await, None);
}

async fn names_stay_inside(app: &App) {
    for name in ["../secret", "VN/../../secret", "VN", "VN/", "/VN/1.zip", "VN/.lock", ".lock"] {
        assert_eq!(app.files.get(name).await.unwrap(), None, "{name}");
        assert!(app.files.open_published(name).await.unwrap().is_none(), "{name}");
    }
    assert!(app.files.health().works());
    assert!(app.files.health().last_success.is_some());
}

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let authority = Authority::start().await;
    holds(&authority.app).await;
}

#[cfg(feature = "s3")]
#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn a_bucket_of_s3s_keeps_the_contract() {
    let server = super::s3_server::S3Server::s3s();
    holds(&server.authority(server.port).await.app).await;
}

#[cfg(feature = "s3")]
#[tokio::test]
#[ignore = "needs moto"]
async fn a_bucket_of_moto_keeps_the_contract() {
    let server = super::s3_server::S3Server::moto().await;
    holds(&server.authority(server.port).await.app).await;
}
