//! The authority's emblem, which stands on its pages and posters: a PNG that was decoded and encoded again, so that
//! browsers get no bytes that somebody else composed. SVG can hold scripts and is not taken.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use super::config::Config;
use super::error::FileError;
use super::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file;

/// The largest file, in bytes: as it is read, and as browsers get it.
pub const MAX_BYTES: u64 = 64 * 1_024;
/// The most colours of a palette.
const MOST_COLOURS: usize = 256;
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
        if emblem.png.len() as u64 > MAX_BYTES {
            return Err(content(refused("error-emblem-large")));
        }
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
        let size = (frame.width, frame.height);
        let png = encode(&rgba, size).ok()?;
        Some(Self { png: png.into(), size, rgba: rgba.into() })
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

/// The pixels as a PNG. Few colours go into a palette, so that it gets hardly larger than the file that they came from.
fn encode(rgba: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let (pixels, _) = rgba.as_chunks::<4>();
    let colours: BTreeSet<[u8; 4]> = pixels.iter().copied().collect();
    let is_opaque = colours.iter().all(|[.., alpha]| *alpha == u8::MAX);
    let mut written = Vec::new();
    let mut encoder = png::Encoder::new(&mut written, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let data: Vec<u8> = if colours.len() <= MOST_COLOURS {
        let palette: Vec<[u8; 4]> = colours.into_iter().collect();
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_filter(png::Filter::NoFilter);
        encoder.set_palette(opaque(&palette));
        if !is_opaque {
            encoder.set_trns(palette.iter().map(|[.., alpha]| *alpha).collect::<Vec<_>>());
        }
        let index = |pixel| palette.partition_point(|colour| colour < pixel) as u8;
        pixels.iter().map(index).collect()
    } else if is_opaque {
        encoder.set_color(png::ColorType::Rgb);
        opaque(pixels)
    } else {
        encoder.set_color(png::ColorType::Rgba);
        rgba.to_vec()
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(written)
}

/// Red, green and blue of each pixel.
fn opaque(pixels: &[[u8; 4]]) -> Vec<u8> {
    pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect()
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
    fn few_colours_many_colours_and_what_shows_through_are_encoded_without_loss_or_growth() {
        let mut noise = 1_u32;
        let mut byte = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        };
        let grey: Vec<u8> =
            (0..250 * 250).flat_map(|_| [[byte(); 3].as_slice(), &[255]].concat()).collect();
        let glass: Vec<u8> = (0..250 * 250).flat_map(|_| [9, 9, 9, byte()]).collect();
        let opaque: Vec<u8> = (0..140 * 140).flat_map(|_| [byte(), byte(), byte(), 255]).collect();
        let any: Vec<u8> = (0..120 * 120 * 4).map(|_| byte()).collect();
        for (side, rgba) in [(250, grey), (250, glass), (140, opaque), (120, any)] {
            let file = encode(&rgba, (side, side)).unwrap();
            assert!(file.len() as u64 <= MAX_BYTES, "{} bytes of {side}", file.len());
            assert_eq!(Emblem::of_png(&file).unwrap().rgba(), rgba);
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
