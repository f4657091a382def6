//! What browsers read out of pages, and people out of their telephone's messages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::harness::browser::form_body;

/// How the paths of a page's files begin in its service worker.
const FILE: &str = "\"assets/";

/// The paths of the files that a service worker keeps, without a slash in front.
pub(super) fn files_of(service_worker: &str) -> Vec<String> {
    let found = service_worker.match_indices(FILE).filter_map(|(at, _)| {
        let path = &service_worker[at + 1..];
        Some(path[..path.find('"')?].to_owned())
    });
    let mut paths: Vec<String> = found.collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// The last code of six digits in a message to this telephone, where messages go into the servers' logs.
pub(super) fn code_for(phone: &str, logs: &[PathBuf]) -> Option<String> {
    let number = phone.trim_start_matches('0');
    logs.iter().find_map(|log| code_in(&std::fs::read_to_string(log as &Path).ok()?, number))
}

fn code_in(log: &str, number: &str) -> Option<String> {
    let mut messages = log.lines().filter(|line| line.contains("a message is logged, not sent"));
    let message = messages.rfind(|line| line.contains(number))?;
    let mut numbers = message.split(|c: char| !c.is_ascii_digit());
    numbers.rfind(|digits| digits.len() == 6).map(str::to_owned)
}

/// A venue that registers.
pub(super) fn registration(phone: &str, password: &str) -> String {
    let form = [
        ("name", "Chợ Đồng Xuân"),
        ("kind", "market"),
        ("province", "1"),
        ("ward_name", "Phường Hoàn Kiếm"),
        ("street", "15 Cầu Đông"),
        ("registrant", "Nguyễn Thị Lụa"),
        ("phone", phone),
        ("password", password),
        ("password_again", password),
    ];
    form_body(form.iter())
}

pub(super) fn form(fields: &BTreeMap<&str, &str>) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, *value)).collect();
    form_body(fields.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_workers_files() {
        let script =
            r#"const FILES = ["assets/b.js","assets/a.woff2","assets/b.js"]; const P = "v";"#;
        assert_eq!(files_of(script), ["assets/a.woff2", "assets/b.js"]);
    }

    #[test]
    fn the_code_is_that_of_the_last_message_to_the_telephone() {
        let log = "WARN development: a message is logged, not sent phone=+84912345678 text=\"Mã: 111111\"\n\
                   WARN development: a message is logged, not sent phone=+84912345678 text=\"Mã: 222222\"\n\
                   WARN development: a message is logged, not sent phone=+84987654321 text=\"Mã: 333333\"\n";
        assert_eq!(code_in(log, "912345678").as_deref(), Some("222222"));
        assert_eq!(code_in(log, "900000000"), None);
    }
}
