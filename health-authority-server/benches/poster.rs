//! What posters cost the server: `cargo bench -p health-authority-server --bench poster`. Prints the
//! median of each, in processor time of one core; `docs/performance.md` holds figures and the bar.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use health_authority_server::poster::{Issuer, Layout, Poster, PosterError, pdf, png, svg};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rustix::time::{ClockId, clock_gettime};
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::venue::party::PartySecret;
use vungxanh_protocol::venue::poster::PosterContent;

const MEASURED: Duration = Duration::from_secs(1);
const UNITS: usize = 450;

fn main() -> Result<(), PosterError> {
    let one = poster("Bệnh viện Đa khoa tỉnh Bắc Ninh", "Khoa Khám bệnh, tầng 2")?;
    let longest = poster(&"Trung tâm ".repeat(7), &"Gian hàng ".repeat(5))?;
    let many: Vec<Poster> = (1..=UNITS)
        .map(|number| poster("Chợ Đồng Xuân", &format!("Gian hàng {number}")))
        .collect::<Result<_, _>>()?;
    let whole = |poster: &Poster| pdf(std::slice::from_ref(poster), Layout::Whole);
    // The first one reads the fonts.
    let start = cpu();
    whole(&one)?;
    println!("{:<40} {:>9.2} ms", "the first PDF of a process", millis(cpu() - start));
    measure("a PDF", || whole(&one))?;
    measure("a PDF with long names", || whole(&longest))?;
    measure("a PDF of eight to the sheet", || pdf(&vec![one.clone(); 8], Layout::Eight))?;
    measure("an SVG", || svg(&one))?;
    measure("a PNG at 96 dpi", || png(&one, 96))?;
    measure("a PNG at 300 dpi", || png(&one, 300))?;
    measure("a PDF of 450 pages", || pdf(&many, Layout::Whole))?;
    println!("{:<40} {:>9} KB", "a PDF", whole(&one)?.len() / 1_000);
    println!("{:<40} {:>9} KB", "a PDF of 450 pages", pdf(&many, Layout::Whole)?.len() / 1_000);
    Ok(())
}

fn poster(name: &str, unit: &str) -> Result<Poster, PosterError> {
    let venue = PartySecret::generate(&mut StdRng::seed_from_u64(1));
    let content = PosterContent {
        shares_in_advance: true,
        default_stay: 24,
        authority_key_id: 1,
        not_before: UtcDay::new(20_783),
        expires: UtcDay::new(21_148),
        ward: 4,
        seed: [5; 16],
        venue_key: venue.public_key(),
        name: name.to_owned(),
        unit: unit.to_owned(),
        street: "Đường Nguyễn Quyền".to_owned(),
        display_key: None,
    };
    let issuer = Issuer {
        url: "https://yte.bacninh.example.vn".to_owned(),
        name_vi: "Sở Y tế tỉnh Bắc Ninh".to_owned(),
        name_en: "Bac Ninh Department of Health".to_owned(),
        emblem: None,
    };
    Poster::of_payload(&content.sign(&SigningKey::from_bytes(&[3; 32]))?, &issuer, "Kinh Bắc")
}

fn measure<T>(
    what: &str,
    mut run: impl FnMut() -> Result<T, PosterError>,
) -> Result<(), PosterError> {
    let began = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || began.elapsed() < MEASURED {
        let start = cpu();
        black_box(run()?);
        times.push(cpu() - start);
    }
    times.sort();
    println!("{what:<40} {:>9.2} ms", millis(times[times.len() / 2]));
    Ok(())
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs().try_into().unwrap_or(0))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
