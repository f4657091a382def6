//! What tests of every part use: randomness that is given, and independent implementations to compare with.

pub mod given;
pub mod ground_truth;
pub mod guessing;
pub mod oracle;
