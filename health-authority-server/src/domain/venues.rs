//! Venues and their units: what is registered, and in which state it is.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use vungxanh_protocol::units::{Province, Ward as ListedWard};
use vungxanh_protocol::venue::poster::{MAX_NAME_BYTES, MAX_STREET_BYTES, MAX_UNIT_BYTES};

use super::accounts::MAX_PERSON_BYTES;
use super::typed::shows_all;
use super::units::units;

/// Number of a venue in the database.
pub type VenueId = i64;
/// Number of a unit in the database.
pub type UnitId = i64;

/// Minutes of one step of a default stay.
pub const STAY_STEP_MINUTES: u32 = 5;
/// The longest stay, in minutes: a byte of steps.
pub const MAX_STAY_MINUTES: u32 = u8::MAX as u32 * STAY_STEP_MINUTES;
/// For how many days counts of visits are stored.
pub const COUNT_DAYS: u64 = 31;
/// The default stay of a new venue's first unit, in steps.
pub const USUAL_STAY: u8 = 24;
/// The longest reason that an officer gives, in bytes.
pub const MAX_REASON_BYTES: usize = 400;

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Market,
    /// A shop or supermarket.
    Shop,
    Restaurant,
    Health,
    School,
    /// Office or public counter.
    Office,
    /// Factory or building site.
    Factory,
    Transport,
    Worship,
    Event,
    Other,
}

impl Kind {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 11] = [
        Self::Market,
        Self::Shop,
        Self::Restaurant,
        Self::Health,
        Self::School,
        Self::Office,
        Self::Factory,
        Self::Transport,
        Self::Worship,
        Self::Event,
        Self::Other,
    ];

    /// Its name in the database and in forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Shop => "shop",
            Self::Restaurant => "restaurant",
            Self::Health => "health",
            Self::School => "school",
            Self::Office => "office",
            Self::Factory => "factory",
            Self::Transport => "transport",
            Self::Worship => "worship",
            Self::Event => "event",
            Self::Other => "other",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How far a venue's registration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VenueState {
    /// Waits for an officer.
    Pending,
    /// May have posters.
    Approved,
    /// An officer refused it, with a reason.
    Refused,
    /// Closed by an officer; its posters have ended.
    Closed,
}

impl VenueState {
    /// All of them, in the order of the officer's list.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Refused, Self::Closed];

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Closed => "closed",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether an officer may bring a venue from this state to `next`.
    pub fn may_become(self, next: Self) -> bool {
        use VenueState::{Approved, Closed, Pending, Refused};
        matches!(
            (self, next),
            (Pending, Approved | Refused) | (Refused, Approved) | (Approved, Closed)
        )
    }
}

/// A ward: its code in the list of units (Decision 19/2025/QD-TTg), and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ward {
    /// Below 2^24.
    pub code: u32,
    /// With its province.
    pub name: String,
}

impl From<&ListedWard> for Ward {
    fn from(ward: &ListedWard) -> Self {
        let province = units().province(ward.province).map_or("", |province| province.name);
        let province = match province.strip_prefix("Thành phố ") {
            Some(city) => format!("TP. {city}"),
            None => province.trim_start_matches("Tỉnh ").to_owned(),
        };
        Self { code: ward.code, name: format!("{}, {province}", ward.name) }
    }
}

impl fmt::Display for Ward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:05})", self.name, self.code)
    }
}

/// What a venue says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// As on the poster.
    pub name: String,
    /// What kind of place.
    pub kind: Kind,
    pub ward: Ward,
    /// Number and street; may be empty.
    pub street: String,
    /// The person who registers.
    pub registrant: String,
}

/// A field of a form that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Name,
    /// The kind of place.
    Kind,
    Province,
    WardName,
    Street,
    /// The person who registers.
    Registrant,
    Unit,
    Stay,
}

impl Field {
    /// Its name in forms and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Province => "province",
            Self::WardName => "ward-name",
            Self::Street => "street",
            Self::Registrant => "registrant",
            Self::Unit => "unit",
            Self::Stay => "stay",
        }
    }
}

/// What was typed into the registration form.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedRegistration {
    pub name: String,
    /// A name of a [`Kind`].
    pub kind: String,
    /// The code of a province.
    pub province: String,
    /// Of a ward in it, with or without its kind and diacritics.
    pub ward_name: String,
    pub street: String,
    /// The person who registers.
    pub registrant: String,
}

impl From<Registration> for TypedRegistration {
    /// As it would be typed.
    fn from(registration: Registration) -> Self {
        // Of venues from before there was a list the ward may be none of it.
        let ward = units().ward(registration.ward.code);
        Self {
            name: registration.name,
            kind: registration.kind.name().to_owned(),
            province: ward.map_or_else(String::new, |ward| ward.province.to_string()),
            ward_name: ward.map_or(registration.ward.name, |ward| ward.name.to_owned()),
            street: registration.street,
            registrant: registration.registrant,
        }
    }
}

impl TypedRegistration {
    /// Whether a province is the one that was chosen.
    pub fn is_in(&self, province: &Province) -> bool {
        self.province() == Some(province)
    }

    fn province(&self) -> Option<&'static Province> {
        units().province(self.province.trim().parse().ok()?)
    }

    fn ward(&self) -> Option<Ward> {
        line(&self.ward_name, 1, MAX_STREET_BYTES)?;
        units().named(&self.ward_name, self.province()?.code).map(Ward::from)
    }

    /// Names of wards of the province that may be meant by what was typed, old names too.
    pub fn wards_meant(&self, limit: usize) -> Vec<&'static str> {
        let Some(province) = self.province() else { return Vec::new() };
        let found = units().search(&self.ward_name, Some(province.code), limit);
        found.into_iter().map(|ward| ward.name).collect()
    }
}

impl Registration {
    /// Reads the form; returns every field that cannot be taken.
    pub fn read(typed: &TypedRegistration) -> Result<Self, Vec<Field>> {
        let name = line(&typed.name, 1, MAX_NAME_BYTES);
        let kind = Kind::from_name(&typed.kind);
        let ward = typed.ward();
        let street = line(&typed.street, 0, MAX_STREET_BYTES);
        let registrant = line(&typed.registrant, 1, MAX_PERSON_BYTES);
        if let (Some(name), Some(kind), Some(ward), Some(street), Some(registrant)) =
            (&name, kind, &ward, &street, &registrant)
        {
            return Ok(Self {
                name: name.clone(),
                kind,
                ward: ward.clone(),
                street: street.clone(),
                registrant: registrant.clone(),
            });
        }
        let no_province = typed.province().is_none();
        let no_ward = if no_province { typed.ward_name.trim().is_empty() } else { ward.is_none() };
        let wrong = [
            (name.is_none(), Field::Name),
            (kind.is_none(), Field::Kind),
            (no_province, Field::Province),
            (no_ward, Field::WardName),
            (street.is_none(), Field::Street),
            (registrant.is_none(), Field::Registrant),
        ];
        Err(wrong.into_iter().filter(|(wrong, _)| *wrong).map(|(_, field)| field).collect())
    }
}

/// What a venue says of a floor, a department, a hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitForm {
    /// As on the poster.
    pub name: String,
    /// After how long a visit ends by itself, in steps of 5 minutes.
    pub default_stay: u8,
}

impl UnitForm {
    /// Reads a name and a number of minutes.
    pub fn read(name: &str, minutes: &str) -> Result<Self, Field> {
        let name = line(name, 1, MAX_UNIT_BYTES).ok_or(Field::Unit)?;
        let minutes: u32 = minutes.trim().parse().map_err(|_| Field::Stay)?;
        let steps = minutes / STAY_STEP_MINUTES;
        let default_stay = u8::try_from(steps).map_err(|_| Field::Stay)?;
        if default_stay == 0 || !minutes.is_multiple_of(STAY_STEP_MINUTES) {
            return Err(Field::Stay);
        }
        Ok(Self { name, default_stay })
    }
}

/// One line of text without hidden characters, trimmed, with single spaces, in normal form C:
/// keyboards and systems compose Vietnamese letters differently.
pub fn line(typed: &str, min_bytes: usize, max_bytes: usize) -> Option<String> {
    if typed.len() > 4 * max_bytes.max(64) {
        return None;
    }
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.nfc().collect();
    let valid = (min_bytes..=max_bytes).contains(&text.len()) && shows_all(&text);
    valid.then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn good() -> TypedRegistration {
        TypedRegistration {
            name: " Chợ  Đồng Xuân ".into(),
            kind: "market".into(),
            province: "01".into(),
            ward_name: "hoan kiem".into(),
            street: String::new(),
            registrant: "Nguyễn Thị Lan".into(),
        }
    }

    #[test]
    fn a_registration_is_read_or_every_wrong_field_is_named() {
        let read = Registration::read(&good()).unwrap();
        assert_eq!((read.name.as_str(), read.ward.code), ("Chợ Đồng Xuân", 70));
        assert_eq!(read.ward.to_string(), "Phường Hoàn Kiếm, TP. Hà Nội (00070)");
        let again = TypedRegistration::from(read.clone());
        assert_eq!((again.province.as_str(), again.ward_name.as_str()), ("1", "Phường Hoàn Kiếm"));
        assert_eq!(Registration::read(&again), Ok(read));
        let wrong = TypedRegistration {
            name: " ".into(),
            kind: "palace".into(),
            province: "2".into(),
            ward_name: String::new(),
            street: "ố".repeat(60),
            registrant: "a\u{202e}b".into(),
        };
        let all = [
            Field::Name,
            Field::Kind,
            Field::Province,
            Field::WardName,
            Field::Street,
            Field::Registrant,
        ];
        assert_eq!(Registration::read(&wrong), Err(all.to_vec()));
        for (province, ward, field) in [
            ("", "Hoàn Kiếm", Field::Province),
            ("-1", "Hoàn Kiếm", Field::Province),
            ("256", "Hoàn Kiếm", Field::Province),
            ("1", "Đồng Xuân", Field::WardName),
            ("1", "Hoàn", Field::WardName),
            ("79", "Hoàn Kiếm", Field::WardName),
        ] {
            let typed =
                TypedRegistration { province: province.into(), ward_name: ward.into(), ..good() };
            assert_eq!(Registration::read(&typed), Err(vec![field]), "{province} {ward}");
        }
    }

    #[test]
    fn a_name_of_before_leads_to_those_of_today_and_a_venue_of_before_keeps_its_name() {
        let old = TypedRegistration { ward_name: "Hàng Bạc".into(), ..good() };
        assert!(old.wards_meant(5).contains(&"Phường Hoàn Kiếm"));
        let nowhere = TypedRegistration { province: String::new(), ..old };
        assert!(nowhere.wards_meant(5).is_empty());
        let mut before = Registration::read(&good()).unwrap();
        before.ward = Ward { code: 37, name: "Phường Đồng Xuân, Hà Nội".into() };
        let typed = TypedRegistration::from(before);
        assert_eq!(
            (typed.province.as_str(), typed.ward_name.as_str()),
            ("", "Phường Đồng Xuân, Hà Nội")
        );
    }

    #[test]
    fn every_ward_of_the_list_fits_a_registration() {
        let all = crate::domain::units::units();
        for ward in all.provinces().iter().flat_map(|one| all.wards_of(one.code)) {
            assert!(Ward::from(ward).name.len() <= MAX_STREET_BYTES, "{}", ward.name);
        }
    }

    #[test]
    fn units() {
        let unit = UnitForm::read(" Tầng 2 ", " 90 ").unwrap();
        assert_eq!(unit, UnitForm { name: "Tầng 2".into(), default_stay: 18 });
        assert_eq!(UnitForm::read("", "90"), Err(Field::Unit));
        for minutes in ["", "0", "3", "92", "1280", "-5", "99999999999"] {
            assert_eq!(UnitForm::read("a", minutes), Err(Field::Stay), "{minutes}");
        }
        assert!(UnitForm::read("a", "1275").is_ok());
    }

    #[test]
    fn an_officer_cannot_reopen_what_was_closed() {
        use VenueState::{Approved, Closed, Pending, Refused};
        for state in VenueState::ALL {
            assert!(!Closed.may_become(state) && !state.may_become(Pending));
        }
        assert!(Pending.may_become(Approved) && Refused.may_become(Approved));
        assert!(!Pending.may_become(Closed) && !Approved.may_become(Refused));
    }

    proptest! {
        #[test]
        fn a_line_is_within_bounds_and_reads_itself(text in "\\PC{0,120}|[a-z \n\u{202e}]{0,40}") {
            if let Some(read) = line(&text, 1, 64) {
                prop_assert!((1..=64).contains(&read.len()));
                prop_assert!(!read.contains(char::is_control));
                prop_assert_eq!(line(&read, 1, 64), Some(read.clone()));
            }
        }
    }
}
