//! Which file of a crate imports from which, `use` lists of other modules followed to the file that
//! declares the name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use crate::source::{Module, Path, read};

/// How many `pub use` a name is followed through.
const MAX_REEXPORTS: usize = 16;

/// One file's import from another; both relative to the crate's `src`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    pub from: String,
    pub to: String,
    pub test: bool,
    /// Only a `pub use`: the file itself does not need what it passes on.
    pub only_passed_on: bool,
}

/// The modules of a crate by their path, `""` being its root.
#[derive(Default)]
struct Modules {
    by_path: BTreeMap<String, (String, Module)>,
    own_name: String,
}

/// All imports within the crate `own_name` (with underscores) whose sources are in `source`.
pub(crate) fn imports(source: &FilePath, own_name: &str) -> Result<BTreeSet<Import>, String> {
    let mut modules = Modules { own_name: own_name.to_owned(), ..Modules::default() };
    modules.load(source, PathBuf::from("lib.rs"), String::new(), false)?;
    for program in programs(source) {
        let name = program.with_extension("").display().to_string().replace('/', "-");
        modules.load(source, program, name, false)?;
    }
    Ok(modules.imports())
}

/// The roots of the crate's programs.
fn programs(source: &FilePath) -> Vec<PathBuf> {
    let in_bin = fs::read_dir(source.join("bin")).into_iter().flatten().flatten();
    let mut programs: Vec<PathBuf> =
        in_bin.map(|entry| FilePath::new("bin").join(entry.file_name())).collect();
    if source.join("main.rs").exists() {
        programs.push(PathBuf::from("main.rs"));
    }
    programs
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

impl Modules {
    fn load(
        &mut self,
        source: &FilePath,
        file: PathBuf,
        path: String,
        test: bool,
    ) -> Result<(), String> {
        let full = source.join(&file);
        let text =
            fs::read_to_string(&full).map_err(|error| format!("{}: {error}", full.display()))?;
        let mut module = read(&text);
        module.test |= test;
        self.add(source, &file, path, module)
    }

    fn add(
        &mut self,
        source: &FilePath,
        file: &FilePath,
        path: String,
        mut module: Module,
    ) -> Result<(), String> {
        let folder = if path.is_empty() { PathBuf::new() } else { path.replace("::", "/").into() };
        for (name, for_test) in &module.children {
            let flat = folder.join(format!("{name}.rs"));
            let file =
                if source.join(&flat).exists() { flat } else { folder.join(name).join("mod.rs") };
            self.load(source, file, join(&path, name), module.test || *for_test)?;
        }
        for (name, mut inner) in std::mem::take(&mut module.inline) {
            inner.test |= module.test;
            module.children.insert(name.clone(), inner.test);
            self.add(source, file, join(&path, &name), inner)?;
        }
        self.by_path.insert(path, (file.display().to_string(), module));
        Ok(())
    }

    fn imports(&self) -> BTreeSet<Import> {
        let mut imports = BTreeSet::new();
        for (path, (file, module)) in &self.by_path {
            for named in &module.named {
                let Some(to) = self.file_of(path, &named.path) else { continue };
                if to != *file {
                    let test = named.test || module.test;
                    imports.insert(Import {
                        from: file.clone(),
                        to,
                        test,
                        only_passed_on: named.only_passed_on,
                    });
                }
            }
        }
        imports
    }

    /// The file that declares what `path`, written in `module`, means; `None` for other crates.
    fn file_of(&self, module: &str, path: &Path) -> Option<String> {
        let (module, _) = self.resolve(module, path, 0)?;
        Some(self.by_path.get(&module)?.0.clone())
    }

    /// The module in which `path` ends, and whether the path is that module itself.
    fn resolve(&self, module: &str, path: &[String], depth: usize) -> Option<(String, bool)> {
        if depth > MAX_REEXPORTS {
            return None;
        }
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => String::new(),
            name if name == self.own_name => String::new(),
            "self" => module.to_owned(),
            "super" => parent(module).to_owned(),
            name => {
                let (found, whole) = self.look_up(module, name, depth)?;
                if !whole {
                    return Some((found, false));
                }
                found
            }
        };
        while let Some((name, after)) = rest.split_first() {
            rest = after;
            if name == "super" {
                at = parent(&at).to_owned();
                continue;
            }
            match self.look_up(&at, name, depth) {
                Some((found, true)) => at = found,
                Some(item) => return Some(item),
                None => return Some((at, false)),
            }
        }
        Some((at, true))
    }

    /// What `name` is in `module`: one of its modules, or an item and where that is declared.
    fn look_up(&self, module: &str, name: &str, depth: usize) -> Option<(String, bool)> {
        let (_, content) = self.by_path.get(module)?;
        if content.children.contains_key(name) {
            return Some((join(module, name), true));
        }
        if content.declared.contains(name) {
            return Some((module.to_owned(), false));
        }
        for path in content.aliases.get(name).into_iter().flatten() {
            // `use rand;` names itself.
            if path.first().map(String::as_str) == Some(name) && path.len() == 1 {
                continue;
            }
            if let Some(found) = self.resolve(module, path, depth + 1) {
                return Some(found);
            }
        }
        content.globs.iter().find_map(|path| {
            let (glob, whole) = self.resolve(module, path, depth + 1)?;
            if whole && glob != module { self.look_up(&glob, name, depth + 1) } else { None }
        })
    }
}

/// The circles in `imports`: sets of files of which each reaches each other one.
pub(crate) fn circles(imports: &BTreeSet<Import>) -> Vec<BTreeSet<String>> {
    let mut to: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        to.entry(&import.from).or_default().insert(&import.to);
    }
    let reachable = |start| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(file) = open.pop() {
            for next in to.get(file).into_iter().flatten() {
                if reached.insert(*next) {
                    open.push(*next);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        to.keys().map(|file| (*file, reachable(*file))).collect();
    let mut circles = BTreeSet::new();
    for (file, from_file) in &reached {
        if from_file.contains(file) {
            let circle = from_file
                .iter()
                .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)));
            circles.insert(circle.map(|file| (*file).to_owned()).collect::<BTreeSet<String>>());
        }
    }
    circles.into_iter().collect()
}
