//! Charts as SVG, made of numbers and texts alone.
//!
//! They are read without colour: one series in each, bars with their values beside them, and a number that is
//! shown as "few" is hatched. Colours are classes of the style sheet (`protocol/look/style/figures.css`); there is
//! no style inside, so that pages' security policy holds. Title and description are for screen readers; the
//! page has the table beside it.

mod columns;
mod rows;
mod scale;

use std::fmt::Write;

pub use columns::columns;
pub use rows::rows;

/// Where a "few" bar ends: in the middle of what it may be.
const FEW: f64 = 2.5;

/// What a bar shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Exact(u64),
    /// More than nothing, and too few to be told.
    Few,
}

impl Value {
    fn length(self) -> f64 {
        match self {
            Self::Exact(number) => number as f64,
            Self::Few => FEW,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    pub value: Value,
    /// Its value in words.
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct Chart<'a> {
    /// Other than that of every other chart on the page: letters, digits and hyphens.
    pub id: &'a str,
    pub title: &'a str,
    /// What it shows, for who does not see it.
    pub description: &'a str,
    pub bars: &'a [Bar],
}

impl Chart<'_> {
    fn longest(&self) -> f64 {
        self.bars.iter().map(|bar| bar.value.length()).fold(0.0, f64::max)
    }

    /// The document around what was drawn.
    fn document(&self, width: u32, height: u32, drawn: &str) -> String {
        let (id, title) = (escaped(self.id), escaped(self.title));
        let mut svg = String::new();
        let _ = write!(
            svg,
            "<svg class=\"graph\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{}</desc><defs><pattern id=\"{id}-few\" width=\"6\" height=\"6\" \
             patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <path class=\"graph-hatch\" d=\"M1 0V6\"/></pattern></defs>{drawn}</svg>",
            escaped(self.description)
        );
        svg
    }

    /// A bar, with its words for who points at it.
    fn bar(&self, bar: &Bar, at: (f64, f64), size: (f64, f64)) -> String {
        let (x, y) = at;
        let (width, height) = size;
        let class = match bar.value {
            Value::Exact(_) => "class=\"graph-bar\"".to_owned(),
            Value::Few => format!("class=\"graph-few\" fill=\"url(#{}-few)\"", escaped(self.id)),
        };
        format!(
            "<rect {class} x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">\
             <title>{}: {}</title></rect>",
            escaped(&bar.label),
            escaped(&bar.text)
        )
    }
}

fn text(class: &str, at: (f64, f64), anchor: &str, words: &str) -> String {
    let (x, y) = at;
    let words = escaped(words);
    format!(
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML has no other control characters.
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn bar(label: &str, number: u64) -> Bar {
        Bar { label: label.into(), value: Value::Exact(number), text: number.to_string() }
    }

    #[test]
    fn what_somebody_typed_is_text_in_the_picture() {
        let bars = [bar("<script>alert(1)</script>", 3), bar("a\"b'c&d\u{1}", 4)];
        let chart = Chart { id: "x", title: "<b>", description: "\"><svg onload=1>", bars: &bars };
        for svg in [columns(&chart), rows(&chart)] {
            for raw in ["<script", "<b>", "<svg onload", "\u{1}", "style="] {
                assert!(!svg.contains(raw), "{raw}: {svg}");
            }
            assert!(svg.contains("&lt;script&gt;") && svg.contains("a&quot;b&#39;c&amp;d "));
        }
    }

    #[test]
    fn a_chart_says_to_screen_readers_what_it_shows() {
        let chart = Chart { id: "codes", title: "Codes", description: "By day", bars: &[] };
        for svg in [columns(&chart), rows(&chart)] {
            assert!(
                svg.contains("role=\"img\" aria-labelledby=\"codes-title codes-desc\""),
                "{svg}"
            );
            assert!(svg.contains("<title id=\"codes-title\">Codes</title>"));
            assert!(svg.contains("<desc id=\"codes-desc\">By day</desc>"));
        }
    }
}
