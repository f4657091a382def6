//! Pages as PDF 1.7: the fonts are embedded once for all pages, with what text search and reading
//! aloud need.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use ttf_parser::GlyphId;

use super::PosterError;
use super::font::{Font, Weight};
use super::page::{Area, Colour, HEIGHT, Item, Line, Page, WIDTH};
use super::shape::{Shape, Step};
use crate::authority::emblem::Emblem;

const POINTS_PER_MM: f32 = 72.0 / 25.4;
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
/// The emblem's colours, and how much of them shows.
const EMBLEM: [Ref; 2] = [Ref::new(4), Ref::new(5)];
const EMBLEM_NAME: Name<'static> = Name(b"E");
/// Each font takes five objects from here on, each page two after them.
const FIRST_FONT: i32 = 6;
const FONT_OBJECTS: i32 = 5;
const PAGE_OBJECTS: i32 = 2;
const SYSTEM: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

pub(super) fn write(pages: &[Page]) -> Result<Vec<u8>, PosterError> {
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES).lang(TextStr("vi"));
    pdf.document_info(INFO).producer(TextStr("Vung Xanh"));
    let mut used: BTreeMap<Weight, BTreeMap<u16, char>> = BTreeMap::new();
    let first_page = FIRST_FONT + FONT_OBJECTS * Weight::ALL.len() as i32;
    // All posters of a file are of one authority.
    let emblem = pages.iter().flat_map(|page| &page.items).find_map(|item| match item {
        Item::Emblem { emblem, .. } => Some(emblem),
        _ => None,
    });
    if let Some(emblem) = emblem {
        write_emblem(&mut pdf, emblem)?;
    }
    let mut kids = Vec::new();
    let mut next = first_page;
    for page in pages {
        let (id, content) = (Ref::new(next), Ref::new(next + 1));
        next += PAGE_OBJECTS;
        kids.push(id);
        let mut writer = pdf.page(id);
        writer.parent(PAGES).contents(content);
        writer.media_box(Rect::new(0.0, 0.0, WIDTH * POINTS_PER_MM, HEIGHT * POINTS_PER_MM));
        let mut resources = writer.resources();
        let mut fonts = resources.fonts();
        for weight in Weight::ALL {
            fonts.pair(resource(weight), font_ref(weight, 0));
        }
        fonts.finish();
        if emblem.is_some() {
            resources.x_objects().pair(EMBLEM_NAME, EMBLEM[0]);
        }
        resources.finish();
        writer.finish();
        let data = deflated(&content_of(page, &mut used))?;
        pdf.stream(content, &data).filter(Filter::FlateDecode);
    }
    pdf.pages(PAGES).count(kids.len() as i32).kids(kids);
    for weight in Weight::ALL {
        write_font(&mut pdf, weight, &used.remove(&weight).unwrap_or_default())?;
    }
    Ok(pdf.finish())
}

fn content_of(page: &Page, used: &mut BTreeMap<Weight, BTreeMap<u16, char>>) -> Vec<u8> {
    let mut content = Content::new();
    for item in &page.items {
        match item {
            Item::Rectangles { colour, areas } => {
                fill(&mut content, *colour);
                for Area { x, y, width, height } in areas {
                    let bottom = HEIGHT - y - height;
                    let [x, y, width, height] =
                        [*x, bottom, *width, *height].map(|value| value * POINTS_PER_MM);
                    content.rect(x, y, width, height);
                }
                content.fill_nonzero();
            }
            Item::Line(line) => {
                let glyphs = line.glyphs.iter().map(|glyph| (glyph.glyph.0, glyph.character));
                used.entry(line.weight).or_default().extend(glyphs);
                show(&mut content, line);
            }
            Item::Shape { colour, shape } => {
                fill(&mut content, *colour);
                follow(&mut content, shape);
                content.fill_even_odd();
            }
            Item::Emblem { area: Area { x, y, width, height }, .. } => {
                let [x, y, width, height] =
                    [*x, HEIGHT - y - height, *width, *height].map(|value| value * POINTS_PER_MM);
                content.save_state();
                content.transform([width, 0.0, 0.0, height, x, y]);
                content.x_object(EMBLEM_NAME);
                content.restore_state();
            }
        }
    }
    content.finish().to_vec()
}

fn follow(content: &mut Content, shape: &Shape) {
    let at = |(x, y): (f32, f32)| (x * POINTS_PER_MM, (HEIGHT - y) * POINTS_PER_MM);
    for step in shape.steps() {
        match *step {
            Step::Move(x, y) => {
                let (x, y) = at((x, y));
                content.move_to(x, y);
            }
            Step::Line(x, y) => {
                let (x, y) = at((x, y));
                content.line_to(x, y);
            }
            Step::Curve(points) => {
                let [(x1, y1), (x2, y2), (x, y)] = points.map(at);
                content.cubic_to(x1, y1, x2, y2, x, y);
            }
            Step::Close => {
                content.close_path();
            }
        }
    }
}

fn write_emblem(pdf: &mut Pdf, emblem: &Emblem) -> Result<(), PosterError> {
    let (width, height) = emblem.size();
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let (pixels, []) = emblem.rgba().as_chunks::<4>() else {
        return Err(PosterError::Drawing("the emblem is cut".to_owned()));
    };
    let colours: Vec<u8> = pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    let shown: Vec<u8> = pixels.iter().map(|[.., alpha]| *alpha).collect();
    let data = deflated(&colours)?;
    let mut picture = pdf.image_xobject(EMBLEM[0], &data);
    picture.width(side(width)).height(side(height)).filter(Filter::FlateDecode);
    picture.color_space().device_rgb();
    picture.bits_per_component(8).s_mask(EMBLEM[1]);
    picture.finish();
    let data = deflated(&shown)?;
    let mut mask = pdf.image_xobject(EMBLEM[1], &data);
    mask.width(side(width)).height(side(height)).filter(Filter::FlateDecode);
    mask.color_space().device_gray();
    mask.bits_per_component(8);
    mask.finish();
    Ok(())
}

fn show(content: &mut Content, line: &Line) {
    fill(content, line.colour);
    let (x, y) = (line.x * POINTS_PER_MM, (HEIGHT - line.y) * POINTS_PER_MM);
    content.begin_text();
    content.set_font(resource(line.weight), line.size * POINTS_PER_MM);
    content.next_line(x, y);
    let mut positioned = content.show_positioned();
    let mut items = positioned.items();
    let mut bytes = Vec::new();
    for placed in &line.glyphs {
        if placed.kerning != 0 {
            items.show(Str(&bytes));
            bytes.clear();
            items.adjust(-(placed.kerning as f32));
        }
        bytes.extend_from_slice(&placed.glyph.0.to_be_bytes());
    }
    items.show(Str(&bytes));
    items.finish();
    positioned.finish();
    content.end_text();
}

fn fill(content: &mut Content, Colour(red, green, blue): Colour) {
    let [red, green, blue] = [red, green, blue].map(|part| f32::from(part) / 255.0);
    content.set_fill_rgb(red, green, blue);
}

fn write_font(
    pdf: &mut Pdf,
    weight: Weight,
    used: &BTreeMap<u16, char>,
) -> Result<(), PosterError> {
    let font = weight.font()?;
    let [whole, cid, descriptor, file, unicode] =
        [0, 1, 2, 3, 4].map(|part| font_ref(weight, part));
    let name = Name(weight.name());
    pdf.type0_font(whole)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(unicode);
    let mut writer = pdf.cid_font(cid);
    writer.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM);
    writer.font_descriptor(descriptor).default_width(0.0);
    writer.cid_to_gid_map_predefined(Name(b"Identity"));
    let per_thousand = |units: f32| units * 1_000.0 / font.units();
    let mut widths = writer.widths();
    for glyph in used.keys() {
        widths.consecutive(*glyph, [per_thousand(f32::from(font.advance(GlyphId(*glyph))))]);
    }
    widths.finish();
    writer.finish();
    describe(pdf, (descriptor, file), weight, font);
    let data = deflated(weight.file())?;
    let length = i32::try_from(weight.file().len()).unwrap_or(i32::MAX);
    let mut stream = pdf.stream(file, &data);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Length1"), length);
    stream.finish();
    let mut characters = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
    used.iter().for_each(|(glyph, character)| characters.pair(*glyph, *character));
    let data = deflated(&characters.finish())?;
    pdf.stream(unicode, &data).filter(Filter::FlateDecode);
    Ok(())
}

fn describe(pdf: &mut Pdf, (descriptor, file): (Ref, Ref), weight: Weight, font: &Font) {
    let per_thousand = |units: i16| f32::from(units) * 1_000.0 / font.units();
    let bounds = font.face.global_bounding_box();
    pdf.font_descriptor(descriptor)
        .name(Name(weight.name()))
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(
            per_thousand(bounds.x_min),
            per_thousand(bounds.y_min),
            per_thousand(bounds.x_max),
            per_thousand(bounds.y_max),
        ))
        .italic_angle(0.0)
        .ascent(per_thousand(font.face.ascender()))
        .descent(per_thousand(font.face.descender()))
        .cap_height(per_thousand(font.face.capital_height().unwrap_or(0)))
        .stem_v(if weight == Weight::Bold { 140.0 } else { 80.0 })
        .font_file2(file);
}

const fn font_ref(weight: Weight, part: i32) -> Ref {
    Ref::new(FIRST_FONT + weight as i32 * FONT_OBJECTS + part)
}

const fn resource(weight: Weight) -> Name<'static> {
    match weight {
        Weight::Regular => Name(b"R"),
        Weight::Bold => Name(b"B"),
    }
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>, PosterError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map_err(|error| PosterError::Drawing(error.to_string()))
}
