//! Posters on paper: a signed payload as true A4 PDF, SVG or PNG, alone or several to a sheet.
//!
//! What stands on the paper comes from the payload itself, so that the paper cannot say anything
//! else than its code. A design places text, rectangles, pictograms and the authority's emblem in
//! millimetres on pages; three writers put pages into files. Lines are measured with the bundled font, text in SVG and PNG is drawn as
//! outlines and in PDF with the embedded font, so a poster looks the same everywhere.

use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::poster::{MAX_URL_BYTES, UnverifiedPoster, to_code_url};

use crate::authority::emblem::Emblem;

pub use paper_card::{CARDS_PER_PAGE, PaperCard};
pub use text::unprintable;
pub(crate) use words::validity;

mod code;
mod design;
mod font;
mod page;
mod paper_card;
mod parts;
mod pdf;
mod pictograms;
mod png;
mod shape;
mod svg;
mod text;
mod words;

/// The most posters of one PDF.
pub const MAX_POSTERS: usize = 500;
/// The resolutions that a PNG can have, in dots per inch.
pub const PNG_DPI: std::ops::RangeInclusive<u16> = 36..=600;

/// Why no poster was made.
#[derive(Debug, thiserror::Error)]
pub enum PosterError {
    /// The payload is none.
    #[error(transparent)]
    Payload(#[from] VenueError),
    /// A display's, whose code is another every hour.
    #[error(
        "this unit has a screen, whose code changes every hour: show it there, do not print it"
    )]
    Display,
    /// The authority's URL is too long.
    #[error("the poster's URL has {0} bytes, more than {MAX_URL_BYTES}: use a shorter public URL")]
    UrlTooLong(usize),
    /// The code does not fit into a QR code.
    #[error("the QR code cannot be made: {0}")]
    Code(#[from] qrcode::types::QrError),
    /// No poster, or too many at once.
    #[error("{0} posters in one file; from 1 to {MAX_POSTERS} are possible")]
    Count(usize),
    /// A resolution outside [`PNG_DPI`].
    #[error("{0} dots per inch; from 36 to 600 are possible")]
    Resolution(u16),
    /// A fault of the bundled font or of the picture's writer.
    #[error("the poster cannot be drawn: {0}")]
    Drawing(String),
}

/// Who signs the posters, as it is named on them.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The authority's public URL.
    pub url: String,
    pub name_vi: String,
    /// Its English name; may be the same.
    pub name_en: String,
    /// Its emblem, if it has one.
    pub emblem: Option<Emblem>,
}

/// How many posters stand on a sheet of A4, from large to small codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Layout {
    /// One, with a code of 15 x 15 cm.
    Whole,
    /// Two in landscape, with a code of 10 x 10 cm.
    Two,
    /// Four, with a code of 7.6 x 7.6 cm.
    Four,
    /// Eight in landscape, with a code of 5.1 x 5.1 cm.
    Eight,
}

impl Layout {
    pub const ALL: [Self; 4] = [Self::Whole, Self::Two, Self::Four, Self::Eight];

    /// Posters on one sheet.
    pub const fn per_sheet(self) -> usize {
        match self {
            Self::Whole => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

/// What stands on a poster.
#[derive(Debug, Clone)]
pub struct Poster {
    url: String,
    name: String,
    unit: String,
    address: String,
    authority: [String; 2],
    emblem: Option<Emblem>,
    number: String,
    last_day: UtcDay,
    stay_minutes: u16,
    shares_in_advance: bool,
}

impl Poster {
    /// From a signed payload. `ward` is the name of the ward, put behind the street.
    pub fn of_payload(payload: &[u8], issuer: &Issuer, ward: &str) -> Result<Self, PosterError> {
        let read = UnverifiedPoster::read(payload)?;
        let content = read.unverified_content();
        if content.display_key.is_some() {
            return Err(PosterError::Display);
        }
        let url = to_code_url(&issuer.url, payload);
        if url.len() > MAX_URL_BYTES {
            return Err(PosterError::UrlTooLong(url.len()));
        }
        let fingerprint = PosterFingerprint::of_payload(payload);
        let number = hex::encode(&fingerprint.as_bytes()[..4]);
        let places = [content.street.trim(), ward.trim()];
        Ok(Self {
            url,
            name: content.name.clone(),
            unit: content.unit.clone(),
            address: places
                .into_iter()
                .filter(|place| !place.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            authority: [issuer.name_vi.clone(), issuer.name_en.clone()],
            emblem: issuer.emblem.clone(),
            number,
            last_day: content.expires.minus(1),
            stay_minutes: content.default_stay_minutes(),
            shares_in_advance: content.shares_in_advance,
        })
    }

    /// What its code holds.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// One poster as SVG, a page of A4.
pub fn svg(poster: &Poster) -> Result<String, PosterError> {
    Ok(svg::write(&design::whole(poster)?))
}

/// Posters as PDF, each page true A4.
pub fn pdf(posters: &[Poster], layout: Layout) -> Result<Vec<u8>, PosterError> {
    if posters.is_empty() || posters.len() > MAX_POSTERS {
        return Err(PosterError::Count(posters.len()));
    }
    pdf::write(&design::sheets(posters, layout)?)
}

/// Printed cards as PDF, at true size on A4: one that lasts alone, others ten to a page.
pub fn cards_pdf(cards: &[PaperCard], issuer: &Issuer) -> Result<Vec<u8>, PosterError> {
    pdf::write(&card_pages(cards, issuer)?)
}

/// One page of printed cards as SVG.
pub fn cards_svg(cards: &[PaperCard], issuer: &Issuer) -> Result<String, PosterError> {
    Ok(svg::write(&card_page(cards, issuer)?))
}

/// One page of printed cards as PNG, at `dpi` dots per inch.
pub fn cards_png(cards: &[PaperCard], issuer: &Issuer, dpi: u16) -> Result<Vec<u8>, PosterError> {
    if !PNG_DPI.contains(&dpi) {
        return Err(PosterError::Resolution(dpi));
    }
    png::write(&card_page(cards, issuer)?, dpi)
}

fn card_pages(cards: &[PaperCard], issuer: &Issuer) -> Result<Vec<page::Page>, PosterError> {
    match cards {
        [card] if !card.single => Ok(vec![paper_card::lasting(card, issuer)?]),
        _ if cards.is_empty() || cards.len() > MAX_POSTERS => Err(PosterError::Count(cards.len())),
        _ => paper_card::sheets(cards, issuer),
    }
}

fn card_page(cards: &[PaperCard], issuer: &Issuer) -> Result<page::Page, PosterError> {
    let mut pages = card_pages(cards, issuer)?;
    match pages.pop() {
        Some(page) if pages.is_empty() => Ok(page),
        _ => Err(PosterError::Count(cards.len())),
    }
}

/// One poster as PNG, a page of A4 at `dpi` dots per inch.
pub fn png(poster: &Poster, dpi: u16) -> Result<Vec<u8>, PosterError> {
    if !PNG_DPI.contains(&dpi) {
        return Err(PosterError::Resolution(dpi));
    }
    png::write(&design::whole(poster)?, dpi)
}
