//! Reading a QR code from a picture, as a camera would.

use std::path::Path;

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
