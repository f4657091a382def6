//! A page as PNG with its resolution.

use png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};
use tiny_skia::{
    Color, ColorU8, FillRule, FilterQuality, Paint, PathBuilder, Pixmap, PixmapPaint, Transform,
};
use ttf_parser::OutlineBuilder;

use super::PosterError;
use super::page::{Area, Colour, HEIGHT, Item, Line, Page, WIDTH};
use super::shape::Step;
use crate::authority::emblem::Emblem;

const MM_PER_INCH: f32 = 25.4;

pub(super) fn write(page: &Page, dpi: u16) -> Result<Vec<u8>, PosterError> {
    let scale = f32::from(dpi) / MM_PER_INCH;
    // At most 600 dpi: a few thousand pixels.
    let pixels = |millimetres: f32| (millimetres * scale).round() as u32;
    let mut picture = Pixmap::new(pixels(WIDTH), pixels(HEIGHT))
        .ok_or_else(|| PosterError::Drawing("the picture is too large".to_owned()))?;
    picture.fill(Color::WHITE);
    for item in &page.items {
        draw(&mut picture, item, scale)?;
    }
    encode(&picture, dpi)
}

fn draw(picture: &mut Pixmap, item: &Item, scale: f32) -> Result<(), PosterError> {
    let mut path = PathBuilder::new();
    let (Colour(red, green, blue), smooth, rule) = match item {
        Item::Rectangles { colour, areas } => {
            for area in areas {
                let rectangle = tiny_skia::Rect::from_xywh(area.x, area.y, area.width, area.height);
                rectangle.into_iter().for_each(|rectangle| path.push_rect(rectangle));
            }
            // Sharp modules: grey borders help no reader.
            (*colour, false, FillRule::Winding)
        }
        Item::Line(line) => {
            outline(line, &mut path)?;
            (line.colour, true, FillRule::Winding)
        }
        Item::Shape { colour, shape } => {
            shape.steps().iter().for_each(|step| follow(*step, &mut path));
            (*colour, true, FillRule::EvenOdd)
        }
        Item::Emblem { emblem, area } => return place(picture, emblem, *area, scale),
    };
    let Some(path) = path.finish() else { return Ok(()) };
    let mut paint = Paint { anti_alias: smooth, ..Paint::default() };
    paint.set_color_rgba8(red, green, blue, u8::MAX);
    let transform = Transform::from_scale(scale, scale);
    picture.fill_path(&path, &paint, rule, transform, None);
    Ok(())
}

fn follow(step: Step, path: &mut PathBuilder) {
    match step {
        Step::Move(x, y) => path.move_to(x, y),
        Step::Line(x, y) => path.line_to(x, y),
        Step::Curve([(x1, y1), (x2, y2), (x, y)]) => path.cubic_to(x1, y1, x2, y2, x, y),
        Step::Close => path.close(),
    }
}

fn place(picture: &mut Pixmap, emblem: &Emblem, area: Area, scale: f32) -> Result<(), PosterError> {
    let (width, height) = emblem.size();
    let mut drawn = Pixmap::new(width, height)
        .ok_or_else(|| PosterError::Drawing("the emblem is empty".to_owned()))?;
    for (pixel, rgba) in drawn.pixels_mut().iter_mut().zip(emblem.rgba().as_chunks::<4>().0) {
        let [red, green, blue, alpha] = *rgba;
        *pixel = ColorU8::from_rgba(red, green, blue, alpha).premultiply();
    }
    let size = area.width * scale / width as f32;
    let transform = Transform::from_row(size, 0.0, 0.0, size, area.x * scale, area.y * scale);
    let paint = PixmapPaint { quality: FilterQuality::Bicubic, ..PixmapPaint::default() };
    picture.draw_pixmap(0, 0, drawn.as_ref(), &paint, transform, None);
    Ok(())
}

fn outline(line: &Line, path: &mut PathBuilder) -> Result<(), PosterError> {
    let font = line.weight.font()?;
    let scale = line.size / font.units();
    for placed in &line.glyphs {
        let x = line.x + placed.x as f32 * scale;
        font.outline(placed.glyph, &mut Glyph { path, x, y: line.y, scale });
    }
    Ok(())
}

struct Glyph<'a> {
    path: &'a mut PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Glyph<'_> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Glyph<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.at(x1, y1), self.at(x2, y2));
        let (x, y) = self.at(x, y);
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

fn encode(picture: &Pixmap, dpi: u16) -> Result<Vec<u8>, PosterError> {
    let failed = |error: png::EncodingError| PosterError::Drawing(error.to_string());
    // Nothing is transparent: the fourth channel says nothing.
    let pixels: Vec<u8> =
        picture.data().chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
    let per_metre = (f32::from(dpi) * 1_000.0 / MM_PER_INCH).round() as u32;
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: Unit::Meter,
    }));
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}
