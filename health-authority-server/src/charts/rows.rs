//! Bars below each other: a figure by classes, each with its name on the left.

use super::{Chart, text};

const WIDTH: u32 = 480;
/// Where names end and bars begin.
const LEFT: f64 = 178.0;
/// Where the longest bar ends, so that its value has room.
const RIGHT: f64 = 424.0;
const LINE: f64 = 28.0;
const THICKNESS: f64 = 18.0;
/// Letters of a name that there is room for.
const MOST_LETTERS: usize = 25;

/// The chart as SVG, to stand in a page.
pub fn rows(chart: &Chart<'_>) -> String {
    let longest = chart.longest().max(1.0);
    let mut drawn = String::new();
    for (number, bar) in chart.bars.iter().enumerate() {
        let top = LINE * number as f64 + (LINE - THICKNESS) / 2.0;
        let width = bar.value.length() / longest * (RIGHT - LEFT);
        let line = top + THICKNESS / 2.0 + 5.0;
        drawn += &text("graph-name", (LEFT - 8.0, line), "end", &shortened(&bar.label));
        drawn += &chart.bar(bar, (LEFT, top), (width, THICKNESS));
        drawn += &text("graph-value", (LEFT + width + 6.0, line), "start", &bar.text);
    }
    let height = LINE * chart.bars.len().max(1) as f64;
    drawn += &format!("<path class=\"graph-grid\" d=\"M{LEFT} 0V{height:.0}\"/>");
    chart.document(WIDTH, height as u32, &drawn)
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= MOST_LETTERS {
        return name.to_owned();
    }
    let begin: String = name.chars().take(MOST_LETTERS - 1).collect();
    begin.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::super::tests::bar;
    use super::super::{Bar, Value};
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        let few = Bar { label: "later".into(), value: Value::Few, text: "<5".into() };
        let bars = [bar("below 5 minutes", 50), bar("Phường Hoàn Kiếm, Thành phố Hà Nội", 20), few];
        let chart = Chart { id: "t", title: "", description: "", bars: &bars };
        let svg = rows(&chart);
        assert!(svg.contains("viewBox=\"0 0 480 84\""));
        // 50 is the longest: 246.
        for part in [
            "<rect class=\"graph-bar\" x=\"178.0\" y=\"5.0\" width=\"246.0\" height=\"18.0\">",
            "<rect class=\"graph-bar\" x=\"178.0\" y=\"33.0\" width=\"98.4\" height=\"18.0\">",
            "<rect class=\"graph-few\" fill=\"url(#t-few)\" x=\"178.0\" y=\"61.0\" width=\"12.3\" height=\"18.0\">",
            ">below 5 minutes</text>",
            ">Phường Hoàn Kiếm, Thành…</text>",
            "x=\"430.0\" y=\"19.0\" text-anchor=\"start\">50</text>",
        ] {
            assert!(svg.contains(part), "{part}\n{svg}");
        }
    }
}
