//! A QR code in a picture: PNG or JPEG, as a phone takes it.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, ImageReader, Limits};
use rxing::BarcodeFormat;

use crate::failure::{Exit, Failure};
use crate::platform::atomic_file;

/// The largest file, in bytes.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// The longest side, in pixels.
const MAX_SIDE: u32 = 16_384;
/// Memory for decoding, in bytes: a picture of 100 megapixels in colour.
const MAX_MEMORY: u64 = 400 * 1024 * 1024;
/// Larger pictures are made smaller first: the code is then found faster, and more often.
const WORKING_SIDE: u32 = 2_000;

/// The text of the QR code in a file.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let named = |id, error: String| {
        Failure::new(Exit::BadInput, id).with("file", file.display().to_string()).because(error)
    };
    let bytes = atomic_file::read(file, MAX_FILE_BYTES + 1)
        .map_err(|error| named("failure-read-file", error.to_string()))?
        .ok_or_else(|| named("failure-no-file", String::new()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(named("failure-picture-too-large", String::new()));
    }
    let (pixels, width, height) =
        decode(&bytes).map_err(|error| named("failure-no-picture", error))?;
    find(&pixels, width, height).ok_or_else(|| named("failure-no-code-found", String::new()))
}

/// Grey pixels, row by row, with width and height.
fn decode(bytes: &[u8]) -> Result<(Vec<u8>, u32, u32), String> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err("neither PNG nor JPEG".to_owned());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut picture = reader.decode().map_err(|error| error.to_string())?;
    if picture.width().max(picture.height()) > WORKING_SIDE {
        picture = picture.thumbnail(WORKING_SIDE, WORKING_SIDE);
    }
    let grey = picture.into_luma8();
    let (width, height) = grey.dimensions();
    Ok((grey.into_raw(), width, height))
}

/// Looks for a QR code. A defect of the reading library in a strange picture counts as none found.
fn find(pixels: &[u8], width: u32, height: u32) -> Option<String> {
    let search = || {
        rxing::helpers::detect_in_luma_slice(pixels, width, height, Some(BarcodeFormat::QR_CODE))
            .map(|found| found.getText().to_owned())
            .ok()
    };
    std::panic::catch_unwind(search).ok().flatten()
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayImage, Luma};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "https://vx.example.vn/v#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn";

    /// A QR code of `TEXT`, turned by `degrees`, on a grey wall, with noise.
    fn photo(degrees: f64, noise: u8, dark: u8, light: u8) -> GrayImage {
        let code = qrcode::QrCode::new(TEXT).unwrap();
        let (modules, side) = (code.to_colors(), code.width() as f64);
        let (size, scale) = (400_i32, 5.0);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let mut state = 1_u32;
        GrayImage::from_fn(size as u32, size as u32, |x, y| {
            let (x, y) = (f64::from(x as i32 - size / 2), f64::from(y as i32 - size / 2));
            let column = (x * cos + y * sin) / scale + side / 2.0;
            let row = (y * cos - x * sin) / scale + side / 2.0;
            let inside = (0.0..side).contains(&column) && (0.0..side).contains(&row);
            let is_dark = inside
                && modules[row as usize * side as usize + column as usize] == qrcode::Color::Dark;
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = if noise == 0 { 0 } else { (state >> 24) as u8 % noise };
            Luma([if is_dark { dark } else { light }.saturating_add(noise)])
        })
    }

    fn file(picture: GrayImage, format: ImageFormat) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo");
        DynamicImage::ImageLuma8(picture).save_with_format(&path, format).unwrap();
        (folder, path)
    }

    #[test]
    fn tilted_noisy_and_pale_codes_are_read() {
        for (degrees, noise, dark, light) in
            [(0.0, 0, 0, 255), (7.0, 40, 30, 200), (-20.0, 25, 60, 190), (93.0, 20, 20, 150)]
        {
            for format in [ImageFormat::Png, ImageFormat::Jpeg] {
                let (_folder, path) = file(photo(degrees, noise, dark, light), format);
                assert_eq!(read(&path).unwrap(), TEXT, "{degrees} degrees, {format:?}");
            }
        }
    }

    #[test]
    fn what_is_no_picture_of_a_code_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let id = |path: &Path| read(path).unwrap_err().id().to_owned();
        assert_eq!(id(&path), "failure-no-file");
        std::fs::write(&path, b"GIF89a no picture of ours").unwrap();
        assert_eq!(id(&path), "failure-no-picture");
        std::fs::write(&path, vec![0; MAX_FILE_BYTES as usize + 1]).unwrap();
        assert_eq!(id(&path), "failure-picture-too-large");
        let (_folder, blank) = file(GrayImage::new(50, 50), ImageFormat::Png);
        assert_eq!(id(&blank), "failure-no-code-found");
    }

    #[test]
    fn a_picture_that_unpacks_to_too_much_is_refused_unread() {
        let mut bytes = Vec::new();
        let wide = DynamicImage::ImageLuma8(GrayImage::new(MAX_SIDE + 1, 1));
        wide.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        assert!(decode(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let png = [&b"\x89PNG\r\n\x1a\n"[..], &bytes].concat();
            let jpeg = [&b"\xff\xd8\xff"[..], &bytes].concat();
            prop_assert!(decode(&bytes).is_err() || !bytes.is_empty());
            let _ = (decode(&png), decode(&jpeg));
        }
    }
}
