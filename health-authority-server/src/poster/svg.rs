//! A page as SVG 1.1: rectangles and outlines, no text that a viewer would have to find fonts for. Only an
//! emblem is a picture, within the file.

use std::fmt::Write as _;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ttf_parser::OutlineBuilder;

use super::page::{Area, Colour, HEIGHT, Item, Line, Page, WIDTH};
use super::shape::Step;

pub(super) fn write(page: &Page) -> String {
    // Readers of SVG 1.1 know a picture's address by this name only.
    let has_emblem = page.items.iter().any(|item| matches!(item, Item::Emblem { .. }));
    let names = if has_emblem { "xmlns:xlink=\"http://www.w3.org/1999/xlink\" " } else { "" };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}mm\" height=\"{HEIGHT}mm\" \
         {names}viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n<title>{}</title>\n\
         <path fill=\"#fff\" d=\"M0 0h{WIDTH}v{HEIGHT}H0z\"/>\n",
        escaped(&description(page))
    );
    for item in &page.items {
        let (colour, data) = match item {
            Item::Rectangles { colour, areas } => {
                let mut data = String::new();
                for Area { x, y, width, height } in areas {
                    push(
                        &mut data,
                        format_args!("M{x:.3} {y:.3}h{width:.3}v{height:.3}h-{width:.3}z"),
                    );
                }
                (*colour, data)
            }
            Item::Line(line) => (line.colour, outlines(line)),
            Item::Shape { colour, shape } => (*colour, steps(shape.steps())),
            Item::Emblem { emblem, area: Area { x, y, width, height } } => {
                let png = BASE64_STANDARD.encode(emblem.png());
                push(
                    &mut svg,
                    format_args!(
                        "<image x=\"{x:.3}\" y=\"{y:.3}\" width=\"{width:.3}\" height=\"{height:.3}\" \
                         xlink:href=\"data:image/png;base64,{png}\"/>\n"
                    ),
                );
                continue;
            }
        };
        let Colour(red, green, blue) = colour;
        let rule = if matches!(item, Item::Shape { .. }) { " fill-rule=\"evenodd\"" } else { "" };
        push(
            &mut svg,
            format_args!("<path fill=\"#{red:02x}{green:02x}{blue:02x}\"{rule} d=\"{data}\"/>\n"),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// All text of the page, for who cannot see it.
fn description(page: &Page) -> String {
    let lines = page.items.iter().filter_map(|item| match item {
        Item::Line(line) => Some(line.text.as_str()),
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

fn steps(steps: &[Step]) -> String {
    let mut data = String::new();
    for step in steps {
        match *step {
            Step::Move(x, y) => push(&mut data, format_args!("M{x:.3} {y:.3}")),
            Step::Line(x, y) => push(&mut data, format_args!("L{x:.3} {y:.3}")),
            Step::Curve([(x1, y1), (x2, y2), (x, y)]) => {
                push(&mut data, format_args!("C{x1:.3} {y1:.3} {x2:.3} {y2:.3} {x:.3} {y:.3}"));
            }
            Step::Close => data.push('z'),
        }
    }
    data
}

fn outlines(line: &Line) -> String {
    let mut path = Path { data: String::new(), x: 0.0, y: line.y, scale: 0.0 };
    // A page that was laid out has its font.
    if let Ok(font) = line.weight.font() {
        path.scale = line.size / font.units();
        for placed in &line.glyphs {
            path.x = line.x + placed.x as f32 * path.scale;
            font.outline(placed.glyph, &mut path);
        }
    }
    path.data
}

struct Path {
    data: String,
    x: f32,
    y: f32,
    scale: f32,
}

impl Path {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Path {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        push(&mut self.data, format_args!("M{x:.3} {y:.3}"));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        push(&mut self.data, format_args!("L{x:.3} {y:.3}"));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        push(&mut self.data, format_args!("Q{x1:.3} {y1:.3} {x:.3} {y:.3}"));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.at(x1, y1), self.at(x2, y2));
        let (x, y) = self.at(x, y);
        push(&mut self.data, format_args!("C{x1:.3} {y1:.3} {x2:.3} {y2:.3} {x:.3} {y:.3}"));
    }

    fn close(&mut self) {
        self.data.push('z');
    }
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = text.write_fmt(more);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
