//! Bars below each other: a figure by classes, each below its name.

use super::{Chart, text};

/// Little, so that what is written can be read where a telephone makes the picture smaller.
const WIDTH: u32 = 360;
const LEFT: f64 = 1.0;
/// Where the longest bar ends, so that its value has room.
const RIGHT: f64 = 281.0;
const LINE: f64 = 44.0;
/// Of a line, where its name stands and its bar begins.
const NAME: f64 = 14.0;
const BAR: f64 = 20.0;
const THICKNESS: f64 = 16.0;
/// Letters of a name that there is room for.
const MOST_LETTERS: usize = 40;

/// The chart as SVG, to stand in a page.
pub fn rows(chart: &Chart<'_>) -> String {
    let longest = chart.longest().max(1.0);
    let mut drawn = String::new();
    for (number, bar) in chart.bars.iter().enumerate() {
        let top = LINE * number as f64;
        let width = bar.value.length() / longest * (RIGHT - LEFT);
        drawn += &text("graph-name", (LEFT, top + NAME), "start", &shortened(&bar.label));
        drawn += &chart.bar(bar, (LEFT, top + BAR), (width, THICKNESS));
        let at = (LEFT + width + 6.0, top + BAR + THICKNESS - 3.0);
        drawn += &text("graph-value", at, "start", &bar.text);
    }
    let height = LINE * chart.bars.len().max(1) as f64;
    drawn += "<path class=\"graph-grid\" d=\"";
    for number in 0..chart.bars.len() {
        let top = LINE * number as f64 + BAR;
        drawn += &format!("M{LEFT} {top:.0}v{THICKNESS}");
    }
    drawn += "\"/>";
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
        let bars = [
            bar("below 5 minutes", 50),
            bar("Phường Văn Miếu - Quốc Tử Giám, Thành phố Hà Nội", 20),
            few,
        ];
        let chart = Chart { id: "t", title: "", description: "", bars: &bars };
        let svg = rows(&chart);
        assert!(svg.contains("viewBox=\"0 0 360 132\""));
        // 50 is the longest: 280.
        for part in [
            "<rect class=\"graph-bar\" x=\"1.0\" y=\"20.0\" width=\"280.0\" height=\"16.0\">",
            "<rect class=\"graph-bar\" x=\"1.0\" y=\"64.0\" width=\"112.0\" height=\"16.0\">",
            "<rect class=\"graph-few\" fill=\"url(#t-few)\" x=\"1.0\" y=\"108.0\" width=\"14.0\" height=\"16.0\">",
            "y=\"14.0\" text-anchor=\"start\">below 5 minutes</text>",
            ">Phường Văn Miếu - Quốc Tử Giám, Thành p…</text>",
            "x=\"287.0\" y=\"33.0\" text-anchor=\"start\">50</text>",
        ] {
            assert!(svg.contains(part), "{part}\n{svg}");
        }
    }
}
