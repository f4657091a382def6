//! Changing single values of `config.toml` and leaving everything else in it, comments too, as it is.

/// `text` with `key` of `section` set to `value`, which is written as TOML; none: the key is taken out.
///
/// It knows the way in which `init` writes the file, not all of TOML: who uses it reads the result again
/// and compares.
pub(super) fn with_value(text: &str, section: &str, key: &str, value: Option<&str>) -> String {
    let line = value.map(|value| format!("{key} = {value}"));
    let header = format!("[{section}]");
    let mut lines: Vec<&str> = text.lines().collect();
    let Some(start) = lines.iter().position(|line| line.trim() == header) else {
        let Some(line) = line else { return text.to_owned() };
        return format!("{}\n\n{header}\n{line}\n", text.trim_end());
    };
    let after = lines[start + 1..].iter().position(|line| line.trim_start().starts_with('['));
    let end = after.map_or(lines.len(), |after| start + 1 + after);
    let found = lines[start + 1..end].iter().position(|line| names(line, key));
    match (found.map(|found| start + 1 + found), &line) {
        (Some(at), Some(line)) => lines[at] = line,
        (Some(at), None) => {
            lines.remove(at);
        }
        (None, Some(line)) => lines.insert(start + 1, line),
        (None, None) => {}
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// Whether a line gives `key` its value.
fn names(line: &str, key: &str) -> bool {
    line.split_once('=').is_some_and(|(name, _)| name.trim().trim_matches('"') == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# about\n[a]\nx = 1\n\n[a.name]\n# a comment = 3\nvi = \"Sở\"\n[b]\nvi = 2\n";

    #[test]
    fn only_the_value_of_its_section_changes() {
        let changed = with_value(TEXT, "a.name", "vi", Some("\"Sở Y tế\""));
        assert_eq!(changed, TEXT.replace("\"Sở\"", "\"Sở Y tế\""));
        assert_eq!(with_value(TEXT, "b", "vi", Some("3")), TEXT.replace("vi = 2", "vi = 3"));
        assert_eq!(with_value(TEXT, "b", "vi", None), TEXT.replace("vi = 2\n", ""));
    }

    #[test]
    fn what_is_not_there_is_added() {
        let changed = with_value(TEXT, "a.name", "en", Some("\"X\""));
        assert_eq!(changed, TEXT.replace("[a.name]\n", "[a.name]\nen = \"X\"\n"));
        assert_eq!(with_value(TEXT, "c", "y", Some("4")), format!("{TEXT}\n[c]\ny = 4\n"));
        assert_eq!(with_value(TEXT, "c", "y", None), TEXT);
    }
}
