//! The QR code of a pass, drawn on a terminal.

use std::io::IsTerminal;

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use crate::failure::{Exit, Failure};

/// Black on white, whatever the terminal's colours are, and back.
const BLACK_ON_WHITE: &str = "\u{1b}[30;107m";
const AS_BEFORE: &str = "\u{1b}[0m";

pub(super) fn qr(text: &str) -> Result<QrCode, Failure> {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Failure::new(Exit::BadInput, "failure-pass-code").because(error))
}

/// Lines of half blocks, with the quiet zone around them.
pub(super) fn drawn(text: &str) -> Result<String, Failure> {
    let code = qr(text)?;
    let picture = code.render::<Dense1x2>().quiet_zone(true).build();
    let coloured = std::io::stdout().is_terminal();
    let line = |line: &str| {
        if coloured { format!("{BLACK_ON_WHITE}{line}{AS_BEFORE}\n") } else { format!("{line}\n") }
    };
    Ok(picture.lines().map(line).collect())
}
