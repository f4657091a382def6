//! A page of A4 with what stands on it, in millimetres from the upper left corner.

use super::PosterError;
use super::code::{Modules, Run};
use super::font::{Font, Placed, Weight};
use super::shape::Shape;
use super::text::{Fitted, LEADING};
use crate::authority::emblem::Emblem;

/// The width of A4 in millimetres (ISO 216).
pub(super) const WIDTH: f32 = 210.0;
/// The height of A4 in millimetres.
pub(super) const HEIGHT: f32 = 297.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

pub(super) const BLACK: Colour = Colour(0, 0, 0);
pub(super) const GREY: Colour = Colour(0x44, 0x44, 0x44);
pub(super) const WHITE: Colour = Colour(0xff, 0xff, 0xff);
pub(super) const GREEN: Colour = Colour(0x00, 0x5c, 0x3c);

#[derive(Debug, Clone)]
pub(super) enum Item {
    Rectangles { colour: Colour, areas: Vec<Area> },
    Line(Line),
    Shape { colour: Colour, shape: Shape },
    Emblem { emblem: Emblem, area: Area },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// A line of text; `x` and `y` are the beginning of its baseline, `size` is its em.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) weight: Weight,
    pub(super) colour: Colour,
    pub(super) size: f32,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) glyphs: Vec<Placed>,
}

/// A page, drawn in its order.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
}

/// A part of a page with a corner and a scale of its own.
pub(super) struct Cell<'a> {
    page: &'a mut Page,
    x: f32,
    y: f32,
    scale: f32,
}

impl Page {
    /// The part whose upper left corner is at `x`, `y` and in which a millimetre has `scale`.
    pub(super) const fn cell(&mut self, x: f32, y: f32, scale: f32) -> Cell<'_> {
        Cell { page: self, x, y, scale }
    }
}

impl Cell<'_> {
    pub(super) fn rectangle(&mut self, area: Area, colour: Colour) {
        let areas = vec![self.scaled(area)];
        self.page.items.push(Item::Rectangles { colour, areas });
    }

    /// A frame of lines of `thickness` within an area.
    pub(super) fn frame(&mut self, area: Area, thickness: f32, colour: Colour) {
        let Area { x, y, width, height } = area;
        let areas = [
            Area { x, y, width, height: thickness },
            Area { x, y: y + height - thickness, width, height: thickness },
            Area { x, y, width: thickness, height },
            Area { x: x + width - thickness, y, width: thickness, height },
        ];
        let areas = areas.map(|area| self.scaled(area)).to_vec();
        self.page.items.push(Item::Rectangles { colour, areas });
    }

    /// A code whose dark modules, without the quiet zone, have `side` millimetres.
    pub(super) fn code(&mut self, modules: &Modules, x: f32, y: f32, side: f32) {
        let module = side / modules.width() as f32;
        let area = |run: Run| {
            self.scaled(Area {
                x: run.x as f32 * module + x,
                y: run.y as f32 * module + y,
                width: run.width as f32 * module,
                height: run.height as f32 * module,
            })
        };
        let areas = modules.runs().into_iter().map(area).collect();
        self.page.items.push(Item::Rectangles { colour: BLACK, areas });
    }

    /// The lines of a text from `y` downwards; `x` is their left end or their middle.
    pub(super) fn text(
        &mut self,
        text: &Fitted,
        (weight, colour): (Weight, Colour),
        (x, y): (f32, f32),
        align: Align,
    ) -> Result<(), PosterError> {
        let font = weight.font()?;
        for (index, line) in text.lines.iter().enumerate() {
            let (glyphs, width) = font.place(line);
            let width = width as f32 / font.units() * text.size;
            let x = if align == Align::Centre { x - width / 2.0 } else { x };
            let y = y + text.size * (LEADING * index as f32 + baseline(font));
            self.page.items.push(Item::Line(Line {
                text: line.clone(),
                weight,
                colour,
                size: text.size * self.scale,
                x: x * self.scale + self.x,
                y: y * self.scale + self.y,
                glyphs,
            }));
        }
        Ok(())
    }

    /// An outline whose units have `size` millimetres, from a corner on.
    pub(super) fn shape(&mut self, shape: &Shape, (x, y): (f32, f32), size: f32, colour: Colour) {
        let (x, y) = (x * self.scale + self.x, y * self.scale + self.y);
        let shape = shape.placed(x, y, size * self.scale);
        self.page.items.push(Item::Shape { colour, shape });
    }

    /// The authority's emblem in the middle of an area, in its own proportions.
    pub(super) fn emblem(&mut self, emblem: &Emblem, area: Area) {
        let (width, height) = emblem.size();
        let (width, height) = (width as f32, height as f32);
        let size = (area.width / width).min(area.height / height);
        let (width, height) = (width * size, height * size);
        let within = Area {
            x: area.x + (area.width - width) / 2.0,
            y: area.y + (area.height - height) / 2.0,
            width,
            height,
        };
        let area = self.scaled(within);
        self.page.items.push(Item::Emblem { emblem: emblem.clone(), area });
    }

    fn scaled(&self, area: Area) -> Area {
        Area {
            x: area.x * self.scale + self.x,
            y: area.y * self.scale + self.y,
            width: area.width * self.scale,
            height: area.height * self.scale,
        }
    }
}

/// From the top of a line to its baseline, in em: ascender and descender share what is left.
fn baseline(font: &Font) -> f32 {
    let (up, down) = (f32::from(font.face.ascender()), -f32::from(font.face.descender()));
    (LEADING - (up + down) / font.units()) / 2.0 + up / font.units()
}
