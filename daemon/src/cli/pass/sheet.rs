//! A sheet of A4 with printed passes. Words are drawn as shapes, so that no font has to be embedded.

use pdf_writer::{Content, Finish, Pdf, Rect, Ref, TextStr};
use qrcode::{Color, QrCode};
use ttf_parser::{Face, OutlineBuilder};

use crate::failure::{Exit, Failure};

/// The font of the authority's posters; it has every Vietnamese letter.
const FONT: &[u8] =
    include_bytes!("../../../../health-authority-server/assets/fonts/BeVietnamPro-Regular.ttf");
const POINTS_PER_MM: f32 = 72.0 / 25.4;
/// A4, in millimetres.
const WIDTH: f32 = 210.0;
const HEIGHT: f32 = 297.0;
const COLUMNS: usize = 3;
const ROWS: usize = 4;
const MARGIN: f32 = 10.0;
/// Above the passes, for what they are.
const HEAD: f32 = 22.0;
/// A code's side with its quiet zone of four modules: two modules are more than a millimetre.
const CODE: f32 = 52.0;
const TITLE_SIZE: f32 = 5.0;
const TEXT_SIZE: f32 = 3.4;
const CAPTION_SIZE: f32 = 3.0;
const QUIET_MODULES: usize = 4;

/// What is written on a sheet.
pub(super) struct Words {
    pub(super) title: String,
    /// How it is used; one line each.
    pub(super) explanation: Vec<String>,
    /// Below each pass.
    pub(super) caption: String,
}

/// The sheet as PDF: twelve passes on a page.
pub(super) fn pdf(codes: &[QrCode], words: &Words) -> Result<Vec<u8>, Failure> {
    let face = Face::parse(FONT, 0)
        .map_err(|error| Failure::new(Exit::BadInput, "failure-pass-code").because(error))?;
    let mut pdf = Pdf::new();
    let (catalog, pages, information) = (Ref::new(1), Ref::new(2), Ref::new(3));
    pdf.catalog(catalog).pages(pages);
    pdf.document_info(information).title(TextStr(&words.title));
    let mut next = 4;
    let mut kids = Vec::new();
    for sheet in codes.chunks(COLUMNS * ROWS) {
        let (page, content) = (Ref::new(next), Ref::new(next + 1));
        next += 2;
        kids.push(page);
        let mut writer = pdf.page(page);
        writer.parent(pages).contents(content);
        writer.media_box(Rect::new(0.0, 0.0, WIDTH * POINTS_PER_MM, HEIGHT * POINTS_PER_MM));
        writer.resources();
        writer.finish();
        pdf.stream(content, &drawn(sheet, words, &face));
    }
    pdf.pages(pages).count(i32::try_from(kids.len()).unwrap_or(i32::MAX)).kids(kids);
    Ok(pdf.finish())
}

/// A page in millimetres from its upper left corner.
struct Canvas<'a> {
    content: Content,
    face: &'a Face<'static>,
}

fn drawn(codes: &[QrCode], words: &Words, face: &Face<'static>) -> Vec<u8> {
    let mut canvas = Canvas { content: Content::new(), face };
    canvas.text(&words.title, MARGIN, MARGIN + TITLE_SIZE, TITLE_SIZE);
    for (line, text) in (1_u8..).zip(&words.explanation) {
        let y = MARGIN + TITLE_SIZE + f32::from(line) * TEXT_SIZE * 1.5;
        canvas.text(text, MARGIN, y, TEXT_SIZE);
    }
    let cell =
        ((WIDTH - 2.0 * MARGIN) / COLUMNS as f32, (HEIGHT - 2.0 * MARGIN - HEAD) / ROWS as f32);
    for (place, code) in codes.iter().enumerate() {
        let (column, row) = (place % COLUMNS, place / COLUMNS);
        let x = MARGIN + cell.0 * column as f32;
        let y = MARGIN + HEAD + cell.1 * row as f32;
        canvas.frame(x, y, cell.0, cell.1);
        let left = x + (cell.0 - CODE) / 2.0;
        canvas.code(code, left, y + 1.0);
        canvas.text(&words.caption, left + 3.0, y + CODE + 5.0, CAPTION_SIZE);
    }
    canvas.content.finish().to_vec()
}

impl Canvas<'_> {
    fn code(&mut self, code: &QrCode, x: f32, y: f32) {
        let width = code.width();
        let module = CODE / (width + 2 * QUIET_MODULES) as f32;
        for (place, colour) in code.to_colors().into_iter().enumerate() {
            if colour == Color::Dark {
                let (column, row) = (place % width + QUIET_MODULES, place / width + QUIET_MODULES);
                let (left, top) = (x + module * column as f32, y + module * row as f32);
                self.rectangle(left, top, module, module);
            }
        }
        self.content.fill_nonzero();
    }

    /// A thin line to cut along.
    fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        self.content.set_line_width(0.3).set_stroke_gray(0.7);
        self.rectangle(x, y, width, height);
        self.content.stroke();
    }

    fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let points = |mm: f32| mm * POINTS_PER_MM;
        let lower = HEIGHT - y - height;
        self.content.rect(points(x), points(lower), points(width), points(height));
    }

    /// A line of text whose baseline begins at `x`, `y`.
    fn text(&mut self, text: &str, x: f32, y: f32, size: f32) {
        let scale = size * POINTS_PER_MM / f32::from(self.face.units_per_em());
        let (mut pen, baseline) = (x * POINTS_PER_MM, (HEIGHT - y) * POINTS_PER_MM);
        for letter in text.chars() {
            let Some(glyph) = self.face.glyph_index(letter) else { continue };
            let mut outline = Outline {
                content: &mut self.content,
                at: (pen, baseline),
                scale,
                last: (0.0, 0.0),
            };
            self.face.outline_glyph(glyph, &mut outline);
            pen += f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) * scale;
        }
        self.content.fill_nonzero();
    }
}

/// A glyph's outline as a path.
struct Outline<'a> {
    content: &'a mut Content,
    at: (f32, f32),
    scale: f32,
    last: (f32, f32),
}

impl Outline<'_> {
    fn point(&self, x: f32, y: f32) -> (f32, f32) {
        (self.at.0 + x * self.scale, self.at.1 + y * self.scale)
    }
}

impl OutlineBuilder for Outline<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.last = self.point(x, y);
        self.content.move_to(self.last.0, self.last.1);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.last = self.point(x, y);
        self.content.line_to(self.last.0, self.last.1);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, control, to) = (self.last, self.point(x1, y1), self.point(x, y));
        let between = |a: f32, b: f32| a + (b - a) * 2.0 / 3.0;
        self.content.cubic_to(
            between(from.0, control.0),
            between(from.1, control.1),
            between(to.0, control.0),
            between(to.1, control.1),
            to.0,
            to.1,
        );
        self.last = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, to) = (self.point(x1, y1), self.point(x2, y2), self.point(x, y));
        self.content.cubic_to(one.0, one.1, two.0, two.1, to.0, to.1);
        self.last = to;
    }

    fn close(&mut self) {
        self.content.close_path();
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn every_vietnamese_letter_has_a_shape() {
        let face = Face::parse(FONT, 0).unwrap();
        let letters = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
        for letter in letters.chars().chain(letters.to_uppercase().chars()) {
            assert!(face.glyph_index(letter).is_some(), "{letter}");
        }
    }

    #[test]
    fn a_sheet_is_a_page_for_each_twelve_passes() {
        let code = QrCode::new(b"VXP1:123").unwrap();
        let words = Words {
            title: "Thẻ qua cửa".into(),
            explanation: vec!["Mỗi nơi một thẻ".into()],
            caption: "đến hết 30/11/2026".into(),
        };
        for (codes, pages) in [(1, 1), (12, 1), (13, 2), (24, 2)] {
            let pdf = pdf(&vec![code.clone(); codes], &words).unwrap();
            let text = String::from_utf8_lossy(&pdf);
            assert!(text.contains(&format!("/Count {pages}")), "{codes}");
        }
    }

    #[test]
    #[ignore = "needs pdftoppm and zbarimg"]
    fn each_pass_of_a_sheet_is_read_from_its_picture() {
        let folder = tempfile::tempdir().unwrap();
        let digits = |place: usize| format!("VXP1:1{place:02}{}", "7".repeat(200));
        let codes: Vec<QrCode> =
            (0..12).map(|place| super::super::code::qr(&digits(place)).unwrap()).collect();
        let words =
            Words { title: "Thẻ".into(), explanation: Vec::new(), caption: "đến".into() };
        let (file, picture) = (folder.path().join("sheet.pdf"), folder.path().join("sheet"));
        std::fs::write(&file, pdf(&codes, &words).unwrap()).unwrap();
        let mut draw = Command::new("pdftoppm");
        draw.args(["-r", "200", "-png", "-singlefile"]).arg(&file).arg(&picture);
        assert!(draw.status().unwrap().success());
        let mut read = Command::new("zbarimg");
        read.args(["-q", "--raw"]).arg(picture.with_extension("png"));
        let said = String::from_utf8(read.output().unwrap().stdout).unwrap();
        for place in 0..12 {
            assert!(said.contains(&digits(place)), "{place} in\n{said}");
        }
    }
}
