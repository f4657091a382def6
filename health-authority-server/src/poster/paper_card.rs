//! Printed cards in the size of a bank card (ISO/IEC 7810, ID-1): one that lasts, with a face and a back
//! to fold, or sheets of ten for one use each.

use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UtcDay;

use super::code::{Modules, QUIET_MODULES};
use super::font::Weight;
use super::page::{Area, BLACK, Cell, GREEN, GREY, HEIGHT, Page, WHITE, WIDTH};
use super::parts::{BOLD_BLACK, BOLD_GREEN, PLAIN, Stack};
use super::shape::Shape;
use super::text::Room;
use super::words::validity;
use super::{Issuer, PosterError};
use crate::i18n::Language;

/// The size of a card in millimetres.
pub(super) const CARD: (f32, f32) = (85.6, 53.98);
/// Cards for one use on a page.
pub const CARDS_PER_PAGE: usize = 10;
const COLUMNS: usize = 2;
/// The side of a card's code, without its white margin.
pub(super) const CARD_CODE: f32 = 36.5;
const BAND: f32 = 8.5;
const MARGIN: f32 = 2.4;
const CUT_LINE: f32 = 0.15;
/// The upper edge of a card that lasts, below the words on how to cut it.
const TOP: f32 = 30.0;

/// What stands on a card. The number does not: it is in the code, sealed.
#[derive(Debug, Clone)]
pub struct PaperCard {
    /// The text of its code.
    pub code: String,
    /// For one use.
    pub single: bool,
    pub last_day: UtcDay,
    /// Whom people call, as it is printed.
    pub hotline: String,
}

/// A page with one card that lasts.
pub(super) fn lasting(card: &PaperCard, issuer: &Issuer) -> Result<Page, PosterError> {
    let mut page = Page::default();
    let (width, height) = CARD;
    let left = (WIDTH - 2.0 * width) / 2.0;
    let mut cell = page.cell(0.0, 0.0, 1.0);
    let words = [Language::Vi, Language::En].map(|language| say(language, "card-paper-cut", &[]));
    let room = Room { width: 2.0 * width, height: 7.0, largest: 3.6, smallest: 2.4 };
    let how = Stack::new().text(&words[0], (Weight::Regular, BLACK), room)?;
    let how = how.text(&words[1], PLAIN, room)?;
    how.centred(&mut cell, Area { x: left, y: TOP - 14.0, width: 2.0 * width, height: 11.0 })?;
    let outline = Area { x: left, y: TOP, width: 2.0 * width, height };
    cell.frame(outline, CUT_LINE, GREY);
    // Where to fold: short lines outside, so that none is on the card.
    for y in [TOP - 4.0, TOP + height + 1.0] {
        let mark = Area { x: left + width - CUT_LINE / 2.0, y, width: CUT_LINE, height: 3.0 };
        cell.rectangle(mark, GREY);
    }
    face(&mut page.cell(left, TOP, 1.0), card, issuer)?;
    back(&mut page.cell(left + width, TOP, 1.0), card)?;
    Ok(page)
}

/// Pages with cards for one use.
pub(super) fn sheets(cards: &[PaperCard], issuer: &Issuer) -> Result<Vec<Page>, PosterError> {
    let (width, height) = CARD;
    let left = (WIDTH - COLUMNS as f32 * width) / 2.0;
    let rows = CARDS_PER_PAGE / COLUMNS;
    let top = (HEIGHT - rows as f32 * height) / 2.0;
    let mut pages = Vec::new();
    for sheet in cards.chunks(CARDS_PER_PAGE) {
        let mut page = Page::default();
        for (index, card) in sheet.iter().enumerate() {
            let x = left + (index % COLUMNS) as f32 * width;
            let y = top + (index / COLUMNS) as f32 * height;
            page.cell(x, y, 1.0).frame(Area { x: 0.0, y: 0.0, width, height }, CUT_LINE, GREY);
            face(&mut page.cell(x, y, 1.0), card, issuer)?;
        }
        pages.push(page);
    }
    Ok(pages)
}

fn face(cell: &mut Cell<'_>, card: &PaperCard, issuer: &Issuer) -> Result<(), PosterError> {
    let (width, height) = CARD;
    band(cell, card, issuer)?;
    let modules = Modules::of_card(&card.code)?;
    let quiet = CARD_CODE / modules.width() as f32 * QUIET_MODULES as f32;
    let below = height - BAND;
    cell.code(&modules, 1.0 + quiet, BAND + (below - CARD_CODE) / 2.0, CARD_CODE);

    let left = 1.0 + CARD_CODE + 2.0 * quiet + 0.4;
    let side = Area { x: left, y: BAND + 1.6, width: width - left - MARGIN, height: below - 3.2 };
    let room = |height, largest| Room { width: side.width, height, largest, smallest: 1.5 };
    let hotline = [("hotline", FluentValue::from(card.hotline.as_str()))];
    let mut stack = Stack::new()
        .text(&issuer.name_vi, BOLD_BLACK, room(5.6, 2.5))?
        .text(&issuer.name_en, PLAIN, room(4.0, 1.9))?
        .text(&validity(Language::Vi, card.last_day)?, BOLD_GREEN, room(6.2, 2.4))?
        .text(&validity(Language::En, card.last_day)?, PLAIN, room(4.0, 1.9))?;
    let kind = if card.single { "card-paper-single" } else { "card-paper-lasting" };
    stack = stack
        .text(&say(Language::Vi, kind, &[]), (Weight::Regular, BLACK), room(9.4, 2.4))?
        .text(&say(Language::En, kind, &[]), PLAIN, room(6.6, 1.9))?
        .text(&say(Language::Vi, "card-paper-call", &hotline), BOLD_BLACK, room(5.6, 2.4))?
        .text(&say(Language::En, "card-paper-call", &hotline), PLAIN, room(3.6, 1.9))?;
    let top = side.y + (side.height - stack.height()).max(0.0) / 2.0;
    stack.from(cell, (side.x, top))
}

fn band(cell: &mut Cell<'_>, card: &PaperCard, issuer: &Issuer) -> Result<(), PosterError> {
    let (width, _) = CARD;
    cell.rectangle(Area { x: 0.0, y: 0.0, width, height: BAND }, GREEN);
    let mut left = MARGIN;
    if let Some(emblem) = &issuer.emblem {
        let side = BAND - 2.0;
        let white = Shape::default().rounded((1.0, 1.0), (side, side), 0.8);
        cell.shape(&white, (0.0, 0.0), 1.0, WHITE);
        cell.emblem(emblem, Area { x: 1.4, y: 1.4, width: side - 0.8, height: side - 0.8 });
        left = BAND + 0.6;
    }
    let id = if card.single { "card-paper-title-single" } else { "card-paper-title" };
    let room =
        |height, largest| Room { width: width - left - MARGIN, height, largest, smallest: 1.6 };
    let title = Stack::new()
        .text(&say(Language::Vi, id, &[]), (Weight::Bold, WHITE), room(4.8, 3.6))?
        .text(&say(Language::En, id, &[]), (Weight::Regular, WHITE), room(3.0, 2.2))?;
    title.from(cell, (left, (BAND - title.height()) / 2.0))
}

/// What the card is, on its back.
fn back(cell: &mut Cell<'_>, card: &PaperCard) -> Result<(), PosterError> {
    let (width, height) = CARD;
    let hotline = [("hotline", FluentValue::from(card.hotline.as_str()))];
    let room = |height, largest| Room {
        width: width - 2.0 * MARGIN - 1.2,
        height,
        largest,
        smallest: 1.5,
    };
    let mut stack = Stack::new();
    for (language, colour, heights, size) in
        [(Language::Vi, BLACK, [13.4, 7.2, 3.6], 2.55), (Language::En, GREY, [11.0, 6.0, 3.0], 2.1)]
    {
        for (id, height) in
            ["card-paper-what", "card-paper-known", "card-paper-call"].into_iter().zip(heights)
        {
            let weight = if id == "card-paper-call" { Weight::Bold } else { Weight::Regular };
            let text = say(language, id, &hotline);
            stack = stack.text(&text, (weight, colour), room(height, size))?;
        }
    }
    let top = ((height - stack.height()) / 2.0).max(1.0);
    stack.from(cell, (MARGIN + 0.6, top))
}

fn say(language: Language, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    language.messages().text(id, arguments)
}

#[cfg(test)]
mod tests {
    use super::super::page::Item;
    use super::*;

    fn issuer(name: &str) -> Issuer {
        Issuer {
            url: "https://a.vn".into(),
            name_vi: name.into(),
            name_en: "Bac Ninh Department of Health".into(),
            emblem: None,
        }
    }

    fn card(single: bool) -> PaperCard {
        PaperCard {
            // As long as 165 bytes are in digits.
            code: format!("VXC1:{}", "7".repeat(397)),
            single,
            last_day: UtcDay::new(20_908),
            hotline: "1900 9095".into(),
        }
    }

    /// No text leaves its card or lies on its code.
    fn check(page: &Page, cards: &[(f32, f32, f32)]) {
        let codes: Vec<Area> = page
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Rectangles { areas, .. } if areas.len() > 100 => {
                    let edge = |of: fn(&Area) -> f32, pick: fn(f32, f32) -> f32| {
                        areas.iter().map(of).reduce(pick).unwrap()
                    };
                    let (x, y) = (edge(|a| a.x, f32::min), edge(|a| a.y, f32::min));
                    let side = edge(|a| a.x + a.width, f32::max) - x;
                    assert!((side - CARD_CODE).abs() < 0.05, "{side}");
                    let quiet = side / 53.0 * QUIET_MODULES as f32;
                    let side = side + 2.0 * quiet;
                    Some(Area { x: x - quiet, y: y - quiet, width: side, height: side })
                }
                _ => None,
            })
            .collect();
        let mut lines = 0;
        for item in &page.items {
            let Item::Line(line) = item else { continue };
            lines += 1;
            let width = line.weight.font().unwrap().width(&line.text) * line.size;
            assert!(line.size >= 1.45, "{} is too small: {}", line.text, line.size);
            let on = cards.iter().find(|(x, y, width)| {
                (*x..=x + width).contains(&line.x) && (*y..=y + CARD.1).contains(&line.y)
            });
            let Some((x, y, card_width)) = on else {
                assert!(line.y < TOP, "{} is on no card", line.text);
                continue;
            };
            assert!(line.x + width <= x + card_width - 1.0, "{} leaves its card", line.text);
            assert!(line.y + 0.3 * line.size <= y + CARD.1 - 0.5, "{} leaves its card", line.text);
            for code in &codes {
                let apart = line.x + width <= code.x
                    || line.x >= code.x + code.width
                    || line.y <= code.y
                    || line.y - line.size >= code.y + code.height;
                assert!(apart, "{} is on the code", line.text);
            }
        }
        assert!(lines >= 8 * cards.len());
    }

    #[test]
    fn texts_stay_on_their_cards_and_off_the_codes() {
        let long = "Trung tâm Kiểm soát bệnh tật tỉnh Bà Rịa - Vũng Tàu và các đơn vị trực thuộc";
        for name in ["Sở Y tế", long] {
            let page = lasting(&card(false), &issuer(name)).unwrap();
            let left = (WIDTH - 2.0 * CARD.0) / 2.0;
            check(&page, &[(left, TOP, CARD.0), (left + CARD.0, TOP, CARD.0)]);
            let pages = sheets(&vec![card(true); 23], &issuer(name)).unwrap();
            assert_eq!(pages.len(), 3);
            let top = (HEIGHT - 5.0 * CARD.1) / 2.0;
            let places: Vec<_> = (0..10)
                .map(|at| {
                    let (column, row) = ((at % 2) as f32, (at / 2) as f32);
                    (left + column * CARD.0, top + row * CARD.1, CARD.0)
                })
                .collect();
            check(&pages[0], &places);
        }
    }
}
