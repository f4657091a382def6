//! A QR code before the camera, by `zbarcam` where it is installed: this program has no camera
//! support of its own, which would need C libraries at build time.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use super::picture::is_poster;
use crate::failure::{Exit, Failure};

/// The camera that is used unless another is named.
pub(super) const DEFAULT_DEVICE: &str = "/dev/video0";
const PROGRAM: &str = "zbarcam";
/// Only QR codes, only the text, no window, no sound.
const ARGUMENTS: [&str; 5] = ["--raw", "--quiet", "--nodisplay", "-Sdisable", "-Sqrcode.enable"];
/// The longest line that is read, in bytes: more than any poster's URL.
const MAX_LINE_BYTES: u64 = 4_096;
/// Different codes of no poster that are said, at most.
const MAX_OTHERS: usize = 20;

/// The text of the first code before the camera that has the form of a poster's. Of each other code
/// `other` is called once.
pub(super) fn read(device: &Path, other: impl FnMut(&str)) -> Result<String, Failure> {
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
    let found =
        child.stdout.take().map_or(Ok(CameraCodes::Nothing), |output| poster_in(output, other));
    // It would look on.
    let _ = child.kill();
    let ended = child.wait();
    match found {
        Ok(CameraCodes::Poster(text)) => Ok(text),
        Ok(CameraCodes::Others) => Err(Failure::new(Exit::BadInput, "failure-camera-no-poster")),
        Ok(CameraCodes::Nothing) => {
            Err(failed(ended.map_or_else(|error| error.to_string(), |end| end.to_string())))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

/// What was before the camera.
enum CameraCodes {
    Poster(String),
    /// Codes, but no poster's.
    Others,
    Nothing,
}

/// Reads a code a line, until one is a poster's.
fn poster_in(output: impl Read, mut other: impl FnMut(&str)) -> io::Result<CameraCodes> {
    let mut output = BufReader::new(output);
    let mut others = BTreeSet::new();
    loop {
        let mut line = Vec::new();
        if (&mut output).take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(if others.is_empty() { CameraCodes::Nothing } else { CameraCodes::Others });
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if is_poster(&text) {
            return Ok(CameraCodes::Poster(text));
        }
        if !text.is_empty() && others.len() < MAX_OTHERS && others.insert(text.clone()) {
            other(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_is_not_there_is_called_so() {
        let failure = read(Path::new("/dev/no-camera-here"), |_| {}).unwrap_err();
        assert_eq!(failure.id(), "failure-no-camera");
    }
}
