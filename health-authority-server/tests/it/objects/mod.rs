//! Published files in a folder and in a bucket: one contract, and what happens when the bucket is slow, refuses or
//! goes away. The S3-speaking servers are real ones; `.ci/run` installs them.

#[cfg(feature = "s3")]
mod bucket;
mod contract;
#[cfg(feature = "s3")]
mod faults;
#[cfg(feature = "s3")]
mod proxy;
#[cfg(feature = "s3")]
mod s3_server;

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::founding::resign;

use crate::support::authority::{Authority, configure};

/// A CDN in front of the folder or the bucket.
#[tokio::test]
async fn the_document_names_where_exports_are_if_not_here() {
    let authority = Authority::start().await;
    let base = "exports_url = \"https://files.example.vn/hanoi/exports\"";
    configure(&authority.dir(), &[("exports_url = \"\"", base)]);
    let document = resign(&Folder::new(authority.dir()), authority.now()).unwrap().document;
    assert_eq!(document.exports, "https://files.example.vn/hanoi/exports/");
    assert_eq!(document.warnings, "v1/warnings/", "what browsers read stays where their pages are");
}

#[cfg(not(feature = "s3"))]
#[tokio::test]
async fn a_program_without_s3_says_so_instead_of_publishing_elsewhere() {
    use health_authority_server::services::app::App;

    let authority = Authority::start().await;
    authority.stop().await;
    configure(&authority.dir(), &[("exports = \"exports\"", "exports = \"s3://bucket/exports\"")]);
    let refused = App::open(&authority.dir(), authority.clock.clone()).await.err().unwrap();
    assert!(refused.to_string().contains("without S3"), "{refused}");
}
