//! CSV that spreadsheets open without acting on what strangers wrote.

/// A line of values, each quoted.
pub fn line(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    quoted.join(",") + "\r\n"
}

/// A value that begins like a formula gets an apostrophe in front, as spreadsheets show text (OWASP, "CSV
/// Injection").
fn quoted(value: &str) -> String {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let apostrophe = if is_formula { "'" } else { "" };
    format!("\"{apostrophe}{}\"", value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_stays_text() {
        let values = ["An", "a,b", "\"x\"", "=1+1", "+84912345678", "@sum", "", "hai\ndòng"];
        let line = line(&values.map(ToString::to_string));
        let expected = "\"An\",\"a,b\",\"\"\"x\"\"\",\"'=1+1\",\"'+84912345678\",\"'@sum\",\"\",\"hai\ndòng\"\r\n";
        assert_eq!(line, expected);
    }
}
