//! What is wrong with a form: shown at the top of its page with a link to each field, and at the
//! field. Templates call the component `error_summary`.

use crate::domain::venues::Field;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    field: &'static str,
    text: String,
}

impl Problem {
    /// The id of the field on the page; empty when it is about no single field.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong and what to do, in the page's language.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The id of the input of a field of a registration or a unit.
pub fn field_id(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Kind => "kind",
        Field::Province => "province",
        Field::WardName => "ward_name",
        Field::Street => "street",
        Field::Registrant => "registrant",
        Field::Unit => "unit-name",
        Field::Stay => "minutes",
    }
}

/// All that is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// One problem that is about no single field.
    pub fn of_form(text: String) -> Self {
        Self::of_field("", text)
    }

    /// One problem of one field.
    pub fn of_field(field: &'static str, text: String) -> Self {
        let mut problems = Self::default();
        problems.add(field, text);
        problems
    }

    /// Adds a problem of the field with this id, or of none.
    pub fn add(&mut self, field: &'static str, text: String) {
        self.0.push(Problem { field, text });
    }

    /// Whether all is well.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn list(&self) -> &[Problem] {
        &self.0
    }

    /// What is wrong with a field; empty when nothing is.
    pub fn at(&self, field: &str) -> &str {
        let found = self.0.iter().find(|problem| !field.is_empty() && problem.field == field);
        found.map_or("", Problem::text)
    }
}

impl From<Option<String>> for Problems {
    fn from(text: Option<String>) -> Self {
        text.map(Self::of_form).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_shows_its_own_problem_only() {
        let mut problems = Problems::of_form("all wrong".into());
        problems.add("name", "no name".into());
        assert_eq!(problems.at("name"), "no name");
        assert_eq!(problems.at("street"), "");
        assert_eq!(problems.at(""), "");
        assert_eq!(problems.list().len(), 2);
        assert!(Problems::from(None).is_empty());
    }
}
