//! The QR code of a poster.

use qrcode::{Color, EcLevel, QrCode};

use super::PosterError;

/// White modules around a code (ISO/IEC 18004 section 9.1).
pub(super) const QUIET_MODULES: usize = 4;
/// Above this many modules in a row a weaker correction is taken: with larger ones it is read from
/// farther away (docs/adr/0037-digits-on-posters.md). At 15 cm they become smaller than 1.7 mm, at 5 cm
/// smaller than 0.57 mm.
const MANY_MODULES: usize = 90;

/// Modules, dark or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Modules {
    width: usize,
    dark: Vec<bool>,
}

/// A rectangle of dark modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Modules {
    /// The code of a URL. A poster hangs where it is scratched and written on, so the correction is
    /// Q (a quarter of the code may be lost) as long as that leaves its modules large; then M, then L.
    pub(super) fn of(url: &str) -> Result<Self, PosterError> {
        for level in [EcLevel::Q, EcLevel::M] {
            match QrCode::with_error_correction_level(url, level) {
                Ok(code) if code.width() <= MANY_MODULES => return Ok(Self::from(&code)),
                _ => {}
            }
        }
        Ok(Self::from(&QrCode::with_error_correction_level(url, EcLevel::L)?))
    }

    /// The code of a card, which is carried in a pocket: correction M, so that its modules stay large.
    pub(super) fn of_card(code: &str) -> Result<Self, PosterError> {
        Ok(Self::from(&QrCode::with_error_correction_level(code, EcLevel::M)?))
    }

    /// Modules in a row.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Rectangles that together cover the dark modules. They overlap, so that no seam shows between
    /// rows however they are drawn.
    pub(super) fn runs(&self) -> Vec<Run> {
        let rows = (0..self.width).flat_map(|y| {
            let runs = lengths(self.width, move |x| self.is_dark(x, y));
            runs.map(move |(x, width)| Run { x, y, width, height: 1 })
        });
        let columns = (0..self.width).flat_map(|x| {
            let runs = lengths(self.width, move |y| self.is_dark(x, y));
            runs.filter(|(_, height)| *height > 1).map(move |(y, height)| Run {
                x,
                y,
                width: 1,
                height,
            })
        });
        rows.chain(columns).collect()
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.width + x]
    }
}

impl From<&QrCode> for Modules {
    fn from(code: &QrCode) -> Self {
        let colours = code.to_colors();
        Self {
            width: code.width(),
            dark: colours.into_iter().map(|colour| colour == Color::Dark).collect(),
        }
    }
}

/// Starts and lengths of the dark stretches of a line.
fn lengths(width: usize, dark: impl Fn(usize) -> bool) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = (at..width).find(|index| dark(*index))?;
        at = (start..width).find(|index| !dark(*index)).unwrap_or(width);
        Some((start, at - start))
    })
}
