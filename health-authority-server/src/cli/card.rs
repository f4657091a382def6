//! `card make`: printed cards for people without a device. The number is in the card's code, sealed, and
//! nowhere else: not in a database, a log, what is printed on the terminal or a file's name.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use vungxanh_protocol::door::{Card, CardholderNumber};
use vungxanh_protocol::interval::UtcDay;
use zeroize::Zeroizing;

use super::failure::Failure;
use super::intake_key::{day_text, read_day};
use super::{Common, Context, bad_option, line, print_json};
use crate::authority::config::Config;
use crate::authority::emblem::Emblem;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::domain::phone::Phone;
use crate::i18n::{Language, Text};
use crate::platform::atomic_file::write_new_secret;
use crate::poster::{self, CARDS_PER_PAGE, Issuer, PaperCard, PosterError};
use crate::services::cards::{self, CardError, CardOrder, MAX_CARDS};

#[derive(Debug, Subcommand)]
pub(super) enum CardCommand {
    /// help-card-make
    Make(Make),
}

#[derive(Args)]
pub(super) struct Make {
    #[command(flatten)]
    common: Common,
    /// help-card-phone
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    phone: String,
    /// help-card-name
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// help-card-single
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_CARDS)))]
    single: Option<u16>,
    /// help-card-until
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// help-card-hotline
    #[arg(long, value_name = "NUMBER")]
    hotline: Option<String>,
    /// help-card-dpi
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(150..=600))]
    dpi: u16,
    /// help-card-out
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

// Without number and name.
impl std::fmt::Debug for Make {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Make").field("out", &self.out).finish_non_exhaustive()
    }
}

impl CardCommand {
    pub(super) fn handle(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Make(make) => make.handle(context),
        }
    }
}

/// What the file's ending says.
#[derive(Debug, Clone, Copy)]
enum Format {
    Pdf,
    Svg,
    Png,
}

impl Make {
    fn handle(self, context: &Context) -> Result<(), Failure> {
        let format = self.format()?;
        if self.out.exists() {
            return Err(FileError::Exists(self.out).into());
        }
        let phone = self.read_phone()?;
        if names_number(&self.out, &phone) {
            return Err(bad_option("--out", Text::ours("error-card-file-name")));
        }
        let folder = Folder::new(&self.common.dir);
        let config = Config::read(&folder)?;
        let hotline = self.hotline.clone().unwrap_or_else(|| config.pages.hotline.clone());
        if hotline.trim().is_empty() {
            return Err(Failure::input("error-card-hotline"));
        }
        let last_day = self.until.as_deref().map(|day| read_day("--until", day)).transpose()?;
        let number = CardholderNumber { name: self.name.clone(), phone: phone.as_str().to_owned() };
        let order = CardOrder { number, single: self.single, last_day };
        let now = context.clock.now();
        let made = cards::make(&folder, &order, config.local_time(now), now).map_err(failure)?;
        let name = |language| config.authority.name_in(language).to_owned();
        let issuer = Issuer {
            url: config.authority.url.clone(),
            name_vi: name(Language::Vi),
            name_en: name(Language::En),
            emblem: Emblem::read(&folder, &config)?,
        };
        let paper: Vec<PaperCard> =
            made.iter().map(|card| on_paper(card, self.single.is_some(), &hotline)).collect();
        let drawn = self.draw(format, &paper, &issuer);
        let drawn = drawn.map_err(|error| Failure::Input(Text::foreign(error)))?;
        write_new_secret(&self.out, &drawn).map_err(Failure::file(&self.out))?;
        let last_day = made.first().map_or(0, |card| card.last_day);
        if self.common.json {
            return print_json(&serde_json::json!({
                "cards": made.len(), "until": day_text(last_day), "file": self.out,
            }));
        }
        let file = self.out.display().to_string();
        line(context.say(
            "card-made",
            &[
                ("count", made.len().into()),
                ("day", day_text(last_day).into()),
                ("file", file.into()),
            ],
        ));
        Ok(())
    }

    fn format(&self) -> Result<Format, Failure> {
        let ending = self.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let format = match ending.to_ascii_lowercase().as_str() {
            "pdf" => Format::Pdf,
            "svg" => Format::Svg,
            "png" => Format::Png,
            _ => return Err(bad_option("--out", Text::ours("error-card-ending"))),
        };
        let pages = usize::from(self.single.unwrap_or(1)).div_ceil(CARDS_PER_PAGE);
        if pages > 1 && !matches!(format, Format::Pdf) {
            return Err(bad_option("--out", Text::ours("error-card-pages")));
        }
        Ok(format)
    }

    /// From standard input with `-`: what stands on a command line others on the machine can see.
    fn read_phone(&self) -> Result<Phone, Failure> {
        let mut typed = Zeroizing::new(self.phone.clone());
        if *typed == "-" {
            typed.clear();
            let read = std::io::stdin().lock().read_line(&mut typed);
            read.map_err(Failure::file(Path::new("-")))?;
        }
        let phone = typed.trim().parse();
        phone.map_err(|_| bad_option("--phone", Text::ours("error-card-phone")))
    }

    fn draw(
        &self,
        format: Format,
        cards: &[PaperCard],
        issuer: &Issuer,
    ) -> Result<Vec<u8>, PosterError> {
        match format {
            Format::Pdf => poster::cards_pdf(cards, issuer),
            Format::Svg => poster::cards_svg(cards, issuer).map(String::into_bytes),
            Format::Png => poster::cards_png(cards, issuer, self.dpi),
        }
    }
}

/// Whether a file's name, or that of a folder on the way, has the number in it.
fn names_number(path: &Path, phone: &Phone) -> bool {
    let digits: String = path.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    // As people write it: without the country's code or its 0.
    let number = phone.as_str().trim_start_matches('+');
    digits.contains(&number[number.len().saturating_sub(8)..])
}

fn on_paper(card: &Card, single: bool, hotline: &str) -> PaperCard {
    PaperCard {
        code: card.code(),
        single,
        last_day: UtcDay::new(card.last_day.into()),
        hotline: hotline.trim().to_owned(),
    }
}

fn failure(error: CardError) -> Failure {
    match error {
        CardError::File(error) => error.into(),
        CardError::Door(error) => Failure::Input(Text::foreign(error)),
        CardError::NoKey => Failure::Negative(Text::ours("error-card-no-key")),
        CardError::NoSecret => Failure::Negative(Text::ours("error-card-no-secret")),
        CardError::LastDay { latest } => {
            bad_option("--until", Text::ours("error-card-until").with("latest", day_text(latest)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_not_named_by_the_number() {
        let phone: Phone = "0912 345 678".parse().unwrap();
        for name in ["0912345678.pdf", "cu-sau-+84 912 345 678.pdf", "912-345-678/card.pdf"] {
            assert!(names_number(Path::new(name), &phone), "{name}");
        }
        for name in ["card.pdf", "2026-11-29/card-1.pdf", "0912345679.pdf"] {
            assert!(!names_number(Path::new(name), &phone), "{name}");
        }
    }
}
