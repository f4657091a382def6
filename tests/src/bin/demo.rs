//! `cargo run --release --locked --bin demo`: see [`vungxanh_tests::demo`].

use std::process::ExitCode;

fn main() -> ExitCode {
    vungxanh_tests::demo::main(std::env::args_os())
}
