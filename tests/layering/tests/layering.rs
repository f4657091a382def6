//! The source keeps to its floors, and a source that does not is found.

#![allow(clippy::unwrap_used, reason = "functions that tests share may fail them")]

use std::fs;
use std::path::Path;

use vungxanh_layering::broken;

#[test]
fn no_file_imports_from_a_floor_above_its_own_and_none_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let floors = fs::read_to_string(root.join("docs/floors.toml")).unwrap();
    let broken = broken(&root, &floors).unwrap();
    assert!(broken.is_empty(), "{} against docs/floors.toml:\n{}", broken.len(), broken.join("\n"));
}

const FLOORS: &str = r#"
    [program]
    depends_on = []
    floors = [["lib"], ["top"], ["middle", "beside"], ["low"]]
    [other]
    depends_on = []
    floors = [["lib"]]
"#;

/// What is broken in a crate of four modules on three floors, of which `files` replaces some.
fn broken_with(floors: &str, files: &[(&str, &str)]) -> Vec<String> {
    let sound = [
        ("program/Cargo.toml", "[package]\nname = \"the-program\""),
        ("other/Cargo.toml", "[package]\nname = \"the-other\""),
        ("other/src/lib.rs", ""),
        ("program/src/lib.rs", "pub mod top; pub mod middle; mod beside; mod low;"),
        ("program/src/top.rs", "use crate::{low::{self, Low}, middle::part};\npub struct Top;"),
        (
            "program/src/middle/mod.rs",
            "pub mod part; mod piece;\npub use piece::Piece;\npub struct Middle;",
        ),
        ("program/src/middle/part.rs", "use super::Middle;\nuse crate::low::*;\npub fn part() {}"),
        ("program/src/middle/piece.rs", "pub struct Piece;"),
        ("program/src/beside.rs", "pub struct Beside;"),
        ("program/src/low.rs", "pub struct Low;"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in sound.iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    broken(folder.path(), floors).unwrap()
}

/// What is broken when `low`, on the lowest floor, has the text `source`.
fn broken_by_low(source: &str) -> Vec<String> {
    broken_with(FLOORS, &[("program/src/low.rs", &format!("pub struct Low;\n{source}"))])
}

#[test]
fn a_tree_that_keeps_to_its_floors_passes() {
    assert_eq!(broken_with(FLOORS, &[]), Vec::<String>::new());
}

#[test]
fn every_way_to_import_from_a_floor_above_is_found() {
    let expected = "program/src/low.rs imports from top.rs, which is a floor above";
    for source in [
        "use crate::top::Top;",
        "use crate::{low::Low as _, top::{self as upstairs}};",
        "pub(crate) use super::top::Top;",
        "use the_program::top::Top;",
        "fn f() -> crate::top::Top { todo!() }",
        "fn f() { let x = '\"'; crate::top::g(x) }",
        "fn f() { format!(\"{}\", /* now */ super::top::Top) }",
        "mod inner { use super::super::top::Top; }",
        "fn f<'a>(x: &'a str) { use crate::top; }",
        "#[cfg(not(test))] use crate::top::Top;",
        "#[cfg(test)] mod tests { } use crate::top::Top;",
        "#[cfg(test)] const X: [u8; 2] = [1, 2]; use crate::top::*;",
    ] {
        assert_eq!(broken_by_low(source).first().map(String::as_str), Some(expected), "{source}");
    }
}

#[test]
fn a_name_that_is_passed_on_counts_as_that_of_the_file_that_declares_it() {
    let broken = broken_with(
        FLOORS,
        &[
            ("program/src/top.rs", "pub use crate::middle::Piece;"),
            ("program/src/middle/part.rs", "use crate::top::Piece;"),
            ("program/src/low.rs", "use crate::middle::Piece; pub struct Low;"),
        ],
    );
    assert_eq!(broken, ["program/src/low.rs imports from middle/piece.rs, which is a floor above"]);
}

#[test]
fn modules_of_one_floor_do_not_import_each_other() {
    let broken = broken_with(FLOORS, &[("program/src/beside.rs", "use crate::middle::Middle;")]);
    assert_eq!(
        broken,
        ["program/src/beside.rs imports from middle/mod.rs, which is on the same floor"]
    );
}

#[test]
fn a_module_that_stands_on_no_floor_is_found() {
    let files =
        [("program/src/lib.rs", "pub mod top; pub mod middle; mod beside; mod low; mod new;")];
    let new = [("program/src/new.rs", "use crate::low::Low;")];
    let broken = broken_with(FLOORS, &[files, new].concat());
    let expected = "program/src/new.rs imports from low.rs, but docs/floors.toml does not name the importing module";
    assert_eq!(broken, [expected]);
}

#[test]
fn comments_texts_and_tests_may_name_every_floor() {
    for source in [
        "// crate::top::Top",
        "/* /* nested */ crate::top::Top */",
        "/// [`crate::top::Top`]\nfn f() {}",
        "const A: &str = \"crate::top::Top\"; const B: &str = r#\"\"crate::top::Top\"#;",
        "#[cfg(test)] mod tests { use crate::top::Top; }",
        "#[test] fn f() { crate::top::g() }",
        "#[tokio::test] async fn f() { crate::top::g() }",
    ] {
        assert_eq!(broken_by_low(source), Vec::<String>::new(), "{source}");
    }
    let broken = broken_with(
        FLOORS,
        &[
            ("program/src/low.rs", "#[cfg(test)] mod tests; pub struct Low;"),
            ("program/src/low/tests.rs", "use crate::top::Top;"),
        ],
    );
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn a_circle_of_files_is_found_within_a_folder_and_across() {
    let broken = broken_with(
        FLOORS,
        &[
            ("program/src/middle/part.rs", "use super::piece::Piece; pub struct Part;"),
            ("program/src/middle/piece.rs", "pub struct Piece(super::part::Part);"),
        ],
    );
    let expected =
        "program/src: these files import each other in a circle: middle/part.rs, middle/piece.rs";
    assert_eq!(broken, [expected]);

    let broken = broken_with(
        FLOORS,
        &[
            ("program/src/middle/part.rs", "use super::inner::Deep; pub struct Part;"),
            ("program/src/middle/mod.rs", "pub mod part; mod inner;"),
            ("program/src/middle/inner/mod.rs", "mod deep; pub use deep::Deep;"),
            ("program/src/middle/inner/deep.rs", "pub struct Deep(crate::middle::part::Part);"),
        ],
    );
    let expected = "program/src: these files import each other in a circle: middle/inner/deep.rs, middle/part.rs";
    assert_eq!(broken, [expected]);
}

#[test]
fn exceptions_that_nothing_needs_any_more_are_found() {
    let exception =
        FLOORS.replacen("depends_on = []", "depends_on = []\nnot_yet = [\"low -> top\"]", 1);
    let wrong = [("program/src/low.rs", "use crate::top::Top; pub struct Low;")];
    assert_eq!(broken_with(&exception, &wrong), Vec::<String>::new());
    assert_eq!(
        broken_with(&exception, &[]),
        [
            "docs/floors.toml: nothing in program needs the exception \"low -> top\" any more: take it out"
        ]
    );
    let circle = "depends_on = []\ncircles = [{ files = [\"a.rs\", \"b.rs\"], reason = \"once\" }]";
    assert_eq!(
        broken_with(&FLOORS.replacen("depends_on = []", circle, 1), &[]),
        ["docs/floors.toml: program has no such circle any more: a.rs, b.rs"]
    );
}

#[test]
fn a_crate_that_depends_on_one_that_it_must_not_know_is_found() {
    let expected = ["program/Cargo.toml: program must not depend on other"];
    for table in ["dependencies", "dev-dependencies"] {
        let manifest =
            format!("[package]\nname = \"the-program\"\n[{table}]\nthe-other.workspace = true");
        assert_eq!(broken_with(FLOORS, &[("program/Cargo.toml", &manifest)]), expected);
    }
}
