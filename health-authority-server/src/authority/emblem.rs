//! The authority's emblem, which stands on its pages: a PNG that was decoded and written anew, so that
//! browsers get no bytes that somebody else composed. SVG can hold scripts and is not taken.

use std::io::Cursor;

use super::config::Config;
use super::error::FileError;
use super::folder::Folder;
use crate::i18n::Text;

/// The largest file, in bytes.
pub const MAX_BYTES: u64 = 64 * 1_024;
/// The longest side, in pixels.
pub const MAX_PIXELS: u32 = 512;

/// The emblem as PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emblem(Vec<u8>);

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
        let file = std::fs::read(&path).map_err(FileError::io(&path))?;
        let emblem = Self::of_png(&file).ok_or_else(|| content(refused("error-emblem")))?;
        Ok(Some(emblem))
    }

    /// Decodes a PNG and writes its pixels anew.
    fn of_png(file: &[u8]) -> Option<Self> {
        let limits = png::Limits { bytes: 8 * 1_024 * 1_024 };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        if reader.info().width.max(reader.info().height) > MAX_PIXELS {
            return None;
        }
        let mut pixels = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut pixels).ok()?;
        let mut written = Vec::new();
        let mut encoder = png::Encoder::new(&mut written, frame.width, frame.height);
        encoder.set_color(frame.color_type);
        encoder.set_depth(frame.bit_depth);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&pixels[..frame.buffer_size()]).ok()?;
        writer.finish().ok()?;
        Some(Self(written))
    }

    /// The PNG.
    pub fn png(&self) -> &[u8] {
        &self.0
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
    fn what_is_no_small_png_is_refused() {
        assert_eq!(Emblem::of_png(b"<svg onload='x'/>"), None);
        assert_eq!(Emblem::of_png(&png(513, 1)), None);
        let mut cut = png(20, 10);
        cut.truncate(cut.len() / 2);
        assert_eq!(Emblem::of_png(&cut), None);
    }
}
