//! The rules: codes, certificates, cases and revision. No HTTP and no SQL.

pub mod base64_any;
pub mod cases;
pub mod certificate;
pub mod codes;
pub mod diagnosis;
pub mod guess_limit;
pub mod revision;
pub mod share_requests;
pub mod upload_shape;
pub mod warnings;
