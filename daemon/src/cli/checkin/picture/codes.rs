//! All QR codes of a picture, in whatever way they are printed: several in one picture, light on
//! dark, on a transparent ground, pale, in colours of equal lightness.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, Rgba, RgbaImage};
use rxing::{BarcodeFormat, Point, RXingResult};

/// Codes that are looked for in one picture.
const MAX_CODES: usize = 8;
/// Tiles along the longer side, for contrast that differs over the picture.
const TILES: u32 = 24;
/// The least difference between dark and light that is stretched to the whole range.
const LEAST_CONTRAST: u8 = 12;
/// Channels whose values differ by less are grey.
const GREY: u8 = 12;

/// One way to look at a picture: grey pixels, row by row.
struct Layer {
    pixels: Vec<u8>,
    width: u32,
    height: u32,
}

/// The texts of all codes that are found until one of them is `wanted`. What is easy to read is found
/// first; a picture without a wanted code is looked at in all ways.
pub(super) fn find(picture: &DynamicImage, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for layer in layers(picture) {
        for text in layer.codes() {
            if !found.contains(&text) {
                found.push(text);
            }
        }
        if found.len() >= MAX_CODES || found.iter().any(|text| wanted(text)) {
            break;
        }
    }
    found
}

/// The ways to look at a picture, the usual ones first. Each is made when it is needed.
fn layers(picture: &DynamicImage) -> impl Iterator<Item = Layer> {
    let rgba = picture.to_rgba8();
    let transparent = rgba.pixels().any(|pixel| pixel.0[3] < u8::MAX);
    let coloured =
        rgba.pixels().any(|Rgba([r, g, b, _])| r.max(g).max(b).abs_diff(*r.min(g).min(b)) > GREY);
    let grounds = if transparent { vec![u8::MAX, 0] } else { vec![u8::MAX] };
    let grey = grounds
        .clone()
        .into_iter()
        .flat_map(|ground| [(ground, Tone::Lightness, false), (ground, Tone::Lightness, true)]);
    let channels = grounds
        .into_iter()
        .filter(move |_| coloured)
        .flat_map(|ground| [0, 1, 2].map(move |channel| (ground, Tone::Channel(channel), true)));
    let ways: Vec<_> = grey.chain(channels).collect();
    ways.into_iter().flat_map(move |(ground, tone, stretch)| {
        let plain = Layer::of(&rgba, ground, tone);
        let layer = if stretch { plain.stretched() } else { plain };
        let inverted = layer.inverted();
        [layer, inverted]
    })
}

/// What of a pixel counts.
#[derive(Clone, Copy)]
enum Tone {
    Lightness,
    Channel(usize),
}

impl Layer {
    /// The picture on a ground of one grey, which shows where it is transparent.
    fn of(picture: &RgbaImage, ground: u8, tone: Tone) -> Self {
        let (width, height) = picture.dimensions();
        let pixels = picture.pixels().map(|Rgba([r, g, b, alpha])| {
            let alpha = u32::from(*alpha);
            let on_ground =
                |value: u8| (u32::from(value) * alpha + u32::from(ground) * (255 - alpha)) / 255;
            let channels = [r, g, b].map(|value| on_ground(*value));
            let value = match tone {
                Tone::Channel(channel) => channels[channel],
                // Rec. 709, as the picture library has it.
                Tone::Lightness => {
                    (2_126 * channels[0] + 7_152 * channels[1] + 722 * channels[2]) / 10_000
                }
            };
            value.min(255) as u8
        });
        Self { pixels: pixels.collect(), width, height }
    }

    fn inverted(&self) -> Self {
        let pixels = self.pixels.iter().map(|value| u8::MAX - value).collect();
        Self { pixels, width: self.width, height: self.height }
    }

    /// Dark and light of each neighbourhood stretched to the whole range: the reading library takes
    /// little contrast for none.
    fn stretched(&self) -> Self {
        let tile = (self.width.max(self.height) / TILES).max(8);
        let columns = self.width.div_ceil(tile).max(1);
        let rows = self.height.div_ceil(tile).max(1);
        let mut range = vec![(u8::MAX, 0); (columns * rows) as usize];
        for (place, value) in self.pixels.iter().enumerate() {
            let (x, y) = (place as u32 % self.width, place as u32 / self.width);
            let (least, most) = &mut range[(y / tile * columns + x / tile) as usize];
            *least = (*least).min(*value);
            *most = (*most).max(*value);
        }
        let around = |column: u32, row: u32| {
            let mut joined = (u8::MAX, 0);
            for row in row.saturating_sub(1)..(row + 2).min(rows) {
                for column in column.saturating_sub(1)..(column + 2).min(columns) {
                    let (least, most) = range[(row * columns + column) as usize];
                    joined = (joined.0.min(least), joined.1.max(most));
                }
            }
            joined
        };
        let ranges: Vec<_> =
            (0..columns * rows).map(|place| around(place % columns, place / columns)).collect();
        let pixels = self.pixels.iter().enumerate().map(|(place, value)| {
            let (x, y) = (place as u32 % self.width, place as u32 / self.width);
            let (least, most) = ranges[(y / tile * columns + x / tile) as usize];
            let span = u32::from(most.saturating_sub(least).max(LEAST_CONTRAST));
            (u32::from(value.saturating_sub(least)) * 255 / span).min(255) as u8
        });
        Self { pixels: pixels.collect(), width: self.width, height: self.height }
    }

    /// One code after the other: what was read is painted over, and the rest looked at again.
    fn codes(mut self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        while let Some(code) = self.one() {
            let again = texts.iter().any(|text| text == code.getText());
            if again || texts.len() == MAX_CODES || !self.paint_over(code.getPoints()) {
                break;
            }
            texts.push(code.getText().to_owned());
        }
        texts
    }

    /// A defect of the reading library in a strange picture counts as none found.
    fn one(&self) -> Option<RXingResult> {
        let format = Some(BarcodeFormat::QR_CODE);
        let search = || {
            rxing::helpers::detect_in_luma_slice(&self.pixels, self.width, self.height, format).ok()
        };
        catch_unwind(AssertUnwindSafe(search)).ok().flatten()
    }

    /// Paints over a code of which three neighbouring corners are known, or the middles of the three
    /// marks in them: enough of the marks goes for the code not to be found again.
    fn paint_over(&mut self, points: &[Point]) -> bool {
        let [first, corner, second, ..] = points else { return false };
        let along = |to: &Point| (to.x - corner.x, to.y - corner.y);
        let ((ux, uy), (vx, vy)) = (along(first), along(second));
        let area = ux * vy - uy * vx;
        if !area.is_finite() || area.abs() < 1.0 {
            return false;
        }
        for (place, value) in self.pixels.iter_mut().enumerate() {
            let x = (place as u32 % self.width) as f32 - corner.x;
            let y = (place as u32 / self.width) as f32 - corner.y;
            let (a, b) = ((x * vy - y * vx) / area, (ux * y - uy * x) / area);
            if (-0.03..=1.03).contains(&a) && (-0.03..=1.03).contains(&b) {
                *value = u8::MAX;
            }
        }
        true
    }
}
