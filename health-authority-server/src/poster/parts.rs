//! What a poster is put together from: headline, notice, steps, who learns what, footer. Each fills an
//! area that a design gives it.

use super::font::Weight;
use super::page::{Align, Area, BLACK, Cell, Colour, GREEN, GREY, WHITE, WIDTH};
use super::pictograms;
use super::shape::Shape;
use super::text::{Fitted, LEADING, Room, fit};
use super::words::Words;
use super::{Poster, PosterError};

const EMBLEM_GAP: f32 = 1.5;
/// The most of an area that says who learns what.
const PRIVACY_SHARE: f32 = 0.42;
/// The most of a step's width that its pictogram takes, and its largest side.
const PICTOGRAM_SHARE: f32 = 0.24;
const MOST_PICTOGRAM: f32 = 17.0;

/// How many words fit, and in which size, in millimetres of the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    All,
    Few,
}

impl Detail {
    /// The three steps, and the em of their Vietnamese and English words.
    const fn steps(self, text: &Words) -> (&[String; 3], [f32; 2]) {
        match self {
            Self::All => (&text.steps, [3.9, 3.3]),
            Self::Few => (&text.short_steps, [6.2, 5.0]),
        }
    }

    const fn privacy(self, text: &Words) -> (&String, f32) {
        match self {
            Self::All => (&text.privacy, 3.0),
            Self::Few => (&text.short_privacy, 4.4),
        }
    }

    fn notice(self, text: &Words) -> (Option<&str>, f32) {
        match self {
            Self::All => (text.shares_in_advance.as_deref(), 3.6),
            Self::Few => (text.shares_in_advance_short.as_deref(), 5.0),
        }
    }

    const fn footer(self) -> f32 {
        match self {
            Self::All => 3.1,
            Self::Few => 4.4,
        }
    }
}

pub(super) const BOLD_BLACK: (Weight, Colour) = (Weight::Bold, BLACK);
pub(super) const BOLD_GREEN: (Weight, Colour) = (Weight::Bold, GREEN);
pub(super) const PLAIN: (Weight, Colour) = (Weight::Regular, GREY);

/// Texts below each other.
pub(super) struct Stack(Vec<(Fitted, (Weight, Colour))>);

impl Stack {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn text(
        mut self,
        text: &str,
        style: (Weight, Colour),
        room: Room,
    ) -> Result<Self, PosterError> {
        let fitted = fit(text, style.0.font()?, room);
        if !fitted.lines.is_empty() {
            self.0.push((fitted, style));
        }
        Ok(self)
    }

    pub(super) fn height(&self) -> f32 {
        self.0.iter().map(|(text, _)| text.height()).sum()
    }

    pub(super) fn from(
        &self,
        cell: &mut Cell<'_>,
        (x, mut y): (f32, f32),
    ) -> Result<(), PosterError> {
        for (text, style) in &self.0 {
            cell.text(text, *style, (x, y), Align::Left)?;
            y += text.height();
        }
        Ok(())
    }

    pub(super) fn centred(&self, cell: &mut Cell<'_>, area: Area) -> Result<(), PosterError> {
        let mut y = area.y + (area.height - self.height()) / 2.0;
        for (text, style) in &self.0 {
            cell.text(text, *style, (area.x + area.width / 2.0, y), Align::Centre)?;
            y += text.height();
        }
        Ok(())
    }
}

/// What to do, in both languages, on a green band that begins with the authority's emblem.
pub(super) fn headline(
    cell: &mut Cell<'_>,
    band: Area,
    poster: &Poster,
    texts: &[Words; 2],
    size: f32,
) -> Result<(), PosterError> {
    cell.rectangle(band, GREEN);
    let mut taken = 4.0;
    if let Some(emblem) = &poster.emblem {
        let side = band.height - 2.0 * EMBLEM_GAP;
        let tile =
            Area { x: band.x + EMBLEM_GAP, y: band.y + EMBLEM_GAP, width: side, height: side };
        let white = Shape::default().rounded((tile.x, tile.y), (side, side), EMBLEM_GAP);
        cell.shape(&white, (0.0, 0.0), 1.0, WHITE);
        let within = side * 0.06;
        cell.emblem(
            emblem,
            Area {
                x: tile.x + within,
                y: tile.y + within,
                width: side - 2.0 * within,
                height: side - 2.0 * within,
            },
        );
        taken = band.height;
    }
    let room = |largest| Room {
        width: band.width - 2.0 * taken,
        height: band.height,
        largest,
        smallest: largest / 2.0,
    };
    Stack::new()
        .text(&texts[0].headline, (Weight::Bold, WHITE), room(size * 0.88))?
        .text(&texts[1].headline, (Weight::Regular, WHITE), room(size * 0.53))?
        .centred(cell, band)
}

/// Says, framed, that the venue has given its shares in advance. Returns the area that is left.
pub(super) fn notice(
    cell: &mut Cell<'_>,
    area: Area,
    texts: &[Words; 2],
    detail: Detail,
) -> Result<Area, PosterError> {
    let mut stack = Stack::new();
    for (text, weight) in texts.iter().zip([Weight::Bold, Weight::Regular]) {
        let (Some(notice), largest) = detail.notice(text) else { return Ok(area) };
        // One line across a page, up to three in a column.
        let across = area.width > WIDTH / 2.0;
        let largest = if across { largest } else { largest * 0.66 };
        let height = largest * if across { 1.0 } else { 3.0 } * LEADING;
        let room = Room { width: area.width - 4.0, height, largest, smallest: 2.3 };
        stack = stack.text(notice, (weight, BLACK), room)?;
    }
    let framed = Area { height: stack.height() + 2.0, ..area };
    cell.frame(framed, 0.4, BLACK);
    stack.centred(cell, framed)?;
    let taken = framed.height + 1.5;
    Ok(Area { y: area.y + taken, height: area.height - taken, ..area })
}

/// Who learns what, at the lower end of an area. Returns the area that is left.
pub(super) fn privacy(
    cell: &mut Cell<'_>,
    area: Area,
    texts: &[Words; 2],
    (detail, align): (Detail, Align),
) -> Result<Area, PosterError> {
    let most = area.height * PRIVACY_SHARE;
    let mut stack = Stack::new();
    for (text, colour) in texts.iter().zip([BLACK, GREY]) {
        let (words, largest) = detail.privacy(text);
        let room = Room { width: area.width, height: most / 2.0, largest, smallest: 1.8 };
        stack = stack.text(words, (Weight::Regular, colour), room)?;
    }
    let top = area.y + area.height - stack.height();
    match align {
        Align::Centre => stack.centred(cell, Area { y: top, height: stack.height(), ..area })?,
        Align::Left => stack.from(cell, (area.x, top))?,
    }
    Ok(Area { height: area.height - stack.height() - 2.0, ..area })
}

/// The three steps, each with its number, pictogram and words in both languages.
pub(super) fn steps(
    cell: &mut Cell<'_>,
    areas: [Area; 3],
    texts: &[Words; 2],
    detail: Detail,
) -> Result<(), PosterError> {
    let [first, ..] = areas;
    let side = first.height.min(first.width * PICTOGRAM_SHARE).min(MOST_PICTOGRAM);
    let badge = side * 0.4;
    let taken = badge * 1.1 + side + 2.0;
    let words = step_words(texts, detail, (first.width - taken, first.height))?;
    for (index, (area, pictogram)) in areas.into_iter().zip(pictograms::steps()).enumerate() {
        let y = area.y + (area.height - side) / 2.0;
        // The number stands beside the pictogram's upper left corner.
        cell.shape(&pictogram, (area.x + badge * 1.1, y), side / pictograms::SIDE, BLACK);
        let disc = Shape::default().circle(area.x + badge / 2.0, y + badge / 2.0, badge / 2.0);
        cell.shape(&disc, (0.0, 0.0), 1.0, GREEN);
        let room = Room { width: badge, height: badge, largest: badge * 0.7, smallest: 1.0 };
        let number = Stack::new().text(&(index + 1).to_string(), (Weight::Bold, WHITE), room)?;
        number.centred(cell, Area { x: area.x, y, width: badge, height: badge })?;
        let top = area.y + (area.height - words[index].height()).max(0.0) / 2.0;
        words[index].from(cell, (area.x + taken, top))?;
    }
    Ok(())
}

/// The words of the three steps, in each language as large as all three of them can be.
fn step_words(
    texts: &[Words; 2],
    detail: Detail,
    (width, height): (f32, f32),
) -> Result<[Stack; 3], PosterError> {
    let mut words = [Stack::new(), Stack::new(), Stack::new()];
    let styles = [((Weight::Bold, BLACK), 0.55), ((Weight::Regular, GREY), 0.45)];
    for (nth, (text, (style, share))) in texts.iter().zip(styles).enumerate() {
        let (steps, largest) = detail.steps(text);
        let font = style.0.font()?;
        let mut room = Room { width, height: height * share, largest: largest[nth], smallest: 1.8 };
        for step in steps {
            room.largest = room.largest.min(fit(step, font, room).size);
        }
        let [first, second, third] = words;
        words = [
            first.text(&steps[0], style, room)?,
            second.text(&steps[1], style, room)?,
            third.text(&steps[2], style, room)?,
        ];
    }
    Ok(words)
}

/// Who signed, until when, which poster.
pub(super) fn footer(
    cell: &mut Cell<'_>,
    area: Area,
    texts: &[Words; 2],
    (detail, align): (Detail, Align),
) -> Result<(), PosterError> {
    let (height, largest) = (area.height / 2.0, detail.footer());
    let room = Room { width: area.width, height, largest, smallest: 1.9 };
    let stack =
        Stack::new().text(&texts[0].footer, PLAIN, room)?.text(&texts[1].footer, PLAIN, room)?;
    match align {
        Align::Centre => stack.centred(cell, area),
        Align::Left => stack.from(cell, (area.x, area.y + area.height - stack.height())),
    }
}
