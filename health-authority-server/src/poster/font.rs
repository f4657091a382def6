//! The bundled font: which glyphs a text has, how wide it is, what it looks like.

use std::sync::LazyLock;

use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::PosterError;

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    pub(super) const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    pub(super) const fn file(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../../assets/fonts/BeVietnamPro-Regular.ttf"),
            Self::Bold => include_bytes!("../../assets/fonts/BeVietnamPro-Bold.ttf"),
        }
    }

    /// The font's PostScript name.
    pub(super) const fn name(self) -> &'static [u8] {
        match self {
            Self::Regular => b"BeVietnamPro-Regular",
            Self::Bold => b"BeVietnamPro-Bold",
        }
    }

    pub(super) fn font(self) -> Result<&'static Font, PosterError> {
        let font = match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        };
        font.as_ref().map_err(|error| PosterError::Drawing(format!("the bundled font: {error}")))
    }
}

type Parsed = Result<Font, ttf_parser::FaceParsingError>;
static REGULAR: LazyLock<Parsed> = LazyLock::new(|| Font::parse(Weight::Regular.file()));
static BOLD: LazyLock<Parsed> = LazyLock::new(|| Font::parse(Weight::Bold.file()));

/// A font, measured in its own units.
pub(super) struct Font {
    pub(super) face: Face<'static>,
    pairs: Vec<PairAdjustment<'static>>,
}

/// A glyph and where it stands in its line, in units of the font.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) glyph: GlyphId,
    pub(super) character: char,
    pub(super) x: i32,
    pub(super) kerning: i32,
}

impl Font {
    fn parse(file: &'static [u8]) -> Parsed {
        let face = Face::parse(file, 0)?;
        let lookups = face.tables().gpos.into_iter().flat_map(|gpos| gpos.lookups);
        let subtables = lookups.flat_map(|lookup| lookup.subtables.into_iter());
        let pairs = subtables.filter_map(|subtable| match subtable {
            PositioningSubtable::Pair(pair) => Some(pair),
            _ => None,
        });
        Ok(Self { pairs: pairs.collect(), face })
    }

    /// Units in one em.
    pub(super) fn units(&self) -> f32 {
        f32::from(self.face.units_per_em())
    }

    /// Whether it can draw the character.
    pub(super) fn has(&self, character: char) -> bool {
        self.face.glyph_index(character).is_some()
    }

    /// The glyphs of a line and the line's width.
    pub(super) fn place(&self, line: &str) -> (Vec<Placed>, i32) {
        let mut placed: Vec<Placed> = Vec::new();
        let mut x = 0;
        for character in line.chars() {
            let glyph = self.face.glyph_index(character).unwrap_or(GlyphId(0));
            let kerning = placed.last().map_or(0, |last| self.kerning(last.glyph, glyph));
            x += kerning;
            placed.push(Placed { glyph, character, x, kerning });
            x += i32::from(self.advance(glyph));
        }
        (placed, x)
    }

    /// The width of a line in which the font's em is 1.
    pub(super) fn width(&self, line: &str) -> f32 {
        self.place(line).1 as f32 / self.units()
    }

    pub(super) fn advance(&self, glyph: GlyphId) -> u16 {
        self.face.glyph_hor_advance(glyph).unwrap_or(0)
    }

    fn kerning(&self, left: GlyphId, right: GlyphId) -> i32 {
        let of_pair = |pair: &PairAdjustment<'static>| {
            let index = pair.coverage().get(left)?;
            let (first, _) = match pair {
                PairAdjustment::Format1 { sets, .. } => sets.get(index)?.get(right)?,
                PairAdjustment::Format2 { classes, matrix, .. } => {
                    matrix.get((classes.0.get(left), classes.1.get(right)))?
                }
            };
            Some(i32::from(first.x_advance))
        };
        self.pairs.iter().find_map(of_pair).unwrap_or(0)
    }

    pub(super) fn outline(&self, glyph: GlyphId, builder: &mut dyn OutlineBuilder) {
        // A blank has no outline.
        let _ = self.face.outline_glyph(glyph, builder);
    }
}
