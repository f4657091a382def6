//! Columns beside each other: a figure by day.

use super::scale::ticks;
use super::{Bar, Chart, text};

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
/// So many columns have their label at most.
const LABELLED: usize = 5;
/// Free between two labels, at least.
const LABEL_GAP: f64 = 10.0;
/// Letters and digits of a label are so wide, rounded up; marks are narrower.
const LETTER: f64 = 8.2;
const MARK: f64 = 4.0;
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
    }
    for label in labels(chart.bars) {
        drawn += &text("graph-axis", (label.middle, LABELS), "middle", label.text);
    }
    chart.document(WIDTH, HEIGHT, &drawn)
}

/// A column's name below it.
struct Label<'a> {
    text: &'a str,
    middle: f64,
    /// Half of its width.
    half: f64,
}

impl<'a> Label<'a> {
    /// Below the column of this number, moved where the picture ends.
    fn of(bars: &'a [Bar], number: usize) -> Self {
        let text = bars[number].label.as_str();
        let is_letter = |letter: char| letter.is_alphanumeric();
        let widths = text.chars().map(|letter| if is_letter(letter) { LETTER } else { MARK });
        let half = widths.sum::<f64>() / 2.0;
        let place = (RIGHT - LEFT) / bars.len() as f64;
        let middle = LEFT + place * (number as f64 + 0.5);
        Self { text, middle: middle.min(RIGHT - half).max(LEFT + half), half }
    }

    fn is_before(&self, next: &Self) -> bool {
        self.middle + self.half + LABEL_GAP <= next.middle - next.half
    }
}

/// Of the first, the last, and some between at equal distances: as many as there is room for.
fn labels(bars: &[Bar]) -> Vec<Label<'_>> {
    let Some(last) = bars.len().checked_sub(1) else { return Vec::new() };
    let (begin, end) = (Label::of(bars, 0), Label::of(bars, last));
    let place = (RIGHT - LEFT) / bars.len() as f64;
    for shown in (2..=LABELLED.min(bars.len())).rev() {
        let step = (end.middle - begin.middle) / (shown - 1) as f64;
        let column = |label: usize| match label {
            0 => 0,
            _ if label + 1 == shown => last,
            _ => ((begin.middle + step * label as f64 - LEFT) / place) as usize,
        };
        let labels: Vec<_> = (0..shown).map(|label| Label::of(bars, column(label))).collect();
        if labels.is_sorted_by(Label::is_before) {
            return labels;
        }
    }
    vec![begin]
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::super::tests::bar;
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
        for day in [1, 25, 45, 65, 90] {
            assert!(svg.contains(&format!(">day {day}</text>")), "{day}");
        }
        assert!(!svg.contains("graph-value"));
        assert_eq!(svg.matches("<rect").count(), 90);
    }

    /// Where each label begins and ends, by the widths of Be Vietnam Pro: 12 pixels high, a digit is 8.1125 wide and
    /// a slash 3.57.
    fn ranges(svg: &str) -> Vec<(f64, f64)> {
        let below = format!("y=\"{LABELS:.1}\" text-anchor=\"middle\">");
        svg.split("<text class=\"graph-axis\" x=\"")
            .filter(|part| part.contains(&below))
            .map(|part| {
                let middle: f64 = part.split('"').next().unwrap().parse().unwrap();
                let words = part.split('>').nth(1).unwrap().split('<').next().unwrap();
                let width = |letter: char| if letter == '/' { 3.57 } else { 8.1125 };
                let half = words.chars().map(width).sum::<f64>() / 2.0;
                (middle - half, middle + half)
            })
            .collect()
    }

    #[test]
    fn labels_never_touch_and_stay_in_the_picture() {
        for count in 1..=120_u64 {
            let date = |day: u64| format!("{:02}/{:02}/2026", day % 28 + 1, day / 28 + 1);
            let bars: Vec<Bar> = (0..count).map(|day| bar(&date(day), day)).collect();
            let chart = Chart { id: "x", title: "", description: "", bars: &bars };
            let ranges = ranges(&columns(&chart));
            let least = usize::try_from(count.min(3)).unwrap();
            assert!((least..=LABELLED).contains(&ranges.len()), "{count}: {ranges:?}");
            assert!(ranges.is_sorted_by(|one, next| one.1 + 8.0 < next.0), "{count}: {ranges:?}");
            let (first, last) = (ranges[0].0, ranges[ranges.len() - 1].1);
            assert!(first > 40.0 && last < f64::from(WIDTH), "{count}: {ranges:?}");
        }
    }

    #[test]
    fn a_label_that_is_wider_than_the_picture_stands_alone() {
        let long = "x".repeat(60);
        let bars: Vec<Bar> = (0..9).map(|_| bar(&long, 1)).collect();
        let chart = Chart { id: "x", title: "", description: "", bars: &bars };
        assert_eq!(ranges(&columns(&chart)).len(), 1);
    }
}
