//! A form from a file of JSON, as [`Form`] has it. Its day may be missing: it is that of sending.

use std::io::Read;
use std::path::Path;

use vungxanh_protocol::declaration::Form;

use super::super::Output;
use crate::control_api::CONSENT_VERSION;
use crate::failure::{Exit, Failure};
use crate::platform::atomic_file;

/// Above any form: with every letter as an escape, and blanks.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Reads a form. What kind it is and whether its answers are right is not looked at yet.
pub(super) fn read(file: &Path) -> Result<Form, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::BadInput, "failure-read-file")
            .with("file", file.display().to_string())
            .because(error)
    };
    let opened = atomic_file::open_regular(file).map_err(unreadable)?;
    let mut json = String::new();
    opened.take(MAX_FILE_BYTES + 1).read_to_string(&mut json).map_err(unreadable)?;
    let no_form = |detail: String| {
        Failure::new(Exit::BadInput, "failure-declare-no-form")
            .with("file", file.display().to_string())
            .because(detail)
    };
    if json.len() as u64 > MAX_FILE_BYTES {
        return Err(no_form(format!("more than {MAX_FILE_BYTES} bytes")));
    }
    let mut value: serde_json::Value =
        serde_json::from_str(&json).map_err(|error| no_form(error.to_string()))?;
    if let Some(fields) = value.as_object_mut() {
        fields.entry("day").or_insert(0.into());
    }
    serde_json::from_value(value).map_err(|error| no_form(error.to_string()))
}

/// The form as it is sent today, if nothing keeps it from that but consent, which is not taken from a file.
pub(super) fn checked(form: Form, day: u16, output: &Output) -> Result<Form, Failure> {
    let form = Form { day, consent: Some(CONSENT_VERSION), ..form }.normalised();
    let problems = form.problems();
    if problems.is_empty() {
        return Ok(Form { consent: None, ..form });
    }
    let texts = output.texts();
    let problems = problems.iter().map(|problem| {
        let reason = problem.reason.name().replace('_', "-");
        format!("{}: {}", problem.field, texts.get(&format!("declare-problem-{reason}")))
    });
    let list = problems.collect::<Vec<_>>().join("\n  ");
    Err(Failure::new(Exit::BadInput, "failure-declare-problems").with("problems", list))
}
