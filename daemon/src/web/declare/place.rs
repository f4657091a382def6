//! The ward where a person stays: by its name, today's or an old one, with or without diacritics; where several may be
//! meant, the person chooses; where none is found, it is sent in words.

use vungxanh_protocol::declaration::{Form, Reason};
use vungxanh_protocol::units::{Ward, folded};

use super::super::form_errors::FormErrors;
use super::super::page::Page;
use super::choices::{Choice, provinces};
use super::typed::Typed;
use crate::control_api::Draft;
use crate::declarations::questions::in_place;
use crate::declarations::reading::units;

/// Wards that are offered at one time.
const OFFERED: usize = 9;
/// The answer that keeps what was typed.
const AS_TYPED: &str = "0";

/// The fields of a place.
pub(super) struct PlaceView {
    pub(super) provinces: Vec<Choice>,
    pub(super) name: String,
    /// Which one is meant, where that is asked.
    pub(super) wards: Vec<Choice>,
    /// For what they were found.
    pub(super) asked: String,
    pub(super) error: String,
}

impl PlaceView {
    pub(super) fn new(
        page: &Page,
        draft: &Draft,
        typed: Option<&Typed>,
        errors: &FormErrors,
    ) -> Self {
        let error = errors.at("ward").to_owned();
        let Some(typed) = typed else {
            let ward = draft.form.ward.and_then(|code| units().ward(code));
            let province = ward.map(|ward| ward.province.to_string());
            let name = ward.map_or(draft.form.place.as_str(), |ward| ward.name).to_owned();
            return Self {
                provinces: provinces(page, province.as_slice()),
                name,
                wards: Vec::new(),
                asked: String::new(),
                error,
            };
        };
        let province = province(typed);
        let offered = match found(typed) {
            Found::Several(wards) => wards,
            _ => Vec::new(),
        };
        let chosen = typed.one("ward");
        let of = |ward: &&Ward| {
            let province = units().province(ward.province).map_or("", |province| province.name);
            let value = ward.code.to_string();
            let chosen = value == chosen;
            Choice { value, text: format!("{}, {province}", ward.name), chosen }
        };
        let mut wards: Vec<_> = offered.iter().map(of).collect();
        if !wards.is_empty() {
            let text = page.t("web-declare-ward-as-typed");
            wards.push(Choice { value: AS_TYPED.into(), text, chosen: chosen == AS_TYPED });
        }
        Self {
            provinces: provinces(page, province.map(|code| code.to_string()).as_slice()),
            name: typed.one("wardName").to_owned(),
            wards,
            asked: asked(typed),
            error,
        }
    }
}

enum Found<'a> {
    Nothing,
    One(&'a Ward),
    Several(Vec<&'a Ward>),
}

/// What the person may mean.
fn found(typed: &Typed) -> Found<'static> {
    let (name, province) = (typed.one("wardName"), province(typed));
    if let Some(ward) = province.and_then(|province| units().named(name, province)) {
        return Found::One(ward);
    }
    let found = units().search(name, province, OFFERED);
    match found.as_slice() {
        [] => Found::Nothing,
        [ward] if folded(ward.name) == folded(name) => Found::One(ward),
        _ => Found::Several(found),
    }
}

/// Takes the ward of what was typed into the form.
pub(super) fn read(page: &Page, form: &mut Form, typed: &Typed, errors: &mut FormErrors) {
    (form.ward, form.place) = (None, String::new());
    let name = typed.one("wardName");
    if name.is_empty() {
        return errors.add("ward", page.wrong("ward", Reason::Missing, form));
    }
    let chosen = match found(typed) {
        Found::One(ward) => Some(ward.code),
        Found::Nothing => None,
        Found::Several(wards) => {
            let answer = Some(typed.one("ward")).filter(|_| typed.one("asked") == asked(typed));
            let ward = wards.iter().find(|ward| answer == Some(ward.code.to_string().as_str()));
            match (ward, answer) {
                (Some(ward), _) => Some(ward.code),
                (None, Some(AS_TYPED)) => None,
                _ => return errors.add("ward", page.t("web-declare-ward-which")),
            }
        }
    };
    match chosen {
        Some(code) => form.ward = Some(code),
        None => match in_place(form, &words(name, province(typed))) {
            Ok(in_words) => *form = in_words,
            Err(reason) => errors.add("ward", page.wrong("ward", reason, form)),
        },
    }
}

/// With the province, if one was chosen.
fn words(name: &str, province: Option<u8>) -> String {
    let province = province.and_then(|code| units().province(code)).map(|province| province.name);
    match province {
        Some(province) if !folded(name).contains(&folded(province)) => {
            format!("{name}, {province}")
        }
        _ => name.to_owned(),
    }
}

fn province(typed: &Typed) -> Option<u8> {
    typed.one("province").parse().ok().filter(|code| units().province(*code).is_some())
}

/// For what wards were found: an answer to another question is none.
fn asked(typed: &Typed) -> String {
    format!("{} {}", typed.one("province"), typed.one("wardName"))
}
