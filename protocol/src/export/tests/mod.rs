//! Tests of reading and writing together.

mod damage;
mod limits;
mod oracle;
mod round_trip;
mod samples;
mod signatures;
mod support;
