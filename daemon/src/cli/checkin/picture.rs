//! A QR code in a picture: PNG or JPEG, as a phone takes it.

mod codes;

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use vungxanh_protocol::venue::poster::payload_of_url;

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
/// A code that is small in a large picture is looked for once more at this size.
const LARGE_SIDE: u32 = 5_000;
/// Characters of a code that is no poster's, as they are said.
pub(super) const MAX_SAID_CHARS: usize = 60;

/// The texts of the codes in a file that have the form of a poster's, at least one: which of them the
/// authority signed, the daemon knows.
pub(super) fn read(file: &Path) -> Result<Vec<String>, Failure> {
    let named = |id, error: String| {
        Failure::new(Exit::BadInput, id).with("file", file.display().to_string()).because(error)
    };
    let bytes = atomic_file::read(file, MAX_FILE_BYTES + 1)
        .map_err(|error| named("failure-read-file", error.to_string()))?
        .ok_or_else(|| named("failure-no-file", String::new()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(named("failure-picture-too-large", String::new()));
    }
    let picture = decode(&bytes).map_err(|error| named("failure-no-picture", error))?;
    let found = find(&picture);
    let (posters, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|text| is_poster(text));
    match (posters.is_empty(), others.first()) {
        (false, _) => Ok(posters),
        (true, Some(other)) => {
            let said: String = other.chars().take(MAX_SAID_CHARS).collect();
            Err(named("failure-code-of-no-poster", String::new()).with("found", said))
        }
        (true, None) => Err(named("failure-no-code-found", String::new())),
    }
}

/// Whether a text has the form of a poster's code.
pub(super) fn is_poster(text: &str) -> bool {
    payload_of_url(text).is_ok()
}

fn find(picture: &DynamicImage) -> Vec<String> {
    let smaller = |side: u32| {
        let larger = picture.width().max(picture.height()) > side;
        larger.then(|| picture.thumbnail(side, side))
    };
    let Some(working) = smaller(WORKING_SIDE) else { return codes::find(picture, is_poster) };
    let mut found = codes::find(&working, is_poster);
    if !found.iter().any(|text| is_poster(text)) {
        let large = smaller(LARGE_SIDE);
        found.extend(codes::find(large.as_ref().unwrap_or(picture), is_poster));
    }
    found
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
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
    reader.decode().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "https://vx.example.vn/v#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn";
    const WIFI: &str = "WIFI:T:WPA;S:Cafe;P:xin-moi-vao;;";

    /// A QR code of `text`, turned by `degrees`, on a grey wall, with noise.
    fn photo_of(text: &str, degrees: f64, noise: u8, dark: u8, light: u8) -> GrayImage {
        let code = qrcode::QrCode::new(text).unwrap();
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

    fn photo(degrees: f64, noise: u8, dark: u8, light: u8) -> GrayImage {
        photo_of(TEXT, degrees, noise, dark, light)
    }

    /// Pictures beside each other.
    fn side_by_side(pictures: &[GrayImage]) -> DynamicImage {
        let width = pictures.iter().map(GrayImage::width).sum();
        let mut joined = GrayImage::new(width, 400);
        let mut at = 0;
        for picture in pictures {
            image::imageops::replace(&mut joined, picture, at, 0);
            at += i64::from(picture.width());
        }
        DynamicImage::ImageLuma8(joined)
    }

    /// The same picture in two colours.
    fn in_colours(dark: [u8; 3], light: [u8; 3]) -> DynamicImage {
        let grey = photo(10.0, 0, 0, 255);
        let colour = |x, y| Rgb(if grey.get_pixel(x, y).0[0] == 0 { dark } else { light });
        DynamicImage::ImageRgb8(RgbImage::from_fn(grey.width(), grey.height(), colour))
    }

    /// A code of which only the modules of one kind are opaque, in grey `ink`.
    fn transparent(ink: u8, opaque: u8) -> DynamicImage {
        let grey = photo(0.0, 0, 0, 255);
        let colour = |x, y| {
            let printed = grey.get_pixel(x, y).0[0] == opaque;
            Rgba([ink, ink, ink, if printed { 255 } else { 0 }])
        };
        DynamicImage::ImageRgba8(RgbaImage::from_fn(grey.width(), grey.height(), colour))
    }

    #[test]
    fn a_posters_code_is_found_among_others() {
        let wifi = photo_of(WIFI, 0.0, 0, 0, 255);
        let menu = photo_of("https://menu.example/", 3.0, 10, 20, 230);
        let poster = photo(0.0, 0, 0, 255);
        for pictures in [
            vec![poster.clone(), wifi.clone()],
            vec![wifi.clone(), poster.clone()],
            vec![wifi.clone(), menu, poster.clone()],
            // One of them light on dark.
            vec![wifi, photo(0.0, 0, 255, 0)],
        ] {
            assert!(find(&side_by_side(&pictures)).iter().any(|text| text == TEXT));
        }
    }

    #[test]
    fn inverted_transparent_pale_and_coloured_codes_are_read() {
        let grey = DynamicImage::ImageLuma8;
        for (what, picture) in [
            ("inverted", grey(photo(7.0, 0, 255, 0))),
            ("inverted and noisy", grey(photo(0.0, 30, 200, 20))),
            ("dark on transparent", transparent(0, 0)),
            ("light on transparent", transparent(255, 0)),
            ("ground printed, modules transparent", transparent(255, 255)),
            ("pale", grey(photo(0.0, 0, 140, 165))),
            ("pale and tilted", grey(photo(12.0, 3, 140, 165))),
            ("pale and inverted", grey(photo(0.0, 0, 165, 140))),
            (
                "pale beside a black wall",
                side_by_side(&[
                    photo(0.0, 0, 140, 165),
                    GrayImage::new(300, 400),
                    photo_of("a", 0.0, 0, 0, 255),
                ]),
            ),
            ("red on green", in_colours([200, 40, 40], [60, 110, 60])),
            ("orange on blue", in_colours([255, 140, 0], [60, 170, 255])),
            ("yellow on white", in_colours([255, 230, 0], [255, 255, 255])),
        ] {
            assert!(find(&picture).iter().any(|text| text == TEXT), "{what}");
        }
    }

    /// Pictures of codes in many ways of printing and photographing.
    fn gallery() -> Vec<(String, DynamicImage)> {
        let grey = DynamicImage::ImageLuma8;
        let mut pictures = Vec::new();
        for degrees in [0.0, 5.0, 30.0, 45.0, 90.0, 180.0] {
            for (dark, light) in
                [(0, 255), (255, 0), (140, 165), (165, 140), (60, 90), (0, 40), (215, 255)]
            {
                for noise in [0, 6, 40] {
                    let what = format!("{dark} on {light}, {degrees} degrees, noise {noise}");
                    pictures.push((what, grey(photo(degrees, noise, dark, light))));
                }
            }
        }
        for ink in [0, 60, 128, 200, 255] {
            for opaque in [0, 255] {
                pictures.push((format!("transparent, {ink}, {opaque}"), transparent(ink, opaque)));
            }
        }
        let colours = [
            [0, 0, 0],
            [255, 255, 255],
            [200, 30, 30],
            [30, 140, 40],
            [30, 60, 200],
            [255, 220, 0],
            [250, 140, 20],
            [120, 40, 140],
        ];
        for dark in colours {
            for light in colours.into_iter().filter(|light| *light != dark) {
                pictures.push((format!("{dark:?} on {light:?}"), in_colours(dark, light)));
            }
        }
        for side in [60, 80, 110, 160, 250] {
            let small = image::imageops::thumbnail(&photo(0.0, 0, 20, 235), side, side);
            pictures.push((format!("{side} pixels"), grey(small)));
        }
        for sigma in [1.0, 2.0, 2.5, 3.0] {
            let blurred = image::imageops::blur(&photo(8.0, 10, 20, 235), sigma);
            pictures.push((format!("blurred by {sigma}"), grey(blurred)));
        }
        for (first, second) in [((0, 255), (0, 255)), ((0, 255), (255, 0)), ((140, 165), (0, 255))]
        {
            let beside =
                [photo(0.0, 0, first.0, first.1), photo_of(WIFI, 0.0, 0, second.0, second.1)];
            pictures.push((format!("{first:?} beside {second:?}"), side_by_side(&beside)));
        }
        pictures
    }

    #[test]
    #[ignore = "needs zbarimg"]
    fn what_zbar_finds_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("picture.png");
        let (mut by_zbar, mut by_us, mut missed) = (0, 0, Vec::new());
        for (what, picture) in gallery() {
            picture.save_with_format(&file, ImageFormat::Png).unwrap();
            let zbar = std::process::Command::new("zbarimg")
                .args(["--raw", "--quiet", "-Sdisable", "-Sqrcode.enable"])
                .arg(&file)
                .output()
                .unwrap();
            let zbar = String::from_utf8(zbar.stdout).unwrap().lines().any(|text| text == TEXT);
            let ours = find(&picture).iter().any(|text| text == TEXT);
            by_zbar += usize::from(zbar);
            by_us += usize::from(ours);
            if zbar && !ours {
                missed.push(what);
            }
        }
        println!("found by zbar: {by_zbar}, by this program: {by_us}");
        assert!(by_zbar > 20, "zbar works");
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn a_small_code_in_a_large_picture_is_read() {
        let mut wall = GrayImage::from_pixel(4_400, 3_000, Luma([190]));
        let code = image::imageops::thumbnail(&photo(0.0, 0, 0, 255), 170, 170);
        image::imageops::replace(&mut wall, &code, 3_000, 2_000);
        assert_eq!(find(&DynamicImage::ImageLuma8(wall)), [TEXT]);
    }

    #[test]
    fn what_a_code_says_that_is_no_posters_is_said() {
        let (_folder, path) = file(photo_of(WIFI, 0.0, 0, 0, 255), ImageFormat::Png);
        let failure = read(&path).unwrap_err();
        assert_eq!(failure.id(), "failure-code-of-no-poster");
        assert!(format!("{:?}", failure.arguments()).contains("xin-moi-vao"));
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
                assert_eq!(read(&path).unwrap(), [TEXT], "{degrees} degrees, {format:?}");
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
