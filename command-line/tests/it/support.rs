//! Texts from the files, and the files.

use std::path::{Path, PathBuf};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use vungxanh_command_line::{ENGLISH, Texts, VIETNAMESE};

/// This crate's texts in one language.
pub struct Bundle(FluentBundle<FluentResource>);

impl Bundle {
    pub fn english() -> Self {
        Self::of(ENGLISH)
    }

    pub fn vietnamese() -> Self {
        Self::of(VIETNAMESE)
    }

    fn of(source: &str) -> Self {
        let mut bundle = FluentBundle::new(vec!["vi".parse().unwrap()]);
        bundle.set_use_isolating(false);
        bundle.add_resource(FluentResource::try_new(source.to_owned()).unwrap()).unwrap();
        Self(bundle)
    }
}

impl Texts for Bundle {
    fn text(&self, id: &str, values: &[(&str, &str)]) -> Option<String> {
        let pattern = self.0.get_message(id)?.value()?;
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, FluentValue::from(*value));
        }
        Some(self.0.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Files below a folder whose names end in `end`, in order.
pub fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
