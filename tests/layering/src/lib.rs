//! Holds the source to `docs/floors.toml`: no import from the same floor or one above, no circle of
//! files, no dependency between crates that is not named there.
//!
//! Imports are read from the source itself: `use` with all its braces, and paths in the code. A name
//! that a module passes on by `pub use` counts as that of the file that declares it. What is below
//! `#[cfg(test)]` may import from every floor, because it is in no program. In circles a file's use
//! of what its own `mod.rs` declares is not counted.
//!
//! A crate of its own, so that it also runs in seconds, and while the others do not compile.

mod graph;
mod source;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::graph::{Import, circles, imports};

/// `docs/floors.toml`: for each crate's folder its rules.
#[derive(Deserialize)]
struct House {
    #[serde(flatten)]
    crates: BTreeMap<String, Rules>,
}

/// The rules of one crate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    /// Folders of the crates that it may depend on.
    depends_on: Vec<String>,
    /// From the top: the modules of each floor.
    floors: Vec<Vec<String>>,
    /// `FROM -> TO`: imports that are still to be removed.
    #[serde(default)]
    not_yet: BTreeSet<String>,
    /// Circles of files that stay, with the reason.
    #[serde(default)]
    circles: Vec<Circle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Circle {
    files: BTreeSet<String>,
    reason: String,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: toml::Table,
    #[serde(default, rename = "dev-dependencies")]
    dev_dependencies: toml::Table,
    #[serde(default, rename = "build-dependencies")]
    build_dependencies: toml::Table,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

/// Everything in the repository at `root` that breaks the rules in `floors`; a line each.
pub fn broken(root: &Path, floors: &str) -> Result<Vec<String>, String> {
    let house: House = toml::from_str(floors).map_err(|error| error.to_string())?;
    let mut broken = Vec::new();
    let mut manifests = BTreeMap::new();
    for folder in house.crates.keys() {
        let file = root.join(folder).join("Cargo.toml");
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let manifest: Manifest =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        manifests.insert(folder.as_str(), manifest);
    }
    for (folder, rules) in &house.crates {
        broken.extend(dependencies(folder, rules, &manifests));
        let name = manifests[folder.as_str()].package.name.replace('-', "_");
        let imports = imports(&root.join(folder).join("src"), &name)?;
        broken.extend(upward(folder, rules, &imports));
        broken.extend(in_circles(folder, rules, &imports));
    }
    Ok(broken)
}

/// Dependencies on crates of the workspace that the rules do not name.
fn dependencies(folder: &str, rules: &Rules, manifests: &BTreeMap<&str, Manifest>) -> Vec<String> {
    let manifest = &manifests[folder];
    let tables = [&manifest.dependencies, &manifest.dev_dependencies, &manifest.build_dependencies];
    let depends_on = |name: &str| tables.iter().any(|table| table.contains_key(name));
    manifests
        .iter()
        .filter(|(other, manifest)| {
            depends_on(&manifest.package.name)
                && **other != folder
                && !rules.depends_on.iter().any(|may| may == *other)
        })
        .map(|(other, _)| format!("{folder}/Cargo.toml: {folder} must not depend on {other}"))
        .collect()
}

/// The module directly below the crate's root that `file` belongs to.
fn room(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Imports that do not lead to a floor below.
fn upward(folder: &str, rules: &Rules, imports: &BTreeSet<Import>) -> Vec<String> {
    let mut broken = BTreeSet::new();
    let mut unused: BTreeSet<&str> = rules.not_yet.iter().map(String::as_str).collect();
    let floor =
        |room: &str| rules.floors.iter().position(|floor| floor.iter().any(|on_it| on_it == room));
    for import in imports.iter().filter(|import| !import.test) {
        let (from, to) = (room(&import.from), room(&import.to));
        if from == to {
            continue;
        }
        let complaint = match (floor(from), floor(to)) {
            (Some(below), Some(above)) if above < below => "which is a floor above",
            (Some(one), Some(other)) if one == other => "which is on the same floor",
            (Some(_), Some(_)) => continue,
            (None, _) => "but docs/floors.toml does not name the importing module",
            (_, None) => "which docs/floors.toml does not name",
        };
        let key = format!("{from} -> {to}");
        if let Some(key) = rules.not_yet.get(&key) {
            unused.remove(key.as_str());
        } else {
            broken.insert(format!(
                "{folder}/src/{} imports from {}, {complaint}",
                import.from, import.to
            ));
        }
    }
    broken.extend(unused.into_iter().map(|key| {
        format!("docs/floors.toml: nothing in {folder} needs the exception \"{key}\" any more: take it out")
    }));
    broken.into_iter().collect()
}

/// Circles of files, but for those that the rules leave.
fn in_circles(folder: &str, rules: &Rules, imports: &BTreeSet<Import>) -> Vec<String> {
    let counted = imports
        .iter()
        .filter(|import| {
            !import.test && !import.only_passed_on && !is_above(&import.to, &import.from)
        })
        .filter(|import| {
            !rules.not_yet.contains(&format!("{} -> {}", room(&import.from), room(&import.to)))
        })
        .cloned()
        .collect();
    let found = circles(&counted);
    let list =
        |files: &BTreeSet<String>| files.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let known = |circle: &BTreeSet<String>| {
        rules.circles.iter().any(|left| left.files == *circle && !left.reason.is_empty())
    };
    let new = found.iter().filter(|circle| !known(circle));
    let gone = rules.circles.iter().filter(|left| !found.contains(&left.files));
    new.map(|circle| {
        format!("{folder}/src: these files import each other in a circle: {}", list(circle))
    })
    .chain(gone.map(|left| {
        format!("docs/floors.toml: {folder} has no such circle any more: {}", list(&left.files))
    }))
    .collect()
}

/// Whether `file` is the module that `below` is a part of: parts may use what the whole declares.
fn is_above(file: &str, below: &str) -> bool {
    let folder = match file.strip_suffix("mod.rs") {
        Some(folder) => folder.to_owned(),
        None if file == "lib.rs" => String::new(),
        None => format!("{}/", file.trim_end_matches(".rs")),
    };
    below.starts_with(&folder)
}
