//! `health-authority-server`, by the system's clock.

use std::process::ExitCode;
use std::sync::Arc;

use health_authority_server::platform::clock::SystemClock;

fn main() -> ExitCode {
    health_authority_server::run(std::env::args_os(), Arc::new(SystemClock))
}
