//! Where things stand on a poster. Two designs: upright, for a whole page and for quarters of one,
//! and wide, for halves and eighths. A quarter is a page in half the size, but with fewer words,
//! so that they stay legible; the three steps with their pictograms are on all of them.

use super::code::{Modules, QUIET_MODULES};
use super::page::{Align, Area, Cell, GREY, HEIGHT, Page, WIDTH};
use super::parts::{
    BOLD_BLACK, BOLD_GREEN, Detail, PLAIN, Stack, footer, headline, notice, privacy, steps,
};
use super::text::Room;
use super::words::Words;
use super::{Layout, Poster, PosterError};

/// The side of a code on a whole page, in millimetres.
pub(super) const WHOLE_CODE: f32 = 152.0;
/// The side of a code on half a page.
pub(super) const HALF_CODE: f32 = 102.0;
const MARGIN: f32 = 10.0;
const FOOTER: f32 = 9.0;
/// Less than this beside a code, and the steps take all of it, in few words.
const TIGHT: f32 = 52.0;
/// The same below a code where words are few anyway.
const TIGHT_BELOW: f32 = 26.0;
const CUT_MARK: f32 = 4.0;
const CUT_LINE: f32 = 0.15;

/// One poster on a page.
pub(super) fn whole(poster: &Poster) -> Result<Page, PosterError> {
    let mut page = Page::default();
    upright(&mut page.cell(0.0, 0.0, 1.0), poster, Detail::All)?;
    Ok(page)
}

/// Posters on pages, several to a page, with marks where to cut.
pub(super) fn sheets(posters: &[Poster], layout: Layout) -> Result<Vec<Page>, PosterError> {
    let (columns, rows) = match layout {
        Layout::Whole => (1, 1),
        Layout::Two => (1, 2),
        Layout::Four => (2, 2),
        Layout::Eight => (2, 4),
    };
    let (width, height) = (WIDTH / columns as f32, HEIGHT / rows as f32);
    let mut pages = Vec::new();
    for sheet in posters.chunks(layout.per_sheet()) {
        let mut page = Page::default();
        for (index, poster) in sheet.iter().enumerate() {
            let (x, y) = ((index % columns) as f32 * width, (index / columns) as f32 * height);
            match layout {
                Layout::Whole => upright(&mut page.cell(x, y, 1.0), poster, Detail::All)?,
                Layout::Two => wide(&mut page.cell(x, y, 1.0), poster, Detail::All)?,
                Layout::Four => upright(&mut page.cell(x, y, 0.5), poster, Detail::Few)?,
                Layout::Eight => wide(&mut page.cell(x, y, 0.5), poster, Detail::Few)?,
            }
        }
        cut_marks(&mut page, columns, rows);
        pages.push(page);
    }
    Ok(pages)
}

fn upright(cell: &mut Cell<'_>, poster: &Poster, detail: Detail) -> Result<(), PosterError> {
    let texts = Words::of(poster)?;
    let width = WIDTH - 2.0 * MARGIN;
    let band = Area { x: MARGIN, y: MARGIN, width, height: 19.0 };
    headline(cell, band, poster, &texts, 9.5)?;

    let modules = Modules::of(&poster.url)?;
    let quiet = WHOLE_CODE / modules.width() as f32 * QUIET_MODULES as f32;
    let code_top = 75.0;
    cell.code(&modules, (WIDTH - WHOLE_CODE) / 2.0, code_top + quiet, WHOLE_CODE);
    let code_end = code_top + WHOLE_CODE + 2.0 * quiet;

    let title = Stack::new()
        .text(&poster.name, BOLD_BLACK, Room { width, height: 25.0, largest: 14.0, smallest: 7.0 })?
        .text(&poster.unit, BOLD_GREEN, Room { width, height: 11.0, largest: 8.6, smallest: 4.2 })?
        .text(&poster.address, PLAIN, Room { width, height: 6.0, largest: 4.6, smallest: 2.4 })?;
    let between = Area { x: MARGIN, y: 31.0, width, height: code_top - 31.0 };
    title.centred(cell, between)?;

    let footer_top = HEIGHT - MARGIN - FOOTER;
    let foot = Area { x: MARGIN, y: footer_top, width, height: FOOTER };
    footer(cell, foot, &texts, (detail, Align::Centre))?;
    let below = Area { x: MARGIN, y: code_end, width, height: footer_top - code_end - 1.5 };
    let below = notice(cell, below, &texts, detail)?;
    let below = if detail == Detail::Few && below.height < TIGHT_BELOW {
        below
    } else {
        privacy(cell, below, &texts, (detail, Align::Centre))?
    };
    let gap = 5.0;
    let column = Area { width: (width - 2.0 * gap) / 3.0, ..below };
    let columns =
        [0.0, 1.0, 2.0].map(|nth| Area { x: column.x + nth * (column.width + gap), ..column });
    steps(cell, columns, &texts, detail)
}

fn wide(cell: &mut Cell<'_>, poster: &Poster, detail: Detail) -> Result<(), PosterError> {
    let texts = Words::of(poster)?;
    let height = HEIGHT / 2.0;
    let margin = MARGIN;
    let band = Area { x: margin, y: margin, width: WIDTH - 2.0 * margin, height: 13.0 };
    headline(cell, band, poster, &texts, 7.0)?;

    let modules = Modules::of(&poster.url)?;
    let quiet = HALF_CODE / modules.width() as f32 * QUIET_MODULES as f32;
    let room = height - margin - band.height - margin;
    let code_top = margin + band.height + quiet.max((room - HALF_CODE) / 2.0);
    cell.code(&modules, margin + quiet, code_top, HALF_CODE);

    let left = margin + HALF_CODE + 2.0 * quiet;
    let side = Area {
        x: left,
        y: margin + band.height + 2.5,
        width: WIDTH - margin - left,
        height: room - 2.5,
    };
    let width = side.width;
    let title = Stack::new()
        .text(&poster.name, BOLD_BLACK, Room { width, height: 26.0, largest: 9.0, smallest: 4.8 })?
        .text(&poster.unit, BOLD_GREEN, Room { width, height: 10.0, largest: 6.4, smallest: 3.4 })?
        .text(&poster.address, PLAIN, Room { width, height: 8.0, largest: 4.0, smallest: 2.6 })?;
    title.from(cell, (side.x, side.y))?;
    let foot = Area { y: side.y + side.height - 14.0, height: 14.0, ..side };
    footer(cell, foot, &texts, (detail, Align::Left))?;

    let top = side.y + title.height() + 2.0;
    let below = Area { y: top, height: foot.y - top - 1.5, ..side };
    // A column has no room for many words beside a notice.
    let below = notice(cell, below, &texts, Detail::Few)?;
    let (detail, below) = if below.height < TIGHT {
        (Detail::Few, below)
    } else {
        (detail, privacy(cell, below, &texts, (detail, Align::Left))?)
    };
    let gap = 2.0;
    let row = Area { height: (below.height - 2.0 * gap) / 3.0, ..below };
    let rows = [0.0, 1.0, 2.0].map(|nth| Area { y: row.y + nth * (row.height + gap), ..row });
    steps(cell, rows, &texts, detail)
}

/// Short lines at the edges of the page and crosses within, where cells meet.
fn cut_marks(page: &mut Page, columns: usize, rows: usize) {
    let mut cell = page.cell(0.0, 0.0, 1.0);
    let (width, height) = (WIDTH / columns as f32, HEIGHT / rows as f32);
    for column in 0..=columns {
        for row in 0..=rows {
            let (x, y) = (column as f32 * width, row as f32 * height);
            if (1..columns).contains(&column) {
                let area = Area {
                    x: x - CUT_LINE / 2.0,
                    y: y - CUT_MARK,
                    width: CUT_LINE,
                    height: 2.0 * CUT_MARK,
                };
                cell.rectangle(area, GREY);
            }
            if (1..rows).contains(&row) {
                let area = Area {
                    x: x - CUT_MARK,
                    y: y - CUT_LINE / 2.0,
                    width: 2.0 * CUT_MARK,
                    height: CUT_LINE,
                };
                cell.rectangle(area, GREY);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vungxanh_protocol::interval::UtcDay;

    use super::super::page::{BLACK, Item};
    use super::*;
    use crate::authority::emblem::Emblem;

    fn poster(name: &str, unit: &str, address: &str, shares_in_advance: bool) -> Poster {
        // As long as a payload makes it.
        let filling = "x".repeat(250 + (name.len() + unit.len() + address.len()) * 4 / 3);
        Poster {
            url: format!("https://a.vn/v#{filling}"),
            name: name.into(),
            unit: unit.into(),
            address: address.into(),
            authority: ["Sở Y tế tỉnh Bắc Ninh".into(), "Bac Ninh Department of Health".into()],
            emblem: Some(emblem()),
            number: "390b90e3".into(),
            last_day: UtcDay::new(21_147),
            stay_minutes: 150,
            shares_in_advance,
        }
    }

    fn emblem() -> Emblem {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 40, 20);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[90; 40 * 20 * 4]).unwrap();
        writer.finish().unwrap();
        Emblem::of_png(&file).unwrap()
    }

    /// Where pictograms and the emblem stand.
    fn pictures(page: &Page) -> Vec<Area> {
        let areas = page.items.iter().filter_map(|item| match item {
            Item::Shape { colour: BLACK, shape } => {
                let edge = |of: fn((f32, f32)) -> f32, pick: fn(f32, f32) -> f32| {
                    shape.points().map(of).reduce(pick).unwrap()
                };
                let (x, y) = (edge(|point| point.0, f32::min), edge(|point| point.1, f32::min));
                let width = edge(|point| point.0, f32::max) - x;
                let height = edge(|point| point.1, f32::max) - y;
                Some(Area { x, y, width, height })
            }
            Item::Emblem { area, .. } => Some(*area),
            _ => None,
        });
        areas.collect()
    }

    /// Where text stands: accents of capital letters and tails included.
    fn boxes(page: &Page) -> Vec<(String, Area)> {
        let lines = page.items.iter().filter_map(|item| match item {
            Item::Line(line) => Some(line),
            _ => None,
        });
        let area = |line: &super::super::page::Line| Area {
            x: line.x,
            y: line.y - line.size,
            width: line.weight.font().unwrap().width(&line.text) * line.size,
            height: line.size * 1.265,
        };
        lines.map(|line| (line.text.clone(), area(line))).collect()
    }

    /// Codes with their quiet zones, and the sides of their dark parts.
    fn codes(page: &Page, modules: usize) -> Vec<(Area, f32)> {
        let rectangles = page.items.iter().filter_map(|item| match item {
            Item::Rectangles { areas, .. } if areas.len() > 100 => Some(areas),
            _ => None,
        });
        let code = |areas: &Vec<Area>| {
            let edge = |of: fn(&Area) -> f32, pick: fn(f32, f32) -> f32| {
                areas.iter().map(of).reduce(pick).unwrap()
            };
            let (x, y) = (edge(|a| a.x, f32::min), edge(|a| a.y, f32::min));
            let side = edge(|a| a.x + a.width, f32::max) - x;
            let quiet = side / modules as f32 * QUIET_MODULES as f32;
            let all = side + 2.0 * quiet;
            (Area { x: x - quiet, y: y - quiet, width: all, height: all }, side)
        };
        rectangles.map(code).collect()
    }

    fn overlap(a: &Area, b: &Area) -> bool {
        let apart = |a: f32, length_a: f32, b: f32, length_b: f32| {
            a + length_a <= b + 0.01 || b + length_b <= a + 0.01
        };
        !apart(a.x, a.width, b.x, b.width) && !apart(a.y, a.height, b.y, b.height)
    }

    fn check(poster: &Poster) {
        let modules = Modules::of(&poster.url).unwrap().width();
        for layout in Layout::ALL {
            let posters = vec![poster.clone(); layout.per_sheet()];
            let pages = sheets(&posters, layout).unwrap();
            assert_eq!(pages.len(), 1);
            let (texts, codes) = (boxes(&pages[0]), codes(&pages[0], modules));
            assert_eq!(codes.len(), layout.per_sheet());
            let pictures = pictures(&pages[0]);
            assert_eq!(pictures.len(), 4 * layout.per_sheet());
            let smallest = [150.0, 100.0, 75.0, 50.0];
            let smallest = smallest[Layout::ALL.iter().position(|one| *one == layout).unwrap()];
            assert!(codes.iter().all(|(_, side)| *side >= smallest), "{layout:?}");
            for (index, (text, area)) in texts.iter().enumerate() {
                let inside = area.x >= 4.9
                    && area.x + area.width <= WIDTH - 4.9
                    && area.y >= 4.9
                    && area.y + area.height <= HEIGHT - 4.9;
                assert!(inside, "{layout:?}: {text} {area:?}");
                for (other, around) in &texts[index + 1..] {
                    assert!(!overlap(area, around), "{layout:?}: {text} | {other}");
                }
                for picture in &pictures {
                    assert!(!overlap(area, picture), "{layout:?}: {text} on {picture:?}");
                }
                for (code, _) in &codes {
                    assert!(!overlap(area, code), "{layout:?}: {text} in the code's quiet zone");
                }
            }
        }
    }

    #[test]
    fn the_longest_texts_overlap_nothing_and_stay_on_the_paper() {
        let words = "Trung tâm thương mại Hoàng Mai Ấp Bắc Ỷ Lan phường Ngã Tư Sở ".repeat(4);
        let cut = |text: &str, limit: usize| -> String {
            let mut text = text.to_owned();
            while text.len() > limit {
                text.pop();
            }
            text
        };
        let wide = "W".repeat(200);
        for text in [words.as_str(), wide.as_str()] {
            for shares_in_advance in [false, true] {
                check(&poster(&cut(text, 96), &cut(text, 64), &cut(text, 130), shares_in_advance));
            }
        }
        check(&poster("Phở", "", "", false));
        check(&poster("🍜🍜🍜", "\u{202e}", "汉", true));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]

        #[test]
        fn any_texts_overlap_nothing_and_stay_on_the_paper(
            name in "[\\PC]{1,24}|[a-zA-Zạấễộữ ]{1,60}",
            unit in "[\\PC]{0,16}|[A-Zạấễộữ]{0,40}",
            address in "[\\PC]{0,24}",
            shares_in_advance: bool,
        ) {
            check(&poster(&name, &unit, &address, shares_in_advance));
        }
    }
}
