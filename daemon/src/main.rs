//! The program `vungxanh`.

use std::process::ExitCode;
use std::sync::Arc;

use vungxanh_daemon::platform::clock::SystemClock;

fn main() -> ExitCode {
    vungxanh_daemon::run(std::env::args_os(), Arc::new(SystemClock))
}
