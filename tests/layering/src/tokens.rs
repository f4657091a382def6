//! A Rust file as words and signs, without comments and literals.

/// A piece of source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A keyword or a name, also one written `r#name`.
    Word(String),
    /// Any other sign. Literals are left out, but for a `"` in their place.
    Sign(char),
}

/// Splits `source` into tokens.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        at = if c.is_whitespace() {
            at + 1
        } else if c == '/' && next == Some('/') {
            end_of_line(&chars, at)
        } else if c == '/' && next == Some('*') {
            end_of_block_comment(&chars, at)
        } else if let Some(end) = end_of_text(&chars, at) {
            tokens.push(Token::Sign('"'));
            end
        } else if c == '\'' {
            end_of_char_or_lifetime(&chars, at)
        } else if is_word(c) {
            let start = if c == 'r' && next == Some('#') { at + 2 } else { at };
            let length = chars.iter().skip(start).take_while(|c| is_word(**c)).count();
            tokens.push(Token::Word(chars[start..start + length].iter().collect()));
            start + length.max(1)
        } else {
            tokens.push(Token::Sign(c));
            at + 1
        };
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn end_of_line(chars: &[char], at: usize) -> usize {
    at + chars.iter().skip(at).take_while(|c| **c != '\n').count()
}

fn end_of_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

/// The end of a string literal, raw or not, that begins at `at`.
fn end_of_text(chars: &[char], at: usize) -> Option<usize> {
    let prefix = chars.iter().skip(at).take_while(|c| matches!(c, 'b' | 'c' | 'r')).count().min(2);
    let raw = prefix > 0 && chars[at + prefix - 1] == 'r';
    let hashes =
        if raw { chars.iter().skip(at + prefix).take_while(|c| **c == '#').count() } else { 0 };
    let mut end = at + prefix + hashes;
    if chars.get(end) != Some(&'"') {
        return None;
    }
    end += 1;
    while end < chars.len() {
        match chars[end] {
            '\\' if !raw => end += 1,
            '"' if chars.iter().skip(end + 1).take(hashes).filter(|c| **c == '#').count()
                == hashes =>
            {
                return Some(end + 1 + hashes);
            }
            _ => {}
        }
        end += 1;
    }
    Some(end)
}

fn end_of_char_or_lifetime(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            let quote = chars.iter().skip(at + 3).take_while(|c| **c != '\'').count();
            at + 4 + quote
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1 + chars.iter().skip(at + 1).take_while(|c| is_word(**c)).count(),
    }
}
