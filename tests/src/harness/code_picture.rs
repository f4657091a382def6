//! Reading QR codes from a picture, as a camera would.

use std::path::Path;
use std::process::Command;

use image::imageops::{FilterType, resize};
use rxing::BarcodeFormat;

use super::stage::DemoError;

/// Larger pictures are made smaller first.
const SIDE: u32 = 2_000;

/// The text of the one code in a picture.
pub fn read_qr(picture: &Path) -> Result<String, DemoError> {
    let missing = |_| DemoError::InVain(format!("a code in {}", picture.display()));
    let read = image::open(picture).map_err(|error| missing(error.to_string()))?;
    let large = read.width().max(read.height()) > SIDE;
    let read = if large { read.thumbnail(SIDE, SIDE) } else { read }.into_luma8();
    let (width, height) = read.dimensions();
    let format = Some(BarcodeFormat::QR_CODE);
    let found = rxing::helpers::detect_in_luma_slice(read.as_raw(), width, height, format);
    let found = found.map_err(|error| missing(error.to_string()))?;
    Ok(found.getText().to_owned())
}

/// What zbarimg, which is not ours, reads in a picture of `count` codes, in the order of its lines.
///
/// Now and then it overlooks a code on a page of several that it reads when the page is a little
/// smaller; a phone before a code gets many frames as well. So it is given the picture in up to
/// five sizes, until it has read so many; each code counts once.
pub fn codes_by_zbar(picture: &Path, count: usize) -> Result<Vec<String>, DemoError> {
    let in_vain =
        |why: String| DemoError::InVain(format!("zbarimg on {}: {why}", picture.display()));
    let mut codes = read_by_zbar(picture).map_err(in_vain)?;
    if codes.len() >= count {
        return Ok(codes);
    }
    let whole = image::open(picture).map_err(|error| in_vain(error.to_string()))?.into_luma8();
    let folder = tempfile::tempdir().map_err(|error| in_vain(error.to_string()))?;
    let frame = folder.path().join("frame.png");
    for percent in [90, 75, 60, 50] {
        let (width, height) = (whole.width() * percent / 100, whole.height() * percent / 100);
        let smaller = resize(&whole, width, height, FilterType::Triangle);
        smaller.save(&frame).map_err(|error| in_vain(error.to_string()))?;
        for code in read_by_zbar(&frame).map_err(in_vain)? {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        if codes.len() >= count {
            break;
        }
    }
    Ok(codes)
}

fn read_by_zbar(picture: &Path) -> Result<Vec<String>, String> {
    let mut reader = Command::new("zbarimg");
    reader.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(picture);
    let read = reader.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8(read.stdout).map_err(|error| error.to_string())?;
    Ok(text.lines().map(str::to_owned).collect())
}
