//! QR codes, drawn on a terminal or as a picture.

use std::io::{Cursor, IsTerminal};

use image::{GrayImage, ImageFormat, Luma};
use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, EcLevel, QrCode};

use crate::failure::{Exit, Failure};

/// Black on white, whatever the terminal's colours are, and back.
const BLACK_ON_WHITE: &str = "\u{1b}[30;107m";
const AS_BEFORE: &str = "\u{1b}[0m";

/// A quiet zone's width (ISO/IEC 18004).
const QUIET_MODULES: usize = 4;
/// Width of a module in a picture.
const POINTS: u32 = 8;

pub(super) fn qr(text: &str) -> Result<QrCode, Failure> {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Failure::new(Exit::BadInput, "failure-pass-code").because(error))
}

/// A picture in black and white, each module several points wide.
pub(super) fn png(text: &str) -> Result<Vec<u8>, Failure> {
    let code = qr(text)?;
    let width = code.width();
    let colours = code.to_colors();
    let side = u32::try_from(width + 2 * QUIET_MODULES).unwrap_or_default() * POINTS;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |point: u32| ((point / POINTS) as usize).checked_sub(QUIET_MODULES);
        let place = module(x).zip(module(y)).filter(|(x, y)| *x < width && *y < width);
        let dark = place.and_then(|(x, y)| colours.get(y * width + x)) == Some(&Color::Dark);
        Luma([if dark { 0 } else { u8::MAX }])
    });
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|error| Failure::new(Exit::BadInput, "failure-pass-code").because(error))?;
    Ok(png.into_inner())
}

/// Lines of half blocks, with the quiet zone around them.
pub(in crate::cli) fn drawn(text: &str) -> Result<String, Failure> {
    let code = qr(text)?;
    let picture = code.render::<Dense1x2>().quiet_zone(true).build();
    let coloured = std::io::stdout().is_terminal();
    let line = |line: &str| {
        if coloured { format!("{BLACK_ON_WHITE}{line}{AS_BEFORE}\n") } else { format!("{line}\n") }
    };
    Ok(picture.lines().map(line).collect())
}
