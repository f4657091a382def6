//! What the command lines of both programs have in common: help and usage errors in the reader's
//! language instead of clap's English, reasons of errors likewise, output that cannot be written, and
//! questions before what cannot be taken back. Also the words of the form of a health declaration, which
//! both programs show on pages.

pub mod help;
pub mod output;
pub mod question;
pub mod reason;
pub mod usage;

/// The texts of this crate in Vietnamese (Project Fluent), for the program's bundle.
pub const VIETNAMESE: &str = concat!(
    include_str!("../i18n/vi/command-line.ftl"),
    include_str!("../i18n/vi/declaration.ftl"),
    include_str!("../i18n/vi/reasons.ftl"),
);
/// The same in English.
pub const ENGLISH: &str = concat!(
    include_str!("../i18n/en/command-line.ftl"),
    include_str!("../i18n/en/declaration.ftl"),
    include_str!("../i18n/en/reasons.ftl"),
);

/// A program's texts in one language.
pub trait Texts {
    /// The text `id` with values by name, if there is one.
    fn text(&self, id: &str, values: &[(&str, &str)]) -> Option<String>;

    /// The text `id`; an unknown one is returned as it is, and tests find it.
    fn said(&self, id: &str, values: &[(&str, &str)]) -> String {
        self.text(id, values).unwrap_or_else(|| id.to_owned())
    }
}
