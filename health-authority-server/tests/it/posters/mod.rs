//! Posters on paper: their files, what is refused, and that independent readers read them.

mod readers;

use ed25519_dalek::SigningKey;
use health_authority_server::authority::emblem::Emblem;
use health_authority_server::poster::{
    Issuer, Layout, MAX_POSTERS, Poster, PosterError, pdf, png, svg, unprintable,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::venue::party::PartySecret;
use vungxanh_protocol::venue::poster::{
    MAX_NAME_BYTES, MAX_STREET_BYTES, MAX_UNIT_BYTES, PosterContent, payload_of_url,
};

fn content(name: &str, unit: &str, street: &str) -> PosterContent {
    let venue = PartySecret::generate(&mut StdRng::seed_from_u64(1));
    PosterContent {
        shares_in_advance: false,
        default_stay: 24,
        authority_key_id: 1,
        not_before: UtcDay::new(20_783),
        expires: UtcDay::new(21_148),
        ward: 4,
        seed: [5; 16],
        venue_key: venue.public_key(),
        name: name.to_owned(),
        unit: unit.to_owned(),
        street: street.to_owned(),
        display_key: None,
    }
}

fn signed(content: &PosterContent) -> Vec<u8> {
    content.sign(&SigningKey::from_bytes(&[3; 32])).unwrap()
}

fn issuer() -> Issuer {
    Issuer {
        url: "https://yte.bacninh.example.vn".into(),
        name_vi: "Sở Y tế tỉnh Bắc Ninh".into(),
        name_en: "Bac Ninh Department of Health".into(),
        emblem: None,
    }
}

/// A red ring on nothing, as an authority may have.
fn emblem() -> Emblem {
    const SIDE: u32 = 120;
    let pixel = |at: u32| {
        let (x, y) = (f64::from(at % SIDE) - 60.0, f64::from(at / SIDE) - 60.0);
        let is_ring = (30.0..58.0).contains(&x.hypot(y));
        if is_ring { [0xda, 0x25, 0x1d, 0xff] } else { [0; 4] }
    };
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, SIDE, SIDE);
    encoder.set_color(::png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..SIDE * SIDE).flat_map(pixel).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    Emblem::of_png(&file).unwrap()
}

/// The usual poster with an emblem.
fn with_emblem() -> Poster {
    let content = content("Bệnh viện Đa khoa tỉnh Bắc Ninh", "Khoa Khám bệnh, tầng 2", "");
    let issuer = Issuer { emblem: Some(emblem()), ..issuer() };
    Poster::of_payload(&signed(&content), &issuer, "phường Kinh Bắc").unwrap()
}

fn poster(content: &PosterContent) -> Poster {
    Poster::of_payload(&signed(content), &issuer(), "phường Kinh Bắc").unwrap()
}

fn usual() -> Poster {
    poster(&content(
        "Bệnh viện Đa khoa tỉnh Bắc Ninh",
        "Khoa Khám bệnh, tầng 2",
        "Đường Nguyễn Quyền",
    ))
}

/// Every field as long as it may be, and shares in advance.
fn longest() -> Poster {
    let filled = |words: &str, limit: usize| {
        let mut text = words.repeat(limit);
        while text.len() > limit {
            text.pop();
        }
        text
    };
    let name = filled("Trung tâm thương mại Hoàng Mai ", MAX_NAME_BYTES);
    let unit = filled("Gian hàng thực phẩm tươi sống ", MAX_UNIT_BYTES);
    let street = filled("Đường Nguyễn Thị Minh Khai kéo dài ", MAX_STREET_BYTES);
    poster(&PosterContent { shares_in_advance: true, ..content(&name, &unit, &street) })
}

/// A name that no one should give a venue, but somebody will.
fn garbage() -> Poster {
    poster(&content(
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW🍜🏥\u{200d}👩‍⚕️ 汉字 Z̸̡͉a̶l̴g̵o",
        "🙂",
        "ǝǝɹʇs",
    ))
}

#[test]
fn the_code_holds_the_payload_and_the_authoritys_address() {
    let content = content("Chợ Đồng Xuân", "", "");
    let payload = signed(&content);
    let poster = Poster::of_payload(&payload, &issuer(), "").unwrap();
    assert!(poster.url().starts_with("https://yte.bacninh.example.vn/v#"));
    assert_eq!(payload_of_url(poster.url()).unwrap(), payload);
}

#[test]
fn an_svg_is_a_page_of_outlines_that_needs_no_font_and_no_other_file() {
    for poster in [usual(), longest(), garbage()] {
        let svg = svg(&poster).unwrap();
        assert!(svg.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\""
        ));
        for absent in ["<text", "href", "url(", "font", "<script", "<image", "NaN", "inf"] {
            assert!(!svg.contains(absent), "{absent}");
        }
    }
    let named = svg(&poster(&content("Phở <b>&</b> Bún", "", ""))).unwrap();
    assert!(named.contains("Phở &lt;b&gt;&amp;&lt;/b&gt; Bún"));
}

#[test]
fn an_emblem_is_within_each_file_once() {
    let count =
        |file: &[u8], what: &[u8]| file.windows(what.len()).filter(|part| *part == what).count();
    for (poster, times) in [(usual(), 0), (with_emblem(), 1)] {
        let pages = pdf(&vec![poster.clone(); 9], Layout::Eight).unwrap();
        assert_eq!(count(&pages, b"/SMask"), times);
        let svg = svg(&poster).unwrap();
        assert_eq!(svg.matches("xlink:href=\"data:image/png;base64,").count(), times);
        assert_eq!(svg.matches("href").count(), times);
        // Its red is nowhere else.
        let png = png(&poster, 96).unwrap();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let red = pixels.chunks_exact(3).filter(|pixel| **pixel == [0xda, 0x25, 0x1d]).count();
        assert_eq!(red > 100, times == 1, "{red}");
    }
}

#[test]
fn a_pdf_has_as_many_pages_as_its_layout_needs() {
    let pages = |posters: usize, layout| {
        let pdf = pdf(&vec![usual(); posters], layout).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        let count = |what: &[u8]| pdf.windows(what.len()).filter(|part| *part == what).count();
        assert_eq!(count(b"/MediaBox [0 0 595.27563 841.8898]"), count(b"/Type /Page\n"));
        count(b"/Type /Page\n")
    };
    assert_eq!(pages(3, Layout::Whole), 3);
    assert_eq!(pages(3, Layout::Two), 2);
    assert_eq!(pages(4, Layout::Four), 1);
    assert_eq!(pages(9, Layout::Eight), 2);
}

#[test]
fn a_png_has_the_pixels_of_its_resolution_and_says_it() {
    let png = png(&usual(), 100).unwrap();
    let decoder = ::png::Decoder::new(std::io::Cursor::new(&png));
    let reader = decoder.read_info().unwrap();
    let info = reader.info();
    assert_eq!((info.width, info.height), (827, 1169));
    assert_eq!(info.pixel_dims.unwrap().xppu, 3_937);
}

#[test]
fn what_cannot_be_printed_is_refused_with_what_to_do() {
    assert!(matches!(pdf(&[], Layout::Whole), Err(PosterError::Count(0))));
    let many = vec![usual(); MAX_POSTERS + 1];
    assert!(matches!(pdf(&many, Layout::Eight), Err(PosterError::Count(501))));
    for dpi in [0, 35, 601] {
        assert!(matches!(png(&usual(), dpi), Err(PosterError::Resolution(_))));
    }
    let content = content("Chợ", "", "");
    let payload = signed(&content);
    let refused =
        |payload: &[u8], issuer: &Issuer| Poster::of_payload(payload, issuer, "").unwrap_err();
    assert!(matches!(refused(&payload[1..], &issuer()), PosterError::Payload(_)));
    let far = Issuer { url: format!("https://{}.vn", "a".repeat(1_500)), ..issuer() };
    assert!(refused(&payload, &far).to_string().contains("shorter public URL"));
    let key = SigningKey::from_bytes(&[6; 32]).verifying_key();
    let display = signed(&PosterContent { display_key: Some(key), ..content });
    assert!(refused(&display, &issuer()).to_string().contains("show it there"));
}

#[test]
fn all_of_vietnamese_is_printable_and_what_is_not_is_named() {
    let vowels = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ";
    assert!(unprintable(vowels).is_empty());
    assert!(unprintable(&vowels.to_uppercase()).is_empty());
    // Decomposed, as some keyboards write.
    assert!(unprintable("Tra\u{302}\u{300}n Đo\u{302}\u{323}").is_empty());
    assert_eq!(unprintable("Phở 🍜🍜 汉"), ['🍜', '汉']);
}
