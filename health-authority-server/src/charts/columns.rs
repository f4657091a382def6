//! Columns beside each other: a figure by day.

use super::scale::ticks;
use super::{Chart, text};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 200;
/// Where the values of lines end.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 474.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 172.0;
/// Below the columns.
const LABELS: f64 = 192.0;
/// Values stand over so many columns at most.
const MOST_WITH_VALUES: usize = 14;
/// So many columns have their label.
const LABELLED: usize = 5;
/// Of a column's place, how much is left free.
const GAP: f64 = 0.2;

/// The chart as SVG, to stand in a page.
pub fn columns(chart: &Chart<'_>) -> String {
    let ticks = ticks(chart.longest());
    let most = ticks.last().copied().unwrap_or(1) as f64;
    let y = |value: f64| BOTTOM - value / most * (BOTTOM - TOP);
    let mut drawn = String::from("<path class=\"graph-grid\" d=\"");
    for tick in &ticks {
        drawn += &format!("M{LEFT} {:.1}H{RIGHT}", y(*tick as f64));
    }
    drawn += "\"/>";
    for tick in &ticks {
        let at = (LEFT - 6.0, y(*tick as f64) + 4.0);
        drawn += &text("graph-axis", at, "end", &tick.to_string());
    }
    let count = chart.bars.len();
    let place = (RIGHT - LEFT) / count.max(1) as f64;
    let width = (place * (1.0 - GAP)).max(0.5);
    for (number, bar) in chart.bars.iter().enumerate() {
        let left = LEFT + place * number as f64 + (place - width) / 2.0;
        let top = y(bar.value.length());
        drawn += &chart.bar(bar, (left, top), (width, BOTTOM - top));
        let middle = left + width / 2.0;
        if count <= MOST_WITH_VALUES && bar.value.length() > 0.0 {
            drawn += &text("graph-value", (middle, top - 4.0), "middle", &bar.text);
        }
        if is_labelled(number, count) {
            let (at, anchor) = match number {
                0 => (LEFT, "start"),
                _ if number + 1 == count => (RIGHT, "end"),
                _ => (middle, "middle"),
            };
            drawn += &text("graph-axis", (at, LABELS), anchor, &bar.label);
        }
    }
    chart.document(WIDTH, HEIGHT, &drawn)
}

/// The first, the last, and some between at equal distances.
fn is_labelled(number: usize, count: usize) -> bool {
    let shown = LABELLED.min(count);
    shown < 2 || (0..shown).any(|label| label * (count - 1) / (shown - 1) == number)
}

#[cfg(test)]
mod tests {
    use super::super::tests::bar;
    use super::super::{Bar, Value};
    use super::*;

    #[test]
    fn columns_are_as_high_as_their_values() {
        let few = Bar { label: "3/9".into(), value: Value::Few, text: "<5".into() };
        let bars = [bar("1/9", 10), bar("2/9", 0), few, bar("4/9", 5)];
        let chart = Chart { id: "codes", title: "Codes", description: "", bars: &bars };
        let svg = columns(&chart);
        // 10 is the highest line: the whole height of 152. Each of four places is 106.5 wide.
        for rect in [
            "<rect class=\"graph-bar\" x=\"58.6\" y=\"20.0\" width=\"85.2\" height=\"152.0\"><title>1/9: 10<",
            "x=\"165.2\" y=\"172.0\" width=\"85.2\" height=\"0.0\"><title>2/9: 0<",
            "<rect class=\"graph-few\" fill=\"url(#codes-few)\" x=\"271.6\" y=\"134.0\" width=\"85.2\" \
             height=\"38.0\"><title>3/9: &lt;5<",
            "x=\"378.1\" y=\"96.0\" width=\"85.2\" height=\"76.0\"><title>4/9: 5<",
        ] {
            assert!(svg.contains(rect), "{rect}\n{svg}");
        }
        assert_eq!(svg.matches("class=\"graph-value\"").count(), 3, "none over nothing");
        for label in ["1/9", "2/9", "3/9", "4/9", "0", "2", "10"] {
            assert!(svg.contains(&format!(">{label}</text>")), "{label}\n{svg}");
        }
    }

    #[test]
    fn of_many_columns_five_have_labels_and_none_a_value() {
        let bars: Vec<Bar> = (1..=90).map(|day| bar(&format!("day {day}"), day)).collect();
        let chart = Chart { id: "x", title: "", description: "", bars: &bars };
        let svg = columns(&chart);
        let texts = svg.split("<text").map(|part| part.split("</text>").next().unwrap_or_default());
        assert_eq!(texts.filter(|text| text.contains(">day ")).count(), 5);
        for day in [1, 23, 45, 67, 90] {
            assert!(svg.contains(&format!(">day {day}</text>")), "{day}");
        }
        assert!(!svg.contains("graph-value"));
        assert_eq!(svg.matches("<rect").count(), 90);
    }
}
