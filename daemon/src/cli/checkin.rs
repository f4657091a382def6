//! `vungxanh checkin`: begins a visit, with what a poster's QR code says. Works offline.
//!
//! Pictures are decoded here, not in the daemon: it never reads a picture, and so no hostile one.

mod camera;
mod picture;

use std::io::Read;
use std::path::PathBuf;

use vungxanh_protocol::venue::poster::MAX_URL_BYTES;
use zeroize::Zeroizing;

use super::Context;
use crate::control_api::{CheckInRequest, CheckedIn};
use crate::failure::{Exit, Failure};

/// Arguments of `vungxanh checkin`: one of the three ways to say what the QR code says.
#[derive(clap::Args)]
#[command(
    override_usage = "usage-of-checkin",
    group(clap::ArgGroup::new("poster").args(["code", "image", "camera"]))
)]
pub(super) struct Arguments {
    /// help-checkin-code
    #[arg(value_name = "URL")]
    code: Option<String>,
    /// help-checkin-image
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// help-checkin-camera
    #[arg(long, value_name = "DEVICE", num_args = 0..=1, require_equals = true,
        default_missing_value = camera::DEFAULT_DEVICE)]
    camera: Option<PathBuf>,
    /// help-checkin-companions
    #[arg(long, value_name = "N")]
    companions: Option<u8>,
}

/// Without the code: it names the place.
impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arguments").finish_non_exhaustive()
    }
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let codes = Zeroizing::new(match (&arguments.image, &arguments.camera, arguments.code) {
        (Some(image), ..) => picture::read(image)?,
        (None, Some(device), _) => {
            context.output.note("checkin-camera", &[]);
            let other = |text: &str| {
                let said: String = text.chars().take(picture::MAX_SAID_CHARS).collect();
                context.output.note("checkin-camera-other", &[("found", said.into())]);
            };
            vec![camera::read(device, other)?]
        }
        (None, None, Some(code)) if code == "-" => vec![from_stdin()?],
        (None, None, Some(code)) => vec![code],
        (None, None, None) => return Err(Failure::new(Exit::Usage, "failure-checkin-what")),
    });
    let checked_in = check_in(&codes, arguments.companions, context)?;
    context.output.result(&checked_in, |output| {
        if checked_in.ended_another {
            output.line("checkin-ended-another", &[]);
        }
        let done = if checked_in.extended { "checkin-extended" } else { "checkin-done" };
        output.line(done, &[]);
        super::visits::show(&checked_in.visit, output);
        output.line("checkin-what-next", &[]);
        if !checked_in.clock_trusted {
            output.line("checkin-clock", &[]);
        }
    });
    Ok(())
}

/// Checks in with the first code that the daemon takes: a picture can show several posters, of
/// several authorities. The answer about the first counts if it takes none.
fn check_in(
    codes: &[String],
    companions: Option<u8>,
    context: &Context,
) -> Result<CheckedIn, Failure> {
    let daemon = context.daemon()?;
    let mut first = None;
    for code in codes {
        let request = CheckInRequest { code: code.clone(), companions };
        match daemon.send(&request) {
            Ok(checked_in) => return Ok(checked_in),
            Err(failure) => drop(first.get_or_insert(failure)),
        }
    }
    Err(first.unwrap_or(Failure::new(Exit::Usage, "failure-checkin-what")))
}

/// The code from standard input: what stands on the command line, others on the machine can see,
/// and the shell remembers.
fn from_stdin() -> Result<String, Failure> {
    let mut code = String::new();
    // One byte more than is accepted, so that what is too long is refused as such.
    let limit = MAX_URL_BYTES as u64 + 1;
    std::io::stdin().take(limit).read_to_string(&mut code).map_err(|error| {
        Failure::new(Exit::BadInput, "failure-poster-unreadable").because(error)
    })?;
    Ok(code)
}
