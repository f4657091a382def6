//! Showing passes: live ones on a screen, printed ones on a sheet.

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{LivePass, PassKind, RENEWAL_SECONDS};
use vungxanh_protocol::units::folded;

use super::book::Book;
use super::entry::Entry;
use super::{Declarations, DeclareError};
use crate::control_api::{PassRequest, PassSheet, PassSheetRequest, ShownPass};
use crate::platform::threads::lock;

impl Declarations {
    /// The pass to show now.
    pub async fn show_pass(&self, request: PassRequest) -> Result<ShownPass, DeclareError> {
        let now = self.now();
        let book = self.book().await?;
        let entry = valid_bundle(&book, request.name.as_deref(), PassKind::Live, now)?;
        let passes = entry.passes_of(PassKind::Live);
        let places: Vec<usize> = passes.iter().map(|(place, ..)| *place).collect();
        let mut current = lock(&self.shared.current);
        let place = current.choose(&entry.submission, &places, request.next, now);
        self.shared.keep_current(&current)?;
        let unused = current.unused(&entry.submission, &places);
        let chosen = passes.iter().find(|(of, ..)| Some(*of) == place);
        let (_, pass, holder) = chosen.ok_or(DeclareError::NoPass)?;
        Ok(ShownPass {
            code: LivePass::show(pass, holder, now)?.code(),
            shown_at: now,
            renew_seconds: RENEWAL_SECONDS,
            last_day: entry.passes_last_day(),
            unused,
        })
    }

    /// Another pass is shown from now on: the stay at a place is over.
    pub fn take_next_pass(&self) -> Result<(), DeclareError> {
        let mut current = lock(&self.shared.current);
        current.end_stay();
        self.shared.keep_current(&current)
    }

    /// The passes for paper.
    pub async fn sheet(&self, request: PassSheetRequest) -> Result<PassSheet, DeclareError> {
        let now = self.now();
        let book = self.book().await?;
        let entry = valid_bundle(&book, request.name.as_deref(), PassKind::Printed, now)?;
        let passes = entry.passes_of(PassKind::Printed);
        Ok(PassSheet {
            codes: passes.iter().map(|(_, pass, _)| pass.code()).collect(),
            first_day: entry.form.day,
            last_day: entry.passes_last_day(),
        })
    }
}

/// The newest bundle with passes of that kind that are valid now: of the person with that name, or of the device's own
/// person.
fn valid_bundle<'a>(
    book: &'a Book,
    name: Option<&str>,
    kind: PassKind,
    now: UnixTime,
) -> Result<&'a Entry, DeclareError> {
    let of_person = |entry: &&Entry| match name {
        Some(name) => folded(&entry.form.name) == folded(name),
        None => entry.form.by_name.is_empty(),
    };
    let valid = |entry: &&Entry| entry.has_valid_passes(now) && !entry.passes_of(kind).is_empty();
    book.entries.iter().rev().filter(of_person).find(valid).ok_or(DeclareError::NoPass)
}
