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

#[cfg(not(feature = "s3"))]
#[tokio::test]
async fn a_program_without_s3_says_so_instead_of_publishing_elsewhere() {
    use health_authority_server::services::app::App;

    use crate::support::authority::{Authority, configure};

    let authority = Authority::start().await;
    authority.stop().await;
    configure(&authority.dir(), &[("exports = \"exports\"", "exports = \"s3://bucket/exports\"")]);
    let refused = App::open(&authority.dir(), authority.clock.clone()).await.err().unwrap();
    assert!(refused.to_string().contains("without S3"), "{refused}");
}
