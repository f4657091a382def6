//! What leaves the printer, read by programs that are not ours: zbarimg and zxing-cpp read the
//! codes, poppler draws the pages, Pillow takes the photos.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;
use vungxanh_protocol::venue::poster::to_url;

use super::*;

const MM_PER_INCH: f32 = 25.4;

/// What zxing-cpp read: the text, and the length of the code's upper edge.
#[derive(Debug, Deserialize)]
struct Read {
    text: String,
    side: f32,
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The script with zxing-cpp and Pillow, run by the Python that has them.
fn camera(arguments: &[&str]) -> String {
    let python = std::env::var("VUNGXANH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/posters/camera.py");
    run(&python, &[&[script.to_str().unwrap()], arguments].concat())
}

fn zxing(picture: &Path) -> Vec<Read> {
    serde_json::from_str(&camera(&["read", picture.to_str().unwrap()])).unwrap()
}

fn zbar(picture: &Path) -> Vec<String> {
    let mut reader = Command::new("zbarimg");
    reader.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(picture);
    let output = reader.output().unwrap_or_else(|error| panic!("zbarimg: {error}"));
    // It ends with 4 where it finds nothing.
    assert!(matches!(output.status.code(), Some(0 | 4)), "zbarimg: {output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Both readers read this text, so often, and nothing else.
fn both_read(picture: &Path, text: &str, times: usize) {
    let expected = vec![text.to_owned(); times];
    assert_eq!(zbar(picture), expected, "zbarimg on {}", picture.display());
    let read: Vec<_> = zxing(picture).into_iter().map(|read| read.text).collect();
    assert_eq!(read, expected, "zxing-cpp on {}", picture.display());
}

/// Each reader reads each of these codes, and nothing else, in at least one of several frames of what
/// holds them, as a camera gets many: a reader now and then overlooks a code that it reads when the
/// picture is a little smaller.
fn both_read_in_frames(frames: &[PathBuf], codes: &[&str]) {
    let (mut by_zbar, mut by_zxing) = (BTreeSet::new(), BTreeSet::new());
    for frame in frames {
        by_zbar.extend(zbar(frame));
        by_zxing.extend(zxing(frame).into_iter().map(|read| read.text));
    }
    let codes: BTreeSet<String> = codes.iter().map(|&code| code.to_owned()).collect();
    assert_eq!(by_zbar, codes, "zbarimg on {frames:?}");
    assert_eq!(by_zxing, codes, "zxing-cpp on {frames:?}");
}

/// A code with its white border as a picture (Netpbm), at least `pixels` wide.
fn pgm(code: &QrCode, pixels: usize) -> Vec<u8> {
    let modules = code.width() + 8;
    let scale = pixels.div_ceil(modules);
    let side = modules * scale;
    let colours = code.to_colors();
    let mut picture = format!("P5 {side} {side} 255\n").into_bytes();
    for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y / scale, x / scale))) {
        let inside = (4..modules - 4).contains(&x) && (4..modules - 4).contains(&y);
        let dark = inside && colours[(y - 4) * code.width() + x - 4] == Color::Dark;
        picture.push(if dark { 0 } else { 255 });
    }
    picture
}

/// The first page of a PDF as a picture.
fn printed(folder: &Path, pdf: &[u8], dpi: u16) -> PathBuf {
    let file = folder.join("poster.pdf");
    std::fs::write(&file, pdf).unwrap();
    let stem = folder.join("page");
    let (file, stem) = (file.to_str().unwrap(), stem.to_str().unwrap());
    run("pdftoppm", &["-r", &dpi.to_string(), "-singlefile", "-png", file, stem]);
    folder.join("page.png")
}

/// The first page of a PDF as pictures of several resolutions, to be looked at in `folder`.
fn printed_frames(folder: &Path, name: &str, pdf: &[u8]) -> Vec<PathBuf> {
    let frame = |dpi: u16| {
        let kept = folder.join(format!("{name}-{dpi}.png"));
        std::fs::rename(printed(folder, pdf, dpi), &kept).unwrap();
        kept
    };
    [300, 265, 235, 200, 170].map(frame).to_vec()
}

#[test]
#[ignore = "needs zbarimg, pdftoppm, zxing-cpp"]
fn every_layout_is_read_from_the_printed_pdf() {
    let folder = tempfile::tempdir().unwrap();
    // To be looked at.
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("posters");
    std::fs::create_dir_all(&kept).unwrap();
    for (name, poster) in [("usual", usual()), ("emblem", with_emblem()), ("longest", longest())] {
        for layout in Layout::ALL {
            let pdf = pdf(&vec![poster.clone(); layout.per_sheet()], layout).unwrap();
            // The smallest codes have modules of half a millimetre: six pixels.
            let dpi = if layout == Layout::Eight { 300 } else { 150 };
            let page = printed(folder.path(), &pdf, dpi);
            std::fs::copy(&page, kept.join(format!("{name}-{layout:?}.png"))).unwrap();
            both_read(&page, poster.url(), layout.per_sheet());
        }
    }
}

#[test]
#[ignore = "needs zbarimg, zxing-cpp"]
fn a_png_is_read_at_screen_and_print_resolution() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("poster.png");
    for dpi in [96, 300] {
        std::fs::write(&picture, png(&usual(), dpi).unwrap()).unwrap();
        both_read(&picture, usual().url(), 1);
    }
}

#[test]
#[ignore = "needs zbarimg, pdftoppm, zxing-cpp, Pillow"]
fn a_tilted_blurred_noisy_photo_in_uneven_light_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let photo = folder.path().join("photo.png");
    for (poster, tilt) in
        [(usual(), "left"), (usual(), "right"), (longest(), "left"), (garbage(), "right")]
    {
        let page = printed(
            folder.path(),
            &pdf(std::slice::from_ref(&poster), Layout::Whole).unwrap(),
            150,
        );
        camera(&["photo", page.to_str().unwrap(), photo.to_str().unwrap(), tilt]);
        both_read(&photo, poster.url(), 1);
    }
}

#[test]
#[ignore = "needs zbarimg, pdftoppm, zxing-cpp, Pillow"]
fn a_scratched_poster_with_a_sticker_on_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.png");
    let page = printed(folder.path(), &pdf(&[usual()], Layout::Whole).unwrap(), 150);
    camera(&["damage", page.to_str().unwrap(), damaged.to_str().unwrap()]);
    both_read(&damaged, usual().url(), 1);
}

/// How far away, out of focus and from the side a code of 15 cm is read, with its payload as base64
/// and as digits. `--nocapture` shows the figures.
#[test]
#[ignore = "needs zbarimg, zxing-cpp, Pillow"]
fn digits_are_read_from_farther_than_base64() {
    const PIXELS: usize = 2_000;
    let folder = tempfile::tempdir().unwrap();
    let reach = |url: &str| {
        let code = [EcLevel::Q, EcLevel::M, EcLevel::L]
            .into_iter()
            .find_map(|level| {
                let code = QrCode::with_error_correction_level(url, level).ok()?;
                (code.width() <= 90 || level == EcLevel::L).then_some(code)
            })
            .unwrap();
        let picture = folder.path().join("code.pgm");
        std::fs::write(&picture, pgm(&code, PIXELS)).unwrap();
        let read: BTreeMap<String, f64> =
            serde_json::from_str(&camera(&["reach", picture.to_str().unwrap()])).unwrap();
        println!("{} modules: {read:?}", code.width());
        read
    };
    for poster in [usual(), longest()] {
        let payload = payload_of_url(poster.url()).unwrap();
        let digits = reach(poster.url());
        let base64 = reach(&to_url(&issuer().url, &payload));
        for reader in ["zxing-cpp", "zbar"] {
            let at = |read: &BTreeMap<String, f64>, row| read[&format!("{reader} {row}")];
            assert!(at(&digits, "side") <= at(&base64, "side"), "{reader}");
            assert!(at(&digits, "blur") >= at(&base64, "blur"), "{reader}");
        }
    }
}

#[test]
#[ignore = "needs pdftoppm, zxing-cpp"]
fn codes_have_their_size_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let sides =
        [(Layout::Whole, 150.0), (Layout::Two, 100.0), (Layout::Four, 75.0), (Layout::Eight, 50.0)];
    for (layout, at_least) in sides {
        let pdf = pdf(&[usual()], layout).unwrap();
        let read = zxing(&printed(folder.path(), &pdf, 300));
        let millimetres = read[0].side / 300.0 * MM_PER_INCH;
        assert!(millimetres >= at_least, "{layout:?}: {millimetres} mm");
        assert!(millimetres < at_least + 4.0, "{layout:?}: {millimetres} mm");
    }
}

#[test]
#[ignore = "needs pdfinfo, pdffonts, pdftotext"]
fn pages_are_a4_with_fonts_within_and_text_that_can_be_searched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poster.pdf");
    let path = file.to_str().unwrap();
    for layout in Layout::ALL {
        std::fs::write(&file, pdf(&vec![usual(); 2 * layout.per_sheet()], layout).unwrap())
            .unwrap();
        let info = run("pdfinfo", &[path]);
        assert!(info.contains("595.276 x 841.89 pts (A4)"), "{info}");
        assert!(
            info.lines().any(|line| line.starts_with("Pages:") && line.ends_with(" 2")),
            "{info}"
        );
        let fonts = run("pdffonts", &[path]);
        let fonts: Vec<_> = fonts.lines().skip(2).collect();
        assert_eq!(fonts.len(), 2);
        // Columns: name, type (two words), encoding, embedded, subset, unicode.
        assert!(
            fonts.iter().all(|font| font.split_whitespace().nth(4) == Some("yes")),
            "{fonts:?}"
        );
        let text = run("pdftotext", &["-layout", path, "-"]);
        assert!(text.contains("Khoa Khám bệnh, tầng 2"), "{text}");
    }
}

#[test]
#[ignore = "needs zbarimg, pdftoppm, zxing-cpp"]
fn printed_cards_are_read_from_paper_in_the_size_of_a_bank_card() {
    use health_authority_server::poster::{PaperCard, cards_pdf, cards_png};
    use vungxanh_protocol::door::{Card, CardIssuer, CardUse, Contact};
    use vungxanh_protocol::sealed_box::OpeningKey;

    let folder = tempfile::tempdir().unwrap();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("posters");
    std::fs::create_dir_all(&kept).unwrap();
    let rng = &mut StdRng::seed_from_u64(2);
    let (issuer, half) = (CardIssuer::generate(rng), OpeningKey::generate(rng));
    let key = issuer.card_key(1, (20_700, 20_908), half.public_key());
    let number = Contact { name: "Cụ Sáu".into(), phone: "+84987654321".into() };
    let mut paper = |card_use| {
        let card = issuer.make(&key, card_use, 20_908, &number, "vn.demo", rng).unwrap();
        PaperCard {
            code: card.code(),
            single: card_use == CardUse::Single,
            last_day: UtcDay::new(20_908),
            hotline: "1900 9095".into(),
        }
    };
    let by = super::issuer();
    let lasting = paper(CardUse::Lasting);
    let pdf = cards_pdf(std::slice::from_ref(&lasting), &by).unwrap();
    let frames = printed_frames(&kept, "card", &pdf);
    both_read_in_frames(&frames, &[&lasting.code]);
    let millimetres = zxing(&frames[0])[0].side / 300.0 * MM_PER_INCH;
    assert!((36.0..37.5).contains(&millimetres), "{millimetres} mm");
    let pictures = [300, 250, 200].map(|dpi| {
        let picture = folder.path().join(format!("card-{dpi}.png"));
        let png = cards_png(std::slice::from_ref(&lasting), &by, dpi).unwrap();
        std::fs::write(&picture, png).unwrap();
        picture
    });
    both_read_in_frames(&pictures, &[&lasting.code]);
    // A sheet: ten codes, each another.
    let cards: Vec<PaperCard> = (0..10).map(|_| paper(CardUse::Single)).collect();
    let codes: Vec<&str> = cards.iter().map(|card| card.code.as_str()).collect();
    let frames = printed_frames(&kept, "card-sheet", &cards_pdf(&cards, &by).unwrap());
    both_read_in_frames(&frames, &codes);
    assert!(codes.iter().all(|code| Card::read_code(code).is_ok()));
}
