//! Where a venue is: what its fields show, and what is wrong with them.

use super::super::checkin::script_page;
use super::super::page::Page;
use super::super::problems::{Problems, field_id};
use super::super::unit_files;
use crate::domain::venues::{Field, TypedRegistration};

/// How many names are offered in place of one that is none.
const MOST_OFFERED: usize = 5;

/// What the script of the fields is given.
pub(in crate::http) fn data(page: &Page) -> String {
    let mut data = serde_json::Map::new();
    data.insert("units".into(), unit_files::version().into());
    data.insert("folder".into(), page.href("/units/").into());
    script_page(page.language, &["page-place-"], data)
}

/// What is wrong with a registration, in the page's language; a name that is none of a ward's with those
/// that may be meant.
pub(super) fn problems(page: &Page, form: &TypedRegistration, wrong: &[Field]) -> Problems {
    let mut problems = Problems::default();
    for field in wrong {
        let meant = match field {
            Field::WardName => form.wards_meant(MOST_OFFERED),
            _ => Vec::new(),
        };
        let text = match meant.as_slice() {
            [] => page.named("wrong", field.name()),
            meant => page.t1("wrong-ward-meant", "list", meant.join(", ")),
        };
        problems.add(field_id(*field), text);
    }
    problems
}
