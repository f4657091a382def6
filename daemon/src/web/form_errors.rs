//! What is wrong with a form: shown at the top of its page with a link to each field, and at the field. Templates call the
//! component `error_summary`.

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormError {
    field: &'static str,
    text: String,
}

impl FormError {
    /// The id of the field on the page; empty when it is about no single field.
    pub(super) const fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong and what to do, in the page's language.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// All that is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FormErrors(Vec<FormError>);

impl FormErrors {
    /// One error of one field.
    pub(super) fn of_field(field: &'static str, text: String) -> Self {
        let mut errors = Self::default();
        errors.add(field, text);
        errors
    }

    pub(super) fn add(&mut self, field: &'static str, text: String) {
        self.0.push(FormError { field, text });
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn list(&self) -> &[FormError] {
        &self.0
    }

    /// What is wrong with a field; empty when nothing is.
    pub(super) fn at(&self, field: &str) -> &str {
        let found = self.0.iter().find(|error| !field.is_empty() && error.field == field);
        found.map_or("", FormError::text)
    }
}
