//! Quarters of a year, by which cards have keys.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;

/// A quarter of a local year, written `2026-Q4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i16,
    /// 0..=3.
    index: i8,
}

impl Quarter {
    /// The quarter of a local day, counted from 1970-01-01.
    pub fn of_day(day: u16) -> Self {
        let date = EPOCH.checked_add(i64::from(day).days()).unwrap_or(EPOCH);
        Self { year: date.year(), index: (date.month() - 1) / 3 }
    }

    /// The one after it.
    pub const fn next(self) -> Self {
        match self.index {
            0..3 => Self { index: self.index + 1, ..self },
            _ => Self { year: self.year + 1, index: 0 },
        }
    }

    /// Its first local day; the last that can be counted where it is later.
    pub fn first_day(self) -> u16 {
        let date = Date::new(self.year, self.index * 3 + 1, 1).unwrap_or(Date::MAX);
        let days = date.since((jiff::Unit::Day, EPOCH)).map_or(i32::MAX, |span| span.get_days());
        u16::try_from(days.max(0)).unwrap_or(u16::MAX)
    }

    /// Its last local day.
    pub fn last_day(self) -> u16 {
        self.next().first_day().saturating_sub(1)
    }

    /// The last day of cards that are made in it: that of the quarter after it.
    pub fn last_day_of_cards(self) -> u16 {
        self.next().last_day()
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.index + 1)
    }
}

impl FromStr for Quarter {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, index) = text.split_once("-Q").ok_or(())?;
        let [number @ b'1'..=b'4'] = index.as_bytes() else { return Err(()) };
        let year = Some(year).filter(|year| year.len() == 4).and_then(|year| year.parse().ok());
        let quarter = Self { year: year.ok_or(())?, index: (number - b'1').cast_signed() };
        // Days are counted from 1970 to 2149.
        let counted = (1970..2149).contains(&quarter.year) && quarter.to_string() == text;
        counted.then_some(quarter).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_cover_every_day_once() {
        let quarter: Quarter = "2026-Q4".parse().unwrap();
        // 2026-11-29 is day 20,786.
        assert_eq!(Quarter::of_day(20_786), quarter);
        assert_eq!((quarter.first_day(), quarter.last_day()), (20_786 - 59, 20_786 + 32));
        assert_eq!(quarter.last_day_of_cards(), 20_786 + 122);
        assert_eq!(quarter.next().to_string(), "2027-Q1");
        for day in 0..u16::MAX - 200 {
            let quarter = Quarter::of_day(day);
            assert!((quarter.first_day()..=quarter.last_day()).contains(&day), "{day}");
        }
    }

    #[test]
    fn what_is_no_quarter_is_refused() {
        for text in
            ["", "2026", "2026-Q0", "2026-Q5", "2026-Q11", "26-Q1", "2026-q1", "+026-Q1", "9999-Q4"]
        {
            assert_eq!(text.parse::<Quarter>(), Err(()), "{text}");
        }
    }
}
