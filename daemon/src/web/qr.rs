//! QR codes of pages.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The code as a drawing within a page; empty for a text that no code can hold.
pub(super) fn svg(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        tracing::error!("a text is too long for a code");
        return String::new();
    };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // The declaration of XML has no place inside of a page.
    drawn.split_once("?>").map_or_else(|| drawn.clone(), |(_, rest)| rest.to_owned())
}
