//! Lists from which one is chosen.

use vungxanh_protocol::declaration::Field;
use vungxanh_protocol::units::{Province, folded};

use super::super::page::Page;
use crate::declarations::reading::{countries, units};

/// An answer that is offered.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) chosen: bool,
}

/// Of a list in which nothing is chosen yet.
pub(super) fn nothing(page: &Page, values: &[String]) -> Choice {
    Choice { value: String::new(), text: page.t("declare-choose"), chosen: values.is_empty() }
}

/// All of today's; the first says that none is chosen.
pub(super) fn provinces(page: &Page, values: &[String]) -> Vec<Choice> {
    let of = |province: &Province| {
        let value = province.code.to_string();
        let chosen = values.contains(&value);
        Choice { value, text: province.name.to_owned(), chosen }
    };
    std::iter::once(nothing(page, values)).chain(units().provinces().iter().map(of)).collect()
}

/// By their names; whose nationality is asked is most often of Viet Nam.
pub(super) fn of_countries(page: &Page, field: Field, values: &[String]) -> Vec<Choice> {
    let mut named: Vec<_> = countries(page.language()).collect();
    named.sort_by_key(|(code, name)| (*code != "VN" || field != "nationality", folded(name)));
    let of = |(code, name): (&str, &str)| Choice {
        value: code.to_owned(),
        text: name.to_owned(),
        chosen: values.iter().any(|value| value == code),
    };
    let first = (field != "nationality").then(|| nothing(page, values));
    first.into_iter().chain(named.into_iter().map(of)).collect()
}
