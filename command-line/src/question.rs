//! Questions before what cannot be taken back. No is the default.

use std::io::{IsTerminal, Write};

/// Whether there is a person who can answer: standard input and error are a terminal.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Writes `question` to standard error and reads one line; empty when the input has ended.
pub fn ask(question: &str) -> String {
    ask_unless_ended(question).unwrap_or_default()
}

/// The same; none when the input has ended.
pub fn ask_unless_ended(question: &str) -> Option<String> {
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{question} ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).ok()?;
    (read > 0).then(|| answer.trim().to_owned())
}

/// Whether an answer is a yes, in English or Vietnamese.
pub fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "c" | "co" | "có")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for yes in ["y", "Yes", "c", "CÓ", " co\n"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "n", "no", "k", "không", "yess", "y n"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
