//! Every `.ftl` file of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::support::{files, root};

/// Words that Vietnamese does not have, with any letters around.
const ENGLISH: [&str; 37] = [
    "and",
    "are",
    "at",
    "by",
    "can",
    "cannot",
    "default",
    "error",
    "failed",
    "folder",
    "for",
    "from",
    "has",
    "if",
    "invalid",
    "is",
    "it",
    "missing",
    "must",
    "not",
    "of",
    "options",
    "or",
    "password",
    "please",
    "simulated",
    "that",
    "the",
    "this",
    "unknown",
    "usage",
    "was",
    "when",
    "which",
    "will",
    "with",
    "your",
];
/// Things that are counted, in the plural.
const PLURALS: [&str; 14] = [
    "attempts",
    "batches",
    "devices",
    "encounters",
    "files",
    "keys",
    "people",
    "periods",
    "persons",
    "phones",
    "requests",
    "sightings",
    "venues",
    "visits",
];
/// Numbers of things that are never one, because the program sets them.
const NEVER_ONE: [&str; 5] = ["expected", "least", "limit", "most", "size"];

/// A crate's texts in a language: each message's lines, by its id.
fn messages(folder: &str, language: &str) -> BTreeMap<String, Vec<String>> {
    let mut messages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files(&root().join(folder).join("i18n").join(language), ".ftl") {
        let mut id = String::new();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let text = match line.split_once('=') {
                Some((name, text)) if !line.starts_with([' ', '#', '}']) => {
                    id = name.trim().to_owned();
                    assert!(!messages.contains_key(&id), "{id} stands twice in {folder}");
                    text
                }
                _ => line,
            };
            if !line.starts_with('#') {
                messages.entry(id.clone()).or_default().push(text.to_owned());
            }
        }
    }
    assert!(messages.len() > 30, "{folder} {language}: {}", messages.len());
    messages
}

fn folders() -> Vec<String> {
    let folders: Vec<String> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("i18n/vi").is_dir())
        .map(|path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(folders.len() >= 4, "{folders:?}");
    folders
}

/// Without values, and without what is quoted: commands, names.
fn prose(line: &str) -> String {
    let mut prose = String::new();
    let (mut depth, mut quoted) = (0_u32, false);
    for c in line.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '“' | '”' | '"' | '`' if depth == 0 => quoted = !quoted,
            _ if depth == 0 && !quoted => prose.push(c),
            _ => {}
        }
    }
    prose
}

#[test]
fn no_english_stands_within_vietnamese() {
    for folder in folders() {
        for (id, lines) in messages(&folder, "vi") {
            for line in lines {
                let prose = prose(&line);
                let words = prose.split(|c: char| c.is_whitespace() || "(),;:.!?".contains(c));
                let english: Vec<&str> = words.filter(|word| ENGLISH.contains(word)).collect();
                assert!(english.is_empty(), "{folder}: {id}: {english:?} in {line}");
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_values() {
    fn variables(lines: &[String]) -> BTreeSet<&str> {
        let end = |rest: &str| rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        let parts = lines.iter().flat_map(|line| line.split('$').skip(1));
        parts.map(|rest| &rest[..end(rest).unwrap_or(rest.len())]).collect()
    }
    for folder in folders() {
        let [vi, en] = ["vi", "en"].map(|language| messages(&folder, language));
        let ids = |texts: &BTreeMap<String, Vec<String>>| texts.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ids(&vi), ids(&en), "{folder}");
        for (id, lines) in &en {
            assert_eq!(variables(&vi[id]), variables(lines), "{folder}: {id}");
        }
    }
}

#[test]
fn what_programs_share_no_program_says_in_its_own_words() {
    let shared = messages("command-line", "vi");
    for folder in folders().into_iter().filter(|folder| folder != "command-line") {
        for id in messages(&folder, "vi").keys().filter(|id| !id.is_empty()) {
            assert!(!shared.contains_key(id), "{id} of {folder} is there for all programs");
        }
    }
}

#[test]
fn what_may_be_one_has_a_singular() {
    for folder in folders().into_iter().filter(|folder| folder != "tests") {
        for (id, lines) in messages(&folder, "en") {
            // A variant says of which numbers it is; reasons are other texts' keys.
            let plain = |line: &&String| !line.trim_start().starts_with(['[', '*']);
            for line in lines.iter().filter(plain).filter(|_| !id.starts_with("reason-")) {
                for part in line.split("{ $").skip(1) {
                    let Some((name, rest)) = part.split_once(" } ") else { continue };
                    let noun: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
                    let fine = !PLURALS.contains(&noun.as_str()) || NEVER_ONE.contains(&name);
                    assert!(fine, "{folder}: {id}: \"1 {noun}\" in {line}");
                }
            }
        }
    }
}
