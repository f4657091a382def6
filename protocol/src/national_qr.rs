//! Viet Nam's own QR texts: the personal code of 1405/QD-BTTTT (version 1.1, 11 September 2021), read and
//! written, and the citizen card's, read. They hold personal data in clear: a door takes name and
//! telephone number from them and keeps neither in clear.

use std::fmt;

use crate::read::FormatError;
use crate::text::is_plain;

/// The longest text that is read, in bytes.
pub const MAX_TEXT_BYTES: usize = 1_024;
const MAX_FIELD_BYTES: usize = 256;
const WHAT: &str = "the national code";

/// What a code says.
#[derive(Clone, PartialEq, Eq)]
pub enum NationalCode {
    /// The personal code of 1405/QD-BTTTT.
    Personal(PersonalCode),
    /// The citizen card (CCCD).
    CitizenCard(CitizenCardCode),
}

/// `SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonalCode {
    /// Number of the paper; its first six characters may be masked.
    pub paper: String,
    /// Name in capitals without diacritics.
    pub name: String,
    /// `YYYY-MM-DD`; day and month may be masked.
    pub born: String,
    /// Whether somebody else declared.
    pub on_behalf: bool,
    /// Given by the national platform.
    pub qid: String,
    /// What follows, where there is anything.
    pub extension: Extension,
}

/// EXT, separated by `<`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extension {
    /// The declarer's QID.
    pub declarer: String,
    /// `0`, `1` or `2`, or nothing.
    pub gender: String,
    /// Insurance number.
    pub insurance: String,
    /// Telephone number, as written.
    pub phone: String,
    /// Signature.
    pub signature: String,
}

/// `CCCD|old number|name|ddmmyyyy|gender|address|ddmmyyyy`. It has no telephone number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CitizenCardCode {
    /// The 12 digits.
    pub number: String,
    /// The old card's number, or nothing.
    pub old_number: String,
    /// Name, with diacritics.
    pub name: String,
    /// Birth date, `ddmmyyyy`.
    pub born: String,
    /// As printed.
    pub gender: String,
    /// As printed.
    pub address: String,
    /// Date of issue, `ddmmyyyy`.
    pub issued: String,
}

impl NationalCode {
    /// Reads a text of at most [`MAX_TEXT_BYTES`]. Blanks around it are taken.
    pub fn read(text: &str) -> Result<Self, FormatError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(FormatError::Length { what: WHAT, bytes: text.len() });
        }
        let text = text.trim();
        if !is_plain(text) {
            return Err(malformed("it has control characters or marks of direction"));
        }
        let fields: Vec<&str> = text.split('|').collect();
        if fields.iter().any(|field| field.len() > MAX_FIELD_BYTES) {
            return Err(malformed("a field is too long"));
        }
        match fields.as_slice() {
            [number, old_number, name, born, gender, address, issued]
                if is_digits(number, 12) && is_digits(born, 8) && is_digits(issued, 8) =>
            {
                Ok(Self::CitizenCard(CitizenCardCode {
                    number: (*number).into(),
                    old_number: (*old_number).into(),
                    name: required(name)?,
                    born: (*born).into(),
                    gender: (*gender).into(),
                    address: (*address).into(),
                    issued: (*issued).into(),
                }))
            }
            [paper, name, born, kind, qid, rest @ ..] if rest.len() <= 1 => {
                Self::personal([paper, name, born, kind, qid], rest.first().copied())
            }
            _ => Err(malformed("it has another number of fields")),
        }
    }

    fn personal(fields: [&&str; 5], extension: Option<&str>) -> Result<Self, FormatError> {
        let [paper, name, born, kind, qid] = fields.map(|field| *field);
        let on_behalf = match kind {
            "0" => false,
            "1" => true,
            _ => return Err(malformed("it says neither for whom it was declared")),
        };
        if !is_birth_date(born) {
            return Err(malformed("its birth date has another form"));
        }
        if qid.is_empty() || !qid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(malformed("its QID is none"));
        }
        Ok(Self::Personal(PersonalCode {
            paper: paper.into(),
            name: required(name)?,
            born: born.into(),
            on_behalf,
            qid: qid.into(),
            extension: Extension::read(extension.unwrap_or_default())?,
        }))
    }

    /// The name, for the form of a contact.
    pub fn name(&self) -> &str {
        match self {
            Self::Personal(code) => &code.name,
            Self::CitizenCard(code) => &code.name,
        }
    }

    /// The telephone number, if it has one that can be called.
    pub fn phone(&self) -> Option<String> {
        match self {
            Self::Personal(code) => crate::declaration::normalised_phone(&code.extension.phone),
            Self::CitizenCard(_) => None,
        }
    }
}

impl PersonalCode {
    /// The text. Refuses fields that could not be read back.
    pub fn to_text(&self) -> Result<String, FormatError> {
        let kind = if self.on_behalf { "1" } else { "0" };
        let extension = self.extension.to_text();
        let [paper, name, born, qid] =
            [&self.paper, &self.name, &self.born, &self.qid].map(String::as_str);
        let text = [paper, name, born, kind, qid, &extension].join("|");
        let read = NationalCode::read(&text)?;
        if read == NationalCode::Personal(self.clone()) {
            Ok(text)
        } else {
            Err(malformed("a field holds what separates fields"))
        }
    }
}

impl Extension {
    fn read(text: &str) -> Result<Self, FormatError> {
        let mut fields = text.split('<');
        let mut next = || fields.next().unwrap_or_default().to_owned();
        let extension = Self {
            declarer: next(),
            gender: next(),
            insurance: next(),
            phone: next(),
            signature: next(),
        };
        let known = matches!(extension.gender.as_str(), "" | "0" | "1" | "2");
        if !known || fields.next().is_some() {
            return Err(malformed("its extension has another form"));
        }
        Ok(extension)
    }

    fn to_text(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let fields = [&self.declarer, &self.gender, &self.insurance, &self.phone, &self.signature];
        fields.map(String::as_str).join("<")
    }
}

/// A name in capitals without diacritics, as 1405/QD-BTTTT has it.
pub fn national_name(name: &str) -> String {
    crate::units::folded(name).to_uppercase()
}

macro_rules! prints_nothing {
    ($($code:ident),*) => {$(
        impl fmt::Debug for $code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($code), "(..)"))
            }
        }
    )*};
}

prints_nothing!(NationalCode, PersonalCode, Extension, CitizenCardCode);

fn required(name: &str) -> Result<String, FormatError> {
    if name.trim().is_empty() { Err(malformed("it has no name")) } else { Ok(name.to_owned()) }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `YYYY-MM-DD`, month and day possibly masked by other characters.
fn is_birth_date(text: &str) -> bool {
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => {
            let masked = |part: &str| part.chars().count() == 2;
            is_digits(year, 4) && masked(month) && masked(day)
        }
        [year] => is_digits(year, 4),
        _ => false,
    }
}

const fn malformed(reason: &'static str) -> FormatError {
    FormatError::Malformed { what: WHAT, reason }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn personal(text: &str) -> PersonalCode {
        match NationalCode::read(text) {
            Ok(NationalCode::Personal(code)) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_personal_code_is_read_and_written() {
        let text = "xxxxxx000001|NGUYEN THI LAN|1985-xx-xx|0|162979388586171100|";
        let code = personal(text);
        assert_eq!((code.name.as_str(), code.on_behalf), ("NGUYEN THI LAN", false));
        assert_eq!(code.to_text().as_deref(), Ok(text));
        let text =
            "001185000001|LE HOA|1985-01-31|1|162979388586171100|16297<2<GD479<0912345678<sig";
        let code = personal(text);
        assert_eq!(code.extension.phone, "0912345678");
        assert_eq!(code.to_text().as_deref(), Ok(text));
        assert_eq!(NationalCode::Personal(code).phone().as_deref(), Some("+84912345678"));
        assert_eq!(personal("1|A|1985|0|9").qid, "9");
    }

    #[test]
    fn the_citizen_cards_code_is_read_and_has_no_telephone() {
        let text = "001185000001|012345678|Nguyễn Thị Lan|31011985|Nữ|13 Lò Đúc, Hà Nội|01022022";
        let code = NationalCode::read(text).unwrap();
        assert_eq!((code.name(), code.phone()), ("Nguyễn Thị Lan", None));
        assert_eq!(format!("{code:?}"), "NationalCode(..)");
        assert_eq!(national_name("Nguyễn Thị Đào"), "NGUYEN THI DAO");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "|",
            "||||",
            "https://yte.example.vn/v#AAAA",
            "VXP1:123",
            "1|A|1985|2|9|",
            "1||1985|0|9|",
            "1|A|85|0|9|",
            "1|A|1985|0||",
            "1|A|1985|0|9|<3",
            "1|A|1985|0|9|<<<<<",
            "1|A|1985|0|9|x|y",
            "1|A\u{7}|1985|0|9|",
            "00118500000|1|A|31011985|Nam|X|01022022",
            "001185000001|1| |31011985|Nam|X|01022022",
        ] {
            assert!(NationalCode::read(text).is_err(), "{text}");
        }
        assert!(NationalCode::read(&"A".repeat(10_000_000)).is_err());
        assert!(NationalCode::read(&format!("1|{}|1985|0|9|", "A".repeat(257))).is_err());
        let split = PersonalCode { name: "A|B".into(), ..personal("1|A|1985|0|9|") };
        assert!(split.to_text().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}|[0-9A-Z|<-]{0,120}") {
            if let Ok(NationalCode::Personal(code)) = NationalCode::read(&text) {
                let written = code.to_text().unwrap();
                prop_assert!(NationalCode::read(&written) == Ok(NationalCode::Personal(code)));
            }
        }
    }
}
