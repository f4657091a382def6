//! QR codes on pages.

use qrcode::render::svg;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

/// The code of a text as SVG, to stand within a page.
pub(super) fn svg(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // The declaration of XML has no place inside of a page.
    Ok(svg.split_once("?>").map_or_else(|| svg.clone(), |(_, rest)| rest.to_owned()))
}
