//! Classes into which durations and declarations are counted. Only how many there are in a class is kept, for
//! nobody by itself.

use vungxanh_protocol::declaration::FormKind;
use vungxanh_protocol::interval::UtcDay;

/// The most days of statistics that are given out at once.
pub const MAX_DAYS: u32 = 366;

/// From issue of a code to its use: the class, and the seconds below which it is.
pub const USE_TIMES: [(&str, u64); 7] = [
    ("5m", 300),
    ("15m", 900),
    ("1h", 3_600),
    ("6h", 21_600),
    ("1d", 86_400),
    ("later", u64::MAX),
    UNKNOWN_TIME,
];
/// Of a code that an older program issued.
const UNKNOWN_TIME: (&str, u64) = ("unknown", 0);

/// From onset or test to publication: the class, and its last day.
pub const DELAYS: [(&str, u32); 11] = [
    ("0", 0),
    ("1", 1),
    ("2", 2),
    ("3", 3),
    ("4", 4),
    ("5", 5),
    ("6-7", 7),
    ("8-10", 10),
    ("11-14", 14),
    ("15", u32::MAX),
    ("unknown", 0),
];

/// The class of a time between issue and use.
pub fn use_time(seconds: Option<u64>) -> &'static str {
    let found = seconds.and_then(|seconds| USE_TIMES.iter().find(|(_, below)| seconds < *below));
    found.map_or(UNKNOWN_TIME.0, |(name, _)| name)
}

/// The class of the days from a day to another one.
pub fn delay(from: Option<UtcDay>, to: UtcDay) -> &'static str {
    let Some(from) = from else { return "unknown" };
    // A day that has only begun where people live.
    let days = to.number().saturating_sub(from.number());
    DELAYS.iter().find(|(_, last)| days <= *last).map_or("unknown", |(name, _)| name)
}

/// The kinds of declarations.
pub const KINDS: [(&str, FormKind); 4] = [
    ("population", FormKind::Population),
    ("movement", FormKind::Movement),
    ("entry", FormKind::Entry),
    ("daily", FormKind::Daily),
];

/// A kind's name.
pub fn kind_name(kind: FormKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("population", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_classes() {
        for (seconds, class) in [
            (0, "5m"),
            (299, "5m"),
            (300, "15m"),
            (899, "15m"),
            (900, "1h"),
            (3_600, "6h"),
            (21_600, "1d"),
            (86_399, "1d"),
            (86_400, "later"),
        ] {
            assert_eq!(use_time(Some(seconds)), class, "{seconds}");
        }
        assert_eq!(use_time(None), "unknown");
        let today = UtcDay::new(18_871);
        for (days, class) in [
            (0, "0"),
            (1, "1"),
            (5, "5"),
            (6, "6-7"),
            (7, "6-7"),
            (8, "8-10"),
            (14, "11-14"),
            (15, "15"),
        ] {
            assert_eq!(delay(Some(today.minus(days)), today), class, "{days}");
        }
        assert_eq!(delay(Some(today.plus(1)), today), "0");
        assert_eq!(delay(None, today), "unknown");
        for (name, kind) in KINDS {
            assert_eq!(kind_name(kind), name);
        }
    }
}
