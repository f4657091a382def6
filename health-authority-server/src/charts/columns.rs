//! Columns beside each other: a figure by day.

use super::scale::ticks;
use super::{Bar, Chart, text};

/// Little, so that what is written can be read where a telephone makes the picture smaller.
const WIDTH: u32 = 360;
const HEIGHT: u32 = 200;
/// Between the values of lines and the lines.
const AXIS_GAP: f64 = 6.0;
const RIGHT: f64 = 354.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 172.0;
/// Below the columns.
const LABELS: f64 = 192.0;
/// So many columns have their label at most.
const LABELLED: usize = 5;
/// Free between two labels, at least.
const LABEL_GAP: f64 = 10.0;
/// Letters and digits of a label are so wide, rounded up; marks are narrower.
const LETTER: f64 = 8.9;
const MARK: f64 = 4.3;
/// A letter or digit over a column, which is bold.
const BOLD_LETTER: f64 = 10.0;
/// Of a column's place, how much is left free.
const GAP: f64 = 0.2;

/// The chart as SVG, to stand in a page.
pub fn columns(chart: &Chart<'_>) -> String {
    let ticks = ticks(chart.longest());
    let most = ticks.last().copied().unwrap_or(1);
    let left = width_of(&most.to_string(), LETTER) + AXIS_GAP;
    let y = |value: f64| BOTTOM - value / most as f64 * (BOTTOM - TOP);
    let mut drawn = String::from("<path class=\"graph-grid\" d=\"");
    for tick in &ticks {
        drawn += &format!("M{left:.1} {:.1}H{RIGHT}", y(*tick as f64));
    }
    drawn += "\"/>";
    for tick in &ticks {
        let at = (left - AXIS_GAP, y(*tick as f64) + 4.0);
        drawn += &text("graph-axis", at, "end", &tick.to_string());
    }
    let place = (RIGHT - left) / chart.bars.len().max(1) as f64;
    let width = (place * (1.0 - GAP)).max(0.5);
    let has_room = chart.bars.iter().all(|bar| width_of(&bar.text, BOLD_LETTER) <= place);
    for (number, bar) in chart.bars.iter().enumerate() {
        let x = left + place * number as f64 + (place - width) / 2.0;
        let top = y(bar.value.length());
        drawn += &chart.bar(bar, (x, top), (width, BOTTOM - top));
        if has_room && bar.value.length() > 0.0 {
            drawn += &text("graph-value", (x + width / 2.0, top - 4.0), "middle", &bar.text);
        }
    }
    for label in labels(chart.bars, left) {
        drawn += &text("graph-axis", (label.middle, LABELS), "middle", label.text);
    }
    chart.document(WIDTH, HEIGHT, &drawn)
}

/// How wide words are whose letters are so wide at most.
fn width_of(words: &str, letter: f64) -> f64 {
    words
        .chars()
        .map(|one| if one.is_alphanumeric() { letter } else { letter * MARK / LETTER })
        .sum()
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
    fn of(bars: &'a [Bar], left: f64, number: usize) -> Self {
        let text = bars[number].label.as_str();
        let half = width_of(text, LETTER) / 2.0;
        let place = (RIGHT - left) / bars.len() as f64;
        let middle = left + place * (number as f64 + 0.5);
        Self { text, middle: middle.min(RIGHT - half).max(left + half), half }
    }

    fn is_before(&self, next: &Self) -> bool {
        self.middle + self.half + LABEL_GAP <= next.middle - next.half
    }
}

/// Of the first, the last, and some between at equal distances: as many as there is room for.
fn labels(bars: &[Bar], left: f64) -> Vec<Label<'_>> {
    let Some(last) = bars.len().checked_sub(1) else { return Vec::new() };
    let (begin, end) = (Label::of(bars, left, 0), Label::of(bars, left, last));
    let place = (RIGHT - left) / bars.len() as f64;
    for shown in (2..=LABELLED.min(bars.len())).rev() {
        let step = (end.middle - begin.middle) / (shown - 1) as f64;
        let column = |label: usize| match label {
            0 => 0,
            _ if label + 1 == shown => last,
            _ => ((begin.middle + step * label as f64 - left) / place) as usize,
        };
        let labels: Vec<_> = (0..shown).map(|label| Label::of(bars, left, column(label))).collect();
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
        // 10 is the highest line: the whole height of 152. Its two digits and the gap leave 330.2, each of four places
        // 82.55.
        for rect in [
            "<rect class=\"graph-bar\" x=\"32.1\" y=\"20.0\" width=\"66.0\" height=\"152.0\"><title>1/9: 10<",
            "x=\"114.6\" y=\"172.0\" width=\"66.0\" height=\"0.0\"><title>2/9: 0<",
            "<rect class=\"graph-few\" fill=\"url(#codes-few)\" x=\"197.2\" y=\"134.0\" width=\"66.0\" \
             height=\"38.0\"><title>3/9: &lt;5<",
            "x=\"279.7\" y=\"96.0\" width=\"66.0\" height=\"76.0\"><title>4/9: 5<",
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
        for day in [1, 25, 45, 64, 90] {
            assert!(svg.contains(&format!(">day {day}</text>")), "{day}");
        }
        assert!(!svg.contains("graph-value"));
        assert_eq!(svg.matches("<rect").count(), 90);
    }

    #[test]
    fn values_stand_over_columns_where_each_has_room_and_long_numbers_stay_in_the_picture() {
        let drawn = |count: u64, value: u64| {
            let bars: Vec<Bar> = (0..count).map(|_| bar("1/9", value)).collect();
            columns(&Chart { id: "x", title: "", description: "", bars: &bars })
        };
        for (count, value, values) in
            [(1, 1_234_567, 1), (7, 9_999, 7), (7, 99_999, 0), (30, 1, 30)]
        {
            let svg = drawn(count, value);
            assert_eq!(svg.matches("graph-value").count(), values, "{count} of {value}");
        }
        // The numbers of lines end where they begin at the earliest.
        let svg = drawn(1, 1_000_000);
        assert!(svg.contains("x=\"62.3\" y=\"24.0\" text-anchor=\"end\">1000000</text>"), "{svg}");
    }

    /// Where each label begins and ends, by the widths of Be Vietnam Pro: 13 pixels high, a digit is 8.79 wide and
    /// a slash 3.87.
    fn ranges(svg: &str) -> Vec<(f64, f64)> {
        let below = format!("y=\"{LABELS:.1}\" text-anchor=\"middle\">");
        svg.split("<text class=\"graph-axis\" x=\"")
            .filter(|part| part.contains(&below))
            .map(|part| {
                let middle: f64 = part.split('"').next().unwrap().parse().unwrap();
                let words = part.split('>').nth(1).unwrap().split('<').next().unwrap();
                let width = |letter: char| if letter == '/' { 3.87 } else { 8.79 };
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
            // None of four is in the middle.
            let least = if count == 4 { 2 } else { usize::try_from(count.min(3)).unwrap() };
            assert!((least..=LABELLED).contains(&ranges.len()), "{count}: {ranges:?}");
            assert!(ranges.is_sorted_by(|one, next| one.1 + 8.0 < next.0), "{count}: {ranges:?}");
            let (first, last) = (ranges[0].0, ranges[ranges.len() - 1].1);
            assert!(first > 8.0 && last < f64::from(WIDTH), "{count}: {ranges:?}");
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
