//! Venues from registration to warning, in a real browser (Debian's chromium and its driver)
//! against the real server. Pictures of the steps are stored in `target/tmp/browser/`, with
//! `VUNGXANH_PICTURES=1` those of every page in every look, too; `contact_sheets.py` puts many of them on one.
//! One story alone: `cargo test --locked --workspace --test browser -- --ignored officer_day`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share may fail them")]

mod authenticator;
mod codes;
mod colleagues;
mod corrections;
mod declarants;
mod declaration_cases;
mod declarations;
mod desk;
mod desk_document;
mod desk_figures;
mod door_keepers;
mod doors;
mod downloads;
mod driver;
mod everything;
mod films;
mod loading;
mod looks;
mod many_declarations;
mod officer_day;
mod officers;
mod pass_warnings;
mod people;
mod person_data;
mod person_declares;
mod person_deeds;
mod person_page;
mod phone_code_case;
mod recovery;
mod slowness;
mod story;
mod venue_changes;
mod venue_phones;
mod views;
mod webdriver;

use std::path::PathBuf;

/// Where pictures of pages are stored.
fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
