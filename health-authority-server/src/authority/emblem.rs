//! The authority's emblem, which stands on its pages and posters: a PNG that was decoded and encoded again, so that
//! browsers get no bytes that somebody else composed. SVG can hold scripts and is not taken.

use std::io::Cursor;
use std::sync::Arc;

use super::config::Config;
use super::error::FileError;
use super::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file;

/// The largest file, in bytes.
pub const MAX_BYTES: u64 = 64 * 1_024;
/// The longest side, in pixels.
pub const MAX_PIXELS: u32 = 512;

/// The emblem, as a file and as its pixels. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Emblem {
    png: Arc<[u8]>,
    size: (u32, u32),
    rgba: Arc<[u8]>,
}

impl std::fmt::Debug for Emblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emblem").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Emblem {
    /// The emblem that the configuration names; `None` if it names none.
    pub fn read(folder: &Folder, config: &Config) -> Result<Option<Self>, FileError> {
        if config.pages.emblem.is_empty() {
            return Ok(None);
        }
        let path = folder.resolve(&config.pages.emblem);
        let length = std::fs::metadata(&path).map_err(FileError::io(&path))?.len();
        let refused = |id: &'static str| {
            Text::ours(id).with("kilobytes", MAX_BYTES / 1_024).with("pixels", MAX_PIXELS)
        };
        let content = |reason| FileError::Content { path: path.clone(), reason };
        if length > MAX_BYTES {
            return Err(content(refused("error-emblem-large")));
        }
        let file = atomic_file::read(&path).map_err(FileError::io(&path))?;
        let emblem = Self::of_png(&file).ok_or_else(|| content(refused("error-emblem")))?;
        Ok(Some(emblem))
    }

    /// Decodes a PNG and encodes its pixels again.
    pub fn of_png(file: &[u8]) -> Option<Self> {
        let limits = png::Limits { bytes: 8 * 1_024 * 1_024 };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
        decoder.set_transformations(
            png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
        );
        let mut reader = decoder.read_info().ok()?;
        if reader.info().width.max(reader.info().height) > MAX_PIXELS {
            return None;
        }
        let mut pixels = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut pixels).ok()?;
        let pixels = &pixels[..frame.buffer_size()];
        let rgba = match frame.color_type {
            png::ColorType::Rgba => pixels.to_vec(),
            png::ColorType::GrayscaleAlpha => {
                let (pixels, _) = pixels.as_chunks::<2>();
                pixels.iter().flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]).collect()
            }
            _ => return None,
        };
        let mut written = Vec::new();
        let mut encoder = png::Encoder::new(&mut written, frame.width, frame.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&rgba).ok()?;
        writer.finish().ok()?;
        Some(Self { png: written.into(), size: (frame.width, frame.height), rgba: rgba.into() })
    }

    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// Width and height in pixels.
    pub const fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Red, green, blue and how much shows of it, of each pixel from the upper left on.
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.add_text_chunk("Comment".into(), "<script>".into()).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&vec![90; (width * height * 4) as usize]).unwrap();
        writer.finish().unwrap();
        file
    }

    #[test]
    fn an_emblem_keeps_its_pixels_and_loses_everything_else() {
        let file = png(20, 10);
        let emblem = Emblem::of_png(&file).unwrap();
        let holds = |bytes: &[u8]| bytes.windows(8).any(|part| part == b"<script>");
        assert!(holds(&file) && !holds(emblem.png()));
        let reader = png::Decoder::new(Cursor::new(emblem.png())).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (20, 10));
    }

    #[test]
    fn every_kind_of_png_becomes_the_same_pixels() {
        let of = |color, data: &[u8]| {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, 2, 1);
            encoder.set_color(color);
            encoder.set_palette(vec![9, 9, 9, 70, 70, 70]);
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(data).unwrap();
            writer.finish().unwrap();
            Emblem::of_png(&file).unwrap()
        };
        let expected = [9, 9, 9, 255, 70, 70, 70, 255];
        for emblem in [
            of(png::ColorType::Grayscale, &[9, 70]),
            of(png::ColorType::GrayscaleAlpha, &[9, 255, 70, 255]),
            of(png::ColorType::Rgb, &[9, 9, 9, 70, 70, 70]),
            of(png::ColorType::Rgba, &expected),
            of(png::ColorType::Indexed, &[0, 1]),
        ] {
            assert_eq!((emblem.size(), emblem.rgba()), ((2, 1), &expected[..]));
        }
    }

    #[test]
    fn what_is_no_small_png_is_refused() {
        assert_eq!(Emblem::of_png(b"<svg onload='x'/>"), None);
        assert_eq!(Emblem::of_png(&png(513, 1)), None);
        let mut cut = png(20, 10);
        cut.truncate(cut.len() / 2);
        assert_eq!(Emblem::of_png(&cut), None);
    }
}
