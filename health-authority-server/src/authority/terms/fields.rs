//! The fields of the form, each with the place that it stands for. Labels and explanations are texts:
//! `terms-ID` and `terms-ID-hint`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::interval::RollingPeriod;

use super::Terms;

/// A part of the form, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Names,
    Advice,
    Symptoms,
    Tracing,
    Risk,
    Onset,
    Venues,
    Declarations,
}

pub const SECTIONS: [Section; 8] = [
    Section::Names,
    Section::Advice,
    Section::Symptoms,
    Section::Tracing,
    Section::Risk,
    Section::Onset,
    Section::Venues,
    Section::Declarations,
];

impl Section {
    /// `terms-section-NAME` is its heading, `terms-section-NAME-hint` what it is for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Advice => "advice",
            Self::Symptoms => "symptoms",
            Self::Tracing => "tracing",
            Self::Risk => "risk",
            Self::Onset => "onset",
            Self::Venues => "venues",
            Self::Declarations => "declarations",
        }
    }
}

/// What is typed or chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text of one line.
    Line,
    /// A text of several lines.
    Lines,
    /// A whole number.
    Number,
    /// A whole number, or nothing.
    OptionalNumber,
    /// `yes` or nothing.
    Check,
    /// One of these; `terms-choice-NAME` are their texts.
    Choice(&'static [&'static str]),
}

/// A field of the form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its id on the page and its name in the form.
    pub id: &'static str,
    pub section: Section,
    pub kind: Kind,
    place: Place,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Of(fn(&mut Terms) -> Value<'_>),
    /// Infectiousness so many days after the first symptoms.
    Onset(i32),
}

/// The value of a field where it stands.
pub(super) enum Value<'a> {
    /// The text of a language.
    Text(&'a mut BTreeMap<String, String>, &'static str),
    Small(&'a mut u8),
    Middle(&'a mut u16),
    Optional(&'a mut Option<u16>),
    Large(&'a mut u32),
    Flag(&'a mut bool),
    Period(&'a mut RollingPeriod),
    Infectiousness(&'a mut Infectiousness),
    Onset(&'a mut BTreeMap<i32, Infectiousness>, i32),
    Weight(&'a mut BTreeMap<ReportType, u16>, ReportType),
    ReportType(&'a mut ReportType),
}

const INFECTIOUSNESS: [(&str, Infectiousness); 3] = [
    ("none", Infectiousness::None),
    ("standard", Infectiousness::Standard),
    ("high", Infectiousness::High),
];
const REPORT_TYPES: [(&str, ReportType); 4] = [
    ("confirmed", ReportType::ConfirmedTest),
    ("clinical", ReportType::ClinicalDiagnosis),
    ("self", ReportType::SelfReport),
    ("recursive", ReportType::Recursive),
];
const INFECTIOUSNESS_NAMES: &[&str] = &["none", "standard", "high"];
const REPORT_TYPE_NAMES: &[&str] = &["confirmed", "clinical", "self", "recursive"];
/// Ids of the days from -14 to 14.
const ONSET_IDS: [&str; 29] = [
    "onset_m14",
    "onset_m13",
    "onset_m12",
    "onset_m11",
    "onset_m10",
    "onset_m9",
    "onset_m8",
    "onset_m7",
    "onset_m6",
    "onset_m5",
    "onset_m4",
    "onset_m3",
    "onset_m2",
    "onset_m1",
    "onset_0",
    "onset_1",
    "onset_2",
    "onset_3",
    "onset_4",
    "onset_5",
    "onset_6",
    "onset_7",
    "onset_8",
    "onset_9",
    "onset_10",
    "onset_11",
    "onset_12",
    "onset_13",
    "onset_14",
];

macro_rules! place {
    (|$terms:ident| $value:expr) => {
        Place::Of(|$terms| $value)
    };
}

fn weight(terms: &mut Terms, of: ReportType) -> Value<'_> {
    Value::Weight(&mut terms.profile.risk.report_type_weights, of)
}

fn make() -> Vec<Field> {
    use Kind::{Check, Choice, Line, Lines, Number, OptionalNumber};
    use Section::{Advice, Declarations, Names, Onset, Risk, Symptoms, Tracing, Venues};
    use Value::{Flag, Infectiousness as Level, Large, Middle, Optional, Period, Small, Text};
    let field = |id, section, kind, place| Field { id, section, kind, place };
    let mut fields = vec![
        field("name_vi", Names, Line, place!(|t| Text(&mut t.name, "vi"))),
        field("name_en", Names, Line, place!(|t| Text(&mut t.name, "en"))),
        field("advice_vi", Advice, Lines, place!(|t| Text(&mut t.profile.advice, "vi"))),
        field("advice_en", Advice, Lines, place!(|t| Text(&mut t.profile.advice, "en"))),
        field(
            "test_after_days",
            Advice,
            OptionalNumber,
            place!(|t| Optional(&mut t.profile.contacts.test_after_days)),
        ),
        field(
            "apart_days",
            Advice,
            OptionalNumber,
            place!(|t| Optional(&mut t.profile.contacts.apart_days)),
        ),
        field("call_vi", Symptoms, Lines, place!(|t| Text(&mut t.profile.symptoms.call, "vi"))),
        field("call_en", Symptoms, Lines, place!(|t| Text(&mut t.profile.symptoms.call, "en"))),
        field("now_vi", Symptoms, Lines, place!(|t| Text(&mut t.profile.symptoms.now, "vi"))),
        field("now_en", Symptoms, Lines, place!(|t| Text(&mut t.profile.symptoms.now, "en"))),
        field(
            "retention_days",
            Tracing,
            Number,
            place!(|t| Large(&mut t.profile.tracing.retention_days)),
        ),
        field(
            "sync_mean_minutes",
            Tracing,
            Number,
            place!(|t| Large(&mut t.profile.tracing.sync_mean_minutes)),
        ),
        field(
            "look_alike_mean_hours",
            Tracing,
            Number,
            place!(|t| Large(&mut t.profile.tracing.look_alike_mean_hours)),
        ),
        field(
            "rolling_period",
            Tracing,
            Number,
            place!(|t| Period(&mut t.profile.tracing.rolling_period)),
        ),
        field(
            "clock_tolerance",
            Tracing,
            Number,
            place!(|t| Large(&mut t.profile.tracing.clock_tolerance)),
        ),
        field("plain_gaen", Tracing, Check, place!(|t| Flag(&mut t.profile.tracing.plain_gaen))),
        field(
            "low_from",
            Risk,
            Number,
            place!(|t| Large(&mut t.profile.risk.low_from_daily_score)),
        ),
        field(
            "high_from",
            Risk,
            Number,
            place!(|t| Large(&mut t.profile.risk.high_from_daily_score)),
        ),
        field(
            "minimum_window",
            Risk,
            Number,
            place!(|t| Large(&mut t.profile.risk.minimum_window_score)),
        ),
        field(
            "threshold_immediate",
            Risk,
            Number,
            place!(|t| Small(&mut t.profile.risk.attenuation_thresholds_db[0])),
        ),
        field(
            "threshold_near",
            Risk,
            Number,
            place!(|t| Small(&mut t.profile.risk.attenuation_thresholds_db[1])),
        ),
        field(
            "threshold_medium",
            Risk,
            Number,
            place!(|t| Small(&mut t.profile.risk.attenuation_thresholds_db[2])),
        ),
        field(
            "weight_immediate",
            Risk,
            Number,
            place!(|t| Middle(&mut t.profile.risk.attenuation_weights[0])),
        ),
        field(
            "weight_near",
            Risk,
            Number,
            place!(|t| Middle(&mut t.profile.risk.attenuation_weights[1])),
        ),
        field(
            "weight_medium",
            Risk,
            Number,
            place!(|t| Middle(&mut t.profile.risk.attenuation_weights[2])),
        ),
        field(
            "weight_other",
            Risk,
            Number,
            place!(|t| Middle(&mut t.profile.risk.attenuation_weights[3])),
        ),
        field("weight_confirmed", Risk, Number, place!(|t| weight(t, ReportType::ConfirmedTest))),
        field(
            "weight_clinical",
            Risk,
            Number,
            place!(|t| weight(t, ReportType::ClinicalDiagnosis)),
        ),
        field("weight_self", Risk, Number, place!(|t| weight(t, ReportType::SelfReport))),
        field("weight_recursive", Risk, Number, place!(|t| weight(t, ReportType::Recursive))),
        field(
            "type_unknown",
            Risk,
            Choice(REPORT_TYPE_NAMES),
            place!(|t| Value::ReportType(&mut t.profile.risk.report_type_when_unknown)),
        ),
        field(
            "weight_standard",
            Onset,
            Number,
            place!(|t| Middle(&mut t.profile.risk.standard_infectiousness_weight)),
        ),
        field(
            "weight_high",
            Onset,
            Number,
            place!(|t| Middle(&mut t.profile.risk.high_infectiousness_weight)),
        ),
        field(
            "onset_unknown",
            Onset,
            Choice(INFECTIOUSNESS_NAMES),
            place!(|t| Level(&mut t.profile.risk.infectiousness_without_onset)),
        ),
    ];
    for (day, id) in (-14..).zip(ONSET_IDS) {
        fields.push(field(id, Onset, Choice(INFECTIOUSNESS_NAMES), Place::Onset(day)));
    }
    fields.extend([
        field(
            "minimum_overlap",
            Venues,
            Number,
            place!(|t| Large(&mut t.profile.venues.minimum_overlap_minutes)),
        ),
        field(
            "lingering",
            Venues,
            Number,
            place!(|t| Large(&mut t.profile.venues.lingering_minutes)),
        ),
        field(
            "venue_weight",
            Venues,
            Number,
            place!(|t| Middle(&mut t.profile.venues.time_weight)),
        ),
        field("declaration_days", Declarations, Number, place!(|t| Middle(&mut t.retention_days))),
        field("phone_code", Declarations, Check, place!(|t| Flag(&mut t.phone_code))),
    ]);
    fields
}

/// All of them, in the order of the form.
pub fn fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(make);
    &FIELDS
}

/// The field with this id.
pub fn field(id: &str) -> Option<&'static Field> {
    fields().iter().find(|field| field.id == id)
}

impl Field {
    pub(super) fn of<'a>(&self, terms: &'a mut Terms) -> Value<'a> {
        match self.place {
            Place::Of(place) => place(terms),
            Place::Onset(day) => Value::Onset(&mut terms.profile.risk.infectiousness_by_onset, day),
        }
    }

    /// Days after the first symptoms, of a field about one such day.
    pub const fn onset_day(&self) -> Option<i32> {
        match self.place {
            Place::Onset(day) => Some(day),
            Place::Of(_) => None,
        }
    }

    /// As the form shows it.
    pub fn shown(&self, terms: &Terms) -> String {
        self.of(&mut terms.clone()).shown()
    }
}

impl Value<'_> {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(texts, language) => texts.get(*language).cloned().unwrap_or_default(),
            Self::Small(number) => number.to_string(),
            Self::Middle(number) => number.to_string(),
            Self::Large(number) => number.to_string(),
            Self::Optional(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Flag(flag) => if **flag { "yes" } else { "" }.to_owned(),
            Self::Period(period) => period.intervals().to_string(),
            Self::Infectiousness(level) => name_of(&INFECTIOUSNESS, level).to_owned(),
            Self::Onset(days, day) => {
                let level = days.get(day).copied().unwrap_or(Infectiousness::None);
                name_of(&INFECTIOUSNESS, &level).to_owned()
            }
            Self::Weight(weights, of) => weights.get(of).copied().unwrap_or_default().to_string(),
            Self::ReportType(kind) => name_of(&REPORT_TYPES, kind).to_owned(),
        }
    }

    /// Puts what was typed there; `None` where it is no value of this kind.
    pub(super) fn put(self, typed: &str) -> Option<()> {
        match self {
            Self::Text(texts, language) => {
                match typed.is_empty() {
                    true => texts.remove(language),
                    false => texts.insert(language.to_owned(), typed.to_owned()),
                };
            }
            Self::Small(number) => *number = typed.parse().ok()?,
            Self::Middle(number) => *number = typed.parse().ok()?,
            Self::Large(number) => *number = typed.parse().ok()?,
            Self::Optional(number) if typed.is_empty() => *number = None,
            Self::Optional(number) => *number = Some(typed.parse().ok()?),
            Self::Flag(flag) => *flag = typed == "yes",
            Self::Period(period) => *period = RollingPeriod::new(typed.parse().ok()?).ok()?,
            Self::Infectiousness(level) => *level = of_name(&INFECTIOUSNESS, typed)?,
            Self::Onset(days, day) => match of_name(&INFECTIOUSNESS, typed)? {
                Infectiousness::None => {
                    days.remove(&day);
                }
                level => {
                    days.insert(day, level);
                }
            },
            Self::Weight(weights, of) => match typed.parse().ok()? {
                // A type that is not named counts nothing.
                0 if !weights.contains_key(&of) => {}
                weight => {
                    weights.insert(of, weight);
                }
            },
            Self::ReportType(kind) => *kind = of_name(&REPORT_TYPES, typed)?,
        }
        Some(())
    }
}

fn name_of<T: PartialEq>(names: &[(&'static str, T)], of: &T) -> &'static str {
    names.iter().find(|(_, value)| value == of).map_or("", |(name, _)| name)
}

fn of_name<T: Copy>(names: &[(&'static str, T)], typed: &str) -> Option<T> {
    names.iter().find(|(name, _)| *name == typed).map(|(_, value)| *value)
}
