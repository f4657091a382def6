//! A QR code before the camera, by `zbarcam` where it is installed: this program has no camera
//! support of its own, which would need C libraries at build time.

use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Exit, Failure};

/// The camera that is used unless another is named.
pub(super) const DEFAULT_DEVICE: &str = "/dev/video0";
const PROGRAM: &str = "zbarcam";
/// Only QR codes, only the text, no window, no sound.
const ARGUMENTS: [&str; 6] =
    ["--raw", "--quiet", "--nodisplay", "-Sdisable", "-Sqrcode.enable", "--oneshot"];
/// The longest line that is read, in bytes: more than any poster's URL.
const MAX_LINE_BYTES: u64 = 4_096;

/// The text of the first QR code that comes before the camera.
pub(super) fn read(device: &Path) -> Result<String, Failure> {
    if !device.exists() {
        return Err(Failure::new(Exit::BadInput, "failure-no-camera")
            .with("device", device.display().to_string()));
    }
    let failed = |error: String| Failure::new(Exit::BadInput, "failure-camera").because(error);
    let mut child = Command::new(PROGRAM)
        .args(ARGUMENTS)
        .arg(device)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::new(Exit::BadInput, "failure-no-camera-program"),
            _ => failed(error.to_string()),
        })?;
    let mut line = String::new();
    let read = child.stdout.take().map_or(Ok(0), |output| {
        BufReader::new(std::io::Read::take(output, MAX_LINE_BYTES)).read_line(&mut line)
    });
    // Versions without --oneshot would go on.
    let _ = child.kill();
    let ended = child.wait();
    match read {
        Ok(_) if !line.trim().is_empty() => Ok(line.trim().to_owned()),
        Ok(_) => Err(failed(ended.map_or_else(|error| error.to_string(), |end| end.to_string()))),
        Err(error) => Err(failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_is_not_there_is_called_so() {
        let failure = read(Path::new("/dev/no-camera-here")).unwrap_err();
        assert_eq!(failure.id(), "failure-no-camera");
    }
}
